"""Figures as files: lines of CSV, and the report to governors as a page or as a PDF.

Files are made beside the event loop, each time they are asked for: nothing of them is stored.
"""

from __future__ import annotations

import asyncio

from bot.context import AppContext
from bot.figures.gather import doings_of, figures_of
from flows.calendar import local
from flows.figures.card import as_csv
from flows.figures.report import report
from flows.figures.terms import Period
from flows.school import School

TYPES = {"csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}


async def file_of(context: AppContext, school: School, term: Period, what: str) -> tuple[str, bytes]:
    """Return the name and the content of one of :data:`TYPES`."""
    figures = await figures_of(context, school, term)
    name = (
        f"{'figures' if what == 'csv' else 'governors-report'}-{'-'.join(term.name.lower().split())}.{what}"
    )
    if what == "csv":
        return name, as_csv(figures).encode("utf-8-sig")  # with its mark, so that a spreadsheet reads dashes
    from bot.documents import governors  # noqa: PLC0415 - what reports stand on is imported where one is made

    now = context.now()
    told = report(figures, await doings_of(context, school, term), local(now, school.time).date())
    if what == "html":
        return name, governors.html(told).encode()
    return name, await asyncio.to_thread(governors.pdf, told, at=now)
