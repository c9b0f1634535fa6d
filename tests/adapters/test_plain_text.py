"""Plain text loses nothing and lets nothing act on a screen."""

from __future__ import annotations

import unicodedata

import pytest

from flows.ui.cards import Button, Card, buttons_of
from flows.ui.forms import Form
from flows.ui.intents import encode
from flows.ui.plain_text import card_text, form_text, plain, size
from tests.adapters.contract import RenderContract
from tests.adapters.samples import CARDS, HOSTILE


class TestText(RenderContract):
    """The reference renderer keeps to the contract of every renderer."""

    carries_hidden_fields = True

    def render_card(self, card: Card) -> tuple[str, list[str]]:
        """Return the text, with what its buttons mean beside it."""
        return card_text(card), [
            encode(b.intent) for b in buttons_of(card) if f"[{plain(b.label)}]" in card_text(card)
        ]

    def render_form(self, form: Form) -> tuple[str, list[str]]:
        """Return the text, with what its submit means beside it."""
        return form_text(form), [encode(form.submit)]

    def texts(self, rendered: tuple[str, list[str]]) -> list[str]:
        """Return the text."""
        return [rendered[0]]

    def live(self, rendered: tuple[str, list[str]]) -> list[str]:
        """Return characters that would act on a terminal or turn the words round."""
        return [
            c
            for c in rendered[0]
            if (unicodedata.category(c) == "Cc" and c not in "\n\t") or c in "\u202e\u2066"
        ]

    def intents(self, rendered: tuple[str, list[str]]) -> list[str]:
        """Return what can be pressed."""
        return rendered[1]


def test_a_button_says_what_it_asks_first() -> None:
    """A button that asks first says so, and what a screen reader would hear is there too."""
    text = card_text(CARDS["buttons"])
    assert "Throw your report away? It is gone." in text
    assert "Take on case HPS-2026-014" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_plain_twice_is_plain_once(name: str) -> None:
    """Making words plain changes nothing that is plain already."""
    assert plain(HOSTILE[name]) == plain(plain(HOSTILE[name]))


def test_joined_emoji_stay_whole() -> None:
    """A family emoji is one picture, joined by characters nobody sees; they stay."""
    assert HOSTILE["emoji"] == plain(HOSTILE["emoji"])


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 bytes"), (999, "999 bytes"), (482_113, "482.1 KB"), (10_000_000, "10 MB")]
)
def test_sizes_are_said_as_people_say_them(count: int, said: str) -> None:
    """Bytes become the unit a person would use."""
    assert said == size(count)


def test_a_button_is_a_button() -> None:
    """Every sample button is one, so that the tables above mean something."""
    assert all(isinstance(b, Button) for b in buttons_of(CARDS["every-intent"]))
