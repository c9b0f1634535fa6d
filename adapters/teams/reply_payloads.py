"""What is answered to an invoke, in the shape Teams expects for each. Pure.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/invoking-task-modules
"""

from __future__ import annotations

from typing import assert_never

from adapters.teams import fields, render
from adapters.teams.parse import Frame, Incoming
from adapters.teams.render import CARD_TYPE, Json
from flows.ui.cards import Button, Callout, Card, Heading, Text, Tone
from flows.ui.forms import Form
from flows.ui.inbound import Filled, Receipt, Refuse, Reply, Show
from flows.ui.intents import Ask, ChatCommand, Fill
from flows.ui.plain_text import card_text
from flows.words import say

_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"


def drawn(reply: Reply, *, key: str, view: bool, dialog: bool = False, own: bool = True) -> tuple[Json, str]:
    """Return what a reply looks like as a card, and its summary. A press on it is named after ``key``.

    A leader's form that took the place of a case's card (``own`` false) has a way back.
    """
    nonce = render.digest(key)
    match reply:
        case Show(view=shown, note=note):
            if isinstance(shown, Form):
                return _form(shown, nonce, note=note, view=view, dialog=dialog, own=own)
            return render.card(shown, nonce=nonce, view=view, dialog=dialog, mark=note), shown.summary
        case Refuse(form=Form() as form, message=message, hint=hint):
            trouble = "" if any(field.error for field in form.fields) else f"{message} {hint}".strip()
            return _form(form, nonce, trouble=trouble, view=view, dialog=dialog, own=own)
        case Refuse():
            card = trouble_card(reply)
            return render.card(card, nonce=nonce, view=view, dialog=dialog), card.summary
        case Receipt(card=card, sent=sent):
            card = done_below() if sent and own and not dialog else card
            return render.card(card, nonce=nonce, view=view, dialog=dialog), card.summary
        case _:
            assert_never(reply)


def _form(
    form: Form, nonce: str, *, view: bool, dialog: bool, own: bool, note: str = "", trouble: str = ""
) -> tuple[Json, str]:
    back = _back(form) if not own and not dialog else None
    content = fields.form(form, note=note, trouble=trouble, nonce=nonce, view=view, dialog=dialog, back=back)
    return content, form.summary or say("teams.dialog")


def _back(form: Form) -> Button | None:
    if not isinstance(form.submit, Fill):
        return None
    return Button(label=say("teams.back"), intent=Ask(ChatCommand.CASE, form.submit.case))


def invoke(turn: Incoming, reply: Reply) -> Json:
    """Return the body that answers an invoke."""
    key = turn.inbounds[-1].key
    match turn.frame:
        case Frame.CARD:
            return _card(turn, reply, key)
        case Frame.DIALOG:
            return _dialog(reply, key)
        case Frame.NOTE:
            return task_message(_first_words(reply))
        case Frame.MESSAGE | Frame.SUBMIT:
            raise ValueError(turn.frame)
        case _:
            assert_never(turn.frame)


def _card(turn: Incoming, reply: Reply, key: str) -> Json:
    """Return the card that takes the place of the one that was pressed, or only words.

    The card of a case is the worker's: pressing on it answers in words, and the worker draws it anew.
    What a leader's form leaves behind is a card again, so that the form does not stay.
    """
    words_only = isinstance(reply, Refuse) and reply.form is None
    if isinstance(reply, Receipt) and not turn.own:
        words_only = not isinstance(turn.inbounds[-1], Filled)
    if words_only:
        return message(_first_words(reply))
    content, _ = drawn(reply, key=key, view=turn.own, own=turn.own)
    return {"statusCode": 200, "type": CARD_TYPE, "value": content}


def _dialog(reply: Reply, key: str) -> Json:
    if isinstance(reply, Refuse) and reply.form is None:
        return task_message(_first_words(reply))
    content, _ = drawn(reply, key=key, view=False, dialog=True)
    shown = {
        "title": say("teams.dialog"),
        "height": "large",
        "width": "medium",
        "card": {"contentType": CARD_TYPE, "content": content},
    }
    return {"task": {"type": "continue", "value": shown}}


def message(words: str) -> Json:
    """Return an answer to a card's button that leaves the card as it is and says something."""
    return {"statusCode": 200, "type": _MESSAGE, "value": words}


def failure(words: str) -> Json:
    """Return an answer that says that nothing was kept; what stands in the card's inputs stays there."""
    return {"statusCode": 500, "type": _ERROR, "value": {"code": "nothing-kept", "message": words}}


def task_message(words: str) -> Json:
    """Return an answer to a dialog that closes it and says something."""
    return {"task": {"type": "message", "value": words}}


def _first_words(reply: Reply) -> str:
    match reply:
        case Refuse(message=said, hint=hint):
            return f"{said} {hint}".strip()
        case Receipt(card=card):
            return card_text(card)[:500]
        case Show(view=shown):
            return shown.title if isinstance(shown, Form) else card_text(shown)[:500]
        case _:
            assert_never(reply)


def trouble_card(reply: Refuse) -> Card:
    """Return a refusal as a card."""
    return words_card(f"{reply.message} {reply.hint}".strip(), tone=Tone.CAUTION)


def words_card(words: str, *, tone: Tone | None = None) -> Card:
    """Return a few words as a card."""
    block = Callout(tone, words) if tone else Text(words)
    return Card(kind="teams-words", summary=say("teams.dialog"), blocks=(block,))


def done_below() -> Card:
    """Return what is left of a report's card: the receipt comes as a message of its own."""
    return Card(kind="teams-done", summary=say("teams.dialog"), blocks=(Heading(say("teams.closed_here")),))
