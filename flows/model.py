"""The nouns of the core. Values only: nothing in here decides anything.

Times are aware and UTC. Ids and keys are text minted outside the core (ULIDs), but the spoken
reference is completed by the store inside ``commit`` (``HPS-2026-`` becomes ``HPS-2026-014``).
``version`` of a record is the one it was read at (0 = new), and nobody but the store raises it: a commit
is refused unless that is still the stored one, and returns what it stored.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from flows.school import Person, PersonId, Platform, SchoolId, Seat

CaseId = NewType("CaseId", str)
DraftId = NewType("DraftId", str)
#: A policy answer: one value, or several. (`unfinished` is kept apart, as a bool.)
Answer = str | tuple[str, ...]
#: A fact of an event: a closed word or an id, or several.
Fact = str | tuple[str, ...]


# -- who -----------------------------------------------------------------------------------------


class Identity(Struct, frozen=True):
    """Somebody the directory knows: the schools they belong to, and who they are in each."""

    people: dict[SchoolId, Person]
    guest: bool = False


class Relation(StrEnum):
    """How a person stands to a case (policy page §10). A person may stand in several."""

    LEAD = "lead"
    TOLD = "told"
    TARGET_SEAT = "target_seat"
    IN_CHANNEL = "in_channel"
    REPORTER = "reporter"
    EXCLUDED = "excluded"
    ADMINISTRATOR = "administrator"
    OTHER = "other"


class Capability(StrEnum):
    """What ``access.may`` is asked about."""

    KNOW = "know"
    READ = "read"
    SEE_REPORTER = "see_reporter"
    NOTE = "note"
    ACT = "act"
    CLEAR_HOLD = "clear_hold"
    DECIDE = "decide"
    REFER = "refer"
    CORRECT = "correct"
    SEE_OWN = "see_own"
    ADD = "add"
    COUNT = "count"


# -- the posting and the report ------------------------------------------------------------------


class EvidenceFile(Struct, frozen=True, kw_only=True):
    """A file we hold. ``media_type`` is sniffed, never claimed; ``locked`` = came before an imagery
    answer: nobody opens it, the DSL is told.
    """

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: PersonId
    added_at: dt.datetime
    locked: bool = False


class Posting(Struct, frozen=True, kw_only=True):
    """The thing seen online, as the reporter describes it. Never seen by the policy."""

    words: str = ""
    link: str = ""
    account_name: str = ""
    audience: str = ""
    first_seen: str = ""
    captured_by: str = ""
    files: tuple[EvidenceFile, ...] = ()


class Named(Struct, frozen=True, kw_only=True):
    """*Is it one of these?* – seat holders the reporter pointed at. Never in the assessment."""

    poster: tuple[PersonId, ...] = ()
    target: tuple[PersonId, ...] = ()
    accused: tuple[PersonId, ...] = ()
    kept_out: tuple[PersonId, ...] = ()


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


class Draft(Struct, frozen=True, kw_only=True):
    """A report being written: the answers are the only state.

    ``answers`` holds every field of the table of questions, details included. ``cursors`` maps a surface
    to the field last shown there. ``case`` is set once an unfinished report went ahead of it.
    ``changed`` is the revision at which an answer last changed, ``again`` the questions to which two
    different answers came, ``mending`` the page with an error that stands on a surface.
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
    alerted: tuple[str, ...] = ()
    case: CaseId | None = None
    started_at: dt.datetime
    touched_at: dt.datetime
    version: int = 0


# -- the decision --------------------------------------------------------------------------------


class Layer(StrEnum):
    """Where a reason comes from; always shown apart."""

    POLICY = "policy"
    SAFEGUARDING = "safeguarding"
    SETTING = "setting"


class Urgency(StrEnum):
    """How soon, from least to most (see :data:`URGENCIES`)."""

    ROUTINE = "routine"
    TWO_WORKING_DAYS = "two_working_days"
    SAME_DAY = "same_day"
    URGENT = "urgent"
    EMERGENCY = "emergency"


URGENCIES = tuple(Urgency)


class Level(StrEnum):
    """How strongly Legal or the police are put to the decider."""

    CONSIDER = "consider"
    RECOMMEND = "recommend"
    CALL_999_NOW = "call_999_now"


class Hold(StrEnum):
    """What ends a hold on contact: those who keep children safe agree, or a decision on the police."""

    SAFEGUARDING = "safeguarding"
    POLICE = "police"


class Reason(Struct, frozen=True, kw_only=True):
    """One row that matched: what it rests on, what it saw, and what it asked for.

    ``row`` is a name and nothing else: what the row means stands in its columns. ``instead_of`` is the
    seat that must not know, and that others stand in for.
    """

    row: str
    layer: Layer
    clauses: tuple[str, ...] = ()
    quote: str | None = None
    because: str
    facts: dict[str, str | bool | tuple[str, ...]] = {}
    asks: tuple[str, ...] = ()
    hold: Hold | None = None
    safeguarding_deadline: bool = False
    apart: bool = False
    instead_of: Seat | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """All that the policy asks for. ``notify`` is sorted and holds ``legal`` and ``police`` too; ``kind`` is
    what any channel may be told of it.
    """

    notify: tuple[str, ...]
    levels: dict[str, Level] = {}
    urgency: Urgency
    leads: Seat | None
    actions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    policy_version: str
    kind: str = ""


# -- the case ------------------------------------------------------------------------------------


class Status(StrEnum):
    """Where a case stands. ``escalated`` = nobody took it on in time."""

    OPEN = "open"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Action(StrEnum):
    """Everything that can be done to a case by a button or a leader's form."""

    TAKE_ON = "take_on"
    CONFLICT = "conflict"
    NOTE = "note"
    HOLD = "hold"
    CLEAR_HOLD = "clear_hold"
    CONTACT = "contact"
    MEETING = "meeting"
    LEGAL = "legal"
    POLICE = "police"
    LADO = "lado"
    CHILDRENS_SERVICES = "childrens_services"
    IMAGERY = "imagery"
    CORRECT = "correct"
    AMEND = "amend"
    ADD = "add"
    KEEP_OUT = "keep_out"
    BRING_IN = "bring_in"
    CLOSE = "close"
    COUNTERSIGN = "countersign"
    REOPEN = "reopen"
    OPEN_RECORD = "open_record"
    SHOW_REPORTER = "show_reporter"
    TOLD_999 = "told_999"


class Outcome(StrEnum):
    """Why a case was closed."""

    INVITED = "invited"
    MET = "met"
    RAISED_AS_CONCERN = "raised_as_concern"
    REMOVED = "removed"
    REFERRED = "referred"
    SUPPORTED = "supported"
    NO_CLAUSE = "no_clause"
    MISTAKE = "mistake"
    NO_FURTHER_ACTION = "no_further_action"


class Body(StrEnum):
    """To whom a case can owe something; ``imagery`` is the hand-over of an image to the DSL."""

    LEGAL = "legal"
    POLICE = "police"
    LADO = "lado"
    CHILDRENS_SERVICES = "childrens_services"
    IMAGERY = "imagery"


class DutyDecision(Struct, frozen=True, kw_only=True):
    """What a person decided about a duty: contacted (how, when, reference) or not now (why)."""

    contacted: bool
    how: str = ""
    when: str = ""
    reference: str = ""
    why: str = ""
    by: PersonId
    at: dt.datetime


class Duty(Struct, frozen=True, kw_only=True):
    """What the school owes a body: by which rows, until which day, and what was decided (None = not yet)."""

    body: Body
    rows: tuple[str, ...]
    due: dt.date
    decided: DutyDecision | None = None


class Excluded(StrEnum):
    """Why a person must not know of a case."""

    POSTER = "poster"
    ACCUSED = "accused"
    KEPT_OUT = "kept_out"
    CONFLICT = "conflict"
    NOT_CLEARED = "not_cleared"


class Source(StrEnum):
    """By what somebody was excluded."""

    ANSWERS = "answers"
    REPORTER = "reporter"
    LEADER = "leader"
    DECLARED = "declared"


class Exclusion(Struct, frozen=True, kw_only=True):
    """A person must not know of a case: why, by what, who said so, and when.

    Once made it stands whatever the answers become; who leads the case lifts it, with a reason.
    """

    why: Excluded
    source: Source
    by: PersonId | None = None
    at: dt.datetime
    words: str = ""


class Case(Struct, frozen=True, kw_only=True):
    """The matter a report opened, until closed. Rebuilt from nothing else: events explain it.

    ``holders`` is who answers for each seat told, right now; ``affected`` are told people the posting
    is about; ``lead`` the seat that leads, ``stand_ins`` who was told because its holder did not
    answer in time, ``unreached`` who is told but is on no platform; ``owner`` who took it on.
    ``recused`` are the people who must not know. ``said`` is what the reporter answered and mended
    themselves, ``corrected`` the answers that a leader corrected since: the reporter is not shown those.
    ``restricted`` = not in the leadership channel, ``direct_only`` = in no channel at all.
    ``duties`` are owed to bodies, in the order of :class:`Body`; ``mistaken`` is who said that it was
    reported by mistake, until a second person agrees.
    ``hold`` names why contact with the poster waits ("" = it does not).
    ``cards`` are the keys of the sends that carry a card to be edited in place.
    """

    id: CaseId
    school: SchoolId
    reference: str = ""
    opened_at: dt.datetime
    due_at: dt.datetime
    acknowledge_by: dt.datetime | None = None
    status: Status = Status.OPEN
    report: Report
    decision: Decision
    recused: dict[PersonId, Exclusion] = {}
    said: dict[str, Answer] = {}
    corrected: tuple[str, ...] = ()
    holders: dict[Seat, PersonId] = {}
    affected: tuple[PersonId, ...] = ()
    stand_ins: tuple[PersonId, ...] = ()
    unreached: tuple[PersonId, ...] = ()
    lead: Seat | None = None
    owner: PersonId | None = None
    restricted: bool = False
    direct_only: bool = False
    hold: str = ""
    hold_safeguarding: bool = False
    duties: tuple[Duty, ...] = ()
    mistaken: PersonId | None = None
    called_999: bool = False
    outcome: Outcome | None = None
    closed_at: dt.datetime | None = None
    cards: tuple[str, ...] = ()
    events: int = 0
    version: int = 0


class EventKind(StrEnum):
    """What can have happened to a case; past tense."""

    OPENED = "opened"
    TAKEN_ON = "taken_on"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    RECUSED = "recused"
    KEPT_OUT = "kept_out"
    BROUGHT_IN = "brought_in"
    HANDED_ON = "handed_on"
    HANDED_OVER = "handed_over"
    MOVED = "moved"
    NOTED = "noted"
    HELD = "held"
    HOLD_CLEARED = "hold_cleared"
    CONTACT_RECORDED = "contact_recorded"
    MEETING_RECORDED = "meeting_recorded"
    DUTY_RECORDED = "duty_recorded"
    MISTAKE_SAID = "mistake_said"
    CALLED_999 = "called_999"
    CORRECTED = "corrected"
    AMENDED = "amended"
    ADDED = "added"
    COMPLETED = "completed"
    REASSESSED = "reassessed"
    REPORTER_SHOWN = "reporter_shown"
    DELIVERY_FAILED = "delivery_failed"
    REPOSTED = "reposted"
    CLOSED = "closed"
    REOPENED = "reopened"


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
    DELIVERED = "delivered"
    REFUSED = "refused"
    ALREADY_TOLD = "already_told"


class Audit(Struct, frozen=True, kw_only=True):
    """One line for the data protection officer; ids and closed words only."""

    school: SchoolId
    at: dt.datetime
    kind: AuditKind
    by: PersonId | None
    case: CaseId | None = None
    facts: dict[str, str] = {}


# -- what must still happen ----------------------------------------------------------------------


class Message(StrEnum):
    """Which message a send carries; ``messages.templates`` has one function for each."""

    CASE_CARD = "case_card"
    UPDATE = "update"
    NOTICE = "notice"
    FIRST_ALERT = "first_alert"
    RECEIPT = "receipt"
    PROGRESS = "progress"
    WITHDRAWN = "withdrawn"
    PLACE = "place"
    DIGEST = "digest"


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

    ``key`` is unique and opaque (``case.sends`` derives it); inserting a key that exists is nothing.
    Exactly one of ``place`` and ``person`` is set; ``seat`` is whose a restricted place is. ``root`` is the
    key of the send whose thread a reply joins, or whose message an edit changes. ``again`` numbers what
    is sent anew because an earlier one was emptied or finished. ``urgency`` is that of what it is about.
    ``late`` = it has not gone out and people were told so (it still goes out); ``waits_since`` when it should
    have; ``plain`` = only its summary goes, because its form was refused; ``trouble`` why, in a word.
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
    version: int = 0


class TimerKind(StrEnum):
    """Timers."""

    ACKNOWLEDGE = "acknowledge"
    UNFINISHED = "unfinished"
    SHRED_DRAFT = "shred_draft"
    DIGEST = "digest"


class Timer(Struct, frozen=True, kw_only=True):
    """A timer: goes back into the core when due. ``key`` is unique; setting it again moves it."""

    key: str
    school: SchoolId
    kind: TimerKind
    due: dt.datetime
    case: CaseId | None = None
    draft: DraftId | None = None
    step: int = 0


class Apart(Struct, frozen=True, kw_only=True):
    """A send or a timer that did not open when it was due: it rests apart, and everything else goes on.

    ``id`` begins with the case's or the draft's own id; ``reason`` is the reference of what went wrong.
    """

    school: SchoolId
    kind: str
    id: str
    reason: str

    @property
    def about(self) -> str:
        """The id of the case or draft."""
        return self.id.partition("/")[0]


class Handled(Struct, frozen=True, kw_only=True):
    """An inbound that was handled, kept so that its second delivery changes nothing."""

    key: str
    at: dt.datetime
    draft: DraftId | None = None
    case: CaseId | None = None


class Change(Struct, frozen=True, kw_only=True):
    """All that one step stores, together or not at all.

    ``new_sends`` are inserted if their key is new; ``updated_sends`` exist and changed, sent or not.
    ``timers`` are set (or moved); ``cancelled_timers`` are the keys of those that are over.
    """

    school: SchoolId
    handled: Handled | None = None
    draft: Draft | None = None
    dropped_draft: DraftId | None = None
    case: Case | None = None
    events: tuple[Event, ...] = ()
    audit: tuple[Audit, ...] = ()
    new_sends: tuple[Send, ...] = ()
    updated_sends: tuple[Send, ...] = ()
    timers: tuple[Timer, ...] = ()
    cancelled_timers: tuple[str, ...] = ()


class Committed(Struct, frozen=True, kw_only=True):
    """What a commit stored, with its versions and the case's reference.

    ``repeated`` = this inbound key was there already: nothing was stored; ``handled`` is the old row.
    """

    draft: Draft | None = None
    case: Case | None = None
    updated_sends: tuple[Send, ...] = ()
    repeated: bool = False
    handled: Handled | None = None


class CaseSummary(Struct, frozen=True, kw_only=True):
    """What lists and the digest need of a case, without opening it. No names, no words."""

    id: CaseId
    school: SchoolId
    reference: str
    opened_at: dt.datetime
    due_at: dt.datetime
    acknowledge_by: dt.datetime | None
    closed_at: dt.datetime | None
    status: Status
    urgency: Urgency
    lead: Seat | None
    owner: PersonId | None
    reporter: PersonId
    recused: tuple[PersonId, ...]
    holders: dict[Seat, PersonId]
    stand_ins: tuple[PersonId, ...]
    held: bool
    restricted: bool
    duties: tuple[Duty, ...] = ()

    @property
    def told(self) -> tuple[PersonId, ...]:
        """Everybody told, once each."""
        return tuple(dict.fromkeys((*self.holders.values(), *self.stand_ins)))
