"""Every error a caller would treat differently, in one small tree. Imports nothing of ours.

Each error has a kebab-case ``reference`` (documented in ``docs/errors.md``), a ``message`` that says
what is wrong and a ``hint`` that says what to do. None of the three ever contains what a person typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


class ReportingError(Exception):
    """Base of every error raised on purpose."""

    def __init__(self, reference: str, message: str, hint: str = "") -> None:
        super().__init__(reference)
        self.reference = reference
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return message and hint as one line, for a command line."""
        return f"{self.message} {self.hint}".strip()


class InvalidAnswer(ReportingError):
    """The person can mend it: shown beside the field, in kind words."""

    def __init__(
        self, field: str, message: str, hint: str = "", *, reference: str = "invalid-answer"
    ) -> None:
        """Name the ``field`` the words belong to ("" = the whole form)."""
        super().__init__(reference, message, hint)
        self.field = field
        self.errors = {field: message}

    @classmethod
    def of(cls, errors: Mapping[str, str]) -> Self:
        """Return one error for all the fields that are wrong; it speaks as the first of them does."""
        (field, message), *_ = errors.items()
        wrong = cls(field, message)
        wrong.errors = dict(errors)
        return wrong


class NotAllowed(ReportingError):
    """Wrong person, wrong seat, or the case's status does not allow it. Changes nothing."""


class NotFound(NotAllowed):
    """No such case *for this person*: said in the same words whether or not it exists."""


class Stale(ReportingError):
    """A button or form from before the last change; the caller shows the present state instead."""


class PolicyError(ReportingError):
    """The policy file is wrong: names row, field and mend. The bot refuses to start."""

    def __init__(
        self, reference: str, message: str, hint: str = "", *, owner: str = "", part: str = ""
    ) -> None:
        """Name the row (``owner``) and the field (``part``), for whoever knows on which line they stand."""
        super().__init__(reference, message, hint)
        self.owner = owner
        self.part = part


class SchoolFileError(ReportingError):
    """The school's file is wrong: names line, key and mend. The bot refuses to start."""


class SettingsError(ReportingError):
    """A setting from the environment is missing or wrong. The bot refuses to start."""


class Conflict(ReportingError):
    """Somebody else's change was committed first; the service loads again and tries again."""


class StoreError(ReportingError):
    """The store could not keep or give back something: disk full, read-only, locked, damaged."""


class UnreadableRow(StoreError):
    """One thing that was kept does not open; everything else does."""


class Response(StrEnum):
    """All that a platform may answer to a message. What follows each stands in ``flows.delivery.follows``."""

    TAKEN = "taken"
    PERHAPS = "taken perhaps"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CONNECTION = "the connection is refused"
    MESSAGE = "this message is refused"
    ADDRESS = "this address is refused"
    NOBODY = "nobody is there any more"
    PLACE = "the place is unfit"
    ROOT_GONE = "the root is gone"
    CAME_BACK = "it came back"


class PlatformError(ReportingError):
    """Theirs: a chat platform did not do what was asked. ``response`` is what that was."""

    response: Response


class Retryable(PlatformError):
    """Certainly *not* accepted; may be sent again after ``after`` seconds."""

    def __init__(
        self, reference: str, message: str, *, after: float, response: Response = Response.BUSY
    ) -> None:
        """Carry the waiting time the platform asked for, in seconds."""
        super().__init__(reference, message)
        self.after = after
        self.response = response


class Ambiguous(PlatformError):
    """May or may not have been accepted (time-out, dropped connection): look before sending again."""

    response = Response.PERHAPS


class Permanent(PlatformError):
    """Will not succeed as it stands; ``response`` says what it is that is refused."""

    def __init__(
        self, reference: str, message: str, hint: str = "", *, response: Response = Response.MESSAGE
    ) -> None:
        """Carry what is refused: this message, unless somebody knows better."""
        super().__init__(reference, message, hint)
        self.response = response
