"""What stands between us and Teams: whether we get a token, and whether what comes can be and is trusted."""

from __future__ import annotations

from typing import Protocol

from flows.errors import PlatformError


class Proofs(Protocol):
    """What is needed of :class:`adapters.teams.listen.TeamsApp`."""

    @property
    def open_to_this_computer(self) -> bool:
        """Whether we listen without credentials, in development."""
        ...

    async def token(self) -> str:
        """Return the token we send along."""
        ...

    async def knows_keys(self) -> bool:
        """Return whether Microsoft's signing keys are known."""
        ...


class Link:
    def __init__(self, proofs: Proofs) -> None:
        self._proofs = proofs
        #: activities that were not what Teams sends to our app; whether one ever was
        self.untrusted, self.trusted = 0, False

    async def answers(self) -> tuple[str, int]:
        """Return what stands between us as a reference ("" = nothing), and how often it did."""
        if self._proofs.open_to_this_computer:
            return "", 0
        try:
            await self._proofs.token()
        except PlatformError as error:
            return error.reference, 1
        if not await self._proofs.knows_keys():
            return "no-signing-keys", 1
        return ("" if self.trusted or not self.untrusted else "teams-untrusted"), self.untrusted
