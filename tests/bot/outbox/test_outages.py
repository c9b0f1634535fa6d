"""While a platform is down, people are told on another: administrators, and on-call where a case waits."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.outbox.worker import Worker
from flows.errors import PlatformError
from flows.school import PersonId, Platform
from flows.ui.intents import ChatCommand
from tests.bot.outbox.test_delivery import on_slack_too
from tests.bot.outbox.test_outage import FAILING, GONE, REVOKED, times
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import Town, said


async def down(error: PlatformError, *people: str) -> tuple[Town, FakeChat]:
    """Return a school whose first platform is down; these people are on a second one that works."""
    place, slack = await on_slack_too(*people)
    place.chat.outage = error
    return place, slack


def told(chat: FakeChat, person: str) -> list[str]:
    """Return what somebody was told of platforms."""
    return [m.text for m in chat.audience(f"U-{person}") if m.card.kind == "platform"]


@pytest.mark.parametrize(("error", "word"), [(REVOKED, "let the bot in"), (FAILING, "taken our messages")])
@pytest.mark.feature("outage-is-said")
async def test_an_administrator_is_told_once_and_told_when_it_is_over(
    error: PlatformError, word: str
) -> None:
    """Down and up, once each, on the platform that works."""
    place, slack = await down(error, "office")
    await place.report("brook", ABUSE)
    await times(place, 60)
    (first,) = told(slack, "office")
    assert f"the try-out page has not {word} ({error.reference})" in first
    assert "10:00" in first
    place.chat.outage = None
    await times(place, 10)
    assert "the try-out page: it takes our messages again." in told(slack, "office")[1]
    assert "since 10:00 on Tuesday 24 November" in told(slack, "office")[1]
    await times(place, 60)
    assert len(told(slack, "office")) == 2


async def test_an_administrator_more_is_told_though_the_first_has_been() -> None:
    """Named while it lasts: told then, and the first is not told again."""
    place, slack = await down(FAILING, "office", "bryn")
    await place.report("brook", ABUSE)
    await times(place, 20)
    assert (len(told(slack, "office")), told(slack, "bryn")) == (1, [])
    more = (*place.school.administrators, PersonId("bryn"))
    school = replace(place.context.directory.schools[place.school.id], administrators=more)
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    await times(place, 3)
    assert (len(told(slack, "office")), len(told(slack, "bryn"))) == (1, 1)


async def test_a_minute_of_failing_tells_nobody() -> None:
    """A platform that failed for a minute is no news."""
    place, slack = await down(GONE, "office")
    await place.report("brook", ABUSE)
    await times(place, 1)
    place.chat.outage = None
    await times(place, 30)
    assert told(slack, "office") == []


async def test_whoever_is_on_call_is_told_where_a_case_waits() -> None:
    """A case waits: on-call is asked to keep the phone at hand; where only an answer waits, not."""
    place, slack = await down(REVOKED, "ash")
    await place.report("brook", ABUSE)
    await times(place, 3)
    (text,) = told(slack, "ash")
    assert "keep your phone at hand" in text


async def test_somebody_kept_from_the_case_that_waits_is_told_nothing() -> None:
    """The posting is the Headteacher's, who is on call: that something waits is not for them to know."""
    place, slack = await down(REVOKED, "ash")
    await place.report("brook", BY_THE_HEAD)
    await times(place, 30)
    assert told(slack, "ash") == []
    await place.report("jo", ABUSE)
    await times(place, 3)
    (text,) = told(slack, "ash")
    assert "Since 10:30" in text, "since when another case waits"


async def test_an_excluded_administrator_reads_what_they_would_read_without_the_case() -> None:
    """Neither a message nor the status tells them that something waits."""
    place, slack = await down(REVOKED, "ash")
    school = place.context.directory.schools[place.school.id]
    school = replace(school, administrators=(PersonId("ash"),))
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    before = said(await place.ask("ash", ChatCommand.STATUS))
    await place.report("brook", BY_THE_HEAD)
    await times(place, 30)
    assert told(slack, "ash") == []
    assert said(await place.ask("ash", ChatCommand.STATUS)) == before


async def test_a_restart_tells_nobody_a_second_time() -> None:
    """Told before it stopped: not told again, and told once that it is over."""
    place, slack = await down(REVOKED, "office")
    await place.report("brook", ABUSE)
    await times(place, 3)
    place.context.states.down().clear()
    place.context.states.__init__()  # type: ignore[misc]
    place.worker = Worker(place.context, place.service)
    await times(place, 3)
    assert len(told(slack, "office")) == 1
    place.chat.outage = None
    await times(place, 3)
    assert len(told(slack, "office")) == 2


async def test_both_down_and_up_at_once_tells_nothing_needless() -> None:
    """No way was left to tell it, and then both work: nobody is told of what is over."""
    place, slack = await down(REVOKED, "office")
    slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 30)
    place.chat.outage = slack.outage = None
    await times(place, 10)
    assert told(slack, "office") == []
    assert place.messages("office", "platform") == []
    looked = [key for method, key in (*place.chat.calls, *slack.calls) if method == "find"]
    assert looked == [], "what was never tried is not looked for"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.unwatched
async def test_both_down_for_long_is_told_once_it_is_over(*, restarts: bool) -> None:
    """No way was left to tell it for hours: afterwards it is told, once, whoever restarts meanwhile."""
    place, slack = await down(REVOKED, "office")
    slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 90)
    if restarts:
        place.worker = Worker(place.context, place.service)
    await times(place, 30)
    place.chat.outage = slack.outage = None
    await times(place, 70)
    (text,) = [*told(slack, "office"), *place.messages("office", "platform")]
    assert "the try-out page: it takes our messages again" in text
    assert "since 10:00 on Tuesday 24 November" in text
    assert len(place.messages("ash", "platform")) == 1, "on call"


async def test_news_that_waits_for_what_is_down_goes_another_way() -> None:
    """The platform that was to bring the news turns out to be down as well: a third brings it."""
    place, slack = await down(REVOKED, "office")
    slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 5)
    people = {
        one.id: replace(one, accounts={**one.accounts, Platform.TEAMS: f"T-{one.id}"})
        for one in place.context.directory.schools[place.school.id].people.values()
    }
    school = replace(place.context.directory.schools[place.school.id], people=people)
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    place.context.add_chat(teams := FakeChat(Platform.TEAMS))
    await times(place, 2)
    (text,) = [m.text for m in teams.audience("T-office") if "the try-out page has not" in m.text]
    assert "10:00" in text
    slack.outage = None
    await times(place, 10)
    assert not [text for text in told(slack, "office") if "the try-out page" in text], "not a second time"


async def test_both_down_and_one_comes_back() -> None:
    """As soon as one platform works it brings the news of the other."""
    place, slack = await down(REVOKED, "office", "ash")
    slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 30)
    slack.outage = None
    await times(place, 10)
    assert len(told(slack, "office")) == 1


@pytest.mark.feature("outage-is-said")
async def test_the_reporter_reads_it_in_their_status() -> None:
    """Whose report waits reads which platform takes nothing; whoever has no report does not."""
    place, _ = await down(REVOKED)
    await place.report("brook", ABUSE)
    await times(place, 1)
    assert "At the moment the try-out page does not take our messages" in said(
        await place.ask("brook", ChatCommand.STATUS)
    )
    assert "does not take" not in said(await place.ask("jo", ChatCommand.STATUS))


async def test_several_that_are_down_are_one_sentence() -> None:
    """A report that waits for two platforms says so once, not the same twice."""
    place, slack = await down(REVOKED, "brook", "ash")
    slack.outage = REVOKED
    await place.report("brook", ABUSE)
    await times(place, 3)
    words = said(await place.ask("brook", ChatCommand.STATUS))
    assert "do not take our messages" in words
    assert "does not take" not in words
    assert words.count("Your report is kept") == 1
