"""What the access matrix does not reach: another school, nobody at all, and lists that agree with cases."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.commands import Escalate
from flows.model import Action, Named, Relation
from flows.model import Capability as Can
from flows.school import PersonId, SchoolId, Seat
from tests.flows.matter import ABUSE, CHILD, DEPUTY, DSL, HEAD, REPORTER, SCHOOL, THREAT, Matter, row

PEOPLE = sorted(SCHOOL.people)
#: The school as it is, and on a day when others hold its seats.
SCHOOLS = [
    SCHOOL,
    replace(
        SCHOOL, seats={**SCHOOL.seats, Seat.HEADTEACHER: (DEPUTY,), Seat.DSL: (), Seat.CHAIR: (REPORTER,)}
    ),
    replace(SCHOOL, seats={**SCHOOL.seats, Seat.TRUST_LEAD: (REPORTER, DSL)}),
]


@pytest.mark.parametrize("person", PEOPLE)
def test_another_school_sees_nothing(person: PersonId) -> None:
    """Asked with another school, even the lead, the reporter and the administrator are nobody."""
    case = replace(Matter(ABUSE).case, school=SchoolId("another"))
    assert access.relations(case, person, SCHOOL, in_channel=True) == {Relation.OTHER}
    assert not any(access.may(case, person, SCHOOL, can, in_channel=True) for can in Can)


def test_nobody_may_nothing() -> None:
    """Without a person nothing is allowed, not even to clear a hold of a case that has no DSL."""
    case = Matter(THREAT).case
    assert access.relations(case, None, SCHOOL) == {Relation.OTHER}
    assert not any(access.may(case, None, SCHOOL, can) for can in Can)
    assert not any(access.may_do(case, None, SCHOOL, action) for action in Action)


@pytest.mark.parametrize(
    "answers", [ABUSE, CHILD, {**ABUSE, "poster": ("headteacher",)}, {**ABUSE, "targets": ("headteacher",)}]
)
@pytest.mark.parametrize("in_channel", [False, True])
def test_lists_agree_with_cases(answers: dict[str, tuple[str, ...]], in_channel: bool) -> None:  # noqa: FBT001 - a table
    """A list shows a row to exactly those who may know of its case, without opening it."""
    case = Matter(answers, named=Named(kept_out=(DSL,))).case
    for person, school in product(PEOPLE, SCHOOLS):
        may_know = access.may(case, person, school, Can.KNOW, in_channel=in_channel)
        assert access.may_know_row(row(case), person, school, in_channel=in_channel) is may_know, person


@pytest.mark.parametrize(
    ("answers", "looks"), [(ABUSE, True), ({**ABUSE, "poster": ("headteacher",)}, False)]
)
def test_who_looks_on_for_the_trust(answers: dict[str, tuple[str, ...]], looks: bool) -> None:  # noqa: FBT001 - a table
    """Where the school's own file names them they read; of what is kept apart they know nothing."""
    case = Matter(answers).case
    school = replace(SCHOOL, seats={**SCHOOL.seats, Seat.TRUST_LEAD: (REPORTER,)})
    assert (Relation.OVERSEES in access.relations(case, REPORTER, school)) is looks
    assert access.may(case, REPORTER, school, Can.READ) is looks
    assert not access.may(case, REPORTER, school, Can.NOTE)
    assert not access.may(case, REPORTER, SCHOOL, Can.READ)


def test_who_was_called_in_finds_the_case_in_their_list() -> None:
    """Told because nobody answered: the case stands in the deputy's list, in nobody else's."""
    matter = Matter(THREAT)
    before = {p for p in PEOPLE if access.may_know_row(row(matter.case), p, SCHOOL, in_channel=False)}
    matter.do(Escalate())
    after = {p for p in PEOPLE if access.may_know_row(row(matter.case), p, SCHOOL, in_channel=False)}
    assert after - before == {DEPUTY}


def test_who_clears_a_safeguarding_hold() -> None:
    """The DSL who was told clears it although they do not lead; the lead may; others may not."""
    case = Matter({**CHILD, "targets": ("pupil",)}).case
    allowed = {p for p in PEOPLE if access.may_do(case, p, SCHOOL, Action.CLEAR_HOLD)}
    assert allowed == {HEAD, DSL}
    plain = replace(case, hold_safeguarding=False)
    assert {p for p in PEOPLE if access.may_do(plain, p, SCHOOL, Action.CLEAR_HOLD)} == {HEAD}


def test_a_stand_in_leads_until_they_step_out() -> None:
    """Who was told because nobody answered may decide; after a conflict they may nothing."""
    matter = Matter(THREAT)
    matter.do(Escalate())
    assert access.may_do(matter.case, DEPUTY, SCHOOL, Action.CLOSE)
    matter.do(do.HaveConflict(), DEPUTY)
    assert not any(access.may_do(matter.case, DEPUTY, SCHOOL, action) for action in Action)


def test_a_reporter_who_posted_it_keeps_their_own_report() -> None:
    """Excluded from the case, they still see their own report, add to it and withdraw a wrong tick."""
    case = Matter({**ABUSE, "reporter_link": ("is_poster",)}).case
    allowed = {action for action in Action if access.may_do(case, REPORTER, SCHOOL, action)}
    assert allowed == {Action.ADD, Action.AMEND, Action.SUPPORT}
