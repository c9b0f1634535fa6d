"""Which cases there are, in memory: what lists need, without opening a case. Derived at opening."""

from __future__ import annotations

import datetime as dt
import sys
from bisect import bisect_left, insort
from collections import defaultdict
from itertools import islice
from typing import TypeVar

import msgspec

from flows.model import CaseId, CaseSummary, Status
from flows.references import looked_for
from flows.school import PersonId, Seat
from storage.codec import instant

_Key = tuple[int, CaseId]
_Word = TypeVar("_Word", bound=str)


class CaseIndex:
    """The cases of one school. No method looks at more rows than it returns (``since``: or admits)."""

    def __init__(self) -> None:
        self._rows: dict[CaseId, CaseSummary] = {}
        self._all: list[_Key] = []
        self._open: list[_Key] = []
        self._closed: list[_Key] = []
        self._going: list[_Key] = []
        self._called: dict[str, CaseId] = {}
        self._marked: defaultdict[str, list[_Key]] = defaultdict(list)
        self._reported: defaultdict[PersonId, list[_Key]] = defaultdict(list)
        #: every row, newest first, until one changes
        self._newest: list[CaseSummary] | None = None

    def put(self, row: CaseSummary) -> None:
        """Take a case in, or what became of it."""
        if (old := self._rows.get(row.id)) is not None:
            self._take_out(old)
        self._newest = None
        row = _slim(row)
        self._rows[row.id] = row
        for keys, key in self._places(row):
            insort(keys, key)
        self._called[looked_for(row.reference)] = row.id

    def drop(self, case: CaseId) -> None:
        """Forget a case that went."""
        if (old := self._rows.pop(case, None)) is not None:
            self._take_out(old)

    def _take_out(self, row: CaseSummary) -> None:
        self._newest = None
        for keys, key in self._places(row):
            del keys[bisect_left(keys, key)]
        self._called.pop(looked_for(row.reference), None)

    def _places(self, row: CaseSummary) -> list[tuple[list[_Key], _Key]]:
        opened = (instant(row.opened_at), row.id)
        shut = row.status is Status.CLOSED
        state = (
            (self._closed, (instant(row.closed_at or row.opened_at), row.id))
            if shut
            else (self._open, opened)
        )
        some = [self._marked[mark] for mark in row.marks]
        some += [self._going] if row.removal is not None else []
        more = [(keys, opened) for keys in some]
        return [(self._all, opened), (self._reported[row.reporter], opened), state, *more]

    def called(self, reference: str) -> CaseId | None:
        """Return the case of a spoken reference, however it is written."""
        return self._called.get(looked_for(reference))

    def newest(self, *, open_only: bool, since: dt.datetime | None, most: int) -> list[CaseSummary]:
        """Return rows, newest first; ``since`` also admits cases closed at or after it."""
        keys = self._open if open_only else self._all
        if not open_only and most >= len(keys):
            self._newest = self._newest or self._first(keys, most)
            return self._newest[:]
        if not open_only or since is None:
            return self._first(keys, most)
        first = bisect_left(self._closed, (instant(since), CaseId("")))
        recent = [self._rows[case] for _, case in self._closed[first:]]
        recent = [row for row in recent if row.closed_at is not None]
        rows = self._first(keys, most) + recent
        return sorted(rows, key=lambda row: (row.opened_at, row.id), reverse=True)[:most]

    def opened(self, first: dt.datetime, before: dt.datetime) -> list[CaseSummary]:
        """Return the cases that were opened from ``first`` on and before a moment, oldest first."""
        start, end = (bisect_left(self._all, (instant(at), CaseId(""))) for at in (first, before))
        return [self._rows[case] for _, case in self._all[start:end]]

    def reported_by(self, person: PersonId, most: int) -> list[CaseSummary]:
        """Return the cases a person reported, newest first."""
        return self._first(self._reported.get(person, []), most)

    def going(self) -> list[CaseSummary]:
        """Return the cases of which it was said that they go soon, newest first."""
        return self._first(self._going, len(self._going))

    def marked(self, mark: str) -> list[CaseSummary]:
        """Return the cases whose posting is found by a mark, newest first."""
        keys = self._marked.get(mark, [])
        return self._first(keys, len(keys))

    def _first(self, keys: list[_Key], most: int) -> list[CaseSummary]:
        return [self._rows[case] for _, case in islice(reversed(keys), most)]


#: what is made of few words and comes in few combinations: the same one for all that have it
_combinations: dict[tuple[str, ...], tuple[str, ...]] = {}
_holders: dict[tuple[tuple[Seat, PersonId], ...], dict[Seat, PersonId]] = {}


def _shared(words: tuple[_Word, ...]) -> tuple[_Word, ...]:
    return _combinations.setdefault(words, tuple(map(sys.intern, words)))  # type: ignore[return-value] # alike


def _held(holders: dict[Seat, PersonId]) -> dict[Seat, PersonId]:
    told = tuple((seat, PersonId(sys.intern(person))) for seat, person in holders.items())
    return _holders.setdefault(told, dict(told))


def _slim(row: CaseSummary) -> CaseSummary:
    """Return the row with its person ids shared: twenty thousand cases name the same few people."""
    return msgspec.structs.replace(
        row,
        school=sys.intern(row.school),
        owner=sys.intern(row.owner) if row.owner else None,
        assigned=sys.intern(row.assigned) if row.assigned else None,
        reporter=sys.intern(row.reporter),
        recused=_shared(row.recused),
        holders=_held(row.holders),
        stand_ins=_shared(row.stand_ins),
        owed=tuple(msgspec.structs.replace(one, what=sys.intern(one.what)) for one in row.owed),
        next=msgspec.structs.replace(row.next, what=sys.intern(row.next.what)) if row.next else None,
        kind=sys.intern(row.kind),
        clauses=_shared(row.clauses),
        seen_on=_shared(row.seen_on),
    )
