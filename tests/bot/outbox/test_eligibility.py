"""Whether a message may go: who reads where it goes, and whether what it says is still so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from bot.directory import SchoolDirectory
from bot.outbox.eligibility import (
    may_go,
    other_ways,
    overtaken,
    readers,
    tells,
    trouble,
    unfit,
    where_it_stands,
)
from flows.case.commands import ReportTrouble
from flows.delivery.sends import edit, plan, withdrawal
from flows.delivery.told import Reach
from flows.model import Event, EventKind, Message, Place, Posted, Send, SendState, Way
from flows.ports import Membership
from flows.school import PersonId, Platform
from tests.flows.matter import ABUSE, AT, DSL, HEAD, REPORTER, SCHOOL, Matter

DIRECTORY = SchoolDirectory({SCHOOL.id: SCHOOL})
MINUTE = dt.timedelta(minutes=1)


def place(*accounts: str, guests: Iterable[str] = (), fit: bool = True, why: str = "") -> Membership:
    """Return a channel with these people in it."""
    return Membership(accounts=frozenset(accounts), guests=frozenset(guests), fit=fit, trouble=why)


def message(kind: Message, way: Way = Way.DIRECT, *, person: PersonId | None = HEAD, event: int = 0) -> Send:
    """Return a message about the one case there is."""
    where = None if person else Place.LEADERSHIP
    return plan(
        kind,
        way,
        school=SCHOOL.id,
        platform=Platform.WEB,
        due=AT,
        person=person,
        place=where,
        case=Matter(ABUSE).case.id,
        event=event,
    )


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (place("ash", "cam"), ""),
        (place("ash", fit=False), "unfit"),
        (place("ash", fit=False, why="not-private"), "not-private"),
        (place("ash", guests={"ash"}), ""),
        (place("ash", guests={"brook"}), "guests"),
        (place("ash", guests={"nobody-we-know"}), "guests"),
        (place("ash", guests={"ash", "brook"}), "guests"),
    ],
)
def test_who_may_not_read_makes_a_place_unfit(found: Membership, why: str) -> None:
    """A guest with a seat is of the school; where another guest or anybody can read, no case is told."""
    assert unfit(found, SCHOOL, Platform.WEB, DIRECTORY) == why


def test_who_reads_a_place() -> None:
    """Those of the school who are in it; whom the school does not know is nobody of the school."""
    assert readers(place("ash", "nobody-we-know"), SCHOOL, Platform.WEB, DIRECTORY) == {HEAD}


def card() -> tuple[Matter, Send]:
    """Return a case, and its card in the channel."""
    matter = Matter(ABUSE)
    root = next(send for send in matter.sends.values() if send.place is Place.LEADERSHIP and not send.root)
    return matter, root


def test_a_case_speaks_where_it_is() -> None:
    """To whoever is told of it, in a place it has not left, and below a message that went out."""
    matter, root = card()
    case, line = matter.case, message(Message.UPDATE, Way.REPLY, person=None, event=1)
    line = replace(line, root=root.key)
    gone = replace(case, cards=())
    assert may_go(root, case, None, SCHOOL)
    assert not may_go(root, gone, None, SCHOOL)
    assert may_go(line, case, root, SCHOOL)
    assert not may_go(line, gone, root, SCHOOL)
    for state in SendState:
        over = state in (SendState.DROPPED, SendState.FAILED)
        assert may_go(line, case, replace(root, state=state), SCHOOL) is not over
    assert may_go(message(Message.NOTICE), case, None, SCHOOL)
    assert not may_go(message(Message.NOTICE, person=REPORTER), case, None, SCHOOL)
    assert may_go(message(Message.RECEIPT, person=REPORTER), case, None, SCHOOL)
    assert may_go(message(Message.PROGRESS, person=REPORTER), case, None, SCHOOL)
    assert may_go(message(Message.NOTICE, person=REPORTER), None, None, SCHOOL), "before there is a case"
    assert may_go(withdrawal(root, AT), gone, root, SCHOOL), "it takes words away"


def test_what_is_emptied_is_emptied_where_it_stands() -> None:
    """Somebody has no account any more: what they were sent is emptied all the same, and nothing new goes."""
    _, root = card()
    posted = Posted(platform=Platform.WEB, workspace="W1", channel="C1", message="m1")
    sent = replace(root, posted=posted, state=SendState.SENT)
    found = where_it_stands(edit(sent, AT), sent)
    assert found is not None
    assert (found.platform, found.workspace, found.channel, found.account) == (Platform.WEB, "W1", "C1", "")
    assert where_it_stands(edit(root, AT), root) is None
    assert where_it_stands(edit(sent, AT), None) is None
    assert where_it_stands(message(Message.UPDATE, Way.REPLY), sent) is None


def happened(kind: EventKind, seq: int, **facts: str) -> Event:
    """Return something that happened."""
    return Event(case=Matter(ABUSE).case.id, seq=seq, at=AT, kind=kind, facts=facts)


def test_of_reminders_the_newest_is_enough() -> None:
    """After a night without a platform nobody reads eight times that a case waits."""
    events = [happened(EventKind.REMINDED, 2), happened(EventKind.NOTED, 3), happened(EventKind.REMINDED, 4)]
    for seq, is_over in ((2, True), (3, False), (4, False), (9, False)):
        line = message(Message.UPDATE, Way.REPLY, event=seq)
        assert overtaken(line, events, {}, AT) is is_over, seq
    assert not overtaken(message(Message.NOTICE, event=2), events, {}, AT)


@pytest.mark.parametrize("reach", [None, *Reach])
def test_whoever_was_reached_after_all_need_not_be_rung(reach: Reach | None) -> None:
    """That somebody could not be told is said only while it is so; of another message it is always said."""
    line = message(Message.UPDATE, Way.REPLY, event=2)
    known = {DSL: reach} if reach else {}
    lost = happened(EventKind.DELIVERY_FAILED, 2, message="notice", person=DSL)
    assert overtaken(line, [lost], known, AT) is (reach in (Reach.SENT, Reach.OPENED))
    kept = happened(EventKind.DELIVERY_FAILED, 2, message="withdrawn", person=DSL)
    assert not overtaken(line, [kept], known, AT)


def test_an_alert_is_news_for_half_an_hour() -> None:
    """What is so at that moment is no news later: from when it first waited, else from when it was due."""
    alert = message(Message.FIRST_ALERT)
    assert not overtaken(alert, [], {}, AT + 30 * MINUTE)
    assert overtaken(alert, [], {}, AT + 31 * MINUTE)
    waits = replace(alert, waits_since=AT - MINUTE)
    assert overtaken(waits, [], {}, AT + 30 * MINUTE)


def test_what_somebody_must_hear_of_when_it_is_lost() -> None:
    """A notice, and what takes words away; a reporter's line that is lost alarms nobody."""
    notice = message(Message.NOTICE)
    assert trouble(notice) == ReportTrouble(Message.NOTICE, HEAD)
    assert trouble(withdrawal(notice, AT)) == ReportTrouble(Message.WITHDRAWN, HEAD)
    assert trouble(edit(notice, AT)) is None
    assert trouble(message(Message.UPDATE, Way.REPLY)) is None
    assert tells(notice)
    assert tells(message(Message.FIRST_ALERT))
    assert not tells(message(Message.RECEIPT, person=REPORTER))


def test_another_way_is_another_platform_of_the_same_person() -> None:
    """Who has two platforms is tried on the other; a line in a thread has no other way."""
    person = replace(SCHOOL.people[HEAD], accounts={Platform.WEB: "ash", Platform.SLACK: "U1"})
    school = replace(SCHOOL, people={**SCHOOL.people, HEAD: person})
    both = (Platform.WEB, Platform.SLACK)
    (other,) = other_ways(message(Message.NOTICE), school, both, AT + MINUTE)
    assert (other.platform, other.person, other.due) == (Platform.SLACK, HEAD, AT + MINUTE)
    assert other_ways(message(Message.NOTICE), school, (Platform.WEB,), AT) == []
    assert other_ways(message(Message.NOTICE), school, (Platform.SLACK,), AT) == []
    assert other_ways(message(Message.UPDATE, Way.REPLY), school, both, AT) == []
    assert other_ways(message(Message.CASE_CARD, person=None), school, both, AT) == []
