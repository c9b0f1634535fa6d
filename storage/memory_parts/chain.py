"""The chain of one school in memory: the rows it holds, as a store that keeps would write them."""

from __future__ import annotations

from collections.abc import Iterator

from flows.model import CaseId, Change
from flows.school import SchoolId
from storage import chain
from storage.chain import ChainLink

#: nothing is kept, so there is nothing to guard: the same heads come of the same story
KEY = bytes(32)


class MemoryChain:
    """See :class:`storage.proof.Kept`."""

    def __init__(self, school: SchoolId) -> None:
        self._school = school
        self._links: list[ChainLink] = []
        self._rows: dict[str, dict[str, bytes]] = {"events": {}, "audit": {}}
        self._lines = 0
        self._versions: dict[str, int] = {}

    def keep(self, change: Change) -> None:
        """Take in what a change chains."""
        if change.case is not None:
            self._versions[change.case.id] = change.case.version
        if not change.events and not change.audit:
            return
        records = chain.records(change, self._lines)
        self._lines += len(change.audit)
        for one in records:
            self._rows[one.table][one.row] = one.body
        self._links.append(chain.next_link(KEY, self._school, self.last_link, records, change))

    def forget(self, case: CaseId) -> None:
        """Let go of the rows of a case that went; its links stay."""
        self._versions.pop(case, None)
        for link in self._links:
            for entry in link.entries:
                if entry.case == case and entry.table in self._rows:
                    self._rows[entry.table].pop(entry.row, None)

    @property
    def last_link(self) -> ChainLink | None:
        """The last link."""
        return self._links[-1] if self._links else None

    def links(self) -> Iterator[tuple[int, ChainLink | None]]:
        """Yield each link with its number."""
        yield from enumerate(self._links, 1)

    def rows(self, table: str) -> Iterator[str]:
        """Yield the row ids."""
        yield from self._rows[table]

    def body(self, table: str, row: str) -> bytes | None:
        """Return what is kept there."""
        return self._rows[table].get(row)

    def version(self, case: str) -> int:
        """Return the version of a case; 0 = there is none."""
        return self._versions.get(case, 0)

    def last(self) -> int:
        """Return the number of the last link."""
        return len(self._links)
