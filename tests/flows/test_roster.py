"""The roster: how a change stands beside the file and those after it, and what is remembered."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.errors import InvalidAnswer, NotAllowed
from flows.intake.said import seats as said
from flows.messages.roster import Seats, change_card, form, line, overview
from flows.model import LinkCode, Linked, Roster, RosterChange
from flows.roster import (
    LAPSES,
    MOST,
    Standing,
    answered,
    asked,
    code,
    concerned,
    may_answer,
    needs_agreement,
    offered,
    redeemed,
    with_roster,
)
from flows.school import Away, PersonId, Platform, School, Seat
from flows.ui.forms import Choice, DateField, Many
from flows.ui.intents import ChatCommand
from flows.ui.plain_text import card_text
from tests.flows.matter import AT, CHAIR, DEPUTY_DSL, DSL, HEAD, SCHOOL

OFFICE, JO, GONE = PersonId("office"), PersonId("jo"), PersonId("gone")
DAY = dt.timedelta(days=1)
DSL_IS_JO = RosterChange(
    id="1", by=OFFICE, at=AT, seat=Seat.DSL, people=(JO,), before=(DSL,), filed=(DSL,), agreed=True
)
DSL_IS_DEE = replace(DSL_IS_JO, id="2", people=(DEPUTY_DSL,), before=(JO,))
AWAY = RosterChange(id="3", by=OFFICE, at=AT, away=Away(DSL, AT.date(), AT.date() + DAY), agreed=True)
UNDO = RosterChange(id="4", by=OFFICE, at=AT, undoes="1", agreed=True)


def roster(*changes: RosterChange) -> Roster:
    """Return a roster of these."""
    return Roster(school=SCHOOL.id, changes=changes)


def standing(*changes: RosterChange, filed: School = SCHOOL, now: dt.datetime = AT) -> list[Standing]:
    """Return how these stand, in their order."""
    return list(with_roster(filed, roster(*changes), now, lambda _: True)[1].values())


def seats(*changes: RosterChange, now: dt.datetime = AT) -> Seats:
    """Return who holds which seat with these."""
    held = roster(*changes)
    school, stands = with_roster(SCHOOL, held, now, lambda _: True)
    return Seats(school=school, roster=held, standing=stands, now=now)


def with_account(person: PersonId, account: str) -> School:
    """Return the school whose file gives somebody this account on Teams."""
    known = SCHOOL.people[person]
    listed = replace(known, accounts={**known.accounts, Platform.TEAMS: account})
    return replace(SCHOOL, people={**SCHOOL.people, person: listed})


# fmt: off
@pytest.mark.parametrize(
    ("changes", "stand"),
    [
        ((DSL_IS_JO,), ["holds"]),
        ((replace(DSL_IS_JO, agreed=None),), ["asked"]),
        ((replace(DSL_IS_JO, agreed=None, at=AT - LAPSES - DAY),), ["lapsed"]),
        ((replace(DSL_IS_JO, agreed=False),), ["refused"]),
        ((DSL_IS_JO, DSL_IS_DEE), ["replaced", "holds"]),
        ((DSL_IS_JO, DSL_IS_DEE, replace(UNDO, undoes="2")), ["holds", "undone", "holds"]),
        ((DSL_IS_JO, UNDO), ["undone", "holds"]),
        ((DSL_IS_JO, replace(UNDO, agreed=False)), ["holds", "refused"]),
        ((replace(DSL_IS_JO, filed=(HEAD,)),), ["overtaken"]),
        ((replace(DSL_IS_JO, people=(GONE,)),), ["overtaken"]),
        ((AWAY,), ["holds"]),
        ((replace(AWAY, away=Away(DSL, AT.date() - 2 * DAY, AT.date() - DAY)),), ["lapsed"]),
        ((replace(AWAY, away=Away(GONE, AT.date(), AT.date())),), ["overtaken"]),
    ],
)
def test_how_a_change_stands(changes: tuple[RosterChange, ...], stand: list[str]) -> None:
    """Asked, holding, refused, lapsed, replaced, undone or overtaken by the file."""
    assert standing(*changes) == stand
# fmt: on


def test_what_does_not_go_together_is_left_out_and_the_rest_holds() -> None:
    """One change would leave nobody to lead: it is overtaken, and another that goes together holds."""
    fits = lambda school: school.seats[Seat.DSL] != (JO,)  # noqa: E731 - as short as it is
    school, stand = with_roster(SCHOOL, roster(DSL_IS_JO, AWAY), AT, fits)
    assert list(stand.values()) == [Standing.OVERTAKEN, Standing.HOLDS]
    assert (school.seats[Seat.DSL], school.away) == ((DSL,), (AWAY.away,))
    assert with_roster(SCHOOL, None, AT, fits) == (SCHOOL, {})


def test_whom_it_concerns() -> None:
    """Who comes in, goes out, or moves from standing in to holding; of an undo, whom it takes back."""
    held = replace(SCHOOL, seats={**SCHOOL.seats, Seat.DSL: (DSL, JO)})
    turned = replace(DSL_IS_JO, people=(JO, DSL), before=(DSL, JO), filed=(DSL, JO))
    assert concerned(turned, roster(turned), held) == {DSL, JO}
    more = replace(turned, people=(DSL, JO, HEAD))
    assert concerned(more, roster(more), held) == {HEAD}
    assert concerned(UNDO, roster(DSL_IS_JO, UNDO), SCHOOL) == {DSL, JO}
    assert concerned(UNDO, roster(UNDO), SCHOOL) == set()
    assert may_answer(AWAY, roster(AWAY), SCHOOL, AT) == (HEAD, CHAIR)


def test_an_answer_is_given_once_and_by_who_may() -> None:
    """Not by somebody else, not twice, not after a week; whoever asked may only withdraw."""
    waiting = replace(DSL_IS_JO, agreed=None)
    held = roster(waiting, AWAY)
    done = answered(held, waiting, SCHOOL, agreed=True, by=HEAD, now=AT)
    assert [(change.agreed, change.answered_by) for change in done.changes] == [(True, HEAD), (True, None)]
    for change, agreed, by, now in (
        (waiting, True, OFFICE, AT),
        (waiting, True, DSL, AT),
        (DSL_IS_JO, False, HEAD, AT),
        (waiting, True, HEAD, AT + LAPSES + DAY),
    ):
        with pytest.raises(NotAllowed):
            answered(roster(change), change, SCHOOL, agreed=agreed, by=by, now=now)
    assert answered(held, waiting, SCHOOL, agreed=False, by=OFFICE, now=AT).changes[0].agreed is False


def test_only_what_was_refused_is_ever_forgotten() -> None:
    """So that the record does not grow for ever; what holds or held stays."""
    refused = tuple(replace(DSL_IS_JO, id=f"r{n}", agreed=False) for n in range(MOST))
    kept = asked(roster(DSL_IS_JO, *refused), DSL_IS_DEE)
    assert len(kept.changes) == MOST
    assert [kept.changes[0].id, kept.changes[-1].id] == ["1", "2"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("DSL: Jo", (Seat.DSL, (JO,))),
        ("dsl jo, then Cam Invented", (Seat.DSL, (JO, DSL))),
        ("Deputy safeguarding lead: dee and jo", (Seat.DEPUTY_DSL, (DEPUTY_DSL, JO))),
        ("deputy head jo", (Seat.DEPUTY_HEADTEACHER, (JO,))),
        ("vice-chair: Jo Practice", (Seat.VICE_CHAIR, (JO,))),
        ("on_call jo, jo", (Seat.ON_CALL, (JO,))),
    ],
)
def test_a_seat_and_people_in_words(words: str, found: tuple[Seat, tuple[PersonId, ...]]) -> None:
    """Whatever the seat is called, and people by id, whole name or first name."""
    assert said.seat(words, SCHOOL) == found


@pytest.mark.parametrize("words", ["", "dsl", "dsl:", "caretaker jo", "dsl somebody else", "dsl ,"])
def test_what_is_not_understood_is_refused(words: str) -> None:
    """No seat, no person, or nobody who is called so; two people of one first name are nobody."""
    with pytest.raises(NotAllowed):
        said.seat(words, SCHOOL)
    with pytest.raises(InvalidAnswer):
        said.away(words, SCHOOL)


def test_days_in_words() -> None:
    """Two days, or one that is both; a date that is none is said at its field."""
    assert said.away("Cam 2026-12-01 to 2026-12-04", SCHOOL) == Away(
        DSL, dt.date(2026, 12, 1), dt.date(2026, 12, 4)
    )
    with pytest.raises(InvalidAnswer):
        said.away("Cam 2026-13-01", SCHOOL)
    assert said.numbered("agree 1x") is None


def test_a_card_says_how_a_change_stands_and_who_is_gone() -> None:
    """Refused, undone, lapsed: each in words, without buttons; a leaver by id, an undo by what it undoes."""
    gone = replace(DSL_IS_JO, people=(GONE,), answered_by=HEAD)
    for changes, words in (
        ([replace(gone, agreed=False)], "Not agreed, by Ash Example"),
        ([gone], "The school's file holds"),
        ([replace(DSL_IS_JO, answered_by=HEAD)], "Agreed by Ash Example"),
        ([replace(DSL_IS_JO, agreed=None, at=AT - LAPSES - DAY)], "Nobody answered"),
    ):
        card = change_card(changes[0], seats(*changes), HEAD)
        assert words in card_text(card)
        assert "You can press" not in card_text(card)
    assert line(UNDO, seats(UNDO)) == "Taken back: nobody"
    assert "Taken back: Safeguarding lead (DSL): Jo Practice" in line(UNDO, seats(DSL_IS_JO, UNDO))
    assert "gone" in line(gone, seats(gone))
    away = seats(AWAY, replace(AWAY, id="9", away=Away(GONE, AT.date(), AT.date())))
    assert "gone, from Tuesday" in card_text(overview(away, HEAD))


def test_a_form_keeps_what_was_filled_in() -> None:
    """What was chosen stands there again, and beside a field what is wrong with it."""
    given = {"holder": ("jo",), "stand_ins": "cam"}
    shown = form(ChatCommand.SEAT, SCHOOL, "dsl", values=given, errors={"holder": "x"})
    fields = (field for field in shown.fields if isinstance(field, Choice | Many))
    chosen = {field.name: (field.value, field.error) for field in fields}
    assert chosen == {"seat": ("dsl", ""), "holder": ("jo", "x"), "stand_ins": (("cam",), "")}
    away = form(ChatCommand.AWAY, SCHOOL, values={"first": "soon"})
    assert [field.value for field in away.fields if isinstance(field, DateField)] == ["soon", ""]


LINKED = Linked(
    person=JO,
    name="Jo Practice",
    platform=Platform.TEAMS,
    account="t-1",
    home=Platform.WEB,
    home_account="jo",
)
LINK = RosterChange(id="5", by=JO, at=AT, linked=LINKED, agreed=True)


@pytest.mark.parametrize(
    ("linked", "filed", "stand"),
    [
        (LINKED, SCHOOL, "holds"),
        (replace(LINKED, person=GONE), SCHOOL, "overtaken"),
        (replace(LINKED, person=PersonId("web:nia")), SCHOOL, "holds"),
        (LINKED, with_account(HEAD, "t-1"), "overtaken"),
        (LINKED, with_account(JO, "t-2"), "overtaken"),
        (LINKED, with_account(JO, "t-1"), "holds"),
    ],
)
def test_how_a_link_stands_beside_the_file(linked: Linked, filed: School, stand: str) -> None:
    """The file is the last word on whose account it is; somebody whom only a platform lists stays linked."""
    assert standing(replace(LINK, linked=linked), filed=filed) == [stand]


def test_both_accounts_are_one_persons() -> None:
    """A person of the file gets one account more; whom only a staff list knows is known by both."""
    stranger = replace(LINK, id="6", linked=replace(LINKED, person=PersonId("web:nia"), home_account="nia"))
    school, _ = with_roster(SCHOOL, roster(LINK, stranger), AT, lambda _: True)
    assert school.people[JO].accounts == {Platform.WEB: "jo", Platform.TEAMS: "t-1"}
    assert school.people[PersonId("web:nia")].accounts == {Platform.WEB: "nia", Platform.TEAMS: "t-1"}


def test_who_agrees_to_a_link_and_who_sees_it() -> None:
    """An administrator who is not the one it is about; the list shows it to them and to nobody else."""
    assert may_answer(LINK, roster(LINK), SCHOOL, AT) == (OFFICE,)
    assert concerned(LINK, roster(LINK), SCHOOL) == {JO}
    assert may_answer(replace(LINK, by=OFFICE), roster(LINK), SCHOOL, AT) == ()
    assert [needs_agreement(replace(LINKED, person=one), SCHOOL) for one in (JO, HEAD, OFFICE)] == [
        False,
        True,
        True,
    ]
    for viewer, seen in ((OFFICE, True), (JO, True), (HEAD, False)):
        assert ("t-1" in card_text(overview(seats(LINK), viewer))) is seen
    assert "[Take back]" in card_text(change_card(LINK, seats(LINK), JO))


def test_a_code_is_redeemed_once() -> None:
    """However it is written, before its time is over; one that is over, or another's, is none."""
    mark = code(SCHOOL, "abcd-2345")
    new = LinkCode(mark=mark, person=JO, name="Jo", home=Platform.WEB, home_account="jo", until=AT + DAY)
    held = offered(roster(), new, AT)
    assert code(SCHOOL, "ABCD 2345") == mark
    found = redeemed(held, mark, AT)
    assert found is not None
    assert (found[0].codes, found[1]) == ((), new)
    assert redeemed(held, mark, AT + 2 * DAY) is None
    assert redeemed(held, "x", AT) is None
    assert offered(held, replace(new, mark="y"), AT).codes == (replace(new, mark="y"),)
    assert offered(held, replace(new, mark="y", person=HEAD), AT).codes[0] == new
