"""How what is counted is called, and a time in words."""

from __future__ import annotations

from flows.calendar import on_day
from flows.figures.count import Figures, Part, TermFigures, Times
from flows.figures.steps import told
from flows.figures.terms import Period
from flows.intake.answers import label
from flows.words import known, say

_HOUR, _DAY = 60, 24 * 60


def called(part: Part, name: str) -> str:
    """Return what one kind of a table is called; a clause has its own name."""
    own = f"figures.{part}.{name}"
    if known(own):
        return say(own)
    match part:
        case Part.SEEN_ON:
            return label("platform", name)
        case Part.OUTCOME:
            return say(f"outcome.{name}")
        case _:
            return name


def beside(now: int, then: int, figures: Figures) -> str:
    """Return a count beside that of the term before."""
    return say("figures.beside", now=told(now), before=figures.before.term.name, then=told(then))


def span_of(term: Period) -> tuple[str, str]:
    """Return the first and the last day of a term, in words."""
    first, last = (f"{on_day(day)} {day.year}" for day in (term.first, term.last))
    return first, last


def took(times: Times | None) -> str:
    """Return how long it took, or that this is not told."""
    if times is None:
        return say("figures.too_few")
    spoken = {name: lasting(getattr(times, name)) for name in ("median", "lower", "upper")}
    return say("figures.median", **spoken)


def lasting(minutes: int) -> str:
    """Return a time in the unit in which one says it."""
    for unit, called_so in ((_DAY, "days"), (_HOUR, "hours")):
        if minutes >= 2 * unit:
            return say(f"figures.{called_so}", n=f"{minutes / unit:g}")
    return say("figures.minutes", n=minutes)


def times_of(term: TermFigures) -> dict[str, Times | None]:
    """Return the two times that are told, by what they are until."""
    return {"taken_on": term.taken_on, "closed": term.closed}
