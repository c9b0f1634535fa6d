"""Lists and the digest: what comes first, what is counted, what is only a number."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.messages import lists
from flows.messages.digest import Week, digest
from flows.model import (
    Status,
    Urgency,
)
from flows.school import Seat
from flows.ui.cards import Bullets, Small, Text, buttons_of
from flows.ui.intents import Ask, ChatCommand
from flows.ui.plain_text import card_text
from flows.words import known
from tests.flows.examples import (
    worked,
)
from tests.flows.matter import (
    ABUSE,
    AT,
    SCHOOL,
    THREAT,
    Matter,
    listed,
    row,
)

# -- lists -------------------------------------------------------------------------------------------


def test_a_long_digest_says_how_much_more_there_is() -> None:
    """Fifteen lines, then how many are left out."""
    rows = [row(Matter(ABUSE).case, reference=f"HPS-2026-{n:03}") for n in range(lists.MOST + 3)]
    week = digest(rows, SCHOOL, AT, Week(week="2026-W48", due=AT))
    lines = [block.lines for block in week.blocks if isinstance(block, Bullets)]
    assert [(len(each), each[-1]) for each in lines] == [(lists.MOST + 1, "and 3 more")] * 2


def test_the_most_pressing_is_first() -> None:
    """Not taken on comes first, then the more urgent, then the older."""
    case = Matter(ABUSE).case
    later = AT + dt.timedelta(hours=1)
    rows = [
        row(case, reference="taken on", status=Status.ACKNOWLEDGED, urgency=Urgency.EMERGENCY),
        row(case, reference="younger", urgency=Urgency.URGENT, opened_at=later),
        row(case, reference="older", urgency=Urgency.URGENT),
        row(case, reference="routine", status=Status.ESCALATED, urgency=Urgency.ROUTINE),
    ]
    lines = [b.text.split(" ·")[0] for b in listed(rows).blocks if isinstance(b, Text)]
    assert lines == ["older", "younger", "routine", "taken on"]


def test_a_case_kept_apart_is_a_bare_number() -> None:
    """A restricted case has no line in any digest: it counts, where it is handed in at all."""
    apart = row(Matter({**ABUSE, "poster": ("headteacher",)}).case)
    assert apart.restricted
    card = digest([apart], SCHOOL, AT, Week(week="2026-W48", due=AT))
    assert Small("Cases kept apart from this channel: 1") in card.blocks
    assert apart.reference not in card_text(card)


def test_the_digest_counts() -> None:
    """Open, new, overdue, held and closed are counted; what closed long ago is not."""
    old = row(worked().case, closed_at=AT - dt.timedelta(days=8))
    recent = row(worked().case)
    threat = row(Matter(THREAT).case, due_at=AT - dt.timedelta(hours=1))
    card = digest([old, recent, threat], SCHOOL, AT, Week(week="2026-W48", due=AT))
    assert Text("1 open · 3 new · 1 closed · 1 with contact on hold · 1 overdue") in card.blocks


def test_which_school() -> None:
    """Somebody of several schools is asked which; what they had typed is still there."""
    other = replace(SCHOOL, id="DPS", name="Dale Invented School")
    form = lists.which_school([SCHOOL, other], "Typed before.")
    offered = [option.label for option in form.fields[0].options]  # type: ignore[union-attr]
    assert offered == [f"1 · {SCHOOL.name}", f"2 · {other.name}"]
    assert form.fields[1].value == "Typed before."  # type: ignore[union-attr]


@pytest.mark.parametrize(("argument", "carried"), [("Sam Tester", " Sam Tester"), ("", ""), ("x" * 280, "")])
def test_which_school_something_is_asked_of(argument: str, carried: str) -> None:
    """Each school is a button that asks it of that school; what no button carries is asked for once more."""
    other = replace(SCHOOL, id="DPS", name="Dale Invented School", prefix="DPS")
    card = lists.which_of([SCHOOL, other], ChatCommand.SUBJECT, argument)
    found = [(one.label, one.intent) for one in buttons_of(card)]
    assert found == [
        (school.name, Ask(ChatCommand.SUBJECT, f"{school.prefix}-20{carried}")) for school in (SCHOOL, other)
    ]


def test_seats_have_words() -> None:
    """Every seat and every kind of every policy row has its words."""
    assert all(known(f"seat.{seat}") for seat in Seat)
