"""Payloads become what came in; the same delivery has the same key; nothing hostile gets through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import origin, parse
from flows.errors import InvalidAnswer
from flows.model import Action
from flows.ui.inbound import Asked, Filled, Noted, Pressed, Started, Surface, Typed
from flows.ui.intents import Act, AnswerPage, Begin, ChatCommand, Fill, GoTo, encode
from tests.slack import payloads as p

PAGE = AnswerPage("D1", 3, "danger")
SUBMIT = encode(PAGE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ("Started", "", "")),
        ("report", ("Started", "", "")),
        ("somebody wrote this", ("Started", "somebody wrote this", "")),
        (
            "see <https://x.example/a?b=1&amp;c=2>",
            ("Started", "see https://x.example/a?b=1&c=2", "https://x.example/a?b=1&c=2"),
        ),
        ("<@U1|rae> said &lt;b&gt;", ("Started", "@rae said <b>", "")),
        ("status", ("Asked", ChatCommand.STATUS, "")),
        ("HELP", ("Asked", ChatCommand.HELP, "")),
        (" cases ", ("Asked", ChatCommand.CASES, "")),
        ("digest", ("Asked", ChatCommand.DIGEST, "")),
        ("case HPS-2026-014", ("Asked", ChatCommand.CASE, "HPS-2026-014")),
        ("case", ("Started", "case", "")),
        ("cases mine", ("Asked", ChatCommand.CASES, "mine")),
        ("cases Overdue 2", ("Asked", ChatCommand.CASES, "overdue 2")),
        ("cases of lies about us", ("Started", "cases of lies about us", "")),
        ("find", ("Asked", ChatCommand.FIND, "")),
        ("find makes up the marks", ("Asked", ChatCommand.FIND, "makes up the marks")),
        ("Find account:&lt;b&gt;", ("Asked", ChatCommand.FIND, "account:<b>")),
        ("subject access", ("Asked", ChatCommand.SUBJECT, "")),
        ("Subject access Sam Tester", ("Asked", ChatCommand.SUBJECT, "Sam Tester")),
        ("subject: a horrible post", ("Started", "subject: a horrible post", "")),
        ("status of the boiler", ("Started", "status of the boiler", "")),
    ],
)
def test_commands(text: str, wanted: tuple[str, str, str]) -> None:
    """Words after the command that are none of ours are the report's words."""
    got = parse.command(p.command(text))
    if isinstance(got, Started):
        assert wanted == ("Started", got.words, got.link)
    else:
        assert isinstance(got, Asked)
        assert wanted == ("Asked", got.command, got.argument)
    assert (got.key, got.surface, got.actor.account) == ("command:1.1", Surface.MODAL, p.RAE)


def test_a_shortcut_begins_a_report_with_the_message() -> None:
    """The message's words and its link come along; without a link in it, its own address."""
    got = parse.shortcut(p.shortcut(parse.REPORT_THIS, "look: <https://x.example/1|x>"))
    assert isinstance(got, Started)
    assert (got.words, got.link) == ("look: x", "https://x.example/1")
    bare = parse.shortcut(p.shortcut(parse.REPORT_THIS, "awful words", channel="C0GENERAL"))
    assert isinstance(bare, Started)
    assert bare.link == "https://school.slack.com/archives/C0GENERAL/p3003"


def test_a_shortcut_in_a_thread_is_a_note() -> None:
    """*Add to the case* names the thread the message stands in."""
    got = parse.shortcut(p.shortcut(parse.ADD_TO_CASE, "rang the parent", thread="200.2"))
    assert isinstance(got, Noted)
    assert (got.channel, got.thread, got.text) == (p.CHANNEL, "200.2", "rang the parent")


def test_a_window_comes_back_as_answers() -> None:
    """Every kind of input is read by its field's name; files come by another way."""
    values = {
        "field:danger": p.chosen("radio_buttons", "yes"),
        "field:which": p.chosen("static_select", "b"),
        "field:targets": p.chosen("checkboxes", "staff", "pupil"),
        "field:people": p.chosen("multi_static_select", "ash"),
        "field:words": {"value": {"type": "plain_text_input", "value": "as <typed>"}},
        "field:empty": {"value": {"type": "plain_text_input", "value": None}},
        "field:day": {"value": {"type": "datepicker", "selected_date": "2026-11-20"}},
        "field:files": {"value": {"type": "file_input", "files": [{"id": "F1"}]}},
        "other": {"value": {"type": "plain_text_input", "value": "not ours"}},
    }
    got = parse.submission(p.submission(SUBMIT, values))
    assert (got.intent, got.surface, got.actor.account) == (PAGE, Surface.MODAL, p.RAE)
    assert got.values == {
        "danger": "yes",
        "which": "b",
        "targets": ("staff", "pupil"),
        "people": ("ash",),
        "words": "as <typed>",
        "empty": "",
        "day": "2026-11-20",
    }
    assert parse.files({"values": values}) == ({"id": "F1"},)


def test_presses() -> None:
    """A button is its intent; an option answers one field; *submit* brings what stands in the message."""
    act = Act("C1", Action.TAKE_ON, 2)
    got = parse.press(p.press({"action_id": "press:0", "value": encode(act)}))
    assert isinstance(got, Pressed)
    assert (got.intent, got.surface) == (act, Surface.MODAL)
    option = {"action_id": "option:not_sure", "block_id": "answer:danger:0", "value": SUBMIT}
    answered = parse.press(p.press(option, channel=p.DIRECT))
    assert isinstance(answered, Filled)
    assert (answered.values, answered.surface) == ({"danger": "not_sure"}, Surface.MESSAGE)
    state = {"values": {"field:targets": p.chosen("checkboxes", "staff")}}
    sent = parse.press(p.press({"action_id": "submit", "value": SUBMIT}, channel=p.DIRECT, state=state))
    assert isinstance(sent, Filled)
    assert sent.values == {"targets": ("staff",)}


def test_a_shortcut_submits_what_is_filled_in_with_its_own_answers() -> None:
    """In a window and in a message: one press, and a tick beside it is not overruled but comes along."""
    state = {"field:targets": p.chosen("checkboxes", "staff")}
    action = {"action_id": 'also:{"targets":["none"],"danger":"no"}', "value": SUBMIT}
    wanted = {"targets": ("staff", "none"), "danger": "no"}
    here = parse.press(p.press(action, channel=p.DIRECT, state={"values": state}))
    window = parse.press(p.pressed_in_view(action, p.view(SUBMIT, state)))
    for got, surface in ((here, Surface.MESSAGE), (window, Surface.MODAL)):
        assert isinstance(got, Filled)
        assert (got.values, got.surface, got.intent) == (wanted, surface, PAGE)
    with pytest.raises(InvalidAnswer):
        parse.press(p.press({"action_id": "also:[1]", "value": SUBMIT}, channel=p.DIRECT))


@pytest.mark.parametrize(
    ("intent", "channel", "surface"),
    [
        (GoTo("D1", 3, "who"), p.DIRECT, Surface.MESSAGE),
        (Begin(), p.DIRECT, Surface.MODAL),
        (Act("C1", Action.CLOSE, 2), p.DIRECT, Surface.MODAL),
        (GoTo("D1", 3, "who"), p.CHANNEL, Surface.MODAL),
    ],
)
def test_the_conversation_stays_where_it_is(intent: Any, channel: str, surface: Surface) -> None:
    """A report's own buttons go on in the direct message; everything else opens a window."""
    got = parse.press(p.press({"action_id": "press:0", "value": encode(intent)}, channel=channel))
    assert got is not None
    assert got.surface is surface


@pytest.mark.parametrize(
    "element",
    ["checkboxes", "radio_buttons", "static_select", "multi_static_select", "datepicker", "file_input"],
)
def test_filling_in_says_nothing_yet(element: str) -> None:
    """A tick, a picked date or a file is read when its button is pressed, and until then it is no error."""
    assert parse.press(p.press({"type": element, "action_id": "value", "block_id": "field:x"})) is None


def test_an_answer_by_a_list_in_a_message_is_one() -> None:
    """A list that stands in the conversation itself is an answer at once."""
    chosen = {
        "type": "static_select",
        "action_id": "option:yes",
        "block_id": "answer:danger:0",
        "value": SUBMIT,
    }
    got = parse.press(p.press(chosen, channel=p.DIRECT))
    assert isinstance(got, Filled)
    assert got.values == {"danger": "yes"}


@pytest.mark.parametrize(("tab", "command"), [("home", ChatCommand.HOME), (None, ChatCommand.HOME)])
def test_a_visit_of_the_home_tab_asks_for_it(tab: str | None, command: ChatCommand) -> None:
    """Who opens the app's home sees it: nothing is begun, and nothing is answered in the conversation."""
    event = {"type": "app_home_opened", "user": p.RAE, **({"tab": tab} if tab else {})}
    got = parse.opened_home({"team_id": p.TEAM, "event_id": "Ev7", "event": event})
    assert isinstance(got, Asked)
    assert (got.command, got.surface, got.key, got.argument) == (command, Surface.MESSAGE, "event:Ev7", "")
    assert got.actor.account == p.RAE


def test_the_messages_tab_asks_for_nothing() -> None:
    """A visit of the conversation is no question, and no report begins."""
    event = {"type": "app_home_opened", "user": p.RAE, "tab": "messages"}
    assert parse.opened_home({"team_id": p.TEAM, "event_id": "Ev7", "event": event}) is None


def test_back_keeps_what_stands_in_the_window() -> None:
    """What was filled in before Back was pressed is handed in first."""
    shown = p.view(SUBMIT, {"field:danger": p.chosen("radio_buttons", "yes")})
    got = parse.kept_first(p.pressed_in_view({"action_id": "press:0", "value": "{}"}, shown))
    assert got is not None
    assert (got.intent, got.values) == (PAGE, {"danger": "yes"})
    assert parse.kept_first(p.pressed_in_view({"action_id": "press:0"}, p.view(SUBMIT))) is None


def test_only_a_reports_window_hands_in_what_stands_in_it() -> None:
    """A leader's window is not submitted by pressing something else in it, nor one of nobody's."""
    given = {"field:text": p.chosen("radio_buttons", "yes")}
    for private in (encode(Fill("C1", Action.NOTE, 2)), encode(Begin()), "nonsense"):
        assert parse.kept_first(p.pressed_in_view({"action_id": "press:0"}, p.view(private, given))) is None


@pytest.mark.parametrize("lost", ["domain", "channel", "stamp"])
def test_an_address_that_is_not_known_whole_is_none(lost: str) -> None:
    """A link that leads nowhere is worse than none: without workspace, channel or moment there is no link."""
    body = p.shortcut(parse.REPORT_THIS, "awful words")
    match lost:
        case "domain":
            body["team"] = {"id": p.TEAM}
        case "channel":
            body["channel"] = {}
        case _:
            body["message"].pop("ts")
    got = parse.shortcut(body)
    assert isinstance(got, Started)
    assert got.link == ""


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (p.said("2"), "2"),
        (p.said("a &amp; b"), "a & b"),
        (p.said("x", channel="C0GENERAL"), None),
        (p.said("x", channel_type=""), "x"),
        (p.said("x", bot_id="B1"), "x"),
        (p.said("x", bot_id="B0BOT", account="U0BOT"), None),
        (p.said("x", bot_id="B0BOT", app_id="A0"), None),
        (p.said("x", subtype="message_changed"), None),
        (p.said("x", subtype="message_deleted"), None),
        (p.said("  "), None),
        ({"type": "message", "channel": "D1", "text": "no person"}, None),
        (p.said("with a picture", subtype="file_share"), "with a picture"),
    ],
)
def test_direct_messages(inner: p.Json, text: str | None) -> None:
    """Only a person's own new words in a direct message are an answer."""
    got = parse.typed(p.event(inner))
    assert (got.text if isinstance(got, Typed) else None) == text


def test_the_same_delivery_has_the_same_key() -> None:
    """A retry is recognised; another press, window or set of values is another delivery."""
    one = p.press({"action_id": "press:0", "value": SUBMIT})
    assert parse.press_key(one) == parse.press_key(dict(one))
    assert parse.press_key(one) != parse.press_key(p.press({"action_id": "press:1", "value": SUBMIT}))
    assert parse.press_key(one) != parse.press_key(p.press({"action_id": "press:0"}, account=p.LEE))
    first = p.submission(SUBMIT, {"field:a": p.chosen("radio_buttons", "yes")})
    assert parse.view_key(first) == parse.view_key({**first, "trigger_id": "another"})
    assert parse.view_key(first) != parse.view_key(p.submission(SUBMIT))
    assert parse.event_key(p.event({"type": "app_home_opened"}, name="Ev7")) == "event:Ev7"


def test_one_message_under_several_event_ids_has_one_key() -> None:
    """The channel and the stamp are the message; another stamp, or another channel, is another message."""
    first = parse.event_key(p.event(p.said("no"), name="Ev1"))
    assert first == parse.event_key(p.event(p.said("no"), name="Ev2"))
    assert first != parse.event_key(p.event(p.said("no", ts="400.5"), name="Ev1"))
    assert first != parse.event_key(p.event(p.said("no", channel="D0LEE"), name="Ev1"))
    bare = {"channel": "D0RAE", "ts": "400.4", "user": p.RAE}
    assert parse.event_key(p.event({"type": "file_shared", **bare}, name="Ev1")) == "event:Ev1"
    assert parse.event_key(p.event({"type": "message", "channel": "D0RAE"}, name="Ev2")) == "event:Ev2"


def test_somebody_from_another_workspace_is_told_apart() -> None:
    """A stranger in a shared channel acts for their own workspace, not for ours."""
    got = parse.press(p.press({"action_id": "press:0", "value": encode(Begin())}, home="T0OTHER"))
    assert got is not None
    assert got.actor.workspace == "T0OTHER"
    assert origin.person(p.press({}, home="T0OTHER")).team == p.TEAM


def test_a_button_that_is_not_ours_is_refused() -> None:
    """What travels in a button is decoded, never trusted."""
    with pytest.raises(InvalidAnswer):
        parse.press(p.press({"action_id": "press:0", "value": "rm -rf"}))
    with pytest.raises(InvalidAnswer):
        parse.submission(p.submission("{}"))


@pytest.mark.parametrize("kind", [{}, [], 7, None])
def test_an_input_of_no_known_kind_is_no_crash(kind: object) -> None:
    """What stands where a word should is no word: the press is read as one of a button, and refused."""
    with pytest.raises(InvalidAnswer):
        parse.press(p.press({"type": kind, "action_id": "press:0", "value": "?"}))


trees = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["user", "team", "view", "event", "state", "values", "actions", "channel", "id", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = st.dictionaries(
    st.sampled_from(["user", "team", "view", "event", "state", "actions", "message", "container", "text"]),
    trees,
    max_size=6,
)


@given(bodies)
def test_minimal_and_broken_payloads(body: p.Json) -> None:
    """A payload with parts missing or of the wrong kind is read or refused, never a crash."""
    for reader in (
        parse.command,
        parse.shortcut,
        parse.submission,
        parse.press,
        parse.typed,
        parse.kept_first,
    ):
        try:
            reader(body)
        except InvalidAnswer:
            continue
    origin.place(body)
