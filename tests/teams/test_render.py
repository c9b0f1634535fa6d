"""Cards and forms in Teams: nothing is lost, nothing is live, everything is within the limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import escape, fields, limits, render
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Facts,
    Heading,
    Link,
    Quote,
    Small,
    Text,
    Tone,
)
from flows.ui.forms import Choice, Form, Many, Option, TextField
from flows.ui.intents import Begin
from tests.adapters.contract import RenderContract, squeezed
from tests.adapters.samples import CARDS, FORMS, INTENTS
from tests.teams import reading
from tests.teams.rendered import RENDERED

GOLDEN = Path(__file__).parent / "golden"


class TestTeamsRenders(RenderContract):
    """Teams keeps to the contract of every renderer."""

    #: a card's whole size is limited; a longer string may be cut, with a mark and a line that says so
    most_characters = 8_000

    def render_card(self, card: Card) -> Any:
        """Return the card as an Adaptive Card."""
        return render.card(card)

    def render_form(self, form: Form) -> Any:
        """Return the form as an Adaptive Card."""
        return fields.form(form)

    def texts(self, rendered: Any) -> list[str]:
        """Return the words of the card; Teams shows them as they are."""
        return reading.texts(rendered)

    def live(self, rendered: Any) -> list[str]:
        """Return Markdown, mentions, functions and links that are not ours."""
        return reading.live(rendered)

    def intents(self, rendered: Any) -> list[str]:
        """Return what travels with the buttons."""
        return reading.intents(rendered)


@pytest.mark.parametrize("name", RENDERED)
def test_every_card_keeps_the_rules(name: str) -> None:
    """Size, version, rows of buttons, fallbacks and ids are as Teams wants them; nothing is live."""
    card = RENDERED[name]()
    assert reading.faults(card) == []
    assert reading.live(card) == []


@pytest.mark.parametrize("name", RENDERED)
def test_golden(name: str, golden: Callable[[Path, str], None]) -> None:
    """What is sent is what was looked at last."""
    text = json.dumps(RENDERED[name](), indent=1, ensure_ascii=False, sort_keys=True)
    golden(GOLDEN / f"{name}.json", text + "\n")


FAULTY: dict[str, dict[str, Any]] = {
    "too large": {
        "body": [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "x" * 25_000}]}]
    },
    "an input's id twice": {"body": [{"type": "Input.Text", "id": "v.x"}] * 2},
    "a row of buttons that Teams does not show whole": {"body": [{"type": "ActionSet", "actions": [{}] * 6}]},
    "a button that an older Teams cannot press": {"body": [{"type": "Action.Execute", "data": {}}]},
    "a value with the sign that parts values": {
        "body": [{"type": "Input.ChoiceSet", "id": "m.x", "choices": [{"title": "x", "value": "a,b"}]}]
    },
}


@pytest.mark.parametrize("fault", FAULTY)
def test_the_rules_find_what_is_wrong(fault: str) -> None:
    """Each rule fails on a card that breaks it."""
    card = {"type": "AdaptiveCard", "version": limits.CARD_VERSION, **FAULTY[fault]}
    assert fault in reading.faults(card)


LIVE: dict[str, dict[str, Any]] = {
    "a text block": {"type": "TextBlock", "text": "**x**"},
    "a date function": {"type": "TextRun", "text": "{{DATE(2026-01-01T00:00:00Z)}}"},
    "a mention": {"type": "TextRun", "text": "<at>Everyone</at>"},
    "a picture": {"type": "Image", "url": "https://evil.example/p.gif"},
    "a link": {"type": "Action.OpenUrl", "title": "x", "url": "https://evil.example"},
    "a title": {"type": "Input.ChoiceSet", "label": "", "choices": [{"title": "**x**", "value": "x"}]},
}


@pytest.mark.parametrize("name", LIVE)
def test_what_is_live_is_seen(name: str) -> None:
    """The reader that finds nothing live in our cards finds each live thing."""
    assert reading.live({"type": "AdaptiveCard", "body": [LIVE[name]]})


def test_too_many_words_are_cut_and_said_to_be() -> None:
    """A card that is too large is made shorter, says so, and keeps its heading, callout and buttons."""
    long = "word " * 20_000
    press = Button(label="Take this on", intent=Begin())
    blocks = (Heading("H"), Callout(Tone.DANGER, "Ring 999"), Quote(long), Text(long), Buttons((press,)))
    card = render.card(Card(kind="x", summary="s", blocks=blocks))
    said = reading.texts(card)
    assert reading.faults(card) == []
    assert any("shortened" in text for text in said)
    assert {"H", "Take this on"} <= set(said)
    assert any("Ring 999" in text for text in said)


def test_many_paragraphs_are_left_out_from_the_end_but_never_the_buttons() -> None:
    """What does not fit even when cut is left out from the end; the buttons stay."""
    press = Button(label="Take this on", intent=Begin())
    blocks: tuple[Block, ...] = (*(Text(f"{n} " + "word " * 60) for n in range(200)), Buttons((press,)))
    card = render.card(Card(kind="x", summary="s", blocks=blocks))
    said = reading.texts(card)
    assert reading.faults(card) == []
    assert said[0].startswith("0 word")
    assert "Take this on" in said
    assert any("shortened" in text for text in said)


def test_emoji_count_as_they_travel() -> None:
    """A card of emoji is measured as the wire carries it: twelve bytes each."""
    card = render.card(Card(kind="x", summary="s", blocks=(Text("\U0001f621" * 9_000),)))
    assert len(json.dumps(card)) <= limits.CARD_BYTES


def test_words_too_long_for_a_box_are_not_put_into_one() -> None:
    """A long answer is shown and kept; no box may send a cut copy back in its place."""
    card = fields.form(FORMS["long-value"])
    assert [part for part in reading.parts(card) if part["type"].startswith("Input.")] == []
    submit = next(part for part in reading.parts(card) if part["type"] == "Action.Execute")
    assert submit["data"]["f"] == []


def test_options_that_look_like_markup_become_a_numbered_list() -> None:
    """A name with Markdown in it is read in the list; the boxes beside it have numbers."""
    many = Many(name="who", label="Who?", options=(Option("a", "**Ash**"), Option("b", "Brook")))
    card = fields.form(Form(id="x", title="t", submit=INTENTS["answer"], submit_label="Go", fields=(many,)))
    choices = next(part for part in reading.parts(card) if part["type"] == "Input.ChoiceSet")["choices"]
    assert [choice["title"] for choice in choices] == ["1", "2"]
    assert "1. **Ash**" in reading.texts(card)


def test_a_dialog_has_only_buttons_it_understands() -> None:
    """A dialog knows Action.Submit only."""
    kinds = {part["type"] for part in reading.parts(RENDERED["form-dialog"]())}
    assert "Action.Submit" in kinds
    assert "Action.Execute" not in kinds


def test_a_confirmed_button_opens_its_question() -> None:
    """A button that asks first shows the question; only the one below it acts."""
    card = render.card(CARDS["buttons"])
    asked = next(part for part in reading.parts(card) if part["type"] == "Action.ShowCard")
    assert "Throw your report away? It is gone." in reading.texts(asked["card"])
    assert "data" not in asked


hostile = st.text(
    alphabet=st.sampled_from(
        list("{}<>@/at[]()*_`~#|\\&!-+.: \n\t1aDATE\u202e\u200b\u2060\x1b\x00\ud800\U0001f621")
    ),
    max_size=60,
)


@given(words=hostile)
def test_hostile_words_stay_words(words: str) -> None:
    """Whatever somebody writes, wherever it stands, nothing in the card is interpreted."""
    blocks = (
        Heading(words),
        Text(words),
        Small(words),
        Facts(((words, words),)),
        Bullets((words,)),
        Quote(words, source=words),
        Callout(Tone.DANGER, words),
        Link(words, "https://school.example/"),
        Buttons((Button(label=words, intent=Begin(), describes=words, confirm=words),)),
    )
    card = render.card(Card(kind="x", summary=words, blocks=blocks))
    assert (reading.live(card), reading.faults(card)) == ([], [])
    json.dumps(card, ensure_ascii=False).encode()


@given(words=hostile)
def test_hostile_words_in_a_form_stay_words(words: str) -> None:
    """The same for a form's title, labels, options, values and errors."""
    form = Form(
        id="x",
        title=words,
        submit=INTENTS["answer"],
        submit_label=words,
        summary=words,
        fields=(
            Choice(name="a", label=words, help=words, error=words, options=(Option("x", words, words),)),
            TextField(name="b", label=words, value=words, placeholder=words),
        ),
    )
    card = fields.form(form, note=words, trouble=words)
    assert (reading.live(card), reading.faults(card)) == ([], [])
    kept = [part["value"] for part in reading.parts(card) if part["type"] == "Input.Text" and "value" in part]
    assert kept == [words.encode("utf-8", "replace").decode()][: len(kept)]


TYPED = {
    "a mention of us": ("<at>Report</at> cases", ("<at>Report</at>",), "cases"),
    "a mention of somebody": ("it was <at>Ash Example</at>", (), "it was Ash Example"),
    "spaces of Teams": ("&nbsp;status\xa0", (), "status"),
    "other tags": ("<b>bold</b> stays", (), "<b>bold</b> stays"),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_was_typed(name: str) -> None:
    """A mention of us goes, others become names, everything else stays as it was typed."""
    text, bot, expected = TYPED[name]
    assert expected == escape.typed(text, bot)


def test_html_becomes_words() -> None:
    """A message that came as HTML is read as its words, with its line ends; its links are found."""
    html = '<p>They &lt;said&gt;</p><p>it <a href="https://evil.example/?a=1&amp;b=2">here</a></p>'
    assert escape.read(html).words == "They <said>\nit here"
    assert escape.links(html) == ("https://evil.example/?a=1&b=2",)


def test_squeezing_hides_no_loss() -> None:
    """The contract's comparison drops invisible signs only: a lost letter is seen."""
    assert squeezed("a\u2060b") == squeezed("ab") != squeezed("a")
