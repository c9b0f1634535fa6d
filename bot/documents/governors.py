"""The report to governors as a page of HTML that stands alone, and as PDF/A and PDF/UA.

Both are drawn from the same sections and charts. The text goes in as data: nothing in it becomes markup.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.documents.pdf import compiled, legible
from flows.figures.chart import svg
from flows.figures.report import Report


def html(report: Report) -> str:
    """Return the report as a page: no script, nothing fetched, dark where the reader's screen is."""
    charts = [Markup(svg(s.chart, f"{n}")) if s.chart else None for n, s in enumerate(report.sections)]  # noqa: S704 - of our own making, its words escaped
    page: str = _page().render(report=report, sections=list(zip(report.sections, charts, strict=True)))
    return page


def pdf(report: Report, *, at: dt.datetime) -> bytes:
    """Return the report as a PDF. Takes a moment: not for the event loop."""
    told: Any = legible(msgspec.to_builtins(report))
    for number, (section, drawn) in enumerate(zip(told["sections"], report.sections, strict=True)):
        if drawn.chart is not None:
            section["chart"] = {"svg": svg(drawn.chart, f"{number}"), "alt": drawn.chart.alternative}
    return compiled(_template(), told, at=at)


@cache
def _template() -> bytes:
    return (files("bot.documents") / "governors.typ").read_bytes()


@cache
def _page() -> Any:  # a template of jinja2
    env = Environment(
        loader=PackageLoader("bot.documents", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return env.get_template("governors.html")
