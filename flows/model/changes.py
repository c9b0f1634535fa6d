"""What one step stores, together or not at all. Values only."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.model.cases import Case, Tombstone
from flows.model.events import Audit, Event
from flows.model.links import Link
from flows.model.rehearsals import Rehearsal
from flows.model.reports import CaseId, Draft, DraftId
from flows.model.roster import Roster
from flows.model.sends import Send, Timer
from flows.school import SchoolId

#: ``most`` of a read that leaves nothing out
EVERY_ROW = 1_000_000_000


class Handled(Struct, frozen=True, kw_only=True):
    """An inbound that was handled, kept so that its second delivery changes nothing.

    ``refused`` = it asked something of a case and was refused: it is not done later, when it may be.
    """

    key: str
    at: dt.datetime
    draft: DraftId | None = None
    case: CaseId | None = None
    refused: bool = False


class Change(Struct, frozen=True, kw_only=True):
    """All that one step stores, together or not at all.

    ``new_sends`` are inserted if their key is new; ``updated_sends`` exist and changed, sent or not.
    ``tombstone`` = its case goes: body, events, looks, messages, files and timers.
    ``timers`` are set (or moved); ``cancelled_timers`` are the keys of those that are over.
    ``rehearsal_over`` = it goes, and with it the messages whose keys are ``dropped_sends``.
    """

    school: SchoolId
    handled: Handled | None = None
    draft: Draft | None = None
    dropped_draft: DraftId | None = None
    case: Case | None = None
    events: tuple[Event, ...] = ()
    audit: tuple[Audit, ...] = ()
    links: tuple[Link, ...] = ()
    new_sends: tuple[Send, ...] = ()
    updated_sends: tuple[Send, ...] = ()
    timers: tuple[Timer, ...] = ()
    cancelled_timers: tuple[str, ...] = ()
    roster: Roster | None = None
    rehearsal: Rehearsal | None = None
    rehearsal_over: bool = False
    dropped_sends: tuple[str, ...] = ()
    tombstone: Tombstone | None = None


class Committed(Struct, frozen=True, kw_only=True):
    """What a commit stored, with its versions and the case's reference.

    ``repeated`` = this inbound key was there already: nothing was stored; ``handled`` is the old row.
    """

    draft: Draft | None = None
    case: Case | None = None
    updated_sends: tuple[Send, ...] = ()
    repeated: bool = False
    handled: Handled | None = None
