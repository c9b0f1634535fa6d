"""The table of what follows each answer: whole, and with the promises that no row may break."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.delivery.follows import FOLLOWS, LATE, Follows, Sign, late
from flows.delivery.sends import rank, takes_back
from flows.errors import Response
from flows.model import Message, Urgency, Way
from tests.fakes import FakeClock
from tests.storage import samples as s

NOW = FakeClock().at
#: what does not concern the message itself
OF_THE_PLATFORM = (Response.PERHAPS, Response.BUSY, Response.UNREACHABLE, Response.CONNECTION)


def test_every_answer_has_a_row() -> None:
    """The set is closed: each answer has what follows, and each thing that may follow is used."""
    assert set(FOLLOWS) == set(Response)
    assert {step for row in FOLLOWS.values() for step in row.follows} == set(Follows)


@pytest.mark.parametrize("response", Response)
def test_what_no_row_may_break(response: Response) -> None:
    """What concerns the platform uses nothing up and moves nothing; all else ends told."""
    row = FOLLOWS[response]
    if response in (Response.ADDRESS, Response.NOBODY):
        assert not row.ends, "it may be put right"
        assert row.late
        assert row.follows[0] is Follows.AGAIN
        assert row.follows[-1] is Follows.TELL, "an alert is not tried again, and people are told"
    elif response in OF_THE_PLATFORM:
        assert not row.ends
        assert row.late
        assert not {Follows.MOVE, Follows.PLAIN, Follows.TELL} & set(row.follows)
    elif response is not Response.TAKEN:
        assert row.ends
        assert row.follows[-1] is Follows.TELL, "somebody hears of it in the end"
    assert (Follows.MOVE in row.follows) <= (response in (Response.PLACE, Response.MESSAGE))
    if response is Response.MESSAGE:
        assert row.follows[0] is Follows.PLAIN, "a place is left only if it takes not even the summary"
    assert (row.sign is Sign.REFUSES) is (response is Response.CONNECTION)


@pytest.mark.parametrize(
    ("response", "urgency", "waited", "told"),
    [
        (Response.BUSY, Urgency.URGENT, 1, False),
        (Response.BUSY, Urgency.URGENT, 2, True),
        (Response.PERHAPS, Urgency.EMERGENCY, 2, True),
        (Response.PERHAPS, Urgency.SAME_DAY, 9, False),
        (Response.UNREACHABLE, Urgency.ROUTINE, 10, True),
        (Response.CONNECTION, Urgency.ROUTINE, 0, True),
        (Response.ADDRESS, Urgency.ROUTINE, 0, True),
        (Response.PLACE, Urgency.URGENT, 60, False),
    ],
)
def test_when_people_are_told(response: Response, urgency: Urgency, waited: int, *, told: bool) -> None:
    """What presses is told after two minutes, the rest after ten, a refused connection at once; once only."""
    send = replace(s.send(1, "a", due=NOW), urgency=urgency)
    now = NOW + dt.timedelta(minutes=waited)
    assert late(send, response, now) is told
    assert late(replace(send, due=now, waits_since=NOW), response, now) is told
    assert not late(replace(send, late=True), response, now)
    assert LATE[True] < LATE[False]


def test_what_goes_first() -> None:
    """Taking back goes before everything, then the more urgent."""
    plain = s.send(1, "a", due=NOW)
    back = replace(plain, message=Message.WITHDRAWN, way=Way.EDIT)
    ranks = [rank(back), *(rank(replace(plain, urgency=urgency)) for urgency in reversed(Urgency))]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4, "what does not press goes by its age"
    assert takes_back(replace(plain, message=Message.DIGEST, way=Way.EDIT))
    assert not takes_back(plain)
    assert [urgency for urgency in Urgency if urgency.presses] == [
        Urgency.URGENT,
        Urgency.EMERGENCY,
    ]
