"""What becomes of one message: where it must not go, who is told when it fails, and when it ends."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.delivery import retry
from flows.delivery.sends import edit
from flows.model import Action, AuditKind, Change, EventKind, Message, Place, Posted, Send, SendState, Way
from flows.ports import Address
from flows.school import PersonId, Platform
from flows.ui.cards import Card
from flows.ui.forms import Value
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.fakes import Failure, FakeChat, FakeClock
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town, shown_form

AT = FakeClock().at
SECOND = dt.timedelta(seconds=1)


async def town() -> Town:
    """Return a school whose day begins."""
    return Town(await open_store("memory:", key=bytes(32)))


async def reported(answers: dict[str, Value] = ABUSE) -> Town:
    """Return a school with a report whose messages have not gone out yet."""
    place = await town()
    await place.report("brook", answers)
    return place


async def on_slack_too(*people: str) -> tuple[Town, FakeChat]:
    """Return a school in which these people have a second platform, and that platform."""
    place = await town()
    known = dict(place.school.people)
    for name in people:
        person = known[PersonId(name)]
        known[person.id] = replace(person, accounts={**person.accounts, Platform.SLACK: f"U-{name}"})
    school = replace(place.school, people=known, leadership={**place.school.leadership, Platform.SLACK: ""})
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    slack = FakeChat(Platform.SLACK)
    place.context.add_chat(slack)
    return place, slack


async def sends(place: Town) -> dict[str, Send]:
    """Return every send of the case by the tail of its key."""
    case = await place.case()
    return {s.key.partition("/")[2]: s for s in await place.store.sends_of(SCHOOL, case.id)}


async def kinds(place: Town) -> list[EventKind]:
    """Return what the record says has happened."""
    return [event.kind for event in await place.store.events(SCHOOL, (await place.case()).id)]


# -- where a message must not go -----------------------------------------------------------------


async def test_an_unfit_channel_reads_nothing() -> None:
    """A leadership channel that is public, or has guests in it, is told nothing: the case leaves it."""
    place = await reported()
    place.chat.unfit.add("leadership")
    await place.settle()
    assert place.chat.audience("leadership") == []
    assert (await place.case()).restricted
    moved = next(e for e in await place.store.events(SCHOOL, (await place.case()).id) if e.kind == "moved")
    assert moved.facts == {"why": "unfit_place"}
    assert place.messages("ash", "notice")
    thread = [s for s in (await sends(place)).values() if s.root.endswith("card/web:leadership")]
    over = {(s.state, s.trouble) for s in thread}
    assert over == {(SendState.DROPPED, "not-any-more")}, "its thread waits for no first line"


async def test_somebody_taken_out_of_the_file_is_written_to_nowhere() -> None:
    """A colleague has left before their receipt went out: it goes to no account, and nobody else has it."""
    place = await reported()
    people = {name: person for name, person in place.school.people.items() if name != "brook"}
    place.context.directory.reload({SCHOOL: replace(place.school, people=people)})  # type: ignore[attr-defined]
    await place.settle()
    receipt = next(s for key, s in (await sends(place)).items() if key.startswith("receipt/"))
    assert (receipt.state, receipt.trouble) == (SendState.DROPPED, "no-address")
    assert receipt.key not in {key for _, key in place.chat.calls}


async def test_a_channel_with_an_excluded_member_reads_nothing() -> None:
    """The Headteacher posted it and sits in the Chair's channel: the Chair hears in direct messages only."""
    place = await reported(BY_THE_HEAD)
    place.chat.channels["chair"] = frozenset({"ellis", "ash"})
    await place.settle()
    assert place.chat.audience("chair") == []
    assert place.messages("ellis", "notice")
    assert place.chat.audience("ash") == []
    root = (await sends(place))["card/web:restricted.chair_of_governors"]
    assert (root.place, root.state, root.trouble) == (
        Place.RESTRICTED,
        SendState.DROPPED,
        "excluded_member",
    )


@pytest.mark.feature("conflict-of-interest")
async def test_a_member_who_must_not_know_moves_it_and_the_record_says_why() -> None:
    """The Chair is kept out and reads the leadership channel: nothing goes there, nor is it called unfit."""
    place = await town()
    place.chat.channels["leadership"] |= {"ellis"}
    await place.report("brook", {**ABUSE, "keep_from": ("chair",)})
    await place.settle()
    case = await place.case()
    moved = next(e for e in await place.store.events(SCHOOL, case.id) if e.kind is EventKind.MOVED)
    assert moved.facts == {"why": "excluded_member"}
    assert place.chat.audience("leadership") == []
    root = (await sends(place))["card/web:leadership"]
    assert (root.state, root.trouble) == (SendState.DROPPED, "excluded_member")


async def test_a_thread_stops_when_somebody_who_must_not_know_joins() -> None:
    """What still waits for the place of the lead is not sent there, and what stands there is withdrawn."""
    place = await reported(BY_THE_HEAD)
    await place.settle()
    before = len(place.chat.audience("chair"))
    place.chat.channels["chair"] |= {"ash"}
    await place.act("ellis", await place.case(), Action.NOTE, {"text": "An invented note."})
    await place.settle()
    assert len(place.chat.audience("chair")) == before
    assert (await place.case()).direct_only, "it is restricted already: now it stands in no channel at all"
    assert "withdrawn" in place.reads("chair")


async def test_a_notice_that_waits_does_not_reach_who_dropped_out() -> None:
    """A Headteacher says they are in conflict before the worker has run: nothing of the case reaches them."""
    place = await reported()
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    assert place.chat.audience("ash") == []
    assert place.messages("ellis", "notice"), "the Chair answers for the seat now"


async def test_a_receipt_and_progress_reach_a_reporter_who_must_not_know() -> None:
    """Who reported their own posting is kept out of the case, and still has their receipt."""
    place = await reported({**ABUSE, "reporter_link": ("is_poster",)})
    assert PersonId("brook") in (await place.case()).recused
    await place.settle()
    assert len(place.messages("brook", "receipt")) == 1


# -- who is told when it fails -------------------------------------------------------------------


async def test_a_second_platform_is_tried() -> None:
    """A Headteacher whose first platform refuses us hears on their second, and nobody is told to ring."""
    place, slack = await on_slack_too("ash")
    place.chat.shut.add("ash")
    await place.report("brook", ABUSE)
    await place.settle()
    assert [m.card.kind for m in slack.audience("U-ash")] == ["notice"]
    assert EventKind.DELIVERY_FAILED not in await kinds(place)
    second = (await sends(place))["notice/slack:ash"]
    assert (second.state, second.way, second.case) == (SendState.SENT, Way.DIRECT, (await place.case()).id)


async def test_the_last_platform_was_the_last() -> None:
    """Both platforms refuse: tried once each, on record, and the next person is told."""
    place, slack = await on_slack_too("ash")
    place.chat.shut.add("ash")
    slack.shut.add("U-ash")
    await place.report("brook", ABUSE)
    await place.settle()
    assert sum(1 for method, key in slack.calls if method == "send" and key.endswith(":ash")) == 1
    assert EventKind.DELIVERY_FAILED in await kinds(place)
    assert place.messages("bryn", "notice")


async def test_whoever_was_reached_on_one_platform_has_been_reached() -> None:
    """Urgent, so told on both; the second refuses: nobody reads that the Headteacher must be rung."""
    place, slack = await on_slack_too("ash")
    slack.shut.add("U-ash")
    await place.report("brook", {**ABUSE, "violence": "yes", "call_999": "done"})
    await place.settle()
    assert place.messages("ash", "notice")
    assert EventKind.DELIVERY_FAILED not in await kinds(place)
    assert not (await place.case()).stand_ins


async def test_a_lost_receipt_is_no_leaders_notice() -> None:
    """The reporter has shut us out: no leader reads that somebody must be rung, and nobody else is called."""
    place = await reported()
    place.chat.shut.add("brook")
    await place.settle()
    assert await kinds(place) == [EventKind.OPENED]
    assert not (await place.case()).stand_ins
    lost = (await sends(place))["receipt/web:brook"]
    assert (lost.state, lost.trouble) == (SendState.WAITING, "blocked")


async def test_a_channel_that_refuses_the_first_message_moves_the_case() -> None:
    """The platform takes nothing into the channel: the case goes on in direct messages and says why."""
    place = await reported()
    place.chat.shut.add("leadership")
    await place.settle()
    moved = next(e for e in await place.store.events(SCHOOL, (await place.case()).id) if e.kind == "moved")
    assert moved.facts == {"why": "unfit_place"}
    assert (await sends(place))["card/web:leadership"].state is SendState.FAILED
    assert any("HPS-2026-001" in text for text in place.chat.texts("ash"))


async def test_an_address_that_refuses_is_tried_each_hour_and_not_for_ever() -> None:
    """People are told once; it is asked again each hour for a month, then not any more."""
    place = await reported()
    place.chat.shut |= {"ash", "brook"}
    await place.settle()
    assert (await kinds(place)).count(EventKind.DELIVERY_FAILED) == 1
    calls = len(place.chat.calls)
    for _ in range(24):
        await place.later(hours=1)
    assert sum(1 for method, key in place.chat.calls[calls:] if key.endswith("notice/web:ash")) == 24
    await place.later(days=30)
    calls = len(place.chat.calls)
    await place.later(days=7)
    assert not [key for method, key in place.chat.calls[calls:] if key.endswith("notice/web:ash")]
    assert (await sends(place))["notice/web:ash"].state is SendState.FAILED
    assert (await kinds(place)).count(EventKind.DELIVERY_FAILED) == 1


@pytest.mark.parametrize("how", ["an hour", "they write", "added for them", "added for all"])
async def test_what_an_address_refused_goes_once_it_is_mended(how: str) -> None:
    """The Headteacher and the reporter let us in again: what waited is there, once, and the card says so."""
    place = await reported()
    place.chat.shut |= {"ash", "brook"}
    await place.settle()
    assert "Could not be reached: Headteacher" in place.reads("leadership")
    place.chat.shut.clear()
    await place.later(minutes=5)
    assert place.messages("ash", "notice") == []
    match how:
        case "an hour":
            await place.later(hours=1)
        case "they write":
            await place.ask("ash", ChatCommand.HELP)
            await place.ask("brook", ChatCommand.HELP)
        case "added for them":
            place.context.listener(Platform.WEB)("ash")
            place.context.listener(Platform.WEB)("brook")
        case _:
            place.context.listener(Platform.WEB)("")
    await place.settle()
    assert len(place.messages("ash", "notice")) == len(place.messages("brook", "receipt")) == 1
    assert "Could not be reached" not in place.messages("leadership", "case_card")[0]


async def test_whoever_writes_hurries_nobody_elses() -> None:
    """Another person writes, and nothing is asked of the one who refuses."""
    place = await reported()
    place.chat.shut |= {"ash"}
    await place.settle()
    calls = len(place.chat.calls)
    await place.ask("jo", ChatCommand.HELP)
    await place.settle()
    assert len(place.chat.calls) == calls


async def test_an_outcome_that_stays_unknown_ends_with_a_person() -> None:
    """A platform never answers: somebody is told to ring; nothing is given up, and later it goes out."""
    place = await reported()
    place.chat.fail(*[Failure.AMBIGUOUS_NOT_ACCEPTED] * 200)
    for _ in range(20):
        await place.later(hours=1)
    notice = (await sends(place))["notice/web:ash"]
    assert notice.state in (SendState.ATTEMPTED, SendState.WAITING)
    assert notice.late
    assert (await kinds(place)).count(EventKind.DELIVERY_FAILED) >= 1
    place.chat.failures.clear()
    await place.later(minutes=6)
    assert len(place.messages("ash", "notice")) == 1


@pytest.mark.feature("unfinished-goes-ahead")
async def test_a_first_alert_that_reaches_nobody_lets_the_report_go_ahead() -> None:
    """The DSL cannot be reached about a danger: the unfinished report goes ahead now, and others are told."""
    place = await town()
    place.chat.shut |= {"cam"}
    reply = await place.start("brook", "An invented threat.")
    await place.fill("brook", shown_form(reply).submit, {"immediate_danger": "yes"})
    await place.settle()
    case = await place.case()
    assert case.report.unfinished
    told = {person for person in case.holders.values() if place.messages(person, "notice")}
    assert told == {*case.holders.values()} - {"cam"} != set()


# -- what may have landed before it had to stop --------------------------------------------------


async def under_way(*, looks_up: bool, landed: bool) -> Town:
    """Return a school where the Headteacher's notice had an unknown outcome, and then they dropped out."""
    place = await reported()
    place.chat.can_look_up = looks_up
    real = place.chat.send
    outcome = Failure.AMBIGUOUS_ACCEPTED if landed else Failure.AMBIGUOUS_NOT_ACCEPTED

    async def unsure(to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        if key.endswith("/notice/web:ash"):
            place.chat.fail(outcome)
        return await real(to, card, key=key, repeat=repeat)

    place.chat.send = unsure  # type: ignore[method-assign]
    await place.settle()
    place.chat.send = real  # type: ignore[method-assign]
    assert (await sends(place))["notice/web:ash"].state is SendState.ATTEMPTED
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.later(minutes=5)
    await place.later(minutes=5)
    return place


async def test_what_had_landed_is_found_and_emptied() -> None:
    """A notice that reached somebody just before they dropped out is looked for and emptied."""
    place = await under_way(looks_up=True, landed=True)
    assert (await sends(place))["notice/web:ash"].state is SendState.SENT
    assert [m.card.kind for m in place.chat.audience("ash")] == ["withdrawn"]
    assert EventKind.DELIVERY_FAILED not in await kinds(place)


async def test_what_had_not_landed_is_not_sent_again() -> None:
    """A notice that never arrived stays away from who dropped out, and nothing more is said of it."""
    place = await under_way(looks_up=True, landed=False)
    notice = (await sends(place))["notice/web:ash"]
    assert (notice.state, notice.trouble) == (SendState.DROPPED, "not-any-more")
    assert place.chat.audience("ash") == []
    assert EventKind.DELIVERY_FAILED not in await kinds(place)


async def test_what_nobody_can_look_up_is_on_record_as_perhaps_read() -> None:
    """Where nothing can be looked up, the leaders read that the one who dropped out may have read it."""
    place = await under_way(looks_up=False, landed=True)
    notice = (await sends(place))["notice/web:ash"]
    assert (notice.state, notice.trouble) == (SendState.DROPPED, "not-any-more")
    failed = next(
        e
        for e in await place.store.events(SCHOOL, (await place.case()).id)
        if e.kind is EventKind.DELIVERY_FAILED
    )
    assert failed.facts == {"message": Message.WITHDRAWN, "person": "ash"}


async def test_a_first_copy_that_nobody_can_find_is_on_record() -> None:
    """Sent again after a lost answer, and emptied: the leaders read that a first copy may still be read."""
    place = await reported()
    place.chat.can_look_up = False
    real, lost = place.chat.send, [Failure.AMBIGUOUS_ACCEPTED]

    async def unsure(to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        if key.endswith("/notice/web:ash") and lost:
            place.chat.fail(lost.pop())
        return await real(to, card, key=key, repeat=repeat)

    place.chat.send = unsure  # type: ignore[method-assign]
    await place.settle()
    for _ in range(3):
        await place.later(minutes=5)
    assert [m.card.kind for m in place.chat.audience("ash")] == ["notice", "notice"]
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    assert [m.card.kind for m in place.chat.audience("ash")] == ["notice", "withdrawn"]
    events = await place.store.events(SCHOOL, (await place.case()).id)
    failed = [e.facts for e in events if e.kind is EventKind.DELIVERY_FAILED]
    assert failed == [{"message": Message.WITHDRAWN, "person": "ash"}]
    case = await place.case()
    assert case.lead is not None
    said = place.reads(case.holders[case.lead])
    assert "may still be able to read it" in said
    assert "Please ring them" not in said, "whoever must not know is rung by nobody"


async def test_a_message_that_cannot_be_emptied_is_on_record() -> None:
    """The platform refuses to empty what somebody must not know: the leaders read who may still read it."""
    place = await reported()
    await place.settle()
    place.chat.frozen |= {message.posted.message for message in place.chat.audience("ash")}
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    failed = [
        e.facts
        for e in await place.store.events(SCHOOL, (await place.case()).id)
        if e.kind is EventKind.DELIVERY_FAILED
    ]
    assert failed == [{"message": Message.WITHDRAWN, "person": "ash"}]
    place.chat.frozen.clear()
    await place.later(hours=1)
    assert [m.card.kind for m in place.chat.audience("ash")] == ["withdrawn"], "and it is not given up"


async def test_what_is_gone_has_been_taken_back() -> None:
    """The message somebody must not read was deleted: there is nothing to empty, and nobody is alarmed."""
    place = await reported()
    await place.settle()
    place.chat.messages = {k: m for k, m in place.chat.messages.items() if m.audience != "ash"}
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    assert EventKind.DELIVERY_FAILED not in await kinds(place)


async def test_an_edit_with_unknown_outcome_simply_repeats() -> None:
    """An edit cannot be doubled: it goes out again after a short rest, not after the long quarantine."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    place.chat.fail(*[Failure.AMBIGUOUS_NOT_ACCEPTED] * 6)
    await place.settle()
    waiting = [s for s in (await sends(place)).values() if s.way is Way.EDIT and s.state is SendState.WAITING]
    assert waiting
    assert all(s.due - place.clock.at == retry.backoff(1) for s in waiting)
    for _ in range(3):
        await place.later(seconds=20)
    assert place.clock.at < AT + retry.QUARANTINE, "long before a look-up would have been due"
    edits = [s for s in (await sends(place)).values() if s.way is Way.EDIT]
    assert {s.state for s in edits} == {SendState.SENT}


# -- the order of a thread -----------------------------------------------------------------------


async def test_a_thread_waits_for_its_first_message() -> None:
    """Nothing is posted into a thread that is not there yet, and nobody asks again before it can be."""
    place = await reported()
    place.chat.fail(Failure.AMBIGUOUS_NOT_ACCEPTED)
    await place.settle()
    all_of_it = await sends(place)
    root, line = all_of_it["card/web:leadership"], all_of_it["1/web:leadership"]
    assert root.state is SendState.ATTEMPTED
    assert (line.state, line.due) == (SendState.WAITING, root.due)
    assert root.due - place.clock.at == retry.QUARANTINE
    assert root.attempted_at == place.clock.at


async def test_a_line_that_is_due_later_than_its_first_message_stays_as_it_is() -> None:
    """A line rests longer than the message it stands below: that it waits is not written down each time."""
    place = await reported()
    place.chat.fail(Failure.AMBIGUOUS_NOT_ACCEPTED)
    await place.settle()
    all_of_it = await sends(place)
    root, line = all_of_it["card/web:leadership"], all_of_it["1/web:leadership"]
    later = replace(line, due=root.due + dt.timedelta(minutes=5))
    kept = (await place.store.commit(Change(school=SCHOOL, updated_sends=(later,)))).updated_sends[0]
    assert await place.worker.delivery.deliver(kept) == 0
    assert (await sends(place))["1/web:leadership"] == kept


async def test_a_line_that_may_have_landed_is_taken_back_though_its_card_is_posted_anew() -> None:
    """Its answer was lost, its card is on the way again, and the case leaves the place: it is looked for."""
    place = await reported()
    await place.settle()
    all_of_it = await sends(place)
    root, line = all_of_it["card/web:leadership"], all_of_it["1/web:leadership"]
    anew = replace(root, state=SendState.WAITING, due=place.clock.at + dt.timedelta(hours=1))
    lost = replace(line, state=SendState.ATTEMPTED, posted=None)
    await place.store.commit(Change(school=SCHOOL, updated_sends=(anew, lost)))
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    lost = (await sends(place))["1/web:leadership"]
    assert lost.state is SendState.ATTEMPTED
    assert await place.worker.delivery.deliver(lost) == 1
    assert (await sends(place))["1/web:leadership"].state is SendState.SENT, "found where it landed"


async def test_a_school_that_left_gets_nothing() -> None:
    """A school that is no longer in the file is sent nothing, and its sends end."""
    place = await reported()
    case = await place.case()
    place.context.directory.reload({})  # type: ignore[attr-defined]
    await place.settle()
    assert place.chat.messages == {}
    gone = await place.store.sends_of(SCHOOL, case.id)
    assert {(s.state, s.trouble) for s in gone} == {(SendState.FAILED, "no-such-school")}


async def test_who_has_no_account_any_more_ends_the_send() -> None:
    """Somebody whose account was taken out of the file is not written to, and the send ends."""
    place = await reported()
    ash = place.school.people[PersonId("ash")]
    school = replace(place.school, people={**place.school.people, ash.id: replace(ash, accounts={})})
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    await place.settle()
    notice = (await sends(place))["notice/web:ash"]
    assert (notice.state, notice.trouble) == (SendState.DROPPED, "no-address")


async def test_every_delivery_is_in_the_audit() -> None:
    """Each new message leaves a line of who was told what; an edit leaves none."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    case = await place.case()
    lines = [a for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.DELIVERED]
    noted = {(a.facts["send"].partition("/")[2], a.facts["person"], a.facts["place"]) for a in lines}
    assert ("notice/web:ash", "ash", "") in noted
    assert ("card/web:leadership", "", "leadership") in noted
    assert {a.case for a in lines} == {case.id}
    assert not any("/v" in a.facts["send"] for a in lines)


async def test_a_platform_that_asks_to_wait_is_obeyed_to_the_second() -> None:
    """A busy platform says *in three seconds*: it is asked again then, and that is no work done."""
    place = await reported()
    place.chat.fail(*[Failure.RETRYABLE] * 3)
    assert await place.worker.run_due() == 0
    waiting = [s for s in (await sends(place)).values() if s.state is SendState.WAITING and not s.root]
    assert waiting
    assert {s.due - place.clock.at for s in waiting} == {dt.timedelta(seconds=3)}


async def test_refusals_that_go_on_are_met_with_growing_patience() -> None:
    """A platform that is busy for an hour is not asked every few seconds."""
    place = await reported()
    place.chat.fail(*[Failure.RETRYABLE] * 400)
    for _ in range(360):
        await place.later(seconds=10)
    tries = [key for method, key in place.chat.calls if method == "send" and key.endswith("notice/web:ash")]
    assert 8 <= len(tries) <= 20


async def test_of_two_changes_of_a_message_the_newest_is_enough() -> None:
    """What an older version kept has keys of its own: the last one goes out, the others say why not."""
    place = await reported()
    await place.settle()
    card = (await sends(place))["card/web:leadership"]
    again = edit(card, place.clock.at)
    kept = tuple(replace(again, key=f"{card.key}/v{n}", due=again.due + n * SECOND) for n in range(3))
    await place.store.commit(Change(school=SCHOOL, new_sends=kept))
    before = sum(method == "edit" for method, _ in place.chat.calls)
    await place.later(seconds=5)
    found = [await place.store.send(SCHOOL, one.key) for one in kept]
    assert [(s.state, s.trouble) for s in found if s] == [
        (SendState.DROPPED, "superseded"),
        (SendState.DROPPED, "superseded"),
        (SendState.SENT, ""),
    ]
    assert sum(method == "edit" for method, _ in place.chat.calls) == before + 1


async def test_a_reminder_that_may_have_landed_and_is_overtaken_is_looked_for() -> None:
    """A newer one says it, so it is not sent again; whether it stands in the thread is asked all the same."""
    place = await reported({**ABUSE, "violence": "yes", "call_999": "done"})
    await place.settle()
    for _ in range(24 * 4):
        await place.later(hours=1)
    events = await place.store.events(SCHOOL, (await place.case()).id)
    first, *more = [event.seq for event in events if event.kind is EventKind.REMINDED]
    assert more, "it was reminded of more than once"
    sent = next(s for s in (await sends(place)).values() if s.event == first and s.place is Place.LEADERSHIP)
    assert (sent.message, sent.state) == (Message.UPDATE, SendState.SENT)
    unsure = replace(sent, state=SendState.ATTEMPTED, posted=None, due=place.clock.at)
    await place.store.commit(Change(school=SCHOOL, updated_sends=(unsure,)))
    before = len(place.chat.messages)
    await place.settle()
    found = await place.store.send(SCHOOL, sent.key)
    assert found is not None
    assert (found.state, found.posted) == (SendState.SENT, sent.posted)
    assert len(place.chat.messages) == before
