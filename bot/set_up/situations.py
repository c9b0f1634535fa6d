"""Who would be told in a few situations, by the school's answers and its policy: drawn before it is real."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.model import Answer, Report
from flows.policy.assessment import assess
from flows.policy.engine import Policy, decide
from flows.policy.routing import recused, route
from flows.policy.wording import seat_name
from flows.school import PersonId, School
from flows.words import say

_MADE: dict[str, Answer] = {"poster": ("parent_carer",), "did": ("made",), "still_online": "yes"}
SITUATIONS: dict[str, dict[str, Answer]] = {
    "rude": {**_MADE, "targets": ("staff",), "nature": ("abusive",)},
    "criticism": {**_MADE, "targets": ("school",), "nature": ("critical_of_leadership",)},
    "threat": {**_MADE, "targets": ("staff",), "violence": "yes"},
    "child": {**_MADE, "poster": ("unknown",), "targets": ("pupil",), "child_at_risk": "yes"},
    "head": {**_MADE, "targets": ("none",), "staff_allegation": ("headteacher",)},
}


class Told(Struct, frozen=True, kw_only=True):
    """Somebody who would be told: as what, by what ways, and whether the case would be theirs to lead."""

    name: str
    seat: str
    ways: tuple[str, ...]
    leads: bool


class Drawn(Struct, frozen=True, kw_only=True):
    """One situation, as it would come out."""

    what: str
    soon: str
    told: tuple[Told, ...]
    not_told: tuple[str, ...]
    bodies: tuple[str, ...]
    nobody: tuple[str, ...]


def drawn(school: School, policy: Policy, now: dt.datetime) -> list[Drawn]:
    """Return each situation with who would be told of it."""
    return [_drawn(name, answers, school, policy, now) for name, answers in SITUATIONS.items()]


def _drawn(name: str, answers: dict[str, Answer], school: School, policy: Policy, now: dt.datetime) -> Drawn:
    report = Report(reporter=PersonId(""), answers=answers, sent_at=now)
    assessment = assess(answers)
    decision = decide(policy, assessment)
    out = recused(report, assessment, decision, school)
    routed = route(decision, report, school, without=out, on=now.date())
    told = [
        Told(
            name=school.people[person].name,
            seat=seat_name(seat),
            ways=_ways(school, person),
            leads=seat is routed.lead,
        )
        for seat, person in routed.holders.items()
    ]
    return Drawn(
        what=say(f"set_up.situation.{name}"),
        soon=say(f"urgency.{decision.urgency}"),
        told=tuple(sorted(told, key=lambda one: not one.leads)),
        not_told=tuple(school.people[person].name for person in out if person in school.people),
        bodies=tuple(
            say(f"set_up.level.{level}", body=seat_name(body)) for body, level in decision.levels.items()
        ),
        nobody=tuple(seat_name(seat) for seat in routed.unfilled),
    )


def _ways(school: School, person: PersonId) -> tuple[str, ...]:
    """Return how somebody is reached, in words."""
    one = school.people[person]
    ways = [say(f"set_up.way.{platform}") for platform in one.accounts]
    return (*ways, *([say("set_up.way.phone")] if one.phone else []))
