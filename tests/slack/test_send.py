"""Sending through Slack: the contract of every chat, and what each failure means."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.membership import Members, unfit
from adapters.slack.rate_limit import Lanes
from adapters.slack.send import SlackChat, mark
from flows.errors import Ambiguous, Permanent, PlatformError, Retryable
from flows.ports import Address, Chat
from flows.school import Platform
from tests.adapters.contract import ChatContract
from tests.adapters.samples import CARDS, CASE_CARD, RECEIPT
from tests.slack import reading
from tests.slack.fake_api import TEAM, FakeSlack

LEADERS = Address(platform=Platform.SLACK, workspace=TEAM, channel="C0LEADERS")
RAE = Address(platform=Platform.SLACK, workspace=TEAM, account="U0RAE")


class Seconds:
    """A clock that moves when somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the present second."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Yield a Slack on loopback."""
    fake = FakeSlack()
    await fake.start()
    yield fake
    await fake.server.close()


@pytest.fixture
def seconds() -> Seconds:
    """Return a clock for queues and memberships."""
    return Seconds()


@pytest.fixture
async def chat(slack: FakeSlack, seconds: Seconds) -> AsyncIterator[SlackChat]:
    """Yield a chat connected to it."""
    web = Web(api_url=f"{slack.origin}/api/", timeout=2)
    web.use(OneWorkspace(web.bare, "xoxb-1"))
    lanes = Lanes(clock=seconds, sleep=seconds.sleep)
    yield SlackChat(web, lanes=lanes, members=Members(web, clock=seconds))
    await web.close()


class TestSlackChat(ChatContract):
    """Slack keeps what every chat promises."""

    channel = LEADERS
    accounts = frozenset({"U0LEE", "U0ASH"})
    person = RAE
    nowhere = Address(platform=Platform.SLACK, workspace=TEAM, channel="C0NOWHERE")

    @pytest.fixture(autouse=True)
    def _slack(self, slack: FakeSlack) -> None:
        self.slack = slack

    async def seen(self, chat: Chat, to: Address) -> list[str]:  # noqa: ARG002 - as the contract wants it
        """Return what the fake Slack holds for that place."""
        channel = to.channel or f"D{to.account}"
        return ["\n".join(reading.texts({"blocks": m["blocks"]})) for m in self.slack.messages[channel]]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("429", Retryable),
        ("drop", Ambiguous),
        ("500", Ambiguous),
        ("internal_error", Ambiguous),
        ("channel_not_found", Permanent),
        ("not_in_channel", Permanent),
        ("is_archived", Permanent),
        ("invalid_blocks", Permanent),
        ("msg_too_long", Permanent),
        ("token_revoked", Permanent),
        ("account_inactive", Permanent),
        ("missing_scope", Permanent),
        ("cannot_dm_bot", Permanent),
    ],
)
async def test_what_a_failed_post_means(
    slack: FakeSlack, chat: SlackChat, failure: str, error: type[PlatformError]
) -> None:
    """Refused, unknown and never: each failure is one of the three, and nothing is sent twice."""
    slack.fail["chat.postMessage"] = [failure]
    with pytest.raises(error):
        await chat.send(RAE, RECEIPT, key="k")
    assert len(slack.asked("chat.postMessage")) == 1


async def test_a_dropped_connection_makes_no_double(slack: FakeSlack, chat: SlackChat) -> None:
    """Accepted, then the connection broke: one look finds it, and it is adopted, not sent again."""
    slack.fail["chat.postMessage"] = ["drop"]
    with pytest.raises(Ambiguous):
        await chat.send(LEADERS, CASE_CARD, key="c1/card")
    found = await chat.find(LEADERS, None, key="c1/card")
    assert found is not None
    assert len(slack.messages["C0LEADERS"]) == 1
    assert len(slack.asked("conversations.history")) == 1


@pytest.mark.parametrize("newer", [14, 15, 20, 210])
@pytest.mark.parametrize("in_thread", [True, False])
async def test_what_arrived_is_found_however_much_stands_there(
    slack: FakeSlack,
    chat: SlackChat,
    newer: int,
    in_thread: bool,  # noqa: FBT001 - a table
) -> None:
    """A page of messages before it, and newer ones after it: it is found, and not sent again."""
    root = await chat.send(LEADERS, CASE_CARD, key="c1/card")
    before = [{"ts": f"{n}.0002", "thread_ts": root.message if in_thread else ""} for n in range(40)]
    slack.messages["C0LEADERS"] += before
    slack.fail["chat.postMessage"] = ["drop"]
    tried = dt.datetime.fromtimestamp(slack.stamp + 1, dt.UTC)
    with pytest.raises(Ambiguous):
        await (chat.reply(root, RECEIPT, key="k") if in_thread else chat.send(LEADERS, RECEIPT, key="k"))
    for _ in range(newer):
        await (chat.reply(root, RECEIPT, key="x") if in_thread else chat.send(LEADERS, RECEIPT, key="x"))
    asked_before = len(slack.calls)
    found = await chat.find(LEADERS, root if in_thread else None, key="k", since=tried)
    assert found is not None
    assert len(slack.calls) - asked_before <= newer // 15 + 4, "what is older is not read"
    assert await chat.find(LEADERS, root if in_thread else None, key="never", since=tried) is None


@pytest.mark.parametrize("reads", ["what arrived", "who is there"])
async def test_a_page_that_leads_back_ends(slack: FakeSlack, chat: SlackChat, reads: str) -> None:
    """Slack gives the same page again and again: it cannot be asked just now, and nothing hangs."""
    await chat.send(LEADERS, CASE_CARD, key="c1/card")
    chat.memberships.forget("C0LEADERS")
    slack.round = "2"
    with pytest.raises(Retryable):
        await (chat.find(LEADERS, None, key="k") if reads == "what arrived" else chat.members(LEADERS))


async def test_a_failed_edit_may_be_repeated(slack: FakeSlack, chat: SlackChat) -> None:
    """An edit whose outcome is unknown says so; repeating it is harmless."""
    posted = await chat.send(LEADERS, CASE_CARD, key="k")
    slack.fail["chat.update"] = ["drop"]
    with pytest.raises(Ambiguous):
        await chat.edit(posted, RECEIPT)
    await chat.edit(posted, RECEIPT)
    assert len(slack.messages["C0LEADERS"]) == 1


async def test_unreachable_is_certainly_not_accepted(chat: SlackChat, slack: FakeSlack) -> None:
    """Where no connection came about, nothing was accepted."""
    await chat.channel(RAE)
    await chat.web.close()  # so that a new connection is needed
    await slack.server.close()
    with pytest.raises(Retryable):
        await chat.send(RAE, RECEIPT, key="k")


async def test_posts_in_one_channel_are_spaced(chat: SlackChat, seconds: Seconds) -> None:
    """One post a second in a channel; another channel does not wait."""
    for n in range(3):
        await chat.send(LEADERS, RECEIPT, key=f"k{n}")
    assert seconds.slept == [1.0, 1.0]
    await chat.send(RAE, RECEIPT, key="other")
    assert seconds.slept == [1.0, 1.0]


async def test_a_busy_channel_keeps_its_order(slack: FakeSlack, chat: SlackChat, seconds: Seconds) -> None:
    """Asked to wait, the whole channel waits: a later post never overtakes the refused one."""
    slack.fail["chat.postMessage"] = ["429"]
    with pytest.raises(Retryable) as refused:
        await chat.send(RAE, RECEIPT, key="first")
    assert refused.value.after == 7.0
    seconds.now += 3
    with pytest.raises(Retryable) as behind:
        await chat.send(RAE, RECEIPT, key="second")
    assert behind.value.after == 7.0, "else it would come due before the first"
    assert len(slack.asked("chat.postMessage")) == 1
    seconds.now += 7
    await chat.send(RAE, RECEIPT, key="first")
    assert len(slack.messages["DU0RAE"]) == 1


UNFIT = [
    {"is_private": False},
    {},
    {"is_private": True, "is_archived": True},
    {"is_private": True, "is_ext_shared": True},
    {"is_private": True, "is_shared": True},
    {"is_private": True, "is_pending_ext_shared": True},
    {"is_private": True, "is_org_shared": True},
]


@pytest.mark.parametrize("facts", UNFIT)
async def test_an_unfit_channel_gets_nothing(
    slack: FakeSlack, chat: SlackChat, facts: dict[str, bool]
) -> None:
    """Public, shared or archived: no case is posted, in no way, and the reason is in plain words."""
    assert unfit(facts)
    root = await chat.send(LEADERS, CASE_CARD, key="before")
    slack.channels["C0LEADERS"] = {"id": "C0LEADERS", **facts}
    chat.memberships.forget("C0LEADERS")
    membership = await chat.members(LEADERS)
    assert not membership.fit
    for attempt in (chat.send(LEADERS, CASE_CARD, key="a"), chat.reply(root, RECEIPT, key="b")):
        with pytest.raises(Permanent) as refused:
            await attempt
        assert refused.value.reference == "slack-channel-unfit"
    assert len(slack.messages["C0LEADERS"]) == 1


async def test_a_channel_without_the_bot_is_unfit(slack: FakeSlack, chat: SlackChat) -> None:
    """A channel that shows us its members but not us among them is no place to post."""
    slack.members["C0LEADERS"] = ["U0LEE"]
    assert not (await chat.members(LEADERS)).fit


async def test_membership_is_a_minute_old_at_most(
    slack: FakeSlack, chat: SlackChat, seconds: Seconds
) -> None:
    """Asked once a minute; a person who left is gone at once when Slack says so."""
    assert "U0ASH" in (await chat.members(LEADERS)).accounts
    slack.members["C0LEADERS"].remove("U0ASH")
    assert "U0ASH" in (await chat.members(LEADERS)).accounts
    seconds.now += 61
    assert "U0ASH" not in (await chat.members(LEADERS)).accounts
    slack.members["C0LEADERS"].remove("U0LEE")
    chat.memberships.forget("C0LEADERS")
    assert "U0LEE" not in (await chat.members(LEADERS)).accounts


async def test_membership_that_cannot_be_asked_is_nobody(slack: FakeSlack, chat: SlackChat) -> None:
    """Without an answer nobody is a member and nothing is remembered."""
    slack.fail["conversations.members"] = ["missing_scope"]
    refused = await chat.members(LEADERS)
    assert (refused.fit, refused.accounts) == (False, frozenset())
    assert (await chat.members(LEADERS)).fit


async def test_metadata_names_nobody(slack: FakeSlack, chat: SlackChat) -> None:
    """Every app in the channel can read metadata: it holds a mark, not the key."""
    await chat.send(LEADERS, CASE_CARD, key="case/3/person-ash")
    sent = slack.asked("chat.postMessage")[0]
    assert sent["metadata"] == {
        "event_type": "report_posting",
        "event_payload": {"key": mark("case/3/person-ash")},
    }
    assert "ash" not in str(sent["metadata"])


async def test_every_post_keeps_to_the_rules(slack: FakeSlack, chat: SlackChat) -> None:
    """A top-level text, no unfurling, no name parsing; a broadcast only where it is asked for."""
    root = await chat.send(LEADERS, CASE_CARD, key="a")
    await chat.reply(root, CARDS["quote"], key="b")
    await chat.reply(root, CARDS["quote"], key="c", broadcast=True)
    first, quiet, loud = slack.asked("chat.postMessage")
    for sent in (first, quiet, loud):
        assert sent["text"]
        assert sent["unfurl_links"] in (False, "0")
        assert sent["unfurl_media"] in (False, "0")
        assert not {"link_names", "parse"} & set(sent)
    assert "reply_broadcast" not in first
    assert quiet["reply_broadcast"] in (False, "0")
    assert loud["reply_broadcast"] in (True, "1")
    assert loud["thread_ts"] == root.message


async def test_one_session_and_one_question(slack: FakeSlack, chat: SlackChat) -> None:
    """Ten posts: one ``auth.test``, one membership question, one session."""
    session = chat.web.session
    for n in range(10):
        await chat.send(LEADERS, RECEIPT, key=f"k{n}")
    assert session is chat.web.session
    assert len(slack.asked("auth.test")) == 1
    assert len(slack.asked("conversations.info")) == 1


@pytest.mark.parametrize("found", [{"id": "U0RAE", "deleted": True}, None])
async def test_a_deactivated_account_is_nobody(
    slack: FakeSlack, chat: SlackChat, found: dict[str, object] | None
) -> None:
    """Slack would take a message for it; whoever asks who reads it is told: nobody."""
    if found is None:
        del slack.users["U0RAE"]
    else:
        slack.users["U0RAE"] = found
    assert (await chat.members(RAE)).accounts == frozenset()


async def test_not_being_told_who_is_there_is_no_answer(slack: FakeSlack, chat: SlackChat) -> None:
    """A refusal that says nothing of the person leaves them there."""
    slack.fail["users.info"] = ["missing_scope"]
    assert (await chat.members(RAE)).accounts == {"U0RAE"}
