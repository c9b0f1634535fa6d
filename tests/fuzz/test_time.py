"""What time and platforms do at their worst, one by one."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.outbox.worker import Worker
from flows.model import Action, Case, Draft, DraftId, EventKind, Message, Posted, SendState, Status
from flows.ports import Address
from flows.school import PersonId, Platform, SchoolId
from flows.ui.cards import Card
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse, Started
from flows.ui.intents import Act, Fill
from storage.memory import MemoryStore
from tests.fakes import Failure, FakeChat
from tests.fuzz.stage import CALM, URGENT, reported, town, walk
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

# -- time ----------------------------------------------------------------------------------------


@pytest.mark.feature("ladder")
async def test_the_ladder_ends_and_says_so() -> None:
    """Nobody ever answers: everybody on the list is told once, then the case says that nobody is left."""
    place = await reported(URGENT)
    for _ in range(12):
        await place.later(minutes=21)
    case = await place.case()
    assert case.status is Status.ESCALATED
    assert len(set(case.stand_ins)) == len(case.stand_ins) >= 3
    events = await place.store.events(SCHOOL, case.id)
    assert [e.facts["told"] for e in events if e.kind is EventKind.ESCALATED].count("") == 1


async def test_a_draft_is_shredded_thirty_days_after_its_last_touch() -> None:
    """A draft that was touched once more is kept 30 days from then, and no longer."""
    place = await town()
    await place.start("jo", "Invented words.")
    person = PersonId("jo")
    await place.later(days=20)
    await place.start("jo", "More of them.")
    await place.later(days=29)
    assert await place.store.draft_of(SCHOOL, person) is not None
    await place.later(days=2)
    assert await place.store.draft_of(SCHOOL, person) is None


@pytest.mark.slow
@pytest.mark.feature("digest-once")
async def test_one_digest_a_week_through_a_year() -> None:
    """A year with a restart every few days: one digest for each ISO week, over summer time and Christmas."""
    place = await reported(CALM)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.worker.digest.plan()
    await place.later(days=7)
    for day in range(365):
        place.worker = Worker(place.context, place.service)
        if day % 3 == 0:
            await place.worker.digest.plan()
        await place.later(hours=24)
    digests = [m.key for m in place.chat.messages.values() if m.card.kind == "digest"]
    assert len(digests) == len(set(digests))
    assert 52 <= len(digests) <= 54


@pytest.mark.feature("digest-once")
async def test_a_digest_missed_after_a_holiday_goes_out_at_the_restart() -> None:
    """Nobody runs from a Tuesday after a holiday to the Tuesday after: that Monday's digest goes out late."""
    place = await reported(CALM)
    await place.worker.digest.plan()
    await place.later(days=42, hours=1)  # Tuesday 5 January 2027: an inset day has moved the digest to today
    place.clock.pass_by(dt.timedelta(days=6, hours=20))  # Tuesday 12th at seven: before its hour
    await Worker(place.context, place.service).digest.plan()
    await place.settle()
    weeks = {m.key.split("/")[2] for m in place.chat.messages.values() if m.card.kind == "digest"}
    assert "2027-W02" in weeks


async def test_too_many_reports_still_say_999() -> None:
    """The twenty-first report of a day is not taken, but whoever is in danger is told to ring 999."""
    place = await town()
    for _ in range(20):
        await place.report("jo", {"targets": ("none",), "nature": ("none_of_these",)})
    refused = await place.start("jo", "Somebody is in danger")
    assert isinstance(refused, Refuse)
    assert "999" in said(refused)


# -- a platform at its worst ---------------------------------------------------------------------


async def sends(place: Town, case: Case, message: Message) -> list[SendState]:
    """Return what became of a kind of message of a case."""
    return [s.state for s in await place.store.sends_of(SCHOOL, case.id) if s.message is message]


async def test_what_landed_unseen_is_emptied_too() -> None:
    """A card that was accepted without our knowing is found and emptied once its reader must not know."""
    place = await town()
    place.chat.fail(*[Failure.AMBIGUOUS_ACCEPTED] * 8)
    await place.report("brook", ABUSE)
    await place.settle()
    assert any("HPS-2026-001" in text for text in place.chat.texts("ash"))
    place.chat.failures.clear()
    values: dict[str, Value] = {"poster": ("headteacher",), "reason_for_correction": "Invented."}
    assert isinstance(await place.act("brook", await place.case(), Action.CORRECT, values), Receipt)
    for _ in range(4):
        await place.later(minutes=3)
    for audience in ("ash", "leadership"):
        assert all("HPS-2026-001" not in text for text in place.chat.texts(audience)), audience


async def test_emptying_is_the_last_edit() -> None:
    """An edit and an emptying that fall due together: the message ends empty."""
    place = await reported()
    case = await place.case()
    place.chat.fail(*[Failure.RETRYABLE] * 40)
    await place.act("ash", case, Action.NOTE, {"text": "x"})
    await place.settle()
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": ""})
    await place.act("brook", await place.case(), Action.ADD, {"text": "x"})
    place.chat.failures.clear()
    await place.later(minutes=16)
    for audience in ("ash", "leadership"):
        assert all("HPS-2026-001" not in text for text in place.chat.texts(audience)), audience


async def test_a_first_alert_that_fails_sends_the_report_ahead() -> None:
    """The DSL cannot be alerted of danger: the report goes ahead at once, and more people are told."""
    place = await town()
    place.chat.fail(*[Failure.PERMANENT] * 2)
    await walk(place, "brook", {"immediate_danger": "yes", "works_here": "no"}, pages=1)
    await place.settle()
    assert not place.messages("cam", "first_alert")
    case = await place.case()
    assert case.report.unfinished
    assert place.messages("cam", "notice"), "the next message got through"


async def test_a_message_that_cannot_be_emptied_is_on_record() -> None:
    """Where a platform will not take a message back, the case says so: somebody has to speak to somebody."""
    place = await reported()
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": ""})
    place.chat.fail(*[Failure.PERMANENT] * 20)
    await place.settle()
    case = await place.case()
    assert SendState.WAITING in await sends(place, case, Message.WITHDRAWN), "it is never given up"
    events = await place.store.events(SCHOOL, case.id)
    assert any(e.facts.get("message") == Message.WITHDRAWN for e in events)


async def test_somebody_who_joins_the_channel_reads_no_digest_of_their_case() -> None:
    """A poster who was let into the channel later does not find the case in its digest."""
    place = await reported({**ABUSE, "poster": ("staff",), "poster_is": ("bryn",)})
    answers = {**ABUSE, "poster": ("governor",), "poster_is": ("gale",)}
    await place.report("jo", answers)
    await place.settle()
    case = await place.case("HPS-2026-002")
    assert "gale" in case.recused
    await place.worker.digest.plan()
    place.chat.channels["leadership"] |= {"gale"}
    await place.later(days=7)
    digests = place.messages("leadership", "digest")
    assert digests
    assert all("HPS-2026-002" not in text for text in digests)


async def test_a_digest_that_stands_is_written_again_without_the_case() -> None:
    """Found out after the week's digest: the digest in the channel no longer holds the case."""
    place = await reported()
    await place.worker.digest.plan()
    await place.later(days=7)
    assert any("HPS-2026-001" in text for text in place.messages("leadership", "digest"))
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": ""})
    await place.settle()
    assert all("HPS-2026-001" not in text for text in place.chat.texts("leadership"))


async def test_a_school_that_left_the_file_stops_nobody() -> None:
    """A timer of a school that is no longer there does not stop the worker of the others."""
    place = await reported(URGENT)
    place.context.directory.reload({})  # type: ignore[attr-defined]
    await place.later(minutes=30)
    await place.worker.run_due()


async def test_pressing_everything_everywhere() -> None:
    """Every action by everybody, with nothing, rubbish or too much in its form, is answered."""
    place = await reported()
    case = await place.case()
    rubbish: tuple[dict[str, Value], ...] = ({}, {"text": ("a", "b")}, {"outcome": "x", "when": "2026-99-99"})
    for action in Action:
        for person in ("ash", "cam", "brook", "jo"):
            await place.press(person, Act(case=case.id, action=action, version=-1))
            for values in rubbish:
                fill = Fill(case=case.id, action=action, version=case.version)
                if action is not Action.CONFLICT:
                    await place.fill(person, fill, values)


class Buggy(FakeChat):
    """A platform's room with a fault of our own in it: it breaks for one person."""

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Break, in no way that was foreseen, where it is for ash."""
        if to.account == "ash":
            raise RuntimeError("a fault of ours")
        return await super().send(to, card, key=key, repeat=repeat)


async def test_a_fault_of_ours_for_one_person_stops_nobody_else() -> None:
    """One message that breaks the code rests and is tried again; everybody else gets theirs."""
    place = await town()
    chat = Buggy(Platform.WEB, channels=place.chat.channels)
    place = Town(place.store, chat=chat)
    await place.report("brook", {**ABUSE, "targets": ("pupil",)})
    await place.settle()
    assert place.messages("brook", "receipt")
    assert place.messages("cam", "notice")
    assert place.messages("leadership", "case_card")
    case = await place.case()
    assert any(
        s.person == "ash" and s.state in (SendState.WAITING, SendState.ATTEMPTED)
        for s in await place.store.sends_of(SCHOOL, case.id)
    )


class Torn(MemoryStore):
    """A store that reads drafts with a fault of ours."""

    async def draft(self, school: SchoolId, draft: DraftId) -> Draft | None:
        """Break."""
        raise RuntimeError(f"a fault of ours: {school} {draft}")


async def test_a_timer_that_breaks_stops_nobody_else() -> None:
    """One timer that breaks the code rings again later; messages go out all the same."""
    place = Town(Torn())
    await place.start("jo", "he will kill")
    await place.service.handle(Started(key="s", actor=place.actor("jo"), words="more"))
    place.clock.pass_by(dt.timedelta(minutes=11))
    await place.settle()
    assert await place.store.next_due() > place.clock.now()  # type: ignore[operator]
