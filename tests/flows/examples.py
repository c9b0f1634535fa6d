"""An example of every message, and cases that carry secrets everywhere they can. All of it is invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.checklist.record import STILL_TO_DO
from flows.case.clock.ring import Ring
from flows.case.commands import Escalate
from flows.case.context import Command
from flows.delivery.to_reporter import MILESTONES
from flows.delivery.told import Reach
from flows.messages import checklist, lists, plan, templates
from flows.messages.digest import Week, digest
from flows.messages.directly import assigned, not_delivered
from flows.messages.places import nobody_there, place_unfit, platform_state
from flows.messages.record import record, reporter_shown
from flows.messages.rehearsal import standing
from flows.messages.reporter import Own, news, note, progress, whole
from flows.messages.roster import Seats, change_card, overview
from flows.model import (
    MESSAGES,
    Audit,
    AuditKind,
    Became,
    Body,
    Case,
    Draft,
    DraftId,
    Event,
    EventKind,
    Message,
    Named,
    Outcome,
    Roster,
    RosterChange,
)
from flows.roster import with_roster
from flows.school import PersonId, SchoolId, Seat
from flows.ui.cards import Card
from flows.ui.intents import ChatCommand
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    FILE,
    HEAD,
    REPORTER,
    SCHOOL,
    SECRET,
    SUBSTITUTE,
    THREAT,
    VICE,
    Matter,
    asking,
    listed,
    row,
)
from tests.flows.rehearsing import tried

DANGER = {"immediate_danger": "yes", "staff_allegation": ("staff",), "targets": ("pupil",)}
SOMEBODY = {HEAD: Reach.OPENED, DSL: Reach.UNREACHED}
REHEARSED = tried()
DRAFT = Draft(id=DraftId("D1"), school=SCHOOL.id, person=REPORTER, started_at=AT, touched_at=AT)


def worked() -> Matter:
    """Return a case that was worked to its end, with a leader's words at every step."""
    matter = Matter(THREAT, private_name=True, reporting_for="a colleague", wants_contact="by note")
    steps: tuple[tuple[Command, PersonId], ...] = (
        (do.TakeOn(), HEAD),
        (do.AddNote("Invented: seen again."), HEAD),
        (
            do.RecordPolice(contacted=True, how="phone", when="2026-11-24", reference="R1", why="x"),
            HEAD,
        ),
        (do.RecordLegal(contacted=False, why="Invented: no need."), HEAD),
        (do.RecordContact("in_person", "2026-11-24", "Invented: they listened."), HEAD),
        (do.RecordMeeting("2026-11-25", "Nobody real", "Invented: agreed."), HEAD),
        (do.AddToReport(matter.case.report, "Invented: more."), REPORTER),
        (do.Close(Outcome.INVITED, "Invented: done."), HEAD),
    )
    for command, by in steps:
        matter.do(command, by)
    return matter


def half_way() -> Matter:
    """Return a case that is being worked: something is done, something not needed, something still owed."""
    matter = Matter(THREAT)
    steps: tuple[Command, ...] = (
        do.TakeOn(),
        do.RecordPolice(contacted=True, how="phone", when="2026-11-24", reference="R1", why="x"),
        do.RecordTask("support_person_affected", "done"),
        do.RecordTask("ask_to_take_it_down", "not_fitting", "Invented: it is gone."),
    )
    for command in steps:
        matter.do(command, HEAD)
    return matter


def put_off() -> Matter:
    """Return a case that is being worked, of which something was put off and something has rung."""
    matter = half_way()
    matter.do(do.Snooze("legal", "2026-11-30", SECRET), HEAD)
    matter.at += dt.timedelta(days=3)
    matter.do(Ring())
    return matter


def unled() -> Matter:
    """Return a case whose ladder has reached its end: everybody was told, and nobody has taken it on."""
    matter = Matter(THREAT)
    while matter.events[-1].facts != {"told": ""}:
        matter.at = asking(matter.timers.values())[0].due
        matter.do(Escalate())
    return matter


def handed_on() -> Matter:
    """Return a case that the DSL had, and handed on to the Headteacher with words of their own."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), DSL)
    matter.do(do.Assign(HEAD, SECRET), DSL)
    return matter


def written_to() -> Matter:
    """Return a case whose reporter was written to, by the DSL."""
    matter = Matter(CHILD, private_name=True, reporting_for="a colleague")
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.Write("Invented: when was it?"), DSL)
    return matter


def own_reports() -> dict[str, Card]:
    """Return what a reporter reads of one report of theirs, in several states; and a note to them."""
    asked, fresh, done = written_to(), Matter(THREAT), worked()
    look = Audit(school=SCHOOL.id, at=AT, kind=AuditKind.RECORD_OPENED, by=HEAD, case=fresh.case.id)
    nobody = Matter({"targets": ("none",), "nature": ("none_of_these",)}).case
    return {
        "note_to_reporter": note(asked.case, asked.events[-1], SCHOOL),
        "own_report": whole(Own(case=asked.case, events=tuple(asked.events)), SCHOOL, AT),
        "own_report_fresh": whole(Own(case=fresh.case), SCHOOL, AT),
        "own_report_opened": whole(Own(case=fresh.case, looks=(look,), reached=SOMEBODY), SCHOOL, AT),
        "own_report_closed": whole(Own(case=done.case, events=tuple(done.events)), SCHOOL, AT),
        "own_report_nobody_told": whole(Own(case=nobody), SCHOOL, AT),
        "own_report_nobody_left": whole(Own(case=told_to_nobody()), SCHOOL, AT),
    }


def reminded(matter: Matter) -> Card:
    """Return what the Headteacher was reminded of last."""
    card = plan.reminder(matter.case, SCHOOL, HEAD, matter.at)
    assert card is not None
    return card


def told_by_the_day() -> Card:
    """Return what a reporter hears by the day they were promised."""
    card = news(Matter(THREAT).case, "stands", SCHOOL, AT, SOMEBODY)
    assert card is not None
    return card


def led_by_nobody() -> Case:
    """Return a case about the Headteacher that nobody else may know of."""
    return Matter(
        {**ABUSE, "targets": ("headteacher",)}, named=Named(kept_out=(CHAIR, VICE, SUBSTITUTE))
    ).case


def told_to_nobody() -> Case:
    """Return a case that everybody who could be told is kept out of."""
    return Matter(ABUSE, named=Named(kept_out=(HEAD, CHAIR, VICE, SUBSTITUTE))).case


#: The office asks for another DSL.
ASKED = RosterChange(
    id="R1", by=PersonId("office"), at=AT, seat=Seat.DSL, people=(DEPUTY_DSL,), before=(DSL,), filed=(DSL,)
)


def seats_with(*changes: RosterChange) -> Seats:
    """Return who holds which seat where these were asked for."""
    roster = Roster(school=SCHOOL.id, changes=changes)
    now, standing = with_roster(SCHOOL, roster, AT, lambda _: True)
    return Seats(school=now, roster=roster, standing=standing, now=AT)


def events() -> Iterator[tuple[Case, Event]]:
    """Return an event of every kind, with a leader's secret words, and a case it may belong to."""
    facts = {
        EventKind.ESCALATED: [{"told": ""}, {"told": DEPUTY}, {"told": DEPUTY, "unreached": HEAD}],
        EventKind.RECUSED: [{"why": (why,)} for why in ("conflict", "poster", "seated_by")],
        EventKind.ASSIGNED: [{"to": DSL}],
        EventKind.HANDED_ON: [{"lead": ""}, {"lead": "chair_of_governors"}],
        EventKind.HOLD_CLEARED: [{"agreed": who} for who in ("dsl", "lado", "police", "police_decision")],
        EventKind.DUTY_RECORDED: [
            *({"body": body.value, "contacted": "yes", "how": "phone"} for body in Body),
            {"body": "lado", "contacted": "no"},
        ],
        EventKind.TASK_RECORDED: [
            *({"which": "ask_to_take_it_down", "became": became} for became in (*Became, STILL_TO_DO)),
            {"which": "warn_them", "became": "done", "called": "Send the school's warning letter."},
            {"which": "gone", "became": "done"},
        ],
        EventKind.PACK_MADE: [{"body": body.value, "document": "D1"} for body in Body],
        EventKind.LETTER_APPROVED: [{"letter": "invitation", "document": "D1"}],
        EventKind.REASSESSED: [
            {"urgency": "urgent"},
            {"urgency": "urgent", "added": ("dsl", "police"), "gone": ("headteacher",)},
        ],
        EventKind.DELIVERY_FAILED: [
            {"message": "notice", "person": DSL},
            {"message": "update", "person": ""},
            *({"message": "withdrawn", "person": person} for person in (HEAD, "")),
        ],
        EventKind.REMINDED: [{}, {"opened": "yes"}],
        EventKind.OVERDUE: [
            {"told": told, "what": what} for told in ("", DEPUTY) for what in (("police",), ("gone",))
        ],
        EventKind.REMOVAL_NEAR: [{"day": "2032-11-24"}],
        EventKind.KEPT_LONGER: [{"day": "2035-11-24"}],
        EventKind.SNOOZED: [{"which": "support_person_affected", "until": "2026-11-30"}],
        EventKind.REFERENCE_RECORDED: [{"which": "police"}],
        EventKind.CLOSED: [{"outcome": outcome.value} for outcome in Outcome],
    }
    case = Matter(THREAT).case
    for sort in EventKind:
        for fact in facts.get(sort, [{}]):
            yield case, Event(case=case.id, seq=2, kind=sort, at=AT, by=HEAD, facts=fact, words=SECRET)


def messages(*, to_a_channel: bool = False) -> Iterator[Card]:
    """Return every message there is – or every one that may go to a channel – of cases that carry secrets."""
    for matter in (Matter(THREAT), Matter(CHILD), Matter(DANGER), handed_on(), worked()):
        rung = replace(matter.case, alarms={n: replace(a, rang=(AT,)) for n, a in matter.case.alarms.items()})
        matter.case = rung
        for message, kind in MESSAGES.items():
            card = templates.written(message, occasion(matter, message))
            if card is not None and (kind.open or not to_a_channel):
                yield card


def occasion(matter: Matter, message: Message | None = None) -> templates.Occasion:
    """Return all that a message of a case may be written from."""
    facts = {"place": "leadership", "on": "web", "state": "failing", "seat": "dsl", "day": "2026-12-01"}
    facts |= {"change": ASKED.id}
    facts |= {"year": "2026", "left": "booklet website"}
    facts |= {"rehearsal": REHEARSED.rehearsal.id, "n": "0", "step": "posted"}
    facts |= {"what": "backup"}
    facts |= {"code": "012345", "link_to": "https://bot.school.example/c/T"}
    facts |= {"at": matter.at.isoformat(), "since": "10:05 on Tuesday 24 November"}
    if message is Message.CLOCK:
        facts["state"] = "late"
    return templates.Occasion(
        school=SCHOOL,
        now=AT,
        case=matter.case,
        event=Event(case=matter.case.id, seq=2, kind=EventKind.TAKEN_ON, at=AT, by=HEAD, words=SECRET),
        person=HEAD,
        cases=(row(matter.case),),
        facts=facts,
        seats=seats_with(ASKED),
        week="2026-W48",
        rehearsal=REHEARSED,
    )


def channel_cards() -> Iterator[Card]:
    """Return every card that goes to a channel, of cases that carry secrets everywhere they can."""
    for case in (
        Matter(THREAT).case,
        Matter(DANGER).case,
        half_way().case,
        worked().case,
        led_by_nobody(),
        told_to_nobody(),
    ):
        yield templates.case_card(case, SCHOOL, AT)
        yield not_delivered(case, "Headteacher")
    yield from messages(to_a_channel=True)
    for case, event in events():
        yield templates.update(case, event, SCHOOL, AT)
    yield digest([row(Matter(THREAT).case), row(worked().case)], SCHOOL, AT, Week(week="2026-W48", due=AT))


def other_cards() -> Iterator[Card]:
    """Return every other card, to whomever it goes."""
    yield from messages()
    matter = worked()
    for case in (Matter(THREAT).case, Matter(CHILD).case, matter.case):
        yield templates.notice(case, SCHOOL, HEAD, AT)
        yield templates.receipt(case, SCHOOL, AT)
    for sort in MILESTONES:
        yield progress(matter.case, Event(case=matter.case.id, seq=2, kind=sort, at=AT, words=SECRET))
    yield from own_reports().values()
    yield templates.first_alert(SCHOOL, f"{DSL} {CHAIR}")
    yield templates.emptied(Message.WITHDRAWN, {})
    yield place_unfit({"place": "leadership", "on": "web", "why": "unfit"})
    yield platform_state(DOWN)
    yield nobody_there({"seat": "dsl", "day": "2026-12-01"})
    yield checklist.more(half_way().case, SCHOOL, HEAD)
    yield plan.shown(half_way().case, SCHOOL, HEAD, AT)
    yield record(matter.case, matter.events, SCHOOL, HEAD)
    yield reporter_shown(matter.case, SCHOOL)
    yield listed([row(matter.case)])
    yield lists.status([row(matter.case)], DRAFT, SCHOOL)
    yield lists.home([row(matter.case)], DRAFT, listed([row(matter.case)]), SCHOOL)
    yield lists.help_card(leader=True)
    yield of_two_schools()


def of_two_schools() -> Card:
    """Return what somebody of two schools is asked before something begins in one."""
    other = replace(SCHOOL, id=SchoolId("DPS"), name="Dale Invented School", prefix="DPS")
    return lists.which_of([SCHOOL, other], ChatCommand.SUBJECT, "Sam Tester")


#: Slack has failed for a while, told to whoever is on call.
DOWN = {
    "on": "slack",
    "state": "failing",
    "why": "slack-no-answer",
    "since": "10:05 on Tuesday 24 November",
    "role": "on_call",
}


def examples() -> dict[str, Card]:
    """Return an example of every message, by the name of its golden file."""
    threat, child, danger = (
        Matter(THREAT),
        Matter(CHILD),
        Matter(DANGER, named=Named(someone_else=("accused",))),
    )
    done, nobody = worked(), Matter({"targets": ("none",), "nature": ("none_of_these",)}).case
    escalated = Matter(THREAT)
    escalated.do(Escalate())
    half = Matter({"immediate_danger": "yes"}, unfinished=True).case
    locked = replace(danger.case.report.posting, files=(FILE, replace(FILE, locked=True)))
    shut = replace(danger.case, report=replace(danger.case.report, posting=locked))
    given = {
        "case_card": templates.case_card(threat.case, SCHOOL, AT),
        "case_card_danger": templates.case_card(danger.case, SCHOOL, AT),
        "case_card_worked": templates.case_card(half_way().case, SCHOOL, AT),
        "more": checklist.more(half_way().case, SCHOOL, HEAD),
        "plan": plan.shown(put_off().case, SCHOOL, HEAD, AT),
        "plan_waits": plan.shown(threat.case, SCHOOL, DSL, AT),
        "plan_end": plan.shown(unled().case, SCHOOL, HEAD, AT),
        "reminder": reminded(put_off()),
        "reminder_end": reminded(unled()),
        "clock_back": plan.clock_was_wrong({"state": "back", "since": "10:05 on Tuesday 24 November"}),
        "case_card_half_told": templates.case_card(half, SCHOOL, AT),
        "case_card_closed": templates.case_card(done.case, SCHOOL, AT),
        "notice_lead": templates.notice(child.case, SCHOOL, HEAD, AT),
        "notice_dsl": templates.notice(danger.case, SCHOOL, DSL, AT),
        "notice_stand_in": templates.notice(escalated.case, SCHOOL, DEPUTY, AT),
        "notice_target": templates.notice(
            Matter({**ABUSE, "targets": ("headteacher",)}).case, SCHOOL, HEAD, AT
        ),
        "notice_nobody_leads": templates.notice(led_by_nobody(), SCHOOL, HEAD, AT),
        "case_card_handed_on": templates.case_card(handed_on().case, SCHOOL, AT),
        "assigned": assigned(handed_on().case, handed_on().events[-1], SCHOOL, HEAD, AT),
        "update_opened": templates.update(threat.case, threat.events[0], SCHOOL, AT),
        "update_opened_nobody_leads": templates.update(led_by_nobody(), threat.events[0], SCHOOL, AT),
        "update_escalated": templates.update(escalated.case, escalated.events[-1], SCHOOL, AT),
        "receipt": templates.receipt(threat.case, SCHOOL, AT),
        "receipt_danger": templates.receipt(danger.case, SCHOOL, AT),
        "receipt_nobody_told": templates.receipt(nobody, SCHOOL, AT),
        "receipt_nobody_left": templates.receipt(told_to_nobody(), SCHOOL, AT),
        "progress": progress(done.case, done.events[-1]),
        **own_reports(),
        "progress_stands": told_by_the_day(),
        "first_alert": templates.first_alert(SCHOOL, f"{DSL} {CHAIR}"),
        "withdrawn": templates.emptied(Message.WITHDRAWN, {}),
        "rehearsed_over": standing.card(tried(ended=True), SCHOOL),
        "rehearsed_none": standing.card(None, SCHOOL),
        "removed": templates.emptied(Message.REMOVED, {"ref": "HPS-2026-001", "day": "Tuesday 24 November"}),
        "place": place_unfit({"place": "leadership", "on": "slack", "why": "The channel is not private."}),
        "platform": platform_state(DOWN),
        "platform_refused": platform_state(
            {**DOWN, "state": "refused", "why": "slack-token-revoked", "role": ""}
        ),
        "platform_up": platform_state({**DOWN, "state": "up"}),
        "away": nobody_there({"seat": "headteacher", "day": "2026-12-01"}),
        "place_of_a_seat": place_unfit({"place": "chair_of_governors", "on": "teams", "why": "guests"}),
        "not_delivered": not_delivered(threat.case, "Headteacher"),
        "digest": digest([row(threat.case), row(done.case)], SCHOOL, AT, Week(week="2026-W48", due=AT)),
        "digest_nothing": digest([], SCHOOL, AT, Week(week="2026-W48", due=AT)),
        "roster": change_card(ASKED, seats_with(ASKED), HEAD),
        "seats": overview(seats_with(ASKED), PersonId("office")),
        "record": record(done.case, done.events, SCHOOL, HEAD),
        "record_locked_file": record(shut, danger.events, SCHOOL, CHAIR),
        "reporter": reporter_shown(done.case, SCHOOL),
        "cases": listed([row(threat.case), row(danger.case)], at=AT + dt.timedelta(days=1)),
        "cases_none": listed([]),
        "status": lists.status([row(threat.case), row(done.case)], DRAFT, SCHOOL),
        "status_none": lists.status([], None, SCHOOL),
        "home_leader": lists.home([], None, listed([row(threat.case)]), SCHOOL),
        "home_reporter": lists.home([row(threat.case)], DRAFT, None, SCHOOL),
        "help_leader": lists.help_card(leader=True),
        "help": lists.help_card(leader=False),
        "which_school": of_two_schools(),
    }
    shown = {card.kind for card in given.values()}
    return given | {card.kind: card for card in messages() if card.kind not in shown}
