"""What the placeholders of a letter say of a case: leaders by name, nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flows import calendar
from flows.intake.answers import in_words
from flows.intake.pages import question_label
from flows.letters.masking import mask, who_reported
from flows.letters.table import Letter
from flows.letters.template import Filled, fill, template
from flows.model import Case, Duty
from flows.policy.said import as_said
from flows.policy.wording import seat_name
from flows.questions.table import KEYS, QUESTIONS
from flows.school import Person, School, Seat
from flows.words import say

#: What is not put on another system: who reported, and what that would tell.
_REPORTERS_OWN = frozenset({"reporter_link", "keep_name_private", "keep_from", "text_flags", "text_denied"})
#: Characters of what somebody typed that a record quotes; the whole stands in the case.
_SHORT, _LONG = 200, 700


def write(letter: Letter, case: Case, school: School, at: dt.datetime) -> Filled:
    """Return a letter as it is offered to whoever reviews it."""
    return fill(template(letter, school), values(case, school, at))


def values(case: Case, school: School, at: dt.datetime) -> dict[str, str]:
    """Return what each placeholder says; "" where the school or the report does not say it."""
    lead = _holder(case, school, case.lead)
    return {
        "school": school.name,
        "reference": case.reference,
        "date": _day(at, school),
        "lead": lead.name if lead else "",
        "lead_seat": seat_name(case.lead),
        "lead_phone": lead.phone if lead else "",
        "lead_email": lead.email if lead else "",
        "chair": _first(school, Seat.CHAIR),
        "headteacher": _first(school, Seat.HEADTEACHER),
        "dsl": _first(school, Seat.DSL),
        "complaints_procedure": school.complaints_procedure,
        "policy_link": school.policy_link,
        "where": _answer(case, "platform"),
        **_facts(case, school),
    }


def _facts(case: Case, school: School) -> dict[str, str]:
    posting, hidden = case.report.posting, who_reported(case.report, school)
    there = [file for file in posting.files if not (file.gone or file.locked)]
    return {
        "opened": f"{_day(case.opened_at, school)}, {calendar.local(case.opened_at, school.time):%H:%M}",
        "kind": as_said(say(f"kind.{case.decision.kind}"), (), case.report),
        "link": _cut(posting.link, _SHORT) or say("letter.none"),
        "account": _cut(posting.account_name, _SHORT) or say("letter.none"),
        "first_seen": _cut(posting.first_seen, _SHORT) or say("letter.none"),
        "answers": "\n".join(_answers(case)),
        "words": _cut(mask(posting.words, names=(), reporter=hidden), _LONG) or say("letter.none"),
        "files": say("letter.files", n=len(there)) if there else say("letter.no_files"),
        "told": ", ".join(seat_name(seat) for seat in case.holders) or say("letter.none"),
        "decided": "\n".join(_decided(duty) for duty in case.duties) or say("letter.none"),
    }


def _answers(case: Case) -> Iterator[str]:
    """Yield what the report says, as a list: questions of the policy that somebody answered."""
    given = case.report.given
    for name in KEYS:
        if name in given and name not in _REPORTERS_OWN and given[name] not in ("no", (), "not_applicable"):
            asked = question_label(name, case.report.answers, short=True)
            yield f"- {asked} {in_words(QUESTIONS[name], given[name])}"


def _decided(duty: Duty) -> str:
    body = duty.called or say(f"seat.{duty.body}")
    if duty.decided is None:
        return say("letter.undecided", body=body, day=calendar.on_day(duty.due))
    came = say("event.decision_yes" if duty.decided.contacted else "event.decision_no")
    reference = f" ({duty.decided.reference})" if duty.decided.reference else ""
    return say("letter.decided", body=body, came=f"{came}{reference}")


def _answer(case: Case, name: str) -> str:
    answer = case.report.given.get(name)
    return in_words(QUESTIONS[name], answer) if answer else ""


def _holder(case: Case, school: School, seat: Seat | None) -> Person | None:
    person = case.holders.get(seat) if seat else None
    return school.people.get(person) if person else None


def _first(school: School, seat: Seat) -> str:
    people = school.seats.get(seat, ())
    return school.people[people[0]].name if people else ""


def _day(at: dt.datetime, school: School) -> str:
    day = calendar.local(at, school.time)
    return f"{day.day} {day:%B %Y}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else say("letter.cut", text=text[:most].rstrip())
