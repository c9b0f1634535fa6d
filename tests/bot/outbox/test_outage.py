"""While a platform fails nothing is used up, people are told, and afterwards everything goes out once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.monitoring import health
from flows.errors import Ambiguous, Permanent, PlatformError, Response, Retryable
from flows.model import Action, EventKind, SendState
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.bot.outbox.test_delivery import kinds, on_slack_too, reported, sends, town
from tests.fakes import Failure, FakeClock
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said, shown_form
from tests.virtual_time import in_virtual_time

DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}
REVOKED = Permanent("slack-token-revoked", "An invented refusal.", response=Response.CONNECTION)
FAILING = Ambiguous("no-answer", "An invented failure.")
GONE = Retryable("unreachable", "An invented dead line.", after=5.0, response=Response.UNREACHABLE)
OUTAGES = {"refused": REVOKED, "failing": FAILING, "unreachable": GONE}


async def ready(place: Town) -> tuple[int, dict[str, object]]:
    """Return what ``/readyz`` answers."""
    app = web.Application()
    health.routes(app, place.context)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/readyz")
        return answer.status, json.loads(await answer.text())


async def times(place: Town, minutes: int) -> None:
    """Let minutes pass, the worker looking each half of one."""
    for _ in range(minutes * 2):
        await place.later(seconds=30)


@pytest.mark.parametrize("minutes", [1, 20, 180])
@pytest.mark.parametrize("error", OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("looks_up", [True, False])
@pytest.mark.unwatched
async def test_after_an_outage_everything_goes_out_once(
    error: PlatformError, minutes: int, *, looks_up: bool
) -> None:
    """However long it lasted: each message is there once, nothing was given up, and no case has moved."""
    place = await town()
    place.chat.can_look_up = looks_up
    place.chat.outage = error
    await place.report("brook", DANGER)
    await place.report("jo", ABUSE)
    await times(place, minutes)
    place.chat.outage = None
    await times(place, 11)
    for reference in ("HPS-2026-001", "HPS-2026-002"):
        case = await place.case(reference)
        assert not case.restricted, "an outage moves nothing"
        assert EventKind.MOVED not in {e.kind for e in await place.store.events(SCHOOL, case.id)}
        states = {s.state for s in await place.store.sends_of(SCHOOL, case.id)}
        assert states <= {SendState.SENT, SendState.DROPPED}
        for person in case.holders.values():
            assert len([t for t in place.messages(person, "notice") if reference in t]) == 1
        assert len([t for t in place.messages("leadership", "case_card") if reference in t]) == 1
    assert place.messages("brook", "receipt")
    assert place.messages("jo", "receipt")


@pytest.mark.parametrize("error", OUTAGES.values(), ids=OUTAGES)
async def test_an_outage_is_seen(error: PlatformError, caplog: pytest.LogCaptureFixture) -> None:
    """It is an error in the log, once; ``/readyz`` says since when, why and what waits; so does *status*."""
    caplog.set_level(logging.INFO)
    place = await town()
    place.chat.outage = error
    await place.report("brook", DANGER)
    assert (await ready(place))[0] == 200
    await times(place, 15)
    down = [r for r in caplog.records if r.getMessage().startswith("platform.down")]
    assert [r.levelname for r in down] == ["ERROR"]
    assert error.reference in down[0].getMessage()
    status, told = await ready(place)
    assert (status, told["reason"]) == (503, "platform-down")
    assert told["down"][0]["why"] == error.reference  # type: ignore[index]
    assert told["down"][0]["waiting"] > 3  # type: ignore[index]
    assert "Please ring" in said(await place.ask("brook", ChatCommand.STATUS))
    shown = said(await place.ask("office", ChatCommand.STATUS))
    assert "Web has not taken our messages since 2026-11-24" in shown
    assert error.reference in shown
    assert "has not taken" not in said(await place.ask("ash", ChatCommand.STATUS))
    place.chat.outage = None
    await times(place, 6)
    assert any(r.getMessage().startswith("platform.up") for r in caplog.records)
    assert (await ready(place))[0] == 200


async def test_a_message_that_is_found_does_not_say_that_the_platform_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A platform that takes what it answers with errors is down once, not up with each message found."""
    caplog.set_level(logging.INFO)
    place = await town()
    place.chat.fail(*[Failure.AMBIGUOUS_ACCEPTED] * 500)
    await place.report("brook", DANGER)
    await times(place, 30)
    said_of_it = [r.getMessage().split()[0] for r in caplog.records if r.getMessage().startswith("platform.")]
    assert said_of_it == ["platform.down"]


async def test_what_cannot_be_looked_for_is_asked_for_less_and_less() -> None:
    """A place that does not say what it took is not asked every few seconds for hours; then it goes once."""
    place = await town()
    place.chat.deaf = True
    place.chat.fail(Failure.AMBIGUOUS_NOT_ACCEPTED)
    await place.report("brook", ABUSE)
    for _ in range(4 * 360):
        await place.later(seconds=15)
    asked = Counter(key for method, key in place.chat.calls if method == "find")
    assert asked
    assert max(asked.values()) < 100
    place.chat.deaf = False
    await times(place, 6)
    assert not [s.key for s in (await sends(place)).values() if s.state is SendState.ATTEMPTED]


async def test_a_refused_connection_asks_once_a_minute() -> None:
    """The token was revoked: one message at a time tries it, not all of them, and not all the time."""
    place = await town()
    place.chat.outage = REVOKED
    await place.report("brook", ABUSE)
    await place.settle()
    before = len(place.chat.calls)
    await times(place, 60)
    assert len(place.chat.calls) - before <= 70
    assert all(s.attempts == 0 for s in (await sends(place)).values())


async def test_what_comes_in_has_a_platform_tried_at_once() -> None:
    """A platform that failed for an hour brings a message: what waits goes out then."""
    place = await town()
    place.chat.outage = FAILING
    await place.report("brook", DANGER)
    await times(place, 60)
    place.chat.outage = None
    await place.later(seconds=1)
    assert not place.messages("ash", "notice")
    await place.later(seconds=15)
    await place.ask("jo", ChatCommand.HELP)
    await place.settle()
    await place.later(minutes=5)
    assert place.messages("ash", "notice")
    assert not place.context.states.down()


async def test_one_message_that_is_always_refused_stops_nobody() -> None:
    """The app may post in channels and not to people: what may go goes in minutes, and people are told."""
    place = await town()
    real = place.chat.send

    async def choosy(to: object, card: object, **named: object) -> object:
        if to.account:  # type: ignore[attr-defined]
            raise Permanent("slack-missing-scope", "An invented refusal.", response=Response.CONNECTION)
        return await real(to, card, **named)  # type: ignore[arg-type]

    place.chat.send = choosy  # type: ignore[method-assign, assignment]
    await place.report("brook", DANGER)
    await place.report("jo", ABUSE)
    await times(place, 20)
    assert len(place.messages("leadership", "case_card")) == 2
    assert EventKind.DELIVERY_FAILED in await kinds(place)
    place.chat.send = real  # type: ignore[method-assign]
    await times(place, 20)
    assert place.messages("ash", "notice")
    assert place.messages("brook", "receipt")


async def test_who_is_not_reached_is_to_be_rung_and_it_is_said_when_they_are() -> None:
    """Two minutes into an outage the case names whom to ring; after it, the card does not any more."""
    place = await town()
    place.chat.outage = GONE
    await place.report("brook", DANGER)
    await times(place, 3)
    assert EventKind.DELIVERY_FAILED in await kinds(place)
    await times(place, 12)
    assert "no leader could be reached" in said(await place.ask("brook", ChatCommand.STATUS))
    place.chat.outage = None
    await times(place, 6)
    assert "could not be reached" not in place.reads("leadership").split("[update]")[0]


async def test_another_platform_is_taken_while_one_is_down() -> None:
    """The first platform fails: the Headteacher hears on the second, and on the first once it works."""
    place, slack = await on_slack_too("ash")
    place.chat.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 1)
    assert [m.card.kind for m in slack.audience("U-ash") if m.card.kind != "platform"] == ["notice"]
    assert EventKind.DELIVERY_FAILED not in await kinds(place)
    place.chat.outage = None
    await times(place, 2)
    assert len(place.messages("ash", "notice")) == 1


async def test_both_platforms_are_down() -> None:
    """No way is left: the case says that the Headteacher must be rung, and both go out afterwards."""
    place, slack = await on_slack_too("ash")
    place.chat.outage = slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 12)
    assert EventKind.DELIVERY_FAILED in await kinds(place)
    place.chat.outage = slack.outage = None
    await times(place, 6)
    assert len(place.messages("ash", "notice")) == len(slack.audience("U-ash")) == 1


async def test_a_danger_that_cannot_be_told_lets_the_report_go_ahead() -> None:
    """The alert before the report waits for its platform: the report goes ahead as it is, once."""
    place = await town()
    place.chat.outage = REVOKED
    reply = await place.start("brook", "An invented threat.")
    await place.fill("brook", shown_form(reply).submit, {"immediate_danger": "yes"})
    await times(place, 1)
    assert (await place.case()).report.unfinished
    place.chat.outage = None
    await times(place, 2)
    assert len(place.messages("cam", "first_alert")) == 1


async def test_taking_back_goes_first_and_is_never_given_up() -> None:
    """The Headteacher steps out during an outage: once it works their chat is emptied before all else."""
    place = await reported()
    await place.settle()
    place.chat.outage = FAILING
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.report("jo", DANGER)
    await times(place, 30)
    place.chat.outage = None
    before = len(place.chat.calls)
    await times(place, 11)
    assert "withdrawn" in {m.card.kind for m in place.chat.audience("ash")}
    assert not [text for text in place.chat.texts("ash") if "HPS-2026-001" in text]
    assert place.chat.calls[before][0] == "edit"


async def test_one_place_that_fails_is_not_the_platform() -> None:
    """Only the leadership channel fails: everybody else is told at once, and nothing has moved."""
    place = await town()
    real = place.chat._hang  # noqa: SLF001 - the place fails before it is posted to

    async def fails(audience: str) -> None:
        await real(audience)
        if audience == "leadership":
            raise FAILING

    place.chat._hang = fails  # type: ignore[method-assign]  # noqa: SLF001 - likewise
    await place.report("brook", DANGER)
    await times(place, 60)
    assert place.messages("ash", "notice")
    assert not place.context.states.down()
    assert not (await place.case()).restricted
    place.chat._hang = real  # type: ignore[method-assign]  # noqa: SLF001 - likewise
    await times(place, 6)
    assert len(place.messages("leadership", "case_card")) == 1


# -- a destination that hangs holds only itself ---------------------------------------------------


@pytest.mark.parametrize("hanging", [{"leadership"}, {"leadership", "brook", "jo", "ash", "bryn", "dee"}])
def test_the_first_alert_goes_within_five_seconds_whatever_hangs(hanging: set[str]) -> None:
    """Twelve reports wait for a channel that hangs for a minute each time: a danger goes out at once."""
    clock = FakeClock()

    async def all_of_it() -> None:
        place = Town(await open_store("memory:", key=bytes(32)), clock=clock)
        place.chat.hanging = set(hanging)
        running = asyncio.create_task(place.worker.run())
        for person in ("brook", "jo") * 6:
            await place.report(person, ABUSE)
        await asyncio.sleep(30)
        reply = await place.start("office", "An invented threat.")
        at = clock.at
        await place.fill("office", shown_form(reply).submit, {"immediate_danger": "yes"})
        while not place.messages("cam", "first_alert"):
            assert (clock.at - at).total_seconds() < 5
            await asyncio.sleep(0.1)
        place.chat.hanging.clear()
        await asyncio.sleep(600)
        assert len(place.messages("leadership", "case_card")) >= 12
        place.worker.stop()
        await running

    in_virtual_time(clock, all_of_it())


def test_the_worker_rests_while_a_platform_is_down() -> None:
    """For an hour nothing can go: the store is looked at a few times a minute, not in a tight loop."""
    clock, looks = FakeClock(), 0

    async def all_of_it() -> None:
        nonlocal looks
        place = Town(await open_store("memory:", key=bytes(32)), clock=clock)
        place.chat.outage = REVOKED
        real = place.store.due_sends

        async def counted(*args: object, **named: object) -> object:
            nonlocal looks
            looks += 1
            return await real(*args, **named)  # type: ignore[arg-type]

        place.store.due_sends = counted  # type: ignore[method-assign, assignment]
        running = asyncio.create_task(place.worker.run())
        await place.report("brook", ABUSE)
        await asyncio.sleep(3600)
        place.chat.outage = None
        await asyncio.sleep(61)
        assert place.messages("ash", "notice")
        place.worker.stop()
        await running

    in_virtual_time(clock, all_of_it())
    assert looks < 600


# -- the root is gone, the form is refused --------------------------------------------------------


async def test_a_root_that_was_deleted_is_posted_anew_with_its_thread() -> None:
    """Somebody deletes the first card: at the next step it is there again, thread and all, and says so.

    Nobody can look up there whether something stands already.
    """
    place = await reported()
    await place.settle()
    place.chat.can_look_up = False
    place.chat.messages = {k: m for k, m in place.chat.messages.items() if m.audience != "leadership"}
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    stands = place.chat.audience("leadership")
    (root,) = [m for m in stands if m.card.kind == "case_card"]
    thread = [m.text for m in stands if m.root == root.posted.message]
    assert any("taken this on" in text for text in thread)
    assert not any(m.repeat for m in stands), "what never stood there is no repeat"
    assert sum("was deleted here" in text for text in thread) == 1
    assert (await kinds(place)).count(EventKind.REPOSTED) == 1
    case = await place.case()
    assert (
        await place.store.thread(SCHOOL, root.posted.platform, "leadership", root.posted.message) == case.id
    )


async def test_a_message_refused_for_its_form_goes_out_plain(caplog: pytest.LogCaptureFixture) -> None:
    """The platform takes no card, only a line: the line goes out, nobody is alarmed, and we have an error."""
    caplog.set_level(logging.ERROR)
    place = await town()
    real = place.chat.send

    async def choosy(to: object, card: object, **named: object) -> object:
        if len(card.blocks) > 2:  # type: ignore[attr-defined]
            raise Permanent("too-large", "An invented limit.")
        return await real(to, card, **named)  # type: ignore[arg-type]

    place.chat.send = choosy  # type: ignore[method-assign, assignment]
    await place.report("brook", ABUSE)
    await place.settle()
    (notice,) = place.chat.audience("ash")
    assert "HPS-2026-001" in notice.text
    case = await place.case()
    assert not case.restricted, "a healthy channel is not left"
    assert place.messages("leadership", "case_card")
    assert EventKind.DELIVERY_FAILED not in await kinds(place)
    assert {r.getMessage().split()[0] for r in caplog.records} == {"send.malformed"}
