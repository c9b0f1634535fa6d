"""Cards as e-mails: nothing is lost, nothing is alive, and Outlook and a phone can draw the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email import limits, render
from flows.ui.cards import Buttons, Callout, Card, Link, Quote, Text, Tone, buttons_of
from flows.ui.intents import encode
from flows.words import say
from tests.adapters.contract import CardContract, said_by_card, squeezed
from tests.adapters.samples import CARDS
from tests.email.reading import Page
from tests.flows.mailed import MAILED_CARDS

GOLDEN = Path(__file__).parent / "golden"
#: What Word, by which Outlook draws, does not know, and what would be fetched from elsewhere.
UNKNOWN = re.compile(
    r"\bflex|\bgrid\b|position:|float:|@import|url\(|<img|<script|<link|<form", re.IGNORECASE
)


class TestPage(CardContract):
    """The page."""

    def render_card(self, card: Card) -> Any:
        """Return the card as HTML."""
        return Page(render.html(card))

    def texts(self, rendered: Page) -> list[str]:
        """Return what is shown."""
        return rendered.texts

    def live(self, rendered: Page) -> list[str]:
        """Return tags and links that are not ours."""
        return rendered.odd


class TestText(CardContract):
    """The same in plain text."""

    def render_card(self, card: Card) -> Any:
        """Return the card as text."""
        return render.text(card)

    def texts(self, rendered: str) -> list[str]:
        """Return the text itself."""
        return [rendered]

    def live(self, rendered: str) -> list[str]:
        """Return nothing: there is no markup in it."""
        del rendered
        return []


@pytest.mark.parametrize("name", CARDS)
def test_nothing_can_be_pressed(name: str) -> None:
    """What a button is called is said; what it does, with the ids in it, is not in the e-mail at all."""
    card = CARDS[name]
    for shown in (render.html(card), render.text(card)):
        assert not [button for button in buttons_of(card) if encode(button.intent) in shown]


@pytest.mark.parametrize("name", [*CARDS, *MAILED_CARDS])
def test_the_page_is_one_that_outlook_draws(name: str) -> None:
    """No layout that Word does not know, nothing from elsewhere, and all words have their own colour."""
    page = render.html({**CARDS, **MAILED_CARDS}[name])
    assert not UNKNOWN.search("".join(re.findall(r"<[^>]*>", page)))
    assert not re.findall(r"<(?:p|h1|ul|ol|a) (?![^>]*;color:)[^>]*>", page)
    assert '<meta name="color-scheme" content="light dark">' in page
    assert f"max-width:{limits.WIDTH}px" in page
    assert "prefers-color-scheme:dark" in page


@pytest.mark.parametrize("tone", Tone)
def test_words_can_be_read_in_the_light_and_in_the_dark(tone: Tone) -> None:
    """Words stand out from their ground by 4.5 to 1 at least (WCAG 1.4.3)."""
    for _, ground, words in (render._TONES[tone], render._DARK[tone]):  # noqa: SLF001 - the colours themselves
        assert contrast(ground, words) >= 4.5
    for ground, words in (("#ffffff", "#56606b"), ("#1e2227", "#aab2bc"), ("#1e2227", "#8ab4f8")):
        assert contrast(ground, words) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return by how much two colours differ, as WCAG reckons it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(words=st.text(max_size=200))
def test_hostile_words_stay_words(words: str) -> None:
    """Whatever somebody writes is shown, and nothing of it is alive."""
    card = Card(kind="x", summary=words, blocks=(Text(words), Callout(Tone.DANGER, words)))
    page = Page(render.html(card, mark=words))
    assert page.odd == []
    for said in said_by_card(card):
        assert squeezed(said) in squeezed("".join(page.texts))


@pytest.mark.parametrize(
    "url", ["http://x.example", "javascript:alert(1)", "data:text/html,x", "//x.example"]
)
def test_only_what_we_offer_is_a_link(url: str) -> None:
    """A link of another kind is shown as words."""
    assert Page(render.html(Card(kind="x", summary="", blocks=(Link("Open", url),)))).links == []


def test_words_of_nobody_in_particular_have_no_source() -> None:
    """Below a quote stands whose words they are, or nothing."""
    quoted = (Quote("Their words."), Quote("Our words.", "The policy"))
    texts = Page(render.html(Card(kind="x", summary="", blocks=quoted))).texts
    assert texts == ["“Their words.”", "“Our words.”", say("text.source", source="The policy")]


def test_a_row_without_buttons_says_nothing() -> None:
    """Nothing is said of buttons where there are none."""
    card = Card(kind="x", summary="", blocks=(Buttons(()), Text("x")))
    assert render.text(card) == "x\n"
    assert Page(render.html(card)).texts == ["x"]


@pytest.mark.parametrize("name", MAILED_CARDS)
def test_golden(name: str, golden: Callable[[Path, str], None]) -> None:
    """What goes out is what was looked at last: as a page, and as text."""
    card = MAILED_CARDS[name]
    golden(GOLDEN / f"{name}.html", render.html(card))
    golden(GOLDEN / f"{name}.txt", f"{card.summary}\n====\n{render.text(card)}")
