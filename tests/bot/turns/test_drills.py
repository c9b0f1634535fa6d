"""A drill takes the real path and says so everywhere; it counts nowhere, and it ends."""

from __future__ import annotations

import io

import docx
import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from bot.monitoring.metrics import Metrics
from bot.reached import hear
from flows.case.actions.drilling import Drill
from flows.case.lifecycle import hear_timer
from flows.messages.digest import Week, digest
from flows.model import Action, Status
from flows.school import Limits
from flows.ui.cards import Attachment, Card
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Act, Ask, ChatCommand, Fill
from storage.open import open_store
from tests.flows.matter import ABUSE, AT, Matter, row
from tests.flows.matter import SCHOOL as VALUE
from tests.town import SCHOOL, Town, buttons, said

MARK = "DRILL – this is practised"


async def town(kind: str = "urgent", by: str = "office") -> Town:
    """Return a school in which somebody began a drill."""
    place = Town(await open_store("memory:", key=bytes(32)))
    assert isinstance(await place.ask(by, ChatCommand.DRILL, kind), Receipt)
    await place.settle()
    return place


async def test_the_administrator_or_a_seat_begins_one() -> None:
    """The card says what happens and asks before it does; whoever else is refused."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for person in ("office", "ash", "cam"):
        shown = await place.say(person, "drill")
        assert isinstance(shown, Show)
        assert isinstance(shown.view, Card)
        begun = [one.argument for one in buttons(shown.view) if isinstance(one, Ask)]
        assert begun == [f"HPS-20 {kind}" for kind in Drill]
    for asked in ("", "urgent"):
        reply = await place.ask("jo", ChatCommand.DRILL, asked)
        assert isinstance(reply, Refuse)
        assert reply.reference == "no-drill"
    assert not await place.store.cases(SCHOOL)


@pytest.mark.feature("drill")
@pytest.mark.parametrize("kind", list(Drill))
async def test_it_runs_the_real_way_and_says_so_everywhere(kind: Drill) -> None:
    """Every message to anybody, every card, form, record and answer carries the mark; a lock screen too."""
    place = await town(kind)
    case = await place.case()
    await place.act("ash", case, Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.NOTE, {"text": "Invented."})
    await place.act("ash", await place.case(), Action.WRITE, {"text": "Invented."})
    await place.settle()
    told = [m for m in place.chat.messages.values() if m.card.kind != "withdrawn"]
    assert {m.audience for m in told} >= {"leadership", "ash", "office"}
    for message in told:
        assert MARK in message.text
        assert message.card.summary.startswith("DRILL: ")
    case = await place.case()
    answers = [
        await place.press("ash", Act(case=case.id, action=action, version=case.version))
        for action in (Action.OPEN_RECORD, Action.MORE, Action.NOTE, Action.HOLD, Action.CHRONOLOGY)
    ]
    answers += [
        await place.ask("ash", ChatCommand.CASE, case.reference),
        await place.ask("dee", ChatCommand.CASE, case.reference),
        await place.ask("office", ChatCommand.STATUS),
        await place.act("ash", case, Action.NOTE, {"text": "Invented."}),
        await place.act("ash", case, Action.SHOW_REPORTER, {"text": "Invented."}),
    ]
    for reply in answers:
        assert MARK in said(reply)
    assert f"DRILL · {case.reference}" in said(await place.ask("ash", ChatCommand.CASES))


async def test_the_ladder_runs_too() -> None:
    """Nobody answers a drill: the next person is asked, marked like all of it."""
    place = await town()
    await place.later(minutes=30)
    case = await place.case()
    assert case.status is Status.ESCALATED
    called = case.stand_ins[0]
    assert MARK in place.reads(called)


@pytest.mark.parametrize("by", ["office", "ash", "cam"])
async def test_it_is_ended_by_who_began_it_or_is_told(by: str) -> None:
    """At a press, whatever a real case would still owe; its thread says so, and nothing goes on."""
    place = await town("emergency")
    reply = await place.act(by, await place.case(), Action.END_DRILL)
    await place.settle()
    assert isinstance(reply, Receipt)
    assert (await place.case()).status is Status.CLOSED
    assert "The drill is over" in place.reads("leadership")
    before = len(place.chat.messages)
    await place.later(days=20)
    assert len(place.chat.messages) == before


async def test_it_ends_by_itself() -> None:
    """Nobody ended it: on the second working day it is over."""
    place = await town("same_day")
    await place.later(days=3)
    assert (await place.case()).status is Status.CLOSED


async def test_nobody_ends_a_real_case_as_a_drill() -> None:
    """A real case has no such button, and pressing one by hand is refused; its timer ends nothing."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    case = await place.case()
    for person in ("ash", "brook", "office", "jo"):
        reply = await place.press(person, Act(case=case.id, action=Action.END_DRILL, version=case.version))
        assert isinstance(reply, Refuse)
    await hear(place.context, hear_timer(case, AT, place.school))
    assert (await place.case()).status is Status.OPEN
    assert MARK not in place.reads("leadership")


async def test_who_is_not_told_ends_none() -> None:
    """A colleague who began nothing and is told of nothing has no such case."""
    place = await town()
    case = await place.case()
    reply = await place.press("jo", Act(case=case.id, action=Action.END_DRILL, version=case.version))
    assert isinstance(reply, Refuse)
    assert reply.reference == "no-such-case"


async def test_it_counts_nowhere() -> None:
    """Neither in the digest, nor in the figures, nor towards what somebody may report in a day."""
    place = await town("same_day", by="ash")
    assert 'report_cases_open{state="open"} 0' in await Metrics(place.context).text()
    text = said(await place.ask("ash", ChatCommand.DIGEST))
    assert "HPS-2026-001" not in text
    practised = row(Matter(ABUSE, drill=True).case)
    real = row(Matter(ABUSE).case)
    about = Week(week="2026-W48", due=AT)
    assert digest([practised], VALUE, AT, about) == digest([], VALUE, AT, about)
    assert digest([practised, real], VALUE, AT, about) == digest([real], VALUE, AT, about)
    one = replace(place.school, limits=Limits(reports_per_person_per_day=1))
    place.context.directory.reload({SCHOOL: one})  # type: ignore[attr-defined]
    assert isinstance(await place.report("ash", ABUSE), Receipt)


async def test_what_is_made_of_it_says_so_inside() -> None:
    """A letter's file and its words to copy, a pack's first section: a copy cannot pass for real."""
    place = await town()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    for action, which, values in (
        (Action.LETTER, "record", {"text": "Your concerns\n\nDear Mx Nobody,"}),
        (Action.PACK, "police", {"reporter": "no"}),
    ):
        case = await place.case()
        fill = Fill(case=case.id, action=action, version=case.version, which=which)
        reply = await place.fill("ash", fill, values)
        assert isinstance(reply, Show)
        assert isinstance(reply.view, Card)
        assert said(reply).count(MARK) == 2, "once on the card, once in what is copied"
        file = next(block for block in reply.view.blocks if isinstance(block, Attachment))
        found = await place.service.evidence(place.actor("ash"), case.id, file.sha256)
        assert found is not None
        inside = io.BytesIO(found[1])
        texts = [page.extract_text() for page in PdfReader(inside).pages] if action is Action.PACK else []
        texts += [one.text for one in docx.Document(inside).paragraphs] if action is Action.LETTER else []
        assert MARK in " ".join(" ".join(texts).split())
