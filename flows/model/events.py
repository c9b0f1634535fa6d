"""What happened to a case, and who saw what. Values only."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from flows.model.reports import CaseId
from flows.school import PersonId, SchoolId, Seat


class EventKind(StrEnum):
    """What can have happened to a case; past tense."""

    OPENED = "opened"
    TAKEN_ON = "taken_on"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    REFERENCE_RECORDED = "reference_recorded"
    RECUSED = "recused"
    KEPT_OUT = "kept_out"
    BROUGHT_IN = "brought_in"
    HANDED_ON = "handed_on"
    HANDED_OVER = "handed_over"
    MOVED = "moved"
    NOTED = "noted"
    WROTE = "wrote"
    HELD = "held"
    HOLD_CLEARED = "hold_cleared"
    CONTACT_RECORDED = "contact_recorded"
    MEETING_RECORDED = "meeting_recorded"
    DUTY_RECORDED = "duty_recorded"
    TASK_RECORDED = "task_recorded"
    CARE_RECORDED = "care_recorded"
    WENT_ON = "went_on"
    LETTER_APPROVED = "letter_approved"
    PACK_MADE = "pack_made"
    EXPORTED = "exported"
    MISTAKE_SAID = "mistake_said"
    CALLED_999 = "called_999"
    CORRECTED = "corrected"
    AMENDED = "amended"
    ADDED = "added"
    SUPPORT_ASKED = "support_asked"
    COMPLETED = "completed"
    REASSESSED = "reassessed"
    REPORTER_SHOWN = "reporter_shown"
    LINKS_ENDED = "links_ended"
    DELIVERY_FAILED = "delivery_failed"
    REPOSTED = "reposted"
    CLOSED = "closed"
    REOPENED = "reopened"
    DRILL_ENDED = "drill_ended"
    REMOVAL_NEAR = "removal_near"
    KEPT_LONGER = "kept_longer"
    LEGALLY_HELD = "legally_held"
    LEGAL_HOLD_LIFTED = "legal_hold_lifted"


#: Written to whoever reported, or about them alone: it can name them, so nobody finds a case by it.
OF_THE_REPORTER = frozenset({EventKind.WROTE, EventKind.SUPPORT_ASKED, EventKind.REPORTER_SHOWN})


#: A fact of an event: a closed word or an id, or several.
Fact = str | tuple[str, ...]


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened to a case; never edited. ``by`` None = the bot itself.

    ``facts`` are closed words and ids; ``words`` a person's own, shown only to those who may read.
    ``seat`` is what ``by`` was in the case at that moment.
    """

    case: CaseId
    seq: int
    kind: EventKind
    at: dt.datetime
    by: PersonId | None = None
    seat: Seat | None = None
    facts: dict[str, Fact] = {}
    words: str = ""

    def fact(self, name: str) -> str:
        """Return the one word of a fact ("" = there is none)."""
        found = self.facts.get(name, "")
        return found if isinstance(found, str) else ""

    def several(self, name: str) -> tuple[str, ...]:
        """Return every word of a fact."""
        found = self.facts.get(name, ())
        return found if isinstance(found, tuple) else ()


class AuditKind(StrEnum):
    """What the audit remembers beside the events: who saw what, and who was refused."""

    RECORD_OPENED = "record_opened"
    CARD_SHOWN = "card_shown"
    LISTED = "listed"
    FORM_SHOWN = "form_shown"
    REPORTER_SHOWN = "reporter_shown"
    PACK_MADE = "pack_made"
    EXPORTED = "exported"
    WORDING_TICKED = "wording_ticked"
    SUBJECT_BUNDLE = "subject_bundle"
    FIGURES_SHOWN = "figures_shown"
    DELIVERED = "delivered"
    REFUSED = "refused"
    ALREADY_TOLD = "already_told"
    LINK_OFFERED = "link_offered"
    ROSTER_ASKED = "roster_asked"
    ROSTER_AGREED = "roster_agreed"
    ROSTER_REFUSED = "roster_refused"
    LINKED = "linked"
    REMOVED = "removed"
    PAGE_OPENED = "page_opened"
    REHEARSED = "rehearsed"


class Audit(Struct, frozen=True, kw_only=True):
    """One line for the data protection officer; ids and closed words only."""

    school: SchoolId
    at: dt.datetime
    kind: AuditKind
    by: PersonId | None
    case: CaseId | None = None
    facts: dict[str, str] = {}
