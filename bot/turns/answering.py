"""A submitted page: taken into the draft that it belongs to, however old it is.

What nobody else changed since is taken; of two different answers the graver stands and is asked again. A
page that says that somebody may not be safe is taken even where its report has gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.context import AppContext
from bot.turns.drafts import Drafts
from bot.turns.turn import Turn
from flows.errors import Stale
from flows.intake import conversation
from flows.intake.conversation import Answered
from flows.intake.pages import question_label
from flows.intake.settled import State
from flows.intake.two_answers import Older, being_mended, from_older_page, known_at, says_unsafe
from flows.model import Draft, DraftId
from flows.ui.forms import Value
from flows.ui.inbound import Refuse, Reply, Show
from flows.ui.intents import AnswerPage
from flows.words import say


class Answering:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.drafts = Drafts(context)

    async def answer(self, turn: Turn, page: AnswerPage, values: Mapping[str, Value]) -> Reply:
        """Take a page's answers. Valid ones are kept even if others have to be mended."""
        try:
            draft = await self.drafts.mine(turn, page.draft)
        except Stale:
            if says_unsafe(values) and await self._is_gone(turn, page):
                return await self._late(turn, page, values)
            raise
        known = known_at(draft, turn.surface, page.page, page.revision)
        older = from_older_page(draft, values, turn.school, drawn=page.revision, known=known)
        answered = self._taken(turn, draft, page, older)
        # Of a question that stood by itself the rest of the page was not shown: it is not missing yet.
        errors = {name: e for name, e in answered.errors.items() if page.only in ("", name)}
        wrong = bool(errors)
        state = being_mended(answered.state, turn.surface, page.page, page.revision, wrong=wrong)
        after = await self.drafts.store_and_alert(turn, state, self.context.now())
        note = _what_was_taken(draft, after, older) if known != draft.revision else ""
        if errors:
            field, message = next(iter(errors.items()))
            form = self.drafts.view(turn, after, page=page.page, errors=errors, typed=bool(page.only))
            return Refuse(message, note, field=field, form=form, reference="invalid-answer")
        return Show(
            self.drafts.view(turn, after), " ".join(part for part in (note, _opened(answered)) if part)
        )

    async def _is_gone(self, turn: Turn, page: AnswerPage) -> bool:
        return await self.context.store.draft(turn.school.id, DraftId(page.draft)) is None

    def _taken(self, turn: Turn, draft: Draft, page: AnswerPage, older: Older) -> Answered:
        now = self.context.now()
        if older.words:
            draft = conversation.with_words(draft, older.words, now).draft
        return conversation.answer(
            draft, page.page, older.values, turn.school, now, surface=turn.surface, two=older.two
        )

    async def _late(self, turn: Turn, page: AnswerPage, values: Mapping[str, Value]) -> Reply:
        """Begin a report with a page that came too late for its own, or put it into the one that is open."""
        now = self.context.now()
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        note = say("service.late_open" if draft else "service.late")
        if draft is None:
            new = DraftId(self.context.new_id())
            draft = conversation.start(draft_id=new, school=turn.school, person=turn.person.id, at=now).draft
        # It was drawn for another report: of this one it has seen nothing.
        older = from_older_page(draft, values, turn.school, drawn=-1, known=-1)
        answered = self._taken(turn, draft, page, older)
        after = await self.drafts.store_and_alert(turn, answered.state, now)
        return Show(self.drafts.view(turn, after), note)


def _opened(answered: Answered) -> str:
    """Return the note that names the questions which these answers have brought."""
    named = _named(answered.opened, answered.state)
    return say("service.one_more", questions=named) if named else ""


def _what_was_taken(draft: Draft, after: State, older: Older) -> str:
    """Return the note on a page that was not the newest: what was taken of it, and what has two answers."""
    was, now = draft.answers, after.settled.standing
    took = tuple(n for n in older.values if n in now and now[n] != was.get(n) and n not in older.two)
    parts = [say("service.older_page")]
    if took:
        parts.append(say("service.older_taken", questions=_named(took, after)))
    if older.words:
        parts.append(say("service.older_words"))
    if older.two:
        parts.append(say("service.older_two", questions=_named(older.two, after)))
    return " ".join(parts if len(parts) > 1 else [*parts, say("service.older_nothing")])


def _named(names: tuple[str, ...], state: State) -> str:
    return "; ".join(question_label(name, state.settled.standing) for name in names)
