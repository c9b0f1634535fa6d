"""Which seat and which people somebody means, typed or chosen, and which days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from flows.errors import InvalidAnswer
from flows.policy.wording import seat_name
from flows.roster import refused
from flows.school import Away, PersonId, School, Seat
from flows.ui.forms import Value
from flows.words import say

_NUMBERED = re.compile(r"(agree|refuse|undo)\s+(\d{1,3})", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BETWEEN = re.compile(r"\s*(?:,|;|\bthen\b|\band\b)\s*", re.IGNORECASE)
#: What seats are called besides their names and their words in the school's file.
_CALLED = {
    "head": Seat.HEADTEACHER,
    "head teacher": Seat.HEADTEACHER,
    "deputy head": Seat.DEPUTY_HEADTEACHER,
    "safeguarding lead": Seat.DSL,
    "chair": Seat.CHAIR,
    "vice chair": Seat.VICE_CHAIR,
    "substitute": Seat.SUBSTITUTE_GOVERNOR,
}


def numbered(text: str) -> tuple[str, int] | None:
    """Return what is to be done with which line of the list; None for other words."""
    found = _NUMBERED.fullmatch(text.strip())
    return (found[1].lower(), int(found[2])) if found else None


def seat(text: str, school: School) -> tuple[Seat, tuple[PersonId, ...]]:
    """Return the seat, and who is to hold it and who stands in: "DSL: Dee, then Cam"."""
    bare = re.sub(r"[\s_-]+", " ", text.replace(":", " ")).strip()
    called = {each.value.replace("_", " "): each for each in Seat}
    called |= {seat_name(each).lower().replace("-", " "): each for each in Seat} | _CALLED
    for name in sorted(called, key=len, reverse=True):
        if bare.lower().startswith(f"{name} "):
            names = [part for part in _BETWEEN.split(bare[len(name) :].strip()) if part]
            people = tuple(dict.fromkeys(_person(part, school) for part in names))
            if people:
                return called[name], people
    raise refused("not_understood")


def away(text: str, school: School) -> Away:
    """Return who is away and when: "Dee 2026-12-01 2026-12-04"; one day alone is that day."""
    days = _DAY.findall(text)
    return _away(_person(_DAY.split(text)[0], school), days[0], days[-1]) if days else _not_a_day("first")


def seat_in(values: Mapping[str, Value], school: School) -> tuple[Seat, tuple[PersonId, ...]]:
    """Return the seat and its people as a form was filled in. Raises InvalidAnswer."""
    found = {name: _one(values.get(name, "")) for name in ("seat", "holder")}
    known: dict[str, set[str]] = {"seat": {each.value for each in Seat}, "holder": set(school.people)}
    wrong = {name: say("form.choose") for name, value in found.items() if value not in known[name]}
    if wrong:
        raise InvalidAnswer.of(wrong)
    more = values.get("stand_ins", ())
    more = (more,) if isinstance(more, str) else more
    stand_ins = (PersonId(each) for each in more if each in school.people)
    return Seat(found["seat"]), tuple(dict.fromkeys((PersonId(found["holder"]), *stand_ins)))


def away_in(values: Mapping[str, Value], school: School) -> Away:
    """Return the absence as a form was filled in. Raises InvalidAnswer."""
    person = _one(values.get("person", ""))
    if person not in school.people:
        raise InvalidAnswer("person", say("form.choose"))
    return _away(PersonId(person), _one(values.get("first", "")), _one(values.get("last", "")))


def _away(person: PersonId, first: str, last: str) -> Away:
    days = []
    for name, day in (("first", first), ("last", last)):
        try:
            days.append(dt.date.fromisoformat(day))
        except ValueError:
            return _not_a_day(name)
    return Away(person, *days)


def _not_a_day(name: str) -> Away:
    raise InvalidAnswer(name, say("form.day"))


def _person(words: str, school: School) -> PersonId:
    """Return the one person who is called so: by id, whole name or first name. Raises NotAllowed."""
    wanted = words.strip().casefold()
    called = [
        (person.id, (person.id.casefold(), person.name.casefold(), person.name.casefold().partition(" ")[0]))
        for person in school.people.values()
    ]
    for way in range(3):
        named = [person for person, names in called if names[way] == wanted]
        if len(named) == 1:
            return named[0]
    raise refused("not_understood")


def _one(value: Value) -> str:
    return value if isinstance(value, str) else value[0] if len(value) == 1 else ""
