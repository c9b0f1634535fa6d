"""A restart after the school's seats have changed: open cases go over before anything else happens."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from bot.commands.look_at_store import look
from bot.config.settings import Secret, Settings
from bot.turns.handover import changing_hands, hand_over, in_words
from flows.model import Action, AuditKind, Case, SendState
from flows.school import Person, PersonId, School, Seat
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import ChatCommand
from storage.open import Opening, open_store
from tests.fuzz.stage import reported
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

NEW = PersonId("nova")


def succeeded(place: Town, *, left: bool) -> School:
    """Return the school with a new Headteacher; ``left`` = the old one is not on its list any more."""
    nova = Person(
        id=NEW, name="Nova Sample", accounts=dict.fromkeys(place.school.people["ash"].accounts, "nova")
    )
    people = {
        p: person for p, person in {**place.school.people, NEW: nova}.items() if not (left and p == "ash")
    }
    seats = {seat: tuple(NEW if p == "ash" else p for p in held) for seat, held in place.school.seats.items()}
    return replace(place.school, people=people, seats=seats)


async def restarted(place: Town, *, left: bool) -> list[str]:
    """Let the school's file say so, and the bot start."""
    place.context.directory.reload({SCHOOL: succeeded(place, left=left)})  # type: ignore[attr-defined]
    place.chat.channels["leadership"] -= {"ash"}
    lines = await hand_over(place.context, place.service.casework)
    await place.settle()
    return lines


async def test_an_open_case_goes_over() -> None:
    """The new one opens and works it; the old one, with an account still, is told there is no such case."""
    place = await reported()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    assert place.messages("ash", "notice")
    assert await restarted(place, left=False) == [
        "HPS-2026-001: Headteacher – goes over to whoever holds it now."
    ]
    case = await place.case()
    assert case.holders[Seat.HEADTEACHER] == NEW
    assert place.messages("ash", "notice") == []
    assert place.messages("nova", "notice")
    refused = await place.act("ash", case, Action.OPEN_RECORD)
    assert isinstance(refused, Refuse)
    assert said(refused) == said(await place.ask("ash", ChatCommand.CASE, "HPS-2026-999"))
    assert case.reference not in said(await place.ask("ash", ChatCommand.CASES))
    assert isinstance(await place.act("nova", case, Action.OPEN_RECORD), Show)
    assert isinstance(await place.act("nova", case, Action.TAKE_ON), Receipt)
    assert await hand_over(place.context, place.service.casework) == [], "once is enough"


async def test_what_a_leaver_was_sent_is_emptied() -> None:
    """Whoever is not on the school's list any more still has what they were sent: it is emptied there."""
    place = await reported()
    await restarted(place, left=True)
    assert place.messages("ash", "notice") == []
    assert [m.card.kind for m in place.chat.audience("ash")] == ["withdrawn"] * len(
        place.chat.audience("ash")
    )


async def test_before_it_has_gone_over_nothing_more_is_told() -> None:
    """A line that was due to the old one when the list changed is not sent."""
    place = await reported()
    await place.act("ash", await place.case(), Action.NOTE, {"text": "Invented."})
    place.context.directory.reload({SCHOOL: succeeded(place, left=False)})  # type: ignore[attr-defined]
    before = len(place.chat.audience("ash"))
    await place.settle()
    assert len(place.chat.audience("ash")) == before
    sends = await place.store.sends_of(SCHOOL, (await place.case()).id)
    assert all(send.state is not SendState.WAITING for send in sends)


async def test_which_cases_change_hands() -> None:
    """They are known before they do, by reference and seat."""
    place = await reported()
    assert await changing_hands(place.store, place.school) == []
    school = succeeded(place, left=True)
    rows = await changing_hands(place.store, school)
    assert [in_words(row, school) for row in rows] == ["HPS-2026-001: Headteacher"]


async def test_check_names_the_cases_that_change_hands(tmp_path: Path) -> None:
    """Whoever changed a seat hears before the start which open cases go over, and for which seat."""
    url = f"tinydb:{tmp_path / 'reports.db'}"
    place = Town(await open_store(url, key=bytes(32), opening=Opening.NEW))
    await place.report("brook", ABUSE)
    await place.settle()
    await place.store.close()
    settings = Settings(store=url, sealing_key=Secret(bytes(32)))
    said = [one.what for one in await look(settings, {SCHOOL: succeeded(place, left=True)})]
    assert said == [
        "HPS-2026-001: Headteacher – goes over at the next start to whoever holds it now.",
        "Store: it is as it was left, and all that waits in it opens.",
        "Store: it has never been backed up: report-posting backup FOLDER",
    ]
    assert [one.what for one in await look(settings, {SCHOOL: place.school})] == said[1:]


async def test_a_case_that_nobody_can_lead_waits() -> None:
    """Nobody is left and nobody has come: nothing is handed over, and the case stays as it is."""
    place = await reported({**ABUSE, "poster": ("headteacher",), "keep_from": ("chair", "vice_chair")})
    case = await place.case()
    await place.act("gale", case, Action.CONFLICT, {})
    case = await place.case()
    assert case.lead is None
    assert await hand_over(place.context, place.service.casework) == []
    assert await still(place, case)


async def still(place: Town, case: Case) -> bool:
    """Return whether the case is as it was."""
    return (await place.case()) == case


async def test_the_audit_says_what_somebody_was() -> None:
    """Who held which seat stands in the line of the moment."""
    place = await reported()
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await restarted(place, left=True)
    entries = await place.store.audit(SCHOOL)
    opened = next(e for e in entries if e.kind is AuditKind.RECORD_OPENED)
    assert opened.facts["seats"] == "headteacher,on_call"
