"""What stands beside a case: links, what looks the same, an account's story; for who may read it all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.errors import UnreadableRow
from flows.model import Action, AuditKind, Case, CaseId, Change, Posting
from flows.school import SchoolId
from flows.ui.cards import Card
from flows.ui.forms import Form, Value
from flows.ui.inbound import Receipt, Refuse, Reply, Show
from flows.ui.intents import Act, ChatCommand
from storage.memory import MemoryStore
from storage.open import open_store
from tests.flows.matter import ABUSE
from tests.town import SCHOOL, Town, buttons, said

LINK = "https://www.facebook.com/groups/77/posts/123"
OTHERS = (
    "who knows when the fair begins",
    "parking is a nightmare on Fridays",
    "my daughter came home in tears again",
)
WHY = "Invented: one and the same quarrel"
NO = "Invented: no."
#: A posting that two people see, each with a link of their own making.
FIRST: dict[str, Value] = {**ABUSE, "link": LINK, "account_name": "@Cross Parent", "words": "Invented words."}
SECOND: dict[str, Value] = {**FIRST, "link": f"{LINK}/?fbclid=x", "words": "Others."}
#: The same about the Headteacher, who must not know of it: the Chair leads.
APART: dict[str, Value] = {**SECOND, "poster": ("headteacher",)}
ONE, TWO = "HPS-2026-001", "HPS-2026-002"


async def town(*reports: dict[str, Value], by: str = "brook") -> Town:
    """Return a school with these reports, each of somebody of their own."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for person, answers in zip((by, "jo", "brook", "jo"), reports, strict=False):
        await place.report(person, answers)
    await place.settle()
    return place


async def record(place: Town, person: str, reference: str = ONE) -> str:
    """Return the record that somebody opens, as text."""
    return said(await place.act(person, await place.case(reference), Action.OPEN_RECORD))


async def link(place: Town, person: str, one: str = ONE, other: str = TWO, **more: str) -> Reply:
    """Let somebody link one case with another."""
    return await place.act(person, await place.case(one), Action.LINK, {"which": other, "text": WHY, **more})


# -- links ------------------------------------------------------------------------------------------


@pytest.mark.feature("links")
async def test_two_cases_are_linked_and_unlinked_and_stay_two() -> None:
    """Each record shows the other with why, and that it was taken back; neither case changes by it."""
    place = await town(FIRST, SECOND)
    before = [await place.case(ONE), await place.case(TWO)]
    assert isinstance(await link(place, "ash"), Receipt)
    for reference, other in ((ONE, TWO), (TWO, ONE)):
        text = await record(place, "ash", reference)
        assert f"Linked with\n\n{other}" in text
        assert WHY in text
        assert "Headteacher linked them" in text
    undone = await place.act("ash", await place.case(TWO), Action.UNLINK, {"which": ONE, "text": NO})
    assert isinstance(undone, Receipt)
    text = await record(place, "ash")
    assert "took the link back" in text
    assert NO in text
    assert [await place.case(ONE), await place.case(TWO)] == before
    audit = [line.case for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.LINKED]
    assert sorted(audit, key=str) == sorted([before[0].id, before[1].id] * 2, key=str)


async def test_each_step_of_a_link_is_kept_and_logged() -> None:
    """Linked, taken back, linked again: both records tell all three, and the audit which was which."""
    place = await town(FIRST, SECOND)
    for action in (Action.LINK, Action.UNLINK, Action.LINK):
        await place.act("ash", await place.case(ONE), action, {"which": TWO, "text": WHY})
    (kept,) = await place.store.links_of(SCHOOL, (await place.case()).id)
    assert [step.linked for step in kept.story] == [True, False, True]
    lines = [line for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.LINKED]
    one, two = (await place.case(ONE)).id, (await place.case(TWO)).id
    said_of = [[line.facts["linked"] for line in lines if line.case == case] for case in (one, two)]
    assert said_of == [["yes", "no", "yes"]] * 2
    assert {line.facts["with"] for line in lines} == {one, two}


async def test_a_button_of_the_hint_links_them() -> None:
    """What looks the same is one press and its form away; the form knows which other one is meant."""
    place = await town(FIRST, SECOND)
    shown = await place.act("ash", await place.case(TWO), Action.OPEN_RECORD)
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Card)
    (intent,) = [one for one in buttons(shown.view) if isinstance(one, Act) and one.which == ONE]
    assert intent.action is Action.LINK
    form = await place.press("ash", intent)
    assert isinstance(form, Show)
    assert isinstance(form.view, Form)
    assert form.view.fields[0].value == ONE  # type: ignore[union-attr]
    assert isinstance(await place.fill("ash", form.view.submit, {"which": ONE}), Receipt)
    assert "Looks like" not in await record(place, "ash", TWO), "what is linked is hinted at no more"


@pytest.mark.parametrize("reference", ["HPS-2026-999", TWO, ONE, "", "nonsense"])
async def test_what_cannot_be_linked_is_said_alike(reference: str) -> None:
    """A case that is not there, and one that they may not read: the same words; itself; nothing at all."""
    place = await town(FIRST, APART)
    reply = await link(place, "ash", other=reference)
    assert isinstance(reply, Refuse)
    if reference in ("HPS-2026-999", TWO, "nonsense"):
        absent = await link(place, "ash", other="HPS-2026-998")
        assert said(reply).replace(reference, "HPS-2026-998") == said(absent)
    assert not await place.store.links_of(SCHOOL, (await place.case()).id)


class Damaged(MemoryStore):
    """A store in which one case does not open."""

    hurt = ""

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, or fail."""
        if case == self.hurt:
            raise UnreadableRow("unreadable-row", "A kept Case cannot be read.", "Put back a backup.")
        return await super().case(school, case)


async def test_one_that_does_not_open_hides_no_other() -> None:
    """Of three that look alike one cannot be read: the others are shown as ever."""
    store = Damaged()
    place = Town(store)
    for person in ("brook", "jo", "brook"):
        await place.report(person, FIRST)
    store.hurt = (await place.case(TWO)).id
    text = await record(place, "ash")
    assert "HPS-2026-003" in text
    assert TWO not in text


class Opened(MemoryStore):
    """A store that counts the cases that are opened."""

    opened = 0

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Count it."""
        self.opened += 1
        return await super().case(school, case)


async def test_a_record_opens_no_case_that_is_about_something_else() -> None:
    """However many there are of late: opened are the one that is looked at, and those that look like it."""
    seen = []
    for others in (0, 30):
        store = Opened()
        place = Town(store)
        for person in ("brook", "jo"):
            await place.report(person, FIRST)
        first = await place.case()
        for n in range(others):
            posting = Posting(words=f"Something else {n}, and what it was: " + OTHERS[n % len(OTHERS)])
            report = replace(first.report, posting=posting)
            one = replace(
                first, id=CaseId(f"other-{n}"), reference=f"HPS-2026-9{n:02}", report=report, version=0
            )
            await store.commit(Change(school=SCHOOL, case=one))
        before = store.opened
        assert TWO in await record(place, "ash")
        seen.append(store.opened - before)
    assert seen[0] == seen[1]


async def test_linking_twice_changes_nothing() -> None:
    """It stands already, or never stood."""
    place = await town(FIRST, SECOND)
    nothing = await place.act("ash", await place.case(), Action.UNLINK, {"which": TWO, "text": WHY})
    assert "Nothing changed" in said(nothing)
    await link(place, "ash")
    assert "Nothing changed" in said(await link(place, "ash", TWO, ONE))
    (kept,) = await place.store.links_of(SCHOOL, (await place.case()).id)
    assert len(kept.story) == 1


async def test_who_must_not_know_of_the_other_sees_nothing_of_the_link() -> None:
    """The Chair links what the Headteacher leads with what the Headteacher must not know of."""
    place = await town({**FIRST, "nature": ("critical_of_leadership", "abusive")}, APART)
    await record(place, "ellis")
    shown = [await record(place, "ash"), said(await place.ask("ash", ChatCommand.CASE, ONE))]
    await place.settle()
    before = {person: place.reads(person) for person in ("ash", "leadership")}
    assert isinstance(await link(place, "ellis"), Receipt)
    await place.settle()
    assert TWO in await record(place, "ellis")
    assert [await record(place, "ash"), said(await place.ask("ash", ChatCommand.CASE, ONE))] == shown
    assert {person: place.reads(person) for person in before} == before


async def test_a_link_is_seen_as_long_as_both_may_be_read() -> None:
    """Who steps out of the other case sees no link from then on."""
    place = await town(FIRST, SECOND)
    await link(place, "ash")
    await place.act("ash", await place.case(TWO), Action.CONFLICT, {"text": "Invented."})
    assert TWO not in await record(place, "ash")


# -- the same posting? ------------------------------------------------------------------------------


@pytest.mark.feature("same-posting-hint")
async def test_the_lead_reads_that_it_looks_like_the_same_posting() -> None:
    """On the record, the card they ask for and More; on both cases; in no channel and no message."""
    place = await town(FIRST, SECOND)
    for reference, other in ((ONE, TWO), (TWO, ONE)):
        hint = f"Looks like the same posting as {other}: the link is the same. Link them?"
        assert hint in await record(place, "ash", reference)
        assert hint in said(await place.ask("ash", ChatCommand.CASE, reference))
        assert hint in said(await place.act("ash", await place.case(reference), Action.MORE))
    for audience in ("leadership", "ash", "brook", "jo", "ellis"):
        assert "Looks like" not in place.reads(audience)


async def test_two_reporters_learn_nothing_of_each_other() -> None:
    """The second one's receipt and status are, but for the reference, what the first one's are; nothing
    changes for the first. Who reports is no leader of the other's report, and may not know that there is one.
    """
    place = await town(FIRST)
    first = said(await place.ask("brook", ChatCommand.STATUS))
    received = [m.text for m in place.chat.audience("brook")]
    await place.report("jo", FIRST)
    await place.settle()
    assert [m.text for m in place.chat.audience("brook")] == received
    assert said(await place.ask("brook", ChatCommand.STATUS)) == first
    mine = [m.text.replace(TWO, ONE) for m in place.chat.audience("jo")]
    assert mine == received
    assert said(await place.ask("jo", ChatCommand.STATUS)).replace(TWO, ONE) == first


async def test_words_are_compared_among_those_that_may_be_read() -> None:
    """Nearly the same words, no link: it is seen; a case that must not be known is none of those compared."""
    words = "The head of this school is a liar and she lets children be bullied every single day"
    place = await town({**ABUSE, "words": words}, {**ABUSE, "words": f"{words}!!"})
    assert f"{TWO}: the words are nearly the same" in await record(place, "ash")
    kept_from: dict[str, Value] = {**ABUSE, "words": f"{words}!!", "poster": ("headteacher",)}
    apart = await town({**ABUSE, "words": words}, kept_from)
    assert "Looks like" not in await record(apart, "ash")


# -- an account's story -----------------------------------------------------------------------------


@pytest.mark.feature("chronology")
async def test_the_third_time_this_term() -> None:
    """The record says how often, and on request when, what and what became of it; no message ever does."""
    place = await town(
        FIRST, {**ABUSE, "account_name": "cross parent"}, {**ABUSE, "account_name": "CROSS PARENT"}
    )
    third = "HPS-2026-003"
    await place.act("ash", await place.case(TWO), Action.TAKE_ON)
    await place.act("ash", await place.case(TWO), Action.LEGAL, {"contacted": "no", "why": "Invented."})
    await place.act("ash", await place.case(TWO), Action.CLOSE, {"outcome": "removed", "text": "Invented."})
    assert "The third time this term that this account was reported; 3 in all" in await record(
        place, "ash", third
    )
    asked = await place.say("ash", f"case {third} chronology")
    text = said(asked).partition("in all")[2]
    assert text.index(ONE) < text.index(TWO) < text.index(third)
    assert "Waiting for somebody to take it on" in text
    assert "The posting was taken down" in text
    for audience in ("leadership", "ash", "brook"):
        assert "time this term" not in place.reads(audience)


async def test_a_story_holds_only_what_its_reader_may_read() -> None:
    """A case that somebody must not know of counts for them nowhere, and nor does its place in the row."""
    place = await town(FIRST, APART, SECOND)
    alone = await town(FIRST, SECOND)
    assert "The second time this term" in await record(place, "ash", "HPS-2026-003")
    shown = said(await place.act("ash", await place.case("HPS-2026-003"), Action.CHRONOLOGY))
    alike = said(await alone.act("ash", await alone.case(TWO), Action.CHRONOLOGY))
    assert TWO not in shown
    assert shown.replace("HPS-2026-003", TWO) == alike


async def test_a_story_without_a_term_counts_all() -> None:
    """In the holidays there is no term to count in."""
    place = await town(FIRST)
    await place.later(days=35)
    await place.report("jo", SECOND)
    assert "Reports of this account that you may read: 2." in await record(place, "ash", TWO)


async def test_no_account_no_story() -> None:
    """Where nobody named an account there is nothing to press."""
    place = await town(ABUSE)
    case: Case = await place.case()
    assert "What else of this account" not in said(await place.act("ash", case, Action.MORE))
    text = said(await place.act("ash", case, Action.CHRONOLOGY))
    assert ONE in text
