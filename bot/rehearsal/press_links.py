"""The links of a rehearsal's e-mails: signed, never stored, and good for one press as long as it runs."""

from __future__ import annotations

import base64
import hmac
from contextlib import suppress

from bot.context import AppContext
from bot.rehearsal.running import Rehearsals
from flows.model import Send
from flows.school import SchoolId

_SIGNED = 16


class PressLinks:
    """Implements :class:`flows.rehearsal_page.Presses`, and what an e-mail needs of it."""

    def __init__(self, context: AppContext, *, secret: bytes, address: str) -> None:
        """``secret`` is what links are signed with; ``address`` where the page is reached."""
        self._rehearsals = Rehearsals(context)
        self._secret = hmac.digest(secret, b"links of rehearsals", "sha256")
        self._address = address.rstrip("/")

    def link_to(self, send: Send) -> str:
        """Return where whoever gets this e-mail can press."""
        said = "\n".join((send.school, send.facts["rehearsal"], send.facts["n"])).encode()
        token = base64.urlsafe_b64encode(self._sign(said) + said).decode().rstrip("=")
        return f"{self._address}/r/{token}"

    async def press(self, token: str) -> bool:
        """Take the press of a link; False = it is not ours, or its rehearsal is over."""
        said = b""
        with suppress(ValueError):
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            said = raw[_SIGNED:] if hmac.compare_digest(raw[:_SIGNED], self._sign(raw[_SIGNED:])) else b""
        if not said:
            return False
        school, of, number = said.decode().split("\n")
        return await self._rehearsals.press(SchoolId(school), of, int(number))

    def _sign(self, said: bytes) -> bytes:
        return hmac.digest(self._secret, said, "sha256")[:_SIGNED]
