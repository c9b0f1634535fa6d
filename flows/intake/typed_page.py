"""One question of a page, for somebody who types: only that, its choices with their own numbers."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from flows.intake.answers import in_words
from flows.intake.from_words import offered_by
from flows.intake.pages import is_offered, page_form, question_label
from flows.intake.settled import State
from flows.model import Spoken
from flows.questions.table import QUESTIONS
from flows.school import School
from flows.ui.cards import Button
from flows.ui.forms import Choice, Field, Form, Many
from flows.ui.inbound import Surface
from flows.ui.intents import AnswerPage, GoTo
from flows.words import say


def question_form(state: State, page: str, school: School, name: str, *, errors: Mapping[str, str]) -> Form:
    """Return a page with one of its questions, and beside it the way to change what was read last."""
    whole = page_form(state, page, school, cursor=name, errors=errors)
    draft = state.draft
    return replace(
        whole,
        submit=AnswerPage(draft.id, draft.revision, page, only=name),
        fields=tuple(_numbered(_told(field, state)) for field in whole.fields if field.name == name),
        buttons=(*_change(state), *whole.buttons),
        shortcuts=(),
    )


def _told(field: Field, state: State) -> Field:
    """Return the field with what is filled in said in words, and the word that confirms it."""
    offered = offered_by(state.settled.standing)
    if not is_offered(field.name, state.settled, offered):
        return field
    answer = in_words(QUESTIONS[field.name], offered[field.name])
    return replace(field, help=say("typed.offered", answer=answer))


def _numbered(field: Field) -> Field:
    if not isinstance(field, Choice | Many):
        return replace(field, shown=None)
    options = tuple(
        replace(option, label=say("typed.numbered", number=number, label=option.label))
        for number, option in enumerate(field.options, 1)
    )
    return replace(field, options=options, numbered=True, shown=None)


def _change(state: State) -> tuple[Button, ...]:
    """Return the button that opens the question again which words answered last."""
    draft = state.draft
    last = draft.spoken.get(Surface.MESSAGE, Spoken()).last
    row = next((row for row in state.settled.rows if row.name == last), None)
    if row is None:
        return ()
    label = question_label(last, state.settled.standing)
    again = GoTo(draft.id, draft.revision, row.page, only=last)
    return (
        Button(
            label=say("typed.change_it"), intent=again, describes=say("conversation.change_page", page=label)
        ),
    )
