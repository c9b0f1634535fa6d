"""A page of a list is whole on every platform: nothing of it is cut to fit."""

from __future__ import annotations

import json

import pytest

from adapters.slack import limits as slack_limits
from adapters.slack import views
from adapters.slack.reply_payloads import message, window
from adapters.teams import limits as teams_limits
from adapters.teams import render as teams
from flows.finding.filters import PAGE, Filter
from flows.messages import lists
from flows.model import Owed
from flows.ui.cards import Card, buttons_of
from flows.ui.inbound import Show
from tests.flows.matter import ABUSE, AT, SCHOOL, Matter, listed, row


def pages() -> dict[str, Card]:
    """Return the longest pages there are: the list, the one that says what is owed, and the home page."""
    owed = tuple(Owed(f"Invented body {n}", AT.date()) for n in range(5))
    rows = [
        row(Matter(ABUSE).case, id=f"C{n}", reference=f"HPS-2026-{n:04}", held=n % 2 == 0, owed=owed[: n % 6])
        for n in range(60)
    ]
    every = listed(rows, page=2)
    return {
        "all": every,
        "waiting": listed(rows, Filter.WAITING, page=2),
        "home": lists.home([], None, every, SCHOOL),
    }


@pytest.mark.parametrize("kind", pages())
@pytest.mark.feature("lists-with-filters")
def test_a_page_is_whole_everywhere(kind: str) -> None:
    """Slack's message, window and home tab, and Teams' card carry every case of it, and every button."""
    card = pages()[kind]
    labels = [button.label for button in buttons_of(card)]
    assert len([label for label in labels if label.startswith("HPS")]) == PAGE
    drawn = message(Show(card)), window(Show(card)), views.home(card)
    for payload, most in zip(
        drawn, (slack_limits.MESSAGE_BLOCKS, *(slack_limits.VIEW_BLOCKS,) * 2), strict=True
    ):
        assert len(payload["blocks"]) <= most
        assert all(json.dumps(label)[1:-1] in json.dumps(payload) for label in labels)
    teamed = json.dumps(teams.card(card, nonce="n", view=False, dialog=False))
    assert len(teamed) <= teams_limits.CARD_BYTES
    assert all(label in teamed for label in labels)
