"""Who reports, what was reported, and the report while it is being made. Values only."""

from __future__ import annotations

import datetime as dt
from typing import NewType

from msgspec import Struct

from flows.school import Person, PersonId, SchoolId

CaseId = NewType("CaseId", str)


DraftId = NewType("DraftId", str)


#: A policy answer: one value, or several. (`unfinished` is kept apart, as a bool.)
Answer = str | tuple[str, ...]


class Identity(Struct, frozen=True):
    """Somebody the directory knows: the schools they belong to, and who they are in each."""

    people: dict[SchoolId, Person]
    guest: bool = False


class EvidenceFile(Struct, frozen=True, kw_only=True):
    """A file we hold. ``media_type`` is sniffed, never claimed; ``locked`` = came before an imagery
    answer: nobody opens it, the DSL is told. ``gone`` = it was a mistake, or handed over: nobody has it.
    """

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: PersonId
    added_at: dt.datetime
    locked: bool = False
    gone: bool = False


class Document(EvidenceFile, frozen=True, kw_only=True):
    """A file that a person approved or had made; ``of`` is what it is: a letter, by its
    word, or a pack, by its body.
    """

    of: str


class Posting(Struct, frozen=True, kw_only=True):
    """The thing seen online, as the reporter describes it. Never seen by the policy."""

    words: str = ""
    platform_other: str = ""
    link: str = ""
    account_name: str = ""
    audience: str = ""
    first_seen: str = ""
    captured_by: str = ""
    files: tuple[EvidenceFile, ...] = ()


class Named(Struct, frozen=True, kw_only=True):
    """*Is it one of these?* – seat holders the reporter pointed at. Never in the assessment.

    ``someone_else`` = of whom they said that it is (also) nobody of these, by the name of the field.
    """

    poster: tuple[PersonId, ...] = ()
    target: tuple[PersonId, ...] = ()
    accused: tuple[PersonId, ...] = ()
    kept_out: tuple[PersonId, ...] = ()
    someone_else: tuple[str, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """One staff member's account. ``answers`` holds policy keys only, as sent to the policy.

    ``presumed`` are those of them that nobody gave: a named rule put them there, or the policy's caution.
    """

    reporter: PersonId
    answers: dict[str, Answer]
    presumed: tuple[str, ...] = ()
    posting: Posting = Posting()
    named: Named = Named()
    unfinished: bool = False
    private_name: bool = False
    reporting_for: str = ""
    wants_contact: str = ""
    sent_at: dt.datetime

    @property
    def given(self) -> dict[str, Answer]:
        """The answers that somebody gave."""
        return {name: answer for name, answer in self.answers.items() if name not in self.presumed}


class Mending(Struct, frozen=True):
    """A page that stands on a surface with an error: it is as of ``known``, whatever it was drawn at."""

    page: str
    drawn: int
    known: int


class Spoken(Struct, frozen=True):
    """What was last said in words on a surface: the question they answered, and what was asked back of them.

    ``asks`` says why it was asked back ("" = it was not), ``value`` what a *yes* to that would mean for the
    question ``name``. It is asked of the draft as it was at ``revision``, and of no other.
    """

    last: str = ""
    asks: str = ""
    name: str = ""
    value: Answer = ""
    revision: int = 0


class Draft(Struct, frozen=True, kw_only=True):
    """A report being written: the answers are the only state.

    ``answers`` holds every field of the table of questions, details included. ``cursors`` maps a surface
    to the field last shown there. ``case`` is set once an unfinished report went ahead of it.
    ``changed`` is the revision at which an answer last changed, ``again`` the questions to which two
    different answers came, ``mending`` the page with an error that stands on a surface, ``spoken`` what was
    last said in words there.
    """

    id: DraftId
    school: SchoolId
    person: PersonId
    answers: dict[str, Answer] = {}
    files: tuple[EvidenceFile, ...] = ()
    cursors: dict[str, str] = {}
    visited: tuple[str, ...] = ()
    revision: int = 0
    changed: dict[str, int] = {}
    again: tuple[str, ...] = ()
    mending: dict[str, Mending] = {}
    spoken: dict[str, Spoken] = {}
    alerted: tuple[str, ...] = ()
    case: CaseId | None = None
    started_at: dt.datetime
    touched_at: dt.datetime
    version: int = 0
