"""What the page behind the link of a rehearsal's e-mail asks of the bot: to take a press."""

from __future__ import annotations

from typing import Protocol


class Presses(Protocol):
    """The links that e-mails of a rehearsal carry: each is good for one e-mail, and for nothing else."""

    async def press(self, token: str) -> bool:
        """Take the press of a link, once; False = there is no such rehearsal, or none any more."""
        ...
