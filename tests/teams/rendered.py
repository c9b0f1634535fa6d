"""Every card there is a golden file of, by name: the tests and the pictures are made from this table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from adapters.teams import fields, render
from flows.ui.cards import Button
from flows.ui.intents import Ask, ChatCommand
from tests.adapters.samples import CARDS, CASE, FORMS

_BACK = Button(label="Back to the case", intent=Ask(ChatCommand.CASE, CASE))

RENDERED: dict[str, Callable[[], dict[str, Any]]] = {
    **{f"card-{name}": partial(render.card, card) for name, card in CARDS.items()},
    **{f"form-{name}": partial(fields.form, form) for name, form in FORMS.items()},
    "card-repeat": partial(render.card, CARDS["case-card"], mark="You may have had this message before."),
    "card-view": partial(render.card, CARDS["receipt"], view=True, nonce="n1"),
    "form-dialog": partial(fields.form, FORMS["report-page"], dialog=True, nonce="n1"),
    "form-trouble": partial(fields.form, FORMS["choice"], note="I read that as Yes.", trouble="Not yet."),
    "form-back": partial(fields.form, FORMS["leader-form"], back=_BACK),
}
