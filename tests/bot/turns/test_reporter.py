"""Whoever reported it hears what happens to it, in safe words; is written to; and asks for support."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.reached import hear
from flows.case import lifecycle
from flows.model import Action, Case, CaseId, EventKind, Message, TimerKind
from flows.school import PersonId, Platform
from flows.ui.cards import Card
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Act, ChatCommand
from storage.open import open_store
from tests.flows.matter import ABUSE, AT, CHILD
from tests.flows.matter import SCHOOL as VALUE
from tests.town import SCHOOL, Town, buttons, said

WORDS = "Invented: when did you see it first?"
CONTACT: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "Invented."}
REPORT: dict[str, Value] = {**CHILD, "targets": ("staff", "pupil")}


async def town(answers: dict[str, Value] = REPORT) -> Town:
    """Return a school with one case."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", answers)
    await place.settle()
    return place


async def opened(place: Town, person: str) -> Case:
    """Let somebody open the record."""
    case = await place.case()
    await place.press(person, Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    await place.settle()
    return case


def heard(place: Town) -> list[str]:
    """Return the news the reporter got, in order."""
    return place.messages("brook", "progress")


# -- a note for them --------------------------------------------------------------------------------


@pytest.mark.feature("note-to-reporter")
async def test_a_note_reaches_the_reporter_alone_and_their_answer_comes_back() -> None:
    """In their own conversation, with the reference and the seat; in no channel; the answer comes."""
    place = await town()
    reply = await place.act("cam", await place.case(), Action.WRITE, {"text": WORDS})
    await place.settle()
    assert isinstance(reply, Receipt)
    (told,) = place.messages("brook", "note_to_reporter")
    assert WORDS in told
    assert "HPS-2026-001" in told
    assert "Safeguarding lead (DSL)" in told
    for audience in ("leadership", "ash", "cam"):
        assert WORDS not in place.reads(audience)
    assert "wrote to the reporter" in place.reads("leadership")
    assert WORDS in said(await place.ask("brook", ChatCommand.STATUS))
    case = await opened(place, "ash")
    record = await place.press("ash", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert WORDS in said(record)
    assert place.school.people[PersonId("brook")].name not in said(record)
    answer = {"text": "Invented: on Monday."}
    assert isinstance(await place.act("brook", await place.case(), Action.ADD, answer), Receipt)
    await place.settle()
    record = await place.press("ash", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert answer["text"] in said(record)


async def test_whom_it_is_about_does_not_write_to_the_reporter() -> None:
    """A Headteacher whom the posting is about is told, and writes to nobody about it."""
    place = await town({**ABUSE, "targets": ("headteacher",)})
    case = await place.case()
    reply = await place.press("ash", Act(case=case.id, action=Action.WRITE, version=case.version))
    assert isinstance(reply, Refuse)
    assert reply.reference == "not-yours"
    more = await place.press("ash", Act(case=case.id, action=Action.MORE, version=case.version))
    assert "Write to the reporter" not in said(more)


async def test_a_reporter_who_is_on_no_platform_cannot_be_written_to() -> None:
    """It is said so, and nothing stands on record as if it had been sent."""
    place = await town()
    people = {**place.school.people}
    people.pop(PersonId("brook"))
    gone = replace(place.school, people=people)
    place.context.directory.reload({SCHOOL: gone})  # type: ignore[attr-defined]
    before = await place.case()
    reply = await place.act("cam", before, Action.WRITE, {"text": WORDS})
    assert isinstance(reply, Refuse)
    assert reply.reference == "reporter-not-here"
    assert (await place.case()).events == before.events


async def test_what_could_not_be_delivered_names_nobody() -> None:
    """The platform refuses the reporter's address: the thread says that, and not to whom."""
    place = await town()
    place.chat.shut.add("brook")
    await place.act("cam", await place.case(), Action.WRITE, {"text": WORDS})
    await place.settle()
    events = await place.store.events(SCHOOL, (await place.case()).id)
    failed = [e for e in events if e.kind is EventKind.DELIVERY_FAILED]
    assert [e.facts for e in failed] == [{"message": Message.NOTE_TO_REPORTER.value, "person": ""}]
    assert "written to the reporter could not be delivered" in place.reads("leadership")


def test_whom_a_platforms_own_list_names_is_reached_by_their_account() -> None:
    """Somebody who is staff by a group of Slack has no row in the school's file, and an account."""
    person = PersonId("slack:U0EXAMPLE")
    assert VALUE.account_of(person, Platform.SLACK) == "U0EXAMPLE"
    assert VALUE.account_of(person, Platform.TEAMS) == ""
    assert VALUE.account_of(PersonId("nobody"), Platform.SLACK) == ""


# -- told at each milestone -------------------------------------------------------------------------


@pytest.mark.feature("told-at-milestones")
async def test_each_milestone_is_told_once() -> None:
    """Opened, taken on, closed: once each, however many open it, take it over and hand it on."""
    place = await town(ABUSE)
    await opened(place, "ash")
    await opened(place, "ash")
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    await opened(place, "ash")
    for _ in range(2):
        await place.act("ash", await place.case(), Action.CONTACT, CONTACT)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "Invented."})
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "Invented."})
    await place.settle()
    ref = "HPS-2026-001"
    assert heard(place) == [
        f"A leader has opened your report {ref}.",
        f"A leader has taken on your report {ref}.",
        f"Leaders have taken a step on your report {ref}.",
        f"Your report {ref} has been dealt with and closed. Thank you for speaking up.",
    ]


async def test_what_begins_anew_is_told_anew() -> None:
    """A case that is re-opened has its milestones again."""
    place = await town(ABUSE)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "Invented."})
    for _ in range(2):
        await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "Invented."})
        await place.act("ash", await place.case(), Action.REOPEN, {"text": "Invented."})
        await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    taken = [line for line in heard(place) if "taken on" in line]
    assert len(taken) == 3
    assert len([line for line in heard(place) if "closed" in line]) == 2
    text = said(await place.ask("brook", ChatCommand.STATUS))
    assert text.count("Leaders are looking at it again") == 2
    assert text.count("Somebody is dealing with it") == 3


async def test_who_opens_their_own_report_as_a_leader_is_not_told_so() -> None:
    """The DSL reports something and opens its record: they know that."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("cam", REPORT)
    await opened(place, "cam")
    assert place.messages("cam", "progress") == []


@pytest.mark.feature("status")
async def test_they_hear_how_it_stands_by_the_day_they_were_promised() -> None:
    """By the second working day, then each fifth, until it is closed: the day that the status named."""
    place = await town(ABUSE)
    status = said(await place.ask("brook", ChatCommand.STATUS))
    assert "by Thursday 26 November at the latest how it stands" in status
    await place.later(days=2, hours=8)
    (first,) = [line for line in heard(place) if "how it stands" in line]
    assert "nobody has taken it on" in first or "not opened yet" in first
    assert "Thursday 3 December" in first
    assert "Thursday 3 December" in said(await place.ask("brook", ChatCommand.STATUS))
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "Invented."})
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "Invented."})
    await place.settle()
    before = len(heard(place))
    await place.later(days=30)
    assert len(heard(place)) == before


async def test_a_case_that_is_gone_ends_its_timer() -> None:
    """Nothing is said of what is not there."""
    place = await town(ABUSE)
    case = await place.case()
    timer = lifecycle.hear_timer(case, AT, place.school)
    await hear(place.context, replace(timer, case=CaseId("01TEST0GONE")))
    due = await place.store.due_timers(place.clock.now().replace(year=2030))
    assert TimerKind.HEAR not in {t.kind for t in due}


# -- their own page ---------------------------------------------------------------------------------


async def test_status_says_what_happened_and_what_comes_next() -> None:
    """Kept, opened, taken on, each with its time; a name kept apart; and the buttons."""
    place = await town({**REPORT, "keep_name_private": "yes"})
    await opened(place, "cam")
    await place.act("ash", await place.case(), Action.TAKE_ON)
    reply = await place.say("brook", "status HPS-2026-001")
    text = said(reply)
    kept, seen, taken = (text.index(part) for part in ("Kept safely", "has opened it", "dealing with it"))
    assert kept < seen < taken
    assert "Safeguarding lead (DSL) has opened it" in text
    assert "Your name is kept apart" in text
    assert not any(word in text for word in ("LADO", "C3", "C8", "police", "Legal"))
    assert isinstance(reply, Show)
    assert isinstance(reply.view, Card)
    asked = {intent.action for intent in buttons(reply.view) if isinstance(intent, Act)}
    assert asked == {Action.ADD, Action.SUPPORT, Action.AMEND}


async def test_a_report_of_somebody_else_is_not_there() -> None:
    """Whoever asks for a report that is not theirs – a leader who reads the case too – has no such report."""
    place = await town()
    nothing = said(await place.ask("jo", ChatCommand.STATUS, "HPS-2026-999"))
    for person in ("jo", "ash", "office"):
        assert said(await place.ask(person, ChatCommand.STATUS, "HPS-2026-001")) == nothing


async def test_many_reports_are_a_list_below_the_newest() -> None:
    """Three are told of whole; the others, and those that are closed, in a line each."""
    place = await town()
    for _ in range(4):
        await place.report("brook", ABUSE)
    text = said(await place.ask("brook", ChatCommand.STATUS))
    assert text.count("Kept safely") == 3
    assert "Your other reports" in text
    assert all(f"HPS-2026-00{n}" in text for n in range(1, 6))


@pytest.mark.feature("for-somebody-else")
async def test_who_reports_for_whom_is_on_record_and_shown_on_request() -> None:
    """The record says that it was reported for somebody; for whom, only together with who reported."""
    place = await town({**ABUSE, "reporting_for": "Nobody Real"})
    case = await place.case()
    assert "Nobody Real" in said(await place.ask("brook", ChatCommand.STATUS))
    record = said(await place.act("ash", case, Action.OPEN_RECORD))
    assert "reported for somebody else" in record
    assert "Nobody Real" not in record
    shown = said(await place.act("ash", case, Action.SHOW_REPORTER, {"text": "Invented."}))
    assert "Nobody Real" in shown


# -- it is about me ---------------------------------------------------------------------------------


async def test_it_is_about_me_brings_support() -> None:
    """Pressed once, the case asks for support for the reporter; the thread says no more than that."""
    place = await town(ABUSE)
    reply = await place.act("brook", await place.case(), Action.SUPPORT, {"text": WORDS})
    await place.settle()
    assert "offer you support" in said(reply)
    case = await place.case()
    assert "support_for_reporter" in case.decision.actions
    assert "is_target" in case.report.answers["reporter_link"]
    assert "The reporter asks for support." in place.reads("leadership")
    assert WORDS not in place.reads("leadership")
    assert place.school.people[PersonId("brook")].name not in place.reads("leadership")
    assert "It is about me" not in said(await place.ask("brook", ChatCommand.STATUS))
    before = case.decision
    again = await place.act("brook", await place.case(), Action.SUPPORT, {"text": "Once more."})
    assert isinstance(again, Receipt)
    assert (await place.case()).decision == before


async def test_who_asks_for_support_reads_whom_to_ring() -> None:
    """It can hurt now: the answer names the school's lines, not only that somebody will come."""
    place = await town(ABUSE)
    reply = said(await place.act("brook", await place.case(), Action.SUPPORT, {"text": WORDS}))
    assert "If it has hurt you, you can ring" in reply
    assert place.school.support
    assert all(line.name in reply and line.phone in reply for line in place.school.support)


async def test_nobody_else_asks_for_it() -> None:
    """Only the reporter presses it; to everybody else it is not theirs, or not there."""
    place = await town(ABUSE)
    case = await place.case()
    for person in ("ash", "jo", "office"):
        reply = await place.press(person, Act(case=case.id, action=Action.SUPPORT, version=case.version))
        assert isinstance(reply, Refuse)
    assert await place.case() == case
