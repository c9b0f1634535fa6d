"""A case, what may be done to it, and by whom. Values only."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from flows.model.decisions import Decision, Urgency
from flows.model.reports import Answer, CaseId, Document, Report
from flows.school import PersonId, SchoolId, Seat


class Status(StrEnum):
    """Where a case stands. ``escalated`` = nobody took it on in time."""

    OPEN = "open"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


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
    """What the school owes a body: by which rows, until which day, and what was decided (None = not yet).

    ``body`` is a :class:`Body`, or what a school's own policy wants decided; that is ``called`` by its words.
    """

    body: str
    called: str = ""
    rows: tuple[str, ...]
    due: dt.date
    decided: DutyDecision | None = None


class Became(StrEnum):
    """What became of something that was asked for and is no duty: done, or not needed and why."""

    DONE = "done"
    NOT_FITTING = "not_fitting"
    ELSEWHERE = "elsewhere"
    NOT_WANTED = "not_wanted"


class TaskRecord(Struct, frozen=True, kw_only=True):
    """What a person recorded of a task: what became of it, by whom, and when. Why stands in the event."""

    became: Became
    by: PersonId
    at: dt.datetime


class Alarm(Struct, frozen=True, kw_only=True):
    """Something dated of a case: by when it is due, when it rings next, and when it rang.

    ``next`` None = it is over. ``said`` counts the reminders since somebody was last told of it anew;
    ``until`` is the day to which somebody has put it off.
    """

    by: dt.datetime
    next: dt.datetime | None
    rang: tuple[dt.datetime, ...] = ()
    said: int = 0
    until: dt.date | None = None


class Excluded(StrEnum):
    """Why a person must not know of a case."""

    POSTER = "poster"
    ACCUSED = "accused"
    KEPT_OUT = "kept_out"
    CONFLICT = "conflict"
    NOT_CLEARED = "not_cleared"
    SEATED_BY = "seated_by"


class Source(StrEnum):
    """By what somebody was excluded."""

    ANSWERS = "answers"
    REPORTER = "reporter"
    LEADER = "leader"
    DECLARED = "declared"
    SEATS = "seats"


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
    answer in time, ``unreached`` who is told but is on no platform; ``owner`` who took it on, ``assigned``
    to whom it was handed on, until they or somebody else takes it on.
    ``recused`` are the people who must not know. ``said`` is what the reporter answered and mended
    themselves, ``corrected`` the answers that a leader corrected since: the reporter is not shown those.
    ``restricted`` = not in the leadership channel, ``direct_only`` = in no channel at all.
    ``duties`` are owed to bodies, in the order of :class:`Body`; ``mistaken`` is who said that it was
    reported by mistake, until a second person agrees.
    ``tasks`` is what became of what else was asked for, by the name of the action; ``look_in`` the day on
    which somebody is to be asked again how they are, by the name of what they were offered.
    ``taken_on_at`` is when somebody first took it on; None = nobody has, or it was before this was stored.
    ``alarms`` is the plan of what rings when, by what it is about; the stored timers are made of it.
    ``happened`` is what has become known since the report, for the policy's second look.
    ``hold`` names why contact with the poster waits ("" = it does not).
    ``noted`` is by which words of its notes, reasons and letters it is found: nothing can be read off it.
    ``documents`` are the letters that somebody approved and the packs that were made, as files.
    ``removal`` is the day after which it goes, once that has been said; ``kept_until`` to which day somebody
    has put that off; ``legal_hold`` = it stays until that is lifted; ``removing`` = since when its messages
    are being emptied.
    ``drill`` = it is practised: nothing of it is so, and it counts nowhere.
    ``links_ended_at`` = what links to it by e-mail were sent by then open it no more.
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
    happened: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    holders: dict[Seat, PersonId] = {}
    affected: tuple[PersonId, ...] = ()
    stand_ins: tuple[PersonId, ...] = ()
    unreached: tuple[PersonId, ...] = ()
    lead: Seat | None = None
    owner: PersonId | None = None
    taken_on_at: dt.datetime | None = None
    assigned: PersonId | None = None
    restricted: bool = False
    direct_only: bool = False
    hold: str = ""
    hold_safeguarding: bool = False
    duties: tuple[Duty, ...] = ()
    tasks: dict[str, TaskRecord] = {}
    look_in: dict[str, dt.date] = {}
    alarms: dict[str, Alarm] = {}
    mistaken: PersonId | None = None
    called_999: bool = False
    drill: bool = False
    outcome: Outcome | None = None
    closed_at: dt.datetime | None = None
    closed_by: PersonId | None = None
    closed_why: str = ""
    removal: dt.date | None = None
    kept_until: dt.date | None = None
    legal_hold: bool = False
    removing: dt.datetime | None = None
    noted: bytes = b""
    documents: tuple[Document, ...] = ()
    links_ended_at: dt.datetime | None = None
    cards: tuple[str, ...] = ()
    events: int = 0
    version: int = 0


class Tombstone(Struct, frozen=True, kw_only=True):
    """What stays of a case that went: no name and no words. ``read_at`` is the version that went."""

    case: CaseId
    school: SchoolId
    reference: str
    closed_on: dt.date
    removed_on: dt.date
    rule: str
    read_at: int


class Owed(Struct, frozen=True):
    """What nobody has decided yet, as it is called in a list, and until which day."""

    what: str
    due: dt.date


class NextStep(Struct, frozen=True):
    """What is next in a case, in words that any channel may read; ``due`` where it has a day of its own."""

    what: str
    due: dt.date | None = None


class CaseSummary(Struct, frozen=True, kw_only=True):
    """What lists and the digest need of a case, without opening it. No names, nothing that a person wrote.

    ``reporter_hurt`` = whoever reported it is whom it is about.
    ``next`` is what is next once somebody has taken it on, None = nothing that could be pressed; ``done`` so
    many are done of the ``asked`` lines of its checklist. ``marks`` are by what other reports of one posting,
    or of one account, are found, ``words`` and ``noted`` those of a search for words: nothing can be read off
    them. ``said`` is how many of the ``words`` are the posting's own.
    ``kind``, the ``clauses`` that the decision rests on and where the posting was ``seen_on``, as answered,
    are what figures are made of.
    """

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
    owed: tuple[Owed, ...] = ()
    next: NextStep | None = None
    done: int = 0
    asked: int = 0
    reporter_hurt: bool = False
    outcome: Outcome | None = None
    drill: bool = False
    marks: tuple[str, ...] = ()
    words: bytes = b""
    said: int = 0
    noted: bytes = b""
    assigned: PersonId | None = None
    kind: str = ""
    clauses: tuple[str, ...] = ()
    seen_on: tuple[str, ...] = ()
    taken_on_at: dt.datetime | None = None
    removal: dt.date | None = None
    kept_until: dt.date | None = None
    legal_hold: bool = False

    @property
    def told(self) -> tuple[PersonId, ...]:
        """Everybody told, once each."""
        return tuple(dict.fromkeys((*self.holders.values(), *self.stand_ins)))
