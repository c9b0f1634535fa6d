"""A small door for the workspace's own tests: keeps what came in, answers what it is told to."""

from __future__ import annotations

from collections import deque

from flows.errors import StoreError
from flows.ui.cards import Card, Text
from flows.ui.inbound import Actor, Inbound, Reply, Show


class TestDoor:
    """Answers from a queue, and by default with a card that says so. Notices a key it has seen."""

    __test__ = False

    def __init__(self) -> None:
        self.came: list[Inbound] = []
        self.times: list[Inbound] = []
        self.replies: deque[Reply | StoreError] = deque()
        self.files: dict[tuple[str, str, str], tuple[str, bytes]] = {}

    async def handle(self, inbound: Inbound) -> Reply:
        """Keep it once, answer it every time."""
        self.times.append(inbound)
        reply: Reply | StoreError = (
            self.replies.popleft()
            if self.replies
            else Show(Card(kind="done", summary="Done.", blocks=(Text("Done."),)))
        )
        if isinstance(reply, StoreError):
            raise reply
        if inbound.key not in {earlier.key for earlier in self.came}:
            self.came.append(inbound)
        return reply

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Return a file if this account may read it."""
        return self.files.get((actor.account, case, sha256))

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Return a file of figures if this account may have it."""
        found = self.files.get((actor.account, asked, ""))
        return ("figures.csv", *found) if found else None
