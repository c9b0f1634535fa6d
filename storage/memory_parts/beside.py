"""What the store in memory keeps beside its cases: seats, links, what stays of what went, the chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flows.model import Apart, AuditProof, CaseId, Change, Link, Rehearsal, Roster, Tombstone
from flows.school import SchoolId
from storage import chain, proof
from storage.memory_parts.chain import KEY, MemoryChain
from storage.memory_parts.files import MemoryFiles


class MemoryBeside(MemoryFiles):
    """Values are frozen, all the way down: nobody who is given one can change what is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._tombstones: dict[tuple[SchoolId, CaseId], Tombstone] = {}
        self._links: dict[tuple[SchoolId, tuple[CaseId, CaseId]], Link] = {}
        self._chains: dict[SchoolId, MemoryChain] = {}
        self._rosters: dict[SchoolId, Roster] = {}
        self._rehearsals: dict[SchoolId, Rehearsal] = {}

    def _keep_seats(self, change: Change) -> None:
        """Keep who holds which seat, and whether all of them are tried."""
        if change.roster:
            self._rosters[change.school] = change.roster
        if change.rehearsal:
            self._rehearsals[change.school] = change.rehearsal
        if change.rehearsal_over:
            self._rehearsals.pop(change.school, None)

    def roster_version(self, school: SchoolId) -> int:
        """Return the version of a school's roster; 0 = none."""
        stored = self._rosters.get(school)
        return stored.version if stored else 0

    def rehearsal_version(self, school: SchoolId) -> int:
        """Return the version of the rehearsal that a school has; 0 = none."""
        stored = self._rehearsals.get(school)
        return stored.version if stored else 0

    async def roster(self, school: SchoolId) -> Roster | None:
        """Return what was changed in chat of seats and absences."""
        self._check_open()
        return self._rosters.get(school)

    async def rehearsal(self, school: SchoolId) -> Rehearsal | None:
        """Return the rehearsal that a school has."""
        self._check_open()
        return self._rehearsals.get(school)

    def _chain(self, school: SchoolId) -> MemoryChain:
        return self._chains.setdefault(school, MemoryChain(school))

    async def apart(self) -> Sequence[Apart]:
        """Return nothing: what lies in memory always opens."""
        self._check_open()
        return ()

    async def forget_apart(self) -> None:
        """Do nothing: there is nothing to forget."""
        self._check_open()

    async def links_of(self, school: SchoolId, case: CaseId) -> Sequence[Link]:
        """Return what was done to link a case with others."""
        self._check_open()
        return [(one) for (s, cases), one in sorted(self._links.items()) if s == school and case in cases]

    async def tombstones(self, school: SchoolId) -> Sequence[Tombstone]:
        """Return what stays of the cases that went, by their ids."""
        self._check_open()
        return [(stone) for (s, _), stone in sorted(self._tombstones.items()) if s == school]

    async def audit_head(self, school: SchoolId, day: dt.date) -> str:
        """Return how far the audit is, signed."""
        self._check_open()
        return chain.head(KEY, school, self._chain(school).last_link, day)

    async def audit_proof(self, school: SchoolId, today: dt.date, said: str = "") -> AuditProof:
        """Return whether the audit is as it was kept, and where it is not."""
        self._check_open()
        return proof.prove(KEY, school, self._chain(school), today, said)
