"""What each activity of Teams' means, and what the same delivery is called the second time."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import fields, parse, render
from adapters.teams.origin import in_thread, place, split_thread
from adapters.teams.parse import (
    Brought,
    Changed,
    Frame,
    Incoming,
    Installed,
    Nothing,
    Overheard,
    PlaceChanged,
    Removed,
    Unreadable,
)
from flows.errors import InvalidAnswer
from flows.ui.inbound import Asked, Filled, Inbound, Noted, Pressed, Started, Typed
from flows.ui.intents import ChatCommand, encode
from tests.adapters.samples import CARDS, FORMS, INTENTS
from tests.teams import activities, reading
from tests.teams.connector import CHANNEL, TENANT, account


def turn(activity: dict[str, Any]) -> Incoming:
    """Return what an activity means, where that is something for the core."""
    parsed = parse.parse(activity)
    assert isinstance(parsed, Incoming)
    return parsed


def only(activity: dict[str, Any]) -> Inbound:
    """Return the one thing an activity brings."""
    (inbound,) = turn(activity).inbounds
    return inbound


def data_of(card: dict[str, Any], title: str) -> dict[str, Any]:
    """Return what a button of a card carries."""
    found = next(part for part in reading.parts(card) if part.get("title") == title and "data" in part)
    data: dict[str, Any] = found["data"]
    return data


def test_typed_words() -> None:
    """Words in a personal chat are handed in as they are, named after their conversation and id."""
    inbound = only(activities.personal(id="a7", text=" It said *this* "))
    assert inbound == Typed(key="a:chat-ash/a7", actor=inbound.actor, text="It said *this*")
    assert (inbound.actor.account, inbound.actor.workspace) == (account("ash"), TENANT)


@pytest.mark.parametrize("other", [{"text": "yes"}, {"timestamp": "2026-11-28T10:00:00.124Z"}])
def test_one_message_under_several_ids_has_one_key(other: dict[str, Any]) -> None:
    """The moment and the words are the message; other words, or another moment, are another message."""
    said = {"text": "no", "timestamp": "2026-11-28T10:00:00.123Z"}
    keys = {only(activities.personal(id=id_, **said)).key for id_ in ("a1", "a2", "a3")}
    assert len(keys) == 1
    assert only(activities.personal(id="a1", **{**said, **other})).key not in keys
    assert only(activities.personal("brook", id="a1", **said)).key not in keys


BEGINS = {
    "report-posting": ("", ""),
    "Report-Posting": ("", ""),
    "/report-posting they said it": ("they said it", ""),
    "report posting https://x.example/1": ("https://x.example/1", "https://x.example/1"),
}


@pytest.mark.parametrize("text", BEGINS)
def test_the_command_begins_a_report(text: str) -> None:
    """The command from the list begins a report; what follows it becomes the report's words."""
    inbound = only(activities.personal(text=text))
    assert isinstance(inbound, Started)
    assert BEGINS[text] == (inbound.words, inbound.link)


COMMANDS = {
    "cases": Asked(key="", actor=None, command=ChatCommand.CASES),  # type: ignore[arg-type]
    "cases mine 2": Asked(key="", actor=None, command=ChatCommand.CASES, argument="mine 2"),  # type: ignore[arg-type]
    "help": Asked(key="", actor=None, command=ChatCommand.HELP),  # type: ignore[arg-type]
    "case HPS-2026-014": Asked(key="", actor=None, command=ChatCommand.CASE, argument="HPS-2026-014"),  # type: ignore[arg-type]
    "digest": Asked(key="", actor=None, command=ChatCommand.DIGEST),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("text", COMMANDS)
def test_commands_by_mention(text: str) -> None:
    """A mention of us in a channel may ask for the leaders' commands."""
    inbound = only(activities.in_channel(**activities.mention(text)))
    assert isinstance(inbound, Asked)
    wanted = COMMANDS[text]
    assert (wanted.command, wanted.argument) == (inbound.command, inbound.argument)


@pytest.mark.parametrize(
    "text", ["they said it about Ash", "status", "case", "cases now", "report-posting", ""]
)
def test_nothing_else_is_taken_in_where_others_read_along(text: str) -> None:
    """A report, or anything of a reporter's, does not begin in a channel."""
    assert isinstance(parse.parse(activities.in_channel(**activities.mention(text))), Overheard)


def test_a_press_on_a_card() -> None:
    """A button's press is its intent, as an invoke and as a message of an older Teams."""
    data = data_of(render.card(CARDS["case-card"], nonce="n1"), "Take this on")
    for made, frame in ((activities.press, Frame.CARD), (activities.submit, Frame.SUBMIT)):
        found = turn(made(data, replyToId="m5"))
        assert (found.frame, found.own, found.where.card) == (frame, False, "m5")
        assert isinstance(found.inbounds[0], Pressed)
        assert found.inbounds[0].intent == INTENTS["act"]


def test_a_form_brings_every_input_even_the_empty_ones() -> None:
    """Teams leaves empty inputs out; the form says which there were, so that an answer can be cleared."""
    data = data_of(fields.form(FORMS["report-page"], view=True), "Continue")
    inbound = only(activities.press({**data, "m.targets": "staff,pupil", "v.words": "They said"}))
    assert isinstance(inbound, Filled)
    assert inbound.intent == INTENTS["answer"]
    assert inbound.values == {
        "danger": "",
        "targets": ("staff", "pupil"),
        "words": "They said",
        "link": "",
        "first_seen": "",
    }


def test_a_shortcut_submits_what_is_filled_in_with_its_own_answers() -> None:
    """One press; a choice that says the same is one answer, and one that does not comes along."""
    data = data_of(fields.form(FORMS["shortcuts"], view=True), "Nobody, and no danger: go on")
    for danger, wanted in (("", "no"), ("no", "no"), ("yes", ("yes", "no"))):
        filled = only(activities.press({**data, "m.targets": "staff", "v.danger": danger}))
        assert isinstance(filled, Filled)
        assert filled.intent == INTENTS["answer"]
        assert filled.values == {"danger": wanted, "targets": ("staff", "none")}


def test_going_back_keeps_what_was_filled_in() -> None:
    """Back hands in the answers of the page first, then goes; a page with none just goes."""
    data = data_of(fields.form(FORMS["report-page"]), "Back")
    kept, back = turn(activities.press({**data, "v.words": "They said"})).inbounds
    assert isinstance(kept, Filled)
    assert (kept.intent, kept.values) == (INTENTS["answer"], {"words": "They said"})
    assert isinstance(back, Pressed)
    assert back.intent == INTENTS["go-to"]
    assert kept.key != back.key
    assert [type(one) for one in turn(activities.press(data)).inbounds] == [Pressed]


def test_the_same_press_has_the_same_key() -> None:
    """Teams brings a slow press again under a new id: the card's nonce knows it."""
    data = data_of(render.card(CARDS["case-card"], nonce="n1"), "Take this on")
    first, again = only(activities.press(data, id="a1")), only(activities.press(data, id="a2"))
    assert first.key == again.key
    where = turn(activities.press(data)).where
    assert parse.press_key(data, where) == parse.press_key(dict(reversed(data.items())), where)


def test_a_change_back_and_forth_is_three_changes() -> None:
    """*Yes* becomes *no* and *yes* again: each is taken in, since each has a moment of its own."""
    edits = (("yes", "10:00:01"), ("no", "10:00:02"), ("yes", "10:00:03"), ("yes", "10:00:03"))
    keys = []
    for text, at in edits:
        activity = {"type": "messageUpdate", "id": "a1", "text": text, "timestamp": f"2026-11-28T{at}.123Z"}
        changed = parse.parse(activities.personal(**activity))
        assert isinstance(changed, Changed)
        keys.append(changed.key)
    assert len(set(keys)) == 3
    assert keys[2] == keys[3]


@pytest.mark.parametrize(
    "other",
    [
        lambda d: activities.press(d, base=lambda **r: activities.personal("brook", **r)),
        lambda d: activities.press({**d, "n": "n2"}),
        lambda d: activities.press({**d, "v.words": "other"}),
        lambda d: activities.press({**d, "i": encode(INTENTS["ask"])}),
    ],
    ids=["somebody else", "another card", "other answers", "another button"],
)
def test_another_press_has_another_key(other: Any) -> None:
    """Another person, card, button or answer is another press."""
    data = data_of(render.card(CARDS["case-card"], nonce="n1"), "Take this on")
    assert turn(activities.press(data)).inbounds[-1].key != turn(other(data)).inbounds[-1].key


def test_report_this_posting() -> None:
    """The action on a message begins a report with its words and link."""
    content = '<p>They said <a href="https://x.example/1">this</a></p>'
    found = turn(activities.on_message(parse.REPORT_THIS, content))
    assert found.frame is Frame.DIALOG
    (inbound,) = found.inbounds
    assert isinstance(inbound, Started)
    assert (inbound.words, inbound.link) == ("They said this", "https://x.example/1")
    plain = only(activities.on_message(parse.REPORT_THIS, "<p>They said</p>"))
    assert isinstance(plain, Started)
    assert plain.link == "https://teams.example/l/message/1700"


def test_add_to_the_case() -> None:
    """The action on a message of a case's thread brings its words and which thread; twice is once."""
    made = [
        only(activities.on_message(parse.ADD_TO_CASE, "<p>Rang the parent</p>", base=activities.in_channel))
        for _ in range(2)
    ]
    assert isinstance(made[0], Noted)
    assert (made[0].channel, made[0].thread, made[0].text) == (CHANNEL, "1700", "Rang the parent")
    assert made[0].key == made[1].key
    assert made[0].key.startswith(f"note/{CHANNEL}/1700/")


def test_a_note_knows_its_thread_wherever_teams_says_it() -> None:
    """Teams says the thread in the place, in the message, or not at all: then it begins one."""
    for changed, base, thread in (
        ({"replyToId": "1600"}, activities.personal, "1600"),
        ({"replyToId": "1600"}, partial(activities.in_channel, root="1500"), "1500"),
        ({}, activities.personal, "1700"),
    ):
        activity = activities.on_message(parse.ADD_TO_CASE, "<p>Rang</p>", base=base)
        activity["value"]["messagePayload"] |= changed
        inbound = only(activity)
        assert isinstance(inbound, Noted)
        assert inbound.thread == thread


def test_another_word_in_a_card_is_another_message() -> None:
    """Two messages of the same second whose words stand in what came with them are two."""
    keys = [
        only(
            activities.personal(
                id="a1",
                text="x",
                timestamp="2026-11-28T10:00:00.123Z",
                attachments=[{"contentType": "text/html", "content": f"<p>{word}</p>"}],
            )
        ).key
        for word in ("yes", "no", "yes")
    ]
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.parametrize("name", ["composeExtension/submitAction", "task/submit"])
def test_a_dialogs_answer(name: str) -> None:
    """What is filled in in a dialog comes as a dialog's answer, by its person and where they are."""
    data = data_of(fields.form(FORMS["choice"], dialog=True), "Continue")
    activity = activities.personal(
        type="invoke",
        name=name,
        value={"commandId": parse.REPORT_THIS, "data": {**data, "v.danger": "no"}},
    )
    found = turn(activity)
    assert found.frame is Frame.DIALOG
    assert isinstance(found.inbounds[0], Filled)
    assert found.inbounds[0].values == {"danger": "no"}
    hello = turn(activities.personal(text="hello"))
    assert found.inbounds[0].actor == hello.inbounds[0].actor
    assert found.where.conversation == hello.where.conversation


def test_files_and_the_words_beside_them() -> None:
    """Files come with where to fetch them; cards and HTML copies of the words are no files."""
    file = "application/vnd.microsoft.teams.file.download.info"
    attachments = [
        {"contentType": file, "name": "a.png", "content": {"downloadUrl": "https://x.sharepoint.com/a"}},
        {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/a"},
        {"contentType": "text/html", "content": "<p>look</p>"},
        {"contentType": render.CARD_TYPE, "content": {}},
    ]
    brought = parse.parse(activities.personal(text="look", attachments=attachments))
    assert isinstance(brought, Brought)
    assert [(file.name, file.url) for file in brought.files] == [
        ("a.png", "https://x.sharepoint.com/a"),
        ("picture.png", "https://smba.trafficmanager.net/a"),
    ]
    assert brought.words is not None
    assert brought.words.text == "look"
    assert (brought.words.key, brought.words.actor) == (f"{brought.key}/words", brought.actor)


QUIET: dict[str, tuple[dict[str, Any], type]] = {
    "our own arrival": ({"type": "conversationUpdate", "membersAdded": [{"id": activities.BOT}]}, Installed),
    "somebody else's": ({"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]}, Nothing),
    "added": ({"type": "installationUpdate", "action": "add"}, Installed),
    "taken away": ({"type": "installationUpdate", "action": "remove"}, Removed),
    "taken away in an upgrade": ({"type": "installationUpdate", "action": "remove-upgrade"}, Removed),
    "a reaction": ({"type": "messageReaction"}, Nothing),
    "somebody types": ({"type": "typing"}, Nothing),
    "an empty message": ({"text": "  "}, Unreadable),
    "an unknown invoke": ({"type": "invoke", "name": "signin/verifyState"}, Nothing),
    "something new": ({"type": "hologram"}, Nothing),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_is_not_for_the_core(name: str) -> None:
    """Installations, reactions and what we do not know are told apart and hand nothing in."""
    rest, kind = QUIET[name]
    parsed = parse.parse(activities.personal(**rest))
    assert isinstance(parsed, kind)
    assert parsed.where.conversation == turn(activities.personal(text="hello")).where.conversation
    assert getattr(parsed, "answer", False) is (name == "an unknown invoke"), "Teams waits for that alone"


@pytest.mark.parametrize("guest", [False, True])
def test_a_guest_is_known_as_one_whatever_they_do(guest: bool) -> None:  # noqa: FBT001 - a table
    """A guest of the tenant is no colleague: what they write, change, press or bring says so."""
    data = data_of(render.card(CARDS["case-card"], nonce="n1"), "Take this on")
    picture = {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/a"}
    for activity in (
        activities.personal(text="hello"),
        activities.personal(text="report-posting they said"),
        activities.personal(attachments=[picture]),
        activities.personal(type="messageUpdate", text="hello"),
        activities.in_channel(**activities.mention("cases")),
        activities.press(data),
        activities.on_message(parse.REPORT_THIS, "<p>They said</p>"),
        activities.on_message(parse.ADD_TO_CASE, "<p>Rang</p>", base=activities.in_channel),
    ):
        parsed = parse.parse(activity, guest=guest)
        who = parsed.inbounds[0].actor if isinstance(parsed, Incoming) else parsed.actor  # type: ignore[union-attr]
        assert who.guest is guest


def test_coming_into_a_team_is_no_message() -> None:
    """Somebody comes into a team: who may read there is asked again; in one's own chat, of nobody."""
    came: dict[str, Any] = {"type": "conversationUpdate", "membersAdded": [{"id": "29:x"}]}
    assert isinstance(parse.parse(activities.in_channel(**came)), PlaceChanged)
    changed = {"type": "messageUpdate", "text": "hello"}
    assert isinstance(parse.parse(activities.in_channel(**changed)), Nothing), (
        "a channel's words are not ours"
    )


@pytest.mark.parametrize("made", [activities.press, activities.submit])
def test_a_strange_button_is_refused(made: Any) -> None:
    """A button that is not one of ours is refused with words."""
    with pytest.raises(InvalidAnswer):
        parse.parse(made({"i": "rm -rf"}))
    with pytest.raises(InvalidAnswer):
        parse.parse(activities.press({}))


def test_threads() -> None:
    """A thread's address is the channel's and the first message's; a chat has no threads."""
    whole = f"{CHANNEL};messageid=1700"
    assert whole == in_thread(CHANNEL, "1700") == in_thread(whole, "1700")
    assert split_thread(whole) == (CHANNEL, "1700")
    assert in_thread("a:chat", "1700") == "a:chat"


def test_a_personal_chat_is_told_even_without_its_type() -> None:
    """Where Teams does not say what a conversation is, a channel's address still tells."""
    bare: dict[str, Any] = {"conversation": {"id": CHANNEL, "tenantId": TENANT}}
    assert not place(activities.personal(**bare)).personal
    assert place(activities.personal(conversation={"id": "a:1", "tenantId": TENANT})).personal


SHARED = (CHANNEL, "19:a_b@unq.gbl.spaces", "19:meeting_x@thread.v2", "19:x@thread.v2", "19:new@kind")


@pytest.mark.parametrize("kind", ["personal", ""])
@pytest.mark.parametrize("id_", SHARED)
def test_a_shared_place_is_never_a_personal_chat(id_: str, kind: str) -> None:
    """Whatever type is claimed, an address of several people is no chat with one of them."""
    assert not place(
        activities.personal(conversation={"id": id_, "conversationType": kind, "tenantId": TENANT})
    ).personal


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "type",
    "name",
    "value",
    "text",
    "from",
    "conversation",
    "attachments",
    "entities",
    "channelData",
    "recipient",
)


@given(
    activity=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, junk)),
    kind=st.sampled_from(["message", "invoke", "conversationUpdate", ""]),
)
def test_no_activity_breaks_the_reading(activity: dict[str, Any], kind: str) -> None:
    """Whatever shape an activity has, it is read or refused; nothing else comes up."""
    try:
        parse.parse({**activity, "type": kind})
    except InvalidAnswer:
        return


def test_taking_words_back_is_another_change_than_emptying_them() -> None:
    """Two changes of one message in the same second are two; the same one delivered again is one."""
    said = {"id": "a1", "timestamp": "2026-11-28T10:00:00.123Z"}
    keys = []
    for kind, text in (
        ("messageUpdate", ""),
        ("messageDelete", ""),
        ("messageDelete", ""),
        ("messageUpdate", "x"),
    ):
        found = parse.parse(activities.personal(type=kind, text=text, **said))
        assert isinstance(found, parse.Changed)
        keys.append(found.key)
    assert keys[1] == keys[2]
    assert len(set(keys)) == 3
