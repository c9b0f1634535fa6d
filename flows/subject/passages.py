"""All that is written in a case, passage by passage, and which of it speaks of the person who asks.

Pictures are no passages: nobody can be masked in one here. What who reported wrote themselves, or was written
to them, says who they are whatever is masked in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from msgspec import Struct

from flows.calendar import local
from flows.case.corrections import answer_lines
from flows.messages import phrases
from flows.messages.record import particulars
from flows.model import Case, Event, EventKind
from flows.postings import blinded, each_blind, holds, normal_account
from flows.school import PersonId, School
from flows.subject.request import Request
from flows.words import say

#: What only who reported does, or what is written to them.
_REPORTERS = frozenset(
    {
        EventKind.ADDED,
        EventKind.AMENDED,
        EventKind.SUPPORT_ASKED,
        EventKind.COMPLETED,
        EventKind.WROTE,
    }
)
#: So many passages, and characters of them, stand on one page to be looked at; a longer one is cut in two.
_PASSAGES, _LONGEST, _ROOM = 4, 1_200, 3_000
_DIGITS = 7


class Passage(Struct, frozen=True, kw_only=True):
    """``own`` = somebody's own words; ``reporters`` = of or to who reported; ``theirs`` = about who asks."""

    heading: str
    text: str
    own: bool = False
    reporters: bool = False
    theirs: bool = False


def passages(case: Case, events: Sequence[Event], school: School, request: Request) -> tuple[Passage, ...]:
    """Return everything of a case that can be given, the longer passages in pieces."""
    return tuple(_pieces(case, events, school, request))


def _pieces(case: Case, events: Sequence[Event], school: School, request: Request) -> Iterator[Passage]:
    pointed = not people(request, school).isdisjoint(_pointed(case))
    for one in _whole(case, events, school):
        for text in cut(one.text):
            yield Passage(
                heading=one.heading,
                text=text,
                own=one.own,
                reporters=one.reporters,
                theirs=speaks_of(text, request) or (pointed and one.heading == say("record.words")),
            )


def _whole(case: Case, events: Sequence[Event], school: School) -> Iterator[Passage]:
    posting = case.report.posting
    if posting.words:
        yield Passage(heading=say("record.words"), text=posting.words, own=True)
    where = (
        (say("record.platform_other"), posting.platform_other),
        (say("record.link"), posting.link),
        (say("record.account"), posting.account_name),
        (say("record.audience"), posting.audience),
        (say("record.first_seen"), posting.first_seen),
    )
    if any(value for _, value in where):
        yield Passage(heading=say("pack.place"), text=_paired(where), own=True)
    yield Passage(heading=say("record.answers"), text=_paired(answer_lines(case.report, school)))
    plain = [event for event in events if not event.words]
    told = "\n".join(_line(case, event, school) for event in plain)
    if told:
        yield Passage(heading=say("record.story"), text=told)
    for event in events:
        if event.words and event.kind is not EventKind.REPORTER_SHOWN:
            reporters = event.kind in _REPORTERS
            yield Passage(heading=_line(case, event, school), text=event.words, own=True, reporters=reporters)


def _paired(pairs: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{label}: {value}" for label, value in pairs if value)


def _line(case: Case, event: Event, school: School) -> str:
    said = f"{local(event.at, school.time):%d.%m.%Y %H:%M} – {phrases.event_line(case, event, school)}"
    return " · ".join(part for part in (said, particulars(case, event, school)) if part)


def cut(text: str) -> Iterator[str]:
    """Yield a text in pieces that can be read on one page, parted where a line or a word ends."""
    while len(text) > _LONGEST:
        at = max(text.rfind("\n", 0, _LONGEST), text.rfind(" ", 0, _LONGEST))
        at = at if at > 0 else _LONGEST
        yield text[:at].rstrip()
        text = text[at:].lstrip()
    if text:
        yield text


def pages(found: Sequence[Passage]) -> list[tuple[int, ...]]:
    """Return which passages stand on which page, by their places."""
    done: list[tuple[int, ...]] = []
    now: tuple[int, ...] = ()
    for at, one in enumerate(found):
        if now and (len(now) == _PASSAGES or sum(len(found[n].text) for n in now) + len(one.text) > _ROOM):
            done.append(now)
            now = ()
        now = (*now, at)
    return [*done, now] if now else done


def digest(found: Sequence[Passage]) -> str:
    """Return what these passages come to, so that it shows when a case has changed since."""
    told = "\n\n".join(f"{one.heading}\n{one.text}" for one in found)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def speaks_of(text: str, request: Request) -> bool:
    """Return whether a text speaks of who asks: all words of one of their names, or an account of theirs."""
    found = blinded(text)
    named = (each_blind(blinded(name)) for name in request.names)
    if any(words and all(holds(found, word) for word in words) for words in named):
        return True
    flat, digits = " ".join(text.casefold().split()), "".join(filter(str.isdigit, text))
    return any(_known_as(one, flat, digits) for one in request.known_as)


def _known_as(one: str, flat: str, digits: str) -> bool:
    number = "".join(filter(str.isdigit, one))
    if len(number) >= _DIGITS and "@" not in one:
        return number.removeprefix("44").removeprefix("0") in digits
    account = normal_account(one)
    return bool(account) and account in flat


def people(request: Request, school: School) -> frozenset[PersonId]:
    """Return whom of the school's people a name can mean."""
    wanted = [each_blind(blinded(name)) for name in request.names]
    return frozenset(
        person.id
        for person in school.people.values()
        if any(words and all(holds(blinded(person.name), word) for word in words) for words in wanted)
    )


def _pointed(case: Case) -> tuple[PersonId, ...]:
    named = case.report.named
    return (*named.target, *named.accused, *named.poster, *named.kept_out, *case.recused, *case.affected)


def concerns(case: Case, found: Sequence[Passage], theirs: frozenset[PersonId]) -> tuple[str, ...]:
    """Return by what a case may be about who asks; empty = by nothing."""
    by = ["pointed"] if not theirs.isdisjoint(_pointed(case)) else []
    by += ["posting"] if any(one.theirs for one in found[:2] if one.own) else []
    by += ["words"] if any(one.theirs for one in found[2:]) else []
    told = (*case.holders.values(), *case.stand_ins, case.owner, case.assigned)
    by += ["told"] if not theirs.isdisjoint(told) else []
    return tuple(say(f"subject.by.{one}") for one in by)
