"""Who may see or do what (policy page §10), as a matrix over every surface that exists.

The rows are people in every relation a person can have to a case; the columns are surfaces; the table
below says what the policy page says, and every cell is tried through the real door.
"""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions.table import ACTIONS
from flows.model import Action, Case, CaseId, Relation
from flows.model import Capability as Can
from flows.ports import Store
from flows.school import Person, PersonId, Platform, SchoolId, Seat
from flows.ui.cards import Card, buttons_of
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse, Show, Upload, Uploaded
from flows.ui.intents import Act, Ask, ChatCommand, Fill
from storage.open import open_store
from tests.fakes import FakeClock
from tests.subject import asked, made, request_of, saved
from tests.town import Town, said
from tests.virtual_time import in_virtual_time

WORDS = "An invented sentence that nobody else may read"
#: A child is in it and it is about the Headteacher: the Chair leads, the DSL is told, the Head is a target.
ANSWERS: dict[str, Value] = {
    "targets": ("headteacher", "pupil"),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive",),
    "staff_allegation": ("nobody",),
    "keep_from": ("vice_chair",),
    "words": WORDS,
    "account_name": "@Cross Parent",
    "link": "https://forum.example/t/77",
}
#: One person for each relation.
PEOPLE = {
    Relation.LEAD: "ellis",
    Relation.TOLD: "cam",
    Relation.TARGET_SEAT: "ash",
    Relation.IN_CHANNEL: "dee",
    Relation.REPORTER: "brook",
    Relation.EXCLUDED: "fern",
    Relation.ADMINISTRATOR: "office",
    Relation.OVERSEES: "pat",
    Relation.OTHER: "jo",
}
PAT = Person(id=PersonId("pat"), name="Pat Trustworthy", accounts={Platform.WEB: "pat"})
#: The policy page's table, in its words: knows it exists · reads the words and files · sees the reporter ·
#: notes and own actions · decides, clears hold, closes.
TABLE: dict[Relation, tuple[bool, bool, bool, bool, bool]] = {
    Relation.LEAD: (True, True, True, True, True),
    Relation.TOLD: (True, True, False, True, False),
    Relation.TARGET_SEAT: (True, True, False, True, False),
    Relation.IN_CHANNEL: (True, False, False, False, False),
    Relation.OVERSEES: (True, True, False, False, False),
    Relation.REPORTER: (False, False, False, False, False),
    Relation.EXCLUDED: (False, False, False, False, False),
    Relation.ADMINISTRATOR: (False, False, False, False, False),
    Relation.OTHER: (False, False, False, False, False),
}
DECISIONS = (Action.HOLD, Action.LEGAL, Action.CLOSE, Action.CONTACT, Action.MEETING)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)


async def town() -> tuple[Town, Case]:
    """Return a school with one case that its lead has taken on, with a file."""
    place = Town(await open_store("memory:", key=bytes(32)))
    people, seats = {**place.school.people, PAT.id: PAT}, {**place.school.seats, Seat.TRUST_LEAD: (PAT.id,)}
    place.school = replace(place.school, people=people, seats=seats)
    place.context.directory.reload({place.school.id: place.school})  # type: ignore[attr-defined]
    await place.report("brook", ANSWERS)
    await place.settle()
    case = await place.case()
    uploaded = Uploaded(key="file", actor=place.actor("brook"), files=(Upload("x.png", PNG),), case=case.id)
    assert isinstance(await place.service.handle(uploaded), Receipt)
    await place.act("ellis", await place.case(), Action.TAKE_ON)
    await place.settle()
    return place, await place.case()


def relation_columns() -> list[tuple[Relation, str]]:
    """Return every relation with its person."""
    return list(PEOPLE.items())


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_relations_are_as_meant(relation: Relation, person: str) -> None:
    """The people of the matrix really stand to the case as it says."""
    place, case = await town()
    in_channel = person in place.chat.channels["leadership"]
    found = access.relations(case, place.school.people[person].id, place.school, in_channel=in_channel)
    assert relation in found


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("private-cases")
async def test_who_knows(relation: Relation, person: str) -> None:
    """Lists, look-ups and the home page show a case exactly to those who may know of it."""
    place, case = await town()
    knows = TABLE[relation][0]
    listed = said(await place.ask(person, ChatCommand.CASES))
    assert (case.reference in listed) is knows
    looked_up = await place.ask(person, ChatCommand.CASE, case.reference)
    assert isinstance(looked_up, Show) is knows
    assert (case.reference in said(await place.ask(person, ChatCommand.HOME))) is (
        knows or relation is Relation.REPORTER
    )
    if not knows:
        assert said(looked_up) == said(await place.ask(person, ChatCommand.CASE, "HPS-2026-999"))


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_counts(relation: Relation, person: str) -> None:
    """Figures are for the office and whoever holds a seat; they name no case, and count none kept apart."""
    place, case = await town()
    await place.later(days=8)
    figures = await place.ask(person, ChatCommand.FIGURES)
    assert isinstance(figures, Show) is (relation not in (Relation.REPORTER, Relation.OTHER))
    file = await place.service.figures(place.actor(person), "HPS-2026-09-03 html")
    assert (file is not None) is isinstance(figures, Show)
    for text in (said(figures), str(file)):
        assert not any(kept in text for kept in (case.reference, WORDS, place.school.people["brook"].name))


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_reads(relation: Relation, person: str) -> None:
    """The words and files are read by those who may, and stand in no list, card or notice."""
    place, case = await town()
    reads = TABLE[relation][1]
    opened = await place.press(person, Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert (isinstance(opened, Show) and WORDS in said(opened)) is reads
    for command, argument in (
        (ChatCommand.CASES, ""),
        (ChatCommand.CASE, case.reference),
        (ChatCommand.HOME, ""),
    ):
        assert WORDS not in said(await place.ask(person, command, argument))
    assert all(WORDS not in text for text in place.chat.texts(person))
    file = case.report.posting.files[0]
    found = await place.service.evidence(place.actor(person), case.id, file.sha256)
    assert (found is not None) is (reads or relation is Relation.REPORTER)


#: What the case can be looked for by: what its card shows anybody who may know of it; what somebody wrote.
SHOWN_TO_ALL = ("{ref}", "since:2026-01-01", "person:Cam", "person:Ellis since:2026-01-01")
WRITTEN = (
    "invented sentence",
    "account:@Cross Parent",
    "https://forum.example/t/77",
    "nobody since:2026-01-01",
)


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("find")
async def test_who_finds(relation: Relation, person: str) -> None:
    """Who may know of a case finds it; by what was written, who may read it; what is found is logged.

    Nobody else is told anything: what they read is what they would if there were no such case.
    """
    place, case = await town()
    empty = Town(await open_store("memory:", key=bytes(32)))
    knows, reads = TABLE[relation][0], TABLE[relation][1]
    for typed, may in (*((one, knows) for one in SHOWN_TO_ALL), *((one, reads) for one in WRITTEN)):
        looked_for = typed.format(ref=case.reference)
        before = len(await place.store.audit(case.school))
        reply = await place.ask(person, ChatCommand.FIND, looked_for)
        assert isinstance(reply, Show)
        assert isinstance(reply.view, Card)
        assert (case.reference in {b.label for b in buttons_of(reply.view)}) is may, typed
        lines = await place.store.audit(case.school)
        logged = [(line.kind.value, line.by, line.case) for line in lines[: len(lines) - before]]
        assert logged == ([("listed", person, case.id)] if may else [])
        if not may:
            assert said(reply) == said(await empty.ask(person, ChatCommand.FIND, looked_for)), typed
    for typed in ("brook", "person:Brook"):  # who reported is found by nobody
        assert case.reference not in said(await place.ask(person, ChatCommand.FIND, typed))
    for which in ("mine", "overdue", "held", "waiting", "all"):
        listed = said(await place.ask(person, ChatCommand.CASES, which))
        if not knows:
            assert listed == said(await empty.ask(person, ChatCommand.CASES, which))


#: A word of what was written in a case since, and whether whoever reads the case finds it by that.
SINCE = {"giraffe": True, "ocelot": True, "heron": False, "pelican": False}


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("find")
async def test_who_finds_by_notes_and_letters(relation: Relation, person: str) -> None:
    """Who may read a case finds it by its notes and letters, nobody by what was written to who reported.

    Nobody else is told anything: what they read is what they would if there were no such case.
    """
    place, case = await town()
    empty = Town(await open_store("memory:", key=bytes(32)))
    empty.context.directory.reload({place.school.id: place.school})  # type: ignore[attr-defined]
    await place.act("cam", case, Action.NOTE, {"text": "A giraffe, at 2 o'clock."})
    fill = Fill(case=case.id, action=Action.LETTER, version=case.version, which="record")
    await place.fill("ellis", fill, {"text": "An ocelot was seen."})
    await place.act("ellis", await place.case(), Action.WRITE, {"text": "Dear Brook, a heron."})
    await place.act("ellis", await place.case(), Action.SHOW_REPORTER, {"text": "Brook and a pelican."})
    for word, kept in SINCE.items():
        for typed in (word, f"person:{word}", f"{word} invented since:2026-01-01"):
            may = kept and TABLE[relation][1]
            before = len(await place.store.audit(case.school))
            reply = await place.ask(person, ChatCommand.FIND, typed)
            assert (case.reference in said(reply)) is may, typed
            lines = await place.store.audit(case.school)
            assert len(lines) - before == may
            if not may:
                assert said(reply) == said(await empty.ask(person, ChatCommand.FIND, typed)), typed
    for typed in ("brook", "person:Brook"):
        assert case.reference not in said(await place.ask(person, ChatCommand.FIND, typed))


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("name-on-request")
async def test_who_sees_the_reporter(relation: Relation, person: str) -> None:
    """The reporter's name is shown to the lead who asks with a reason, and stands nowhere else."""
    place, case = await town()
    shown = await place.act(person, case, Action.SHOW_REPORTER, {"text": "An invented reason."})
    name = place.school.people["brook"].name
    assert (name in said(shown)) is TABLE[relation][2]
    assert all(name not in text for text in place.chat.texts("leadership"))
    opened = await place.press(person, Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert name not in said(opened)


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_notes_and_decides(relation: Relation, person: str) -> None:
    """Notes, decisions, holds and closing are done by those who may; a refusal changes nothing."""
    place, case = await town()
    notes, decides = TABLE[relation][3], TABLE[relation][4]
    noted = await place.act(person, case, Action.NOTE, {"text": "An invented note."})
    assert isinstance(noted, Receipt) is notes
    for action in DECISIONS:
        before = await place.case()
        reply = await place.press(person, Act(case=case.id, action=action, version=before.version))
        assert isinstance(reply, Show) is decides, action
        if not decides:
            assert isinstance(reply, Refuse)
            assert (await place.case()).version == before.version
            expected = "not-yours" if TABLE[relation][0] else "no-such-case"
            assert reply.reference == expected, action


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_hands_it_on(relation: Relation, person: str) -> None:
    """Who leads gives the case to somebody, and so does who has it; to everybody else it is not theirs."""
    place, case = await town()
    for has in ("ellis", "cam"):
        await place.act(has, await place.case(), Action.TAKE_ON)
        before = await place.case()
        reply = await place.press(person, Act(case=case.id, action=Action.ASSIGN, version=before.version))
        assert isinstance(reply, Show) is (relation is Relation.LEAD or person == has), has
        assert (await place.case()).version == before.version


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_writes_letters(relation: Relation, person: str) -> None:
    """Who decides writes letters; the DSL who was told writes the record; nobody else reads a word of one."""
    place, case = await town()
    decides, records = TABLE[relation][4], TABLE[relation][4] or person == "cam"
    for which, may in (("invitation", decides), ("record", records), ("", records)):
        act = Act(case=case.id, action=Action.LETTER, version=case.version, which=which)
        reply = await place.press(person, act)
        assert isinstance(reply, Show) is may, which
        if not may:
            assert isinstance(reply, Refuse)
            assert reply.reference == ("not-yours" if TABLE[relation][0] else "no-such-case")
    fill = Fill(case=case.id, action=Action.LETTER, version=case.version, which="record")
    await place.fill("ellis", fill, {"text": "An invented letter"})
    file = (await place.case()).documents[0]
    found = await place.service.evidence(place.actor(person), case.id, file.sha256)
    assert (found is not None) is TABLE[relation][1]
    assert all("An invented letter" not in text for text in place.chat.texts(person))


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_makes_packs(relation: Relation, person: str) -> None:
    """Who decides makes a pack; nobody else is shown its form or makes one; who reads the case opens it."""
    place, case = await town()
    decides = TABLE[relation][4]
    act = Act(case=case.id, action=Action.PACK, version=case.version, which="legal")
    shown = await place.press(person, act)
    assert isinstance(shown, Show) is decides
    fill = Fill(case=case.id, action=Action.PACK, version=case.version, which="legal")
    made = await place.fill(person, fill, {"reporter": "yes", "why": "x"})
    assert isinstance(made, Show) is decides
    if not decides:
        assert isinstance(made, Refuse)
        assert made.reference == ("not-yours" if TABLE[relation][0] else "no-such-case")
        assert (await place.case()).documents == ()
    await place.fill("ellis", fill, {"reporter": "no"})
    file = (await place.case()).documents[-1]
    found = await place.service.evidence(place.actor(person), case.id, file.sha256)
    assert (found is not None) is TABLE[relation][1]


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("export-proves-itself")
async def test_who_exports(relation: Relation, person: str) -> None:
    """Who decides exports the case; nobody else is shown its form or makes one; who reads it opens it."""
    place, case = await town()
    decides = TABLE[relation][4]
    shown = await place.press(person, Act(case=case.id, action=Action.EXPORT, version=case.version))
    assert isinstance(shown, Show) is decides
    fill = Fill(case=case.id, action=Action.EXPORT, version=case.version)
    made = await place.fill(person, fill, {"text": "Invented."})
    assert isinstance(made, Show) is decides
    if not decides:
        assert isinstance(made, Refuse)
        assert made.reference == ("not-yours" if TABLE[relation][0] else "no-such-case")
        assert (await place.case()).documents == ()
    await place.fill("ellis", fill, {"text": "Invented."})
    name = place.school.people["brook"].name
    for file in (await place.case()).documents[-2:]:
        found = await place.service.evidence(place.actor(person), case.id, file.sha256)
        assert (found is not None) is TABLE[relation][1]
        assert found is None or name.encode() not in found[1]
    assert all("xport" not in text for text in place.chat.texts(person)) or TABLE[relation][0]


@pytest.mark.parametrize(("relation", "person"), relation_columns())
@pytest.mark.feature("subject-access")
async def test_who_makes_what_goes_to_who_asks(relation: Relation, person: str) -> None:
    """Who leads a case looks it through for somebody who asks; for anybody else there is no such case.

    What others were shown or made is theirs alone, whoever has its name.
    """
    place, case = await town()
    empty = Town(await open_store("memory:", key=bytes(32)))
    empty.context.directory.reload({place.school.id: place.school})  # type: ignore[attr-defined]
    leads, holds = TABLE[relation][4], bool(place.school.seats_of(place.school.people[person].id))
    for names, known_as in (("invented sentence", ""), ("Cam", ""), ("zed", "@Cross Parent"), ("Fern", "")):
        reply, nothing = [await asked(one, person, names, known_as) for one in (place, empty)]
        assert isinstance(reply, Show) is holds
        assert (case.reference in said(reply)) is leads
        assert (said(reply) == said(nothing)) is not leads
    theirs, pdf, whole = await made(place, "ellis", "invented sentence")
    for number, content in enumerate((pdf, whole)):
        found = await saved(place, person, theirs, number)
        assert (found is not None) is leads
        assert place.school.people["brook"].name.encode() not in content
    asking = Ask(ChatCommand.SUBJECT, request_of(theirs))
    for step in ("", " cases", f" page {case.id} 1 d", " whole 1", " make d", f" reporter {case.id} 1"):
        shown = await place.press(person, Ask(ChatCommand.SUBJECT, f"{asking.argument}{step}"))
        filled = await place.fill(person, Ask(ChatCommand.SUBJECT, f"{asking.argument}{step}"), {"why": " "})
        for text in (said(shown), said(filled)):
            assert leads or (case.reference not in text and WORDS not in text)


@pytest.mark.parametrize("person", PEOPLE.values(), ids=list(PEOPLE))
async def test_who_sees_what_stands_beside(person: str) -> None:
    """The hint, the link with its reason and the account's story are for those who may read both cases."""
    place, case = await town()
    await place.report("jo", {**ANSWERS, "targets": ("pupil",)})
    other = await place.case("HPS-2026-002")
    both, school = (case, other), place.school
    reads_both = {p for p in school.people if all(access.may(c, p, school, Can.READ) for c in both)}
    assert reads_both == {"cam", "ash", "pat"}
    before = said(await place.act(person, case, Action.OPEN_RECORD))
    assert ("Looks like the same posting as HPS-2026-002" in before) is (person in reads_both)
    linked = await place.act("cam", case, Action.LINK, {"which": other.reference, "text": "Invented link."})
    assert isinstance(linked, Receipt)
    for one, two in ((case, other), (other, case)):
        text = said(await place.act(person, one, Action.OPEN_RECORD))
        assert (two.reference in text) is (person in reads_both)
        assert ("Invented link." in text) is (person in reads_both)
        story = said(await place.act(person, one, Action.CHRONOLOGY))
        assert (f"{two.reference} ·" in story) is (person in reads_both)
    assert all("Invented link." not in text for text in place.chat.texts(person))


@pytest.mark.parametrize(("relation", "person"), relation_columns())
async def test_who_writes_to_the_reporter_and_links(relation: Relation, person: str) -> None:
    """Who leads and who is told; whom it is about, and everybody else, does neither."""
    place, case = await town()
    acts = relation in (Relation.LEAD, Relation.TOLD)
    for action in (Action.WRITE, Action.LINK, Action.UNLINK):
        reply = await place.press(person, Act(case=case.id, action=action, version=case.version))
        assert isinstance(reply, Show) is acts, action
    ended = await place.press(person, Act(case=case.id, action=Action.END_DRILL, version=case.version))
    assert isinstance(ended, Refuse)


async def test_the_reporter_has_their_own_report() -> None:
    """A reporter sees their own report's state, adds to it, and withdraws a wrong tick; nobody else's."""
    place, case = await town()
    assert case.reference in said(await place.ask("brook", ChatCommand.STATUS))
    assert case.reference not in said(await place.ask("jo", ChatCommand.STATUS))
    added = await place.act("brook", case, Action.ADD, {"text": "More invented words."})
    assert isinstance(added, Receipt)
    assert isinstance(await place.act("jo", case, Action.ADD, {"text": "x"}), Refuse)
    correcting = await place.press("brook", Act(case=case.id, action=Action.AMEND, version=case.version))
    assert isinstance(correcting, Show)


async def test_every_opening_is_logged() -> None:
    """Who opened the record, and who was refused, is on the audit."""
    place, case = await town()
    await place.press("cam", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    await place.press("jo", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    audit = await place.store.audit(case.school, case=case.id)
    logged = {(entry.kind.value, entry.by) for entry in audit}
    assert {("record_opened", "cam"), ("refused", "jo")} <= logged


@pytest.mark.feature("who-saw-what")
async def test_every_look_and_every_refusal_is_on_the_audit() -> None:
    """A card, a list, the home page, the digest, a form, a case that was refused: each says who and which."""
    place, case = await town()
    for person in ("ellis", "cam", "dee", "fern", "jo"):
        await place.ask(person, ChatCommand.CASE, case.reference)
        await place.ask(person, ChatCommand.CASES)
    await place.ask("cam", ChatCommand.HOME)
    await place.ask("dee", ChatCommand.DIGEST)
    await place.press("ellis", Act(case=case.id, action=Action.CORRECT, version=case.version))
    audit = [(entry.kind.value, entry.by) for entry in await place.store.audit(case.school, case=case.id)]
    for person in ("ellis", "cam", "dee"):
        assert {("card_shown", person), ("listed", person)} <= set(audit)
    assert audit.count(("listed", "cam")) == audit.count(("listed", "dee")) == 2
    assert ("form_shown", "ellis") in audit
    for person in ("fern", "jo"):
        assert ("refused", person) in audit
        assert ("listed", person) not in audit


async def test_no_case_is_as_much_work_as_one_that_is_kept() -> None:
    """What is looked up and stored for a case that somebody must not know of is done for none as well."""
    place, case = await town()
    done = []
    for there, reference in ((case.id, case.reference), ("no-such-case", "HPS-2026-999")):
        before, lines = place.chat.asked, len(await place.store.audit(case.school))
        for action in Action:
            await place.press("fern", Act(case=there, action=action, version=1))
        await place.ask("fern", ChatCommand.CASE, reference)
        done.append((place.chat.asked - before, len(await place.store.audit(case.school)) - lines))
    assert done[0] == done[1]
    assert min(done[0]) >= len(Action)


def test_no_takes_as_long_whether_there_is_a_case_or_none() -> None:
    """However much more there is to look at of one that is kept: nobody reads it off a clock."""
    in_virtual_time(clock := FakeClock(), _timed(clock))


async def _timed(clock: FakeClock) -> None:
    place, case = await town()
    place.context.no_takes = 0.05
    place.context.store = Slow(place.store)  # type: ignore[assignment]
    took = []
    for there, reference in ((case.id, case.reference), ("no-such-case", "HPS-2026-999")):
        for ask in (
            lambda: place.press("fern", Act(case=there, action=Action.OPEN_RECORD, version=1)),  # noqa: B023
            lambda: place.ask("fern", ChatCommand.CASE, reference),  # noqa: B023
            lambda: place.service.evidence(place.actor("fern"), there, "ab" * 32),  # noqa: B023
        ):
            began = clock.now()
            await ask()
            took.append((clock.now() - began).total_seconds())
    assert took == [pytest.approx(0.05)] * 6


class Slow:
    """A store in which a case that is there takes a while to read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        """Give what the store has."""
        return getattr(self._store, name)

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Read it, slowly if there is one."""
        found = await self._store.case(school, case)
        await asyncio.sleep(0.004 if found else 0.001)
        return found


async def test_strangers() -> None:
    """Somebody the school does not know is refused at the door, whatever they ask."""
    place, case = await town()
    for action in Action:
        reply = await place.press("stranger", Act(case=case.id, action=action, version=case.version))
        assert isinstance(reply, Refuse)
        assert reply.reference == "stranger"


async def test_a_member_who_must_not_know_moves_the_case() -> None:
    """If somebody who must not know sits in the leadership channel, the case is told elsewhere."""
    place = Town(await open_store("memory:", key=bytes(32)))
    place.chat.channels["leadership"] |= {"fern"}
    await place.report("brook", ANSWERS)
    await place.settle()
    assert (await place.case()).restricted
    assert place.chat.audience("leadership") == []
    assert place.chat.audience("fern") == []
    assert place.chat.audience("ellis")


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("can", list(Can))
def test_exclusion_beats_every_seat(relation: Relation, can: Can) -> None:
    """Somebody excluded may do nothing, whatever else they are; but for their own report."""
    allowed = access.capabilities(frozenset({relation, Relation.EXCLUDED}))
    own = can in (Can.SEE_OWN, Can.ADD) and relation is Relation.REPORTER
    assert (can in allowed) is own


def test_every_action_has_a_rule() -> None:
    """An action without a rule would be nobody's; there is none."""
    assert set(Action) == set(ACTIONS)
