"""A send's key is derived in one place, from what the send is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.forms import parse
from flows.delivery import sends
from flows.model import MESSAGES, Action, CaseId, Message, Place, Send, SendState, Way
from flows.school import Platform
from tests.flows.matter import ABUSE, AT, HEAD, SCHOOL, Matter


def test_on_another_platform_it_is_another_message() -> None:
    """What failed on one platform and goes out on the next has a key of its own, and starts anew."""
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    line = next(send for send in matter.sends.values() if send.message is Message.PROGRESS)
    failed = replace(line, state=SendState.FAILED, attempts=8, trouble="x", version=9)
    other = sends.moved(failed, Platform.SLACK, AT + dt.timedelta(hours=1))
    assert other.key != line.key
    assert (other.platform, other.state, other.attempts, other.trouble, other.version) == (
        *(Platform.SLACK, SendState.WAITING, 0, "", 0),
    )
    assert other.due == AT + dt.timedelta(hours=1)


def planned(message: Message, **told: Any) -> Send:
    """Return a message as it would be planned, with all that it may be about."""
    facts = {
        "on": "web",
        "place": "leadership",
        "day": "2026-12-01",
        "at": "T1",
        "state": "up",
        "seat": "dsl",
        "change": "R1",
        "link": "L1",
        "n": "1",
        "rehearsal": "T1",
        "year": "2026",
        "what": "backup",
    }
    about = {"case": CaseId("C1"), "event": 5, "person": HEAD, **told}
    facts["week"] = "2026-W48"
    return sends.plan(
        message, Way.DIRECT, school=SCHOOL.id, platform=Platform.WEB, due=AT, facts=facts, **about
    )


#: Keys as they have been stored since they were first made.
KEYS = {
    Message.CASE_CARD: "C1/card/web:ash",
    Message.UPDATE: "C1/5/web:ash",
    Message.NOTICE: "C1/notice/web:ash",
    Message.FIRST_ALERT: "C1/alert/web:ash",
    Message.RECEIPT: "C1/receipt/web:ash",
    Message.PROGRESS: "C1/5/reporter.web",
    Message.PLACE: "place/HPS/web/leadership/2026-12-01/web:ash",
    Message.PLATFORM: "platform/HPS/web/T1/up/ash",
    Message.STATUS: "status/HPS/backup/2026-12-01/up/ash",
    Message.AWAY: "away/HPS/dsl/2026-12-01/web:ash",
    Message.ROSTER: "roster/HPS/R1/up/web:ash",
    Message.REHEARSAL: "rehearsal/T1/web:ash",
    Message.REHEARSE: "rehearse/HPS/2026/web:ash",
    Message.CODE: "code/L1/1/web:ash",
    Message.NEW_LINK: "C1/link/L1/1/web:ash",
    Message.DIGEST: "digest/HPS/2026-W48/web",
}


def test_no_two_messages_share_a_key() -> None:
    """About the same event, to the same person, each message has a key of its own; a stored one stays."""
    keys = {message: planned(message).key for message in Message}
    assert len(set(keys.values())) == len(Message), "say in its `key` what tells it from the others"
    assert {message: keys[message] for message in KEYS} == KEYS


@pytest.mark.parametrize("message", [one for one, kind in MESSAGES.items() if "{about}" in kind.key])
def test_a_message_about_a_case_says_which(message: Message) -> None:
    """One that was planned with neither a case nor a draft is refused, and not sent once for all of them."""
    with pytest.raises(KeyError, match="about"):
        planned(message, case=None)


@pytest.mark.parametrize("message", [one for one, kind in MESSAGES.items() if not kind.open])
def test_only_what_says_little_goes_to_a_channel(message: Message) -> None:
    """What may name somebody, or say what was posted, is refused a place."""
    with pytest.raises(ValueError, match=message):
        planned(message, person=None, place=Place.LEADERSHIP)


@pytest.mark.feature("add-later")
def test_what_a_reporter_adds_stands_below_what_they_said() -> None:
    """Words that are added come after those that are there; where there were none they stand alone."""
    case = Matter(ABUSE).case
    added = parse(Action.ADD, {"text": " Seen again. "}, case, SCHOOL)
    assert isinstance(added, do.AddToReport)
    assert added.report.posting.words == f"{case.report.posting.words}\n\nSeen again."
    bare = replace(case, report=replace(case.report, posting=replace(case.report.posting, words="")))
    first = parse(Action.ADD, {"text": "Seen again."}, bare, SCHOOL)
    assert isinstance(first, do.AddToReport)
    assert first.report.posting.words == "Seen again."
