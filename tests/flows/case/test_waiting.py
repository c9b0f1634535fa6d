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
from flows.model import Change, EventKind, Message, Outcome, Status, Way
from flows.school import PersonId, Platform
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    SCHOOL,
    SUBSTITUTE,
    THREAT,
    VICE,
    Matter,
    asking,
)

HOUR = dt.timedelta(hours=1)
ON_SLACK_TOO = replace(
    SCHOOL,
    people={
        one.id: replace(one, accounts={**one.accounts, Platform.SLACK: f"U-{one.id}"})
        for one in SCHOOL.people.values()
    },
)


def rings(matter: Matter, opened: frozenset[PersonId] = frozenset()) -> Change:
    """Let the case's timer ring, as the worker does; return what came of it."""
    (timer,) = asking(matter.timers.values())
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
    (again,) = (send for send in matter.changes[-1].new_sends if send.message is Message.REMINDER)
    assert again.person in {*matter.case.holders.values(), *matter.case.stand_ins}
    (timer,) = asking(matter.timers.values())
    assert timer.due.hour in (7, 8)
    assert [send for send in matter.changes[-1].new_sends if send.broadcast], "the whole channel reads it"
    rings(matter, frozenset({matter.case.stand_ins[-1]}))
    assert "Nobody has taken this case on yet" in event_line(matter.case, matter.events[-1], SCHOOL)


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
    """A case that its leader has opened is left to them until its day; an urgent one wants to be taken on."""
    quiet, urgent = Matter(QUESTION), Matter(THREAT)
    with pytest.raises(NotAllowed, match=str(refuse("already_opened"))):
        rings(quiet, frozenset({HEAD}))
    rings(urgent, frozenset({HEAD}))
    assert urgent.case.stand_ins == (DEPUTY,)
    assert urgent.timers


def test_somebody_who_is_not_told_opens_nothing() -> None:
    """That somebody else looked ends no timer."""
    matter = Matter(ABUSE)
    rings(matter, frozenset({DSL}))
    assert asking(matter.timers.values())


@pytest.mark.feature("ladder")
@pytest.mark.parametrize("answers", [ABUSE, THREAT])
def test_that_somebody_opened_it_does_not_end_the_ladder(answers: dict[str, str]) -> None:
    """Late, and nobody takes it on although it was read: each person hears, then everybody again for ever.

    At its end it says whom to ring outside, by name and number, to each of them.
    """
    matter = Matter(answers, platforms=(Platform.SLACK, Platform.WEB), school=ON_SLACK_TOO)
    for _ in range(20):
        rings(matter, frozenset({HEAD}))
    assert matter.case.stand_ins == (DEPUTY, DSL, CHAIR, VICE, SUBSTITUTE)
    end = next(event for event in matter.events if event.facts == {"told": ""})
    assert SCHOOL.fallback_contact.phone in event_line(matter.case, end, SCHOOL)
    assert SCHOOL.fallback_contact.name in event_line(matter.case, end, SCHOOL)
    last = next(change for change in matter.changes if end in change.events)
    said = [send for send in last.new_sends if send.message is Message.REMINDER]
    everybody = (*matter.case.holders.values(), *matter.case.stand_ins)
    ways = {(person, platform) for person in everybody for platform in matter.platforms}
    assert {(send.person, send.platform) for send in said} == ways
    after = matter.changes[matter.changes.index(last) + 1 :]
    again = [s.person for change in after for s in change.new_sends if s.message is Message.REMINDER]
    assert {*again} == {*everybody}, "one after the other"
    assert asking(matter.timers.values()), "and it begins again"


def test_whoever_is_called_in_is_told_on_every_channel_they_have() -> None:
    """A rude word is told on one platform; who was called in for it hears of it on both."""
    matter = Matter(ABUSE, platforms=(Platform.SLACK, Platform.WEB), school=ON_SLACK_TOO)
    rings(matter)
    notices = [
        send for send in matter.sends.values() if send.message is Message.NOTICE and send.way is Way.DIRECT
    ]
    assert [send.platform for send in notices if send.person == HEAD] == [Platform.SLACK]
    assert [send.platform for send in notices if send.person == DEPUTY] == [Platform.SLACK, Platform.WEB]


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
    assert bool(asking(matter.timers.values())) is (status is not Status.ACKNOWLEDGED)
