"""What every step of a case is given, gives back, and asks of a case: what the rest of the room stands on."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from msgspec import Struct

from flows import calendar
from flows.model import Case, Decision, EventKind, Fact, Send, Status
from flows.policy.engine import Policy
from flows.school import PersonId, Platform, School


class StepContext(Struct, frozen=True, kw_only=True):
    """What a step needs beside the case: who (None = the bot), when, and the school's facts.

    ``sends`` are the case's sends so far; ``opened`` who has opened it, where a step asks; ``platforms`` the
    ones this deployment speaks, in the order in which people are looked for.
    """

    school: School
    policy: Policy
    at: dt.datetime
    by: PersonId | None = None
    platforms: tuple[Platform, ...] = ()
    sends: tuple[Send, ...] = ()
    opened: frozenset[PersonId] = frozenset()

    @property
    def day(self) -> dt.date:
        """The school's calendar day."""
        return calendar.local(self.at, self.school.time).date()


class NewEvent(Struct, frozen=True):
    """Something that has just happened; who, when and which number it has is added when it is stored."""

    kind: EventKind
    facts: dict[str, Fact] = {}
    words: str = ""


class Transition(Struct, frozen=True, kw_only=True):
    """What a step did to a case: the case as it is now (status excepted) and what to remember.

    ``newly_recused`` people are cut off at once.
    ``rearm`` starts the acknowledgement clock again; ``remind`` has it speak again where nobody is left.
    ``sends`` are messages of its own; ``quiet`` = nothing else is to be seen: no card is drawn again.
    """

    case: Case
    events: tuple[NewEvent, ...] = ()
    newly_recused: tuple[PersonId, ...] = ()
    rearm: bool = False
    remind: bool = False
    status: Status | None = None
    sends: tuple[Send, ...] = ()
    quiet: bool = False


class Command(Protocol):
    """What can be asked of a case: it holds all that it needs beside the case and the step's context.

    What a person can ask stands in ``actions``, what the bot itself asks in ``commands``.
    """

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return what it does to the case. Raises NotAllowed where it makes no sense now."""
        ...


def due(decision: Decision, step: StepContext) -> dt.datetime:
    """Return by when the case must be seen to (policy page §8)."""
    safeguarding = any(reason.safeguarding_deadline for reason in decision.reasons)
    return calendar.deadline(decision.urgency, step.at, step.school, safeguarding=safeguarding)
