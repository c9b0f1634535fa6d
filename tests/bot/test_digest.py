"""The weekly digest: once a week, where there is a channel, and never with what has left it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from flows.model import Action, EventKind, Message, SendState, Status, Way
from flows.school import Platform
from flows.ui.forms import Value
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.fakes import Failure, FakeChat, FakeClock
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

#: Never in the leadership channel: the Headteacher is accused.
ABOUT_THE_HEAD: dict[str, Value] = {
    **ABUSE,
    "targets": ("headteacher",),
    "staff_allegation": ("headteacher",),
}
#: Tuesday, ten o'clock; the digest is due on Mondays at eight.
TUESDAY = FakeClock().at
MONDAY = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)


async def town() -> Town:
    """Return a school with one report of Tuesday, and its digest planned."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    await place.settle()
    await place.worker.digest.plan()
    return place


async def at(place: Town, moment: dt.datetime) -> None:
    """Go to a moment and let the worker work."""
    place.clock.at = moment
    await place.settle()


async def planned(place: Town) -> list[dt.datetime]:
    """Return when the next digest is due."""
    due = await place.store.due_timers(place.clock.at + dt.timedelta(days=400))
    return [timer.due for timer in due if timer.kind == "digest"]


async def test_it_comes_on_its_day_and_once() -> None:
    """On Monday at eight, not a second before; a restart, or two, makes no second one."""
    place = await town()
    assert await planned(place) == [MONDAY]
    await at(place, MONDAY - dt.timedelta(seconds=1))
    assert place.messages("leadership", "digest") == []
    await at(place, MONDAY)
    (text,) = place.messages("leadership", "digest")
    assert "HPS-2026-001" in text
    assert await planned(place) == [MONDAY + dt.timedelta(weeks=1)]
    (key,) = [key for method, key in place.chat.calls if method == "send" and "digest/" in key]
    kept = await place.store.send(SCHOOL, key)
    assert kept is not None
    assert (kept.way, kept.root) == (Way.ROOT, ""), "a message of its own, below no case"
    for hours in (0, 5):
        place.clock.pass_by(dt.timedelta(hours=hours))
        await place.worker.digest.plan()
        await place.settle()
    assert len(place.messages("leadership", "digest")) == 1
    assert await planned(place) == [MONDAY + dt.timedelta(weeks=1)]


async def test_one_that_fell_due_while_nobody_ran_goes_out_at_the_start() -> None:
    """The machine was off on Monday: on Wednesday the digest goes out, for the week it was due in."""
    place = await town()
    place.clock.at = MONDAY + dt.timedelta(days=2)
    await place.worker.digest.plan()
    assert await planned(place) == [MONDAY]
    await place.settle()
    assert len(place.messages("leadership", "digest")) == 1
    (sent,) = [key for method, key in place.chat.calls if method == "send" and "2026-W49" in key]
    assert sent
    assert await planned(place) == [MONDAY + dt.timedelta(weeks=1)]


LATE = "This digest is late: it was due on Monday 30 November at 08:00."


async def test_one_that_is_late_says_so_and_which_week_it_is_for() -> None:
    """On its hour it names its week; after an outage it says when it should have come, also written again."""
    place = await town()
    await at(place, MONDAY + dt.timedelta(minutes=1))
    (text,) = place.messages("leadership", "digest")
    assert "the week of Monday 30 November" in text
    assert "late" not in text
    late = await town()
    late.clock.at = MONDAY + dt.timedelta(hours=6)
    await late.worker.digest.plan()
    await late.settle()
    (text,) = late.messages("leadership", "digest")
    assert "the week of Monday 30 November" in text
    assert LATE in text


async def test_written_again_it_is_as_late_as_it_was() -> None:
    """A digest that came on its hour is not late because a case has left it since; a late one stays late."""
    for hours, is_late in ((0, False), (6, True)):
        place = await town()
        place.clock.at = MONDAY + dt.timedelta(hours=hours)
        await place.worker.digest.plan()
        await place.settle()
        place.clock.pass_by(dt.timedelta(days=1))
        await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
        await place.settle()
        (text,) = place.messages("leadership", "digest")
        assert "HPS-2026-001" not in text
        assert (LATE in text) is is_late


@pytest.mark.parametrize("reports", [(), (ABOUT_THE_HEAD,), (ABUSE, ABOUT_THE_HEAD)])
async def test_that_there_is_one_hangs_on_no_case(reports: tuple[dict[str, Value], ...]) -> None:
    """With no case, one that its readers may not know of, and both: on its hour and after an outage."""
    came = []
    for outage in (dt.timedelta(), dt.timedelta(hours=6), dt.timedelta(days=2)):
        place = Town(await open_store("memory:", key=bytes(32)))
        await place.worker.digest.plan()
        for answers in reports:
            await place.report("brook", answers)
        await place.settle()
        await place.worker.digest.plan()
        place.clock.at = MONDAY + outage
        await place.worker.digest.plan()
        await place.settle()
        came.append(len(place.messages("leadership", "digest")))
    assert came == [1, 1, 1]


async def test_a_school_that_had_no_case_has_missed_nothing() -> None:
    """A new installation does not begin with a digest of nothing; the first comes on its day."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.worker.digest.plan()
    assert await planned(place) == [MONDAY]
    await place.settle()
    assert place.messages("leadership", "digest") == []


async def test_a_case_of_today_does_not_bring_last_weeks_digest() -> None:
    """The first report comes on Tuesday and we start again: Monday's digest had nothing to say."""
    place = await town()
    place.clock.pass_by(dt.timedelta(hours=1))
    await place.worker.digest.plan()
    assert await planned(place) == [MONDAY]


async def test_only_where_there_is_a_channel() -> None:
    """A platform on which the school has no leadership channel gets no digest, and none hangs about."""
    place = await town()
    place.context.add_chat(FakeChat(Platform.SLACK))
    await at(place, MONDAY)
    keys = [f"digest/{SCHOOL}/2026-W49/{platform}" for platform in (Platform.WEB, Platform.SLACK)]
    found = [await place.store.send(SCHOOL, key) for key in keys]
    assert [send and send.state for send in found] == [SendState.SENT, None]


@pytest.mark.feature("digest-names-nobody")
async def test_a_case_that_leaves_the_channel_leaves_its_digests() -> None:
    """Somebody of the channel must not know any more: the digest there is written again."""
    place = await town()
    await at(place, MONDAY)
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    (text,) = place.messages("leadership", "digest")
    assert "HPS-2026-001" not in text


@pytest.mark.parametrize("weeks", [0, 1])
async def test_a_case_that_was_closed_is_told_once_more(weeks: int) -> None:
    """Closed on Tuesday: Monday's digest counts it, and the one after does not any more."""
    place = await town()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "x"})
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "x"})
    for week in range(weeks + 1):
        await at(place, MONDAY + dt.timedelta(weeks=week))
    *_, text = place.messages("leadership", "digest")
    assert ("Closed in the last 7 days" in text and " · 1 closed" in text) is (weeks == 0)


async def test_a_case_that_stays_changes_no_digest() -> None:
    """Somebody else steps out: the channel may know as before, and the digest stays as it was."""
    place = await town()
    await at(place, MONDAY)
    before = place.messages("leadership", "digest")
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    assert place.messages("leadership", "digest") == before
    assert sum(1 for method, _ in place.chat.calls if method == "edit") >= 1


async def test_all_digests_since_it_was_opened() -> None:
    """A case of many weeks leaves the channel: it is gone from each week's digest."""
    place = await town()
    for week in range(3):
        await at(place, MONDAY + dt.timedelta(weeks=week))
    assert len(place.messages("leadership", "digest")) == 3
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    assert all("HPS-2026-001" not in text for text in place.messages("leadership", "digest"))


@pytest.mark.feature("conflict-of-interest")
async def test_who_reads_the_channel_decides_what_a_digest_says() -> None:
    """The Chair, who posted it, has come into the channel: Monday's digest does not speak of the case."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("jo", ABUSE)
    await place.report("brook", {**ABUSE, "poster": ("chair",)})
    await place.settle()
    await place.worker.digest.plan()
    place.chat.channels["leadership"] |= {"ellis"}
    await at(place, MONDAY)
    (text,) = place.messages("leadership", "digest")
    assert "HPS-2026-001" in text
    assert "HPS-2026-002" not in text


async def test_a_digest_that_cannot_be_written_again_is_on_record() -> None:
    """The platform refuses to change it: the leaders read that it failed, and can take it down."""
    place = await town()
    await at(place, MONDAY)
    (digest,) = [m for m in place.chat.audience("leadership") if m.card.kind == "digest"]
    place.chat.frozen.add(digest.posted.message)
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    events = await place.store.events(SCHOOL, (await place.case()).id)
    failed = [e.facts for e in events if e.kind is EventKind.DELIVERY_FAILED]
    assert failed == [{"message": Message.WITHDRAWN, "person": ""}]


async def test_a_digest_is_written_again_where_nothing_else_may_go() -> None:
    """The channel has become unfit meanwhile: what must not be read there goes all the same."""
    place = await town()
    await at(place, MONDAY)
    place.chat.unfit.add("leadership")
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    (text,) = place.messages("leadership", "digest")
    assert "HPS-2026-001" not in text


async def test_one_that_goes_out_late_says_nothing_of_later_weeks() -> None:
    """A computer sleeps with a digest in hand: a case of the week after stands in later digests only."""
    place = await town()
    place.chat.fail(Failure.AMBIGUOUS_NOT_ACCEPTED)
    await at(place, MONDAY)
    assert place.messages("leadership", "digest") == []
    place.clock.at = MONDAY + dt.timedelta(days=8)
    await place.report("jo", ABUSE)
    await place.settle()
    await at(place, MONDAY + dt.timedelta(days=14))
    texts = {
        text.splitlines()[0].partition("Monday ")[2]: text for text in place.messages("leadership", "digest")
    }
    told = {week for week, text in texts.items() if "HPS-2026-002" in text}
    assert "30 November" in texts
    assert told == {"7 December", "14 December"}


@pytest.mark.feature("digest-worth-reading")
async def test_that_a_lead_was_reminded_comes_from_what_happened() -> None:
    """The DSL is told of a case about the Headteacher: its lead was reminded only once that is so."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABOUT_THE_HEAD)
    await place.settle()
    first = said(await place.ask("cam", ChatCommand.DIGEST))
    assert "Cases kept apart from this channel: 1\n" in first
    await place.later(days=3)
    again = said(await place.ask("cam", ChatCommand.DIGEST))
    assert "Cases kept apart from this channel: 1. Their leads have been reminded." in again


@pytest.mark.feature("digest-worth-reading")
@pytest.mark.unwatched
async def test_what_a_reader_must_not_know_is_in_no_figure() -> None:
    """Compared are the cases that everybody in the channel may know: one they may not changes no byte."""
    texts = []
    for hidden in (False, True):
        place = Town(await open_store("memory:", key=bytes(32)))
        place.clock.at = dt.datetime(2026, 9, 15, 10, 0, tzinfo=dt.UTC)
        for _ in range(4):
            await place.report("brook", ABUSE)
            if hidden:
                await place.report("jo", ABOUT_THE_HEAD)
                await place.report("jo", {**ABUSE, "poster": ("chair",)})
            await place.later(weeks=1)
        place.chat.channels["leadership"] |= {"ellis"}
        await place.worker.digest.plan()
        await at(place, place.clock.at + dt.timedelta(weeks=1))
        text = place.messages("leadership", "digest")[-1]
        text = re.sub(
            r"Audit seal, to keep: \d{8}(-[A-Z2-7]{4}){4}", "a seal", text
        )  # says nothing without the key
        assert "a seal" in text
        texts.append(re.sub(r"HPS-2026-\d+", "HPS", text))
    assert "this term" in texts[0]
    assert texts[0] == texts[1]


async def test_what_was_closed_long_ago_is_still_compared_with() -> None:
    """One report a week, each closed at once: this week is as usual, and not more than none."""
    place = Town(await open_store("memory:", key=bytes(32)))
    tuesday = dt.datetime(2026, 9, 15, 10, 0, tzinfo=dt.UTC)
    for n in range(5):
        place.clock.at, reference = tuesday + n * dt.timedelta(weeks=1), f"HPS-2026-00{n + 1}"
        await place.report("brook", ABUSE)
        await place.settle()
        await place.act("ash", await place.case(reference), Action.TAKE_ON)
        await place.act("ash", await place.case(reference), Action.LEGAL, {"contacted": "no", "why": "x"})
        await place.act("ash", await place.case(reference), Action.CLOSE, {"outcome": "met", "text": "x"})
        assert (await place.case(reference)).status is Status.CLOSED
    await place.worker.digest.plan()
    await at(place, place.clock.at + dt.timedelta(days=6))
    text = place.messages("leadership", "digest")[-1]
    assert "As usual this term: 1 in each of" in text


@pytest.mark.feature("backup-age-is-said")
@pytest.mark.parametrize(
    ("when", "said"),
    [
        (MONDAY - dt.timedelta(days=3), "Last good backup of the reports: Friday 27 November 2026"),
        (None, "There is no backup of the reports yet."),
    ],
)
async def test_it_says_when_the_last_good_backup_was(when: dt.datetime | None, said: str) -> None:
    """Or that there is none; where somebody else sees to backups it says nothing of them."""
    place = await town()
    place.store.backed_up = lambda: when  # type: ignore[attr-defined]
    await at(place, MONDAY)
    (text,) = place.messages("leadership", "digest")
    assert said in text
