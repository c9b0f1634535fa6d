"""A commit, tried on what was fetched: nothing waits, nothing is written before all of it is known.

The rules ask for rows one after the other; asking the database each time would cost a way and back for each.
So what they will probably ask is fetched at once, and should they ask for more, that is fetched too and the
whole is tried again. What they write is gathered here.
"""

from __future__ import annotations

from typing import Any

from flows.case.summary import openings
from flows.model import Change
from flows.references import looked_for
from storage.chain import event_row
from storage.keys import KEYS, OF_THE_SCHOOL, InnerKey, Keys
from storage.rows import DRAFT, FoundRow, NewRow, owner_of

#: what may be asked: ("row", table, id), ("first", table, parent), ("count", name, ""), ("last", table, ""),
#: ("case", case, "")
Asked = tuple[str, str, str]


class Attempt:
    """Rows of one school, as :class:`storage.rows.Kept` has them."""

    def __init__(self, sealer: Keys, school: str, known: dict[Asked, Any]) -> None:
        self.sealer = sealer
        self._school = school
        self._known = known
        self.missed: set[Asked] = set()
        self.put_rows: dict[tuple[str, str], NewRow] = {}
        self.removed: dict[tuple[str, str], None] = {}
        self.counted: dict[str, int] = {}

    def get(self, table: str, school: str, row: str) -> bytes | None:
        """Return the body of a row."""
        del school
        if (table, row) in self.put_rows:
            return self.put_rows[table, row].body
        found: FoundRow | None = None if (table, row) in self.removed else self._ask("row", table, row)
        return found.body if found is not None else None

    def version(self, table: str, school: str, row: str) -> int:
        """Return the version of a row; 0 = there is none."""
        del school
        if (table, row) in self.put_rows:
            return self.put_rows[table, row].version
        found: FoundRow | None = None if (table, row) in self.removed else self._ask("row", table, row)
        return found.version if found is not None else 0

    def first_of(self, table: str, school: str, parent: str) -> tuple[str, int] | None:
        """Return the id and the version of the first row that belongs to ``parent``."""
        del school
        found: tuple[str, int] | None = self._ask("first", table, parent)
        return found

    def newest(self, table: str, school: str, parent: None, most: int) -> list[FoundRow]:
        """Return the row of a table with the highest id; more is never asked."""
        del school, parent, most
        found: FoundRow | None = self._ask("last", table, "")
        return [found] if found is not None else []

    def of_case(self, school: str, case: str) -> list[FoundRow]:
        """Return every row that belongs to a case."""
        del school
        found: list[FoundRow] = self._ask("case", case, "") or []
        return found

    def put(self, row: NewRow) -> None:
        """Write a row, in place of the one with its id if there is one."""
        self.put_rows[row.table, row.id] = row
        if row.table != KEYS:
            self._key_row(row)  # so that it is asked for

    def add(self, row: NewRow) -> bool:
        """Write a row unless there is one with its id; return whether it is new."""
        if self.version(row.table, row.school, row.id):
            return False
        self.put(row)
        return True

    def remove(self, table: str, school: str, row: str) -> None:
        """Forget a row."""
        del school
        self.put_rows.pop((table, row), None)
        self.removed[table, row] = None

    def count_up(self, school: str, name: str, *, by: int = 1) -> int:
        """Return a counter's next number, from 1; of several at once the last."""
        del school
        top: int = self.counted.get(name, self._ask("count", name, "") or 0)
        self.counted[name] = top + by
        return top + by

    def inner_key(self, row: NewRow) -> InnerKey | None:
        """Return the data key of the case that a row is of; without one, the school's."""
        if row.table == KEYS:
            return None
        found = self._key_row(row)
        if found is None:
            self.put(NewRow(KEYS, self._school, OF_THE_SCHOOL, 1, self.sealer.new_wrap()))
            return self.inner_key(row)
        return self.sealer.inner(self._school, *found)

    def _key_row(self, row: NewRow) -> tuple[str, bytes] | None:
        for owner in (owner_of(row.table, row.id, row.parent), OF_THE_SCHOOL):
            if (new := self.put_rows.get((KEYS, owner))) is not None:
                return owner, new.body
            found: FoundRow | None = None if (KEYS, owner) in self.removed else self._ask("row", KEYS, owner)
            if found is not None:
                return owner, found.sealed
        return None

    def _ask(self, *asked: str) -> Any:
        kind, name, key = asked
        if (kind, name, key) not in self._known:
            self.missed.add((kind, name, key))
        return self._known.get((kind, name, key))


def likely(change: Change, sealer: Keys) -> set[Asked]:
    """Return what the rules will ask of a change; whatever is left out costs a way more, no more."""
    cases = {one.case for of in (change.events, change.audit, change.new_sends) for one in of if one.case}
    cases |= {one.case for of in (change.updated_sends, change.timers) for one in of if one.case}
    rows = [(KEYS, owner) for owner in (OF_THE_SCHOOL, *cases)]
    asked: set[Asked] = set()
    if change.handled is not None:
        rows.append(("handled", sealer.veil(change.handled.key)))
    if change.draft is not None:
        rows += [("drafts", change.draft.id), (KEYS, DRAFT + change.draft.id)]
        asked.add(("first", "drafts", sealer.veil(change.draft.person)))
    if change.case is not None:
        rows += [("cases", change.case.id), (KEYS, change.case.id)]
        if change.case.version == 0:
            rows.append(("references", sealer.veil(looked_for(change.case.reference))))
    if change.roster is not None:
        rows.append(("roster", "roster"))
    if change.rehearsal is not None:
        rows.append(("rehearsal", "rehearsal"))
    if change.tombstone is not None:
        rows.append(("cases", change.tombstone.case))
        asked.add(("case", change.tombstone.case, ""))
    if change.audit:
        asked.add(("count", "audit lines", ""))
    if change.audit or change.events:
        asked.add(("last", "chain", ""))
    rows += [("events", event_row(event.case, event.seq)) for event in change.events]
    rows += [("sends", sealer.veil_within(send.key)) for send in (*change.new_sends, *change.updated_sends)]
    rows += [("opened", f"{case}/{sealer.veil(by)}") for case, by in openings(change.audit, change.events)]
    return asked | {("row", table, row) for table, row in rows}
