"""What whoever reported it is told: how it stands, what comes next, and what a leader wrote to them.

In safe words, worked out from what really happened: no clause, no body outside, no level, nobody's name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from flows.calendar import hear_by, local, on_day
from flows.case.actions.table import offered
from flows.case.checklist.names import RINGING_999, has_replied, pressing
from flows.case.declared import On
from flows.case.summary import summary
from flows.delivery.outbox import recipients
from flows.delivery.to_reporter import MILESTONES
from flows.delivery.told import Reach, reach
from flows.messages import phrases, shared_blocks
from flows.model import Audit, AuditKind, Case, Event, EventKind, Status
from flows.policy.wording import seat_name
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Heading,
    Line,
    Mark,
    Quote,
    Small,
    Text,
    Tone,
)
from flows.ui.intents import Ask, ChatCommand
from flows.words import known, say


class Own(Struct, frozen=True, kw_only=True):
    """A report of somebody's own, with what happened to it and who looked at it."""

    case: Case
    events: tuple[Event, ...] = ()
    looks: tuple[Audit, ...] = ()
    reached: dict[PersonId, Reach] = {}


def progress(case: Case, event: Event) -> Card:
    """Return what the reporter hears of an event, in safe words."""
    return _said(say(f"progress.{event.kind}", ref=case.reference))


def news(
    case: Case, milestone: str, school: School, now: dt.datetime, reached: Mapping[PersonId, Reach]
) -> Card | None:
    """Return what the reporter hears although nobody did anything to the case; None = it is over."""
    if milestone not in ("seen", "stands") or case.status is Status.CLOSED:
        return None
    how = phrases.how_far(summary(case), reached, school)
    return _said(say(f"progress.{milestone}", ref=case.reference, how=how, day=_hears(case, school, now)))


def _said(words: str) -> Card:
    return Card(kind="progress", summary=say("summary.progress"), blocks=(Text(words),))


def note(case: Case, event: Event, school: School) -> Card:
    """Return a leader's words to the reporter, with their seat and the way to answer."""
    seat = seat_name(event.seat) if event.seat else phrases.seat_of(case, event.by, school)
    return Card(
        kind="note_to_reporter",
        summary=say("summary.progress"),
        blocks=(
            Heading(say("message.note_title", ref=case.reference)),
            Text(say("message.note_by", seat=seat)),
            Quote(event.words),
            Small(say("message.note_answer")),
            Buttons(_pressed(case)),
        ),
    )


def how_it_stands(own: Own, school: School, now: dt.datetime) -> list[Block]:
    """Return what happened to a report, what comes next, what to do now, and what can be pressed."""
    case = own.case
    asked = [say("mine.name_apart")] if case.report.private_name else []
    asked += [say("mine.for", who=case.report.reporting_for)] if case.report.reporting_for else []
    advice = for_reporter(case) if case.status is not Status.CLOSED else ()
    blocks: list[Block] = [
        Heading(say("mine.title", ref=case.reference)),
        *([Callout(Tone.CAUTION, say("drill.mark"))] if case.drill else []),
        *_rings(own, school),
        *_lines(own, school, now),
        *_notes(own, school),
    ]
    blocks += [Small(" ".join(asked))] if asked else []
    blocks += [Small(say("message.for_you")), Bullets(advice)] if advice else []
    return [*blocks, Buttons(_pressed(case))]


def whole(own: Own, school: School, now: dt.datetime) -> Card:
    """Return one report by itself."""
    return Card(kind="status", summary=say("summary.status"), blocks=tuple(how_it_stands(own, school, now)))


def _pressed(case: Case) -> tuple[Button, ...]:
    mine = offered(case, On.RECEIPT) if case.decision.notify else []
    all_mine = Button(label=say("button.my_reports"), intent=Ask(ChatCommand.STATUS))
    return (*(shared_blocks.plain_button(case, action) for action in mine), all_mine)


def _rings(own: Own, school: School) -> list[Block]:
    """Return who could not be reached, as long as that matters; or that nobody is left to be told."""
    if own.case.status is Status.CLOSED:
        return []
    if not own.case.holders:
        contact = school.fallback_contact
        words = say("message.ring_fallback", contact=contact.name, phone=contact.phone)
        return [Callout(Tone.CAUTION, words)]
    case = own.case
    gone = [p for p in recipients(case) if reach(case, p, own.reached) is Reach.UNREACHED]
    if not gone:
        return []
    seats = ", ".join(phrases.seat_of(case, person, school) for person in gone)
    first, phone = phrases.seat_of(case, gone[0], school), phrases.phone(school, gone[0])
    return [Callout(Tone.CAUTION, say("mine.unreached", seats=seats, seat=first, phone=phone))]


def _lines(own: Own, school: School, now: dt.datetime) -> list[Block]:
    """Return what is done, each with its time, and what comes next."""
    case = own.case
    done: list[Block] = [Line(Mark.DONE, say("mine.kept"), phrases.moment(case.opened_at, school))]
    if not case.decision.notify:
        return [*done, Line(Mark.DONE, say("list.mine_closed_untold"))]
    seen = _first_look(own)
    if seen is not None:
        at, who = seen
        seat = phrases.seat_of(case, who, school)
        done.append(Line(Mark.DONE, say("mine.opened", seat=seat), phrases.moment(at, school)))
    for event in _milestones(own.events):
        words = say(f"mine.{MILESTONES[event.kind]}")
        done.append(Line(Mark.DONE, words, phrases.moment(event.at, school)))
    if case.status is Status.CLOSED:
        return done
    if case.status is not Status.ACKNOWLEDGED:
        done.append(Text(say("mine.now", how=phrases.how_far(summary(case), own.reached, school))))
    return [*done, Text(say("mine.hear", day=_hears(case, school, now)))]


def _hears(case: Case, school: School, now: dt.datetime) -> str:
    return on_day(local(hear_by(case.opened_at, now, school), school.time).date())


def _first_look(own: Own) -> tuple[dt.datetime, PersonId] | None:
    """Return when a leader first opened it, and who: they read its record, or did something to it."""
    reporter = own.case.report.reporter
    looks = [(line.at, line.by) for line in reversed(own.looks) if line.kind is AuditKind.RECORD_OPENED]
    deeds = [(event.at, event.by) for event in own.events]
    found = [(at, by) for at, by in (*looks, *deeds) if by is not None and by != reporter]
    return min(found, key=lambda look: look[0], default=None)


def _milestones(events: Sequence[Event]) -> Iterable[Event]:
    """Return the events that are milestones, of each the first since it was last opened again."""
    heard: set[str] = set()
    for event in events:
        if event.kind is EventKind.REOPENED:
            heard.clear()
        if event.kind in MILESTONES and MILESTONES[event.kind] not in heard:
            heard.add(MILESTONES[event.kind])
            yield event


def _notes(own: Own, school: School) -> list[Block]:
    """Return what leaders wrote to the reporter."""
    blocks: list[Block] = []
    for event in own.events:
        if event.kind is EventKind.WROTE:
            seat = seat_name(event.seat) if event.seat else phrases.seat_of(own.case, event.by, school)
            when = phrases.moment(event.at, school)
            blocks += [Small(say("mine.wrote", seat=seat, when=when)), Quote(event.words)]
    return blocks


def for_reporter(case: Case) -> tuple[str, ...]:
    """Return what a reporter is asked to do or to leave, most pressing first, as far as it applies."""
    if case.status is Status.CLOSED and case.decision.notify:
        return ()
    done = {*RINGING_999, "if_in_doubt_call_999"} if case.called_999 else set()
    done |= {"do_not_reply"} if has_replied(case) else set()
    actions = [a for a in pressing(case.decision.actions) if a not in done]
    kept = case.report.given.get("evidence") in ("saved", "link", "both") or case.report.posting.files
    instead = {
        "preserve_evidence": "" if kept else "advice.no_evidence",
        "stop_replying_keep_reply": "" if has_replied(case) else "advice.if_replied",
    }
    names = (instead.get(action) or f"advice.{action}" for action in actions)
    return tuple(say(name) for name in names if known(name))
