"""The list of open cases and the search, for one person: what they may know, page by page, on the audit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.context import AppContext
from bot.reached import unopened
from bot.turns.turn import Turn
from flows.case import access
from flows.errors import InvalidAnswer
from flows.finding import cards, filters, matches, query
from flows.finding.filters import Filter
from flows.model import EVERY_ROW, Audit, AuditKind, CaseSummary, Change
from flows.ui.cards import Card
from flows.ui.forms import Form

#: More cases than any school has.


class CaseLists:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def cases(self, turn: Turn, argument: str = "") -> Card:
        """Return a page of the open cases this person may know of, as far as they are asked for."""
        which, number = filters.asked(argument)
        rows = [row for row, _ in await self._known(turn, open_only=True)]
        now, person, school = self.context.now(), turn.person.id, turn.school
        counts = {one: sum(filters.passes(row, one, person, school, now) for row in rows) for one in Filter}
        page = filters.paged(cards.ordered(rows, which, person, school, now), number)
        await self.listed(turn, page.shown)
        waiting = await unopened(self.context, page.shown)
        return cards.cases(page, which, counts, school, now, unopened=waiting)

    async def find(self, turn: Turn, argument: str) -> Card | Form:
        """Return what a search finds among the cases this person may know of; nothing typed = its form."""
        try:
            wanted = query.read(argument)
        except InvalidAnswer as error:
            return cards.form(error, query.said(argument))
        if wanted.empty:
            return cards.form()
        rows = await self._known(turn, open_only=False)
        page = filters.paged(matches.found(rows, wanted, turn.school), wanted.page)
        await self.listed(turn, page.shown, by=",".join(wanted.by))
        return cards.results(page, wanted, turn.school)

    async def listed(self, turn: Turn, rows: Sequence[CaseSummary], *, by: str = "") -> None:
        """Put on the audit which cases somebody was shown in a list, and by what they looked for them."""
        now, person, facts = self.context.now(), turn.person.id, {"by": by} if by else {}
        lines = tuple(
            Audit(school=r.school, at=now, kind=AuditKind.LISTED, by=person, case=r.id, facts=facts)
            for r in rows
        )
        if lines:
            await self.context.commit(Change(school=turn.school.id, audit=lines))

    async def _known(self, turn: Turn, *, open_only: bool) -> list[tuple[CaseSummary, bool]]:
        """Return the cases this person may know of, newest first, each with whether they may read it."""
        in_channel = await self.context.in_channel(turn.school, turn.identity)
        rows = await self.context.store.cases(turn.school.id, open_only=open_only, most=EVERY_ROW)
        return list(access.known_rows(rows, turn.person.id, turn.school, in_channel=in_channel))
