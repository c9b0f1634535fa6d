"""Whatever is posted, what comes in is a value of ours or a refusal in plain words."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web import parse
from adapters.web.render import Desk, card_html, form_html
from flows.errors import InvalidAnswer
from flows.ui.cards import Bullets, Callout, Facts, Heading, Quote, Text, Tone
from flows.ui.forms import Choice, Option, TextField
from flows.ui.inbound import Surface
from flows.ui.intents import decode, encode
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


@given(PAIRS)
def test_any_fields_become_values(pairs: list[tuple[str, str]]) -> None:
    """Fields of any name and number become text or tuples of text, by a name that is not empty."""
    found = parse.values(pairs)
    for name, value in found.items():
        assert name
        assert isinstance(value, str) or all(isinstance(one, str) for one in value)


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


def test_every_intent_survives_a_page() -> None:
    """What a button means comes back the same from the page it stood on."""
    for intent in INTENTS.values():
        page = Reading(form_html(form(), DESK))
        assert decode(page.intents[0]) == INTENTS["answer"]
        pressed = parse.pressed("kit", "k", [("intent", encode(intent))], surface=Surface.MESSAGE)
        assert pressed.intent == intent


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
