"""The list of open cases, what a search found, and the form that asks what to look for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from flows.calendar import local, on_day, spoken
from flows.errors import InvalidAnswer
from flows.finding.filters import Filter, Paged, passes
from flows.finding.query import Query, written
from flows.messages.lists import weight
from flows.model import CaseId, CaseSummary, Status, Urgency
from flows.school import PersonId, School
from flows.ui.cards import Block, Button, Buttons, Card, Heading, Small, Text
from flows.ui.forms import DateField, Form, TextField
from flows.ui.intents import LONGEST, Ask, ChatCommand, encode
from flows.words import say


def ordered(
    rows: Sequence[CaseSummary], which: Filter, person: PersonId, school: School, now: dt.datetime
) -> list[CaseSummary]:
    """Return those of the open cases that are asked for, the most pressing first."""
    return sorted((row for row in rows if passes(row, which, person, school, now)), key=weight)


def cases(
    page: Paged,
    which: Filter,
    counts: Mapping[Filter, int],
    school: School,
    now: dt.datetime,
    *,
    unopened: Collection[CaseId] = (),
) -> Card:
    """Return a page of a leader's open cases, each with a button; ``unopened`` by anybody yet.

    ``counts`` = how many of them there are by each filter.
    """
    blocks: list[Block] = [Heading(say(f"list.titled.{which}")), *_filters(which, counts)]
    if not page.shown:
        blocks.append(Text(say("list.none" if which is Filter.ALL else "list.none_such")))
    for row in page.shown:
        blocks.append(Text(_open_line(row, school, now, unopened)))
        blocks += [Small(_owed(row))] if which is Filter.WAITING else []
        blocks.append(_opening(row))
    blocks += _turning(page, ChatCommand.CASES, {n: f"{which} {n}" for n in (page.page - 1, page.page + 1)})
    return Card(kind="cases", summary=say("summary.list"), blocks=tuple(blocks))


def _filters(which: Filter, counts: Mapping[Filter, int]) -> list[Block]:
    """Return the buttons of the filters that show something else than what is shown, and not nothing."""
    everything = counts.get(Filter.ALL, 0)
    buttons = tuple(
        Button(
            label=say(f"list.filter.{one}", n=n), intent=Ask(ChatCommand.CASES, one.value if shown else "")
        )
        for one, n in counts.items()
        for shown in [one is not Filter.ALL]
        if one is not which and (n < everything and n if shown else which is not Filter.ALL)
    )
    return [Buttons(buttons)] if buttons else []


def _open_line(row: CaseSummary, school: School, now: dt.datetime, unopened: Collection[CaseId]) -> str:
    return _joined(
        say(
            "list.line",
            ref=_called(row),
            soon=say("list.now")
            if row.urgency is Urgency.EMERGENCY
            else say("list.due", deadline=spoken(row.due_at, now, school)),
            state=say(f"status.{row.status}"),
            late=say("list.overdue") if row.due_at < now and row.status is not Status.CLOSED else "",
            unopened=say("list.unopened") if row.id in unopened else "",
        )
    )


def _owed(row: CaseSummary) -> str:
    return " · ".join(say("list.owed", what=one.what, day=on_day(one.due)) for one in row.owed)


def results(page: Paged, query: Query, school: School) -> Card:
    """Return a page of what a search found; that nothing was says nothing of what is kept from somebody."""
    blocks: list[Block] = [
        Heading(say("find.title")),
        Small(say("find.looked_for", what=written(replace(query, page=1)))),
    ]
    if not page.shown:
        blocks.append(Text(say("find.none")))
    for row in page.shown:
        blocks += [Text(_found_line(row, school)), _opening(row)]
    onward = {n: written(replace(query, page=n)) for n in (page.page - 1, page.page + 1)}
    blocks += _turning(page, ChatCommand.FIND, onward)
    again = Button(label=say("find.again"), intent=Ask(ChatCommand.FIND))
    return Card(kind="found", summary=say("summary.list"), blocks=(*blocks, Buttons((again,))))


def _found_line(row: CaseSummary, school: School) -> str:
    opened = local(row.opened_at, school.time).date()
    return _joined(
        say(
            "find.line",
            ref=_called(row),
            day=f"{on_day(opened)} {opened.year}",
            state=say(f"status.{row.status}"),
        )
    )


def form(error: InvalidAnswer | None = None, given: Mapping[str, str] | None = None) -> Form:
    """Return the form that asks what to look for, filled in as far as it was."""
    said, wrong = given or {}, error.errors if error is not None else {}
    texts = tuple(
        TextField(name=name, label=say(f"find.field.{name}"), value=said.get(name, ""), most=120)
        for name in ("words", "account", "link", "person")
    )
    days = tuple(
        DateField(
            name=name, label=say(f"find.field.{name}"), value=said.get(name, ""), error=wrong.get(name, "")
        )
        for name in ("since", "until")
    )
    return Form(
        id="find",
        title=say("find.title"),
        submit=Ask(ChatCommand.FIND),
        submit_label=say("find.button"),
        intro=(Text(say("find.what")), Small(say("find.typed"))),
        fields=(*texts, *days),
        summary=say("summary.list"),
    )


def _called(row: CaseSummary) -> str:
    return f"{say('drill.line')} {row.reference}" if row.drill else row.reference


def _opening(row: CaseSummary) -> Buttons:
    return Buttons((Button(label=row.reference, intent=Ask(ChatCommand.CASE, row.reference)),))


def _turning(page: Paged, command: ChatCommand, asked: Mapping[int, str]) -> list[Block]:
    """Return which page it is, and what turns it; a search that no button carries is made narrower."""
    if page.pages == 1:
        return []
    onward = [("list.earlier", page.page - 1), ("list.later", page.page + 1)]
    buttons = tuple(
        Button(label=say(word), intent=Ask(command, asked[number]))
        for word, number in onward
        if 1 <= number <= page.pages and len(encode(Ask(command, asked[number]))) <= LONGEST
    )
    said = Small(say("list.page", n=page.page, of=page.pages))
    return [said, *([Buttons(buttons)] if buttons else [])]


def _joined(line: str) -> str:
    return " ".join(line.split())
