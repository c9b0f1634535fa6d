"""What is over goes by the school's rule: said before, put off or stopped by a person, then gone for good."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.outbox.worker import Worker
from flows.model import Action, AuditKind, Case, Change, Status, Timer, TimerKind, Tombstone
from flows.ports import Store
from flows.school import Platform, Retention, Span
from flows.ui.forms import Value
from storage.embedded.store import TinyStore
from storage.open import open_store
from storage.seal import Sealer
from tests.fakes import Failure
from tests.storage import samples as s
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

#: Words that nobody else uses: none of them may be left anywhere.
MARK = "marmalade-zeppelin"
RULES = Retention(case=Span(1, "years"), no_clause=Span(1, "school_years"))
QUESTION: dict[str, Value] = {**ABUSE, "targets": ("none",)}
CLOSE: dict[str, Value] = {"outcome": "invited", "text": f"{MARK} closed"}
FAR = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
#: Closed on Tuesday 24 November 2026: kept to 24 November 2027, said from 27 October on.
LAST = dt.date(2027, 11, 24)
SAID = dt.date(2027, 10, 27)


async def town(store: Store | None = None, rules: Retention = RULES) -> Town:
    """Return a school with a rule, and a case that was reported, worked and closed."""
    place = Town(store or await open_store("memory:", key=s.KEY))
    place.school = replace(place.school, retention=rules)
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    await place.report("brook", {**ABUSE, "words": f"{MARK} said"})
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.NOTE, {"text": f"{MARK} noted"})
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": f"{MARK} why"})
    await place.act("ash", await place.case(), Action.POLICE, {"contacted": "no", "why": f"{MARK} why"})
    await place.act("ash", await place.case(), Action.CLOSE, CLOSE)
    await place.settle()
    assert (await place.case()).status is Status.CLOSED
    await place.worker.keeping.plan()
    return place


async def on(place: Town, day: dt.date) -> None:
    """Let it be ten o'clock of a day, and the worker work until nothing is left to do that morning."""
    place.clock.at = dt.datetime(day.year, day.month, day.day, 10, tzinfo=dt.UTC)
    for _ in range(3):
        await place.settle()
        place.clock.pass_by(dt.timedelta(hours=1, minutes=1))
    await place.settle()


async def there(place: Town) -> Case | None:
    """Return the case, if it is there yet."""
    return await place.store.case_called(SCHOOL, "HPS-2026-001")


def warned(place: Town) -> list[str]:
    """Return what the channel was told of a removal that is near."""
    return [text for text in place.messages("leadership", "update") if "is removed after" in text]


@pytest.mark.feature("kept-as-long-as-the-rule-says")
async def test_it_is_said_four_weeks_before_and_then_it_goes() -> None:
    """Nothing before its time; said once; on the morning after the day all of it is gone."""
    place = await town()
    await on(place, dt.date(2027, 10, 26))
    assert (await there(place), warned(place)) == (await place.case(), [])
    await on(place, SAID)
    await on(place, dt.date(2027, 11, 10))
    assert [text for text in warned(place) if "Wednesday 24 November 2027" in text] == warned(place)
    assert len(warned(place)) == 1
    case = await place.case()
    await on(place, LAST)
    assert await there(place) is not None
    await on(place, LAST + dt.timedelta(days=1))
    assert await there(place) is None
    for read in (place.store.events, place.store.sends_of, place.store.links_of):
        assert await read(SCHOOL, case.id) == []
    assert await place.store.opened_by(SCHOOL, case.id) == frozenset()
    assert await place.store.cases_reported_by(SCHOOL, place.school.people["brook"].id) == []  # type: ignore[index]
    stone = Tombstone(
        case=case.id,
        school=SCHOOL,
        reference="HPS-2026-001",
        closed_on=dt.date(2026, 11, 24),
        removed_on=LAST + dt.timedelta(days=1),
        rule="case",
        read_at=case.version + 1,
    )
    assert await place.store.tombstones(SCHOOL) == [stone]


async def test_it_is_looked_at_each_morning_and_within_the_hour_while_messages_go() -> None:
    """Saturdays too. Said, or not due yet: the next morning; while its messages are being emptied: soon."""
    place = await town()

    async def looks() -> dt.datetime:
        (timer,) = [t for t in await place.store.due_timers(FAR, most=999) if t.kind is TimerKind.KEEPING]
        return timer.due

    assert (await looks()).date() == dt.date(2026, 11, 25)
    place.clock.at = dt.datetime(2026, 11, 27, 18, tzinfo=dt.UTC)
    await place.settle()
    assert (await looks()).date() == dt.date(2026, 11, 28), "a Saturday"
    other = Town(await open_store("memory:", key=s.KEY))
    other.clock.at = place.clock.at
    other.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    await other.worker.keeping.plan()
    planned = [t for t in await other.store.due_timers(FAR, most=999) if t.kind is TimerKind.KEEPING]
    assert [t.due.date() for t in planned] == [dt.date(2026, 11, 28)]
    await on(place, SAID)
    assert (await looks()).date() == SAID + dt.timedelta(days=1)
    place.clock.at = dt.datetime(2027, 11, 25, 10, tzinfo=dt.UTC)
    place.chat.fail(*[Failure.RETRYABLE] * 50)
    await place.worker.run_due()
    assert (await place.case()).removing == place.clock.at
    assert await looks() == place.clock.at + dt.timedelta(hours=1)
    place.clock.pass_by(dt.timedelta(hours=1))
    await place.worker.run_due()
    assert await looks() == place.clock.at + dt.timedelta(hours=1)


async def test_our_own_posts_say_only_that_it_was_removed() -> None:
    """Cards, lines, notices and receipts are emptied where they stand; nothing new is posted."""
    place = await town()
    await on(place, SAID)
    before = {who: len(place.chat.audience(who)) for who in ("leadership", "ash", "brook")}
    await on(place, LAST + dt.timedelta(days=1))
    assert await there(place) is None
    for who, many in before.items():
        stands = [m for m in place.chat.audience(who) if "HPS-2026-001" in m.text or "postings" not in m.text]
        assert len(place.chat.audience(who)) == many
        assert {m.card.kind for m in stands} == {"removed"}
        assert all("was removed on Thursday 25 November" in m.text for m in stands)


async def test_a_platform_that_takes_no_edits_holds_it_up_for_two_weeks_at_most() -> None:
    """Its messages stay as they are, which the papers say; the store's copy goes all the same."""
    place = await town()
    await on(place, SAID)
    place.chat.fail(*[Failure.RETRYABLE] * 5000)
    await on(place, LAST + dt.timedelta(days=1))
    assert await there(place) is not None
    await on(place, LAST + dt.timedelta(days=16))
    await on(place, LAST + dt.timedelta(days=17))
    assert await there(place) is None


async def test_whoever_leads_keeps_it_longer() -> None:
    """With a reason, from its notice on; then it is said again before the later day."""
    place = await town()
    await on(place, SAID)
    longer: dict[str, Value] = {"years": "3", "text": "An appeal."}
    kept = await place.act("ash", await place.case(), Action.KEEP_LONGER, longer)
    assert "keeps this case until Sunday 24 November 2030" in said(kept)
    await on(place, dt.date(2028, 1, 10))
    assert await there(place) is not None
    await on(place, dt.date(2030, 10, 27))
    assert "Sunday 24 November 2030" in warned(place)[-1]
    await on(place, dt.date(2030, 11, 25))
    assert await there(place) is None


async def test_a_legal_hold_stops_it_until_it_is_lifted() -> None:
    """However long; when it is lifted it is said once more, and goes no sooner than four weeks after."""
    place = await town()
    await place.act("ash", await place.case(), Action.LEGAL_HOLD, {"text": "A claim."})
    await on(place, dt.date(2040, 1, 10))
    assert (await place.case()).legal_hold
    assert warned(place) == []
    await place.act("ash", await place.case(), Action.LIFT_LEGAL_HOLD, {"text": "Settled."})
    await on(place, dt.date(2040, 1, 11))
    await on(place, dt.date(2040, 2, 7))
    assert len(warned(place)) == 1
    assert await there(place) is not None
    await on(place, dt.date(2040, 2, 9))
    assert await there(place) is None


@pytest.mark.parametrize("stage", ["said", "being emptied"])
async def test_a_legal_hold_stops_what_has_begun(stage: str) -> None:
    """Between the notice and the end, and while its messages are being emptied."""
    place = await town()
    await on(place, SAID)
    if stage == "being emptied":
        place.chat.fail(*[Failure.RETRYABLE] * 5000)
        await on(place, LAST + dt.timedelta(days=1))
        assert (await place.case()).removing is not None
    await place.act("ash", await place.case(), Action.LEGAL_HOLD, {"text": "A claim."})
    await on(place, dt.date(2030, 1, 10))
    assert (await place.case()).legal_hold


async def test_a_start_puts_nothing_off_and_keeps_nothing_anew() -> None:
    """A removal under way is looked at again within the hour, as before; a second start writes nothing."""
    place = await town()
    await on(place, SAID)
    place.chat.fail(*[Failure.RETRYABLE] * 5000)
    await on(place, LAST + dt.timedelta(days=1))
    (before,) = [timer for timer in await _timers(place) if timer.kind is TimerKind.KEEPING]
    assert before.due <= place.clock.at + dt.timedelta(hours=1)
    await Worker(place.context, place.service).begin()
    kept = place.store.commits
    await Worker(place.context, place.service).begin()
    assert before in await _timers(place)
    assert place.store.commits == kept


async def test_a_timer_that_stands_too_far_ahead_is_brought_forward() -> None:
    """A clock that was once years ahead leaves nothing unlooked at."""
    place = await town()
    (timer,) = [timer for timer in await _timers(place) if timer.kind is TimerKind.KEEPING]
    far = replace(timer, due=timer.due + dt.timedelta(days=1000))
    await place.store.commit(Change(school=SCHOOL, timers=(far,)))
    await place.worker.keeping.plan()
    assert timer in await _timers(place)


async def _timers(place: Town) -> Sequence[Timer]:
    return await place.store.due_timers(place.clock.at + dt.timedelta(days=4000))


async def _reopened(place: Town) -> None:
    await place.act("ash", await place.case(), Action.REOPEN, {"text": "Not over."})


async def _owing(place: Town) -> None:
    case = await place.case()
    duties = tuple(replace(duty, decided=None) for duty in case.duties)
    await place.store.commit(Change(school=SCHOOL, case=replace(case, duties=duties)))


@pytest.mark.parametrize("do", [_reopened, _owing])
async def test_what_is_open_or_owes_something_never_goes(do: Callable[[Town], object]) -> None:
    """Whatever the rule says, and whatever had been said of its end."""
    place = await town()
    await on(place, SAID)
    await do(place)  # type: ignore[misc]
    await on(place, dt.date(2035, 1, 10))
    assert await there(place) is not None


async def test_a_rule_that_comes_later_gives_four_weeks_all_the_same() -> None:
    """What is over already when the rule is written into the file goes four weeks after it is said."""
    place = await town(rules=Retention())
    await on(place, dt.date(2032, 1, 12))
    assert await place.store.due_timers(place.clock.at + dt.timedelta(days=30)) == []
    place.context.directory.reload({SCHOOL: replace(place.school, retention=RULES)})  # type: ignore[attr-defined]
    await place.worker.keeping.plan()
    await on(place, dt.date(2032, 1, 13))
    assert "Tuesday 10 February 2032" in warned(place)[-1]
    await on(place, dt.date(2032, 2, 10))
    assert await there(place) is not None
    await on(place, dt.date(2032, 2, 11))
    assert await there(place) is None


async def test_the_digest_says_what_goes_soon() -> None:
    """To whoever may know of it, with the day."""
    place = await town()
    await on(place, SAID)
    await place.worker.digest.plan()
    await on(place, dt.date(2027, 11, 1))
    (text,) = place.messages("leadership", "digest")
    assert "HPS-2026-001 · after Wednesday 24 November 2027" in text


async def test_nothing_of_it_is_left_in_the_file(tmp_path: Path) -> None:
    """Opened with the key, no row of the file holds its words, and its files are gone; the audit is whole."""
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    place = await town(store)
    case = await place.case()
    await on(place, SAID)
    await on(place, LAST + dt.timedelta(days=1))
    assert await there(place) is None
    rows = store._rows  # noqa: SLF001 - what is left is looked at from below
    for table, _ in sorted(rows.tables()):
        for row in rows.every(table):
            assert MARK.encode() not in row.body, table
            kept = table in ("tombstones", "handled", "chain", "references", "audit")
            assert kept or case.id.encode() not in row.body, table
    assert [line.kind for line in await store.audit(SCHOOL, case=case.id)] == [AuditKind.REMOVED]
    proof = await store.audit_proof(SCHOOL, LAST)
    assert proof.faults == ()
    assert proof.gone > 10
    await store.close()


async def test_its_reference_stays_taken() -> None:
    """No later case is given it: who has an old letter finds no other case under it."""
    place = await town()
    case = await place.case()
    await on(place, SAID)
    await on(place, LAST + dt.timedelta(days=1))
    await place.report("brook", ABUSE)
    assert (await place.case("HPS-2027-002")).reference
    assert await there(place) is None
    assert case.reference not in {row.reference for row in await place.store.cases(SCHOOL, open_only=False)}


async def test_drafts_go_by_the_rule_as_well() -> None:
    """The school's own number of days, counted from the last touch."""
    place = await town(rules=replace(RULES, draft=dt.timedelta(days=7)))
    await place.start("jo")
    await place.later(days=6, hours=23)
    assert await place.store.draft_of(SCHOOL, place.school.people["jo"].id) is not None  # type: ignore[index]
    await place.later(hours=2)
    assert await place.store.draft_of(SCHOOL, place.school.people["jo"].id) is None  # type: ignore[index]


async def test_a_restart_at_any_step_changes_nothing() -> None:
    """Planned again at each start, on each day: it is said once and goes once, on its day."""
    place = await town()
    for day in (27, 28, 29):
        await place.worker.begin()
        await on(place, dt.date(2027, 10, day))
    for _ in range(3):
        await on(place, LAST + dt.timedelta(days=1))
        await place.worker.begin()
    assert await there(place) is None
    assert len(await place.store.tombstones(SCHOOL)) == 1
    assert Platform.WEB in place.context.platforms


async def test_of_what_nobody_was_told_nobody_hears_at_its_end() -> None:
    """A question that told nobody has no card: none is made to say that it goes. It goes all the same."""
    place = await town()
    await place.report("jo", QUESTION)
    await place.settle()
    before = {who: len(place.chat.audience(who)) for who in ("leadership", "ash", "cam", "ellis")}
    case = await place.case("HPS-2026-002")
    assert (case.status, case.cards) == (Status.CLOSED, ())
    await on(place, dt.date(2028, 8, 3))
    await on(place, dt.date(2028, 9, 1))
    assert await place.store.case_called(SCHOOL, "HPS-2026-002") is None
    mine = {who: len(place.chat.audience(who)) - many for who, many in before.items()}
    assert mine == {"leadership": 1, "ash": 0, "cam": 0, "ellis": 0}, "the other case's own line"


async def test_who_led_then_and_is_gone_is_sent_nothing() -> None:
    """Years later somebody else is Headteacher: a line below the card that stands, and no card anew."""
    place = await town()
    people = {who: one for who, one in place.school.people.items() if who != "ash"}
    seats = {seat: tuple(p for p in held if p != "ash") for seat, held in place.school.seats.items()}
    school = replace(place.school, people=people, seats=seats)
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    many = len(place.chat.audience("leadership"))
    await on(place, SAID)
    assert len(place.chat.audience("leadership")) == many + 1
    assert "is removed after" in place.chat.audience("leadership")[-1].text
    assert (await place.case()).removal == LAST
