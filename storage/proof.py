"""Whether an audit is as it was kept: every link behind the one before, every record as its link has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Protocol

from flows.errors import StoreError
from flows.model import Audit, AuditFault, AuditKind, AuditProof, Event, FaultKind
from flows.school import SchoolId
from storage import chain, codec
from storage.chain import ChainLink, Entry


class Kept(Protocol):
    """What a store gives to be proved."""

    def links(self) -> Iterator[tuple[int, ChainLink | None]]:
        """Yield each link with the number of its row, in order; None = it does not open."""
        ...

    def rows(self, table: str) -> Iterator[str]:
        """Yield the row id of every audit line or event."""
        ...

    def body(self, table: str, row: str) -> bytes | None:
        """Return what is kept there (None = nothing). Raises StoreError where it does not open."""
        ...

    def version(self, case: str) -> int:
        """Return the version of a case; 0 = there is none."""
        ...

    def last(self) -> int:
        """Return the number that the last link must have; 0 = nobody knows."""
        ...


def prove(key: bytes, school: SchoolId, kept: Kept, today: dt.date, said: str = "") -> AuditProof:
    """Return what a school's audit is, and each place where it is not as it was kept.

    ``said`` is an older head that it must still hold; ``today`` is the day of the head that is given.
    """
    return _Look(key, school, kept, said).proof(today)


class _Look:
    def __init__(self, key: bytes, school: SchoolId, kept: Kept, said: str) -> None:
        self._key, self._school, self._kept, self._said = key, school, kept, said
        self._faults: list[AuditFault] = []
        self._began: ChainLink | None = None
        self._last: ChainLink | None = None
        self._links = 0
        self._held_at: dt.date | None = None
        self._at: dict[tuple[str, str], tuple[int, dt.date]] = {}
        self._missing: list[tuple[Entry, ChainLink]] = []
        self._gone: set[str] = set()
        self._versions: dict[str, tuple[int, ChainLink]] = {}

    def proof(self, today: dt.date) -> AuditProof:
        self._walk()
        removed = [one for one in self._missing if one[0].case not in self._gone]
        for entry, link in removed:
            self._fault(link.number, link.day, FaultKind.REMOVED, _of(entry.table))
        for case, (version, link) in self._versions.items():
            if case not in self._gone and self._kept.version(case) < version:
                self._fault(link.number, link.day, FaultKind.OLDER, "case")
        old = self._loose()
        return AuditProof(
            links=self._links,
            records=len(self._at) - len(self._missing),
            gone=len(self._missing) - len(removed),
            began=self._began.day if self._began else None,
            old=old,
            faults=tuple(sorted(self._faults, key=lambda fault: fault.number)),
            head=chain.head(self._key, self._school, self._last, today),
            held_at=self._held_at,
        )

    def _walk(self) -> None:
        """Go along the links, each of which must stand on the one before."""
        expected, day = 1, None
        for number, link in self._kept.links():
            first = not self._links
            self._links += 1
            if number > expected and not (first and number == 0):
                self._fault(expected, day, FaultKind.REMOVED)
            follows = self._last is not None and number == expected
            expected = number + 1
            if link is None:
                self._fault(number, day, FaultKind.EDITED)
                self._last = None
                continue
            if link.number != number:
                self._fault(number, link.day, FaultKind.MOVED)
            elif follows or number in (0, 1):
                before = self._last.seal if self._last else ""
                if link.seal != chain.seal_of(self._key, self._school, before, link):
                    self._fault(number, link.day, FaultKind.MOVED)
            self._began = self._began or link
            day = link.day
            self._records(link)
            self._last = link
        if expected <= self._kept.last():
            self._fault(expected, day, FaultKind.CUT)

    def _records(self, link: ChainLink) -> None:
        if self._said and (day := chain.day_of_head(self._said)):
            made = chain.head(self._key, self._school, link, day)
            if made.casefold() == self._said.strip().casefold():
                self._held_at = link.day
        for entry in link.entries:
            if entry.table == chain.CASE:
                self._versions[entry.case] = int(entry.row), link
                continue
            self._at[entry.table, entry.row] = link.number, link.day
            try:
                body = self._kept.body(entry.table, entry.row)
            except StoreError:
                self._fault(link.number, link.day, FaultKind.EDITED, _of(entry.table))
                continue
            if body is None:
                self._missing.append((entry, link))
            elif chain.sum_of(self._key, self._school, entry.table, entry.row, body) != entry.sum:
                self._fault(link.number, link.day, FaultKind.EDITED, _of(entry.table))
            elif entry.table == "audit":
                self._take_note(body)

    def _take_note(self, body: bytes) -> None:
        line = codec.decode(Audit, body)
        if line.kind is AuditKind.REMOVED and line.case is not None:
            self._gone.add(line.case)

    def _loose(self) -> int:
        """Return how many records are older than the chain; one that is not, and has no link, was added."""
        old = 0
        for table in ("events", "audit"):
            for row in self._kept.rows(table):
                if (table, row) not in self._at:
                    day = self._day(table, row)
                    if self._is_old(table, row, day):
                        old += 1
                    else:
                        self._fault(self._links, day, FaultKind.ADDED, _of(table))
        return old

    def _is_old(self, table: str, row: str, day: dt.date | None) -> bool:
        began = self._began
        if began is None or began.number:
            return began is None
        return int(row) <= began.before if table == "audit" else day is None or day <= began.day

    def _day(self, table: str, row: str) -> dt.date | None:
        try:
            body = self._kept.body(table, row)
            if body is None:
                return None
            at = codec.decode(Event, body).at if table == "events" else codec.decode(Audit, body).at
            return at.date()
        except StoreError:
            return None

    def _fault(self, number: int, day: dt.date | None, what: FaultKind, of: str = "link") -> None:
        self._faults.append(AuditFault(number=number, day=day, what=what, of=of))


def _of(table: str) -> str:
    return "act" if table == "events" else "line"
