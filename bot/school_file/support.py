"""Whom somebody who is hurt can ring, as a school's file has it."""

from __future__ import annotations

from bot.school_file.shapes import OFFICE_PHONE
from bot.school_file.toml_table import Table
from flows.school import SupportLine


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
