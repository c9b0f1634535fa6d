"""From seats to people: who answers when somebody is away, and when somebody must not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from typing import Any

import pytest
from msgspec.structs import replace

from flows.model import Answer, Decision, Excluded, Named, Urgency
from flows.policy.assessment import assess
from flows.policy.engine import decide, default_policy
from flows.policy.routing import Routed, affected_people, ladder, missing, recused, route
from flows.school import Away, PersonId, School, Seat
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    HEAD,
    REPORTER,
    SCHOOL,
    SUBSTITUTE,
    VICE,
    report,
)

TODAY = AT.date()


def decision(*seats: Seat, leads: Seat | None = Seat.HEADTEACHER) -> Decision:
    """Return a decision that tells these seats."""
    return Decision(
        notify=tuple(sorted((*seats, "legal", "police"))),
        urgency=Urgency.SAME_DAY,
        leads=leads,
        actions=(),
        reasons=(),
        policy_version="x",
    )


BOTH = decision(Seat.HEADTEACHER, Seat.DSL)


def away(*people: PersonId) -> School:
    """Return the school on a day when these people are away."""
    return replace(SCHOOL, away=tuple(Away(person, TODAY, TODAY) for person in people))


def routed(
    *out: PersonId,
    asked: Decision = BOTH,
    school: School = SCHOOL,
    targets: Sequence[PersonId] = (),
    before: Mapping[Seat, PersonId] | None = None,
) -> Routed:
    """Return who answers without these people."""
    without = dict.fromkeys(out, Excluded.POSTER)
    about = report({}, named=Named(target=tuple(targets)))
    return route(asked, about, school, without=without, on=TODAY, before=before)


@pytest.mark.parametrize(
    ("out", "holders", "lead", "unfilled"),
    [
        ((), {"headteacher": HEAD, "dsl": DSL}, "headteacher", ()),
        ((HEAD,), {"chair_of_governors": CHAIR, "dsl": DSL}, "chair_of_governors", ()),
        ((HEAD, CHAIR), {"vice_chair": VICE, "dsl": DSL}, "vice_chair", ()),
        ((HEAD, CHAIR, VICE), {"substitute_governor": SUBSTITUTE, "dsl": DSL}, "substitute_governor", ()),
        ((HEAD, CHAIR, VICE, SUBSTITUTE), {"dsl": DSL}, "dsl", ("headteacher",)),
        ((HEAD, CHAIR, VICE, SUBSTITUTE, DSL), {"deputy_dsl": DEPUTY_DSL}, "deputy_dsl", ("headteacher",)),
        ((HEAD, CHAIR, VICE, SUBSTITUTE, DSL, DEPUTY_DSL), {}, None, ("dsl", "headteacher")),
        ((DSL,), {"headteacher": HEAD, "deputy_dsl": DEPUTY_DSL}, "headteacher", ()),
        ((CHAIR,), {"headteacher": HEAD, "dsl": DSL}, "headteacher", ()),
        ((DEPUTY,), {"headteacher": HEAD, "dsl": DSL}, "headteacher", ()),
    ],
)
def test_one_after_another_is_out(
    out: tuple[PersonId, ...], holders: dict[str, PersonId], lead: str | None, unfilled: tuple[str, ...]
) -> None:
    """The substitute takes over from whoever must not know; at the end nobody is left, and that is said."""
    found = routed(*out)
    assert (found.holders, found.lead, found.unfilled) == (holders, lead, unfilled)
    assert missing(BOTH, found.holders) is bool(unfilled)


@pytest.mark.parametrize(
    ("gone", "out", "holders", "lead"),
    [
        ((HEAD,), (), {"deputy_headteacher": DEPUTY, "dsl": DSL}, "deputy_headteacher"),
        ((HEAD,), (HEAD,), {"chair_of_governors": CHAIR, "dsl": DSL}, "chair_of_governors"),
        ((HEAD,), (DEPUTY,), {"headteacher": HEAD, "dsl": DSL}, "headteacher"),
        ((DSL,), (), {"headteacher": HEAD, "dsl": DSL}, "headteacher"),
        ((HEAD, DEPUTY), (), {"deputy_headteacher": DEPUTY, "dsl": DSL}, "deputy_headteacher"),
    ],
)
def test_absences(
    gone: tuple[PersonId, ...], out: tuple[PersonId, ...], holders: dict[str, PersonId], lead: str
) -> None:
    """A deputy stands in for an absent Headteacher, never for one in conflict; the last one left is told."""
    found = routed(*out, school=away(*gone))
    assert (found.holders, found.lead) == (holders, lead)
    assert not missing(BOTH, found.holders)


def test_nobody_stands_in_for_an_absent_target() -> None:
    """An absent Headteacher whom the posting is about is told, and the Chair leads: not their deputy."""
    found = routed(school=away(HEAD), targets=(HEAD,))
    assert (found.lead, found.affected) == (Seat.CHAIR, (HEAD,))
    assert DEPUTY not in found.holders.values()


@pytest.mark.parametrize(
    ("targets", "out", "lead"),
    [
        ((HEAD,), (), Seat.CHAIR),
        ((HEAD, CHAIR), (), Seat.VICE_CHAIR),
        ((HEAD,), (CHAIR, VICE, SUBSTITUTE), Seat.DSL),
        ((HEAD, DSL), (CHAIR, VICE, SUBSTITUTE), None),
    ],
)
def test_whom_it_is_about_never_leads(
    targets: tuple[PersonId, ...], out: tuple[PersonId, ...], lead: Seat | None
) -> None:
    """Named as the target at the door, somebody is told, but leads neither by their seat nor as the last."""
    found = routed(*out, targets=targets)
    assert found.lead == lead
    assert set(found.affected) == set(targets) & set(found.holders.values())


def test_in_every_combination() -> None:
    """Whoever is out and whoever it is about: nobody out is told, nobody affected leads."""
    people = (HEAD, DSL, DEPUTY_DSL, CHAIR, VICE, SUBSTITUTE)
    some = list(chain.from_iterable(combinations(people, n) for n in range(len(people) + 1)))
    for out in some:
        for targets in some[:22]:
            found = routed(*out, targets=targets)
            assert not set(found.holders.values()) & set(out)
            assert found.lead is None or found.holders[found.lead] not in targets
            assert (found.lead is None) == (set(found.holders.values()) <= set(targets))


def test_nobody_leads_what_nobody_is_told_of() -> None:
    """A decision without a lead has none."""
    assert routed(asked=decision(leads=None)).lead is None


def test_who_was_told_stays() -> None:
    """The next day takes nobody off: a deputy who stood in stays, unless they must not know."""
    before = routed(school=away(HEAD)).holders
    later = routed(before=before)
    assert later.holders == {Seat.DEPUTY_HEADTEACHER: DEPUTY, Seat.HEADTEACHER: HEAD, Seat.DSL: DSL}
    assert DEPUTY not in routed(DEPUTY, before=before).holders.values()


#: Of whom a report does not say whether it is about them, where it accuses a governor, or *staff*.
GOVERNORS = dict.fromkeys((VICE, SUBSTITUTE), "not_cleared")
WHO_MAY_BE_STAFF = dict.fromkeys((DSL, DEPUTY_DSL, DEPUTY), "not_cleared")


@pytest.mark.parametrize(
    ("answers", "named", "out"),
    [
        ({}, {}, {}),
        ({"poster": ("headteacher",)}, {}, {HEAD: "poster"}),
        ({"poster": ("chair",)}, {}, {CHAIR: "poster"}),
        ({"poster": ("governor",)}, {"poster": (VICE,)}, {VICE: "poster"}),
        ({"staff_allegation": ("headteacher",)}, {}, {HEAD: "accused"}),
        ({"staff_allegation": ("chair",)}, {}, {CHAIR: "accused"}),
        ({"staff_allegation": ("staff",)}, {"accused": (DEPUTY,)}, {DEPUTY: "accused"}),
        ({"staff_allegation": ("staff",)}, {}, WHO_MAY_BE_STAFF),
        ({"staff_allegation": ("staff",)}, {"someone_else": ("accused",)}, {}),
        ({"staff_allegation": ("staff",)}, {"someone_else": ("poster",)}, WHO_MAY_BE_STAFF),
        ({"staff_allegation": ("governor",)}, {}, GOVERNORS),
        (
            {"staff_allegation": ("not_sure",)},
            {},
            {**WHO_MAY_BE_STAFF, **GOVERNORS},
        ),
        (
            {"staff_allegation": ("headteacher", "staff")},
            {"accused": (HEAD,)},
            {HEAD: "accused", **WHO_MAY_BE_STAFF},
        ),
        ({"staff_allegation": ("staff",)}, {"accused": (DSL,)}, {DSL: "accused"}),
        ({"poster": ("staff",), "child_at_risk": "yes"}, {}, WHO_MAY_BE_STAFF),
        ({"poster": ("staff",), "child_at_risk": "yes"}, {"poster": (DSL,)}, {DSL: "poster"}),
        ({"poster": ("staff",), "child_at_risk": "yes"}, {"someone_else": ("poster",)}, {}),
        (
            {"poster": ("governor",), "sexual_imagery_child": "not_sure"},
            {},
            GOVERNORS,
        ),
        (
            {"poster": ("staff",), "child_at_risk": "yes", "reporter_link": ("is_poster",)},
            {},
            {REPORTER: "poster"},
        ),
        ({"poster": ("staff",), "nature": ("abusive",)}, {}, WHO_MAY_BE_STAFF),
        ({"poster": ("staff",), "nature": ("abusive",)}, {"someone_else": ("poster",)}, {}),
        ({"poster": ("governor",), "nature": ("abusive",)}, {}, GOVERNORS),
        ({"poster": ("staff",), "nature": ("genuine_concern",)}, {}, {}),
        ({"text_flags": ("staff_allegation",)}, {"someone_else": ("accused",)}, {}),
        (
            {"keep_from": ("headteacher", "dsl", "chair", "vice_chair")},
            {},
            dict.fromkeys((HEAD, DSL, CHAIR, VICE), "kept_out"),
        ),
        ({}, {"kept_out": (DEPUTY,)}, {DEPUTY: "kept_out"}),
        ({"keep_from": ("headteacher",), "poster": ("headteacher",)}, {}, {HEAD: "poster"}),
        ({"reporter_link": ("is_poster",)}, {}, {REPORTER: "poster"}),
        ({"unfinished": "yes"}, {}, {HEAD: "not_cleared"}),
        ({"unfinished": "yes", "staff_allegation": ()}, {}, {}),
        ({"unfinished": "yes", "keep_from": ("headteacher",)}, {}, {HEAD: "kept_out"}),
    ],
)
def test_who_must_not_know(
    answers: dict[str, Answer], named: dict[str, tuple[Any, ...]], out: dict[PersonId, str]
) -> None:
    """The poster, the accused and the kept out – by role or by name – are out, each with the reason."""
    unfinished = "unfinished" in answers
    given = {key: value for key, value in answers.items() if key != "unfinished"}
    facts = assess(given, unfinished=unfinished)
    assert recused(report(given, named=Named(**named)), facts, decide(default_policy(), facts), SCHOOL) == out


@pytest.mark.parametrize(
    ("answers", "seat", "first", "why"),
    [
        ({"staff_allegation": ("headteacher",)}, Seat.HEADTEACHER, HEAD, "accused"),
        ({"staff_allegation": ("chair",)}, Seat.CHAIR, CHAIR, "accused"),
        ({"poster": ("headteacher",)}, Seat.HEADTEACHER, HEAD, "poster"),
        ({"poster": ("chair",)}, Seat.CHAIR, CHAIR, "poster"),
        ({"keep_from": ("headteacher",)}, Seat.HEADTEACHER, HEAD, "kept_out"),
        ({"keep_from": ("dsl",)}, Seat.DSL, DSL, "kept_out"),
        ({"keep_from": ("chair",)}, Seat.CHAIR, CHAIR, "kept_out"),
        ({"keep_from": ("vice_chair",)}, Seat.VICE_CHAIR, VICE, "kept_out"),
    ],
)
def test_of_two_in_a_seat_both_are_out_unless_the_reporter_said_which(
    answers: dict[str, Answer], seat: Seat, first: PersonId, why: str
) -> None:
    """Two hold the seat: *the Headteacher* may be either, so both are out; named, it is the one who is."""
    second = PersonId("jo")
    shared = replace(SCHOOL, seats={**SCHOOL.seats, seat: (first, second)})
    assert recused(report(answers), assess(answers), decision(), shared) == {first: why, second: why}
    for one in (first, second):
        named = Named(poster=(one,), accused=(one,), kept_out=(one,))
        assert set(recused(report(answers, named=named), assess(answers), decision(), shared)) == {one}


def test_of_two_in_a_seat_who_posted_it_themselves_is_out() -> None:
    """One of two Headteachers reports their own posting: they have said which, and the other leads."""
    answers = {"poster": ("headteacher",), "reporter_link": ("is_poster",)}
    shared = replace(SCHOOL, seats={**SCHOOL.seats, Seat.HEADTEACHER: (HEAD, REPORTER)})
    assert recused(report(answers), assess(answers), decision(), shared) == {REPORTER: "poster"}


@pytest.mark.parametrize("role", ["headteacher", "chair"])
def test_of_two_in_a_seat_both_are_the_target(role: str) -> None:
    """The posting is about *the Headteacher*: neither of the two leads it, unless it is said which it is."""
    seat, first = {"headteacher": (Seat.HEADTEACHER, HEAD), "chair": (Seat.CHAIR, CHAIR)}[role]
    second = PersonId("jo")
    shared = replace(SCHOOL, seats={**SCHOOL.seats, seat: (first, second)})
    assert affected_people(report({"targets": (role,)}), shared) == {first, second}
    assert affected_people(report({"targets": (role,)}, named=Named(target=(second,))), shared) == {second}
    own = report({"targets": (role,), "reporter_link": ("is_target",)}, reporter=second)
    assert affected_people(own, shared) == {second}


def test_a_person_drops_out_of_every_seat_they_hold() -> None:
    """A DSL who is the Headteacher as well is out of both."""
    small = replace(SCHOOL, seats={**SCHOOL.seats, Seat.DSL: (HEAD,)})
    found = routed(HEAD, school=small)
    assert found.holders == {Seat.DEPUTY_DSL: DEPUTY_DSL, Seat.CHAIR: CHAIR}


@pytest.mark.parametrize(
    ("answers", "about"),
    [
        ({"targets": ("headteacher",)}, {HEAD}),
        ({"targets": ("chair", "pupil")}, {CHAIR}),
        ({"targets": ("staff",), "reporter_link": ("is_target",)}, {REPORTER}),
        ({"targets": ("school",)}, set()),
    ],
)
def test_whom_it_is_about(answers: dict[str, Answer], about: set[PersonId]) -> None:
    """The holder of a seat that is the target, and a reporter who is, are who it is about."""
    assert affected_people(report(answers), SCHOOL) == about


def test_the_ladder() -> None:
    """The lead's own list, the deputy, who is on call, the substitutes; each once; then nobody."""
    told: list[PersonId] = [HEAD]
    while (person := ladder(SCHOOL, Seat.HEADTEACHER, told=told, without=(CHAIR,))) is not None:
        told.append(person)
    assert told == [HEAD, DEPUTY, DSL, VICE, SUBSTITUTE]
    assert ladder(SCHOOL, None, told=(), without=()) is None
    assert ladder(SCHOOL, Seat.DEPUTY_HEADTEACHER, told=(), without=()) == DEPUTY


def test_the_policy_only_asks_for_seats_that_have_a_row() -> None:
    """Every seat a decision can tell has its line of substitutes, also when the report was cut short."""
    for answers in (
        ABUSE,
        {"targets": ("headteacher", "chair", "pupil")},
        {"keep_from": ("dsl", "vice_chair")},
    ):
        for unfinished in (False, True):
            asked = decide(default_policy(), assess(answers, unfinished=unfinished))
            assert not missing(asked, routed(asked=asked).holders)


def test_a_day_is_the_schools() -> None:
    """An absence counts its first and last day, and no other."""
    there = replace(SCHOOL, away=(Away(HEAD, TODAY, TODAY),))
    for days, lead in ((-1, Seat.HEADTEACHER), (0, Seat.DEPUTY_HEADTEACHER), (1, Seat.HEADTEACHER)):
        found = route(BOTH, report({}), there, without={}, on=TODAY + dt.timedelta(days))
        assert found.lead is lead
