"""One thing that there is to do in a case."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.letters.table import Letter
from flows.model import Action
from flows.school import PersonId
from flows.ui.cards import Mark


class Task(Struct, frozen=True, kw_only=True):
    """One thing to be done: ``what`` in words, how it stands, and the action that does it.

    ``name`` is the policy's name of it, or the body of a duty; ``came`` what became of it, where that has to
    be said, ``by`` whom and ``at`` what time; ``due`` a day of its own, ``until`` a moment of its own;
    ``letter`` what can be written for it.
    """

    name: str
    what: str
    mark: Mark = Mark.TO_DO
    action: Action | None = None
    which: str = ""
    letter: Letter | None = None
    due: dt.date | None = None
    came: str = ""
    by: PersonId | None = None
    at: dt.datetime | None = None
    until: dt.datetime | None = None
