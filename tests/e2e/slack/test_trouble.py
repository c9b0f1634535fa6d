"""What goes wrong on the way to Slack, done to us on purpose: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import aiohttp
import pytest

from adapters.slack.installs import Installations
from adapters.slack.manifest import SCOPES
from adapters.slack.rate_limit import Lanes
from flows.school import PersonId
from tests.e2e.slack.reporting import SCHOOL_ABUSED, page, report
from tests.e2e.slack.screen import BOT_TOKEN, Screen
from tests.e2e.slack.workspace import Workspace, workspace
from tests.slack.reading import texts

#: the head of a picture
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"


async def test_a_connection_that_breaks_after_acceptance(place: Workspace) -> None:
    """Accepted, then the connection breaks: looked up once and adopted, in channel and direct message."""
    place.front.drop = ["chat.postMessage"] * 4
    await report(place.brook, SCHOOL_ABUSED)
    for _ in range(6):
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=3))
    assert place.front.drop == []
    assert await place.root()
    assert not await _doubled(place)
    assert place.front.asked("conversations.history")


async def _doubled(place: Workspace) -> bool:
    """Return whether any message with a key of ours stands anywhere twice."""
    found: list[str] = []
    for person in (place.ash, place.brook, place.cam):
        for channel in (await person.open(), place.channel if person is place.ash else await person.open()):
            said = {m["ts"]: m for m in await person.messages(channel) if m.get("metadata")}
            found += {f"{ts} {m['metadata']['event_payload']['key']}" for ts, m in said.items()}
    keys = [entry.split()[1] for entry in set(found)]
    return len(keys) != len(set(keys))


async def test_the_same_with_sending_again_blindly_would_double(place: Workspace) -> None:
    """The seeded mistake: a repeat without looking makes two cards. So the test above can fail."""
    place.app.chat.can_look_up = False
    place.front.drop = ["chat.postMessage"]
    await report(place.brook, SCHOOL_ABUSED)
    for _ in range(4):
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=3))
    assert await _doubled(place)


async def _burst(place: Workspace) -> None:
    for n in range(6):
        await report((place.brook, place.jo)[n % 2], SCHOOL_ABUSED)


async def _order(place: Workspace) -> list[str]:
    cards = [m for m in await place.ash.messages(place.channel) if m.get("blocks")]
    found = [re.search(r"HPS-2026-\d+", "\n".join(texts(m["blocks"]))) for m in cards]
    return [m[0] for m in found if m]


async def test_a_refused_burst_keeps_its_order(place: Workspace) -> None:
    """Six reports at once, and Slack says *wait* three times: all arrive, in order, none twice."""
    await _burst(place)
    place.front.refuse = 3
    for _ in range(5):
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=2))
        await asyncio.sleep(1.01)  # Retry-After is one second, by the real clock
    assert place.front.refused == 3
    assert await _order(place) == [f"HPS-2026-{n:03d}" for n in range(1, 7)]


async def test_a_burst_is_spaced_so_that_it_is_not_refused(place: Workspace) -> None:
    """Where one post is allowed in so long, ours come no faster: none is refused."""
    place.app.chat.lanes = Lanes(spacing=0.22)
    place.front.spacing = 0.2
    await _burst(place)
    await place.settle()
    assert place.front.refused == 0
    assert await _order(place) == [f"HPS-2026-{n:03d}" for n in range(1, 7)]


async def test_an_expired_trigger_is_made_good(place: Workspace) -> None:
    """Slack's three seconds are over before we can open the window: a button in the direct message does."""
    trigger = await place.brook.trigger()
    await asyncio.sleep(3.1)  # the counterpart's own clock
    await place.brook.command(trigger=trigger)
    await place.app.hear.finish(5)
    channel = await place.brook.open()
    (left,) = [m for m in await place.brook.messages(channel) if m.get("blocks")]
    await place.brook.press(left, "Try again", channel=channel)
    await place.front.until(lambda: place.brook.has_window)
    assert "danger right now" in place.brook.reads_window()


async def test_a_channel_that_became_unfit(place: Workspace) -> None:
    """Archived before the post: no card there; the seats are told by direct message all the same."""
    await place.front.as_person("xoxp-ash", "conversations.archive", channel=place.channel)
    await report(place.brook, SCHOOL_ABUSED)
    for _ in range(3):
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=3))
    assert "You lead this case" in await place.ash.reads(await place.ash.open())
    assert not [a for a in place.front.asked("chat.postMessage") if a["channel"] == place.channel]


async def test_somebody_kept_out_is_in_the_channel(place: Workspace) -> None:
    """The Headteacher wrote it and sits in the leadership channel: nothing is posted there."""
    await report(place.brook, {**SCHOOL_ABUSED, "poster": ("headteacher",)})
    await place.settle()
    assert not [m for m in await place.ash.messages(place.channel) if m.get("blocks")]
    assert "HPS-2026-001" not in await place.ash.reads(await place.ash.open())
    assert "HPS-2026-001" in await place.ellis.reads(await place.ellis.open())
    refused = await place.ash.command("case HPS-2026-001")
    unknown = await place.ash.command("case HPS-2026-999")
    assert str(refused).replace("001", "999") == str(unknown)


async def test_a_button_outlives_membership(place: Workspace) -> None:
    """Somebody sent out of the channel presses an old card's button: refused, whatever the card says."""
    await report(place.brook, SCHOOL_ABUSED)
    await place.settle()
    root = await place.root()
    await place.front.as_person(
        "xoxp-ash", "conversations.kick", channel=place.channel, user=place.bryn.account
    )
    for outsider in (place.bryn, place.jo, place.brook):
        outsider.windows.clear()
        await outsider.press(root, "Open the record", channel=place.channel)
        await place.app.hear.finish(5)
        assert "ashamed" not in outsider.reads_window()


async def _hand_in(place: Workspace, person: Screen, name: str = "shot.png") -> None:
    """Drop a picture into the direct message, as Slack's own client does."""
    front, token = place.front, person.token
    begun = await front.as_person(token, "files.getUploadURLExternal", filename=name, length=len(PICTURE))
    async with aiohttp.ClientSession() as session, session.post(begun["upload_url"], data=PICTURE) as answer:
        assert answer.status == 200
    await front.as_person(
        token,
        "files.completeUploadExternal",
        files=[{"id": begun["file_id"], "title": name}],
        channel_id=await person.open(),
    )


async def test_a_picture_is_kept(place: Workspace) -> None:
    """Dropped into the direct message: fetched, kept by us, and named in the leader's record."""
    brook = place.brook
    await brook.command()
    await place.front.until(lambda: brook.has_window)
    await brook.submit({"immediate_danger": "no"})
    await _hand_in(place, brook)
    await place.front.until(lambda: place.front.asked("chat.postMessage"))
    await place.app.hear.finish(5)
    for _ in range(15):
        if "submit" not in brook.window:
            break
        answer = await brook.submit(page(brook.window, SCHOOL_ABUSED))
        assert answer.get("response_action") == "update", answer
    await place.settle()
    place.ash.windows.clear()
    await place.ash.press(await place.root(), "Open the record", channel=place.channel)
    await place.app.hear.finish(5)
    assert "shot.png" in place.ash.reads_window()


#: the scopes that the emulator checks; the others are pinned by tests/slack/test_manifest.py
CHECKED = (
    "chat:write",
    "im:write",
    "im:history",
    "groups:read",
    "groups:history",
    "users:read",
    "files:read",
)


async def _everything_once(place: Workspace) -> None:
    """Use every permission once, and assert that each came through."""
    place.front.drop = ["chat.postMessage"] * 5  # so that channel and direct message are looked up
    await place.brook.command()
    await place.front.until(lambda: place.brook.has_window, within=3)
    await place.brook.submit({"immediate_danger": "no"})
    await _hand_in(place, place.brook)
    await place.app.hear.finish(5)
    await report(place.jo, SCHOOL_ABUSED)
    for _ in range(5):
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=3))
    refused = [
        (name, answer) for name, _, answer in place.front.calls if answer.get("error") == "missing_scope"
    ]
    assert refused == []
    draft = await place.store.draft_of(place.school.id, PersonId("brook"))
    assert draft is not None
    assert [file.name for file in draft.files] == ["shot.png"]
    await place.root()
    assert "You lead this case" in await place.ash.reads(await place.ash.open())
    assert place.front.asked("conversations.history")


async def test_the_manifests_scopes_suffice(place: Workspace) -> None:
    """With exactly the permissions of the manifest, everything works."""
    await _everything_once(place)


@pytest.mark.parametrize("scope", CHECKED)
async def test_each_scope_is_needed(tmp_path: Path, scope: str) -> None:
    """Without any one of them something fails."""
    assert scope in SCOPES
    async with workspace(tmp_path, scopes=[s for s in SCOPES if s != scope]) as place:
        with pytest.raises((AssertionError, TimeoutError)):
            await _everything_once(place)


async def test_a_second_workspace_is_installed(tmp_path: Path) -> None:
    """Install page, the counterpart's consent page, code, token: the new workspace is served with it."""
    async with workspace(tmp_path, oauth=True) as place:
        assert isinstance(place.app.chat.web.tokens, Installations)
        base = place.url
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
            async with browser.get(f"{base}/slack/install") as install:
                link = re.search(r'href="([^"]*authorize[^"]*)"', await install.text())
                cookie = install.headers["Set-Cookie"].split(";")[0]
            assert link is not None
            async with browser.get(link[1].replace("&amp;", "&")) as consent:
                shown = await consent.text()
            assert "Report a posting" in shown
            hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown))
            hidden = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
            there = f"{place.front.upstream}/oauth/v2/authorize/callback"
            async with browser.post(there, data=hidden, allow_redirects=False) as agreed:
                back = agreed.headers["Location"]
            async with browser.get(back, headers={"Cookie": cookie}) as done:
                assert done.status == 200
        await report(place.brook, SCHOOL_ABUSED)
        await place.settle()
        await place.root()
        tokens = {token for token in place.front.tokens if token.startswith("xoxb-")}
        assert tokens
        assert BOT_TOKEN not in tokens
