"""Small numbers hidden: every count is told as one of 0–4, 5–9, 10–14 … and in no other way.

Official statistics call it rounding to base five. Each number is rounded by itself, and totals are too; so
nothing small can be worked out from the others. A table divides the reports of a term among its kinds:
where 1 to 4 are of one kind, there is always another world that reads the same.

- One report of another kind could as well be of this one, or one of this one of another, as long as that
  crosses no step. Crossed is always only where all other kinds stand just below a step (4, 9, 14 …) and
  this one is at 4, so that it takes no more.
- Then so many reports are there as four times the kinds make, but for whole steps. A table whose kinds are
  no multiple of five has then no number of reports that is a whole step, and a report less reads the same:
  here, and in every other table of the term, because there one kind at least stands not at a step.

So a table has never a multiple of five kinds (:func:`divided`). What a report may have several of, as
clauses, divides nothing: one less of it changes nothing else.
"""

from __future__ import annotations

from flows.words import say

STEP = 5


def step(count: int) -> int:
    """Return the step that a count stands on: the smallest number that would be told the same."""
    return count - count % STEP


def divided(*kinds: str) -> tuple[str, ...]:
    """Return the kinds that a table divides reports into. Raises ValueError for a multiple of five."""
    if len(kinds) % STEP == 0:
        raise ValueError("small numbers could be worked out: give this table one kind more")
    return kinds


def told(low: int) -> str:
    """Return a step in words: "fewer than 5", "10–14"."""
    return say("figures.span", low=f"{low:,}", high=f"{low + STEP - 1:,}") if low else say("figures.few")
