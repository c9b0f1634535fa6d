"""What of other cases somebody may read beside one; and linking two of them.

Access is asked of every other case before anything of it counts, also where only so many are looked at:
whoever must not know of one sees what they would see if it were not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice

from bot.context import AppContext
from bot.turns.turn import Turn
from flows.case import access, forms
from flows.case.actions.beside import LinkWith, Unlink
from flows.case.refusals import no_such_case
from flows.errors import UnreadableRow
from flows.messages.beside import Beside
from flows.messages.shared_blocks import done_card
from flows.model import (
    EVERY_ROW,
    Audit,
    AuditKind,
    Capability,
    Case,
    CaseId,
    CaseSummary,
    Change,
    Link,
    Linking,
)
from flows.postings import Why, account_mark, marks, same, sought
from flows.school import PersonId, School
from flows.ui.inbound import Receipt, Refuse, Reply
from flows.words import say

#: So far back, and among so many at most that somebody may read, words are compared.
_BACK, _MOST = dt.timedelta(days=90), 200


class BesideCases:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def of(self, case: Case, person: PersonId, school: School) -> Beside:
        """Return what stands beside a case for this person."""
        account = await self.of_account(case, person, school)
        links = await self.context.store.links_of(school.id, case.id)
        return Beside(
            links=await self._links(links, case, person, school),
            same=await self._same(links, case, person, school),
            account=tuple(account),
        )

    async def of_account(self, case: Case, person: PersonId, school: School) -> Sequence[Case]:
        """Return the cases that name the same account, this one too, the oldest first."""
        mark = account_mark(case.report.posting)
        rows = await self.context.store.cases_marked(school.id, mark) if mark and not case.drill else []
        others = [one for row in reversed(rows) if (one := await self._read(row.id, person, school))]
        return others if any(one.id == case.id for one in others) else [case]

    async def link(self, turn: Turn, case: Case, asked: LinkWith | Unlink) -> Reply:
        """Link two cases, or take that back; each needs a person who may read both at that moment."""
        action = asked.declared.action
        other = await self._named(asked.which, turn.person.id, turn.school)
        if other is None or other.id == case.id:
            await self._log(turn, (), AuditKind.REFUSED)
            error = no_such_case()
            said: Mapping[str, str] = {"which": asked.which, "text": asked.text}
            wrong = say("form.link.itself") if other is not None else error.message
            form = forms.form(action, case, turn.school, values=said, errors={"which": wrong})
            return Refuse(wrong, error.hint, field="which", form=form, reference=error.reference)
        before = await self._between(case, other)
        linking = isinstance(asked, LinkWith)
        if (before is not None and before.stands) is linking:
            return Receipt(
                done_card(say("service.linked_already", one=case.reference, other=other.reference))
            )
        seat = next((seat for seat, holder in case.holders.items() if holder == turn.person.id), None)
        now = self.context.now()
        step = Linking(linked=linking, by=turn.person.id, seat=seat, at=now, words=asked.text)
        pair = (min(case.id, other.id), max(case.id, other.id))
        told = (*(before.story if before else ()), step)
        link = Link(school=turn.school.id, cases=pair, story=told)
        lines = tuple(
            self._line(turn, one, {"with": two.id, "linked": "yes" if linking else "no"})
            for one, two in ((case, other), (other, case))
        )
        handled = turn.handled(now, case=case.id)
        await self.context.commit(Change(school=turn.school.id, handled=handled, audit=lines, links=(link,)))
        words = "service.linked" if linking else "service.unlinked"
        return Receipt(done_card(say(words, one=case.reference, other=other.reference)), sent=False)

    # -- parts ------------------------------------------------------------------------------------

    async def _links(
        self, links: Sequence[Link], case: Case, person: PersonId, school: School
    ) -> tuple[tuple[Case, tuple[Linking, ...]], ...]:
        found = []
        for link in links:
            other = await self._read(link.other(case.id), person, school)
            if other is not None:
                found.append((other, link.story))
        return tuple(found)

    async def _between(self, case: Case, other: Case) -> Link | None:
        links = await self.context.store.links_of(case.school, case.id)
        return next((link for link in links if link.other(case.id) == other.id), None)

    async def _same(
        self, links: Sequence[Link], case: Case, person: PersonId, school: School
    ) -> tuple[tuple[Case, Why], ...]:
        """Return what looks like the same posting and is not linked with it; the surest reason first."""
        if case.drill:
            return ()
        known = {link.other(case.id) for link in links}
        found = []
        for row in await self._candidates(case, person, school):
            if row.id == case.id or row.id in known:
                continue
            other = await self._read(row.id, person, school)
            why = same(case.report.posting, other.report.posting) if other is not None else None
            if other is not None and why is not None:
                found.append((other, why))
        return tuple(sorted(found, key=lambda pair: (tuple(Why).index(pair[1]), pair[0].opened_at)))

    async def _candidates(self, case: Case, person: PersonId, school: School) -> list[CaseSummary]:
        """Return the rows that may be of the same posting: by link and account all, by words the recent."""
        store, mine = self.context.store, sought(case.report.posting)
        rows: dict[CaseId, CaseSummary] = {}
        for mark in marks(case.report.posting):
            rows |= {row.id: row for row in await store.cases_marked(school.id, mark)}
        recent = await store.cases(school.id, since=case.opened_at - _BACK, most=EVERY_ROW)
        theirs = (row for row, reads in access.known_rows(recent, person, school, in_channel=False) if reads)
        near = (row for row in islice(theirs, _MOST) if mine.may_be(row.marks, row.words, row.said))
        return list((rows | {row.id: row for row in near}).values())

    async def _named(self, reference: str, person: PersonId, school: School) -> Case | None:
        case = await self.context.store.case_called(school.id, reference)
        return await self._read(case.id, person, school) if case is not None else None

    async def _read(self, case_id: CaseId, person: PersonId, school: School) -> Case | None:
        """Return a case that this person may read, and that is no drill."""
        case = None
        with suppress(UnreadableRow):  # whoever looks after the store is told; the others are still shown
            case = await self.context.store.case(school.id, case_id)
        if case is None or case.drill or not access.may(case, person, school, Capability.READ):
            return None
        return case

    async def _log(self, turn: Turn, cases: Sequence[Case], kind: AuditKind) -> None:
        lines = tuple(self._line(turn, case, {}, kind) for case in (cases or (None,)))
        await self.context.commit(Change(school=turn.school.id, audit=lines))

    def _line(
        self, turn: Turn, case: Case | None, facts: dict[str, str], kind: AuditKind = AuditKind.LINKED
    ) -> Audit:
        about = case.id if case is not None else None
        return Audit(
            school=turn.school.id,
            at=self.context.now(),
            kind=kind,
            by=turn.person.id,
            case=about,
            facts=facts,
        )
