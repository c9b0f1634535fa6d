"""Lists: what a person sees of many cases at once. Rows only; no case is opened.

``access.may_know_row`` has been asked before rows get here. The digest stands beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from msgspec.structs import replace

from flows.case.actions.drilling import Drill
from flows.delivery.told import Reach
from flows.messages.phrases import how_far
from flows.messages.shared_blocks import start_buttons, support
from flows.model import URGENCIES, CaseId, CaseSummary, Draft, Status
from flows.references import about
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
from flows.ui.intents import LONGEST, Ask, Begin, ChatCommand, GoTo, encode
from flows.words import say

#: How many rows a card lists before it says how many more there are.
MOST = 15
#: So many reports of one's own are told of with all that happened to them.
WHOLE = 3
NONE_WHOLE: Mapping[CaseId, Sequence[Block]] = MappingProxyType({})
#: Nothing is known yet of who has been reached.
NOT_YET: Mapping[CaseId, Mapping[PersonId, Reach]] = MappingProxyType({})


def weight(row: CaseSummary) -> tuple[int, int, dt.datetime]:
    """Order: not taken on first, then the more urgent, then the older."""
    waiting = 0 if row.status in (Status.OPEN, Status.ESCALATED) else 1
    return waiting, -URGENCIES.index(row.urgency), row.opened_at


def status(
    rows: Sequence[CaseSummary],
    draft: Draft | None,
    school: School,
    reached: Mapping[CaseId, Mapping[PersonId, Reach]] = NOT_YET,
    *,
    whole: Mapping[CaseId, Sequence[Block]] = NONE_WHOLE,
) -> Card:
    """Return a reporter's own reports, in safe words, and the draft that waits.

    ``reached`` = how far those whom each report tells have been reached; ``whole`` are those that are told of
    with all that happened to them.
    """
    blocks: list[Block] = [Heading(say("list.mine_title")), *chain.from_iterable(whole.values())]
    others = [row for row in rows if row.id not in whole]
    if not rows and draft is None:
        blocks.append(Text(say("list.mine_none")))
    if others:
        pairs = tuple((row.reference, how_far(row, reached.get(row.id, {}), school)) for row in others[:MOST])
        blocks += [*([Small(say("mine.others"))] if whole else []), Facts(pairs)]
    if any(row.reporter_hurt for row in rows):
        blocks += support(school)
    if draft is not None:
        blocks.append(Text(say("list.draft")))
        going_on = GoTo(draft=draft.id, revision=draft.revision, page="")
        blocks.append(Buttons((Button(label=say("button.continue"), intent=going_on, style=Style.PRIMARY),)))
    else:
        blocks.append(Buttons((Button(label=say("button.start"), intent=Begin(), style=Style.PRIMARY),)))
    return Card(kind="status", summary=say("summary.status"), blocks=tuple(blocks))


def support_card(school: School) -> Card:
    """Return whom anybody can ring who is hurt; it says nothing of why they ask."""
    lines = support(school) or [Text(say("list.no_support"))]
    return Card(
        kind="support", summary=say("summary.support"), blocks=(*lines, Small(say("list.support_too")))
    )


def with_trouble(card: Card, lines: Sequence[str]) -> Card:
    """Return a status with what an administrator has to mend, before everything else."""
    return replace(card, blocks=(*(Callout(Tone.CAUTION, line) for line in lines), *card.blocks))


def help_card(
    *, leader: bool, seats: bool = False, administers: bool = False, policy_links: Sequence[str] = ()
) -> Card:
    """Return what this person can type or press, and where the policies of their schools can be read."""
    lines = [
        say("help.report"),
        say("help.typing"),
        say("help.status"),
        say("help.link"),
        say("help.support"),
        say("help.danger"),
    ]
    if leader:
        lines += [say(f"help.{name}") for name in ("cases", "find", "subject", "case", "case_do", "digest")]
    lines += [say("help.seat"), say("help.drill")] if seats else []
    lines += [say("help.rehearse")] if administers else []
    lines += [say("help.figures"), say("help.wording")] if leader or seats else []
    lines += [say("help.policy", link=link) for link in policy_links]
    blocks = (Heading(say("help.title")), Bullets(tuple(lines)), start_buttons())
    return Card(kind="help", summary=say("summary.help"), blocks=blocks)


def home(
    mine: Sequence[CaseSummary],
    draft: Draft | None,
    open_cases: Card | None,
    school: School,
    *,
    reached: Mapping[CaseId, Mapping[PersonId, Reach]] = NOT_YET,
) -> Card:
    """Return the home page: start, my reports, and for leaders the list of open cases (None = no leader)."""
    blocks: list[Block] = [Heading(school.name), *messages_for_start(draft)]
    blocks += [Divider(), *status(mine, None, school, reached).blocks[:2]]
    if open_cases is not None:
        blocks += [Divider(), *open_cases.blocks]
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


def which_of(schools: Sequence[School], command: ChatCommand, argument: str) -> Card:
    """Return the question of which school something is asked, for somebody who belongs to several."""
    asked = ((school, Ask(command, f"{about(school)} {argument}".strip())) for school in schools)
    buttons = tuple(
        Button(
            label=school.name,
            # what no button carries is asked for once more, where it is about one school
            intent=ask if len(encode(ask)) <= LONGEST else Ask(command, about(school)),
        )
        for school, ask in asked
    )
    blocks = (Heading(say("service.which_of")), Small(say("service.which_typed")), Buttons(buttons))
    return Card(kind="which_school", summary=say("summary.home"), blocks=blocks)


def begin_drill(school: School) -> Card:
    """Return what a drill does, and the buttons that begin one."""
    kinds = tuple(
        Button(
            label=say(f"drill.begin_{drill}"),
            intent=Ask(ChatCommand.DRILL, f"{about(school)} {drill.value}"),
            confirm=say("drill.confirm"),
        )
        for drill in Drill
    )
    blocks = (Heading(say("drill.title")), Text(say("drill.what")), Buttons(kinds))
    return Card(kind="drill", summary=say("drill.title"), blocks=blocks)
