"""Presses that answer what most people say *no* to, and go on at once. Each label says all that it answers.

One is offered only while none of its questions has an answer, given or understood: it fills nothing in, it is
pressed. What is ticked beside it stands all the same, and the page then asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from flows.ui.cards import Style
from flows.ui.forms import Shortcut, Value
from flows.words import say

_NOT_ME: Mapping[str, Value] = {
    "reporter_link": ("none_of_these_apply",),
    "keep_name_private": "no",
    "keep_from": ("nobody",),
}
#: page -> the name of a label, and what pressing it answers
_OFFERED: Mapping[str, tuple[tuple[str, Mapping[str, Value]], ...]] = {
    "danger": (
        ("danger_yes", {"immediate_danger": "yes"}),
        ("danger_no", {"immediate_danger": "no"}),
        ("nobody_here", {"works_here": "no"}),
    ),
    "safety": (("safety", {"safety": ("none_of_these",)}),),
    "about": (("allegation", {"staff_allegation": ("nobody",)}),),
    "hand_over": (
        ("hand_over", {"works_here": "no", "keep_from": ("nobody",)}),
        ("keep_from", {"keep_from": ("nobody",)}),
    ),
    "since": (
        ("since", {"replied": "no", "repeated": "no"}),
        ("replied", {"replied": "no"}),
    ),
    "you": (("you", _NOT_ME),),
    "last": (("you", _NOT_ME),),
}


def shortcuts(page: str, asked: AbstractSet[str], answered: AbstractSet[str]) -> tuple[Shortcut, ...]:
    """Return the presses of a page that are open: the widest of those that answer the same question.

    ``answered`` are the questions that have an answer, given or understood.
    """
    found: list[Shortcut] = []
    taken: set[str] = set()
    for label, values in _OFFERED.get(page, ()):
        names = set(values)
        same = label != "danger_no" and bool(names & taken)
        if names <= asked and not names & answered and not same:
            style = Style.DANGER if label == "danger_yes" else Style.PLAIN
            found.append(Shortcut(say(f"shortcut.{label}"), dict(values), style))
            taken |= names
    return tuple(found)
