"""The parts that several cards share: how a case stands, what is in the way, whom to ring, what to press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows.calendar import on_day
from flows.case.duties import duty_name
from flows.case.duties import outstanding as still_owed
from flows.delivery.outbox import recipients
from flows.delivery.told import Reach, reach
from flows.messages import phrases
from flows.messages.ringing import whom_to_ring
from flows.model import Action, Body, Case, Duty, Layer, Status, Urgency
from flows.policy.routing import missing
from flows.policy.said import as_said
from flows.policy.wording import numbers, reason_line
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Facts,
    Quote,
    Small,
    Style,
    Text,
    Tone,
)
from flows.ui.intents import Act, Ask, Begin, ChatCommand
from flows.words import say

_LADO = frozenset({"show_lado_contact", "lado_within_1_working_day"})
_INVITES = frozenset({"invite_via_complaints_procedure", "invite_if_identified"})


def contacts(case: Case, school: School) -> list[Block]:
    """Return the numbers and links this case needs, as the school filled them in."""
    pairs: list[tuple[str, str]] = []
    if _LADO & set(case.decision.actions):
        pairs.append((say("message.lado"), _reach(numbers(school.lado), school.lado.email, school.lado.form)))
    if "dsl_decides_childrens_services" in case.decision.actions:
        services = school.childrens_services
        pairs.append((say("message.childrens_services"), _reach(numbers(services), services.email)))
    if "legal" in case.decision.levels:
        pairs.append(
            (school.legal.name or say("seat.legal"), _reach(numbers(school.legal), school.legal.email))
        )
    if "police" in case.decision.levels:
        number = school.police_non_emergency or say("message.not_filled_in")
        pairs.append((say("seat.police"), say("message.police", number=number)))
    if school.posh_helpline and "report_to_platform" in case.decision.actions:
        pairs.append((say("message.posh"), school.posh_helpline))
    if school.complaints_procedure and _INVITES & set(case.decision.actions):
        pairs.append((say("message.complaints_procedure"), school.complaints_procedure))
    bodies = {own.body: own.reach for own in (case.decision.own or {}).values() if own.body}
    pairs += [(body, _reach(reach)) for body, reach in bodies.items()]
    if case.lead is None or missing(case.decision, case.holders):
        contact = school.fallback_contact
        pairs.append((contact.name or say("message.nobody_leads"), _reach(numbers(contact), contact.email)))
    return [Facts(tuple(pairs))] if pairs else []


def _reach(*ways: str) -> str:
    return " · ".join(w for w in ways if w) or say("message.not_filled_in")


def state(
    case: Case,
    school: School,
    now: dt.datetime,
    reader: PersonId | None = None,
) -> Facts:
    """Return how the case stands: how soon, in which state, who leads; or how it ended.

    ``reader`` = who reads it, None in a channel.
    """
    if case.status is Status.CLOSED:
        return Facts(_ended(case, school, reader))
    pairs = [
        (say("message.soon"), phrases.how_soon(case, now, school)),
        (say("message.state"), say(f"status.{case.status}")),
        (say("message.lead"), phrases.leads(case)),
    ]
    if case.owner is not None:
        pairs.append((say("message.owner"), phrases.seat_of(case, case.owner, school)))
    if case.assigned is not None:
        who = phrases.seat_of(case, case.assigned, school)
        pairs.append((say("message.assigned"), say("message.assigned_to", seat=who)))
    if case.decision.urgency.presses:  # it is said first whom to ring
        pairs += whom_to_ring(case, school, reader=reader)
    return Facts(tuple(pairs))


def _ended(case: Case, school: School, reader: PersonId | None) -> tuple[tuple[str, str], ...]:
    """Return how it ended, by whom and when; why, in a leader's own words, in no channel."""
    pairs = [(say("message.state"), say(f"status.{case.status}")), (say("message.lead"), phrases.leads(case))]
    if case.outcome is not None:
        pairs.append((say("message.outcome"), say(f"outcome.{case.outcome}")))
    if case.closed_by is not None and case.closed_at is not None:
        who, when = phrases.seat_of(case, case.closed_by, school), phrases.moment(case.closed_at, school)
        pairs.append((say("message.closed_by"), f"{who}, {when}"))
    if case.closed_why:
        pairs.append((say("message.closed_why"), case.closed_why if reader else say("message.in_the_record")))
    return tuple(pairs)


def background(
    case: Case, school: School, known: Mapping[PersonId, Reach], reader: PersonId | None = None
) -> list[Block]:
    """Return who has been reached, whom to ring, and the clauses: below what is to be done."""
    if case.status is Status.CLOSED:
        return []
    pairs = [*phrases.told(case, school, known)]
    if not case.decision.urgency.presses:
        pairs += whom_to_ring(case, school, reader=reader)
    cited = phrases.clauses(case.decision)
    return [Facts((*pairs, *([(say("message.clauses"), cited)] if cited else [])))]


def your_part(case: Case, person: PersonId) -> str:
    """Return what this person is in the case, and what that means for them."""
    if case.lead is None:
        return say("message.you_cannot_lead")
    lead = phrases.leads(case)
    if person in case.affected:
        return say("message.you_are_affected", lead=lead)
    if case.assigned == person:
        return say("message.you_are_assigned")
    if case.lead and case.holders.get(case.lead) == person:
        return say("message.you_lead", seat=lead)
    if person in case.stand_ins and case.owner == person:
        return say("message.you_took_on", seat=lead)
    if person in case.stand_ins and case.owner is None and case.status is not Status.CLOSED:
        return say("message.you_stand_in", seat=lead)
    return say("message.you_are_told", lead=lead)


def why_told(case: Case, school: School) -> list[Block]:
    """Return the numbers a leader may need, and why they were told; when it is over, the record says it."""
    if case.status is Status.CLOSED:
        return []
    return [
        *contacts(case, school),
        Small(say("message.why_told")),
        reasons(case),
        Small(say("message.policy_version", version=case.decision.policy_version)),
    ]


def reasons(case: Case) -> Bullets:
    """Return why it was decided like this, for leaders: each reason as a sentence with its clauses."""
    return Bullets(tuple(reason_line(r, case.holders, case.report) for r in case.decision.reasons))


def reasons_for_reporter(case: Case) -> list[Block]:
    """Return the reasons in the policy's own words first, each quote under its sentence; no clause codes."""
    blocks: list[Block] = []
    for reason in case.decision.reasons:
        if reason.layer is Layer.POLICY and reason.quote:
            why = Text(as_said(reason.because, case.holders, case.report, own=True))
            blocks += [why, Quote(reason.quote, source=say(f"layer.{reason.layer}"))]
        else:
            blocks.append(Text(reason_line(reason, case.holders, case.report, own=True)))
    return blocks


def urgent(case: Case) -> list[Block]:
    """Return what must not be overlooked: danger first, and that a report is only half told."""
    if case.status is Status.CLOSED:
        return []
    blocks: list[Block] = []
    if case.decision.urgency is Urgency.EMERGENCY:
        rung = "emergency_rung" if case.called_999 else "emergency"
        blocks.append(Callout(Tone.DANGER, say(f"message.{rung}")))
    elif case.decision.urgency is Urgency.URGENT and case.owner is None:
        blocks.append(Callout(Tone.DANGER, say("message.urgent")))
    if case.report.unfinished:
        blocks.append(Callout(Tone.CAUTION, say("message.unfinished")))
    return blocks


def to_ring(case: Case, school: School, known: Mapping[PersonId, Reach]) -> list[Block]:
    """Return who could not be reached: somebody has to ring them. Seats, no names."""
    if case.status is Status.CLOSED:
        return []
    return [
        Callout(
            Tone.CAUTION,
            say(
                "message.to_ring",
                seat=phrases.seat_of(case, person, school),
                phone=phrases.phone(school, person),
            ),
        )
        for person in recipients(case)
        if reach(case, person, known) is Reach.UNREACHED
    ]


def hold(case: Case) -> list[Block]:
    """Return that contact waits, and for whom."""
    if not case.hold or case.status is Status.CLOSED:
        return []
    police = any(duty.body == Body.POLICE and duty.decided is None for duty in case.duties)
    words = "hold" if police else "hold_by_hand"
    if case.hold_safeguarding:
        words = "hold_dsl"
    if any(duty.body == Body.LADO for duty in case.duties):
        words = "hold_lado"
    return [Callout(Tone.CAUTION, say(f"message.{words}"))]


def outstanding(case: Case, school: School) -> list[Block]:
    """Return what is owed to a body and not recorded yet, each with its day; and who waits for a second."""
    if case.status is Status.CLOSED:
        return []
    blocks: list[Block] = []
    if waiting := still_owed(case):
        blocks.append(Callout(Tone.CAUTION, " ".join(_owed(case, duty) for duty in waiting)))
    return [*blocks, *mistaken(case, school)]


def mistaken(case: Case, school: School) -> list[Block]:
    """Return that a second person has to agree that it was a mistake."""
    if case.mistaken is None or case.status is Status.CLOSED:
        return []
    seat = phrases.seat_of(case, case.mistaken, school)
    return [Callout(Tone.CAUTION, say("event.mistake_said", seat=seat))]


def _owed(case: Case, duty: Duty) -> str:
    level = case.decision.levels.get(duty.body)
    words = f"message.level.{level}" if level else "message.owed"
    if duty.called:
        words = "message.owed_own"
    return say(words, body=duty_name(duty, case.decision), day=on_day(duty.due))


def plain_button(case: Case, action: Action, which: str = "") -> Button:
    """Return a button for an action; ``which`` = what of several it is about."""
    intent = Act(case=case.id, action=action, version=case.version, which=which)
    return Button(label=say(f"button.{action}"), intent=intent)


def support(school: School, *, to_pass_on: bool = False) -> list[Block]:
    """Return whom somebody who is hurt can ring, as the school filled it in; or whom to name to them."""
    lines = tuple(
        (line.name, " · ".join(part for part in (line.phone, line.hours) if part)) for line in school.support
    )
    title = "message.support_to_pass_on" if to_pass_on else "message.support"
    return [Small(say(title)), Facts(lines)] if lines else []


def tone(case: Case) -> Tone:
    """Return how the case's card feels."""
    if case.status is Status.CLOSED:
        return Tone.GOOD
    match case.decision.urgency:
        case Urgency.EMERGENCY | Urgency.URGENT:
            return Tone.DANGER
        case Urgency.SAME_DAY:
            return Tone.CAUTION
        case _:
            return Tone.PLAIN


def start_buttons() -> Buttons:
    """Return the two buttons a person who is lost needs."""
    return Buttons(
        (
            Button(label=say("button.start"), intent=Begin(), style=Style.PRIMARY),
            Button(label=say("button.my_reports"), intent=Ask(ChatCommand.STATUS)),
            Button(label=say("button.help"), intent=Ask(ChatCommand.HELP)),
        )
    )


def done_card(words: str) -> Card:
    """Return what says that something was done, and what."""
    return Card(kind="done", summary=say("service.done"), blocks=(Text(words),), tone=Tone.GOOD)
