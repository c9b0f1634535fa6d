"""The digest of a week: what stands first, whose turn it is, how the week compares, and what is not said."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.calendar import weeks_of_term
from flows.case.duties import duty_name
from flows.case.summary import summary
from flows.messages.digest import Week, digest
from flows.messages.record import record
from flows.model import Answer, Case, CaseId, CaseSummary, NextStep, Outcome, Owed, Status
from flows.school import Seat
from flows.ui.cards import Bullets, Small, buttons_of
from flows.ui.intents import Ask, ChatCommand
from flows.ui.plain_text import card_text
from tests.flows.matter import (
    AT,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    SCHOOL,
    THREAT,
    Matter,
    row,
)

WEEK = Week(week="2026-W48", due=AT)
DAY = dt.timedelta(days=1)
DANGER: dict[str, Answer] = {**CHILD, "immediate_danger": "yes"}
LATE = AT - 3 * DAY
OUTSIDE = "Council governor services, 01632 960015"


def threat(**changed: object) -> CaseSummary:
    """Return a threat that nobody has taken on."""
    return row(Matter(THREAT).case, **changed)


def worked_on(**changed: object) -> CaseSummary:
    """Return a threat that the Headteacher has taken on."""
    return threat(**{"status": Status.ACKNOWLEDGED, "owner": HEAD, **changed})


def lines(*rows: CaseSummary, week: Week = WEEK) -> list[str]:
    """Return every line of the digest's lists."""
    card = digest(rows, SCHOOL, AT, week)
    return [line for block in card.blocks if isinstance(block, Bullets) for line in block.lines]


# fmt: off
@pytest.mark.feature("digest-worth-reading")
@pytest.mark.parametrize(
    ("one", "week", "line"),
    [
        # nobody has taken it on: since when, and with whom it is
        (threat(), WEEK, "HPS-2026-001 · since Tuesday 24 November · Headteacher"),
        # it lies: whoever leads is rung
        (threat(due_at=LATE), WEEK,
         "HPS-2026-001 · since Tuesday 24 November, overdue · ring the Headteacher"),
        (threat(), Week(week="2026-W48", due=AT, unopened=[threat().id]),
         "HPS-2026-001 · since Tuesday 24 November, not opened by anybody · ring the Headteacher"),
        (threat(lead=None), WEEK,
         "HPS-2026-001 · since Tuesday 24 November · nobody is left to lead: ring " + OUTSIDE),
        # somebody sees to it: how far, what is next and by when, whether contact waits, and whose it is
        (worked_on(next=NextStep("Decide."), held=False), WEEK,
         "HPS-2026-001 · 1 of 6 done · next: Decide · Headteacher"),
        (worked_on(next=NextStep("Decide.", AT.date()), done=3), WEEK,
         "HPS-2026-001 · 3 of 6 done · next: Decide by Tuesday 24 November · contact on hold · Headteacher"),
        (worked_on(next=None, due_at=LATE, held=False), WEEK,
         "HPS-2026-001 · 1 of 6 done, overdue · next: nothing until the hold is over · Headteacher"),
        (worked_on(next=None, owner=DSL, held=False), WEEK,
         "HPS-2026-001 · 1 of 6 done · next: nothing until the hold is over · Safeguarding lead (DSL)"),
        (worked_on(next=NextStep("Decide."), held=False, holders={Seat.HEADTEACHER: HEAD}, owner=DEPUTY),
         WEEK, "HPS-2026-001 · 1 of 6 done · next: Decide · Deputy headteacher"),
        (worked_on(next=NextStep("Decide."), held=False, owner=None), WEEK,
         "HPS-2026-001 · 1 of 6 done · next: Decide · Somebody"),
    ],
)
def test_a_line_says_how_it_stands_and_whose_turn_it_is(one: CaseSummary, week: Week, line: str) -> None:
    """What waits says since when; what is worked on how far it is, what is next, and with which seat."""
    assert lines(one, week=week)[0] == line


@pytest.mark.feature("digest-worth-reading")
def test_what_nobody_has_taken_on_comes_first_then_what_is_owed_and_what_ended() -> None:
    """The order of the lists, and in each the most pressing first; the older first where they press alike."""
    ended = worked_on(reference="C", status=Status.CLOSED, closed_at=AT - DAY, outcome=Outcome.MET)
    found = lines(
        ended,
        worked_on(reference="B", owed=(Owed("LADO", AT.date() + DAY),)),
        threat(reference="A", owed=(Owed("Police", AT.date()),)),
        threat(reference="Z", owed=(), opened_at=AT - 9 * DAY),
    )
    assert [line.split(" · ")[0] for line in found] == ["Z", "A", "B", "A", "B", "C"]
    assert found[-1] == "C · Met with those responsible · Monday 23 November"


@pytest.mark.feature("digest-worth-reading")
def test_nothing_to_report_is_one_line() -> None:
    """A week without a case is one sentence that names it; a late one says that it is late as well."""
    (said,) = digest([], SCHOOL, AT, WEEK).blocks
    assert said == digest([], SCHOOL, AT, WEEK).blocks[0]
    assert card_text(digest([], SCHOOL, AT, WEEK)).endswith(
        "Online postings, the week of Monday 23 November: nothing to report."
    )
    late = digest([], SCHOOL, AT, Week(week="2026-W48", due=LATE, late=True))
    assert "late" in card_text(late)


@pytest.mark.feature("digest-worth-reading")
def test_buttons_open_the_cases_for_those_who_may() -> None:
    """Each case that is named has a button, and so has one's own list; what it shows is asked anew."""
    card = digest([threat()], SCHOOL, AT, WEEK)
    asked = [button.intent for button in buttons_of(card)]
    assert asked == [Ask(ChatCommand.CASES), Ask(ChatCommand.CASE, "HPS-2026-001")]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (0, "Fewer than usual this term: 1 to 3 in each of the 3 weeks before."),
        (1, "As usual this term: 1 to 3 in each of the 3 weeks before."),
        (3, "As usual this term: 1 to 3 in each of the 3 weeks before."),
        (4, "More than usual this term: 1 to 3 in each of the 3 weeks before."),
    ],
)
@pytest.mark.feature("digest-worth-reading")
def test_the_week_is_compared_with_those_of_the_term(new: int, said: str) -> None:
    """Counted: as many as in some week before is usual, more than in any is more, fewer is fewer."""
    at = dt.datetime(2026, 10, 5, 7, tzinfo=dt.UTC)  # the fifth Monday of a term that began on a Thursday
    weeks = [new, 1, 3, 2]
    rows = [
        threat(id=CaseId(f"{week}.{n}"), opened_at=at - week * 7 * DAY - DAY)
        for week, count in enumerate(weeks)
        for n in range(count)
    ]
    card = digest([*rows, threat(opened_at=at - 40 * DAY)], SCHOOL, at, Week(week="2026-W41", due=at))
    assert Small(f"New this week: {new}. {said}") in card.blocks


def test_weeks_alike_are_one_number_and_the_beginning_of_term_is_compared_with_nothing() -> None:
    """“1 in each week”, not “1 to 1”; after a week or two, and in the holidays, nothing is usual."""
    at = dt.datetime(2026, 9, 28, 7, tzinfo=dt.UTC)
    rows = [threat(id=CaseId(str(n)), opened_at=at - n * 7 * DAY - DAY) for n in range(3)]
    said = card_text(digest(rows, SCHOOL, at, Week(week="2026-W40", due=at)))
    assert "As usual this term: 1 in each of the 2 weeks before." in said
    for moment in (at - 7 * DAY, dt.datetime(2026, 12, 28, 8, tzinfo=dt.UTC)):
        about = Week(week="2026-W40", due=moment)
        assert "this term" not in card_text(digest(rows, SCHOOL, moment, about))


def test_weeks_without_school_are_no_weeks_of_the_term() -> None:
    """Half-term is left out: nothing was reported then because nobody was there."""
    after = weeks_of_term(dt.datetime(2026, 11, 9, 8, tzinfo=dt.UTC), SCHOOL)
    assert dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC) not in after
    assert len(after) == len(weeks_of_term(dt.datetime(2026, 11, 16, 8, tzinfo=dt.UTC), SCHOOL)) - 1


@pytest.mark.parametrize(
    ("reminded", "said"),
    [
        ((), "Cases kept apart from this channel: 2"),
        (("C1",), "Cases kept apart from this channel: 2"),
        (("C1", "C2"), "Cases kept apart from this channel: 2. Their leads have been reminded."),
    ],
)
@pytest.mark.feature("digest-worth-reading")
def test_that_a_lead_was_reminded_is_said_only_where_it_is_so(reminded: tuple[str, ...], said: str) -> None:
    """Of two cases kept apart both leads, or it is not said."""
    rows = [threat(id=CaseId(name), restricted=True) for name in ("C1", "C2")]
    week = Week(week="2026-W48", due=AT, reminded=[CaseId(name) for name in reminded])
    assert Small(said) in digest(rows, SCHOOL, AT, week).blocks


def test_in_danger_it_is_asked_whether_999_was_rung() -> None:
    """The digest and the record say what is meant; of a threat it is a decision on the police."""
    case = Matter(DANGER).case
    (police,) = [duty for duty in case.duties if duty.body == "police"]
    assert duty_name(police, case.decision) == "Whether 999 was rung"
    assert "Whether 999 was rung" in {one.what for one in summary(case).owed}
    shown = card_text(record(case, Matter(DANGER).events, SCHOOL, HEAD))
    assert "Whether 999 was rung: owed by" in shown
    threatened: Case = Matter(THREAT).case
    (police,) = [duty for duty in threatened.duties if duty.body == "police"]
    assert duty_name(police, threatened.decision) == "Police"
