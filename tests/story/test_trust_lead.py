"""A trust's safeguarding lead: a seat over several schools, in each only as far as its own file says so."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.config.settings import SAMPLE_SCHOOL
from bot.digest import _send as digest_send
from bot.digest import without_case
from bot.school_file.load import read_school
from flows.calendar import iso_week
from flows.case import access
from flows.model import Action, Case, Change, SendState
from flows.model import Capability as Can
from flows.school import Person, PersonId, Platform, SchoolId, Seat
from flows.ui.inbound import Receipt, Refuse
from flows.ui.intents import Act, AskFor, ChatCommand
from storage.open import open_store
from tests.story.test_schools import OTHER
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town, said

THIRD = SchoolId("TPS")
PAT = Person(
    id=PersonId("pat"), name="Pat Trustworthy", accounts={Platform.WEB: "pat"}, email="pat@x.example"
)
COMMANDS = (ChatCommand.CASES, ChatCommand.FIND, ChatCommand.FIGURES, ChatCommand.DIGEST, ChatCommand.HOME)


async def trust(*named: SchoolId) -> Town:
    """Return three schools of a trust, each with its own people; some name Pat in their file."""
    place = Town(await open_store("memory:", key=bytes(32)))
    schools = {}
    for id_, mark in ((SCHOOL, ""), (OTHER, "o-"), (THIRD, "t-")):
        people = {
            name: replace(person, accounts={Platform.WEB: f"{mark}{name}"})
            for name, person in place.school.people.items()
        }
        seats = place.school.seats
        if id_ in named:
            people[PAT.id], seats = PAT, {**seats, Seat.TRUST_LEAD: (PAT.id,)}
        schools[id_] = replace(
            place.school,
            id=id_,
            prefix=id_,
            name=f"{id_} Primary School",
            people=people,
            seats=seats,
            leadership={Platform.WEB: f"{mark}leadership"},
            restricted={},
        )
    for channel in ("o-leadership", "t-leadership"):
        place.chat.channels[channel] = frozenset()
    place.context.directory.reload(schools)  # type: ignore[attr-defined]
    place.school = schools[SCHOOL]
    return place


async def with_cases(*named: SchoolId) -> Town:
    """Return a trust in which each school has one case."""
    place = await trust(*named)
    for reporter in ("brook", "o-brook", "t-brook"):
        assert isinstance(await place.report(reporter, ABUSE), Receipt)
    await place.settle()
    return place


async def case_of(place: Town, school: SchoolId) -> Case:
    """Return a school's only case."""
    (row,) = await place.store.cases(school)
    found = await place.store.case(school, row.id)
    assert found is not None
    return found


@pytest.mark.feature("trust-lead")
async def test_the_schools_that_named_them_and_no_other() -> None:
    """Lists, search, digest and figures show the two schools that name Pat, and nothing of the third."""
    place = await with_cases(SCHOOL, OTHER)
    for command, argument in (
        (ChatCommand.CASES, ""),
        (ChatCommand.FIND, "since:2026-01-01"),
        (ChatCommand.DIGEST, ""),
        (ChatCommand.FIGURES, ""),
    ):
        shown = said(await place.ask("pat", command, argument))
        assert "HPS Primary School" in shown, command
        assert "OPS Primary School" in shown, command
        assert "TPS" not in shown, command
    listed = said(await place.ask("pat", ChatCommand.CASES))
    assert "HPS-2026-001" in listed
    assert "OPS-2026-002" in listed


async def test_a_school_that_did_not_name_them_is_not_there() -> None:
    """What Pat asks and presses is answered as where the third school has no case, or is not there."""
    place, empty = await with_cases(SCHOOL, OTHER), await trust(SCHOOL, OTHER)
    case = await case_of(place, THIRD)
    for ask in (f"case {case.reference}", f"case {THIRD}-2026-900"):
        assert said(await place.say("pat", ask)) == said(await empty.say("pat", ask))
    for action in Action:
        there = await place.press("pat", Act(case=case.id, action=action, version=case.version))
        gone = await empty.press("pat", Act(case="01TEST00000000000000NONE", action=action, version=1))
        assert said(there) == said(gone), action
    assert await place.service.figures(place.actor("pat"), f"{THIRD}-2026-09-03 html") is None
    assert [line for line in await place.store.audit(THIRD) if line.by == PAT.id] == []


async def test_they_read_and_do_nothing() -> None:
    """Pat reads the record, on the audit; no button is theirs, and the reporter hears of no look."""
    place = await with_cases(SCHOOL)
    case, told = await case_of(place, SCHOOL), place.chat.texts("brook")
    assert case.reference in said(await place.ask("pat", ChatCommand.CASE, case.reference))
    opened = await place.press("pat", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert "An invented posting about nobody." in said(opened)
    assert place.school.people["brook"].name not in said(opened)
    logged = {(line.kind.value, line.by) for line in await place.store.audit(SCHOOL, case=case.id)}
    assert ("record_opened", PAT.id) in logged
    await place.settle()
    assert place.chat.texts("brook") == told
    for action in (
        Action.TAKE_ON,
        Action.NOTE,
        Action.CLOSE,
        Action.SHOW_REPORTER,
        Action.EXPORT,
        Action.ASSIGN,
    ):
        refused = await place.press("pat", Act(case=case.id, action=action, version=case.version))
        assert isinstance(refused, Refuse), action
        assert refused.reference == "not-yours", action
    assert (await case_of(place, SCHOOL)).version == case.version
    assert place.chat.audience("pat") == []


async def test_what_is_kept_apart_is_kept_from_them() -> None:
    """A case that only one leader's people know of is no case to Pat, until that leader brings them in."""
    place, empty = await trust(SCHOOL), await trust(SCHOOL)
    await place.report("brook", BY_THE_HEAD)
    await place.settle()
    case = await case_of(place, SCHOOL)
    assert case.restricted
    for command in COMMANDS:
        assert said(await place.ask("pat", command)) == said(await empty.ask("pat", command)), command
    refused = await place.press("pat", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert isinstance(refused, Refuse)
    assert refused.reference == "no-such-case"
    brought_in = replace(case, stand_ins=(PAT.id,))
    assert access.may(brought_in, PAT.id, place.school, Can.ACT)


async def test_kept_out_like_anybody() -> None:
    """A reporter can keep Pat out by name, and to them there is then no such case."""
    place, empty = await trust(SCHOOL, OTHER), await trust(SCHOOL, OTHER)
    kept = {**ABUSE, "keep_from": ("someone_else",), "kept_out_is": (PAT.id,)}
    await place.report("brook", kept)
    await place.settle()
    case = await case_of(place, SCHOOL)
    assert PAT.id in case.recused
    for command in COMMANDS:
        assert said(await place.ask("pat", command)) == said(await empty.ask("pat", command)), command
    assert not access.may(case, PAT.id, place.school, Can.KNOW)


async def test_who_it_is_about_may_be_them() -> None:
    """Somebody on the staff is accused and nobody says who: as long as it may be Pat, Pat is kept out."""
    place = await trust(SCHOOL)
    await place.report("brook", {**ABUSE, "staff_allegation": ("staff",)})
    await place.settle()
    assert PAT.id in (await case_of(place, SCHOOL)).recused


async def test_out_of_the_file_out_of_the_school() -> None:
    """It is asked anew at each use: taken out of a school's file, Pat has nothing of it from that moment."""
    place = await with_cases(SCHOOL, OTHER)
    assert "OPS-2026-002" in said(await place.ask("pat", ChatCommand.CASES))
    directory = place.context.directory
    without = await trust(SCHOOL)
    directory.reload(without.context.directory.schools)  # type: ignore[attr-defined]
    shown = said(await place.ask("pat", ChatCommand.CASES))
    assert "HPS-2026-001" in shown
    assert "OPS" not in shown


async def test_not_seated_in_chat() -> None:
    """Who looks on from outside is said in the file alone: chat neither offers the seat nor takes it."""
    place = await trust()
    assert Seat.TRUST_LEAD not in said(await place.press("office", AskFor(ChatCommand.SEAT)))
    refused = await place.ask("office", ChatCommand.SEAT, "trust safeguarding lead: Jo")
    assert isinstance(refused, Refuse)
    assert refused.reference == "roster-file-only"


async def test_the_digest_by_email_is_theirs() -> None:
    """Named under digest.email, Pat has the week's cases; what goes apart later is taken out of it again."""
    place = await with_cases(SCHOOL)
    school = replace(place.school, digest=replace(place.school.digest, by_email=(PAT.id,)))
    case, now = await case_of(place, SCHOOL), place.clock.now()
    row = (await place.store.cases(SCHOOL))[0]
    assert access.may_know_row(row, PAT.id, school, in_channel=False)
    week = iso_week(now, school)
    sent = digest_send(school, week, Platform.EMAIL, now, reader=PAT.id)
    await place.store.commit(Change(school=SCHOOL, new_sends=(replace(sent, state=SendState.SENT),)))
    apart = Change(school=SCHOOL, case=replace(case, restricted=True))
    edits = await without_case(place.context, school, case, apart)
    assert [(edit.root, edit.case) for edit in edits] == [(sent.key, case.id)]
    assert await without_case(place.context, school, case, Change(school=SCHOOL, case=case)) == ()


def test_the_file_says_so() -> None:
    """It is read like every seat of [seats]; who is nobody under [people] is refused."""
    text = SAMPLE_SCHOOL.read_text("utf-8")
    seated = text.replace('on_call = ["cam", "ash"]', 'on_call = ["cam"]\ntrust_safeguarding_lead = ["gale"]')
    school = read_school(seated).school
    assert school is not None
    assert school.seats[Seat.TRUST_LEAD] == ("gale",)
    errors = read_school(seated.replace('_lead = ["gale"]', '_lead = ["nobody"]')).errors
    assert [error.key for error in errors] == ["seats.trust_safeguarding_lead[0]"]
