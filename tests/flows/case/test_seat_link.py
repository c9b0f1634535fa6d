"""A link of an e-mail: whose it is, what it is good for at each moment, how often its code may be tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from flows.case import seat_link
from flows.case.actions import table as do
from flows.case.seat_link import APART, CODE_LASTS, CODES, LASTS, TRIES, SeatLink, Standing
from flows.model import Case, Excluded, Exclusion, Source
from flows.school import School, Seat
from tests.flows.matter import ABUSE, AT, CHAIR, DEPUTY, DSL, HEAD, REPORTER, SCHOOL, VICE, Matter

SECOND = dt.timedelta(seconds=1)
CASE = Matter({**ABUSE, "targets": ("headteacher", "pupil")}).case


def link(**changed: object) -> SeatLink:
    """Return a link of the Chair, who leads."""
    made = seat_link.issued(CASE, CHAIR, SCHOOL, AT)
    assert made is not None
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize(
    ("person", "seat"),
    [
        (CHAIR, Seat.CHAIR),
        (DSL, Seat.DSL),
        (HEAD, Seat.HEADTEACHER),  # told, although it is about them
        (VICE, None),
        (REPORTER, None),
    ],
)
def test_who_gets_one(person: str, seat: Seat | None) -> None:
    """Whoever is told, for the seat they are told in; nobody else."""
    made = seat_link.issued(CASE, person, SCHOOL, AT)  # type: ignore[arg-type]
    assert (made.seat if made else None) == seat


def test_who_was_called_in_gets_one_for_a_seat_they_hold() -> None:
    """Whoever is told because nobody answered has no seat in the case, but one of the school."""
    called_in = replace(CASE, stand_ins=(DEPUTY,))
    made = seat_link.issued(called_in, DEPUTY, SCHOOL, AT)
    assert made is not None
    assert made.seat in SCHOOL.seats_of(DEPUTY)


def _stands(case: Case, school: School) -> tuple[Case | None, School | None]:
    return case, school


def _no_case(case: Case, school: School) -> tuple[Case | None, School | None]:
    del case
    return None, school


def _no_school(case: Case, school: School) -> tuple[Case | None, School | None]:
    del school
    return case, None


def _seat_lost(case: Case, school: School) -> tuple[Case | None, School | None]:
    return case, replace(school, seats={**school.seats, Seat.CHAIR: (VICE,)})


def _kept_out(case: Case, school: School) -> tuple[Case | None, School | None]:
    made = Exclusion(why=Excluded.KEPT_OUT, source=Source.LEADER, at=AT)
    return replace(case, recused={**case.recused, CHAIR: made}), school


def _other_seat(case: Case, school: School) -> tuple[Case | None, School | None]:
    seats = {**school.seats, Seat.CHAIR: (VICE,), Seat.ON_CALL: (CHAIR,)}
    holders = {**case.holders, Seat.ON_CALL: CHAIR}
    return replace(case, holders=holders), replace(school, seats=seats)


def _ended(case: Case, school: School) -> tuple[Case | None, School | None]:
    return replace(case, links_ended_at=AT), school


def _ended_before(case: Case, school: School) -> tuple[Case | None, School | None]:
    return replace(case, links_ended_at=AT - SECOND), school


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize(
    ("given", "world", "after", "found"),
    [
        (link(), _stands, 0 * SECOND, Standing.FRESH),
        (link(), _stands, LASTS - SECOND, Standing.FRESH),
        (link(), _stands, LASTS, Standing.TOO_OLD),
        (link(opened_at=AT), _stands, SECOND, Standing.OPENED),
        (link(opened_at=AT), _stands, LASTS, Standing.TOO_OLD),
        (link(), _no_case, SECOND, Standing.NOT_THEIRS),
        (link(), _no_school, SECOND, Standing.NOT_THEIRS),
        (link(), _seat_lost, SECOND, Standing.NOT_THEIRS),
        (link(), _kept_out, SECOND, Standing.NOT_THEIRS),
        (link(), _other_seat, SECOND, Standing.NOT_THEIRS),
        (link(opened_at=AT), _kept_out, LASTS, Standing.NOT_THEIRS),
        (link(), _ended, SECOND, Standing.ENDED),
        (link(opened_at=AT), _ended, SECOND, Standing.ENDED),
        (link(), _ended_before, SECOND, Standing.FRESH),
    ],
)
def test_how_it_stands(
    given: SeatLink,
    world: Callable[[Case, School], tuple[Case | None, School | None]],
    after: dt.timedelta,
    found: Standing,
) -> None:
    """The seat, the access, an end that somebody made, its age and its use are asked at each use."""
    case, school = world(CASE, SCHOOL)
    assert seat_link.standing(given, case, school, AT + after) is found


def test_whoever_leads_ends_all_that_were_sent() -> None:
    """The action marks the moment; a link that is made after it is good again."""
    matter = Matter({**ABUSE, "targets": ("headteacher", "pupil")})
    matter.do(do.EndLinks("An e-mail was forwarded."), CHAIR)
    old = replace(link(), issued_at=matter.at)
    assert seat_link.standing(old, matter.case, SCHOOL, matter.at) is Standing.ENDED
    new = replace(old, issued_at=matter.at + SECOND)
    assert seat_link.standing(new, matter.case, SCHOOL, matter.at + SECOND) is Standing.FRESH


def test_so_many_codes_so_far_apart() -> None:
    """One every half minute, five in all; each makes those before it worthless."""
    now, current = AT, link()
    for number in range(1, CODES + 1):
        after = seat_link.asked(current, now)
        assert after is not None
        assert (after.codes, after.asked_at, after.tries) == (number, now, 0)
        assert seat_link.asked(after, now + APART - SECOND) is None
        now, current = now + APART, replace(after, tries=3)
    assert seat_link.asked(current, now + LASTS) is None


@pytest.mark.parametrize(
    ("asked_at", "tries", "right", "opens"),
    [
        (AT, 0, True, True),
        (AT, TRIES - 1, True, True),
        (AT, TRIES, True, False),
        (AT, 0, False, False),
        (None, 0, True, False),
        (AT - CODE_LASTS, 0, True, False),
        (AT - CODE_LASTS + SECOND, 0, True, True),
    ],
)
def test_what_a_try_does(asked_at: dt.datetime | None, tries: int, *, right: bool, opens: bool) -> None:
    """It opens with the right code, in time, among the first five tries; else it is one try more."""
    after = seat_link.tried(link(asked_at=asked_at, codes=1, tries=tries), AT, right=right)
    assert (after.opened_at == AT) is opens
    assert after.tries == (tries if opens else tries + 1)
