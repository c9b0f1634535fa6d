"""Lists and the digest: what a person sees of many cases at once. Rows only; no case is opened.

``access.may_know_row`` has been asked before rows get here. The digest names nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from flows.calendar import local, on_day, spoken, week_begins
from flows.case.duties import duty_name
from flows.delivery.told import Reach
from flows.messages.phrases import how_far
from flows.messages.shared_blocks import start_buttons
from flows.model import URGENCIES, CaseId, CaseSummary, Draft, Status, Urgency
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Divider,
    Facts,
    Heading,
    Small,
    Style,
    Text,
    Tone,
)
from flows.ui.forms import Choice, Form, Option, TextField
from flows.ui.intents import Ask, Begin, ChatCommand, GoTo
from flows.words import say

#: How many rows a card lists before it says how many more there are.
MOST = 15
#: A digest that goes out within this time of its hour is not late.
ON_TIME = dt.timedelta(minutes=30)
#: Nothing is known yet of who has been reached.
NOT_YET: Mapping[CaseId, Mapping[PersonId, Reach]] = MappingProxyType({})


def _weight(row: CaseSummary) -> tuple[int, int, dt.datetime]:
    """Order: not taken on first, then the more urgent, then the older."""
    waiting = 0 if row.status in (Status.OPEN, Status.ESCALATED) else 1
    return waiting, -URGENCIES.index(row.urgency), row.opened_at


def _line(row: CaseSummary, school: School, now: dt.datetime, unopened: Collection[CaseId]) -> str:
    late = say("list.overdue") if row.due_at < now and row.status is not Status.CLOSED else ""
    line = say(
        "list.line",
        ref=row.reference,
        soon=say("list.now")
        if row.urgency is Urgency.EMERGENCY
        else say("list.due", deadline=spoken(row.due_at, now, school)),
        state=say(f"status.{row.status}"),
        late=late,
        unopened=say("list.unopened") if row.id in unopened else "",
    )
    return " ".join(line.split())


def cases(
    rows: Sequence[CaseSummary], school: School, now: dt.datetime, *, unopened: Collection[CaseId] = ()
) -> Card:
    """Return a leader's open cases, most pressing first, each with a button; ``unopened`` by anybody yet."""
    ordered = sorted(rows, key=_weight)
    blocks: list[Block] = [Heading(say("list.cases_title"))]
    if not ordered:
        blocks.append(Text(say("list.none")))
    for row in ordered[:MOST]:
        opening = Button(label=row.reference, intent=Ask(ChatCommand.CASE, row.reference))
        blocks += [Text(_line(row, school, now, unopened)), Buttons((opening,))]
    if len(ordered) > MOST:
        blocks.append(Small(say("list.more", n=len(ordered) - MOST)))
    return Card(kind="cases", summary=say("summary.list"), blocks=tuple(blocks))


def status(
    rows: Sequence[CaseSummary],
    draft: Draft | None,
    school: School,
    reached: Mapping[CaseId, Mapping[PersonId, Reach]] = NOT_YET,
) -> Card:
    """Return a reporter's own reports, in safe words, and the draft that waits.

    ``reached`` = how far those whom each report tells have been reached.
    """
    blocks: list[Block] = [Heading(say("list.mine_title"))]
    if not rows and draft is None:
        blocks.append(Text(say("list.mine_none")))
    if rows:
        pairs = tuple((row.reference, how_far(row, reached.get(row.id, {}), school)) for row in rows[:MOST])
        blocks.append(Facts(pairs))
    if draft is not None:
        blocks.append(Text(say("list.draft")))
        going_on = GoTo(draft=draft.id, revision=draft.revision, page="")
        blocks.append(Buttons((Button(label=say("button.continue"), intent=going_on, style=Style.PRIMARY),)))
    else:
        blocks.append(Buttons((Button(label=say("button.start"), intent=Begin(), style=Style.PRIMARY),)))
    return Card(kind="status", summary=say("summary.status"), blocks=tuple(blocks))


def with_trouble(card: Card, lines: Sequence[str]) -> Card:
    """Return a status with what an administrator has to mend, before everything else."""
    return replace(card, blocks=(*(Callout(Tone.CAUTION, line) for line in lines), *card.blocks))


def help_card(*, leader: bool, policy_link: str = "") -> Card:
    """Return what this person can type or press, and where the school's policy can be read."""
    lines = [say("help.report"), say("help.typing"), say("help.status"), say("help.danger")]
    if leader:
        lines += [say("help.cases"), say("help.case"), say("help.digest")]
    lines += [say("help.policy", link=policy_link)] if policy_link else []
    blocks = (Heading(say("help.title")), Bullets(tuple(lines)), start_buttons())
    return Card(kind="help", summary=say("summary.help"), blocks=blocks)


def home(
    mine: Sequence[CaseSummary],
    draft: Draft | None,
    open_cases: Sequence[CaseSummary] | None,
    school: School,
    now: dt.datetime,
    *,
    reached: Mapping[CaseId, Mapping[PersonId, Reach]] = NOT_YET,
) -> Card:
    """Return the home page: start, my reports, and for leaders the open cases (None = no leader)."""
    blocks: list[Block] = [Heading(school.name), *messages_for_start(draft)]
    blocks += [Divider(), *status(mine, None, school, reached).blocks[:2]]
    if open_cases is not None:
        blocks += [Divider(), *cases(open_cases, school, now).blocks]
    return Card(kind="home", summary=say("summary.home"), blocks=tuple(blocks))


def way_back(draft: Draft, question: str) -> list[Block]:
    """Return what stands above whatever came between: an open report, what it asks, and the way back."""
    going_on = GoTo(draft=draft.id, revision=draft.revision, page="")
    return [
        Text(say("list.way_back", question=question)),
        Buttons((Button(label=say("button.continue"), intent=going_on, style=Style.PRIMARY),)),
        Divider(),
    ]


def messages_for_start(draft: Draft | None) -> list[Block]:
    """Return the way in: start, or continue what was begun."""
    if draft is None:
        return [Text(say("list.welcome")), start_buttons()]
    going_on = GoTo(draft=draft.id, revision=draft.revision, page="")
    return [
        Text(say("list.draft")),
        Buttons(
            (
                Button(label=say("button.continue"), intent=going_on, style=Style.PRIMARY),
                Button(
                    label=say("button.start_new"), intent=Begin(fresh=True), confirm=say("list.fresh_confirm")
                ),
            )
        ),
    ]


def week_before(now: dt.datetime) -> dt.datetime:
    """Return since when a closed case still belongs in the digest."""
    return now - dt.timedelta(days=7)


def digest(
    rows: Sequence[CaseSummary],
    school: School,
    now: dt.datetime,
    week: str,
    unopened: Collection[CaseId] = (),
    *,
    late: dt.datetime | None = None,
) -> Card:
    """Return the week's digest: open, unacknowledged, overdue, closed.

    Restricted cases are a bare count, and only if they are among ``rows``: the channel's own digest leaves
    them out, because the person a case is kept from may be reading there. ``late`` = when it was due.
    """
    seen = [r for r in rows if not r.restricted]
    running = sorted((r for r in seen if r.status is not Status.CLOSED), key=_weight)
    closed = [r for r in seen if r.closed_at and r.closed_at >= week_before(now)]
    apart = sum(1 for r in rows if r.restricted and r.status is not Status.CLOSED)
    blocks: list[Block] = [*_which(school, week, late), *_owed(running)]
    if not running and not closed and not apart:
        blocks.append(Text(say("digest.nothing")))
        return Card(kind="digest", summary=say("summary.digest"), blocks=tuple(blocks))
    blocks.append(_counts(running, closed, unopened, now))
    if running:
        blocks.append(Bullets(tuple(_line(r, school, now, unopened) for r in running[:MOST])))
    if len(running) > MOST:
        blocks.append(Small(say("list.more", n=len(running) - MOST)))
    blocks += [Small(say("digest.apart", n=apart))] if apart else []
    return Card(kind="digest", summary=say("summary.digest"), blocks=tuple(blocks))


def _counts(
    running: Sequence[CaseSummary],
    closed: Sequence[CaseSummary],
    unopened: Collection[CaseId],
    now: dt.datetime,
) -> Facts:
    """Return how many cases there are of each kind."""
    waiting = [r for r in running if r.status is not Status.ACKNOWLEDGED]
    return Facts(
        (
            (say("digest.open"), str(len(running))),
            (say("digest.waiting"), str(len(waiting))),
            *_unopened(waiting, unopened),
            (say("digest.late"), str(sum(1 for r in running if r.due_at < now))),
            (say("digest.undecided"), str(sum(1 for r in running if r.duties))),
            (say("digest.held"), str(sum(1 for r in running if r.held))),
            (say("digest.closed"), str(len(closed))),
        )
    )


def _which(school: School, week: str, late: dt.datetime | None) -> list[Block]:
    """Return which week a digest is for, and that it is late where it is."""
    title = Heading(say("digest.title", day=on_day(week_begins(week))))
    if late is None:
        return [title]
    then = local(late, school.time)
    return [title, Small(say("digest.late_one", day=on_day(then.date()), time=f"{then:%H:%M}"))]


def _owed(rows: Sequence[CaseSummary]) -> list[Block]:
    """Return what is still owed to whom, the earliest day first."""
    owed = sorted(((row, duty) for row in rows for duty in row.duties), key=lambda pair: pair[1].due)
    lines = [
        say("digest.owed_line", ref=row.reference, body=duty_name(duty), day=on_day(duty.due))
        for row, duty in owed
    ]
    more = [say("list.more", n=len(lines) - MOST)] if len(lines) > MOST else []
    return [Small(say("digest.owed")), Bullets((*lines[:MOST], *more))] if lines else []


def _unopened(waiting: Sequence[CaseSummary], unopened: Collection[CaseId]) -> list[tuple[str, str]]:
    """Return how many wait that nobody has opened, if any does."""
    found = sum(1 for row in waiting if row.id in unopened)
    return [(say("digest.unopened"), str(found))] if found else []


def which_school(schools: Sequence[School], words: str) -> Form:
    """Return the question which school a report is about, for somebody who belongs to several."""
    options = tuple(
        Option(school.id, say("typed.numbered", number=number, label=school.name))
        for number, school in enumerate(schools, 1)
    )
    return Form(
        id="which_school",
        title=say("service.which"),
        submit=Begin(),
        submit_label=say("button.continue"),
        fields=(
            Choice(name="school", label=say("service.which"), options=options, numbered=True),
            TextField(name="words", label=say("service.which_words"), lines=4, value=words),
        ),
        summary=say("summary.home"),
    )
