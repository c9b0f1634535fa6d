"""What the service replied as a window, a message, or the answer to a request. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from adapters.slack import dialogue, limits, render, views
from adapters.slack.origin import part_at, parts_at, text_at
from adapters.slack.render import Json
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.inbound import Filled, Inbound, Receipt, Refuse, Reply, Show
from flows.ui.intents import AnswerPage


def window(reply: Reply) -> Json:
    """Return a reply as a modal."""
    match reply:
        case Show(view=view, note=note):
            return views.modal_form(view, note) if isinstance(view, Form) else views.modal_card(view, note)
        case Receipt(card=card):
            return views.modal_card(card)
        case Refuse(message=words, hint=hint, form=form):
            if form is None:
                return views.refusal(words, hint)
            return views.modal_form(form, trouble=f"{words} {hint}".strip())
        case _:
            assert_never(reply)


def message(reply: Reply) -> Json:
    """Return a reply as a message of the conversation."""
    match reply:
        case Show(view=view, note=note):
            return dialogue.form_message(view, note) if isinstance(view, Form) else _noted(view, note)
        case Receipt(card=card):
            return render.message(card)
        case Refuse(message=words, hint=hint, form=form):
            if form is None:
                return dialogue.trouble(words, hint)
            return dialogue.form_message(form, trouble=f"{words} {hint}".strip())
        case _:
            assert_never(reply)


def answered_one(inbound: Inbound, reply: Reply) -> Reply:
    """Return the reply to one field of a page, answered by itself: what is still open is no mistake yet."""
    if not isinstance(inbound, Filled) or not isinstance(reply, Refuse) or reply.form is None:
        return reply
    if not isinstance(inbound.intent, AnswerPage) or reply.field in inbound.values:
        return reply
    fields = tuple(f if f.name in inbound.values else replace(f, error="") for f in reply.form.fields)
    return Show(replace(reply.form, fields=fields))


def submitted(reply: Reply, body: Json) -> Json:
    """Return the answer to a submitted window: the next one, or what is wrong, beside its field.

    https://docs.slack.dev/surfaces/modals#handling_submissions
    """
    if not isinstance(reply, Refuse):
        return {"response_action": "update", "view": window(reply)}
    inputs = [b for b in parts_at(part_at(body, "view"), "blocks") if b.get("type") == "input"]
    ids = [text_at(b, "block_id") for b in inputs]
    words = f"{reply.message} {reply.hint}".strip()
    beside = views.errors({reply.field: words})
    if reply.field and (set(beside) & set(ids) or not ids):
        return {"response_action": "errors", "errors": beside}
    if reply.form is not None or not ids:
        return {"response_action": "update", "view": window(reply)}
    # there is no telling which field it belongs to: what was typed must stay all the same
    return {"response_action": "errors", "errors": {ids[-1]: words}}


def private(reply: Reply) -> Json:
    """Return a reply as the answer to a command: only the one who typed it sees it."""
    rendered = message(reply)
    return {"text": rendered["text"], "blocks": rendered["blocks"], "response_type": "ephemeral"}


def needs_window(reply: Reply) -> bool:
    """Return whether a reply can only be answered in a window."""
    return isinstance(reply, Show) and isinstance(reply.view, Form)


def _noted(card: Card, note: str) -> Json:
    head = [render.small(note)] if note else []
    return render.wrap(card.summary, [*head, *render.blocks(card.blocks, most=limits.MESSAGE_BLOCKS - 1)])
