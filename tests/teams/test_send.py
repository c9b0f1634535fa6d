"""Sending: the contract of every chat, and what each failure of Teams' connector means."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

import pytest

from adapters.teams import limits
from adapters.teams.api_call import retry_after
from adapters.teams.origin import Where
from adapters.teams.rate_limit import Pace, free_at
from adapters.teams.roster import Member
from adapters.teams.send import TeamsChat
from flows.errors import Ambiguous, Permanent, PlatformError, Retryable
from flows.ports import Address, Chat
from flows.school import Platform
from tests.adapters.contract import ChatContract
from tests.adapters.samples import CASE_CARD, RECEIPT
from tests.teams.conftest import Bot
from tests.teams.connector import (
    _REFUSED,
    APP,
    CHANNEL,
    OTHER_TENANT,
    TENANT,
    Connector,
    Fault,
    account,
    member,
)


def where(connector: Connector, **rest: Any) -> Where:
    """Return a verified activity's place in a personal chat."""
    said = {
        "tenant": TENANT,
        "service_url": connector.url,
        "conversation": "a:chat-ash",
        "activity": "1",
        "account": account("ash"),
        "sender": "29:ash",
        "bot": "28:bot",
        "personal": True,
    }
    return Where(**{**said, **rest})


@pytest.fixture
async def chat(bot: Bot, connector: Connector) -> TeamsChat:
    """Give the chat of a bot that was added for Ash and in the leadership team."""
    references = bot.app.desk._references  # noqa: SLF001 - what an installation leaves behind
    await references.remember(where(connector))
    await references.remember(where(connector, conversation=CHANNEL, channel=CHANNEL, personal=False))
    return bot.app.chat


class TestTeamsChat(ChatContract):
    """Teams keeps to the contract of every chat, over the real wire."""

    channel = Address(platform=Platform.TEAMS, workspace=TENANT, channel=CHANNEL)
    accounts = frozenset({account("ash"), account("brook")})
    person = Address(platform=Platform.TEAMS, workspace=TENANT, account=account("ash"))
    nowhere = Address(platform=Platform.TEAMS, workspace=TENANT, channel="19:nowhere@thread.tacv2")

    @pytest.fixture(autouse=True)
    def _connector(self, connector: Connector) -> None:
        self._there = connector

    async def seen(self, chat: Chat, to: Address) -> list[str]:
        """Return what stands there, line ends written as such."""
        del chat
        name = "a:chat-ash" if to.account else to.channel
        return [text.replace("\\n", "\n") for text in self._there.texts(name)]


WHERE = TestTeamsChat.channel
PERSON = TestTeamsChat.person

#: fault -> the error that says what it means
MEANING: dict[Fault, type[PlatformError]] = {
    Fault.BUSY: Retryable,
    Fault.REFUSED: Retryable,
    Fault.FAILED: Ambiguous,
    Fault.FAILED_AFTER: Ambiguous,
    Fault.GONE: Ambiguous,
    Fault.GONE_AFTER: Ambiguous,
    Fault.LATE: Ambiguous,
    Fault.BLOCKED: Permanent,
    Fault.HTML: Permanent,
}


@pytest.mark.parametrize("fault", Fault)
async def test_what_a_failure_means_when_sending(fault: Fault, chat: TeamsChat, connector: Connector) -> None:
    """Each failure of a post is one kind of error, and the post was made exactly once."""
    connector.faults.append(fault)
    with pytest.raises(MEANING[fault]):
        await chat.send(WHERE, CASE_CARD, key="k")
    assert len(connector.requests) == 1


@pytest.mark.parametrize("fault", Fault)
async def test_what_a_failure_means_when_replying(
    fault: Fault, chat: TeamsChat, connector: Connector
) -> None:
    """The same for a reply in a thread."""
    root = await chat.send(WHERE, CASE_CARD, key="k")
    connector.faults.append(fault)
    with pytest.raises(MEANING[fault]):
        await chat.reply(root, RECEIPT, key="k2")
    assert len(connector.requests) == 2


async def test_teams_says_how_long_to_wait(chat: TeamsChat, connector: Connector) -> None:
    """The waiting time is the one Teams asks for."""
    connector.faults.append(Fault.BUSY)
    with pytest.raises(Retryable) as caught:
        await chat.send(PERSON, CASE_CARD, key="k")
    assert caught.value.after == 7.0


async def test_a_refused_token_is_fetched_anew(chat: TeamsChat, connector: Connector) -> None:
    """After a 401 the next try has another token."""
    connector.faults.append(Fault.REFUSED)
    with pytest.raises(Retryable):
        await chat.send(PERSON, CASE_CARD, key="k")
    await chat.send(PERSON, CASE_CARD, key="k")
    assert [headers["Authorization"] for _, _, headers in connector.requests] == ["Bearer t1", "Bearer t2"]


async def test_nobody_listening_is_certainly_not_accepted(
    bot: Bot, chat: TeamsChat, connector: Connector
) -> None:
    """Where no connection comes about, it may be sent again."""
    await chat.send(PERSON, CASE_CARD, key="k")
    await connector.server.close()
    await bot.app._wire.close()  # noqa: SLF001 - let go of the connection that is still open
    with pytest.raises(Retryable):
        await chat.send(PERSON, CASE_CARD, key="k2")


async def test_an_edit_twice_is_an_edit_once(chat: TeamsChat, connector: Connector) -> None:
    """The same edit sends the same bytes to the same message."""
    posted = await chat.send(WHERE, CASE_CARD, key="k")
    await chat.edit(posted, RECEIPT)
    once = connector.texts(CHANNEL)
    await chat.edit(posted, RECEIPT)
    assert once == connector.texts(CHANNEL)


async def test_an_edit_after_an_unclear_answer_lands(chat: TeamsChat, connector: Connector) -> None:
    """An edit whose outcome is unknown may simply be made again."""
    posted = await chat.send(WHERE, CASE_CARD, key="k")
    connector.faults.append(Fault.FAILED_AFTER)
    with pytest.raises(Ambiguous):
        await chat.edit(posted, RECEIPT)
    await chat.edit(posted, RECEIPT)
    assert len(connector.texts(CHANNEL)) == 1
    assert "Your report is safe" in connector.texts(CHANNEL)[0]


async def test_a_repeat_says_so(chat: TeamsChat, connector: Connector) -> None:
    """A message that may have been accepted before is marked, since Teams cannot be asked."""
    await chat.send(PERSON, CASE_CARD, key="k", repeat=True)
    await chat.send(PERSON, CASE_CARD, key="k2")
    marks = ["may have had this message before" in text for text in connector.texts("a:chat-ash")]
    assert marks == [True, False]


async def test_a_person_we_never_met_gets_a_chat(chat: TeamsChat, connector: Connector) -> None:
    """Where the app is in the team, a chat with a member is begun, once."""
    brook = Address(platform=Platform.TEAMS, workspace=TENANT, account=account("brook"))
    await chat.send(brook, CASE_CARD, key="k")
    await chat.send(brook, RECEIPT, key="k2")
    assert len(connector.texts(f"a:{account('brook')}")) == 2


async def test_before_the_app_was_added_nothing_can_be_sent(bot: Bot) -> None:
    """Without a service address from Teams itself there is nowhere to send to."""
    for to in (WHERE, PERSON):
        with pytest.raises(Permanent):
            await bot.app.chat.send(to, CASE_CARD, key="k")


async def test_a_summary_says_nothing(chat: TeamsChat, connector: Connector) -> None:
    """What a lock screen may show is the card's summary; a direct message rings."""
    await chat.send(PERSON, CASE_CARD, key="k")
    sent = json.loads(connector.texts("a:chat-ash")[0])
    assert sent["summary"] == CASE_CARD.summary
    assert sent.get("text") in (None, "")
    assert sent["channelData"] == {"notification": {"alert": True}}


async def test_service_addresses_that_are_not_listed_are_neither_kept_nor_used(
    bot: Bot, chat: TeamsChat, connector: Connector
) -> None:
    """Our token would go to whatever address is kept: only listed hosts are."""
    references = bot.app.desk._references  # noqa: SLF001 - what a restart or an installation leaves
    await references.remember(where(connector, service_url="https://evil.example/"))
    await chat.send(PERSON, CASE_CARD, key="k")
    assert len(connector.requests) == 1
    with pytest.raises(Permanent):
        chat.connectors.to("https://evil.example/")


async def test_one_connector_for_each_address(chat: TeamsChat, connector: Connector) -> None:
    """A connector is made once and kept, and only a few are."""
    assert chat.connectors.to(connector.url) is chat.connectors.to(connector.url)
    for n in range(40):
        chat.connectors.to(f"https://a{n}.teams.microsoft.com/")
    assert len(chat.connectors._warm) == 16  # noqa: SLF001 - what a restart or an installation leaves


async def test_two_hundred_at_once_share_few_connections(
    bot: Bot, chat: TeamsChat, connector: Connector
) -> None:
    """Two hundred messages to two hundred people go over at most 32 connections, with one token."""
    references = bot.app.desk._references  # noqa: SLF001 - what a restart or an installation leaves
    people = [f"p{n}" for n in range(200)]
    for name in people:
        await references.remember(where(connector, conversation=f"a:{name}", account=account(name)))
    to = [Address(platform=Platform.TEAMS, workspace=TENANT, account=account(name)) for name in people]
    await asyncio.gather(*(chat.send(one, RECEIPT, key=one.account) for one in to))
    assert len(connector.requests) == 200
    assert 1 <= len(connector.peers) <= limits.CONNECTIONS
    assert connector.tokens == 1


async def test_the_loop_goes_on_while_a_token_is_fetched(chat: TeamsChat, connector: Connector) -> None:
    """A token endpoint that takes its time holds up nobody else."""
    connector.token_seconds = 0.2
    sending = asyncio.create_task(chat.send(PERSON, CASE_CARD, key="k"))
    worst = 0.0
    while not sending.done():
        before = time.perf_counter()
        await asyncio.sleep(0.002)
        worst = max(worst, time.perf_counter() - before)
    await sending
    assert worst < 0.15


async def test_members_over_several_pages(chat: TeamsChat, connector: Connector) -> None:
    """Every page of a list of members is read; guests are told apart; it is relied on for a while."""
    guest = member("guest", userPrincipalName="guest_x#EXT#@school.example", userRole="guest")
    connector.channels[CHANNEL] += [member("cam"), guest]
    found = await chat.members(WHERE)
    again = await chat.members(WHERE)
    assert {account(name) for name in ("ash", "brook", "cam", "guest")} == found.accounts == again.accounts
    assert {account("guest")} == chat.guests
    assert account("guest") not in await chat.staff(CHANNEL)
    assert len(connector.requests) == 2


async def test_somebody_from_outside_makes_a_channel_unfit(chat: TeamsChat, connector: Connector) -> None:
    """A team shared with another organisation is no place for a case."""
    connector.channels[CHANNEL].append(member("out", tenantId=OTHER_TENANT))
    found = await chat.members(WHERE)
    assert (found.fit, found.trouble) == (False, "shared-outside")


GUESTS = {
    "a member": (Member(account="a", tenant=TENANT, role="user", principal="a@x.example"), False),
    "a guest by role": (Member(account="a", tenant=TENANT, role="guest"), True),
    "a guest by name": (Member(account="a", tenant=TENANT, principal="a_x#EXT#@x.example"), True),
    "a guest by tenant": (Member(account="a", tenant=OTHER_TENANT), True),
    "an anonymous one": (Member(account="a", role="anonymous"), True),
}


@pytest.mark.parametrize("name", GUESTS)
def test_who_is_a_guest(name: str) -> None:
    """A guest is told by role, by name or by tenant."""
    one, guest = GUESTS[name]
    assert guest is one.guest(TENANT)


WAITS = {"7": 7.0, "0": 0.0, "-3": 0.0, "": limits.REST_SECONDS, "soon": limits.REST_SECONDS}


@pytest.mark.parametrize("said", WAITS)
def test_waiting_times(said: str) -> None:
    """A number of seconds is taken as it is; what is no number becomes our own rest."""
    assert WAITS[said] == retry_after(said)


def test_a_waiting_time_may_be_a_moment() -> None:
    """HTTP also allows a date; one that is past means now."""
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_the_pace_keeps_every_limit() -> None:
    """However fast we want to be, no window ever holds more than Teams allows."""
    sent: deque[float] = deque()
    for _ in range(300):
        sent.append(free_at(sent, 0.0))
    for most, seconds in limits.CONVERSATION_RATES:
        if len(sent) > most:
            assert all(b - a >= seconds for a, b in zip(sent, list(sent)[most:], strict=False))


async def test_too_fast_is_put_off_rather_than_waited_for() -> None:
    """A short wait is waited; a long one goes back to the worker with the time it takes."""
    now, slept = [0.0], list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(monotonic=lambda: now[0], sleep=sleep)
    for _ in range(7):
        await pace.turn("a")
    assert slept == []
    await pace.turn("a")
    assert slept == [1.0]
    now[0] = 10.0
    for _ in range(22):
        now[0] += 0.5
        await pace.turn("a")
    waiting = asyncio.gather(*(pace.turn("a") for _ in range(40)))
    with pytest.raises(Retryable) as caught:
        await waiting
    assert caught.value.after > limits.PACE_SECONDS
    await pace.turn("b")


async def test_an_answer_without_an_id_is_unclear(bot: Bot) -> None:
    """A message that Teams took without saying which it is cannot be edited: that is no success."""
    chat = bot.app.chat
    near = await bot.app.desk._references.met(  # noqa: SLF001 - what a restart or an installation leaves
        TENANT, account("x"), "a:x", await _near(bot)
    )
    with pytest.raises(Ambiguous):
        chat._posted(near, "a:x", None)  # noqa: SLF001 - what a restart or an installation leaves


async def _near(bot: Bot) -> Any:
    from adapters.teams.conversation_references import Reference  # noqa: PLC0415 - beside its only use

    return Reference(tenant=TENANT, service_url=bot.connector.url, conversation="", bot="28:bot")


# -- a chat that takes nothing any more, and guests ----------------------------------------------------


@pytest.mark.parametrize("status", ["blocked", "gone"])
async def test_a_chat_that_takes_nothing_is_begun_anew_once(
    status: str, chat: TeamsChat, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """403 or 404 for the chat we know: another is begun, and what was to be said is said there."""
    if status == "blocked":
        connector.blocked = {"a:chat-ash"}
    else:
        monkeypatch.setitem(_REFUSED, Fault.BLOCKED, (404, {}))
        connector.faults.append(Fault.BLOCKED)
    await chat.send(PERSON, CASE_CARD, key="k")
    assert len(connector.texts(f"a:{account('ash')}")) == 1
    await chat.send(PERSON, RECEIPT, key="k2")
    assert len(connector.texts(f"a:{account('ash')}")) == 2


async def test_a_person_who_cannot_be_reached_is_tried_once_more_and_no_more(
    chat: TeamsChat, connector: Connector
) -> None:
    """The new chat takes nothing either: that is said, and nothing goes round in circles."""
    connector.blocked = {"a:chat-ash", f"a:{account('ash')}"}
    for wanted in (2, 3):
        with pytest.raises(Permanent):
            await chat.send(PERSON, CASE_CARD, key="k")
        assert len(connector.requests) == wanted


async def test_a_chat_of_another_registration_is_not_used(bot: Bot, connector: Connector) -> None:
    """The app was registered anew: what was kept under the old id is not ours, and a new chat is begun."""
    references = bot.app.desk._references  # noqa: SLF001 - what an installation leaves behind
    await references.remember(where(connector, bot="28:another-registration"))
    references._near.clear()  # noqa: SLF001 - what a restart forgets
    assert await references.person(TENANT, account("ash")) is None
    await references.remember(where(connector, bot=f"28:{APP}"))
    references._near.clear()  # noqa: SLF001 - what a restart forgets
    assert await references.person(TENANT, account("ash")) is not None


@pytest.mark.parametrize("now", [["ash", "brook"], ["brook"]])
async def test_a_guest_is_forgotten_with_the_list(
    now: list[str], bot: Bot, connector: Connector, chat: TeamsChat
) -> None:
    """Whoever became a member, or left, is refused no longer: the newest list counts."""
    connector.channels[CHANNEL] = [member("ash", userRole="guest"), member("brook")]
    await chat.roster(TENANT, CHANNEL)
    assert chat.guests == {account("ash")}
    connector.channels[CHANNEL] = [member(name) for name in now]
    chat._rosters.clear()  # noqa: SLF001 - a minute later
    await chat.roster(TENANT, CHANNEL)
    assert chat.guests == set()
    del bot


async def test_a_deleted_account_is_nobody(chat: TeamsChat, connector: Connector) -> None:
    """The chat still takes posts; whoever asks who reads it is told: nobody."""
    connector.deleted.add(account("ash"))
    assert (await chat.members(PERSON)).accounts == frozenset()


async def test_a_chat_that_is_not_there_is_nobodys(chat: TeamsChat, connector: Connector) -> None:
    """Teams knows no such chat any more; another refusal is no answer, and leaves the person there."""
    connector.lost.add("a:chat-ash")
    assert (await chat.members(PERSON)).accounts == frozenset()


async def test_whom_we_have_no_chat_with_is_asked_by_beginning_one(chat: TeamsChat) -> None:
    """Nothing can be asked yet of somebody the bot never met."""
    stranger = Address(platform=Platform.TEAMS, workspace=TENANT, account=account("zed"))
    assert (await chat.members(stranger)).accounts == {account("zed")}
