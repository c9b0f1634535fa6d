"""What must still be sent or looked at: messages, timers, and those that do not open. Values only."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from flows.model.decisions import Urgency
from flows.model.messages import Message
from flows.model.reports import CaseId, DraftId
from flows.school import PersonId, Platform, SchoolId, Seat


class Way(StrEnum):
    """How a send goes out."""

    ROOT = "root"
    REPLY = "reply"
    EDIT = "edit"
    DIRECT = "direct"


class Place(StrEnum):
    """Channels a send may name; what address that is, is looked up when it is sent."""

    LEADERSHIP = "leadership"
    RESTRICTED = "restricted"


class SendState(StrEnum):
    """What became of a send. ``attempted`` = may or may not have been accepted: look first."""

    WAITING = "waiting"
    ATTEMPTED = "attempted"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class Posted(Struct, frozen=True, kw_only=True):
    """Where a message landed, in the platform's own ids; enough to reply to it or edit it.

    ``repeat`` = it says that it may have come before, and goes on saying so however it is edited.
    """

    platform: Platform
    workspace: str = ""
    channel: str
    message: str
    thread: str = ""
    repeat: bool = False


class Send(Struct, frozen=True, kw_only=True):
    """A message to deliver: ids only, rendered when it is sent.

    ``key`` is unique and opaque (``delivery.sends`` derives it); inserting a key that exists is nothing.
    Exactly one of ``place`` and ``person`` is set; ``seat`` is whose a restricted place is. ``root`` is the
    key of the send whose thread a reply joins, or whose message an edit changes. ``again`` numbers what
    is sent anew because an earlier one was emptied or finished. ``urgency`` is that of what it is about.
    ``late`` = it has not gone out and people were told so (it still goes out); ``waits_since`` when it should
    have; ``plain`` = only its summary goes, because its form was refused; ``trouble`` why, in a word.
    ``unsure`` = an attempt of it may have landed that nobody has found.
    """

    key: str
    school: SchoolId
    message: Message
    way: Way
    platform: Platform
    place: Place | None = None
    seat: Seat | None = None
    person: PersonId | None = None
    case: CaseId | None = None
    draft: DraftId | None = None
    event: int = 0
    again: int = 0
    root: str = ""
    broadcast: bool = False
    facts: dict[str, str] = {}
    urgency: Urgency = Urgency.ROUTINE
    due: dt.datetime
    order: int = 0
    state: SendState = SendState.WAITING
    attempts: int = 0
    attempted_at: dt.datetime | None = None
    posted: Posted | None = None
    trouble: str = ""
    waits_since: dt.datetime | None = None
    late: bool = False
    plain: bool = False
    unsure: bool = False
    version: int = 0


class TimerKind(StrEnum):
    """Timers."""

    ACKNOWLEDGE = "acknowledge"
    HEAR = "hear"
    REMIND = "remind"
    UNFINISHED = "unfinished"
    SHRED_DRAFT = "shred_draft"
    DIGEST = "digest"
    KEEPING = "keeping"
    REHEARSAL = "rehearsal"


class Timer(Struct, frozen=True, kw_only=True):
    """A timer: goes back into the core when due. ``key`` is unique; setting it again moves it.

    ``about`` is which dated thing of its case it is for.
    """

    key: str
    school: SchoolId
    kind: TimerKind
    due: dt.datetime
    case: CaseId | None = None
    draft: DraftId | None = None
    step: int = 0
    about: str = ""


class Apart(Struct, frozen=True, kw_only=True):
    """A send or a timer that did not open when it was due: it rests apart, and everything else goes on.

    ``about`` is the case or the draft it belongs to; ``reason`` the reference of what went wrong.
    """

    school: SchoolId
    kind: str
    id: str
    about: str
    reason: str
