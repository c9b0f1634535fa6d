"""What can be asked of a case: imperative, closed, validated before it gets here.

A command says what; who, when and in which school come beside it (:class:`flows.case.context.StepContext`).
"""

from __future__ import annotations

from msgspec import Struct

from flows.model import Outcome, Report
from flows.school import PersonId


class TakeOn(Struct, frozen=True, tag=True):
    """I will see to this."""


class HaveConflict(Struct, frozen=True, tag=True):
    """I must not deal with this: hand it on, at once."""

    why: str = ""


class AddNote(Struct, frozen=True, tag=True):
    """A leader's words for the record."""

    text: str


class Hold(Struct, frozen=True, tag=True):
    """Nobody contacts the poster until further notice."""

    why: str


class ClearHold(Struct, frozen=True, tag=True):
    """Contact may go ahead: who agreed (dsl, lado, police), and why."""

    agreed: str
    why: str


class RecordContact(Struct, frozen=True, tag=True):
    """Somebody contacted the poster: how, when, what was said."""

    how: str
    when: str
    text: str


class RecordMeeting(Struct, frozen=True, tag=True):
    """A meeting with the poster: when, who was there, what was agreed."""

    when: str
    who: str
    text: str


class DecideExternal(Struct, frozen=True, tag=True):
    """The human decision on ``body`` ("legal" or "police")."""

    body: str
    contacted: bool
    how: str = ""
    when: str = ""
    reference: str = ""
    why: str = ""


class Confirm999(Struct, frozen=True, tag=True):
    """999 was rung: by whom and when, in words."""

    text: str


class Correct(Struct, frozen=True, tag=True):
    """An answer was wrong; ``report`` is the whole report as corrected. The case is decided again."""

    report: Report
    changed: tuple[str, ...]
    reason: str


class Complete(Struct, frozen=True, tag=True):
    """The reporter finished a report that had gone ahead unfinished. The case is decided again."""

    report: Report


class AddToReport(Struct, frozen=True, tag=True):
    """More words or files from the reporter; ``report`` already holds them."""

    report: Report
    text: str = ""


class Close(Struct, frozen=True, tag=True):
    """Done, with an outcome and a reason."""

    outcome: Outcome
    reason: str


class Reopen(Struct, frozen=True, tag=True):
    """Not done after all."""

    reason: str


class ShowReporter(Struct, frozen=True, tag=True):
    """Tell the lead who reported; the reason is logged."""

    reason: str


class Escalate(Struct, frozen=True, tag=True):
    """Nobody took it on in time."""


class Move(Struct, frozen=True, tag=True):
    """The leadership channel may not see this case (any longer); ``why`` is a closed word."""

    why: str


class ReportTrouble(Struct, frozen=True, tag=True):
    """A message could not be delivered: to whom (a person or a place) and in which message."""

    message: str
    person: PersonId | None = None


Command = (
    TakeOn
    | HaveConflict
    | AddNote
    | Hold
    | ClearHold
    | RecordContact
    | RecordMeeting
    | DecideExternal
    | Confirm999
    | Correct
    | Complete
    | AddToReport
    | Close
    | Reopen
    | ShowReporter
    | Escalate
    | Move
    | ReportTrouble
)
