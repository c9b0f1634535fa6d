"""Typed words: an answer to the question last shown, a word that steers, or words worth keeping.

People type to a bot: "2", "1 and 3", "yes", "dunno", "back", or a whole sentence where a tick was
asked for. Whatever is read is said back; a sentence that fits no choice is kept with the report.
"""

from __future__ import annotations

import datetime as dt
import re

from msgspec import Struct
from msgspec.structs import replace

from flows.errors import InvalidAnswer
from flows.intake import conversation
from flows.intake.answers import clean, in_words, options_of
from flows.intake.answers import read as read_answer
from flows.intake.settled import State
from flows.intake.synonyms import (
    COMMANDS,
    GREETINGS,
    KEEP,
    NO,
    NONE,
    SKIP,
    STEERING,
    UNSURE,
    YES,
)
from flows.intake.two_answers import graver
from flows.intake.understood import NUMBER, SENTENCE, meant, plain
from flows.model import Draft
from flows.questions.keywords import WORDS
from flows.questions.question import Question
from flows.questions.table import CHECK, QUESTIONS
from flows.school import School
from flows.ui.inbound import Surface
from flows.ui.intents import ChatCommand
from flows.words import say


class TypedAnswer(Struct, frozen=True):
    """It was read: the state after it, and a note that says how."""

    state: State
    note: str


class Misunderstood(Struct, frozen=True):
    """It was not read, and it was too short to be worth keeping."""

    message: str
    hint: str


class Wants(Struct, frozen=True):
    """It steers: a command, or "cancel", "back", "send"."""

    command: str
    argument: str = ""


#: Commands that may just as well be an answer where words are asked for.
_ALSO_WORDS = frozenset({ChatCommand.HOME, ChatCommand.CASES, ChatCommand.DIGEST, ChatCommand.REPORT})


class _Turn(Struct, frozen=True):
    """What one turn of typing has beside the words."""

    state: State
    school: School
    at: dt.datetime
    surface: Surface

    @property
    def draft(self) -> Draft:
        """The draft as it was before."""
        return self.state.draft


#: A reference as people write it; no word of a sentence is a code, since a code has no vowels.
_CASE = re.compile(r"case\s+([a-z0-9]{2,8}\W*20\d\d\W*[0-9b-df-hj-np-tv-xz]{3,6})", re.IGNORECASE)
_REPORT = re.compile(r"report[\s:,–-]+(\S.*)", re.IGNORECASE | re.DOTALL)


def command(text: str) -> tuple[ChatCommand, str] | None:
    """Return the command these words are, with its argument; None for anything else."""
    words = clean(text)
    bare = plain(words).removeprefix("/")
    if bare in COMMANDS:
        return COMMANDS[bare], ""
    case = _CASE.fullmatch(words)
    if case:
        return ChatCommand.CASE, case[1].upper()
    report = _REPORT.fullmatch(words)
    return (ChatCommand.REPORT, report[1]) if report else None


def is_greeting(text: str) -> bool:
    """Return whether these words only say hello or thank you."""
    return plain(clean(text)) in GREETINGS


def read(
    state: State, text: str, school: School, at: dt.datetime, *, surface: Surface, early: bool = False
) -> TypedAnswer | Misunderstood | Wants:
    """Return what typed words do to a draft. Nothing with a meaning is thrown away.

    ``early`` = said before the question that is open now was shown: no answer to it.
    """
    turn = _Turn(state, school, at, surface)
    words = clean(text)
    bare = plain(words)
    page, name = _meant_for(state, surface)
    if bare in STEERING:
        return Wants(STEERING[bare])
    asking = command(words)
    if asking is not None and not asking[1] and not (_wants_text(name) and asking[0] in _ALSO_WORDS):
        return Wants(asking[0].value)
    if asking is not None and asking[0] is ChatCommand.CASE:
        return Wants(asking[0].value, asking[1])
    if not words:
        return _not_understood()
    if early:
        return _too_early(turn, words)
    if page == CHECK:
        return _at_check(turn, words)
    if bare in KEEP and name in state.settled.standing:
        kept = conversation.confirmed(turn.draft, name, at) if name in state.settled.again else turn.state
        return TypedAnswer(_on(turn, kept), say("typed.unchanged"))
    if not name:
        return _moved_on(turn, words)
    question = QUESTIONS[name]
    if question.text:
        return _text(turn, question, words)
    return _choice(turn, question, words)


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


def _moved_on(turn: _Turn, words: str) -> TypedAnswer:
    """Show the present question instead of reading words as an answer to one that was not seen.

    Another answer than the one given meanwhile is not dropped: the graver stands, and is asked again.
    """
    last = conversation.last_shown(turn.draft, turn.surface)
    if two := _second_answer(turn, last, words):
        return two
    worth_it = len(words.split()) >= SENTENCE or QUESTIONS[last].text
    after = conversation.with_words(turn.draft, words, turn.at) if worth_it else turn.state
    note = say("typed.moved_on_kept") if worth_it else say("typed.moved_on")
    return TypedAnswer(_on(turn, conversation.unseen(after, turn.surface)), note)


def _second_answer(turn: _Turn, name: str, words: str) -> TypedAnswer | None:
    """Return what words come to that answer an answered question otherwise; None where they do not."""
    question, stands = QUESTIONS[name], turn.state.settled.standing.get(name)
    value = None if question.text else meant(question, options_of(question, turn.school), words)
    if value is None or stands is None:
        return None
    try:
        found = read_answer(question, value, turn.school)
    except InvalidAnswer:
        return None
    if found is None or found == stands:
        return None
    after = conversation.with_two(turn.draft, name, graver(question, stands, found), turn.at)
    here = conversation.shown_now(conversation.unseen(after, turn.surface), turn.surface)
    said = in_words(question, after.settled.standing[name], turn.school)
    return TypedAnswer(here, say("conversation.two_answers", answer=said))


def _too_early(turn: _Turn, words: str) -> TypedAnswer:
    """Ask again instead of reading words as an answer to a question that was not shown yet."""
    worth_it = len(words.split()) >= SENTENCE
    after = conversation.with_words(turn.draft, words, turn.at) if worth_it else turn.state
    note = say("typed.too_early_kept") if worth_it else say("typed.too_early")
    return TypedAnswer(conversation.shown_now(after, turn.surface), note)


def _on(turn: _Turn, after: State) -> State:
    """Return the state moved on to the next question."""
    moved = conversation.shown_now(conversation.step_on(after, turn.surface), turn.surface)
    return State(replace(moved.draft, touched_at=turn.at), moved.settled)


def _text(turn: _Turn, question: Question, words: str) -> TypedAnswer:
    draft, school, at = turn.draft, turn.school, turn.at
    had = draft.answers.get(question.name)
    if plain(words) in SKIP | NONE | UNSURE | NO:
        if had and (question.name == WORDS or plain(words) not in NONE):
            return TypedAnswer(_on(turn, turn.state), say("typed.unchanged"))
        empty = conversation.put(draft, question.name, "", school, at)
        return TypedAnswer(_on(turn, empty), say("typed.left_empty"))
    if question.name == WORDS:
        after = conversation.with_words(draft, words, at)
    else:
        after = conversation.put(draft, question.name, words, school, at)
    return TypedAnswer(_on(turn, after), say("typed.kept"))


def _choice(turn: _Turn, question: Question, words: str) -> TypedAnswer | Misunderstood:
    draft, school, at = turn.draft, turn.school, turn.at
    options = options_of(question, school)
    value = meant(question, options, words)
    if value is not None:
        try:
            after = conversation.put(draft, question.name, value, school, at)
        except InvalidAnswer as error:
            return Misunderstood(error.message, say("typed.no_match_hint"))
        read_as = in_words(question, after.settled.standing[question.name], school)
        return TypedAnswer(_on(turn, after), say("typed.read", answer=read_as))
    if len(words.split()) >= SENTENCE:
        after = conversation.with_words(draft, words, at)
        return TypedAnswer(conversation.shown_now(after, turn.surface), say("typed.kept_words"))
    if plain(words) in SKIP:
        return Misunderstood(say("typed.needs_answer"), say("typed.needs_answer_hint"))
    if NUMBER.fullmatch(plain(words)):
        return Misunderstood(say("typed.number"), say("typed.number_hint", most=len(options)))
    return _not_understood()


def _not_understood() -> Misunderstood:
    return Misunderstood(say("typed.no_match"), say("typed.no_match_hint"))


def _at_check(turn: _Turn, words: str) -> TypedAnswer | Misunderstood | Wants:
    """Read words on the check page: yes sends, a page's name or "change 3" opens it, else they are kept."""
    state, at, surface = turn.state, turn.at, turn.surface
    bare = plain(words)
    if bare in YES:
        return Wants("send")
    pages = tuple(state.settled.asked)
    asked = bare.removeprefix("change").strip(" :")
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < SENTENCE else 0
    if 1 <= number <= len(pages):
        return TypedAnswer(conversation.goto(state, pages[number - 1], surface, at), say("typed.shown_page"))
    for page in pages:
        if asked in (page, plain(say(f"page.{page}"))):
            return TypedAnswer(conversation.goto(state, page, surface, at), say("typed.shown_page"))
    if len(words.split()) < SENTENCE:
        return Misunderstood(say("typed.no_match"), say("typed.check_hint"))
    return TypedAnswer(conversation.with_words(state.draft, words, at), say("typed.added"))
