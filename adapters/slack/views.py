"""Forms as modals, cards as modals and as the home tab. Pure.

A field's block is called ``field:NAME`` and its element ``value``, so that an answer finds its way
back and what a person typed stays in the window when the window is drawn again:
https://docs.slack.dev/surfaces/modals#updating_views
"""

from __future__ import annotations

import hashlib
import json

from adapters.slack import limits
from adapters.slack.dialogue import shortcut
from adapters.slack.escape import clean, short
from adapters.slack.fields import FIELD, entry, shown
from adapters.slack.render import Json, actions, blocks, buttons, paragraph, plain_text, small, spelt_out
from flows.ui.cards import Callout, Card, Heading, Tone
from flows.ui.forms import Form
from flows.ui.intents import AnswerPage, GoTo, Intent, SendReport, encode
from flows.words import say

#: what a modal of ours is called in every payload
CALLBACK = "form"


def modal_form(form: Form, note: str = "", *, trouble: str = "") -> Json:
    """Return a form as a modal. ``note`` and ``trouble`` are lines above it."""
    top: list[Json] = []
    if form.step:
        top.append(small(say("slack.step", this=form.step[0], most=form.step[1])))
    if note:
        top.append(small(note))
    if trouble:
        top += blocks((Callout(Tone.CAUTION, trouble),), most=1)
    title, heading = _titled(form.title)
    entries = [entry(field) for field in shown(form)]
    quick = actions([shortcut(one, form) for one in form.shortcuts])
    presses = [*spelt_out(limits.TITLE, form.submit_label), *quick, *buttons(form.buttons)]
    room = limits.VIEW_BLOCKS - len(top) - len(heading) - len(presses) - 1
    intro = blocks(form.intro, most=max(room - sum(map(len, entries)), 1))
    drawn, left = _within(entries, room - len(intro))
    body = [*top, *heading, *intro, *drawn]
    if left:
        body.append(small(say("slack.more_fields")))
    return {
        **_shell(title),
        "submit": plain_text(form.submit_label, limits.TITLE),
        "private_metadata": encode(form.submit),
        # only a report half-way is worth a word when its window is closed
        "notify_on_close": isinstance(form.submit, AnswerPage | SendReport | GoTo),
        "blocks": [*body, *presses] or [paragraph(form.title)],
    }


def modal_card(card: Card, note: str = "") -> Json:
    """Return a card as a modal that can only be closed."""
    drawn = blocks(card.blocks, most=limits.VIEW_BLOCKS - 1)
    above = [small(note)] if note else []
    return {**_shell(say("slack.title")), "blocks": [*above, *drawn] or [paragraph(card.summary)]}


def one_moment() -> Json:
    """Return the modal that is opened when the form itself is not ready in time."""
    return {**_shell(say("slack.title")), "blocks": [paragraph(say("slack.one_moment"))]}


def refusal(message: str, hint: str) -> Json:
    """Return a modal that says why nothing changed."""
    words = refused_card(message, hint).blocks
    return {**_shell(say("slack.title")), "blocks": blocks(words, most=limits.VIEW_BLOCKS)}


def refused_card(message: str, hint: str) -> Card:
    """Return a card that says why nothing changed."""
    words = (Heading(say("slack.trouble.heading")), Callout(Tone.CAUTION, f"{message} {hint}".strip()))
    return Card(kind="refused", summary=say("slack.trouble.heading"), blocks=words)


def home(card: Card) -> Json:
    """Return a card as the home tab. Its mark tells whether what is published is the same already."""
    drawn = blocks(card.blocks, most=limits.VIEW_BLOCKS) or [paragraph(card.summary)]
    mark = hashlib.sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()[:32]
    return {"type": "home", "callback_id": CALLBACK, "private_metadata": mark, "blocks": drawn}


def errors(form_fields: dict[str, str]) -> dict[str, str]:
    """Return what ``response_action: errors`` wants: words keyed by block id."""
    return {FIELD + name: short(words, limits.LABEL) for name, words in form_fields.items()}


def is_report(intent: Intent) -> bool:
    """Return whether an intent belongs to a report that is being written."""
    return isinstance(intent, AnswerPage | SendReport | GoTo)


def _shell(title: str) -> Json:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text(title, limits.TITLE),
        "close": plain_text(say("slack.close"), limits.TITLE),
    }


def _titled(title: str) -> tuple[str, list[Json]]:
    """Return a window title that fits, and the whole title as a heading if it did not."""
    if len(clean(title)) <= limits.TITLE:
        return title, []
    return say("slack.title"), blocks((Heading(title),), most=1)


def _within(entries: list[list[Json]], room: int) -> tuple[list[Json], bool]:
    """Return as many whole fields as there is room for, and whether any are left over."""
    drawn: list[Json] = []
    for more in entries:
        if len(drawn) + len(more) > room:
            return drawn, True
        drawn += more
    return drawn, False
