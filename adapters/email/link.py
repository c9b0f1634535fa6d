"""What stands between us and the mail server: whether it is there, can be trusted, and lets us in."""

from __future__ import annotations

import time
from collections.abc import Callable

from adapters.email import limits
from adapters.email.smtp import Smtp
from flows.errors import PlatformError


class Link:
    def __init__(self, smtp: Smtp, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._smtp = smtp
        self._monotonic = monotonic
        self._known: tuple[float, str] | None = None

    async def answers(self) -> tuple[str, int]:
        """Return what stands between us as a reference ("" = nothing); an answer is believed for a while."""
        now = self._monotonic()
        if self._known is None or now - self._known[0] >= limits.LOOK_SECONDS:
            try:
                await self._smtp.look()
                why = ""
            except PlatformError as error:
                why = error.reference
            self._known = now, why
        return self._known[1], 1
