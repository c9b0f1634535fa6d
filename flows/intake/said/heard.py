"""One turn of typing: what it has beside the words, and what it may come to."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from msgspec.structs import replace

from flows.intake import conversation
from flows.intake.said import asked_back
from flows.intake.settled import State
from flows.model import Draft
from flows.school import School
from flows.ui.inbound import Surface


class TypedAnswer(Struct, frozen=True):
    """It was read: the state after it, and a note that says how."""

    state: State
    note: str


class Misunderstood(Struct, frozen=True):
    """It was not read, and it was too short to be worth keeping."""

    message: str
    hint: str


class Wants(Struct, frozen=True):
    """It steers: a command, or "cancel", "back", "send", "continue", "discard", "fresh"."""

    command: str
    argument: str = ""


class Turn(Struct, frozen=True):
    """What one turn of typing has beside the words."""

    state: State
    school: School
    at: dt.datetime
    surface: Surface

    @property
    def draft(self) -> Draft:
        """The draft as it was before."""
        return self.state.draft


def moved(turn: Turn, after: State, answered: str = "") -> State:
    """Return the state moved on to the next question."""
    moved = conversation.shown_now(conversation.step_on(after, turn.surface), turn.surface)
    moved = asked_back.heard(moved, turn.surface, answered)
    return State(replace(moved.draft, touched_at=turn.at), moved.settled)
