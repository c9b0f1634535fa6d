"""Whatever is posted, what comes in is a value of ours or a refusal in plain words."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web import parse
from adapters.web.render import Desk, card_html, form_html
from flows.errors import InvalidAnswer
from flows.school import Platform
from flows.ui.cards import Bullets, Button, Buttons, Callout, Facts, Heading, Quote, Text, Tone
from flows.ui.forms import Choice, Option, TextField
from flows.ui.inbound import Asked, Started, Surface, Typed
from flows.ui.intents import ChatCommand, encode
from tests.adapters.contract import squeezed
from tests.adapters.sample_cards import card
from tests.adapters.sample_forms import form
from tests.adapters.samples import INTENTS
from tests.web.reading import Reading

NAMES = st.sampled_from(
    ["one.a", "many.a", "text.a", "date.a", "many.", "text.", "x", "", ".a", "file.a", "key"]
)
PAIRS = st.lists(st.tuples(NAMES | st.text(max_size=9), st.text(max_size=60)), max_size=8)
DESK = Desk(account="kit", place="dm", mint=lambda: "key")


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ([("one.danger", "yes")], {"danger": "yes"}),
        ([("text.words", "a\r\nb\rc")], {"words": "a\nb\nc"}),
        ([("date.when", "2026-11-20")], {"when": "2026-11-20"}),
        ([("many.targets", "staff"), ("many.targets", "pupil")], {"targets": ("staff", "pupil")}),
        ([("many.targets", "")], {"targets": ()}),
        ([("many.targets", ""), ("many.targets", "staff")], {"targets": ("staff",)}),
        ([("one.x", "a"), ("many.x", "b")], {"x": ("b",)}),
        ([("one.x", "a"), ("one.x", "b")], {"x": "b"}),
        ([("one.a.b", "x")], {"a.b": "x"}),
        ([("one.", "x"), ("many.", "x"), ("x", "y"), (".a", "y"), ("file.a", "y"), ("key", "k")], {}),
    ],
)
def test_fields_become_answers(pairs: list[tuple[str, str]], wanted: dict[str, object]) -> None:
    """What was ticked, chosen and typed is what arrives, each under its question; all else is left out."""
    assert parse.values(pairs) == wanted


def test_a_shortcut_submits_what_is_filled_in_with_its_own_answers() -> None:
    """One press answers several questions; what was ticked beside it stands beside it."""
    intent = encode(INTENTS["answer"])
    pairs = [("intent", intent), ("many.targets", "staff"), ("also", '{"targets":["none"],"danger":"no"}')]
    got = parse.filled("kit", "k", pairs, surface=Surface.MESSAGE)
    assert got.values == {"targets": ("staff", "none"), "danger": "no"}
    with pytest.raises(InvalidAnswer):
        parse.filled("kit", "k", [("intent", intent), ("also", "[1]")], surface=Surface.MESSAGE)


@given(PAIRS)
def test_any_fields_become_values(pairs: list[tuple[str, str]]) -> None:
    """Whatever is posted: each field of ours arrives under its name, and nothing that is none of ours."""
    ours = [key.partition(".") for key, _ in pairs]
    found = parse.values(pairs)
    assert set(found) == {name for kind, _, name in ours if kind in ("one", "many", "text", "date") and name}
    for name, value in found.items():
        last = [kind for kind, _, known in ours if known == name and kind in ("one", "many", "text", "date")]
        assert isinstance(value, tuple if last[-1] == "many" else str)


@given(PAIRS, st.text(max_size=200))
def test_anything_posted_is_parsed_or_refused(pairs: list[tuple[str, str]], raw: str) -> None:
    """No form makes a parser fail in any way but the one that is answered in plain words."""
    posted = [*pairs, ("intent", raw), ("command", raw)]
    parse.typed("kit", "k", raw)
    parse.uploaded("kit", "k", posted, [])
    with contextlib.suppress(InvalidAnswer):
        parse.pressed("kit", "k", posted, surface=Surface.MESSAGE)
    with contextlib.suppress(InvalidAnswer):
        parse.filled("kit", "k", posted, surface=Surface.MODAL)
    with contextlib.suppress(InvalidAnswer):
        parse.asked("kit", "k", posted)


@pytest.mark.parametrize("name", INTENTS)
def test_every_intent_survives_a_page(name: str) -> None:
    """What a button means comes back the same from the page it stood on."""
    shown = card(Buttons((Button(label="An invented label", intent=INTENTS[name]),)))
    (standing,) = Reading(card_html(shown, DESK)).intents
    pressed = parse.pressed("kit", "k", [("intent", standing)], surface=Surface.MESSAGE)
    mark = hashlib.sha256(standing.encode()).hexdigest()[:12]
    assert (pressed.intent, pressed.surface, pressed.key) == (INTENTS[name], Surface.MESSAGE, f"web/k/{mark}")


def test_the_form_knows_what_it_submits() -> None:
    """A form comes back as the question it was, with the answers typed into it."""
    page = Reading(form_html(form(), DESK))
    filled = parse.filled("kit", "k", [("intent", page.intents[0]), ("text.b", "x")], surface=Surface.MODAL)
    assert (filled.intent, filled.values, filled.key) == (INTENTS["answer"], {"b": "x"}, "web/k")
    assert (filled.surface, filled.actor.account) == (Surface.MODAL, "kit"), "answered where it was shown"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  hello\r\nthere ", ("Typed", "hello\nthere")),
        ("/report-posting", ("Started", "")),
        ("/report-posting  somebody wrote this", ("Started", "somebody wrote this")),
        ("/report-posting STATUS", ("Asked", ChatCommand.STATUS, "")),
        ("/report-posting case  HPS-2026-014 ", ("Asked", ChatCommand.CASE, "HPS-2026-014")),
        ("/report-postings", ("Typed", "/report-postings")),
        ("please /report-posting", ("Typed", "please /report-posting")),
    ],
)
def test_what_is_typed_in_the_box(text: str, wanted: tuple[object, ...]) -> None:
    """The slash command works as on the chat platforms; anything else is an answer."""
    got = parse.typed("kit", "k", text)
    said = {
        Typed: lambda: (got.text,),  # type: ignore[union-attr]
        Started: lambda: (got.words,),  # type: ignore[union-attr]
        Asked: lambda: (got.command, got.argument),  # type: ignore[union-attr]
    }[type(got)]()
    assert (type(got).__name__, *said) == wanted
    assert (got.key, got.actor.account, got.actor.platform) == ("web/k", "kit", Platform.WEB)


def test_a_command_of_the_page() -> None:
    """A button of the page asks what it says; one that says nothing of ours is refused in plain words."""
    got = parse.asked("kit", "k", [("command", "case"), ("argument", " HPS-2026-014 ")])
    assert (got.command, got.argument, got.key) == (ChatCommand.CASE, "HPS-2026-014", "web/k")
    with pytest.raises(InvalidAnswer) as refused:
        parse.asked("kit", "k", [("command", "nonsense")])
    assert refused.value.reference == "unknown-command"
    assert refused.value.message


def test_two_buttons_of_one_page_are_two_deliveries() -> None:
    """One pressed twice is one; another of the same page is another."""
    keys = [
        parse.pressed("kit", "k", [("intent", encode(INTENTS[name]))], surface=Surface.MODAL).key
        for name in ("begin", "begin", "act")
    ]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0].startswith("web/k/")


def test_files_know_which_case_they_came_with() -> None:
    """Files added to a case go there; with anything else, or with nonsense, to the open draft."""
    for name, case in (("act", INTENTS["act"].case), ("fill", INTENTS["fill"].case), ("begin", "")):
        got = parse.uploaded("kit", "k", [("intent", encode(INTENTS[name]))], [])
        assert (got.case, got.key) == (case, "web/k/files")
    assert parse.uploaded("kit", "k", [("intent", "nonsense")], []).case == ""
    assert parse.uploaded("kit", "k", [], []).case == ""


def test_words_in_a_thread_are_noted_where_they_stand() -> None:
    """A leader's words arrive with their channel and thread, with line ends as they were seen."""
    got = parse.noted("kit", "k", channel="leadership", thread="m1", text=" a\r\nb ")
    assert (got.channel, got.thread, got.text, got.key) == ("leadership", "m1", "a\nb", "web/k")


@settings(max_examples=60)
@given(st.text(max_size=120))
def test_any_words_stay_words(words: str) -> None:
    """Any text at all, in any place that takes text, is read back and runs nothing."""
    shown = card(
        Heading(words), Text(words), Facts(((words, words),)), Bullets((words,)), Quote(words, words)
    )
    asked = form(
        Choice(name="a", label=words, help=words, error=words, options=(Option("x", words, words),)),
        TextField(name="b", label=words, value=words, placeholder=words, lines=3),
        intro=(Callout(Tone.CAUTION, words),),
    )
    for html in (card_html(shown, DESK), form_html(asked, DESK)):
        page = Reading(html)
        assert page.live == []
        assert squeezed(words) in squeezed("".join(page.words))
