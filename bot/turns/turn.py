"""One person at the door, once: who, for which school, on which surface, under which delivery key."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.intake.said import steering
from flows.model import CaseId, DraftId, Handled, Identity
from flows.school import Person, Platform, School
from flows.ui.inbound import Actor, Asked, Inbound, Noted, Surface, Typed
from flows.ui.intents import Act, ChatCommand, Fill


class Turn(Struct, frozen=True, kw_only=True):
    """``refused`` = it has come before, and was refused then."""

    school: School
    person: Person
    identity: Identity
    actor: Actor
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


def one_time_code(inbound: Inbound) -> str:
    """Return the one-time code somebody typed ("" = none): also who is nobody yet may type one."""
    if isinstance(inbound, Asked):
        asked: tuple[ChatCommand, str] | None = (inbound.command, inbound.argument)
    else:
        asked = steering.command(inbound.text) if isinstance(inbound, Typed) else None
    return asked[1] if asked is not None and asked[0] is ChatCommand.LINK else ""
