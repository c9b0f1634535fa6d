"""What goes to somebody who asks is read whole before it goes: each passage to its end, on each platform."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from msgspec.structs import replace

from adapters.slack import limits as slack_limits
from adapters.slack.reply_payloads import message, window
from adapters.teams import fields as teams_fields
from adapters.teams import limits as teams_limits
from adapters.teams import render as teams
from flows.packs.contents import Section
from flows.school import PersonId
from flows.subject import bundle, cards, passages, results
from flows.subject.bundle import Given
from flows.subject.cards import Looked
from flows.subject.masks import Hidden
from flows.subject.passages import Passage
from flows.subject.request import Request
from flows.ui.cards import Buttons, Card, Quote
from flows.ui.forms import Form
from flows.ui.inbound import Show
from tests.flows.matter import ABUSE, AT, SCHOOL, Matter

CASE = Matter(ABUSE).case
REQUEST = Request(
    id="HPS-2026-SAR-1", school=SCHOOL.id, by=PersonId("ash"), touched=AT, names=("Sam Tester",)
)
#: Words as long as any page carries them, each of which can be found again.
LONG = [" ".join(f"{page}w{n:04}" for n in range(170)) for page in "abcdefgh"]


def longest() -> Form:
    """Return the fullest page there is."""
    found = [Passage(heading=f"{n} · {'x' * 100}", text=text, own=True) for n, text in enumerate(LONG)]
    pieces = [replace(one, text=text) for one in found for text in passages.cut(one.text)]
    places = max(passages.pages(pieces), key=lambda on: sum(len(pieces[n].text) for n in on))
    looked = Looked(
        case=CASE,
        number=1,
        of=9,
        places=places,
        shown=tuple(pieces[n] for n in places),
        parts=places,
        others=tuple(f"Somebody Whoever{n}" for n in range(90)),
        hidden=Hidden(known=False),
        page=None,
    )
    return cards.page(REQUEST, looked, "d" * 16, at=(1, 9))


def every_word(view: Form | Card) -> list[str]:
    """Return what is to be read to its end."""
    blocks = view.intro if isinstance(view, Form) else view.blocks
    return [word for block in blocks if isinstance(block, Quote) for word in block.text.split()]


@pytest.mark.feature("subject-access")
def test_a_page_to_be_looked_through_is_whole_everywhere() -> None:
    """Slack's window and Teams' card show each word that goes out, the masks, and what approves it."""
    form = longest()
    words = every_word(form)
    assert len(words) > 300
    drawn = window(Show(form))
    assert len(drawn["blocks"]) <= slack_limits.VIEW_BLOCKS
    teamed = teams_fields.form(form, nonce="n")
    assert len(json.dumps(teamed)) <= teams_limits.CARD_BYTES
    for payload in (json.dumps(drawn), json.dumps(teamed)):
        assert [word for word in words if word not in payload] == []
        assert "Somebody Whoever89" in payload
        assert form.shortcuts[0].label in payload


def test_all_that_goes_out_is_whole_everywhere() -> None:
    """Page by page, in a message of Slack's and a card of Teams'; the last has the button that makes it."""
    parts = tuple(Passage(heading=f"{n}", text=text[:1200], own=True) for n, text in enumerate(LONG * 4))
    pack = bundle.bundle(
        REQUEST, [Given("HPS-2026-1", parts)], SCHOOL, PersonId("ash"), AT + dt.timedelta(days=1)
    )
    pages = results.told(pack)
    assert len(pages) > 4
    for number in range(1, len(pages) + 1):
        card = results.whole(REQUEST, pack, number)
        words = every_word(card)
        drawn, teamed = message(Show(card)), json.dumps(teams.card(card, nonce="n", view=False, dialog=False))
        assert len(teamed) <= teams_limits.CARD_BYTES
        for payload in (json.dumps(drawn), teamed):
            assert [word for word in words if json.dumps(word)[1:-1] not in payload] == []
        row = next(block for block in card.blocks if isinstance(block, Buttons))
        assert ("Make the files" in {b.label for b in row.buttons}) is (number == len(pages))
    assert isinstance(pack.sections[0], Section)
