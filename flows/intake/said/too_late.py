"""Words that came too late or too early: an answer to a question that is not the one shown now."""

from __future__ import annotations

from flows.errors import InvalidAnswer
from flows.intake import conversation
from flows.intake.answers import in_words, options_of, read
from flows.intake.said.heard import Turn, TypedAnswer, moved
from flows.intake.two_answers import graver
from flows.intake.understood import SENTENCE, by_number, meant
from flows.questions.question import Kind
from flows.questions.table import QUESTIONS
from flows.words import say


def moved_on(turn: Turn, words: str) -> TypedAnswer:
    """Show the present question instead of reading words as an answer to one that was not seen.

    Another answer than the one given meanwhile is not dropped: the graver stands, and is asked again.
    """
    last = conversation.last_shown(turn.draft, turn.surface)
    if two := _second_answer(turn, last, words):
        return two
    worth_it = len(words.split()) >= SENTENCE or QUESTIONS[last].text
    after = conversation.with_words(turn.draft, words, turn.at) if worth_it else turn.state
    note = say("typed.moved_on_kept") if worth_it else say("typed.moved_on")
    return TypedAnswer(moved(turn, conversation.unseen(after, turn.surface)), note)


def _second_answer(turn: Turn, name: str, words: str) -> TypedAnswer | None:
    """Return what words come to that answer an answered question otherwise; None where they do not."""
    question, stands = QUESTIONS[name], turn.state.settled.standing.get(name)
    value = None if question.text else meant(question, options_of(question, turn.school), words)
    if value is None or stands is None or (question.kind is Kind.PEOPLE and by_number(words)):
        return None
    try:
        found = read(question, value, turn.school)
    except InvalidAnswer:
        return None
    if found is None or found == stands:
        return None
    after = conversation.with_two(turn.draft, name, graver(question, stands, found), turn.at)
    here = conversation.shown_now(conversation.unseen(after, turn.surface), turn.surface)
    said = in_words(question, after.settled.standing[name], turn.school)
    return TypedAnswer(here, say("conversation.two_answers", answer=said))


def too_early(turn: Turn, words: str) -> TypedAnswer:
    """Ask again instead of reading words as an answer to a question that was not shown yet."""
    worth_it = len(words.split()) >= SENTENCE
    after = conversation.with_words(turn.draft, words, turn.at) if worth_it else turn.state
    note = say("typed.too_early_kept") if worth_it else say("typed.too_early")
    return TypedAnswer(conversation.shown_now(after, turn.surface), note)
