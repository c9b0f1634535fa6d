"""Tokens: asked once, kept in our store, rotated in the background, forgotten when the app is removed."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestClient, TestServer
from slack_sdk.oauth.installation_store.models.installation import Installation

from adapters.slack.client import Web
from adapters.slack.installs import MOST_STATES, Installations, OneWorkspace, States
from adapters.slack.listen import create
from adapters.slack.options import Options
from adapters.slack.send import SlackChat
from flows.errors import Permanent, PlatformError, SettingsError
from flows.ports import Address
from flows.school import Platform, School, SchoolId
from storage.memory import MemoryStore
from tests.adapters.samples import RECEIPT
from tests.slack import payloads as p
from tests.slack.bench import BOT, SIGNING, Bench, Door, Everybody
from tests.slack.fake_api import TEAM, FakeSlack
from tests.slack.records import Records

REFRESH, NEW = "r1", "xoxe-new"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Yield a Slack on loopback."""
    fake = FakeSlack()
    await fake.start()
    yield fake
    await fake.server.close()


@pytest.fixture
async def web(slack: FakeSlack) -> AsyncIterator[Web]:
    """Yield the way to it."""
    way = Web(api_url=f"{slack.origin}/api/", timeout=2)
    assert way.session
    yield way
    await way.close()


def installed(team: str = "T0SECOND", **rest: Any) -> Installation:
    """Return an installation of a workspace."""
    named = {"user_id": "U0ADMIN", "team_id": team, "bot_token": f"xoxb-{team}", "bot_id": "B1", **rest}
    return Installation(**named)


def installations(web: Web, store: Records | None = None) -> Installations:
    """Return our installation store."""
    return Installations(store or Records(), web.bare, client_id="1.2", client_secret=SIGNING)


async def test_one_workspace_is_asked_once(slack: FakeSlack, web: Web) -> None:
    """The token's workspace is found out once; another workspace gets nothing."""
    tokens = OneWorkspace(web.bare, "xoxb-1")
    assert await tokens.grant("") == await tokens.grant(TEAM)
    assert await tokens.grant("T0OTHER") is None
    assert len(slack.asked("auth.test")) == 1
    await tokens.forget(TEAM)
    await tokens.grant(TEAM)
    assert len(slack.asked("auth.test")) == 2


async def test_a_refused_token_is_an_error(slack: FakeSlack, web: Web) -> None:
    """A token that Slack refuses is named as such, with what to do."""
    slack.fail["auth.test"] = ["invalid_auth"]
    with pytest.raises(Permanent) as refused:
        await OneWorkspace(web.bare, "xoxb-1").grant(TEAM)
    assert (refused.value.reference, bool(refused.value.hint)) == ("slack-invalid-auth", True)


async def test_installations_are_kept_by_workspace(slack: FakeSlack, web: Web) -> None:
    """Each workspace has its own token; one nobody installed has none; none asks Slack."""
    store = Records()
    installs = installations(web, store)
    await installs.async_save(installed())
    await installs.async_save(installed("T0THIRD", enterprise_id="E1"))
    again = installations(web, store)
    for team, enterprise in (("T0SECOND", ""), ("T0THIRD", "E1"), ("T0THIRD", "")):
        grant = await again.grant(team, enterprise)
        assert grant is not None
        assert grant.token == f"xoxb-{team}"
    assert await again.grant("T0NOBODY") is None
    assert slack.calls == []


async def test_an_organisation_installs_once(web: Web) -> None:
    """An organisation-wide installation serves every workspace of the organisation, and no other."""
    installs = installations(web)
    await installs.async_save(installed("", enterprise_id="E1", is_enterprise_install=True, bot_token=BOT))
    grant = await installs.grant("T0ANY", "E1")
    assert grant is not None
    assert grant.token == BOT
    assert await installs.grant("T0ANY", "E2") is None


async def test_tokens_rotate_without_a_request(slack: FakeSlack, web: Web) -> None:
    """A token near its end is replaced once, kept before it is used, also for background work."""
    store = Records()
    installs = installations(web, store)
    soon = int(time.time()) + 60
    await installs.async_save(installed(TEAM, bot_refresh_token=REFRESH, bot_token_expires_at=soon))
    web.use(installs)
    to = Address(platform=Platform.SLACK, workspace=TEAM, account="U0RAE")
    chat = SlackChat(web)
    await chat.send(to, RECEIPT, key="digest")
    (rotated,) = slack.asked("oauth.v2.access")
    assert (rotated["grant_type"], rotated["refresh_token"]) == ("refresh_token", REFRESH)
    assert slack.asked("chat.postMessage")[0]["_token"] == NEW
    (kept,) = (json.loads(content) for content in store.kept.values())
    assert (kept["bot_token"], kept["bot_refresh_token"]) == (NEW, "r2")


async def test_a_refused_rotation_says_so(slack: FakeSlack, web: Web) -> None:
    """A refresh token that Slack refuses needs a person."""
    installs = installations(web)
    await installs.async_save(installed(TEAM, bot_refresh_token=REFRESH, bot_token_expires_at=1))
    slack.fail["oauth.v2.access"] = ["invalid_refresh_token"]
    with pytest.raises(Permanent, match="renew"):
        await installs.grant(TEAM)


class Behind(Records):
    """Finds once what another process has replaced since."""

    old: bytes | None = None

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return a record."""
        content, self.old = self.old, None
        return content if content is not None else await super().record(platform, key)


async def test_who_comes_second_with_a_token_takes_the_firsts(slack: FakeSlack, web: Web) -> None:
    """A key to a new token opens once: whichever process is too late finds the new one where it is kept."""
    store = Behind()
    first, second = installations(web, store), installations(web, store)
    await first.async_save(installed(TEAM, bot_refresh_token=REFRESH, bot_token_expires_at=1))
    (before,) = store.kept.values()
    assert await first.grant(TEAM) is not None
    store.old = before
    slack.fail["oauth.v2.access"] = ["invalid_refresh_token"]
    grant = await second.grant(TEAM)
    assert grant is not None
    assert grant.token == NEW


async def test_states_are_used_once_and_not_for_long() -> None:
    """A state works once, for ten minutes; nobody else's works; old ones are cleared away."""
    now = 1000.0
    store = Records()
    states = States(store, clock=lambda: now)
    state = await states.async_issue()
    assert await states.async_consume("made-up") is False
    assert await states.async_consume(state) is True
    assert await states.async_consume(state) is False
    late = await states.async_issue()
    now += 601
    assert await states.async_consume(late) is False
    await states.async_issue()
    now += 601
    await states.async_issue()
    assert len(store.kept) == 1


@pytest.fixture
async def many(slack: FakeSlack) -> AsyncIterator[tuple[Bench, Records]]:
    """Yield a Slack side for many workspaces."""
    store, door = Records(), Door()
    options = Options(
        client_id="1.2",
        client_secret=SIGNING,
        signing_secret=SIGNING,
        api_url=f"{slack.origin}/api/",
        base_url="https://bot.school.example",
    )
    app = create(door=door, directory=Everybody(), store=store, options=options)
    site = http.Application()
    app.routes(site)
    await app.start()
    client = TestClient(TestServer(site))
    await client.start_server()
    yield Bench(slack, app, door, client), store
    await app.stop()
    await client.close()


async def test_a_second_workspace_is_installed(many: tuple[Bench, Records]) -> None:
    """Install page, consent, code, token: kept in our store, and the next request is served."""
    bench, store = many
    page = await bench.client.get("/slack/install")
    found = re.search(r'href="([^"]*authorize[^"]*)"', await page.text())
    assert found is not None
    assert "scope=commands" in found[1]
    state = re.search(r"state=([\w-]+)", found[1])
    assert state is not None
    cookie = page.headers["Set-Cookie"].split(";")[0]
    assert "Secure" in page.headers["Set-Cookie"]
    there = f"/slack/oauth_redirect?code=c1&state={state[1]}"
    assert (await bench.client.get(there)).status == 400, "another browser"
    done = await bench.client.get(there, headers={"Cookie": cookie})
    assert done.status == 200
    assert await store.records(Platform.SLACK, "install") == ["install//T0SECOND"]
    assert (await bench.client.get(there, headers={"Cookie": cookie})).status == 401, "a state works once"
    await bench.event({**p.said("hello"), "user": p.RAE}, team="T0SECOND")
    assert bench.door.seen[0].actor.workspace == "T0SECOND"


@pytest.mark.parametrize(
    ("inner", "gone"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"], "oauth": []}}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U0RAE"]}}, False),
    ],
)
async def test_a_removed_app_is_forgotten(many: tuple[Bench, Records], inner: p.Json, gone: bool) -> None:  # noqa: FBT001 - a table
    """Removed from a workspace: its token is gone from the store and from memory."""
    bench, store = many
    installs = bench.app.chat.web.tokens
    assert isinstance(installs, Installations)
    await installs.async_save(installed(TEAM))
    assert await installs.grant(TEAM)
    assert (await bench.event(inner))[0] == 200
    assert (await installs.grant(TEAM) is None) is gone
    assert (store.kept == {}) is gone


async def test_no_token_is_an_error_of_its_own(slack: FakeSlack, web: Web) -> None:
    """A workspace without the app cannot be written to, and the error says what to do."""
    web.use(installations(web))
    to = Address(platform=Platform.SLACK, workspace="T0NOBODY", account="U0RAE")
    with pytest.raises(PlatformError) as refused:
        await SlackChat(web).send(to, RECEIPT, key="k")
    assert refused.value.reference == "slack-not-installed"
    assert slack.calls == []


async def test_asking_for_the_install_page_again_and_again_grows_nothing() -> None:
    """Anybody may ask: one record of bounded length, and the newest still works."""
    store = Records()
    states = States(store, clock=lambda: 1000.0)
    for _ in range(MOST_STATES + 50):
        state = await states.async_issue()
    assert len(store.kept) == 1
    (content,) = store.kept.values()
    assert len(json.loads(content)) == MOST_STATES
    assert await states.async_consume(state) is True


def several_schools(workspace: str) -> Any:
    """Return a directory of one school, with or without its workspace."""
    school = School(
        id=SchoolId("HPS"),
        name="Hypothetical",
        prefix="HPS",
        people={},
        seats={},
        workspaces={Platform.SLACK: workspace} if workspace else {},
    )
    return type("Schools", (Everybody,), {"schools": {school.id: school}})()


@pytest.mark.parametrize(("installs", "workspace", "refused"), [(1, "", 0), (2, "", 1), (2, TEAM, 0)])
async def test_a_school_says_which_workspace_is_its_own(
    slack: FakeSlack, installs: int, workspace: str, refused: int
) -> None:
    """In several workspaces, a school without one would take in people of all of them: not started."""
    store = Records()
    for n in range(installs):
        await store.put_record(Platform.SLACK, f"install//T{n}", b"{}")
    options = Options(
        client_id="1.2", client_secret=SIGNING, signing_secret=SIGNING, api_url=f"{slack.origin}/api/"
    )
    app = create(door=Door(), directory=several_schools(workspace), store=store, options=options)
    if refused:
        with pytest.raises(SettingsError, match="which is its own"):
            await app.start()
    else:
        await app.start()
    await app.stop()


async def test_an_installation_is_told_of(slack: FakeSlack) -> None:
    """Put right by a new installation, or by a renewed token: what waits is tried then, not a while later."""
    options = Options(
        signing_secret=SIGNING, client_id="1.2", client_secret=SIGNING, api_url=f"{slack.origin}/api/"
    )
    app = create(door=Door(), directory=Everybody(), store=Records(), options=options)
    added: list[str] = []
    app.chat.added = added.append
    tokens = app.chat.web.tokens
    assert isinstance(tokens, Installations)
    await tokens.async_save(installed())
    assert added == [""]
    await app.chat.web.close()


async def test_what_still_comes_from_where_the_app_was_removed(
    many: tuple[Bench, Records], caplog: pytest.LogCaptureFixture
) -> None:
    """Each kind of request is answered 200, with nothing kept and nothing logged as a fault of ours."""
    bench, store = many
    for inner in (
        p.said("hello"),
        {"type": "app_home_opened", "user": p.RAE, "tab": "home", "channel": "D1"},
    ):
        assert await bench.event(inner) == (200, "")
    status, window = await bench.interact(p.submission("{}"))
    assert (status, window["response_action"]) == (200, "push"), "what was typed stays below, and is not sent"
    for payload in (p.closed("{}"), p.shortcut("report_this", "Invented.")):
        assert await bench.interact(payload) == (200, "")
    assert await bench.command("report") == (200, "")
    assert (bench.door.seen, store.kept) == ([], {})
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


class Apart(MemoryStore):
    """One that others change between a read and what follows on it."""

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return what is there, and let the others go on."""
        found = await super().record(platform, key)
        await asyncio.sleep(0)
        return found


async def test_states_of_two_processes_are_all_there_and_each_counts_once() -> None:
    """Installs begun in one moment in two of them; and one that comes back to both at once."""
    store = Apart()
    first, second = States(store, clock=lambda: 1000.0), States(store, clock=lambda: 1000.0)
    begun = await asyncio.gather(*(states.async_issue() for states in (first, second) * 5))
    for state in begun:
        came = await asyncio.gather(first.async_consume(state), second.async_consume(state))
        assert sorted(came) == [False, True]
