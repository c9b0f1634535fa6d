"""Figures in chat, for leaders and the office: which term, as a card, or as a file where there is a page.

They name no case and count none that is kept from anybody, so that whoever may ask is shown the same.
"""

from __future__ import annotations

from bot.context import AppContext
from bot.figures.files import TYPES, file_of
from bot.figures.gather import figures_of, which_term
from flows.calendar import local
from flows.case import access
from flows.errors import InvalidAnswer, NotAllowed
from flows.figures.card import FILES, card, file_card, report_card
from flows.figures.terms import term_of
from flows.model import Audit, AuditKind, Change, Identity
from flows.references import begins
from flows.school import PersonId, School
from flows.ui.inbound import Reply, Show
from flows.words import say


class Asked:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def show(self, school: School, person: PersonId, argument: str) -> Reply:
        """Return the figures of a term, how its report is had, or what stands in for a file."""
        self._may(school, person)
        name, what = _parted(argument, school)
        term = which_term(self.context, school, name)
        figures = await figures_of(self.context, school, term)
        await self._log(school, person, term.first.isoformat(), what or "card")
        match what:
            case "":
                today = local(self.context.now(), school.time).date()
                return Show(card(figures, school.prefix, latest=term == term_of(today, school)))
            case "report":
                return Show(report_card(figures, school.prefix))
            case _:
                return Show(file_card(figures, what))

    async def file(self, identity: Identity | None, asked: str) -> tuple[str, str, bytes] | None:
        """Return (name, media type, bytes) of a file, to whom its button is shown; else None."""
        for school, person in self.context.schools_of(identity):
            if not begins(asked, school):
                continue
            try:
                self._may(school, person.id)
                name, what = _parted(asked, school)
                term = which_term(self.context, school, name)
            except (NotAllowed, InvalidAnswer):
                return None
            if what in FILES:
                called, content = await file_of(self.context, school, term, what)
                await self._log(school, person.id, term.first.isoformat(), what)
                return called, TYPES[what], content
        return None

    def _may(self, school: School, person: PersonId) -> None:
        if not access.may_count(person, school):
            raise NotAllowed("figures-not-yours", say("figures.not_yours"), say("figures.not_yours_hint"))

    async def _log(self, school: School, person: PersonId, term: str, what: str) -> None:
        entry = Audit(
            school=school.id,
            at=self.context.now(),
            kind=AuditKind.FIGURES_SHOWN,
            by=person,
            facts={"term": term, "as": what},
        )
        await self.context.commit(Change(school=school.id, audit=(entry,)))


def _parted(argument: str, school: School) -> tuple[str, str]:
    """Return which term is asked for, and as what ("" = a card). A button names the school too."""
    name, _, what = argument.strip().lower().rpartition(" ")
    if what not in (*FILES, "report"):
        name, what = argument.strip().lower(), ""
    return name.removeprefix(f"{school.prefix.lower()}-"), what
