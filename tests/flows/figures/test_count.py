"""What figures say is what counting one case after the other says."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path
from random import Random
from statistics import quantiles
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bot.figures.gather import figures_of
from flows.case.summary import summary
from flows.figures.card import card
from flows.figures.chart import Bars, svg
from flows.figures.count import DIVIDED, Part, Times, coarse, count
from flows.figures.doings import doings
from flows.figures.phrases import lasting
from flows.figures.report import report
from flows.figures.terms import Period, counted_until, term_of
from flows.model import Case, Change, Event, EventKind, Message, Outcome, Send, SendState, Status, Way
from flows.school import PersonId, Platform
from flows.ui.plain_text import card_text
from storage.open import Opening, open_store
from tests.flows.figures.matter import MONDAY, invented, opened
from tests.flows.matter import AT, HEAD, SCHOOL
from tests.town import SCHOOL as HPS
from tests.town import Town

TERM = term_of(AT.date(), SCHOOL)


def recounted(cases: list[Case], term: Period, until: dt.datetime) -> dict[Part, Counter[str]]:
    """Return the tables of a term, counted by going through whole cases with pencil and paper."""
    found: dict[Part, Counter[str]] = {part: Counter() for part in Part}
    for case in cases:
        day = case.opened_at.astimezone(ZoneInfo("Europe/London")).date()
        if not term.first <= day < term.before or case.opened_at >= until:
            continue
        closed = case.closed_at is not None and case.closed_at < until
        if case.drill or case.restricted or case.recused or (closed and case.outcome is Outcome.MISTAKE):
            continue
        found[Part.KIND][case.decision.kind] += 1
        given = case.report.answers.get("platform") or ("not_asked",)
        found[Part.SEEN_ON].update((given,) if isinstance(given, str) else given)
        found[Part.CLAUSE].update({clause for reason in case.decision.reasons for clause in reason.clauses})
        found[Part.OUTCOME][str(case.outcome) if closed else "not_closed"] += 1
        if case.owner is None:
            found[Part.TAKEN_ON]["not_yet" if case.holders else "not_needed"] += 1
        else:
            later = case.taken_on_at is not None and case.taken_on_at >= until
            found[Part.TAKEN_ON]["not_yet" if later else "taken_on"] += 1
    return found


@pytest.mark.slow
@pytest.mark.unwatched
@pytest.mark.feature("figures")
async def test_figures_equal_a_full_recount_of_twenty_thousand_cases(tmp_path: Path) -> None:
    """Every number of every table is the step that the recount stands on, in both terms."""
    rng = Random(13)  # noqa: S311 - to be repeated, not to be secret
    place = Town(await open_store(f"tinydb:{tmp_path}/cases.db", key=bytes(32), opening=Opening.EITHER))
    cases = [invented(rng, number) for number in range(20_000)]
    for start in range(0, len(cases), 500):
        some = (place.store.commit(Change(school=HPS, case=case)) for case in cases[start : start + 500])
        await asyncio.gather(*some)
    term = term_of(place.clock.now().date(), place.school)
    figures = await figures_of(place.context, place.school, term)
    until = counted_until(place.clock.now(), place.school)
    for told in (figures.this, figures.before):
        recount = recounted(cases, told.term, until)
        assert sum(recount[Part.KIND].values()) - told.reports in range(5)
        assert told.reports > 1000
        for part, table in told.tables.items():
            assert set(recount[part]) <= set(table)
            assert table == {name: recount[part][name] // 5 * 5 for name in table}
    await place.store.close()


def worked(number: int, minutes: int, days: int | None = None) -> Case:
    """Return a case taken on after so many minutes, and closed after so many days."""
    at = MONDAY - dt.timedelta(days=30, minutes=number)
    case = replace(
        opened(0),
        id=f"C{number}",
        opened_at=at,
        owner=HEAD,
        status=Status.ACKNOWLEDGED,
        taken_on_at=at + dt.timedelta(minutes=minutes),
    )
    if days is None:
        return case
    return replace(
        case,
        status=Status.CLOSED,
        outcome=Outcome.MET,
        closed_at=at + dt.timedelta(days=days, minutes=minutes),
    )


@pytest.mark.parametrize(
    ("took", "told"),
    [
        ([10] * 9, None),
        ([7] * 10, Times(5, 5, 5)),
        ([10 * n for n in range(1, 12)], Times(60, 30, 90)),
        ([1] * 10, Times(5, 5, 5)),
    ],
)
def test_how_long_it_took_is_told_of_ten_or_more(took: list[int], told: Times | None) -> None:
    """Half of them within the median, the middle half between two; coarsely."""
    rows = [summary(worked(number, minutes)) for number, minutes in enumerate(took)]
    assert count(rows, TERM, MONDAY).taken_on == told


def test_the_middle_half_is_that_of_statistics() -> None:
    """The same as another's reckoning, on numbers that need no rounding."""
    took = [5 * n for n in range(1, 10)] + [30 * n for n in range(2, 14)]
    lower, median, upper = quantiles(sorted(took), n=4, method="inclusive")
    found = count([summary(worked(n, m)) for n, m in enumerate(took)], TERM, MONDAY).taken_on
    assert found is not None
    assert (found.lower, found.median, found.upper) == (lower, median, upper)


def test_how_long_until_it_was_closed() -> None:
    """Told where the table of endings shows that there are ten: by its kinds, or by what is still open."""
    rows = [summary(worked(n, 60, days=4)) for n in range(10)]
    found = count(rows, TERM, MONDAY).closed
    assert found == Times(4 * 24 * 60, 4 * 24 * 60, 4 * 24 * 60)
    mixed = [replace(row, outcome=list(Outcome)[n % 5]) for n, row in enumerate(rows * 2)]
    assert count(mixed, TERM, MONDAY).closed is not None
    assert count(mixed[:12], TERM, MONDAY).closed is None


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "5 minutes"),
        (12, "10 minutes"),
        (58, "60 minutes"),
        (80, "90 minutes"),
        (130, "2 hours"),
        (160, "2.5 hours"),
        (13 * 60, "12 hours"),
        (50 * 60, "2 days"),
        (5 * 24 * 60 + 600, "5.5 days"),
    ],
)
def test_a_time_is_told_coarsely(minutes: int, told: str) -> None:
    """To five minutes, then to half an hour, to three hours and to half a day."""
    assert lasting(coarse(minutes)) == told


def test_what_was_taken_on_before_it_was_stored_when() -> None:
    """It counts as taken on, and says nothing of how long it took."""
    row = replace(summary(worked(1, 9)), taken_on_at=None)
    rows = [replace(row, id=f"C{n}") for n in range(11)]
    found = count(rows, TERM, MONDAY)
    assert found.tables[Part.TAKEN_ON] == {"taken_on": 10, "not_yet": 0, "not_needed": 0}
    assert found.taken_on is None
    closed = [replace(one, owner=None, status=Status.ACKNOWLEDGED) for one in rows]
    assert count(closed, TERM, MONDAY).tables[Part.TAKEN_ON]["taken_on"] == 10


def test_what_the_bot_did_is_counted_from_events_and_messages() -> None:
    """What only people may do is told as it is where the bot did it, and so is a message to a stranger."""
    events = [Event(case=opened(0).id, seq=n, kind=EventKind.CLOSED, at=AT, by=HEAD) for n in range(6)]
    events += [Event(case=opened(0).id, seq=9, kind=EventKind.DUTY_RECORDED, at=AT)]
    send = Send(
        key="k",
        school=SCHOOL.id,
        message=Message.NOTICE,
        way=Way.DIRECT,
        platform=Platform.WEB,
        person=HEAD,
        due=AT,
        attempted_at=AT,
        state=SendState.SENT,
    )
    sends = [replace(send, key=f"{n}") for n in range(7)]
    sends += [replace(send, key="x", person=PersonId("a-parent"), state=SendState.FAILED)]
    sends += [replace(send, key="e", way=Way.EDIT), replace(send, key="w", attempted_at=None)]
    found = doings(events, sends, SCHOOL.people, AT + dt.timedelta(days=1))
    assert (found.sent, found.failed, found.outside, found.alone) == (5, 0, 1, 1)
    assert found.done[EventKind.CLOSED] == 5
    before = doings(events, sends, SCHOOL.people, AT)
    assert (before.sent, before.outside, before.alone, before.done[EventKind.CLOSED]) == (0, 0, 0, 0)


def _figures_of(rows: list[Case]):  # type: ignore[no-untyped-def] # noqa: ANN202 - Figures
    from flows.figures.count import Figures  # noqa: PLC0415 - as above

    told = count([summary(case) for case in rows], TERM, MONDAY)
    none = count([], term_of(TERM.first - dt.timedelta(days=1), SCHOOL), MONDAY)
    return Figures(school=SCHOOL.name, until=MONDAY.date(), this=told, before=none)


def test_what_is_told_of_is_what_there_is_enough_of() -> None:
    """The rest is one line; a table without any says so."""
    none = card_text(card(_figures_of([]), SCHOOL.prefix, latest=False))
    assert "Fewer than 5 of each: What it was about · Where it was seen · Clauses" in none
    assert "Everything else" not in none
    some = card_text(card(_figures_of([worked(n, 60, days=4) for n in range(6)]), SCHOOL.prefix, latest=True))
    assert "Possibly abusive, untrue or harmful: 5–9 · Summer 2026: fewer than 5" in some
    assert "Met with those responsible: 5–9" in some
    assert "Everything else here: fewer than 5 each." in some


def test_a_chart_has_its_words_and_an_alternative() -> None:
    """Every name and step stands in it as text, cut to two lines; the alternative names what is most."""
    lines = (("A & B", 10, 0), (f"{'long name ' * 5}with an end", 5, 5), ("x" * 40 + " " + "y" * 60, 0, 5))
    bars = Bars(title="What", this="Autumn", before="Summer", lines=lines)
    drawn = svg(bars, "7")
    assert "A &amp; B" in drawn
    assert drawn.count("10–14") == 1
    assert drawn.count("fewer than 5") == 2
    assert "with an end" in drawn
    assert "y…" in drawn
    assert drawn.count("…") == 1, "what fits on two lines is not cut"
    assert 'id="this-7"' in drawn
    assert bars.alternative == (
        "Bar chart, What: Autumn beside Summer. Most in Autumn: A & B, 10–14 (fewer than 5 in Summer). "
        "All numbers stand in the table below it."
    )


def test_the_report_says_what_was_never_done() -> None:
    """What must never be is "none" where it never was, and its number where it was."""
    figures, until = _figures_of([]), AT + dt.timedelta(days=1)
    alone = [Event(case=opened(0).id, seq=9, kind=EventKind.CLOSED, at=AT)]
    for events, said in (([], "none"), (alone, "1")):
        told = report(figures, doings(events, [], (), until), AT.date()).sections[-1].table
        assert told is not None
        assert [row[1] for row in told.rows[:2]] == ["none", said]


def test_every_kind_has_a_name() -> None:
    """No table shows a word of ours that no person reads."""
    from flows.figures.phrases import called  # noqa: PLC0415 - beside what it is about

    named = [called(part, name) for part, kinds in DIVIDED.items() for name in kinds]
    assert [name for name in named if "_" in name or not name[0].isupper()] == []
