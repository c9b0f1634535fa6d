"""Everything that is read, each by an index, of one school."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from flows.case.summary import summary
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
from flows.references import looked_for
from flows.school import PersonId, Platform, SchoolId
from storage import chain, codec, proof
from storage.chain import ChainLink
from storage.commit import thread_key
from storage.keys import Keys
from storage.postgres.chained import chained
from storage.postgres.columns import COLUMNS, WRAP
from storage.postgres.database import Database
from storage.postgres.keyring import learned
from storage.rows import FoundRow, that_open

S = TypeVar("S")

_LISTED = """select c.id, r.version from listed c
join rows r on r.school=c.school and r.tbl='cases' and r.id=c.id
where c.school=%s and {} order by c.opened desc, c.id desc limit %s"""
_OPENED = f"""select rows.tbl, rows.school, rows.id, version, parent, key, body, {WRAP}
from unnest(%s::text[]) c(id) join rows on rows.school=%s and rows.tbl='opened'
and rows.id >= c.id || '/' and rows.id < c.id || '0'"""  # noqa: S608 - our own words
_BODIES = COLUMNS + "and id = any(%s)"
#: rows of cases whose short form is kept: of an id and a version it never changes
_REMEMBERED = 50_000


class Reader:
    """The reading half of the store."""

    def __init__(self, database: Database, sealer: Keys) -> None:
        self._database = database
        self._sealer = sealer
        self._summaries = OrderedDict[tuple[str, str, int], CaseSummary]()

    async def handled(self, school: SchoolId, key: str) -> Handled | None:
        """Return what became of an inbound key."""
        return await self._get(Handled, "handled", school, self._sealer.veil(key))

    async def draft(self, school: SchoolId, draft: DraftId) -> Draft | None:
        """Return a draft."""
        return await self._get(Draft, "drafts", school, draft)

    async def draft_of(self, school: SchoolId, person: PersonId) -> Draft | None:
        """Return a person's open draft."""
        found = await self._rows(school, "drafts", "and parent=%s", self._sealer.veil(person))
        return codec.decode(Draft, found[0].body) if found else None

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, whole."""
        return await self._get(Case, "cases", school, case)

    async def case_called(self, school: SchoolId, reference: str) -> Case | None:
        """Return a case by its spoken reference, however it is written."""
        row = self._sealer.veil(looked_for(reference))
        case = await self._get(CaseId, "references", school, row)
        return await self.case(school, case) if case else None

    async def cases(
        self, school: SchoolId, *, open_only: bool = True, since: dt.datetime | None = None, most: int = 1000
    ) -> Sequence[CaseSummary]:
        """Return rows, newest first."""
        if not open_only:
            return await self._listed(school, "true", most)
        if since is None:
            return await self._listed(school, "not c.shut", most)
        return await self._listed(school, "(not c.shut or c.closed >= %s)", most, codec.instant(since))

    async def cases_opened(self, school: SchoolId, first: dt.datetime, end: dt.datetime) -> list[CaseSummary]:
        """Return the cases that were opened from ``first`` on and before ``end``, oldest first."""
        between = codec.instant(first), codec.instant(end)
        return (await self._listed(school, "c.opened >= %s and c.opened < %s", sys.maxsize, *between))[::-1]

    async def cases_going(self, school: SchoolId) -> Sequence[CaseSummary]:
        """Return the cases of which it was said that they go soon, newest first."""
        rows = await self._listed(school, "c.going", sys.maxsize)
        return [row for row in rows if row.removal is not None]

    async def cases_reported_by(
        self, school: SchoolId, person: PersonId, *, most: int = 20
    ) -> Sequence[CaseSummary]:
        """Return the cases a person reported, newest first."""
        return await self._listed(school, "c.reporter=%s", most, self._sealer.veil(person))

    async def cases_marked(self, school: SchoolId, mark: str) -> Sequence[CaseSummary]:
        """Return the cases whose posting is found by a mark, newest first."""
        return await self._listed(school, "c.marks @> array[%s]", sys.maxsize, self._sealer.veil(mark))

    async def events(self, school: SchoolId, case: CaseId) -> Sequence[Event]:
        """Return a case's events in order."""
        return await self._of_case(Event, "events", school, case)

    async def audit(
        self, school: SchoolId, *, case: CaseId | None = None, most: int = 1000
    ) -> Sequence[Audit]:
        """Return the school's audit lines, newest first."""
        if case is None:
            found = await self._rows(school, "audit", "order by id desc limit %s", most)
        else:
            found = await self._rows(
                school, "audit", "and parent=%s order by ord desc, n desc limit %s", case, most
            )
        return [codec.decode(Audit, row.body) for row in found]

    async def tombstones(self, school: SchoolId) -> Sequence[Tombstone]:
        """Return what stays of the cases that went, by their ids."""
        found = await self._rows(school, "tombstones", "order by id")
        return [codec.decode(Tombstone, row.body) for row in found]

    async def audit_head(self, school: SchoolId, day: dt.date) -> str:
        """Return how far the audit is, signed."""
        found = await self._rows(school, "chain", "order by id desc limit 1")
        last = codec.decode(ChainLink, found[0].body) if found else None
        return chain.head(self._sealer.chain, school, last, day)

    async def audit_proof(self, school: SchoolId, today: dt.date, said: str = "") -> AuditProof:
        """Return whether the audit is as it was kept, and where it is not."""
        key, kept = self._sealer.chain, await chained(self._database, self._sealer, school)
        return await asyncio.to_thread(proof.prove, key, school, kept, today, said)

    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it."""
        return (await self.openers(school, [case]))[case]

    async def openers(
        self, school: SchoolId, cases: Collection[CaseId]
    ) -> Mapping[CaseId, frozenset[PersonId]]:
        """Return who has opened each of several cases, in one way and back."""
        (rows,) = await self._database.ask(school, (_OPENED, (list(cases), school))) if cases else ([],)
        people = dict.fromkeys(cases, frozenset[PersonId]())
        for row in await self._found(rows):
            people[CaseId(row.id.partition("/")[0])] |= {codec.decode(PersonId, row.body)}
        return people

    async def links_of(self, school: SchoolId, case: CaseId) -> Sequence[Link]:
        """Return what was done to link a case with others."""
        return await self._of_case(Link, "links", school, case)

    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return one send by key."""
        return await self._get(Send, "sends", school, self._sealer.veil_within(key))

    async def sends(self, school: SchoolId, keys: Collection[str]) -> Mapping[str, Send]:
        """Return those of several sends that there are, by key, in one way and back."""
        rows = [self._sealer.veil_within(key) for key in keys]
        found = await self._rows(school, "sends", "and id = any(%s)", rows) if rows else []
        kept = {row.id: row for row in found}
        return {
            key: codec.decode(Send, kept[row].body)
            for key, row in zip(keys, rows, strict=True)
            if row in kept
        }

    async def timer(self, school: SchoolId, key: str) -> Timer | None:
        """Return one timer by key."""
        return await self._get(Timer, "wakes", school, self._sealer.veil_within(key))

    async def timers(self, school: SchoolId) -> Sequence[Timer]:
        """Return every timer of a school that opens."""
        return that_open(Timer, await self._rows(school, "wakes", "order by id"))

    async def thread(self, school: SchoolId, platform: Platform, channel: str, message: str) -> CaseId | None:
        """Return whose thread a platform message is the root of (or a card of)."""
        row = self._sealer.veil(thread_key(platform, channel, message))
        return await self._get(CaseId, "threads", school, row)

    async def roster(self, school: SchoolId) -> Roster | None:
        """Return what was changed in chat of seats and absences."""
        return await self._get(Roster, "roster", school, "roster")

    async def rehearsal(self, school: SchoolId) -> Rehearsal | None:
        """Return the rehearsal that a school has."""
        return await self._get(Rehearsal, "rehearsal", school, "rehearsal")

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return an adapter's record."""
        found = await self._get(tuple[str, bytes], "records", platform, self._sealer.veil(key))
        return found[1] if found else None

    async def records(self, platform: Platform, prefix: str) -> Sequence[str]:
        """Return the keys of an adapter's records that begin with ``prefix``, sorted."""
        found = await self._rows(platform, "records", "")
        keys = (codec.decode(tuple[str, bytes], row.body)[0] for row in found)
        return sorted(key for key in keys if key.startswith(prefix))

    # -- how ----------------------------------------------------------------------------------------

    async def _listed(self, school: SchoolId, where: str, most: int, *values: object) -> list[CaseSummary]:
        """Return the short forms of cases; each is made once for each version of its case."""
        (found,) = await self._database.ask(school, (_LISTED.format(where), (school, *values, most)))
        places = [(school, row, version) for row, version in found]
        if lacking := [row for place in places for row in place[1:2] if place not in self._summaries]:
            (rows,) = await self._database.ask(school, (_BODIES, (school, "cases", lacking)))
            for row in await self._found(rows):
                self._summaries[school, row.id, row.version] = summary(codec.decode(Case, row.body))
        given = [self._summaries[place] for place in places if place in self._summaries]
        for place in places:
            if place in self._summaries:
                self._summaries.move_to_end(place)
        while len(self._summaries) > _REMEMBERED:
            self._summaries.popitem(last=False)
        return given

    async def _of_case(self, kind: type[S], table: str, school: SchoolId, case: CaseId) -> list[S]:
        found = await self._rows(school, table, "and id>=%s and id<%s order by id", f"{case}/", f"{case}0")
        return [codec.decode(kind, row.body) for row in found]

    async def _get(self, kind: type[S], table: str, school: str, row: str) -> S | None:
        found = await self._rows(school, table, "and id=%s", row)
        return codec.decode(kind, found[0].body) if found else None

    async def _rows(self, school: str, table: str, where: str, *values: object) -> list[FoundRow]:
        (rows,) = await self._database.ask(school, (COLUMNS + where, (school, table, *values)))
        return await self._found(rows)

    async def _found(self, rows: Sequence[Any]) -> list[FoundRow]:
        return [FoundRow(self._sealer, *row) for row in await learned(self._database, self._sealer, rows)]
