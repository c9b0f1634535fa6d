"""The story, told by what each audience reads: the whole product between a press and a message.

Golden files hold the texts (``--update-goldens`` writes them; then read the diff).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.model import Action, AuditKind, Status
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse
from flows.ui.intents import ChatCommand, Fill
from flows.ui.plain_text import card_text
from storage.open import open_store
from tests.town import SCHOOL, Town, said, shown_form

GOLDEN = Path(__file__).parent / "golden"
EVERYBODY = (
    "leadership",
    "chair",
    "ash",
    "bryn",
    "cam",
    "dee",
    "ellis",
    "fern",
    "gale",
    "brook",
    "jo",
    "office",
)

ABUSE: dict[str, Value] = {
    "targets": ("staff",),
    "target_is": ("rather_not_say",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "could_harm_reputation"),
    "platform": ("collaborative_space",),
    "words": "An invented posting about nobody.",
}
BY_THE_HEAD: dict[str, Value] = {**ABUSE, "poster": ("headteacher",)}


async def town() -> Town:
    """Return a school whose day begins."""
    return Town(await open_store("memory:", key=bytes(32)))


def pages(place: Town) -> str:
    """Return what every audience reads, as one text."""
    parts = []
    for audience in EVERYBODY:
        text = place.reads(audience) or "(nothing)"
        parts.append(f"######## {audience}\n{text}\n")
    # a seal sums every act there was: here only its shape is looked at
    return re.sub(r"(seal, to keep: )\d{8}(-[A-Z2-7]{4}){4}", r"\1DAY-SEAL", "\n".join(parts))


async def test_from_report_to_close(golden: Callable[[Path, str], None]) -> None:
    """A report goes the whole way: decided, told, worked, closed, and in the week's digest."""
    place = await town()
    receipt = await place.report("brook", ABUSE)
    await place.settle()
    golden(GOLDEN / "reported.txt", card_text(receipt.card) + "\n\n" + pages(place))
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act(
        "ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "An invented reason."}
    )
    contact: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "Invented words."}
    await place.act("ash", await place.case(), Action.CONTACT, contact)
    await place.act(
        "ash", await place.case(), Action.CLOSE, {"outcome": "invited", "text": "An invented end."}
    )
    await place.settle()
    assert (await place.case()).status is Status.CLOSED
    await place.worker.digest.plan()
    await place.later(days=6)
    golden(GOLDEN / "closed.txt", pages(place))
    assert len(place.messages("leadership", "digest")) == 1
    await place.worker.digest.plan()
    await place.later(hours=1)
    assert len(place.messages("leadership", "digest")) == 1, "one digest a week"


async def test_the_headteacher_posted_it(golden: Callable[[Path, str], None]) -> None:
    """A Headteacher who posted it sees nothing of the case anywhere; the Chair leads in another place."""
    place = await town()
    await place.report("brook", BY_THE_HEAD)
    await place.settle()
    golden(GOLDEN / "headteacher_posted.txt", pages(place))
    assert place.chat.audience("ash") == []
    assert place.chat.audience("leadership") == []
    case = await place.case()
    for action in Action:
        refused = await place.act("ash", case, action)
        assert isinstance(refused, Refuse), action
        assert refused.reference == "no-such-case", action
    hidden = said(await place.ask("ash", ChatCommand.CASE, case.reference))
    assert hidden == said(await place.ask("ash", ChatCommand.CASE, "HPS-2026-999"))
    assert case.reference not in said(await place.ask("ash", ChatCommand.CASES))
    assert case.reference not in said(await place.ask("ash", ChatCommand.HOME))
    digest = said(await place.ask("ash", ChatCommand.DIGEST))
    assert case.reference not in digest
    assert digest == said(await (await town()).ask("ash", ChatCommand.DIGEST)), "not even a count"
    await place.worker.digest.plan()
    await place.later(days=7)
    assert all(case.reference not in text for text in place.messages("leadership", "digest"))


async def test_the_headteacher_is_found_out(golden: Callable[[Path, str], None]) -> None:
    """A Headteacher found out half-way is cut off at once, everywhere, and what they knew is on record."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    assert any("HPS-2026-001" in text for text in place.chat.texts("ash"))
    corrected: dict[str, Value] = {
        "poster": ("headteacher",),
        "reason_for_correction": "Invented: it was them.",
    }
    await place.act("brook", await place.case(), Action.CORRECT, corrected)
    await place.settle()
    golden(GOLDEN / "headteacher_found_out.txt", pages(place))
    for audience in ("ash", "leadership"):
        assert all("HPS-2026-001" not in text for text in place.chat.texts(audience)), audience
    refused = await place.act("ash", await place.case(), Action.NOTE, {"text": "x"})
    assert isinstance(refused, Refuse)
    assert refused.reference == "no-such-case"
    case = await place.case()
    assert case.owner is None
    assert case.lead == "chair_of_governors"
    audit = await place.store.audit(SCHOOL, case=case.id)
    told = [a for a in audit if a.kind is AuditKind.ALREADY_TOLD]
    assert {a.facts["person"] for a in told} >= {"ash"}
    assert any("HPS-2026-001" in text for text in place.chat.texts("ellis")), "the Chair takes over"


@pytest.mark.feature("step-aside")
async def test_a_leader_has_a_conflict() -> None:
    """*I have a conflict* takes the leader off at once and hands the case to the substitute."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.settle()
    out = await place.act("ash", await place.case(), Action.CONFLICT, {"text": ""})
    assert isinstance(out, Receipt)
    await place.settle()
    case = await place.case()
    assert case.holders[case.lead] == "ellis" if case.lead else False
    assert all("HPS-2026-001" not in text for text in place.chat.texts("ash"))
    assert any("HPS-2026-001" in text for text in place.chat.texts("ellis"))


async def test_nobody_answers() -> None:
    """An urgent case that nobody takes on goes up the list, and stops when somebody acts."""
    place = await town()
    await place.report("brook", {**ABUSE, "violence": "yes"})
    await place.settle()
    await place.later(minutes=21)
    case = await place.case()
    assert case.status is Status.ESCALATED
    assert case.stand_ins == ("bryn",)
    assert place.chat.audience("bryn")
    await place.act("bryn", case, Action.TAKE_ON)
    await place.later(hours=2)
    assert (await place.case()).stand_ins == ("bryn",)


async def test_danger_is_told_before_the_report_is_finished() -> None:
    """Danger reaches the DSL at once, with no word of the posting; the Headteacher waits to be cleared."""
    place = await town()
    reply = await place.start("brook", "An invented threat.")
    form = shown_form(reply)
    await place.fill("brook", form.submit, {"immediate_danger": "yes"})
    await place.settle()
    alerts = place.messages("cam", "first_alert")
    assert len(alerts) == 1
    assert "invented threat" not in alerts[0].lower()
    assert place.chat.audience("ash") == []
    await place.later(minutes=11)
    case = await place.case()
    assert case.report.unfinished
    assert "headteacher" not in case.decision.notify
    assert place.chat.audience("ash") == []


async def test_a_report_nobody_is_told_of() -> None:
    """Nothing to do with school: nobody is told, the reporter has advice, the record is kept."""
    place = await town()
    receipt = await place.report("brook", {"targets": ("none",), "nature": ("none_of_these",)})
    await place.settle()
    assert "nobody" in card_text(receipt.card).lower()
    assert all(not place.chat.audience(who) for who in EVERYBODY if who != "brook")
    assert (await place.case()).status is Status.CLOSED


@pytest.mark.parametrize("again", [Action.TAKE_ON, Action.LEGAL])
@pytest.mark.feature("once")
async def test_pressed_twice(again: Action) -> None:
    """The same delivery twice changes nothing; the same wish twice is refused in plain words."""
    place = await town()
    await place.report("brook", ABUSE)
    values: dict[str, Value] | None = {"contacted": "no", "why": "x"} if again is Action.LEGAL else None
    await place.act("ash", await place.case(), again, values)
    before = await place.case()
    if again is Action.TAKE_ON:
        refused = await place.act("ash", before, again, values)
        assert isinstance(refused, Refuse)
        assert refused.reference == "already-yours"
    assert (await place.case()).version == before.version


async def test_a_stale_form_is_brought_back() -> None:
    """A form from before somebody else's step is not taken; it comes back filled in."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    old = await place.case()
    await place.act("ash", old, Action.NOTE, {"text": "An invented note."})
    stale = Fill(case=old.id, action=Action.CLOSE, version=old.version)
    reply = await place.fill("ash", stale, {"outcome": "invited", "text": "An invented end."})
    assert isinstance(reply, Refuse)
    assert reply.reference == "stale"
    assert reply.form is not None
    assert "An invented end." in said(reply)
    assert (await place.case()).status is Status.ACKNOWLEDGED


async def test_after_closing() -> None:
    """What a closed case does not allow is refused with what to do; re-opening is allowed."""
    place = await town()
    await place.report("brook", {**ABUSE, "nature": ("genuine_concern",), "targets": ("school",)})
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "x"})
    case = await place.case()
    assert case.status is Status.CLOSED
    refused = await place.act("ash", case, Action.MEETING, {"when": "2026-11-24", "who": "x", "text": "x"})
    assert isinstance(refused, Refuse)
    assert refused.reference == "case-closed"
    await place.act("ash", case, Action.REOPEN, {"text": "x"})
    assert (await place.case()).status is Status.OPEN


async def test_hold_stands_in_the_way_of_contact() -> None:
    """While contact is on hold it cannot be recorded as done; the police decision ends a hold of C8."""
    place = await town()
    await place.report("brook", {**ABUSE, "racist": "yes"})
    await place.act("ash", await place.case(), Action.TAKE_ON)
    contact: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "x"}
    refused = await place.act("ash", await place.case(), Action.CONTACT, contact)
    assert isinstance(refused, Refuse)
    assert refused.reference == "on-hold"
    await place.act("ash", await place.case(), Action.POLICE, {"contacted": "no", "why": "x"})
    assert not (await place.case()).hold
    assert isinstance(await place.act("ash", await place.case(), Action.CONTACT, contact), Receipt)


async def test_strangers_learn_nothing() -> None:
    """Somebody the school does not know is told so, and nothing else."""
    place = await town()
    reply = await place.start("nobody-at-all")
    assert isinstance(reply, Refuse)
    assert reply.reference == "stranger"
