"""Two parts of a school's file: whom somebody who is hurt can ring, and how long what is over is kept.

A length of time is written as people say it: "6 years after closing", "1 school year".
"""

from __future__ import annotations

import datetime as dt
import re

from bot.school_file.shapes import OFFICE_PHONE
from bot.school_file.toml_table import Table
from flows.school import Retention, Span, SupportLine

_WRITTEN = re.compile(r"([0-9]{1,3}) *(school years?|years?|months?|days?)( after closing)?", re.IGNORECASE)
_UNITS = {"d": "days", "m": "months", "y": "years", "s": "school_years"}
_DAYS = {"days": 1, "months": 30, "years": 365, "school_years": 365}
#: A case is wanted again within months: a complaint, an appeal, a parent who asks for what is kept of them.
_SHORTEST, _LONGEST = 365, 80 * 365
_DRAFT_LONGEST = 90
_HOW = 'Write a number and days, months, years or school years: "6 years after closing", "1 school year".'


def support_lines(table: Table) -> tuple[SupportLine, ...]:
    """Return whom somebody who is hurt can ring: a part each, under a name of the school's own."""
    lines = []
    for key in table.names():
        one = table.table(key)
        phone = one.shaped("phone", OFFICE_PHONE)
        if not phone and "phone" not in one:
            one.wrong("phone", "a support line has no number.", 'For example phone = "01632 960016".')
        line = SupportLine(name=one.text("name", needed=True), phone=phone, hours=one.text("hours"))
        one.finish()
        lines.append(line)
    return tuple(lines)


def retention(table: Table) -> Retention:
    """Return how long drafts and cases are kept; what is not written is kept until a person removes it."""
    usual = Retention()
    found = Retention(
        no_clause=_span(table, "no_clause"), case=_span(table, "case"), draft=_draft(table) or usual.draft
    )
    table.finish()
    return found


def _span(table: Table, key: str) -> Span | None:
    span = _read(table, key)
    if span is None:
        return None
    days = span.n * _DAYS[span.unit]
    if days < _SHORTEST:
        table.wrong(
            key, "this is too short: people may ask for it within the year.", "Write at least 1 year."
        )
        return None
    if days > _LONGEST:
        table.wrong(key, "this is longer than anybody has to keep it.", "Write at most 80 years.")
        return None
    return span


def _draft(table: Table) -> dt.timedelta | None:
    span = _read(table, "draft")
    if span is None:
        return None
    if span.unit != "days" or not 1 <= span.n <= _DRAFT_LONGEST:
        mend = f'Write days, from 1 to {_DRAFT_LONGEST}: "30 days".'
        table.wrong("draft", "a draft that nobody touches is kept for days.", mend)
        return None
    return dt.timedelta(days=span.n)


def _read(table: Table, key: str) -> Span | None:
    written = table.text(key)
    if not written:
        return None
    found = _WRITTEN.fullmatch(" ".join(written.split()))
    if found is None:
        table.wrong(key, "this is not a length of time that I know.", _HOW)
        return None
    return Span(int(found[1]), _UNITS[found[2][0].lower()])
