"""Two accounts, one person: a code shown on one platform, typed once on the other."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from msgspec.structs import replace

from bot.rosters import take_rosters
from flows.model import AuditKind
from flows.school import Platform
from flows.ui.inbound import Actor, Asked, Receipt, Refuse, Reply, Typed
from flows.ui.intents import AskFor, ChatCommand, Settle
from storage.open import open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

TEAMS = Actor(platform=Platform.TEAMS, workspace="", account="t-1")


async def town() -> Town:
    """Return a school on the page and on Teams, where nobody is known yet."""
    place = Town(await open_store("memory:", key=bytes(32)))
    place.context.add_chat(FakeChat(Platform.TEAMS))
    return place


async def code(place: Town, person: str) -> str:
    """Return the code that somebody is shown on the page."""
    shown = said(await place.say(person, "link my account"))
    found = re.search(r"link (\S+)\.", shown)
    assert found, shown
    return found[1]


async def typed(place: Town, words: str, actor: Actor = TEAMS, key: str = "k") -> Reply:
    """Let an account on Teams type something."""
    return await place.service.handle(Typed(key=key, actor=actor, text=words))


def who(place: Town, actor: Actor = TEAMS) -> str:
    """Return whom the school takes an account for ("" = nobody)."""
    identity = place.context.directory.resolve(actor)
    return str(identity.people[SCHOOL].id) if identity else ""


@pytest.mark.feature("two-platforms")
async def test_a_code_from_one_platform_makes_the_other_account_the_same_person() -> None:
    """A member of staff types it on Teams: what was begun on the page is finished there."""
    place = await town()
    await place.say("brook", "report An invented posting about nobody.")
    assert isinstance(await typed(place, "status"), Refuse)
    reply = await typed(place, f"link {await code(place, 'brook')}")
    assert "What you began on one you can finish on the other." in said(reply)
    assert who(place) == "brook"
    offered = said(await typed(place, "report", key="k2"))
    assert "not sent yet" in offered
    await place.settle()
    assert place.messages("brook", "roster")
    lines = [line.kind for line in await place.store.audit(SCHOOL)]
    assert lines.count(AuditKind.LINK_OFFERED) == 1
    assert lines.count(AuditKind.ROSTER_AGREED) == 1


async def test_it_holds_after_a_restart_and_is_taken_back_at_once() -> None:
    """The link is stored; whoever it is about takes it back alone, and the account is nobody's again."""
    place = await town()
    await typed(place, f"link {await code(place, 'brook')}")
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    assert who(place) == ""
    await take_rosters(place.context)
    assert who(place) == "brook"
    change = (await place.store.roster(SCHOOL)).changes[0].id  # type: ignore[union-attr]
    assert isinstance(await place.press("jo", AskFor(ChatCommand.LINK, change, undo=True)), Refuse)
    done = await place.press("brook", AskFor(ChatCommand.LINK, change, undo=True))
    assert "It was taken back." in said(done)
    assert who(place) == ""


@pytest.mark.parametrize("which", ["nothing", "0123456789abcdef"])
async def test_what_there_is_not_cannot_be_taken_back(which: str) -> None:
    """A button of a change that is none, or is none of an account: said, and nothing is stored."""
    place = await town()
    for person, command in (("brook", ChatCommand.LINK), ("office", ChatCommand.SEAT)):
        reply = await place.press(person, AskFor(command, which, undo=True))
        assert isinstance(reply, Refuse)
        assert reply.reference == "roster-no-such"
    assert await place.store.roster(SCHOOL) is None


@pytest.mark.feature("two-platforms")
async def test_who_may_read_cases_needs_an_administrator_as_well() -> None:
    """A code can be talked out of a Headteacher: until the office agrees, the account sees nothing."""
    place = await town()
    await place.report("jo", ABUSE)
    await place.settle()
    asked = await typed(place, f"link {await code(place, 'ash')}")
    assert "Olive Pretend" in said(asked)
    assert who(place) == ""
    await place.settle()
    (question,) = place.messages("office", "roster")
    assert "t-1" in question
    change = (await place.store.roster(SCHOOL)).changes[0].id  # type: ignore[union-attr]
    assert isinstance(await place.press("ellis", Settle(change, agreed=True)), Refuse)
    assert isinstance(await place.press("ash", Settle(change, agreed=True)), Refuse)
    assert isinstance(await place.press("office", Settle(change, agreed=True)), Receipt)
    assert who(place) == "ash"
    assert "HPS-2026-001" in said(await typed(place, "cases", key="k3"))


# fmt: off
@pytest.mark.parametrize(
    ("words", "reference"),
    [
        ("link 999-999", "roster-no-code"),        # never given out
        ("link {code} ", ""),                      # as it was given
        ("link {plain}", ""),                      # without the dash
        ("LINK {code}", ""),
    ],
)
async def test_how_a_code_is_typed(words: str, reference: str) -> None:
    """With or without its dash; anything else is no code, and nothing is stored of it."""
    place = await town()
    letters = await code(place, "brook")
    reply = await typed(place, words.format(code=letters, plain=letters.replace("-", "")))
    assert (reply.reference if isinstance(reply, Refuse) else "") == reference
# fmt: on


async def test_a_code_counts_once_and_for_ten_minutes_and_the_last_one_only() -> None:
    """Typed again with another account, too late, or an earlier one: it does not count."""
    place = await town()
    first, second = await code(place, "brook"), await code(place, "brook")
    refused = await typed(place, f"link {first}")
    assert isinstance(refused, Refuse)
    await typed(place, f"link {second}")
    other = replace(TEAMS, account="t-2")
    assert isinstance(await typed(place, f"link {second}", other), Refuse)
    third = await code(place, "jo")
    place.clock.pass_by(dt.timedelta(minutes=11))
    assert isinstance(await typed(place, f"link {third}", other), Refuse)
    assert (who(place), who(place, other)) == ("brook", "")


async def test_whoever_guesses_is_stopped() -> None:
    """Five wrong ones in an hour, and the right one does not count either; after an hour it does."""
    place = await town()
    for n in range(5):
        await typed(place, f"link 99{n}-999")
    right = await code(place, "brook")
    refused = await typed(place, f"link {right}")
    assert isinstance(refused, Refuse)
    assert refused.reference == "roster-too-many"
    place.clock.pass_by(dt.timedelta(minutes=61))
    assert isinstance(await typed(place, f"link {await code(place, 'brook')}"), Receipt)


async def test_what_cannot_be_one_person() -> None:
    """The same platform, an account that is taken, somebody who has one, a guest, another workspace."""
    place = await town()
    same = await place.say("jo", f"link {await code(place, 'brook')}")
    assert isinstance(same, Refuse)
    assert same.reference == "roster-same-platform"
    await typed(place, f"link {await code(place, 'brook')}")
    taken = await typed(place, f"link {await code(place, 'jo')}", key="k5")
    assert isinstance(taken, Refuse)
    assert taken.reference == "roster-taken"
    second = await typed(place, f"link {await code(place, 'brook')}", replace(TEAMS, account="t-2"), "k6")
    assert isinstance(second, Refuse)
    assert second.reference == "roster-taken"
    guest = replace(TEAMS, account="t-3", guest=True)
    assert isinstance(await typed(place, f"link {await code(place, 'jo')}", guest, "k7"), Refuse)
    school = replace(place.school, workspaces={Platform.TEAMS: "ours"})
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    theirs = replace(TEAMS, account="t-4", workspace="theirs")
    assert isinstance(await typed(place, f"link {await code(place, 'jo')}", theirs, "k8"), Refuse)


async def test_staff_whom_only_a_platform_knows_are_one_person_too() -> None:
    """Known by each platform's own list of staff: one person from then on, unless both have reports."""
    place = await town()
    directory = place.context.directory
    directory.look_up(Platform.TEAMS, lambda _: {"t-1": "Nia New", "t-9": "Nia New"})  # type: ignore[attr-defined]
    directory.look_up(Platform.WEB, lambda _: {"nia": "Nia New"})  # type: ignore[attr-defined]
    assert who(place) == "teams:t-1"
    await typed(place, f"link {await code(place, 'nia')}")
    assert who(place) == "web:nia"
    assert said(await typed(place, "report", key="k2"))
    busy = replace(TEAMS, account="t-9")
    await typed(place, "report An invented posting.", busy, "k3")
    refused = await typed(place, f"link {await code(place, 'brook')}", busy, "k4")
    assert isinstance(refused, Refuse)
    assert refused.reference == "roster-has-reports"


async def test_a_file_that_gives_the_account_to_somebody_else_holds() -> None:
    """The school lists that Teams account as Jo's: it is Jo's."""
    place = await town()
    await typed(place, f"link {await code(place, 'brook')}")
    jo = replace(place.school.people["jo"], accounts={Platform.TEAMS: "t-1"})  # type: ignore[index]
    people = {**place.school.people, "jo": jo}
    place.context.directory.reload({SCHOOL: replace(place.school, people=people)})  # type: ignore[attr-defined]
    (line,) = await take_rosters(place.context)
    assert "t-1" in line
    assert who(place) == "jo"


async def test_link_is_an_answer_while_a_report_is_open() -> None:
    """Whoever is asked what they have and types *link* is not shown a code."""
    place = await town()
    await place.start("brook", "An invented posting.")
    assert "code" not in said(await place.say("brook", "link"))


async def test_a_command_from_a_slash_is_the_same() -> None:
    """Asked as a command, on the page or on Teams; the code and the link are the same."""
    place = await town()
    letters = re.search(r"link (\S+)\.", said(await place.ask("brook", ChatCommand.LINK)))
    assert letters
    asked = Asked(key="k", actor=TEAMS, command=ChatCommand.LINK, argument=letters[1])
    assert isinstance(await place.service.handle(asked), Receipt)
    assert isinstance(await place.service.handle(asked), Receipt)  # delivered once more
    assert who(place) == "brook"
