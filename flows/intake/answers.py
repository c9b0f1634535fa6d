"""One answer: cleaned, checked against what is offered, said in words. Pure values only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from flows.errors import InvalidAnswer
from flows.model import Answer
from flows.questions.question import Kind, Question
from flows.questions.table import QUESTIONS
from flows.school import PersonId, School, Seat
from flows.ui.forms import Option, Value
from flows.words import known, say

#: Answers to *is it one of these?* that name nobody.
NAMELESS = ("someone_else", "rather_not_say")
#: Characters that turn the direction of the text round them (Unicode UAX #9, section 2).
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_MANY_BLANK = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def clean(text: str) -> str:
    r"""Return what a person can read of ``text``: no control or direction characters, at most one blank line.

    Every visible character stays, whatever the length. Line ends become ``\n``.
    """
    lines = _LINE_ENDS.sub("\n", text)
    if not lines.isprintable():
        lines = "".join(char for char in lines if not _acts(char))
    return _MANY_BLANK.sub("\n\n", lines).strip()


def _acts(char: str) -> bool:
    return char in _DIRECTION or (char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs"))


def options_of(question: Question, school: School) -> tuple[Option, ...]:
    """Return what a question offers; for *is it one of these?* the school's seat holders."""
    if question.kind is Kind.PEOPLE:
        return (*_seat_holders(school), *(Option(name, say(f"option.{name}")) for name in NAMELESS))
    return _own_options(question.name)


@cache  # the words of the table never change while the bot runs
def _own_options(name: str) -> tuple[Option, ...]:
    return tuple(Option(value, label(name, value), _more(name, value)) for value in QUESTIONS[name].options)


def _seat_holders(school: School) -> Iterable[Option]:
    people: dict[PersonId, list[Seat]] = {}
    for seat in Seat:  # on call comes last: it says something only of whoever holds no other
        for person in school.seats.get(seat, ()):
            if seat is not Seat.ON_CALL or person not in people:
                people.setdefault(person, []).append(seat)
    for person, seats in people.items():
        named = ", ".join(say(f"seat.{seat}") for seat in seats)
        yield Option(person, f"{school.people[person].name} – {named}")


def label(name: str, value: str) -> str:
    """Return an option in words."""
    own = f"option.{name.removeprefix('flag_')}.{value}"
    return say(own) if known(own) else say(f"option.{value}")


def _more(name: str, value: str) -> str:
    more = f"option.{name}_more.{value}"
    return say(more) if known(more) else ""


def read(question: Question, value: Value, school: School) -> Answer | None:
    """Return ``value`` as an answer to ``question``; None where nothing was chosen: silence is no answer.

    Raises InvalidAnswer, kindly worded, for what is not offered.
    """
    if question.text:
        return clean(value if isinstance(value, str) else "\n".join(value))
    chosen = {value} if isinstance(value, str) else set(value)
    chosen.discard("")
    if not chosen:
        return None
    ordered = tuple(o.value for o in options_of(question, school) if o.value in chosen)
    if len(ordered) < len(chosen):
        raise InvalidAnswer(question.name, say("conversation.not_offered"))
    if not question.many:
        if len(ordered) > 1:
            raise InvalidAnswer(question.name, say("conversation.one_only"))
        return ordered[0]
    if len(ordered) > 1:
        for single in question.alone:
            if single in chosen:
                words = say("conversation.stands_alone", label=label(question.name, single))
                raise InvalidAnswer(question.name, words)
    return () if ordered == (question.nothing,) else ordered


def offered(question: Question, answer: Answer | None) -> Value:
    """Return an answer as a field holds it: nothing chosen is its own option."""
    if answer is None:
        return () if question.many else ""
    if question.many:
        held = (answer,) if isinstance(answer, str) else answer
        return held or ((question.nothing,) if question.nothing else ())
    return answer


def in_words(question: Question, answer: Answer, school: School | None = None) -> str:
    """Return an answer as a person says it. People are named only where ``school`` is given."""
    if question.text:
        return str(answer) or say("option.empty")
    held = offered(question, answer)
    values = (held,) if isinstance(held, str) else held
    if question.kind is Kind.PEOPLE:
        listed = {o.value: o.label for o in options_of(question, school)} if school else {}
        return ", ".join(listed.get(v) or say(f"option.{v if v in NAMELESS else 'named'}") for v in values)
    return ", ".join(label(question.name, v) for v in values) or say("option.nothing")
