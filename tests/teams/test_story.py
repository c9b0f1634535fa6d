"""The story on Teams with the real service and worker; who may do what there; and every failure of Teams'."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from flows.case import access
from flows.model import Action, EventKind, SendState, Status
from flows.school import PersonId
from flows.ui.intents import Act, Ask, ChatCommand, Fill
from tests.teams import activities, reading
from tests.teams.connector import CHANNEL, Connector, Fault, account, member
from tests.teams.town import APART, SCHOOL, TeamsTown, filled, teams_town

WORDS = "An invented sentence that nobody else may read"
ABUSE: dict[str, Any] = {
    "targets": ("staff",),
    "target_is": ("rather_not_say",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "could_harm_reputation"),
    "platform": ("collaborative_space",),
}
#: about the Headteacher and a pupil: the Chair leads; the vice-chair must not know
ABOUT_THE_HEAD: dict[str, Any] = {**ABUSE, "targets": ("headteacher", "pupil"), "keep_from": ("vice_chair",)}


@pytest.fixture
async def town(connector: Connector) -> AsyncIterator[TeamsTown]:
    """Give the sample school on Teams."""
    async with teams_town(connector) as made:
        yield made


def read(cards: list[dict[str, Any]]) -> str:
    """Return what cards say, as one text."""
    return "\n\n".join("\n".join(reading.texts(card)) for card in cards)


async def test_from_report_to_close(town: TeamsTown) -> None:
    """A report goes the whole way by cards: told, taken on, decided, contacted, closed, in the digest."""
    await town.report("brook", ABUSE, WORDS)
    await town.settle()
    assert "HPS-2026-001" in read(town.chat("brook"))
    (root, *_) = town.channel()
    await town.press("ash", root, "Take this on")
    await town.settle()
    assert "Being dealt with" in read(town.channel()[:1])
    steps: list[tuple[str, dict[str, Any]]] = [
        ("Decide on Legal", {"contacted": "no", "why": "An invented reason."}),
        ("Record contact", {"how": "phone", "when": "2026-11-24", "text": "Invented words."}),
        ("Close the case", {"outcome": "invited", "text": "An invented end."}),
    ]
    for label, answers in steps:
        card = town.channel()[0]
        if not any(part.get("title") == label for part in reading.parts(card)):
            card = (await town.press("ash", card, "More…"))["value"]
        asked = (await town.press("ash", card, label))["value"]
        submit = next(p["title"] for p in reading.parts(asked) if p["type"] == "Action.Execute")
        done = await town.press("ash", asked, submit, filled(asked, answers))
        assert done["statusCode"] == 200, done
        await town.settle()
    assert (await town.case()).status is Status.CLOSED
    await town.worker.digest.plan()
    await town.later(days=6)
    assert read(town.channel()).count("Online postings: the week") == 1
    assert WORDS not in read(town.channel())
    assert WORDS not in json.dumps(
        [m.get("summary") for c in town.connector.messages.values() for m in c.values()]
    )


@pytest.mark.feature("live-card")
async def test_one_root_and_its_thread(town: TeamsTown) -> None:
    """A case has one root card, changed in place; everything else stands in its thread."""
    await town.report("brook", ABUSE, WORDS)
    await town.settle()
    await town.press("ash", town.channel()[0], "Take this on")
    await town.settle()
    threads = [name for name in town.connector.messages if name.startswith(CHANNEL)]
    assert len(threads) == 1
    assert threads[0].startswith(f"{CHANNEL};messageid=")
    first, *rest = town.connector.messages[threads[0]]
    assert threads[0].endswith(first)
    assert rest


@pytest.mark.feature("once")
async def test_the_same_press_twice_is_done_once(town: TeamsTown) -> None:
    """A press that Teams brings again, under the same id or a new one, changes nothing more."""
    await town.report("brook", ABUSE, WORDS)
    await town.settle()
    card = town.channel()[0]
    data = next(p["data"] for p in reading.parts(card) if p.get("title") == "Take this on")
    for id_ in ("x1", "x1", "x2"):
        await town.post(activities.press(data, base=activities.in_channel, id=id_, replyToId="1"))
    await town.settle()
    events = await town.context.store.events(SCHOOL, (await town.case()).id)
    assert [event.kind for event in events].count(EventKind.TAKEN_ON) == 1


async def test_the_same_report_twice_is_one_case(town: TeamsTown) -> None:
    """Sending a report twice, under a new id, makes one case, and the receipt again."""
    await town.say("brook", f"report-posting {WORDS}")
    card = town.chat("brook")[-1]
    while not any(part.get("title") == "Send the report" for part in reading.parts(card)):
        label = next(p["title"] for p in reading.parts(card) if p["type"] == "Action.Execute")
        card = (await town.press("brook", card, label, filled(card, ABUSE)))["value"]
    for _ in range(3):
        body = await town.press("brook", card, "Send the report")
        assert body["statusCode"] == 200
    assert len(await town.context.store.cases(SCHOOL)) == 1


async def test_a_press_from_an_older_card_shows_how_it_stands(town: TeamsTown) -> None:
    """A button of a card that is not up to date any more does nothing and says so."""
    await town.report("brook", ABUSE, WORDS)
    await town.settle()
    old = town.channel()[0]
    await town.press("ash", old, "Take this on")
    await town.settle()
    before = await town.case()
    body = await town.press("bryn", old, "Take this on")
    assert body["statusCode"] == 200
    assert isinstance(body["value"], str | dict)
    assert (await town.case()).version == before.version


async def test_words_typed_in_pieces_are_all_kept(town: TeamsTown) -> None:
    """Nothing typed is lost: not with a report begun twice, not with a page left by Back."""
    await town.say("brook", f"report-posting {WORDS}")
    await town.say("brook", "report-posting and more invented words")
    draft = await town.context.store.draft_of(SCHOOL, town.school.people["brook"].id)  # type: ignore[index]
    assert draft is not None
    assert WORDS in str(draft.answers["words"])
    assert "and more invented words" in str(draft.answers["words"])


# -- who may do what ---------------------------------------------------------------------------------

ACTIONS = tuple(Action)


@pytest.fixture
async def told(town: TeamsTown) -> TeamsTown:
    """Give the school with one case that its lead, the Chair, has taken on."""
    await town.report("brook", ABOUT_THE_HEAD, WORDS)
    await town.settle()
    case = await town.case()
    await town.act("ellis", Act(case.id, Action.TAKE_ON, case.version), where=activities.personal)
    await town.settle()
    return town


@pytest.mark.parametrize("person", ["ellis", "cam", "ash", "dee", "brook", "fern", "office", "jo", "nobody"])
async def test_every_button_is_asked_of_access(person: str, told: TeamsTown) -> None:
    """Whatever card somebody makes up: what ``access`` does not allow is refused and changes nothing."""
    for where in (activities.in_channel, activities.personal):
        for action in ACTIONS:
            case = await told.case()
            known = person in told.school.people
            asked = (action, Action.AMEND) if action is Action.CORRECT else (action,)  # their own
            may = known and any(
                access.may_do(case, told.school.people[person].id, told.school, one)  # type: ignore[index]
                for one in asked
            )
            body = await told.act(person, Act(case.id, action, case.version), where=where)
            shown = body["type"].endswith("card.adaptive")
            if not may:
                assert not shown, (person, action)
                assert (await told.case()).version == case.version
            assert WORDS not in json.dumps(body) or (may and action is Action.OPEN_RECORD)
            sent = await told.act(person, Fill(case.id, action, case.version), where=where)
            if not may:
                assert not sent["type"].endswith("card.adaptive")
                assert (await told.case()).version == case.version


async def test_the_excluded_learn_nothing(told: TeamsTown) -> None:
    """Somebody who must not know is told the same of this case as of one that does not exist."""
    case = await told.case()
    real = await told.act("fern", Ask(ChatCommand.CASE, case.reference))
    none = await told.act("fern", Ask(ChatCommand.CASE, "HPS-2026-999"))
    assert real == none


async def test_a_guest_without_a_seat_is_refused(town: TeamsTown) -> None:
    """Staff who are guests in the tenant may not report; somebody with a seat may still lead."""
    guests = [member(name, userRole="guest") for name in ("jo", "ash")]
    town.connector.channels[CHANNEL] += guests
    await town.app.chat.staff(CHANNEL)
    await town.say("jo", f"report-posting {WORDS}")
    await town.say("ash", f"report-posting {WORDS}")
    assert await town.context.store.draft_of(SCHOOL, town.school.people["jo"].id) is None  # type: ignore[index]
    assert await town.context.store.draft_of(SCHOOL, town.school.people["ash"].id) is not None  # type: ignore[index]


async def test_somebody_in_the_channel_who_must_not_know_moves_the_case(town: TeamsTown) -> None:
    """Where the leadership channel holds somebody who must not know, nothing of the case is said in it."""
    town.connector.channels[CHANNEL].append(member("fern"))
    await town.report("brook", ABOUT_THE_HEAD, WORDS)
    await town.settle()
    assert (await town.case()).restricted
    assert town.channel() == []
    assert "HPS-2026-001" in read(town.channel(APART))


# -- every failure -----------------------------------------------------------------------------------

#: faults after which the message is there although we were not told
TAKEN = (Fault.FAILED_AFTER, Fault.GONE_AFTER, Fault.LATE)
#: faults after which it is useless to try again: somebody else is told instead
FINAL = (Fault.BLOCKED, Fault.HTML)


@pytest.mark.parametrize("fault", [f for f in Fault if f not in FINAL])
async def test_nothing_is_lost_and_doubles_are_marked(fault: Fault, town: TeamsTown) -> None:
    """Whatever fails once: root, notice and receipt arrive; a second one says that it may be one."""
    await town.report("brook", ABUSE, WORDS)
    # The receipt has been shown once the report was sent; whatever the worker sends first, fails.
    town.connector.faults.extend([fault] * 3)
    await town.settle()
    for _ in range(12):
        await town.later(minutes=2)
    roots = [name for name in town.connector.messages if name.startswith(CHANNEL)]
    receipts = [text for text in (read([c]) for c in town.chat("brook")) if "HPS-2026-001 is safe" in text]
    assert len(receipts) == (2 if fault in TAKEN else 1)
    marks = ["You may have had this message before." in text for text in receipts]
    assert marks == (
        [False, True] if fault in TAKEN else [fault not in (Fault.BUSY, Fault.REFUSED)][: len(marks)]
    )
    assert len(roots) in ((1, 2) if fault in TAKEN else (1,))
    sends = await town.context.store.sends_of(SCHOOL, (await town.case()).id)
    assert {send.state for send in sends} <= {SendState.SENT, SendState.DROPPED}


async def test_blocked_means_somebody_is_told(town: TeamsTown) -> None:
    """A leader who blocked the bot cannot be told: that is on the case, in the channel, for the others."""
    town.connector.blocked = {f"a:chat-{'ash'}", f"a:{account('ash')}"}
    await town.report("brook", ABUSE, WORDS)
    await town.settle()
    for _ in range(3):
        await town.later(minutes=2)
    sends = await town.context.store.sends_of(SCHOOL, (await town.case()).id)
    assert {send.trouble for send in sends if send.late} == {"blocked"}, "it goes out if it is ever put right"
    events = await town.context.store.events(SCHOOL, (await town.case()).id)
    assert "delivery_failed" in [event.kind.value for event in events]
    assert "could not be" in read(town.channel()) or "not reach" in read(town.channel())


async def test_one_answer_under_three_ids_answers_one_question(town: TeamsTown) -> None:
    """Teams brings one *no* three times, each under another id: the next safety question stays open."""
    await town.say("ash", "report-posting somebody wrote nasty things")
    for _ in range(3):
        town.app.desk._moments.clear()  # noqa: SLF001 - what a restart forgets
        await town.post(activities.personal("ash", text="no", timestamp="2026-11-28T10:00:00.123Z"))
    draft = await town.context.store.draft_of(SCHOOL, PersonId("ash"))
    assert draft is not None
    assert {name: value for name, value in draft.answers.items() if name != "words"} == {
        "immediate_danger": "no"
    }
