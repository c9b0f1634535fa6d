"""One person at the door, once: who, for which school, on which surface, under which delivery key."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.model import CaseId, DraftId, Handled, Identity
from flows.school import Person, Platform, School
from flows.ui.inbound import Inbound, Noted, Surface
from flows.ui.intents import Act, ChatCommand, Fill


class Turn(Struct, frozen=True, kw_only=True):
    """``refused`` = it has come before, and was refused then."""

    school: School
    person: Person
    identity: Identity
    key: str
    surface: Surface
    platform: Platform
    refused: bool = False

    def handled(
        self, at: dt.datetime, *, draft: DraftId | None = None, case: CaseId | None = None
    ) -> Handled:
        """Return the row that makes a second delivery change nothing."""
        return Handled(key=self.key, at=at, draft=draft, case=case)


class Asking(Struct, frozen=True):
    """Typed words that turned out to be a command."""

    command: ChatCommand
    argument: str = ""


def asks_of_a_case(inbound: Inbound) -> bool:
    """Return whether this would change a case; its key is that of one press on one state of the case."""
    return isinstance(inbound, Noted) or isinstance(getattr(inbound, "intent", None), Act | Fill)
