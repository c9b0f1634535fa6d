"""Seats and absences in chat: who may ask, who may agree, what follows at once, and what the file says."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from bot.rosters import take_rosters
from flows.model import Action, AuditKind, EventKind, Excluded
from flows.school import Seat
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import AskFor, ChatCommand, Settle
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, buttons, said

#: The Chair leads, the DSL is told: the Headteacher must not know.
ABOUT_A_PUPIL = {**ABUSE, "targets": ("pupil",)}
ABOUT_THE_HEAD = {**ABOUT_A_PUPIL, "poster": ("headteacher",)}


async def town() -> Town:
    """Return a school with one report, told to its leaders."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABOUT_A_PUPIL)
    await place.settle()
    return place


async def asked(place: Town, words: str) -> str:
    """Let the office ask, and return the id of the change."""
    reply = await place.say("office", words)
    assert isinstance(reply, Receipt), said(reply)
    await place.settle()
    roster = await place.store.roster(SCHOOL)
    assert roster is not None
    return roster.changes[-1].id


async def agreed(place: Town, words: str, by: str = "ash") -> None:
    """Let the office ask for it, and a second person agree."""
    reply = await place.press(by, Settle(await asked(place, words), agreed=True))
    assert isinstance(reply, Receipt), said(reply)
    await place.settle()


def holds(place: Town, seat: Seat) -> tuple[str, ...]:
    """Return who holds a seat now."""
    return tuple(place.context.directory.schools[SCHOOL].seats.get(seat, ()))


@pytest.mark.feature("seats-in-chat")
async def test_a_seat_changes_hands_once_a_second_person_agrees_and_no_restart() -> None:
    """Agreed to, the new DSL is told of the open case and the old one has it no more."""
    place = await town()
    assert place.messages("cam", "notice")
    change = await asked(place, "seat DSL: jo")
    assert holds(place, Seat.DSL) == ("cam",)
    (question,) = place.messages("ash", "roster")
    assert "Safeguarding lead (DSL): Jo Practice (until now: Cam Invented)" in question
    assert place.messages("cam", "roster") == []
    reply = await place.press("ash", Settle(change, agreed=True))
    assert "Agreed by Ash Example" in said(reply)
    assert holds(place, Seat.DSL) == ("jo",)
    await place.settle()
    assert place.messages("jo", "notice")
    assert place.messages("cam", "notice") == []
    place.chat.channels["leadership"] -= {"cam"}
    case = await place.case()
    refused = await place.act("cam", case, Action.OPEN_RECORD)
    assert said(refused) == said(await place.ask("cam", ChatCommand.CASE, "HPS-2026-999"))
    (told,) = place.messages("ash", "roster")
    assert "[Agree]" in question
    assert "[Agree]" not in told
    assert place.messages("cam", "roster")
    assert place.messages("jo", "roster")
    assert place.messages("ellis", "roster")  # the Chair hears of what the Headteacher agreed to
    kinds = [line.kind for line in await place.store.audit(SCHOOL)]
    assert AuditKind.ROSTER_ASKED in kinds
    assert AuditKind.ROSTER_AGREED in kinds


async def test_what_was_agreed_holds_after_a_restart_and_the_file_is_as_it_was() -> None:
    """A process that begins takes what was changed in chat; the file's own list is still known."""
    place = await town()
    await agreed(place, "seat DSL: jo")
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    assert holds(place, Seat.DSL) == ("cam",)
    assert await take_rosters(place.context) == []
    assert holds(place, Seat.DSL) == ("jo",)
    assert place.context.directory.filed[SCHOOL].seats[Seat.DSL] == ("cam",)


# fmt: off
@pytest.mark.feature("seats-in-chat")
@pytest.mark.parametrize(
    ("words", "may", "may_not"),
    [
        ("seat DSL: jo", ["ash", "ellis"], ["office", "cam", "jo", "brook", "fern"]),
        ("seat headteacher: jo", ["ellis"], ["ash", "office", "jo"]),   # the Head is put out
        ("seat chair of governors: brook", ["ash"], ["ellis", "brook"]),  # the Chair is put out
        ("seat deputy headteacher: jo", ["ash", "ellis"], ["bryn", "jo"]),
        ("away ash 2026-12-01 2026-12-04", ["ellis"], ["ash"]),
        ("away Cam 2026-12-01", ["ash", "ellis"], ["cam"]),
    ],
)
async def test_who_may_agree(words: str, may: list[str], may_not: list[str]) -> None:
    """The Headteacher or the Chair, but neither to what concerns themselves; and nobody else."""
    for person in may_not:
        place = await town()
        reply = await place.press(person, Settle(await asked(place, words), agreed=True))
        assert isinstance(reply, Refuse), person
        assert not (await place.store.roster(SCHOOL)).changes[0].agreed  # type: ignore[union-attr]
    for person in may:
        place = await town()
        await agreed(place, words, by=person)


# fmt: off
@pytest.mark.parametrize(
    ("who", "words", "reference"),
    [
        ("brook", "seat", "roster-not-administrator"),               # a reporter without a seat
        ("cam", "seat DSL: jo", "roster-not-administrator"),         # who holds a seat may look, not ask
        ("office", "seat DSL: cam", "roster-same"),
        ("office", "seat DSL: nobody at all", "roster-not-understood"),
        ("office", "seat DSL: ellis", "roster-does-not-fit"),        # the Chair cannot be the DSL as well
        ("office", "seat agree 1", "roster-no-such"),
        ("office", "seat undo 7", "roster-no-such"),
        ("office", "away cam 2026-12-04 2026-12-01", "roster-days"),
        ("office", "away cam 2026-11-01 2026-11-02", "roster-days"),  # it is over
    ],
)
async def test_what_is_refused(who: str, words: str, reference: str) -> None:
    """Whoever does not look after seats, and what does not go together; nothing is stored."""
    place = await town()
    reply = await place.say(who, words)
    assert isinstance(reply, Refuse)
    assert reply.reference == reference
    assert await place.store.roster(SCHOOL) is None


@pytest.mark.feature("seats-in-chat")
async def test_the_administrator_sees_no_case() -> None:
    """Nothing that the office is shown, told or answered about seats names a case."""
    place = await town()
    await agreed(place, "seat DSL: jo")
    shown = said(await place.ask("office", ChatCommand.SEAT)) + place.reads("office")
    assert "HPS-2026" not in shown
    assert isinstance(await place.act("office", await place.case(), Action.OPEN_RECORD), Refuse)


async def test_the_list_says_who_from_where_since_when_and_who_agreed() -> None:
    """Who holds a seat by the file, by what was agreed in chat, and what waits for whom."""
    place = await town()
    await agreed(place, "seat DSL: jo, then cam")
    await asked(place, "away bryn 2026-12-01 2026-12-04")
    shown = said(await place.ask("cam", ChatCommand.SEAT))
    assert "Headteacher: Ash Example (the school's file)" in shown
    assert (
        "Safeguarding lead (DSL): Jo Practice, then Cam Invented"
        " (asked for by Office Specimen, agreed by Ash Example on Tuesday 24 November)"
    ).replace("Office Specimen", place.school.people["office"].name) in shown  # type: ignore[index]
    assert "Away: Bryn Fictional, from Tuesday 1 December to Friday 4 December" in shown
    assert "To be answered by: Ash Example and Ellis Specimen" in shown


@pytest.mark.feature("seats-in-chat")
async def test_an_absence_counts_for_what_is_told_after_it() -> None:
    """The DSL is away from today: the deputy is told of the next report."""
    place = await town()
    await agreed(place, "away cam 2026-11-24 2026-11-27")
    school = place.context.directory.schools[SCHOOL]
    assert school.is_away(school.people["cam"].id, dt.date(2026, 11, 25))  # type: ignore[index]
    assert "Cam Invented, from Tuesday 24 November" in said(await place.ask("office", ChatCommand.AWAY))


async def test_it_is_taken_back_by_asking_and_agreeing() -> None:
    """Undo is a change like any other: a second person agrees, and the file's holder is back."""
    place = await town()
    await agreed(place, "seat DSL: jo")
    card = (await place.ask("office", ChatCommand.SEAT)).view  # type: ignore[union-attr]
    assert isinstance(card, Card)
    (undo,) = [intent for intent in buttons(card) if isinstance(intent, AskFor) and intent.undo]
    reply = await place.press("office", undo)
    assert "Taken back: Safeguarding lead (DSL): Jo Practice" in said(reply)
    assert holds(place, Seat.DSL) == ("jo",)
    assert isinstance(await place.say("ash", "seat agree 2"), Receipt)
    assert holds(place, Seat.DSL) == ("cam",)
    assert isinstance(await place.say("office", "seat undo 1"), Refuse)


async def test_whoever_asked_may_withdraw_it_and_it_lapses_after_a_week() -> None:
    """Before it is answered the office takes it back; what nobody answers for a week is over."""
    place = await town()
    change = await asked(place, "seat DSL: jo")
    assert "Not agreed, by" in said(await place.press("office", Settle(change, agreed=False)))
    assert isinstance(await place.press("ash", Settle(change, agreed=True)), Refuse)
    change = await asked(place, "seat DSL: jo")
    place.clock.pass_by(dt.timedelta(days=8))
    assert isinstance(await place.press("ash", Settle(change, agreed=True)), Refuse)
    assert holds(place, Seat.DSL) == ("cam",)


async def test_pressed_twice_it_is_asked_and_answered_once() -> None:
    """A delivery that comes again finds what the first one did."""
    place = await town()
    first = await place.say("office", "seat DSL: jo", key="once")
    again = await place.say("office", "seat DSL: jo", key="once")
    assert said(first) == said(again)
    change = (await place.store.roster(SCHOOL)).changes[0].id  # type: ignore[union-attr]
    for _ in range(2):
        assert "Agreed by Ash" in said(await place.press("ash", Settle(change, agreed=True), key="yes"))
    assert [line.kind for line in await place.store.audit(SCHOOL)].count(AuditKind.ROSTER_AGREED) == 1


async def test_a_file_that_was_changed_since_holds_and_that_is_said() -> None:
    """The file's line for the seat is another one now: it counts, and what is overtaken is said."""
    place = await town()
    await agreed(place, "seat DSL: jo")
    seats = {**place.school.seats, Seat.DSL: ("brook",)}
    place.context.directory.reload({SCHOOL: replace(place.school, seats=seats)})  # type: ignore[attr-defined]
    (line,) = await take_rosters(place.context)
    assert "Safeguarding lead (DSL): Jo Practice" in line
    assert "the file holds" in line
    assert holds(place, Seat.DSL) == ("brook",)
    assert "The file holds." in said(await place.ask("office", ChatCommand.SEAT))


async def test_a_file_that_does_not_go_together_with_it_holds() -> None:
    """The file makes the new DSL the Chair: nobody can be both, so what was set in chat does not count."""
    place = await town()
    await agreed(place, "seat DSL: jo")
    seats = {**place.school.seats, Seat.CHAIR: ("jo",)}
    place.context.directory.reload({SCHOOL: replace(place.school, seats=seats)})  # type: ignore[attr-defined]
    assert len(await take_rosters(place.context)) == 1
    assert holds(place, Seat.DSL) == ("cam",)


@pytest.mark.feature("seats-in-chat")
async def test_whoever_a_case_is_kept_from_does_not_choose_who_sees_it() -> None:
    """The Headteacher, who posted it, agrees to a new DSL: whom its lead has to bring in first."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABOUT_THE_HEAD)
    await place.report("brook", ABOUT_A_PUPIL)
    await place.settle()
    await agreed(place, "seat DSL: jo")
    about_the_head, other = await place.case(), await place.case("HPS-2026-002")
    assert about_the_head.recused["jo"].why is Excluded.SEATED_BY  # type: ignore[index]
    assert "jo" not in about_the_head.holders.values()
    assert other.holders[Seat.DSL] == "jo"
    events = await place.store.events(SCHOOL, about_the_head.id)
    assert EventKind.RECUSED in [event.kind for event in events]
    assert about_the_head.reference not in said(await place.ask("jo", ChatCommand.CASES))
    assert about_the_head.reference not in place.reads("ash") + place.reads("jo")
    values = {"who": "jo", "text": "An invented reason."}
    await place.act("ellis", about_the_head, Action.BRING_IN, values)
    assert "jo" in (await place.case()).holders.values()


async def test_agreed_to_by_the_chair_it_is_told_at_once() -> None:
    """The Chair may know of the case about the Headteacher: the new DSL has it like any other."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABOUT_THE_HEAD)
    await place.settle()
    await agreed(place, "seat DSL: jo", by="ellis")
    assert "jo" in (await place.case()).holders.values()


async def test_the_forms_ask_for_the_same() -> None:
    """By pressing: a seat and a holder from a list, or a person and two days; what is wrong comes back."""
    place = await town()
    shown = await place.press("office", AskFor(ChatCommand.SEAT))
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Form)
    filled = {"seat": "dsl", "holder": "jo", "stand_ins": ("cam",)}
    assert "Jo Practice, then Cam Invented" in said(await place.fill("office", shown.view.submit, filled))
    for values, field in (({"seat": "dsl"}, "holder"), ({"holder": "jo"}, "seat")):
        refused = await place.fill("office", AskFor(ChatCommand.SEAT), values)
        assert isinstance(refused, Refuse)
        assert (refused.field, refused.form is not None) == (field, True)
    away = {"person": "cam", "first": "2026-12-01", "last": "2026-12-02"}
    assert "Away: Cam Invented" in said(await place.fill("office", AskFor(ChatCommand.AWAY), away))
    for wrong, field in (({"person": "x"}, "person"), ({"first": "soon"}, "first"), ({"last": ""}, "last")):
        refused = await place.fill("office", AskFor(ChatCommand.AWAY), {**away, **wrong})
        assert isinstance(refused, Refuse)
        assert refused.field == field
    assert isinstance(await place.press("cam", AskFor(ChatCommand.SEAT)), Refuse)
