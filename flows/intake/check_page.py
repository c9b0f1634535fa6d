"""The last page before sending: every answer with Change, and who will be told, how soon and why."""

from __future__ import annotations

import datetime as dt

from flows.calendar import deadline, local, spoken
from flows.intake.answers import in_words
from flows.intake.pages import back_button, intro, question_label, stored_files
from flows.intake.report import finish
from flows.intake.settled import Settled, State
from flows.intake.unanswered import nobody_said
from flows.model import Decision, Report, Urgency
from flows.policy import wording
from flows.policy.assessment import assess
from flows.policy.engine import Policy, decide
from flows.policy.routing import Routed, recused, route
from flows.questions.table import CHECK, QUESTIONS
from flows.school import School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Callout,
    Divider,
    Facts,
    Heading,
    Small,
    Style,
    Text,
    Tone,
)
from flows.ui.forms import Form
from flows.ui.intents import Discard, GoTo, SendReport
from flows.words import say

#: Words longer than this are shortened on the page.
LONGEST_SHOWN = 800


def check_form(state: State, school: School, policy: Policy, now: dt.datetime) -> Form:
    """Return the check page. Nothing is sent by showing it."""
    draft, settled = state.draft, state.settled
    pages = settled.pages
    sent = finish(state, now)
    blocks = (
        *intro(draft, CHECK, settled.standing, school, imagery=settled.imagery),
        *_what_happens_next(sent, school, policy, now),
        Divider(),
        *_answers(state, school),
        *_nobody_said(sent),
        *_files(state),
        *_waiting(state),
    )
    gone = Button(
        label=say("button.discard"),
        intent=Discard(draft.id, draft.revision),
        style=Style.DANGER,
        confirm=say("service.really_discard"),
    )
    return Form(
        id=f"report.{CHECK}",
        title=say(f"page.{CHECK}"),
        submit=SendReport(draft=draft.id, revision=draft.revision),
        submit_label=say("conversation.send"),
        intro=blocks,
        buttons=(*back_button(draft, pages[-2]), gone),
        step=(len(pages), len(pages)),
        summary=say("conversation.summary"),
    )


def _nobody_said(sent: Report) -> list[Block]:
    """Return what the report will hold that nobody answered, so that it is not taken for an answer."""
    pairs = tuple(nobody_said(sent))
    return [Facts(pairs)] if pairs else []


def _what_happens_next(sent: Report, school: School, policy: Policy, now: dt.datetime) -> list[Block]:
    """Return who would be told now, how soon, who leads, and the reason for each."""
    assessment = assess(sent.answers, unfinished=sent.unfinished)
    decision = decide(policy, assessment)
    day = local(now, school.time).date()
    routed = route(decision, sent, school, without=recused(sent, assessment, decision, school), on=day)
    told = ", ".join(wording.seat_name(seat) for seat in routed.holders)
    pairs = [
        (say("check.told"), told or say("check.nobody")),
        *_soon(decision, school, now),
    ]
    if routed.lead:
        pairs.append((say("check.leads"), wording.seat_name(routed.lead)))
    if bodies := wording.to_be_asked(decision):
        pairs.append((say("check.decides"), bodies))
    why = (wording.reason_line(reason, routed.holders, sent, own=True) for reason in decision.reasons)
    return [
        Heading(say("check.next")),
        Facts(tuple(pairs)),
        *_nobody_left(decision, routed, school),
        Small(say("check.why")),
        Bullets(tuple(why)),
    ]


def _soon(decision: Decision, school: School, now: dt.datetime) -> list[tuple[str, str]]:
    """Return by when, as the receipt will say it; nothing where nobody is told."""
    if not decision.notify:
        return []
    if decision.urgency is Urgency.EMERGENCY:
        return [(say("check.soon"), say("urgency.emergency"))]
    safeguarding = any(reason.safeguarding_deadline for reason in decision.reasons)
    when = spoken(deadline(decision.urgency, now, school, safeguarding=safeguarding), now, school)
    return [(say("check.soon"), when[:1].upper() + when[1:])]


def _nobody_left(decision: Decision, routed: Routed, school: School) -> list[Block]:
    """Return whom to ring where the policy tells somebody and nobody is left who may know."""
    seats = [seat for seat in decision.notify if seat not in ("legal", "police")]
    if routed.holders or not seats:
        return []
    contact = school.fallback_contact
    return [Callout(Tone.DANGER, say("check.nobody_left", who=contact.name, phone=contact.phone))]


def _answers(state: State, school: School) -> list[Block]:
    """Return every answer, page by page, each page with its Change."""
    draft, standing = state.draft, state.settled.standing
    blocks: list[Block] = []
    for page, rows in state.settled.asked.items():
        pairs = tuple(
            (
                question_label(row.name, standing, short=True),
                _brief(in_words(QUESTIONS[row.name], standing[row.name], school)),
            )
            for row in rows
            if standing.get(row.name, "") != ""
        )
        title = say(f"page.{page}")
        change = Button(
            label=say("conversation.change"),
            intent=GoTo(draft.id, draft.revision, page),
            describes=say("conversation.change_page", page=title),
        )
        blocks += [Heading(title, change), Facts(pairs)]
    blocks += _apart(state.settled)
    return blocks


def _brief(words: str) -> str:
    """Return long words shortened, so that *Send* stays in reach; the whole text is kept (policy page §3)."""
    if len(words) <= LONGEST_SHOWN:
        return words
    return f"{words[:LONGEST_SHOWN]}… {say('check.shortened')}"


def _apart(settled: Settled) -> list[Block]:
    """Return words and link that came along although their page is not asked: they stand all the same."""
    asked = {row.name for row in settled.rows}
    pairs = tuple(
        (question_label(name, settled.standing), _brief(str(settled.standing[name])))
        for name in ("words", "link")
        if settled.standing.get(name) and name not in asked
    )
    return [Facts(pairs)] if pairs else []


def _files(state: State) -> list[Block]:
    if not state.draft.files:
        return []
    return [Heading(say("check.files")), *stored_files(state)]


def _waiting(state: State) -> list[Block]:
    if state.draft.case is not None:
        return [Text(say("check.safety_sent"))]
    return [Text(say("check.safety_net" if state.settled.unsafe else "check.before_sending"))]
