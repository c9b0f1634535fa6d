"""Cards and forms on Slack: nothing is lost, nothing is live, everything is within the limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import dialogue, escape, fields, limits, render, truncate, views
from flows.questions.table import SAFETY_LIST
from flows.ui.cards import Bullets, Callout, Card, Facts, Heading, Link, Quote, Small, Text, Tone
from flows.ui.forms import Choice, Form, Many, Option, TextField, Value
from tests.adapters.contract import RenderContract
from tests.adapters.samples import CARDS, FORMS, INTENTS
from tests.flows.talking import PLAIN, answer, at_check, new, see, values
from tests.slack import reading

GOLDEN = Path(__file__).parent / "golden"

#: every message and view there is a golden file of
RENDERED: dict[str, Callable[[], dict[str, Any]]] = {
    **{f"message-{name}": partial(render.message, card) for name, card in CARDS.items()},
    **{f"home-{name}": partial(views.home, CARDS[name]) for name in ("case-card", "very-long")},
    **{f"window-{name}": partial(views.modal_card, CARDS[name]) for name in ("case-card", "empty")},
    **{f"modal-{name}": partial(views.modal_form, form) for name, form in FORMS.items()},
    **{f"asked-{name}": partial(dialogue.form_message, form) for name, form in FORMS.items()},
    "modal-with-note": partial(views.modal_form, FORMS["choice"], "I read that as Yes.", trouble="Not yet."),
    "one-moment": views.one_moment,
    "refusal": partial(views.refusal, "That case is closed.", "Re-open it first."),
    "unsent": dialogue.unsent,
    "trouble": partial(dialogue.trouble, "That is not an answer.", "Type a number."),
}


class TestSlackRenders(RenderContract):
    """Slack keeps to the contract of every renderer."""

    #: a text object's limit; a longer string may be cut, with a mark and a line that says so
    most_characters = limits.TEXT

    def render_card(self, card: Card) -> Any:
        """Return the card as a message."""
        return render.message(card)

    def render_form(self, form: Form) -> Any:
        """Return the form as a modal."""
        return views.modal_form(form)

    def texts(self, rendered: Any) -> list[str]:
        """Return the words of the payload; Slack shows them as they are."""
        return reading.texts(rendered)

    def live(self, rendered: Any) -> list[str]:
        """Return mentions, markup and links that are not ours."""
        return reading.live(rendered)

    def intents(self, rendered: Any) -> list[str]:
        """Return what travels with buttons and windows."""
        return reading.intents(rendered)


@pytest.mark.parametrize("name", RENDERED)
def test_every_payload_passes_the_validators(name: str) -> None:
    """slack_sdk's models, slackblocks' limits and our four rules find nothing."""
    assert reading.faults(RENDERED[name]()) == []


@pytest.mark.parametrize("name", RENDERED)
def test_nothing_is_live(name: str) -> None:
    """No mention, link, channel ping or markup of a person's words is interpreted, in any payload."""
    assert reading.live(RENDERED[name]()) == []


@pytest.mark.parametrize("name", RENDERED)
def test_golden(name: str, golden: Callable[[Path, str], None]) -> None:
    """What is sent is what was looked at last."""
    text = json.dumps(RENDERED[name](), indent=1, ensure_ascii=False, sort_keys=True)
    golden(GOLDEN / f"{name}.json", text + "\n")


FAULTY: dict[str, dict[str, Any]] = {
    "fifty-one blocks": {"blocks": [{"type": "divider"}] * 51},
    "a block id twice": {"blocks": [{"type": "divider", "block_id": "x"}] * 2},
    "an action id twice": {
        "blocks": [
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "x"}}
                ]
                * 2,
            }
        ]
    },
    "an option too long": {
        "blocks": [
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "static_select",
                        "action_id": "x",
                        "options": [{"text": {"type": "plain_text", "text": "x" * 76}, "value": "v"}],
                    }
                ],
            }
        ]
    },
    "inputs but no submit": {
        "type": "modal",
        "title": {"type": "plain_text", "text": "x"},
        "blocks": [
            {
                "type": "input",
                "label": {"type": "plain_text", "text": "x"},
                "element": {"type": "plain_text_input", "action_id": "x"},
            }
        ],
    },
    "a text too long": {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}]},
    "an empty text": {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": ""}}]},
}


@pytest.mark.parametrize("name", FAULTY)
def test_the_validators_would_notice(name: str) -> None:
    """Each rule finds the fault it is there for."""
    assert reading.faults(FAULTY[name])


LIVE: dict[str, Any] = {
    "mrkdwn": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}}]},
    "a mention": {"blocks": [{"type": "rich_text", "elements": [{"type": "broadcast", "range": "channel"}]}]},
    "a strange link": {"blocks": [{"type": "link", "url": "https://evil.example/", "text": "x"}]},
    "unescaped fallback": {"text": "<!channel>", "blocks": []},
    "unfurling": {"text": "x", "blocks": [], "unfurl_links": True},
}


@pytest.mark.parametrize("name", LIVE)
def test_liveness_would_be_noticed(name: str) -> None:
    """The check for live words finds live words."""
    assert reading.live(LIVE[name])


hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>@#!|&*_~`\n\r\t:/\\\u202e\u200b\u200d\ufeff\x00\x1b"), st.characters()
    ),
    max_size=400,
)


def _everything(words: str) -> list[dict[str, Any]]:
    card = Card(
        kind="hostile",
        summary=words or "x",
        blocks=(
            Heading(words),
            Text(words),
            Small(words),
            Facts(((words, words),)),
            Bullets((words, words), ordered=True),
            Quote(words, words),
            Callout(Tone.DANGER, words),
            Link(words, "https://school.example/"),
        ),
    )
    form = Form(
        id="f",
        title=words or "x",
        submit=INTENTS["answer"],
        submit_label="Go on",
        fields=(
            Choice(name="one", label=words, help=words, error=words, options=(Option("a", words, words),)),
            Many(name="two", label=words, options=(Option("a", words), Option("b", "B")), value=("a",)),
            TextField(name="three", label=words, value=words, placeholder=words, lines=2),
        ),
        summary=words,
    )
    return [render.message(card), views.home(card), views.modal_form(form), dialogue.form_message(form)]


@given(hostile)
def test_hostile_words_stay_words(words: str) -> None:
    """Whatever is typed: never live, never refused by a validator."""
    for rendered in _everything(words):
        assert reading.live(rendered) == []
        assert reading.faults(rendered) == []


@pytest.mark.soak
@given(st.text(max_size=60_000))
def test_long_words_stay_within_limits(words: str) -> None:
    """Whatever length: within every limit."""
    for rendered in _everything(words):
        assert reading.faults(rendered) == []


def test_shortened_words_say_so() -> None:
    """A card too long for a message keeps heading, callout and buttons, and says that it is shortened."""
    long = (Heading("H"), Quote("q" * 50_000, "source"), Text("after"), Callout(Tone.DANGER, "Ring 999"))
    fitted = truncate.fit(long, limits.MESSAGE_TEXT)
    assert sum(map(truncate.weight, fitted)) <= limits.MESSAGE_TEXT + 100
    assert Callout(Tone.DANGER, "Ring 999") in fitted
    assert "shortened" in reading.texts(render.message(Card(kind="k", summary="s", blocks=long)))[-1]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<https://x.example/a?b=1&amp;c=2|x.example>", "x.example"),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<@U123|rae> and <@U456>", "@rae and @U456"),
        ("<#C1|general> <!here> <!subteam^S1|@leads>", "#general @here @leads"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<mailto:a@school.example|a@school.example>", "a@school.example"),
        ("2 < 3 and 3 > 2", "2 < 3 and 3 > 2"),
    ],
)
def test_what_was_typed_is_read_back(raw: str, words: str) -> None:
    """Slack's references and entities become what the person typed."""
    assert words == escape.unescape(raw)


@given(hostile)
def test_unescape_undoes_escape(words: str) -> None:
    """What we escape for Slack reads back as it was, once cleaned."""
    assert escape.clean(words) == escape.unescape(escape.escape(words))


def test_a_retry_mark_is_shown() -> None:
    """A message that may be there twice says so."""
    assert "before" in reading.texts(render.message(CARDS["text"], repeat=True))[-1]


def test_a_label_a_little_too_long_goes_on_below() -> None:
    """An option of up to two lines needs no list of its own; a longer one does."""
    label = "Is hateful about religion, disability, who someone loves, or being transgender"
    many = Many(name="m", label="Which?", options=(Option("a", label), Option("b", "B")))
    (drawn,) = fields.entry(many)
    first = drawn["element"]["options"][0]
    assert f"{first['text']['text']} {first['description']['text']}" == label
    longer = Many(name="m", label="Which?", options=(Option("a", label * 3), Option("b", "B")))
    listed, drawn = fields.entry(longer)
    assert label * 3 in reading.texts(listed)
    assert drawn["element"]["options"][1]["text"]["text"] == "2. B"


def test_what_stands_in_a_field_fits_into_it() -> None:
    """Words longer than a field wants are shown all the same, as far as Slack's own limit goes."""
    (drawn,) = fields.entry(TextField(name="t", label="T", value="x" * 500, most=200))
    assert drawn["element"]["max_length"] == 500


@pytest.mark.parametrize("said", [PLAIN, {**PLAIN, "safety": SAFETY_LIST, "targets": ("staff",)}])
def test_no_page_of_a_report_says_its_choices_twice(said: dict[str, Value]) -> None:
    """Every choice that a report offers fits beside its tick: none is listed above as well."""
    draft, asked = new(), 0
    while not at_check(form := see(draft)):
        for field in form.fields:
            if isinstance(field, Choice | Many):
                asked += 1
                assert len(fields.entry(field)) == 1 + bool(field.error), field.name
                drawn = [option["text"]["text"] for option in fields.options(field)]
                assert drawn == [option.label for option in field.options], "none goes on in grey"
        draft = answer(draft, form.id.removeprefix("report."), values(form, said)).draft
    assert asked > 8
