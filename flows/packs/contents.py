"""A pack: what one body outside needs to know of a case, in sections, and a manifest that can be checked.

Never a file of the evidence, and never the reporter unless a person said so with a reason. Of third parties
the names are masked that whoever makes it has typed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from flows import calendar
from flows.case.actions.packing import MakePack
from flows.case.exclusion import name_of
from flows.intake.answers import in_words
from flows.intake.pages import question_label
from flows.letters.masking import mask, who_reported
from flows.messages import phrases
from flows.model import Body, Case, Event, EventKind, Layer
from flows.policy.wording import numbers, seat_name
from flows.questions.table import QUESTIONS
from flows.school import Contact, Person, PersonId, School, Seat
from flows.words import say

#: What was done, as a body outside may know it: nothing of what went on inside the school.
_DONE = frozenset(
    {
        EventKind.OPENED,
        EventKind.TAKEN_ON,
        EventKind.CALLED_999,
        EventKind.HELD,
        EventKind.HOLD_CLEARED,
        EventKind.CONTACT_RECORDED,
        EventKind.MEETING_RECORDED,
        EventKind.DUTY_RECORDED,
        EventKind.CLOSED,
    }
)


class Section(Struct, frozen=True, kw_only=True):
    """A heading with what stands below it: pairs, somebody's own words line by line, and short lines."""

    heading: str
    pairs: tuple[tuple[str, str], ...] = ()
    quote: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """What its text comes to, so that a later copy can be compared."""
        parts = [
            self.heading,
            *(f"{label}\t{value}" for label, value in self.pairs),
            *self.quote,
            *self.lines,
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Pack(Struct, frozen=True, kw_only=True):
    """A whole pack; ``manifest`` lists each section with its SHA-256, and each file that stays in school."""

    title: str
    school: str
    made: str
    labels: dict[str, str]
    sections: tuple[Section, ...]
    manifest: tuple[tuple[str, str], ...]


class _Making(Struct, frozen=True, kw_only=True):
    """All that a pack is made of."""

    case: Case
    events: Sequence[Event]
    school: School
    order: MakePack
    by: PersonId
    at: dt.datetime

    def masked(self, text: str) -> str:
        """Return words without the names that are not needed, and without the reporter's."""
        hidden = () if self.order.shows_reporter else who_reported(self.case.report, self.school)
        return mask(text, names=self.order.names, reporter=hidden)


def contents(
    case: Case, events: Sequence[Event], school: School, order: MakePack, *, by: PersonId, at: dt.datetime
) -> Pack:
    """Return what a pack for a body says."""
    making = _Making(case=case, events=events, school=school, order=order, by=by, at=at)
    body = Body(order.which)
    practised = Section(heading=say("drill.inside"), lines=(say("drill.mark"),))
    sections = (*((practised,) if case.drill else ()), *_sections(making, body))
    files = (
        [f for f in case.report.posting.files if not (f.gone or f.locked)] if _evidence in NEEDS[body] else []
    )
    return Pack(
        title=say("pack.title", body=say(f"pack.{body}"), ref=case.reference),
        school=school.name,
        made=say("pack.made", who=_called(making, by), at=moment(at, school)),
        labels={name: say(f"pack.{name}") for name in ("what", "said", "manifest", "manifest_says")},
        sections=sections,
        manifest=(
            *((section.heading, section.sha256) for section in sections),
            *((say("pack.stays", name=making.masked(file.name)), file.sha256) for file in files),
        ),
    )


def _sections(making: _Making, body: Body) -> Iterator[Section]:
    """Yield what a body needs to know, as far as the case says it."""
    for part in NEEDS[body]:
        section = part(making)
        if section.pairs or section.quote or section.lines:
            yield section


def as_text(pack: Pack) -> str:
    """Return a pack as plain words, to be copied where its file cannot be given."""
    parts = [
        "\n".join([one.heading, *(f"{label}: {value}" for label, value in one.pairs), *one.quote, *one.lines])
        for one in pack.sections
    ]
    return "\n\n".join([f"{pack.title}\n{pack.made}", *parts])


# -- the parts ---------------------------------------------------------------------------------------


def _matter(making: _Making) -> Section:
    case, school = making.case, making.school
    pairs = [
        (say("pack.reference"), case.reference),
        (say("pack.school"), school.name),
        (say("pack.reported_at"), moment(case.report.sent_at, school)),
        (say("pack.note"), say("pack.not_proven")),
    ]
    if making.order.shows_reporter:
        pairs.append((say("record.reporter"), name_of(case.report.reporter, school)))
    return Section(heading=say("pack.matter"), pairs=tuple(pairs))


def _asked(making: _Making) -> Section:
    said = (making.order.text,) if making.order.text else ()
    return Section(heading=say("pack.asked"), lines=(say(f"pack.ask.{making.order.which}"), *said))


def _theirs(making: _Making) -> Section:
    school = making.school
    contact = {
        Body.LEGAL: school.legal,
        Body.POLICE: Contact(phone=school.police_non_emergency),
        Body.LADO: school.lado,
        Body.CHILDRENS_SERVICES: school.childrens_services,
        Body.IMAGERY: Contact(),
    }[Body(making.order.which)]
    pairs = (
        (say("pack.name"), contact.name),
        (say("pack.phone"), numbers(contact)),
        (say("pack.email"), contact.email),
        (say("pack.form"), contact.form),
    )
    return Section(heading=say("pack.theirs"), pairs=tuple(pair for pair in pairs if pair[1]))


def _place(making: _Making) -> Section:
    posting = making.case.report.posting
    answers = dict(_answers(making, ("platform", "still_online")))
    pairs = (
        *answers.items(),
        (say("record.platform_other"), posting.platform_other),
        (say("record.link"), posting.link),
        (say("record.account"), posting.account_name),
        (say("record.audience"), making.masked(posting.audience)),
        (say("record.first_seen"), making.masked(posting.first_seen)),
    )
    return Section(heading=say("pack.place"), pairs=tuple(pair for pair in pairs if pair[1]))


def _words(making: _Making) -> Section:
    text = making.masked(making.case.report.posting.words)
    return Section(heading=say("pack.words"), quote=tuple(text.splitlines()))


def _said(*names: str) -> Callable[[_Making], Section]:
    def said(making: _Making) -> Section:
        return Section(heading=say("pack.answers"), pairs=tuple(_answers(making, names)))

    return said


def _accused(making: _Making) -> Section:
    accused = making.case.report.named.accused
    lines = tuple(_called(making, person) for person in accused)
    return Section(heading=say("pack.accused"), lines=lines or (say("pack.accused_unknown"),))


def _evidence(making: _Making) -> Section:
    files = [file for file in making.case.report.posting.files if not (file.gone or file.locked)]
    pairs = tuple((making.masked(file.name), f"{file.media_type}, {file.size:,} bytes") for file in files)
    return Section(
        heading=say("pack.evidence"), pairs=pairs, lines=(say("pack.on_request"),) if pairs else ()
    )


def _why(making: _Making) -> Section:
    policy = [reason for reason in making.case.decision.reasons if reason.layer is Layer.POLICY]
    pairs = dict.fromkeys((", ".join(reason.clauses), reason.quote or "") for reason in policy)
    return Section(heading=say("pack.clauses"), pairs=tuple(pair for pair in pairs if all(pair)))


def _story(making: _Making) -> Section:
    lines = tuple(
        f"{moment(event.at, making.school)} – {phrases.event_line(making.case, event, making.school)}"
        for event in making.events
        if event.kind in _DONE and event.fact("body") in ("", making.order.which)
    )
    return Section(heading=say("pack.story"), lines=lines)


def _people(making: _Making) -> Section:
    holders = making.case.holders
    seats = dict.fromkeys(seat for seat in (making.case.lead, Seat.DSL, Seat.DEPUTY_DSL) if seat in holders)
    people = ((seat, making.school.people.get(holders[seat])) for seat in seats if seat is not None)
    return Section(
        heading=say("pack.people"),
        pairs=tuple((seat_name(seat), _reach(person)) for seat, person in people if person is not None),
    )


#: What each body is given, and in which order: what is not here it does not need.
NEEDS: dict[Body, tuple[Callable[[_Making], Section], ...]] = {
    Body.LEGAL: (_matter, _asked, _place, _words, _why, _evidence, _story, _people, _theirs),
    Body.POLICE: (
        _matter,
        _asked,
        _place,
        _words,
        _said("violence", "racist", "other_hate", "sexual", "immediate_danger"),
        _evidence,
        _story,
        _people,
        _theirs,
    ),
    Body.LADO: (
        _matter,
        _asked,
        _accused,
        _said("staff_allegation", "targets"),
        _words,
        _story,
        _people,
        _theirs,
    ),
    Body.CHILDRENS_SERVICES: (
        _matter,
        _asked,
        _said("child_at_risk", "immediate_danger", "targets"),
        _words,
        _place,
        _people,
        _theirs,
    ),
    Body.IMAGERY: (_matter, _asked, _place, _people),
}


def _answers(making: _Making, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the report's answers to these questions, as they were given."""
    given = making.case.report.given
    for name in (name for name in names if given.get(name) not in (None, "no", ())):
        asked = question_label(name, making.case.report.answers, short=True)
        yield asked, in_words(QUESTIONS[name], given[name])


def _called(making: _Making, person: PersonId) -> str:
    seat = phrases.own_seat(making.school, person)
    return f"{name_of(person, making.school)} ({seat})"


def _reach(person: Person) -> str:
    return " · ".join(part for part in (person.name, person.phone, person.email) if part)


def moment(at: dt.datetime, school: School) -> str:
    """Return a moment as it stands in what goes out: by the school's clock."""
    return f"{calendar.local(at, school.time):%d.%m.%Y %H:%M}"
