"""Signed requests through the real Bolt app: who somebody is, and the files they bring."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from adapters.slack import parse
from adapters.slack.guests import not_member
from adapters.slack.origin import Origin, place
from flows.errors import Retryable
from flows.ui.inbound import Filled, Refuse, Typed, Uploaded
from tests.slack import payloads as p
from tests.slack.bench import PAGE, Bench, submitted


@pytest.mark.parametrize("fact", ["is_restricted", "is_ultra_restricted", "is_stranger", "deleted", "is_bot"])
async def test_guests_are_marked(bench: Bench, fact: str) -> None:
    """Whoever Slack does not call a full member comes in as a guest."""
    bench.slack.users[p.RAE] = {"id": p.RAE, fact: True}
    await bench.command()
    assert bench.door.seen[0].actor.guest is True


@pytest.mark.parametrize("failure", ["internal_error", "429", "500"])
async def test_cannot_say_is_not_nobody(bench: Bench, failure: str) -> None:
    """If Slack cannot say who somebody is, nothing is handed on and that is said; then it is asked again."""
    bench.slack.fail["users.info"] = [failure]
    _, said = await bench.command()
    assert "can't tell me just now" in json.dumps(said)
    assert bench.door.seen == []
    await bench.command(trigger="1.2")
    assert [i.actor.guest for i in bench.door.seen] == [False]


async def test_a_window_may_be_sent_again_once_slack_can_say(bench: Bench) -> None:
    """A refusal is no answer worth remembering: the same window, pressed again, is taken."""
    bench.slack.fail["users.info"] = ["internal_error"]
    _, first = await bench.interact(submitted())
    assert first["response_action"] == "errors"
    _, second = await bench.interact(submitted())
    assert second["response_action"] == "update"
    assert len(bench.door.seen) == 1


PEOPLE: dict[str, tuple[p.Json, bool]] = {
    "one of ours": ({"team_id": p.TEAM}, False),
    "of another organisation in a shared channel": ({"team_id": "T0OTHER", "is_stranger": False}, True),
    "of our grid": ({"team_id": "E0", "enterprise_user": {"enterprise_id": "E0", "teams": [p.TEAM]}}, False),
    "of another grid": ({"team_id": "E9", "enterprise_user": {"enterprise_id": "E9", "teams": ["T9"]}}, True),
    "gone": ({"team_id": p.TEAM, "deleted": True}, True),
    "nobody": ({}, True),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_who_is_a_member(name: str) -> None:
    """A member is of this team, or of this grid's; no flag alone is believed."""
    facts, wanted = PEOPLE[name]
    assert not_member(facts, p.TEAM) is wanted


async def test_members_are_asked_about_once(bench: Bench) -> None:
    """Ten commands: one ``users.info``, one ``auth.test``."""
    for n in range(10):
        await bench.command(trigger=f"1.{n}")
    assert len(bench.slack.asked("users.info")) == 1
    assert len(bench.slack.asked("auth.test")) == 1


async def test_strangers_are_not_asked_about(bench: Bench) -> None:
    """Somebody the school does not know is handed on as they are, for the service to refuse."""
    await bench.command(account="U0STRANGER")
    assert not bench.slack.asked("users.info")
    assert (
        await bench.app.hear.people.is_guest(Origin(account="U0X", workspace="T0OTHER", team=p.TEAM)) is False
    )


async def test_another_workspace_is_not_served(bench: Bench) -> None:
    """A request for a workspace our token is not for reaches nobody."""
    body = {name: value for name, value in p.command(team="T0ELSEWHERE").items() if name != "response_url"}
    assert (await bench.post(urlencode(body)))[0] == 200
    assert bench.door.seen == []


def picture(bench: Bench, name: str = "shot.png", **rest: Any) -> p.Json:
    """Return Slack's description of a file that lies on the fake Slack."""
    return {"id": "F1", "name": name, "url_private_download": f"{bench.slack.origin}/files/{name}", **rest}


async def test_a_dropped_picture_is_fetched(bench: Bench) -> None:
    """A file in the direct message is fetched with our token and handed to the door."""
    bench.slack.files["shot.png"] = b"\x89PNG..."
    body = p.said("", subtype="file_share", files=[picture(bench)])
    await bench.event(body, name="Ev9")
    await bench.slack.until("chat.postMessage")
    (uploaded,) = bench.door.seen
    assert isinstance(uploaded, Uploaded)
    assert (uploaded.files[0].name, uploaded.files[0].content) == ("shot.png", b"\x89PNG...")
    assert uploaded.key == f"{parse.event_key(p.event(body))}:files"
    assert await bench.app.hear.pictures.waiting() == []


async def test_words_beside_a_picture_are_kept(bench: Bench) -> None:
    """What was typed with a picture is an answer too."""
    bench.slack.files["shot.png"] = b"x"
    await bench.event(p.said("this one", subtype="file_share", files=[picture(bench)]), name="Ev9")
    await bench.app.hear.finish(2)
    assert {type(i) for i in bench.door.seen} == {Typed, Uploaded}


async def test_a_picture_in_a_window_is_fetched(bench: Bench) -> None:
    """Files of a window are written down before it is acknowledged, and fetched afterwards."""
    bench.slack.files["shot.png"] = b"x"
    values = {"field:files": {"value": {"type": "file_input", "files": [picture(bench)]}}}
    await bench.interact(submitted(values))
    await bench.app.hear.finish(2)
    filled, uploaded = bench.door.seen
    assert isinstance(filled, Filled)
    assert isinstance(uploaded, Uploaded)
    (drawn,) = bench.slack.asked("views.update")
    assert drawn["view_id"] == "V1"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"name": "shot.png", "size": 3_000_000}, "bigger than 2 MB"),
        ({"name": "lies.png", "size": 10}, "bigger than 2 MB"),
        ({"name": "gone.png"}, "did not give us the file"),
        ({"name": "elsewhere"}, "did not give us the file"),
        ({"name": "x", "url_private_download": "https://evil.example/x"}, "did not give us the file"),
        ({"name": "x", "url_private_download": ""}, "did not give us the file"),
        ({"name": "x", "url_private_download": "https://[bad"}, "did not give us the file"),
        ({"name": "x", "url_private_download": 5, "url_private": None}, "did not give us the file"),
        ({"name": "gone.png", "size": "big"}, "did not give us the file"),
        ({"name": "gone.png", "size": 1e400}, "did not give us the file"),
        ({"name": None, "size": None, "url_private_download": None}, "did not give us the file"),
    ],
)
async def test_files_that_are_not_taken(bench: Bench, file: p.Json, words: str) -> None:
    """Too big, whatever size was claimed; gone; redirected; elsewhere: said in plain words, nothing kept."""
    bench.slack.files["lies.png"] = b"x" * 2_100_000
    await bench.event(p.said("", subtype="file_share", files=[picture(bench, **file)]))
    (said,) = await bench.slack.until("chat.postMessage")
    assert words in json.dumps(said["blocks"])
    assert bench.door.seen == []
    assert await bench.app.hear.pictures.waiting() == []


@pytest.mark.parametrize("why", ["status-429", "status-500", "status-503"])
async def test_a_file_that_is_not_to_be_had_just_now_is_asked_for_again(why: str, bench: Bench) -> None:
    """A file that may be had in a while stays written down; the last time it is tried, that is said."""
    where = place(p.event(p.said("", subtype="file_share", files=[picture(bench)]), name="Ev9"))
    carrier = Filled(key="event:Ev9", actor=parse.actor(where.origin, guest=False), intent=PAGE, values={})
    pictures = bench.app.hear.pictures
    key = await pictures.write_down((picture(bench, name=why),), carrier, where)
    with pytest.raises(Retryable):
        await pictures.fetch(key)
    assert await pictures.waiting() == [key]
    found = await pictures.fetch(key, last=True)
    assert found is not None
    assert isinstance(found[0], Refuse)
    assert await pictures.waiting() == []


async def test_a_file_under_way_is_taken_up_again(bench: Bench) -> None:
    """Stopped between the acknowledgement and the fetching: the next start fetches it."""
    bench.slack.files["shot.png"] = b"x"
    body = p.event(p.said("", subtype="file_share", files=[picture(bench)]), name="Ev9")
    where = place(body)
    carrier = Filled(key="event:Ev9", actor=parse.actor(where.origin, guest=False), intent=PAGE, values={})
    await bench.app.hear.pictures.write_down((picture(bench),), carrier, where)
    await bench.app.hear.resume()
    await bench.app.hear.finish(2)
    (uploaded,) = bench.door.seen
    assert isinstance(uploaded, Uploaded)
