"""No case waits for anybody who never looks: its timer ends with a person who has opened it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from msgspec.structs import replace

from flows.case import lifecycle
from flows.case.actions import table as do
from flows.case.commands import Escalate
from flows.case.refusals import refuse
from flows.errors import NotAllowed
from flows.messages.phrases import event_line
from flows.model import Change, EventKind, Outcome, Status
from flows.school import PersonId
from tests.flows.matter import ABUSE, AT, DEPUTY, DSL, HEAD, QUESTION, SCHOOL, THREAT, Matter

HOUR = dt.timedelta(hours=1)


def rings(matter: Matter, opened: frozenset[PersonId] = frozenset()) -> Change:
    """Let the case's timer ring, as the worker does; return what came of it."""
    (timer,) = matter.timers.values()
    matter.at = timer.due
    step = replace(matter.step(None), opened=opened)
    change = lifecycle.apply(matter.case, Escalate(again=timer.step > 0), step)
    del matter.timers[timer.key]
    matter.case = matter._keep(change)  # noqa: SLF001 - as its own do() does
    return change


def test_a_case_without_a_limit_is_spoken_of_each_working_morning() -> None:
    """A routine report that nobody opens: said each morning; others are told once its limit is past."""
    matter = Matter(QUESTION)
    mornings = []
    while matter.case.stand_ins == ():
        rings(matter)
        mornings.append(matter.at)
        assert len(mornings) < 10
    assert [f"{at:%a %H:%M}" for at in mornings] == [
        "Wed 08:00", "Thu 08:00", "Fri 08:00", "Mon 08:00", "Tue 08:00", "Wed 08:00",
    ]  # fmt: skip
    kinds = [event.kind for event in matter.events[1:]]
    assert kinds == [EventKind.REMINDED] * 5 + [EventKind.ESCALATED]
    assert matter.case.stand_ins == (DEPUTY,)


@pytest.mark.parametrize("answers", [QUESTION, THREAT])
def test_the_last_rung_repeats_until_somebody_opens_it(answers: dict[str, str]) -> None:
    """Thirty days on it is still said: every morning where it presses, each working morning else."""
    matter = Matter(answers)
    while matter.at < AT + dt.timedelta(days=30):
        rings(matter)
    last = matter.events[-1]
    assert last.kind is EventKind.REMINDED
    assert "Nobody has opened this case yet" in event_line(matter.case, last, SCHOOL)
    (timer,) = matter.timers.values()
    assert timer.due.hour in (7, 8)
    assert [send for send in matter.changes[-1].new_sends if send.broadcast], "the whole channel reads it"
    with pytest.raises(NotAllowed, match=str(refuse("already_opened"))):
        rings(matter, frozenset({matter.case.stand_ins[-1]}))


def test_what_presses_is_said_each_hour_at_first_and_then_every_morning() -> None:
    """Eight hours after the last person was told it is said each hour, then at eight, weekends too."""
    matter = Matter(THREAT)
    said = []
    while matter.at < AT + dt.timedelta(days=5):
        rings(matter)
        if matter.events[-1].kind is EventKind.REMINDED:
            said.append(matter.at)
    assert {after - before for before, after in pairwise(said[:8])} == {HOUR}
    assert [f"{at:%a %H:%M}" for at in said[8:]] == [
        "Wed 08:00", "Thu 08:00", "Fri 08:00", "Sat 08:00", "Sun 08:00", "Mon 08:00",
    ]  # fmt: skip


def test_the_first_morning_comes_on_the_day_that_has_begun() -> None:
    """The hours end in the small hours: it is said again at eight that day, not a day later."""
    matter = Matter(THREAT, at=AT + dt.timedelta(hours=7, minutes=30))
    said = []
    while matter.at < AT + dt.timedelta(days=1):
        rings(matter)
        said.append(f"{matter.at:%a %H:%M}")
    assert said[-3:] == ["Wed 03:30", "Wed 08:00", "Thu 08:00"]


def test_who_opened_it_ends_the_mornings_but_not_an_urgent_ladder() -> None:
    """A same-day case that its leader has opened is left to them; an urgent one wants to be taken on."""
    quiet, urgent = Matter(ABUSE), Matter(THREAT)
    with pytest.raises(NotAllowed):
        rings(quiet, frozenset({HEAD}))
    rings(urgent, frozenset({HEAD}))
    assert urgent.case.stand_ins == (DEPUTY,)
    assert urgent.timers


def test_somebody_who_is_not_told_opens_nothing() -> None:
    """That somebody else looked ends no timer."""
    matter = Matter(ABUSE)
    rings(matter, frozenset({DSL}))
    assert matter.timers


def test_an_urgent_case_that_was_opened_says_once_that_nobody_is_left() -> None:
    """The list is at its end and somebody has read it: said once, and not again every hour."""
    matter = Matter(THREAT)
    for _ in range(20):
        if matter.timers:
            rings(matter, frozenset({HEAD}))
    assert matter.events[-1].facts == {"told": ""}
    assert matter.timers == {}


@pytest.mark.parametrize("status", Status)
def test_every_case_that_waits_has_a_timer(status: Status) -> None:
    """Open and escalated cases wait for somebody; what is taken on or closed does not."""
    matter = Matter(ABUSE)
    if status is Status.ESCALATED:
        matter.case = replace(matter.case, due_at=AT)
        rings(matter)
    elif status is not Status.OPEN:
        matter.do(do.TakeOn(), HEAD)
    if status is Status.CLOSED:
        matter.do(do.RecordLegal(contacted=False, why="Invented."), HEAD)
        matter.do(do.Close(Outcome.MET, "Invented."), HEAD)
        assert matter.timers == {}
        matter.do(do.Reopen("Invented."), HEAD)
    assert bool(matter.timers) is (status is not Status.ACKNOWLEDGED)
