"""Everything that is read from the file: short reads by an index, fit for the event loop."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import (
    Audit,
    AuditProof,
    Case,
    CaseId,
    CaseSummary,
    Draft,
    DraftId,
    Event,
    Handled,
    Link,
    Rehearsal,
    Roster,
    Send,
    Timer,
    Tombstone,
)
from flows.school import PersonId, Platform, SchoolId
from storage import chain, codec, proof
from storage.chain import ChainLink
from storage.commit import thread_key
from storage.embedded.as_left.look import look
from storage.embedded.case_index import CaseIndex
from storage.embedded.rows import Rows
from storage.embedded.tables import RowDB
from storage.opening import Opening
from storage.rows import FoundRow, that_open
from storage.seal import Sealer

S = TypeVar("S")
_TABLE = "chain"
#: how the file's tally calls the links of a school
_OF = f"{_TABLE} of "


class Reader:
    """The reading half of the store."""

    def __init__(self, db: RowDB, indexes: defaultdict[SchoolId, CaseIndex], rows: Rows) -> None:
        """Read from ``rows``. ``db`` is the same as TinyDB sees it."""
        self.db = db
        self._indexes_by_school = indexes
        self._from = rows

    async def handled(self, school: SchoolId, key: str) -> Handled | None:
        """Return what became of an inbound key."""
        return self._get(Handled, "handled", school, self._from.sealer.veil(key))

    async def draft(self, school: SchoolId, draft: DraftId) -> Draft | None:
        """Return a draft."""
        return self._get(Draft, "drafts", school, draft)

    async def draft_of(self, school: SchoolId, person: PersonId) -> Draft | None:
        """Return a person's open draft."""
        found = self._from.of("drafts", school, self._from.sealer.veil(person))
        return codec.decode(Draft, found[0].body) if found else None

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, whole."""
        return self._get(Case, "cases", school, case)

    async def case_called(self, school: SchoolId, reference: str) -> Case | None:
        """Return a case by its spoken reference, however it is written."""
        case = self._index(school).called(reference)
        return self._get(Case, "cases", school, case) if case else None

    async def cases(
        self, school: SchoolId, *, open_only: bool = True, since: dt.datetime | None = None, most: int = 1000
    ) -> Sequence[CaseSummary]:
        """Return rows, newest first."""
        return self._index(school).newest(open_only=open_only, since=since, most=most)

    async def cases_opened(self, school: SchoolId, first: dt.datetime, end: dt.datetime) -> list[CaseSummary]:
        """Return the cases that were opened from ``first`` on and before ``end``, oldest first."""
        return self._index(school).opened(first, end)

    async def cases_going(self, school: SchoolId) -> Sequence[CaseSummary]:
        """Return the cases of which it was said that they go soon, newest first."""
        return self._index(school).going()

    async def cases_reported_by(
        self, school: SchoolId, person: PersonId, *, most: int = 20
    ) -> Sequence[CaseSummary]:
        """Return the cases a person reported, newest first."""
        return self._index(school).reported_by(person, most)

    async def events(self, school: SchoolId, case: CaseId) -> Sequence[Event]:
        """Return a case's events in order."""
        return _all(Event, self._from.between("events", school, f"{case}/", f"{case}0"))

    async def audit(
        self, school: SchoolId, *, case: CaseId | None = None, most: int = 1000
    ) -> Sequence[Audit]:
        """Return the school's audit lines, newest first."""
        return _all(Audit, self._from.newest("audit", school, case, most))

    async def tombstones(self, school: SchoolId) -> Sequence[Tombstone]:
        """Return what stays of the cases that went, by their ids."""
        return _all(Tombstone, list(self._from.paged("tombstones", school)))

    async def audit_head(self, school: SchoolId, day: dt.date) -> str:
        """Return how far the audit is, signed."""
        return chain.head(self._from.sealer.chain, school, last_link(self._from, school), day)

    async def audit_proof(self, school: SchoolId, today: dt.date, said: str = "") -> AuditProof:
        """Return whether the audit is as it was kept, and where it is not."""
        key, kept = self._from.sealer.chain, ChainRows(self._from, school)
        return await asyncio.to_thread(proof.prove, key, school, kept, today, said)

    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it."""
        found = self._from.between("opened", school, f"{case}/", f"{case}0")
        return frozenset(codec.decode(PersonId, row.body) for row in found)

    async def links_of(self, school: SchoolId, case: CaseId) -> Sequence[Link]:
        """Return what was done to link a case with others."""
        return _all(Link, self._from.between("links", school, f"{case}/", f"{case}0"))

    async def cases_marked(self, school: SchoolId, mark: str) -> Sequence[CaseSummary]:
        """Return the cases whose posting is found by a mark, newest first."""
        return self._index(school).marked(mark)

    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return one send by key."""
        return self._get(Send, "sends", school, self._from.sealer.veil_within(key))

    async def timer(self, school: SchoolId, key: str) -> Timer | None:
        """Return one timer by key."""
        return self._get(Timer, "wakes", school, self._from.sealer.veil_within(key))

    async def timers(self, school: SchoolId) -> Sequence[Timer]:
        """Return every timer of a school that opens."""
        return that_open(Timer, self._from.between("wakes", school, "", "\U0010ffff"))

    async def thread(self, school: SchoolId, platform: Platform, channel: str, message: str) -> CaseId | None:
        """Return whose thread a platform message is the root of (or a card of)."""
        row = self._from.sealer.veil(thread_key(platform, channel, message))
        return self._get(CaseId, "threads", school, row)

    async def roster(self, school: SchoolId) -> Roster | None:
        """Return what was changed in chat of seats and absences."""
        return self._get(Roster, "roster", school, "roster")

    async def rehearsal(self, school: SchoolId) -> Rehearsal | None:
        """Return the rehearsal that a school has."""
        return self._get(Rehearsal, "rehearsal", school, "rehearsal")

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due."""
        first = self._from.next_due(("sends", "wakes"), codec.instant(after) if after else 0)
        return None if first is None else codec.moment(first)

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return an adapter's record."""
        found = self._get(tuple[str, bytes], "records", platform, self._from.sealer.veil(key))
        return found[1] if found else None

    async def records(self, platform: Platform, prefix: str) -> Sequence[str]:
        """Return the keys of an adapter's records that begin with ``prefix``, sorted."""
        found = self._from.between("records", platform, "", "\U0010ffff")
        keys = (codec.decode(tuple[str, bytes], row.body)[0] for row in found)
        return sorted(key for key in keys if key.startswith(prefix))

    def _index(self, school: SchoolId) -> CaseIndex:
        self._check_open()
        return self._indexes_by_school[school] if school in self._indexes_by_school else CaseIndex()

    def _check_open(self) -> None:
        """Raise StoreError if the store is closed."""
        raise NotImplementedError

    def _get(self, kind: type[S], table: str, school: str, row: str) -> S | None:
        body = self._from.get(table, school, row)
        return None if body is None else codec.decode(kind, body)


def _all(kind: type[S], found: Sequence[FoundRow]) -> list[S]:
    return [codec.decode(kind, row.body) for row in found]


def last_link(rows: Rows, school: SchoolId) -> ChainLink | None:
    """Return the last link of a school's chain."""
    for row in rows.newest(_TABLE, school, None, 1):
        return codec.decode(ChainLink, row.body)
    return None


def schools(rows: Rows) -> list[SchoolId]:
    """Return which schools have an audit or a chain, or had one by the file's own tally."""
    kept = (_TABLE, "audit", "events")
    found = {school for table, school in rows.tables() if table in kept}
    counted = {kind.removeprefix(_OF) for kind in rows.counts() if kind.startswith(_OF)}
    return sorted(map(SchoolId, found | counted))


class ChainRows:
    """The rows of one school."""

    def __init__(self, rows: Rows, school: SchoolId) -> None:
        self._rows, self._school = rows, school
        self._first: int | None = None

    def links(self) -> Iterator[tuple[int, ChainLink | None]]:
        """Yield each link with the number of its row, in order."""
        for row in self._rows.paged(_TABLE, self._school):
            number = int(row.id)
            self._first = number if self._first is None else self._first
            try:
                yield number, codec.decode(ChainLink, row.body)
            except StoreError:
                yield number, None

    def rows(self, table: str) -> Iterator[str]:
        """Yield the row id of every audit line or event."""
        yield from self._rows.ids(table, self._school)

    def body(self, table: str, row: str) -> bytes | None:
        """Return what is kept there."""
        return self._rows.get(table, self._school, row)

    def version(self, case: str) -> int:
        """Return the version of a case; 0 = there is none."""
        return self._rows.version("cases", self._school, case)

    def last(self) -> int:
        """Return the number that the last link must have, as the file's own tally counts them."""
        counted = self._rows.counts().get(_OF + self._school, 0)
        return counted - 1 if self._first == 0 else counted  # an old file's chain begins with 0


def proofs(
    path: Path, sealer: Sealer, today: dt.date, said: str | Mapping[str, str] = ""
) -> dict[SchoolId, AuditProof]:
    """Return the proof of each school of a file, also of one that is not as it was left.

    ``said`` is an older head, or one of each school.
    """
    heads = defaultdict(lambda: said) if isinstance(said, str) else defaultdict(str, said)
    trouble = _trouble(path, sealer)
    with closing(Rows(path, sealer, opening=Opening.EXAMINE)) as rows, rows.one_moment():
        found = {
            school: proof.prove(rows.sealer.chain, school, ChainRows(rows, school), today, heads[school])
            for school in schools(rows)
        }
    return {school: replace(one, trouble=trouble) for school, one in found.items()}


def _trouble(path: Path, sealer: Sealer) -> str:
    """Return why a file is not as it was left; "" = it is."""
    try:
        look(path, sealer, Opening.LOOK)
    except StoreError as error:
        return error.message
    return ""
