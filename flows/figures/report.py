"""The termly report to governors: sections of words, tables and charts. How it is drawn, others know.

It says what a governor asks first – how many, of what, how it ended, how soon – and then what the bot did and
what it did not do. All of it is of the same figures that leaders are shown: nothing more can be told from it.
"""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.calendar import on_day
from flows.figures.chart import Bars
from flows.figures.count import DIVIDED, Figures, Part, TermFigures
from flows.figures.doings import BY_BOT, BY_PEOPLE, Doings
from flows.figures.phrases import called, span_of, times_of, took
from flows.figures.steps import told
from flows.words import say


class Table(Struct, frozen=True, kw_only=True):
    """A table with a caption; each row begins with what it is about."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(Struct, frozen=True, kw_only=True):
    """A heading with what stands below it; ``page`` = it begins a page of its own."""

    heading: str
    text: tuple[str, ...] = ()
    chart: Bars | None = None
    table: Table | None = None
    lines: tuple[str, ...] = ()
    page: bool = False


class Report(Struct, frozen=True, kw_only=True):
    """A whole report."""

    title: str
    school: str
    about: str
    made: str
    sections: tuple[Section, ...]


def report(figures: Figures, doings: Doings, made: dt.date) -> Report:
    """Return the report of a term, as it was made that day."""
    first, last = span_of(figures.this.term)
    return Report(
        title=say("report.title", term=figures.this.term.name),
        school=figures.school,
        about=say("report.about", first=first, last=last, day=on_day(figures.until)),
        made=say("report.made", day=f"{on_day(made)} {made.year}"),
        sections=(
            _first(figures),
            *(_divided(figures, part) for part in Part),
            _times(figures),
            _did(doings),
            _did_not(doings),
        ),
    )


def _first(figures: Figures) -> Section:
    rows = [
        (say(f"figures.{name}"), told(getattr(figures.this, name)), told(getattr(figures.before, name)))
        for name in ("reports", "drills", "mistakes")
    ]
    return Section(
        heading=say("report.first"),
        text=tuple(
            say(line) for line in ("figures.steps", "report.hatched", "figures.everybody", "report.review")
        ),
        table=Table(caption=say("report.first"), head=_head(figures), rows=tuple(rows)),
    )


def _divided(figures: Figures, part: Part) -> Section:
    names, heading = figures.told_of(part), say(f"figures.table.{part}")
    if not names:
        return Section(heading=heading, text=(say("figures.nothing"),))
    now, then = figures.this.tables[part], figures.before.tables[part]
    lines = tuple((called(part, name), now.get(name, 0), then.get(name, 0)) for name in names)
    rest = len(names) < len(DIVIDED.get(part, ())) or part is Part.CLAUSE
    return Section(
        heading=heading,
        chart=Bars(
            title=heading,
            this=figures.this.term.name,
            before=figures.before.term.name,
            lines=lines,
        ),
        table=Table(
            caption=heading,
            head=_head(figures),
            rows=tuple((name, told(this), told(before)) for name, this, before in lines),
        ),
        lines=(say("figures.others"),) if rest else (),
    )


def _head(figures: Figures) -> tuple[str, ...]:
    return say("report.what"), figures.this.term.name, figures.before.term.name


def _times(figures: Figures) -> Section:
    def of(term: TermFigures, what: str) -> str:
        return took(times_of(term)[what])

    rows = tuple(
        (say(f"figures.times_of.{what}"), of(figures.this, what), of(figures.before, what))
        for what in ("taken_on", "closed")
    )
    heading = say("figures.times")
    return Section(
        heading=heading,
        text=(say("report.times"),),
        table=Table(caption=heading, head=_head(figures), rows=rows),
    )


def _did(doings: Doings) -> Section:
    rows = [(say("report.sent"), told(doings.sent)), (say("report.failed"), told(doings.failed))]
    rows += [(say(f"report.did.{kind}"), told(doings.done[kind])) for kind in BY_BOT]
    heading = say("report.did_title")
    head = (say("report.what"), say("report.how_often"))
    return Section(
        heading=heading,
        text=(say("report.did_text"),),
        table=Table(caption=heading, head=head, rows=tuple(rows)),
        page=True,
    )


def _did_not(doings: Doings) -> Section:
    rows = [
        (say("report.outside"), _never(doings.outside)),
        (say("report.alone"), _never(doings.alone)),
        *((say(f"report.people.{kind}"), told(doings.done[kind])) for kind in BY_PEOPLE),
    ]
    heading = say("report.did_not_title")
    head = (say("report.what"), say("report.how_often"))
    return Section(
        heading=heading,
        text=(say("report.did_not_text"),),
        table=Table(caption=heading, head=head, rows=tuple(rows)),
    )


def _never(count: int) -> str:
    """Return that what must never be was not, or how often it was: that is never hidden."""
    return say("report.never") if count == 0 else f"{count:,}"
