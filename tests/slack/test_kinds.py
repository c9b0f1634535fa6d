"""Kinds of message and of failure: each is answered, where the person is, and says what to do."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientSession

from adapters.slack import parse
from flows.model import Action
from flows.ui.inbound import Noted, Reworded, Started, Typed, Uploaded
from flows.ui.intents import Act, Begin, encode
from tests.slack import payloads as p
from tests.slack.bench import Bench
from tests.slack.test_guests_and_files import picture
from tests.slack.test_reader import QUOTE, rich

READABLE: dict[str, dict[str, Any]] = {
    "only rich text": rich({"type": "text", "text": "They said it"}),
    "a forward": {"attachments": [{**QUOTE, "text": "They said it"}]},
    "a preview": {"attachments": [{"title": "They said it"}]},
    "in the third person": {"text": "They said it", "subtype": "me_message"},
    "by another app, in their name": {"text": "They said it", "bot_id": "B0TOOL", "app_id": "A0TOOL"},
    "to the channel, from a thread": {"text": "They said it", "subtype": "thread_broadcast"},
    "of a kind that is new": {"text": "They said it", "subtype": "hologram"},
}


@pytest.mark.parametrize("kind", READABLE)
async def test_every_message_is_read(bench: Bench, kind: str) -> None:
    """What a person writes in their own chat is read, whatever shape Slack gives it."""
    await bench.event({**p.said(""), **READABLE[kind]})
    (typed,) = bench.door.seen
    assert isinstance(typed, Typed)
    assert "They said it" in typed.text
    await bench.slack.until("chat.postMessage")


UNREADABLE: dict[str, dict[str, Any]] = {
    "a huddle": {"subtype": "huddle_thread", "room": {"id": "R1"}},
    "a call": {"blocks": [{"type": "call", "call_id": "R1"}]},
    "nothing": {},
    "blanks": {"text": "  \n"},
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_what_cannot_be_read_is_said(bench: Bench, kind: str) -> None:
    """Silence would look as if it were kept: it is said that it was not, and what to do."""
    await bench.event({**p.said(""), **UNREADABLE[kind]})
    (said,) = await bench.slack.until("chat.postMessage")
    assert "can't read that kind of message" in json.dumps(said["blocks"])
    assert bench.door.seen == []


@pytest.mark.parametrize("subtype", ["channel_join", "im_open", "pinned_item", "message_replied", "bot_add"])
async def test_a_notice_is_nobodys_words(bench: Bench, subtype: str) -> None:
    """What Slack says of the conversation itself is not answered."""
    await bench.event(p.said("x", subtype=subtype))
    await bench.app.hear.finish(1)
    assert bench.door.seen == []
    assert not bench.slack.asked("chat.postMessage")


async def test_names_are_looked_up_once_when_words_are_taken_in(bench: Bench) -> None:
    """An id in the words is a name by the time it is kept."""
    bench.slack.users["U0JO"] = {"id": "U0JO", "profile": {"display_name": "Jo Example"}}
    bench.slack.channels["C0GENERAL"] = {"id": "C0GENERAL", "name": "general"}
    for n in range(2):
        await bench.event(p.said("<@U0JO> was called a thief in <#C0GENERAL|>", ts=f"4.{n}"))
    first, _ = bench.door.seen
    assert isinstance(first, Typed)
    assert first.text == "@Jo Example was called a thief in #general"
    assert [a["user"] for a in bench.slack.asked("users.info")].count("U0JO") == 1


LINKS = (
    "see <https://x.example/1>",
    "see <https://x.example/1|this>",
    "He is so <http://rude.My|rude.My> son",
)


@pytest.mark.parametrize("raw", LINKS)
def test_one_input_one_path(raw: str) -> None:
    """The same words, by command, in a chat or on a message: the same words and the same link."""
    command = parse.command(p.command(raw))
    chat = parse.typed(p.event(p.said(raw)))
    message = parse.shortcut(p.shortcut(parse.REPORT_THIS, raw))
    assert isinstance(command, Started)
    assert isinstance(message, Started)
    assert isinstance(chat, Typed)
    assert (command.words, command.link) == (chat.text, chat.link)
    assert command.words == message.words
    assert message.link == command.link or "slack.com/archives" in message.link


@pytest.mark.feature("evidence-kept")
async def test_evidence_on_a_message_goes_into_the_report(bench: Bench) -> None:
    """Quoted words, who wrote them and the picture come along with *Report this posting*."""
    bench.slack.files["shot.png"] = b"x"
    bench.slack.users["U0OTHER"] = {"id": "U0OTHER", "real_name": "Alex Example"}
    body = p.shortcut(parse.REPORT_THIS, "")
    body["message"] |= {"attachments": [{**QUOTE, "text": "awful"}], "files": [picture(bench)]}
    await bench.interact(body)
    await bench.app.hear.finish(2)
    started, uploaded = bench.door.seen
    assert isinstance(started, Started)
    for words in ("Sam Example wrote:\nawful", "Written in Slack by Alex Example.", "shot.png"):
        assert words in started.words
    assert isinstance(uploaded, Uploaded)
    assert [file.name for file in uploaded.files] == ["shot.png"]


async def test_a_note_from_a_message_with_only_a_picture_says_so(bench: Bench) -> None:
    """A note cannot hold a picture: it says that there was one."""
    body = p.shortcut(parse.ADD_TO_CASE, "")
    body["message"]["files"] = [picture(bench)]
    await bench.interact(body)
    (noted,) = bench.door.seen
    assert isinstance(noted, Noted)
    assert "shot.png" in noted.text


# -- where the person is ---------------------------------------------------------------------------------


async def test_the_answer_goes_where_the_person_is(bench: Bench) -> None:
    """Words in a thread are answered in that thread; words beside it, beside it."""
    await bench.event(p.said("yes", thread_ts="300.3"))
    await bench.slack.until("chat.postMessage")
    await bench.event(p.said("no", ts="400.5"))
    in_thread, beside = await bench.slack.until("chat.postMessage", 2)
    assert in_thread["thread_ts"] == "300.3"
    assert "thread_ts" not in beside


# -- changes ---------------------------------------------------------------------------------------------


def changed(was: p.Json, now: p.Json, kind: str = "message_changed") -> p.Json:
    """Return the event that says that a message is another now."""
    return {
        "type": "message",
        "subtype": kind,
        "channel": p.DIRECT,
        "channel_type": "im",
        "ts": "500.1",
        "previous_message": was,
        "message": now,
    }


WAS = {"user": p.RAE, "text": "Mr Smith", "ts": "400.4"}
EDITED = {**WAS, "text": "Mr Jones", "edited": {"user": p.RAE, "ts": "401.0"}}
CHANGES: dict[str, tuple[p.Json, str]] = {
    "changed": (changed(WAS, EDITED), "Mr Jones"),
    "deleted": (changed(WAS, {}, "message_deleted"), ""),
    "deleted, with answers below": (
        changed(WAS, {"user": "USLACKBOT", "subtype": "tombstone", "text": "This message was deleted."}),
        "",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_of_ones_own_words_is_answered(bench: Bench, name: str) -> None:
    """Somebody corrects or takes back what they wrote: the core hears both, once, and the person too."""
    inner, after = CHANGES[name]
    for event_id in ("Ev1", "Ev2"):
        await bench.event(inner, name=event_id)
    (reworded,) = bench.door.seen
    assert isinstance(reworded, Reworded)
    assert (reworded.before, reworded.after) == ("Mr Smith", after)
    assert reworded.actor.account == p.RAE
    await bench.slack.until("chat.postMessage")


@pytest.mark.parametrize(
    "inner",
    [
        changed(WAS, {**WAS, "attachments": [{"title": "a preview"}]}),
        changed({**WAS, "user": "U0BOT", "bot_id": "B0BOT"}, {**EDITED, "user": "U0BOT", "bot_id": "B0BOT"}),
        changed(WAS, {**EDITED, "text": "Mr Smith"}),
        {**changed(WAS, EDITED), "channel": "C0GENERAL", "channel_type": "channel"},
        changed({}, {}),
    ],
)
async def test_what_is_no_change_of_words_is_not_answered(bench: Bench, inner: p.Json) -> None:
    """Previews, our own edits, other channels: nothing was said."""
    await bench.event(inner)
    assert bench.door.seen == []


# -- Slack does not let us ---------------------------------------------------------------------------------


async def test_the_acknowledgement_needs_no_token(bench: Bench) -> None:
    """The token is dead: the command's own answer says that the form cannot open, and whom to ring."""
    bench.slack.fail["views.open"] = ["invalid_auth"]
    bench.slack.fail["conversations.open"] = ["invalid_auth"]
    status, said = await bench.command()
    assert status == 200
    assert "ring the Headteacher" in json.dumps(said)


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive", "internal_error"])
async def test_after_the_app_was_removed_nothing_breaks(bench: Bench, error: str) -> None:
    """Uninstalled, and still spoken to: a command says whom to ring, everything else is acknowledged."""
    bench.slack.fail["auth.test"] = [error] * 20
    bench.slack.fail["users.info"] = [error] * 20
    for kind in ("app_uninstalled", "tokens_revoked"):
        inner = {"type": kind, "tokens": {"bot": ["U0BOT"]}}
        assert (await bench.event(inner, name=kind))[0] == 200
    assert (await bench.event(p.said("hello")))[0] == 200
    status, said = await bench.command()
    assert status == 200
    assert "999" in json.dumps(said)
    act = {"action_id": "press:0", "value": encode(Begin())}
    assert (await bench.interact(p.press(act)))[0] == 200


async def test_try_again_repeats_what_was_pressed(bench: Bench) -> None:
    """The window came too late: the button that is left does what the first one did."""
    note = Act("C1", Action.NOTE, 2)
    bench.slack.fail["views.open"] = ["expired_trigger_id"]
    await bench.interact(p.press({"action_id": "press:0", "value": encode(note)}))
    (left,) = await bench.slack.until("chat.postMessage")
    assert encode(note) in [e.get("value") for b in left["blocks"] for e in b.get("elements", ())]


# -- files -----------------------------------------------------------------------------------------------


async def test_one_bad_file_takes_no_good_one_along(bench: Bench) -> None:
    """Nine pictures and one that is gone: nine are handed on, and the one is named with the reason."""
    for n in range(9):
        bench.slack.files[f"{n}.png"] = b"x"
    names = [*(f"{n}.png" for n in range(9)), "gone.png"]
    await bench.event(p.said("", subtype="file_share", files=[picture(bench, name) for name in names]))
    await bench.app.hear.finish(2)
    (uploaded,) = bench.door.seen
    assert isinstance(uploaded, Uploaded)
    assert len(uploaded.files) == 9
    assert [one.name for one in uploaded.lost] == ["gone.png"]
    assert "did not give us the file" in uploaded.lost[0].why


# -- requests that nobody can read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "stamp", "wanted"),
    [
        (b"[" * 100_000, "application/json", "1", 400),
        (b'{"a":' * 50_000, "application/json", "1", 400),
        (b"payload=" + b"[" * 100_000, "application/x-www-form-urlencoded", "1", 400),
        (b"\xff\xfe", "application/json", "1", 400),
        (b"{not json", "application/json", "1", 400),
        (b"{}", "application/json", "yesterday", 401),
        (b"{}", "application/json", "1.5", 401),
        (b"{}", "application/json", "-1", 401),
        (b"{}", "application/json", "", 401),
        (b"{}", "application/json", "\u0661", 401),
        (b"{}", "application/json", "9" * 5_000, 401),
        *(
            (b"{}", f"application/json; charset={name}", "1", 400)
            for name in ("nonsense", "rot13", "undefined")
        ),
        *(
            (content, "application/json", "1", 400)
            for content in (b"[]", b"null", b"5", b'"x"', b"[" + b"9" * 5_000)
        ),
        *(
            (b"payload=" + content, "application/x-www-form-urlencoded", "1", 400)
            for content in (b"[]", b"null", b"5")
        ),
        *(
            (content, "application/json", "1", 400)
            for content in (b'{"event": "x"}', b'{"event": []}', b'{"team_id": ["T1"]}', b'{"type": {}}')
        ),
    ],
)
async def test_what_cannot_be_read_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture, *, content: bytes, kind: str, stamp: str, wanted: int
) -> None:
    """Too deep, no UTF-8, no JSON, no moment: refused, and no more of it in the log than a count."""
    headers = {"Content-Type": kind, "X-Slack-Signature": "v0=x", "X-Slack-Request-Timestamp": stamp}
    answer = await bench.client.post("/slack/events", data=content, headers=headers)
    assert answer.status == wanted
    assert bench.door.seen == []
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "deflate"},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Signature": ""},
    ],
)
async def test_a_head_that_lies_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    """Words said to be packed that are not, a signature that is none: refused, and no fault of ours.

    The library writes a line of its own; what a log makes of it is a test of the log's.
    """
    sent = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": "1"} | headers
    async with ClientSession(auto_decompress=False) as bare:
        url = bench.client.make_url("/slack/events")
        async with bare.post(url, data=b"{}", headers=sent, compress=None) as answer:
            assert 400 <= answer.status < 500
    assert bench.door.seen == []
    ours = [record for record in caplog.records if record.name != "aiohttp.server"]
    assert not [record for record in ours if record.exc_info]


async def test_words_said_before_the_answer_was_shown_are_marked(bench: Bench) -> None:
    """Three messages in a row, before anything could be shown: only the first answers what was asked."""
    bench.door.wait = asyncio.Event()
    bodies = [p.event(p.said("no", ts=f"400.{n}")) for n in range(3)]
    three = [asyncio.create_task(bench.app.hear.message(body)) for body in bodies]
    await bench.door.until(1)
    bench.door.wait.set()
    await asyncio.gather(*three)
    await bench.app.hear.finish(2)
    for stamp in ("400.9", "400.5"):
        await bench.event(p.said("no", ts=stamp), name=stamp)
        await bench.app.hear.finish(2)
    marks = [one.early for one in bench.door.seen if isinstance(one, Typed)]
    assert marks == [False, True, True, False, True], "the last one is older than what was read already"
