"""The page of one case: its card, its record, and what was answered last; nothing about another. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from adapters.web import limits
from adapters.web.panes import Pane
from adapters.web.render import Desk, card_html, form_html, page
from flows.seat_page import Seated
from flows.ui.cards import Block, Buttons, Card, Line
from flows.ui.forms import Form
from flows.ui.intents import Act, Fill, Intent


def about(intent: Intent, case: str) -> bool:
    """Return whether an intent is about this case: nothing else is done from its page."""
    return isinstance(intent, Act | Fill) and intent.case == case


def only(card: Card, case: str) -> Card:
    """Return a card with the buttons that are about this case."""
    return replace(card, blocks=tuple(_only(block, case) for block in card.blocks))


def _only(block: Block, case: str) -> Block:
    match block:
        case Buttons(buttons=buttons):
            return Buttons(tuple(button for button in buttons if about(button.intent, case)))
        case Line(button=button) if button is not None and not about(button.intent, case):
            return replace(block, button=None)
        case _:
            return block


def kept(view: Form | Card | None, case: str) -> Form | Card | None:
    """Return what was answered, with the buttons that are about this case."""
    match view:
        case Card():
            return only(view, case)
        case Form():
            return replace(view, buttons=tuple(one for one in view.buttons if about(one.intent, case)))
        case None:
            return None


def case_page(seated: Seated, pane: Pane, below: Sequence[Card], desk: Desk, *, unsaved: str) -> str:
    """Return the page; ``below`` is the card and the record, ``unsaved`` the key of what was not kept."""
    view = kept(pane.view, seated.case)
    shown = form_html(view, desk, key=unsaved) if isinstance(view, Form) else ""
    return page(
        "seat_case",
        seated=seated,
        pane=pane,
        shown=card_html(view, desk) if isinstance(view, Card) else shown,
        title=view.title if isinstance(view, Form) else "",
        below=[card_html(card, desk) for card in below],
        desk=desk,
        unsaved=unsaved,
        idle=int(limits.IDLE.total_seconds()),
        warn=int(limits.WARN_SECONDS),
        often=int(limits.STILL_SECONDS),
    )
