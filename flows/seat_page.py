"""What the page behind a link of an e-mail asks of the bot: a code, whose page it is, whether it still is."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from flows.model import CaseId
from flows.school import Seat
from flows.ui.inbound import Actor


class Seated(Struct, frozen=True, kw_only=True):
    """Whose page a link has opened: the person by e-mail, in which seat, and the one case it is about."""

    actor: Actor
    seat: Seat
    school: str
    case: CaseId
    reference: str


class SeatLinks(Protocol):
    """The links that e-mails carry: each opens one case for one seat, once, with a code that comes by e-mail.

    Whoever asks learns nothing of a link that is not good: not whether there is one, nor what is wrong.
    """

    async def send_code(self, token: str) -> None:
        """Send the code to whose link it is; a new link where this one opens nothing any more."""
        ...

    async def open(self, token: str, code: str) -> Seated | None:
        """Return whose page it opens, once; logged. None = it does not."""
        ...

    async def still(self, token: str) -> Seated | None:
        """Return whose page an opened link stands for at this moment; None = nobody's any more."""
        ...
