"""What is written once more in a file that an older version, or another program, wrote."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from itertools import chain as one_by_one

from flows.case.summary import openings
from flows.errors import UnreadableRow
from flows.model import Audit, CaseId, Event, Send, Timer
from flows.school import PersonId, SchoolId
from storage import chain, codec
from storage.commit import Committer, found_by
from storage.embedded.rows import Rows
from storage.embedded.turning import rotation
from storage.keys import Handed
from storage.rows import BATCH, FoundRow, NewRow

#: the tables whose rows the chain holds
_CHAINED = ("audit", "events")
#: says that each case has a key
_KEYED = "keyed"


class FileCommitter(Committer):
    """Writes changes into the rows of one file."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self._rows: Rows = rows

    def catch_up(self) -> None:
        """Write, once, what a file of before these rows has not: keys, who opened which case, a chain."""
        self._give_keys()
        rotation.go_on(self._rows)
        with self._rows.transaction():
            if self._rows.add(NewRow("meta", "", "chain", 1, b"the audit is chained")):
                self._begin_chains()
            if self._rows.add(NewRow("meta", "", "openings", 1, b"who opened a case has rows")):
                for found in one_by_one(self._rows.every("audit"), self._rows.every("events")):
                    with suppress(UnreadableRow):  # whoever reads it is told
                        self.write_openings(SchoolId(found.school), _openings_in(found))

    def _give_keys(self) -> None:
        """Seal with a key for each case what was sealed before there were any; killed, it goes on."""
        if self._rows.version("meta", "", _KEYED):
            return
        rows = self._rows
        with rows.transaction():
            rows.put_handed(Handed(rows.sealer.wrapped_root()))
            for school in sorted({SchoolId(of) for table, of in rows.tables() if table == "cases"}):
                for case in rows.ids("cases", school):
                    self.give_key(school, CaseId(case))
        last, going = 0, True
        while going:
            with rows.transaction():
                found, last = rows.sealed_before(last, BATCH)
                going = bool(found)
                for row in found:
                    with suppress(UnreadableRow):  # it stays as it is: whoever reads it is told
                        rows.reseal(row, row.body)
        rows.put(NewRow("meta", "", _KEYED, 1, b"each case has a key"))

    def _begin_chains(self) -> None:
        today, key = dt.datetime.now(dt.UTC).date(), self._rows.sealer.chain
        for school in sorted({SchoolId(of) for table, of in self._rows.tables() if table in _CHAINED}):
            last = self._rows.newest("audit", school, None, 1)
            before = int(last[0].id) if last else 0
            self.write_link(school, chain.beginning(key, school, today, before))

    def put_right(self) -> None:
        """Have what waits be found by what is sealed, whatever another program made of it."""
        with self._rows.transaction():
            for row in list(self._rows.every("sends")):
                with suppress(UnreadableRow):
                    self._rows.put_right(row, *found_by(codec.decode(Send, row.body)))
            for row in list(self._rows.every("wakes")):
                with suppress(UnreadableRow):
                    self._rows.put_right(row, *found_by(codec.decode(Timer, row.body)))
            self._rows.count_on("audit", "audit lines")


def _openings_in(found: FoundRow) -> frozenset[tuple[CaseId, PersonId]]:
    if found.table == "audit":
        return openings([codec.decode(Audit, found.body)], [])
    return openings([], [codec.decode(Event, found.body)])
