"""Figures in chat, for leaders: a term beside the one before it; and the same as lines of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flows.calendar import on_day
from flows.figures.count import DIVIDED, Figures, Part
from flows.figures.phrases import beside, called, span_of, times_of, took
from flows.figures.steps import STEP
from flows.ui.cards import Block, Button, Buttons, Card, Facts, Heading, Small, Text
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

#: what the figures of a term are had as, beside the card
FILES = ("csv", "html", "pdf")


def card(figures: Figures, school: str, *, latest: bool) -> Card:
    """Return the figures of a term. ``school`` is its prefix; ``latest`` = it is the term that runs."""
    this, before = figures.this, figures.before
    first, last = span_of(this.term)
    blocks: list[Block] = [
        Heading(say("figures.title", term=this.term.name)),
        Small(say("figures.when", school=figures.school, first=first, last=last)),
        Small(say("figures.so_far", day=on_day(figures.until))),
        Facts(((say("figures.reports"), beside(this.reports, before.reports, figures)),)),
        *(block for part in Part for block in _table(figures, part)),
        *_empty(figures),
        Small(say("figures.times")),
        Facts(
            tuple((say(f"figures.times_of.{what}"), took(times)) for what, times in times_of(this).items())
        ),
        Small(say("figures.apart")),
        Facts(
            tuple(
                (say(f"figures.{name}"), beside(getattr(this, name), getattr(before, name), figures))
                for name in ("drills", "mistakes")
            )
        ),
        Small(say("figures.steps")),
        Small(say("figures.everybody")),
        _buttons(figures, school, latest=latest),
    ]
    return Card(kind="figures", summary=say("summary.figures"), blocks=tuple(blocks))


def _table(figures: Figures, part: Part) -> Iterator[Block]:
    names = figures.told_of(part)
    if not names:
        return
    yield Small(say(f"figures.table.{part}"))
    this, before = figures.this.tables[part], figures.before.tables[part]
    yield Facts(
        tuple((called(part, name), beside(this.get(name, 0), before.get(name, 0), figures)) for name in names)
    )
    if len(names) < len(DIVIDED.get(part, ())) or part is Part.CLAUSE:
        yield Small(say("figures.others"))


def _empty(figures: Figures) -> Iterator[Block]:
    """Yield in one line what there is nothing to be told of."""
    empty = [say(f"figures.table.{part}") for part in Part if not figures.told_of(part)]
    if empty:
        yield Small(say("figures.empty", tables=" · ".join(empty)))


def asks(what: str, figures: Figures, school: str) -> Ask:
    """Return what a button about the figures of a term carries: what is wanted, of which school and term."""
    return Ask(ChatCommand.FIGURES, f"{school}-{figures.this.term.first.isoformat()} {what}".strip())


def report_card(figures: Figures, school: str) -> Card:
    """Return how the report of a term is had: nothing is sent to anybody, a person reads it first."""
    term = figures.this.term.name
    buttons = (
        Button(label=say(f"figures.button.{what}"), intent=asks(what, figures, school))
        for what in ("pdf", "html")
    )
    return Card(
        kind="figures",
        summary=say("summary.figures"),
        blocks=(
            Heading(say("report.title", term=term)),
            Text(say("report.offered")),
            Text(say("report.review")),
            Buttons(tuple(buttons)),
        ),
    )


def file_card(figures: Figures, what: str) -> Card:
    """Return how a file is had where a chat can give none."""
    term = figures.this.term.name
    words = say("figures.by_command" if what == "csv" else "report.by_command", term=term)
    blocks = (Heading(say("figures.title", term=term)), Text(words))
    return Card(kind="figures", summary=say("summary.figures"), blocks=blocks)


def _buttons(figures: Figures, school: str, *, latest: bool) -> Buttons:
    other = (
        Button(
            label=say("figures.button.last"),
            intent=Ask(ChatCommand.FIGURES, f"{school}-{figures.before.term.first.isoformat()}"),
        )
        if latest
        else Button(label=say("figures.button.this"), intent=Ask(ChatCommand.FIGURES))
    )
    report = Button(label=say("figures.button.report"), intent=asks("report", figures, school))
    return Buttons(
        (other, report, Button(label=say("figures.button.csv"), intent=asks("csv", figures, school)))
    )


def as_csv(figures: Figures) -> str:
    """Return everything that is told of both terms, a line for each number: from and to, never one alone."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(
        ("school", "term", "first_day", "last_day", "counted_until", "table", "what", "from", "to")
    )
    for term in (figures.this, figures.before):
        head = (figures.school, term.term.name, term.term.first, term.term.last, figures.until)
        counts = [("reports", "all", term.reports), ("apart", "drills", term.drills)]
        counts.append(("apart", "mistakes", term.mistakes))
        for part in Part:
            names = DIVIDED.get(part) or figures.told_of(part)
            counts += [(part, name, term.tables[part].get(name, 0)) for name in names]
        lines.writerows((*head, table, what, low, low + STEP - 1) for table, what, low in counts)
        for what, times in times_of(term).items():
            if times is not None:
                lines.writerow((*head, f"minutes_until_{what}", "median", times.median, times.median))
                lines.writerow((*head, f"minutes_until_{what}", "middle_half", times.lower, times.upper))
    return out.getvalue()
