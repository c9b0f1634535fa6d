"""What whoever reported it is sent: the receipt, each milestone once, how it stands, what a leader wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.model import Case, Event, EventKind, Message, Send, Status, Way
from flows.school import Platform, School

#: Events the reporter hears of, in safe words, and the milestone each is: of two steps they hear once.
MILESTONES = {
    EventKind.TAKEN_ON: "taken_on",
    EventKind.CONTACT_RECORDED: "step",
    EventKind.MEETING_RECORDED: "step",
    EventKind.CLOSED: "closed",
    EventKind.REOPENED: "reopened",
}
_SEEN, _STANDS = "seen", "stands"


def reporters_own(case: Case, events: Iterable[Event]) -> bool:
    """Return whether the case rests on what its reporter said, so that they may read how it was decided."""
    return not any(event.kind is EventKind.CORRECTED and event.by != case.report.reporter for event in events)


def may_read(send: Send, case: Case, events: Iterable[Event]) -> bool:
    """Return whether a send may say why it was decided like this: what leaders corrected is not theirs."""
    return send.message is not Message.RECEIPT or reporters_own(case, events)


def progress(
    case: Case,
    school: School,
    events: Iterable[Event],
    platforms: Sequence[Platform],
    sends: Collection[Send] = (),
) -> list[Send]:
    """Return what the reporter is told of these events: of each milestone once, until it is opened again."""
    reporter = case.report.reporter
    heard = told_of(sends).difference((EventKind.REOPENED,))
    return [
        plan(
            Message.PROGRESS,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=reporter,
            case=case.id,
            event=event.seq,
            due=event.at,
            facts={"milestone": MILESTONES[event.kind]},
        )
        for event in events
        if event.kind in MILESTONES and event.by != reporter and MILESTONES[event.kind] not in heard
        for platform in reach(school, reporter, platforms)
    ]


def about(
    case: Case,
    school: School,
    events: Sequence[Event],
    platforms: Sequence[Platform],
    sends: Collection[Send],
) -> list[Send]:
    """Return all that the reporter is sent of these events."""
    return [
        *written(case, school, events, platforms),
        *progress(case, school, events, platforms, sends),
    ]


def seen(
    case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime, sends: Collection[Send]
) -> list[Send]:
    """Return what the reporter is told when a leader has opened the case: once, and only while it waits."""
    if case.status in (Status.ACKNOWLEDGED, Status.CLOSED) or _SEEN in told_of(sends):
        return []
    return [_news(case, platform, at, _SEEN) for platform in reach(school, case.report.reporter, platforms)]


def stands(
    case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime, *, again: int
) -> list[Send]:
    """Return how it stands, for the reporter, by the day they were promised to hear it."""
    reporter = case.report.reporter
    return [_news(case, platform, at, _STANDS, again) for platform in reach(school, reporter, platforms)]


def told_of(sends: Collection[Send]) -> frozenset[str]:
    """Return the milestones the reporter was told of since the case was last opened again."""
    told = [send for send in sends if send.message is Message.PROGRESS and "milestone" in send.facts]
    again = max((s.event for s in told if s.facts["milestone"] == EventKind.REOPENED), default=0)
    return frozenset(send.facts["milestone"] for send in told if send.event >= again)


def _news(case: Case, platform: Platform, at: dt.datetime, milestone: str, again: int = 0) -> Send:
    return plan(
        Message.PROGRESS,
        Way.DIRECT,
        school=case.school,
        platform=platform,
        person=case.report.reporter,
        case=case.id,
        again=again,
        facts={"milestone": milestone},
        due=at,
    )


def written(case: Case, school: School, events: Iterable[Event], platforms: Sequence[Platform]) -> list[Send]:
    """Return what a leader wrote to the reporter, for the reporter alone."""
    reporter = case.report.reporter
    return [
        plan(
            Message.NOTE_TO_REPORTER,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=reporter,
            case=case.id,
            event=event.seq,
            due=event.at,
        )
        for event in events
        if event.kind is EventKind.WROTE
        for platform in reach(school, reporter, platforms)
    ]


def receipt(
    case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime, *, again: int = 0
) -> list[Send]:
    """Return the reporter's receipt; ``again`` tells a later one (a completed report) from the first."""
    return [
        plan(
            Message.RECEIPT,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=case.report.reporter,
            case=case.id,
            again=again,
            due=at,
        )
        for platform in reach(school, case.report.reporter, platforms)
    ]
