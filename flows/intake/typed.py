"""Typed words: an answer to the question last shown, a word that steers, or words worth keeping.

People type to a bot: "2", "1 and 3", "yes", "dunno", "back", or a whole sentence where a tick was
asked for. Whatever is read is said back; a sentence that fits no choice is kept with the report.
"""

from __future__ import annotations

import datetime as dt

from flows.errors import InvalidAnswer
from flows.intake import conversation
from flows.intake.answers import clean, in_words, options_of
from flows.intake.answers import read as read_answer
from flows.intake.from_words import offered_by
from flows.intake.pages import is_offered, question_label
from flows.intake.said import asked_back
from flows.intake.said.amended import amends
from flows.intake.said.asked_back import Asks
from flows.intake.said.heard import Misunderstood, Turn, TypedAnswer, Wants, moved
from flows.intake.said.steering import command
from flows.intake.said.too_late import moved_on, too_early
from flows.intake.settled import State
from flows.intake.synonyms import (
    AGREED,
    CHANGE,
    KEEP,
    NO,
    NONE,
    SKIP,
    STEERING,
    UNSURE,
    UNTICKED,
    YES,
)
from flows.intake.understood import NUMBER, SENTENCE, meant, plain
from flows.model import Answer, Spoken
from flows.questions.keywords import WORDS
from flows.questions.question import Question
from flows.questions.table import CHECK, QUESTIONS, SAFETY_LIST
from flows.school import School
from flows.ui.forms import Value
from flows.ui.inbound import Surface
from flows.ui.intents import ChatCommand
from flows.words import say

#: What somebody types to what stands filled in from their words.
_CONFIRMS = YES | AGREED | (KEEP - SKIP)

__all__ = ["Misunderstood", "TypedAnswer", "Wants", "read"]

#: Commands that may just as well be an answer where words are asked for.
_ALSO_WORDS = frozenset(
    {
        ChatCommand.HOME,
        ChatCommand.CASES,
        ChatCommand.DIGEST,
        ChatCommand.REPORT,
        ChatCommand.FIGURES,
        ChatCommand.WORDING,
        ChatCommand.SUPPORT,
    }
)


def read(
    state: State, text: str, school: School, at: dt.datetime, *, surface: Surface, early: bool = False
) -> TypedAnswer | Misunderstood | Wants:
    """Return what typed words do to a draft. Nothing with a meaning is thrown away.

    ``early`` = said before the question that is open now was shown: no answer to it.
    """
    turn = Turn(state, school, at, surface)
    words = clean(text)
    bare = plain(words)
    page, name = _meant_for(state, surface)
    back = None if early else asked_back.waiting(state, surface)
    if back and (settled := _settled(turn, back, bare)):
        return settled
    if bare in CHANGE and not early:
        return _change(turn)
    if bare in STEERING:
        return Wants(STEERING[bare])
    asking = command(words)
    if asking is not None and not asking[1] and not _answers(name, asking[0], bare):
        return Wants(asking[0].value)
    if asking is not None and asking[1] and asking[0] is not ChatCommand.REPORT:
        return Wants(asking[0].value, asking[1])
    if not words:
        return _not_understood()
    if early:
        return too_early(turn, words)
    if page == CHECK:
        return _at_check(turn, words)
    if bare in _CONFIRMS and (offered := _offered(turn, name, bare)) is not None:
        return _taken(turn, QUESTIONS[name], offered)
    if bare in KEEP and name in state.settled.standing:
        kept = conversation.confirmed(turn.draft, name, at) if name in state.settled.again else turn.state
        return TypedAnswer(moved(turn, kept), say("typed.unchanged"))
    if not name:
        return moved_on(turn, words)
    question = QUESTIONS[name]
    if question.text:
        return _text(turn, question, words)
    return _choice(turn, question, words)


def _settled(turn: Turn, back: Spoken, bare: str) -> TypedAnswer | Wants | None:
    """Return what words come to that say yes or no to what was asked back; None where they say neither."""
    agreed = asked_back.settled_by(back, bare)
    if agreed is None:
        return None
    match back.asks:
        case Asks.DISCARD:
            return Wants("discard" if agreed else "continue")
        case Asks.OFFER:
            return Wants("continue" if agreed else "fresh?")
        case Asks.FRESH:
            return Wants("fresh" if agreed else "continue")
        case _ if agreed:
            return _taken(turn, QUESTIONS[back.name], back.value)
        case _:
            return TypedAnswer(asked_back.heard(turn.state, turn.surface, ""), say("typed.then_what"))


def _change(turn: Turn) -> TypedAnswer | Wants:
    """Open the question again that words answered last."""
    last = turn.draft.spoken.get(turn.surface, Spoken()).last
    row = next((row for row in turn.state.settled.rows if row.name == last), None)
    if row is None:
        return Wants("back")
    again = conversation.goto(turn.state, row.page, turn.surface, turn.at, field=last)
    return TypedAnswer(again, say("typed.shown_question"))


def _offered(turn: Turn, name: str, bare: str) -> Answer | None:
    """Return the answer that words confirm; a *yes* that is a choice of its own is that choice."""
    settled = turn.state.settled
    offered = offered_by(settled.standing)
    if not is_offered(name, settled, offered) or (bare in YES and "yes" in QUESTIONS[name].options):
        return None
    return offered[name]


def _answers(name: str, asking: ChatCommand, bare: str) -> bool:
    """Return whether a command may just as well be the answer to the question that is open."""
    return bool(name) and (bare == "link" or (_wants_text(name) and asking in _ALSO_WORDS))


def _wants_text(name: str) -> bool:
    return bool(name) and QUESTIONS[name].text


def _meant_for(state: State, surface: Surface) -> tuple[str, str]:
    """Return the page and question typed words belong to: the one last shown on that surface.

    The question is "" where that one was answered somewhere else in the meantime.
    """
    page, name = conversation.place(state, surface)
    last = conversation.last_shown(state.draft, surface)
    if not last or last == name:
        return page, name
    open_rows = (row for row in state.settled.rows if state.settled.open(row.name))
    row = next((row for row in open_rows if row.name == last), None)
    return (row.page, last) if row else ("", "")


def _text(turn: Turn, question: Question, words: str) -> TypedAnswer:
    draft, school, at = turn.draft, turn.school, turn.at
    had = draft.answers.get(question.name)
    if plain(words) in SKIP | NONE | UNSURE | NO:
        if had and (question.name == WORDS or plain(words) not in NONE):
            return TypedAnswer(moved(turn, turn.state), say("typed.unchanged"))
        empty = conversation.put(draft, question.name, "", school, at)
        return TypedAnswer(moved(turn, empty, question.name), say("typed.left_empty"))
    if question.name == WORDS:
        after = conversation.with_words(draft, words, at)
    elif amended := _amended(turn, words):
        return amended
    else:
        after = conversation.put(draft, question.name, words, school, at)
    return TypedAnswer(moved(turn, after, question.name), say("typed.kept"))


def _choice(turn: Turn, question: Question, words: str) -> TypedAnswer | Misunderstood:
    options = options_of(question, turn.school)
    bare = plain(words)
    if question.name in SAFETY_LIST and bare in NO | UNTICKED:
        after = conversation.unticked(turn.draft, question.name, turn.at)
        return TypedAnswer(moved(turn, after, "safety"), say("typed.unticked"))
    value = meant(question, options, words)
    if value is not None:
        try:
            found = read_answer(question, value, turn.school)
        except InvalidAnswer as error:
            return Misunderstood(error.message, say("typed.no_match_hint"))
        why = None if found is None else asked_back.asks(question, found, words)
        if found is None or why is None:
            return _taken(turn, question, value)
        state = asked_back.asked(turn.state, turn.surface, why, name=question.name, value=found)
        asking = conversation.shown_now(state, turn.surface)
        return TypedAnswer(asking, asked_back.in_question(why, question, found, turn.school))
    if amended := _amended(turn, words):
        return amended
    if len(words.split()) >= SENTENCE:
        after = conversation.with_words(turn.draft, words, turn.at)
        return TypedAnswer(conversation.shown_now(after, turn.surface), say("typed.kept_words"))
    if bare in SKIP:
        return Misunderstood(say("typed.needs_answer"), say("typed.needs_answer_hint"))
    if bare in YES:
        return Misunderstood(say("typed.which"), say("typed.no_match_hint"))
    if NUMBER.fullmatch(bare):
        return Misunderstood(say("typed.number"), say("typed.number_hint", most=len(options)))
    return _not_understood()


def _taken(turn: Turn, question: Question, value: Value) -> TypedAnswer:
    """Take words as an answer, and say how they were read."""
    after = conversation.put(turn.draft, question.name, value, turn.school, turn.at)
    said = in_words(question, after.settled.standing[question.name], turn.school)
    return TypedAnswer(moved(turn, after, question.name), say("typed.read", answer=said))


def _amended(turn: Turn, words: str) -> TypedAnswer | None:
    """Return what words come to that speak of an earlier question, or of this one in passing."""
    found = amends(turn.state, words, turn.school)
    if found is None:
        return None
    name, answer = found
    after = conversation.put(turn.draft, name, answer, turn.school, turn.at)
    here = asked_back.heard(conversation.shown_now(after, turn.surface), turn.surface, name)
    said = in_words(QUESTIONS[name], after.settled.standing[name], turn.school)
    label = question_label(name, after.settled.standing)
    return TypedAnswer(here, say("typed.amended", question=label, answer=said))


def _not_understood() -> Misunderstood:
    return Misunderstood(say("typed.no_match"), say("typed.no_match_hint"))


def _at_check(turn: Turn, words: str) -> TypedAnswer | Misunderstood | Wants:
    """Read words on the check page: yes sends, a page's name or "change 3" opens it, else they are kept."""
    state, at, surface = turn.state, turn.at, turn.surface
    bare = plain(words)
    if bare in YES:
        return Wants("send")
    if bare in NO | UNSURE:
        return TypedAnswer(state, say("typed.not_sent"))
    pages = tuple(state.settled.asked)
    asked = bare.removeprefix("change").strip(" :")
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < SENTENCE else 0
    if 1 <= number <= len(pages):
        return TypedAnswer(conversation.goto(state, pages[number - 1], surface, at), say("typed.shown_page"))
    for page in pages:
        if asked in (page, plain(say(f"page.{page}"))):
            return TypedAnswer(conversation.goto(state, page, surface, at), say("typed.shown_page"))
    if amended := _amended(turn, words):
        return amended
    if len(words.split()) < SENTENCE:
        return Misunderstood(say("typed.no_match"), say("typed.check_hint"))
    return TypedAnswer(conversation.with_words(state.draft, words, at), say("typed.added"))
