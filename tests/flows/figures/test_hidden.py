"""Small numbers are hidden, whatever stands beside them: other numbers, totals, terms, surfaces."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.case.summary import summary
from flows.figures.card import as_csv, card
from flows.figures.count import DIVIDED, Figures, Part, TermFigures, count
from flows.figures.doings import doings
from flows.figures.report import report
from flows.figures.steps import STEP, divided, step, told
from flows.figures.terms import term_of
from flows.model import CaseSummary
from flows.policy.engine import default_policy
from flows.ui.plain_text import card_text
from tests.flows.figures.matter import MONDAY, invented, possible
from tests.flows.matter import AT, SCHOOL

SIZES = sorted({len(kinds) for kinds in DIVIDED.values()})
TERM = term_of(AT.date(), SCHOOL)


@pytest.mark.parametrize(
    ("counted", "said"),
    [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5–9"), (9, "5–9"), (10, "10–14"), (6236, "6,235–6,239")],
)
def test_a_count_is_told_as_a_step(counted: int, said: str) -> None:
    """Zero is told as four is."""
    assert told(step(counted)) == said


def test_no_table_has_a_multiple_of_five_kinds() -> None:
    """One that has is refused, so it is sound; and each kind of the policy stands in its table."""
    with pytest.raises(ValueError, match="one kind more"):
        divided("a", "b", "c", "d", "e")
    assert all(len(kinds) % STEP for kinds in DIVIDED.values())
    assert set(default_policy().table.kinds) == set(DIVIDED[Part.KIND])


def _divide(reports: int, kinds: int, rng: Random) -> list[int]:
    """Return so many reports divided among kinds: mostly few of a kind, and often just below or on a step."""
    counts = [0] * kinds
    left = reports
    for place in rng.sample(range(kinds), kinds - 1):
        counts[place] = min(left, rng.choice((0, 0, 1, 2, 4, 4, 4, 5, 9, 14, rng.randrange(30))))
        left -= counts[place]
    counts[counts.index(min(counts))] += left
    return counts


def _read(counts: list[list[int]]) -> list[tuple[int, set[int]]]:
    """Return each number of reports, and all that it may be for whoever reads the tables made of them."""
    tables = [{f"{n}": step(each) for n, each in enumerate(table)} for table in counts]
    found = possible(tables, step(sum(counts[0])))
    return [(counts[number][int(name)], may_be) for number, name, may_be in found]


@pytest.mark.feature("figures-hide-small-numbers")
@given(st.integers(0, 80), st.randoms(use_true_random=False))
def test_no_small_number_can_be_worked_out(reports: int, rng: Random) -> None:
    """Whoever reads every table of a term, and adds and takes away, has two numbers or more left."""
    for counted, may_be in _read([_divide(reports, kinds, rng) for kinds in SIZES]):
        assert counted in may_be
        assert len(may_be) > 1 or counted >= STEP


@given(st.lists(st.sampled_from((0, 4, 9, 14)), min_size=2, max_size=14), st.sampled_from(SIZES))
@example([4] * 14, 9)
def test_nor_where_every_other_number_stands_just_below_a_step(ends: list[int], kinds: int) -> None:
    """The worst there is: no number can grow, and in another table each stands on a step where it can."""
    ends = [4, *ends] if (len(ends) + 1) % STEP else [4, 4, *ends]
    reports = sum(ends)
    whole, rest = divmod(reports, STEP)
    other = [whole * STEP, *[0] * (kinds - 2), rest]
    assert all(len(may_be) > 1 or counted >= STEP for counted, may_be in _read([ends, other]))


def test_the_reader_would_have_found_it() -> None:
    """With five kinds it can be worked out: the tests above are able to fail."""
    assert (4, {4}) in _read([[4] * 5, [20, 0, 0]])


def _figures(rows: list[CaseSummary], until: dt.datetime = MONDAY) -> Figures:
    before = term_of(TERM.first - dt.timedelta(days=1), SCHOOL)
    found = []
    for term in (TERM, before):
        first, end = term.moments(SCHOOL)
        found.append(count([row for row in rows if first <= row.opened_at < end], term, until))
    return Figures(school=SCHOOL.name, until=until.date(), this=found[0], before=found[1])


def _rows(seed: int, number: int) -> list[CaseSummary]:
    rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    return [summary(invented(rng, n)) for n in range(number)]


def _lows(term: TermFigures) -> set[int]:
    return {
        term.reports,
        term.drills,
        term.mistakes,
        *(n for table in term.tables.values() for n in table.values()),
    }


@given(st.integers(0, 999), st.integers(0, 150))
def test_every_surface_tells_the_same_steps_and_nothing_else(seed: int, number: int) -> None:
    """Card, CSV and report are made of one and the same figures, so that no two of them make a third."""
    figures = _figures(_rows(seed, number))
    lows = _lows(figures.this) | _lows(figures.before)
    assert all(low % STEP == 0 for low in lows)
    lines = list(csv.DictReader(io.StringIO(as_csv(figures))))
    counts = [line for line in lines if not line["table"].startswith("minutes")]
    assert {int(line["from"]) for line in counts} <= lows
    assert all(int(line["to"]) - int(line["from"]) == STEP - 1 for line in counts)
    spans = {told(low) for low in lows}
    made = report(figures, doings([], [], (), MONDAY), AT.date())
    cells = {cell for s in made.sections[:6] if s.table for row in s.table.rows for cell in row[1:]}
    assert cells <= spans
    shown = card_text(card(figures, SCHOOL.prefix, latest=True))
    assert set(re.findall(r"\d+–\d+", shown)) <= {*spans, "0–4"}


@pytest.mark.feature("figures-once-a-week")
@given(st.integers(0, 999))
def test_figures_stand_still_for_a_week(seed: int) -> None:
    """What comes, is taken on or closed in a week changes nothing: no two readings show that one came."""
    rng = Random(seed)  # noqa: S311 - likewise
    rows = _rows(seed, 40)
    later = []
    for row in rows:
        moment = MONDAY + dt.timedelta(minutes=rng.randrange(7 * 24 * 60))
        taken = row.taken_on_at or (moment if row.owner is None and row.holders else None)
        closed = row.closed_at or moment
        later.append(replace(row, taken_on_at=taken, closed_at=closed, outcome=row.outcome or "met"))
    came = [
        replace(row, id=f"X{row.id}", opened_at=MONDAY + dt.timedelta(hours=n)) for n, row in enumerate(rows)
    ]
    assert _figures([*later, *came]) == _figures(rows)


@given(st.integers(0, 999))
def test_what_is_kept_from_anybody_is_in_no_figure(seed: int) -> None:
    """Figures with such cases and without them are the same: they show nobody that there are any."""
    rows = _rows(seed, 60)
    assert _figures(rows) == _figures([row for row in rows if not row.restricted and not row.recused])
    assert any(row.restricted or row.recused for row in rows)


@given(st.integers(0, 999))
def test_drills_and_mistakes_are_told_apart(seed: int) -> None:
    """They stand in no table; how many there were is told beside them."""
    rows = _rows(seed, 80)
    ended = [row for row in rows if row.closed_at and row.closed_at < MONDAY and row.outcome == "mistake"]
    real = _figures([row for row in rows if not row.drill and row not in ended])
    both = _figures(rows)
    for one, other in ((real.this, both.this), (real.before, both.before)):
        assert one == replace(other, drills=0, mistakes=0)
