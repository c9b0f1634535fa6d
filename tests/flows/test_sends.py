"""A send's key is derived in one place, from what the send is about."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from flows.case import actions as do
from flows.case.forms import parse
from flows.delivery import sends
from flows.model import Action, Message, SendState
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
