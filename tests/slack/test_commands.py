"""Signed requests through the real Bolt app: signatures, commands, shortcuts, settings."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.slack import limits, parse
from adapters.slack.listen import create
from adapters.slack.options import Options
from flows.errors import Permanent
from flows.ui.inbound import Asked, Noted, Receipt, Refuse, Show, Started
from flows.ui.intents import Begin, ChatCommand, encode
from tests.slack import payloads as p
from tests.slack.bench import BOT, CARD, FORM, SIGNING, Bench, Everybody
from tests.slack.records import Records


async def test_a_wrong_signature_is_refused(bench: Bench) -> None:
    """401, and nothing reaches the door."""
    status, _ = await bench.post(urlencode(p.command()), secret=SIGNING[::-1])
    assert status == 401
    assert bench.door.seen == []


async def test_an_old_request_is_refused(bench: Bench) -> None:
    """A request six minutes old is 401: it may have been recorded and played back."""
    status, _ = await bench.post(urlencode(p.command()), age=360)
    assert status == 401
    assert bench.door.seen == []


async def test_a_certificate_check_runs_nothing(bench: Bench) -> None:
    """An unsigned ``ssl_check`` cannot be used to get past the signature.

    https://github.com/slackapi/bolt-python/pull/1495
    """
    body = urlencode({**p.command(), "ssl_check": "1"})
    await bench.client.post(
        "/slack/events", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert bench.door.seen == []


async def test_the_address_is_verified(bench: Bench) -> None:
    """Slack's challenge is answered when the address is entered on the app's page."""
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "x"})
    status, answer = await bench.post(body, kind="application/json")
    assert (status, answer) == (200, {"challenge": "c-1"})


async def test_the_command_opens_the_report(bench: Bench) -> None:
    """``/report-posting``: acknowledged with nothing, and the form opens as a window."""
    assert await bench.command("it says hello") == (200, "")
    (started,) = bench.door.seen
    assert isinstance(started, Started)
    assert (started.words, started.actor.account, started.actor.guest) == ("it says hello", p.RAE, False)
    (opened,) = await bench.slack.until("views.open")
    assert opened["trigger_id"] == "1.1"
    assert opened["view"]["private_metadata"] == encode(FORM.submit)


async def test_a_slow_store_opens_a_window_that_says_so(bench: Bench) -> None:
    """The trigger lives for three seconds: a page that says *one moment* takes it, the form follows."""
    bench.app.hear._first_form_within = 0.01  # noqa: SLF001 - no test waits a second
    bench.door.wait = asyncio.Event()
    asking = asyncio.create_task(bench.command())
    (skeleton,) = await bench.slack.until("views.open")
    assert not asking.done(), "nothing may be acknowledged before it is durable"
    assert "submit" not in skeleton["view"]
    bench.door.wait.set()
    assert (await asking)[0] == 200
    (drawn,) = await bench.slack.until("views.update")
    assert drawn["view_id"] == "V1"
    assert drawn["view"]["private_metadata"] == encode(FORM.submit)


async def test_a_window_that_waited_in_vain_says_so(bench: Bench) -> None:
    """The store fails while *one moment* is on the screen: 500, and the window says that nothing was kept."""
    bench.app.hear._first_form_within = 0.01  # noqa: SLF001 - no test waits a second
    bench.door.wait, bench.door.broken = asyncio.Event(), True
    asking = asyncio.create_task(bench.command())
    await bench.slack.until("views.open")
    bench.door.wait.set()
    assert (await asking)[0] == 500
    (drawn,) = await bench.slack.until("views.update")
    assert "Nothing was kept" in json.dumps(drawn["view"])


async def test_an_expired_trigger_leaves_a_button(bench: Bench) -> None:
    """If Slack's three seconds are over, a direct message holds a button that tries again."""
    bench.slack.fail["views.open"] = ["expired_trigger_id"]
    assert (await bench.command())[0] == 200
    (said,) = await bench.slack.until("chat.postMessage")
    assert said["channel"] == f"D{p.RAE}"
    assert encode(Begin()) in [b["value"] for b in said["blocks"][-1]["elements"]]


async def test_a_used_trigger_leaves_nothing(bench: Bench) -> None:
    """A command delivered twice: its window is open already, so no button is left behind."""
    bench.slack.fail["views.open"] = ["exchanged_trigger_id"]
    assert (await bench.command())[0] == 200
    await bench.app.hear.finish(1)
    assert not bench.slack.asked("chat.postMessage")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("status", ChatCommand.STATUS),
        ("help", ChatCommand.HELP),
        ("cases", ChatCommand.CASES),
        ("digest", ChatCommand.DIGEST),
        ("wording", ChatCommand.WORDING),
        ("figures", ChatCommand.FIGURES),
        ("figures last term", ChatCommand.FIGURES),
    ],
)
async def test_questions_are_answered_in_private(bench: Bench, text: str, command: ChatCommand) -> None:
    """Only the one who asked sees the answer, and no further call to Slack is needed."""
    bench.door.reply = lambda _: Show(CARD)
    status, answer = await bench.command(text)
    assert (status, answer["response_type"]) == (200, "ephemeral")
    assert "None yet." in json.dumps(answer["blocks"])
    (asked,) = bench.door.seen
    assert isinstance(asked, Asked)
    assert asked.command is command
    assert not bench.slack.asked("views.open")


async def test_a_refused_command_says_why(bench: Bench) -> None:
    """A refusal is read where the command was typed."""
    bench.door.reply = lambda _: Refuse("There is no such case.", "Check the reference.")
    _, answer = await bench.command("case HPS-2026-999")
    assert "There is no such case. Check the reference." in json.dumps(answer["blocks"])


async def test_the_shortcuts(bench: Bench) -> None:
    """*Report this posting* starts a report; *Add to the case* keeps a note."""
    await bench.interact(p.shortcut(parse.REPORT_THIS, "see <https://x.example/1>"))
    bench.door.reply = lambda _: Receipt(CARD)
    await bench.interact(p.shortcut(parse.ADD_TO_CASE, "rang home", thread="200.2", trigger="3.3"))
    started, noted = bench.door.seen
    assert isinstance(started, Started)
    assert started.link == "https://x.example/1"
    assert isinstance(noted, Noted)
    assert (noted.channel, noted.thread, noted.text) == (p.CHANNEL, "200.2", "rang home")
    assert len(await bench.slack.until("views.open", 2)) == 2


async def test_a_strange_shortcut_is_acknowledged(bench: Bench) -> None:
    """A shortcut that is none of ours changes nothing."""
    assert (await bench.interact(p.shortcut("other_app", "x")))[0] == 200
    assert bench.door.seen == []


async def test_stop_finishes_what_is_under_way(bench: Bench) -> None:
    """What has begun is shown before the session closes."""
    bench.slack.fail["chat.postMessage"] = []
    await asyncio.gather(*(bench.event(p.said(str(n)), name=f"Ev{n}") for n in range(5)))
    await bench.app.stop()
    assert len(bench.slack.asked("chat.postMessage")) == 5


def test_the_three_seconds_are_kept() -> None:
    """The form may take less than the trigger lives, with room for Slack's own time."""
    assert limits.FORM_WITHIN < limits.ANSWER_WITHIN / 2


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(bot_token=BOT),
        Options(client_id="1", signing_secret=SIGNING),
        Options(bot_token=BOT, app_token=BOT),
    ],
)
def test_missing_settings_are_named(options: Options) -> None:
    """A setting that is missing or in the wrong place refuses to start."""
    with pytest.raises(ValueError, match=r"Slack needs|begins with"):
        options.check()


def test_secrets_do_not_show() -> None:
    """A log that prints the options prints no secret."""
    shown = repr(Options(bot_token=BOT, signing_secret=SIGNING))
    assert SIGNING not in shown
    assert BOT not in shown


async def test_a_refused_token_refuses_to_start(bench: Bench) -> None:
    """A token that Slack refuses is told at the start, not with the first report."""
    options = Options(bot_token=BOT, signing_secret=SIGNING, api_url=bench.app.chat.web.api_url)
    app = create(door=bench.door, directory=Everybody(), store=Records(), options=options)
    bench.slack.fail["auth.test"] = ["invalid_auth"]
    with pytest.raises(Permanent, match="token"):
        await app.start()
    await app.stop()


async def test_a_slack_that_cannot_be_reached_at_the_start_is_asked_again(bench: Bench) -> None:
    """Slack is down while we start: we start, and the first command is answered once it is up."""
    options = Options(bot_token=BOT, signing_secret=SIGNING, api_url=bench.app.chat.web.api_url)
    app = create(door=bench.door, directory=Everybody(), store=Records(), options=options)
    bench.slack.fail["auth.test"] = ["500"] * 9
    site = web.Application()
    app.routes(site)
    await app.start()
    assert "auth.test" in {method for method, _ in bench.slack.calls}, "it was asked"
    bench.slack.fail["auth.test"] = []
    client = TestClient(TestServer(site))
    await client.start_server()
    other = Bench(bench.slack, app, bench.door, client)
    assert (await other.command())[0] == 200
    await bench.slack.until("views.open")
    await client.close()
    await app.stop()


async def test_the_librarys_own_settings_play_no_part(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    """Bolt reads the environment by itself; what we were told counts, and it keeps no files of its own."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "from-elsewhere")
    options = Options(bot_token=BOT, signing_secret=SIGNING, api_url=bench.app.chat.web.api_url)
    app = create(door=bench.door, directory=Everybody(), store=Records(), options=options)
    site = web.Application()
    app.routes(site)
    await app.start()
    client = TestClient(TestServer(site))
    await client.start_server()
    other = Bench(bench.slack, app, bench.door, client)
    assert (await other.command())[0] == 200
    await bench.slack.until("views.open")
    assert {call["_token"] for _, call in bench.slack.calls} == {BOT}
    assert (await client.get("/slack/install")).status == 404
    await app.stop()
    await client.close()
