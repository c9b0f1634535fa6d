"""The door: a press that never gets through, one that throws away, and files of several schools."""

from __future__ import annotations

from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import Change
from flows.school import SchoolId
from flows.ui.inbound import Actor, Refuse, Show
from flows.ui.intents import Begin, Discard
from flows.words import say
from storage.open import open_store
from tests.bot.turns.test_casework import hashes, upload
from tests.fuzz.crowd import PNG
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said


async def town() -> Town:
    """Return a school whose day begins."""
    return Town(await open_store("memory:", key=bytes(32)))


async def test_who_never_gets_through_reads_that_nothing_was_lost() -> None:
    """Sixty people were quicker, one after the other: that is said, with what to do, and nothing is kept."""
    place = await town()
    tries: list[Change] = []

    async def quicker(change: Change) -> Change:
        tries.append(change)
        raise Conflict("conflict", "Changed.", "Look again.")

    place.store.commit = quicker  # type: ignore[method-assign, assignment]
    reply = await place.press("brook", Begin())
    assert isinstance(reply, Refuse)
    assert reply.reference == "busy"
    assert reply.message.startswith("Somebody else changed this at the same moment. Nothing was lost.")
    assert reply.hint == "Please try once more."
    assert len(tries) == 60


async def test_what_is_thrown_away_is_gone_and_that_is_said() -> None:
    """A reporter who thinks better of it reads that it is gone, and finds no half report when they return."""
    place = await town()
    await place.start("brook", "An invented complaint.")
    draft = await place.store.draft_of(SCHOOL, place.actor("brook").account)  # type: ignore[arg-type]
    assert draft is not None
    reply = await place.press("brook", Discard(draft.id, draft.revision))
    assert isinstance(reply, Show)
    assert said(reply).startswith("Your report was thrown away. Nothing was sent.")
    assert await place.store.draft_of(SCHOOL, draft.person) is None


async def test_a_file_is_found_in_whichever_school_its_case_is() -> None:
    """A Headteacher of two schools opens a picture of the second: it opens as in the first."""
    place = await town()
    await place.report("brook", ABUSE)
    await upload(place, "brook", await place.case(), PNG)
    (sha256,) = await hashes(place)
    other = replace(place.school, id=SchoolId("OTHER"), name="Another School")
    place.context.directory.reload({other.id: other, SCHOOL: place.school})  # type: ignore[attr-defined]
    case = await place.case()
    assert await place.service.evidence(place.actor("ash"), case.id, sha256) == ("image/png", PNG)


async def test_a_stranger_gets_no_file() -> None:
    """Whoever is in no school's file is told nothing, not even that there is something."""
    place = await town()
    await place.report("brook", ABUSE)
    await upload(place, "brook", await place.case(), PNG)
    stranger = Actor(platform=place.actor("ash").platform, workspace="", account="nobody-we-know")
    (sha256,) = await hashes(place)
    assert await place.service.evidence(stranger, (await place.case()).id, sha256) is None


async def test_a_stranger_reads_what_they_are_and_what_to_do() -> None:
    """Whoever is in no school's file is told so, and whom to ask; nothing is kept of what they said."""
    place = await town()
    reply = await place.say("nobody-we-know", "An invented complaint.")
    assert isinstance(reply, Refuse)
    words = (reply.message, reply.hint, reply.reference)
    assert words == (say("service.stranger"), say("service.stranger_hint"), "stranger")
    assert place.store.commits == 0  # type: ignore[attr-defined]
