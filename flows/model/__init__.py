"""The nouns of the core. Values only: nothing in here decides anything.

Times are aware and UTC. Ids and keys are text minted outside the core (ULIDs), and so is the code with which
a case's reference ends.
``version`` of a record is the one it was read at (0 = new), and nobody but the store raises it: a commit
is refused unless that is still the stored one, and returns what it stored.

Begin reading at ``reports``, then ``cases``, then ``changes``: what one step stores.
"""

from flows.model.actions import Action, Capability, Relation
from flows.model.cases import (
    Alarm,
    Became,
    Body,
    Case,
    CaseSummary,
    Duty,
    DutyDecision,
    Excluded,
    Exclusion,
    NextStep,
    Outcome,
    Owed,
    Source,
    Status,
    TaskRecord,
    Tombstone,
)
from flows.model.changes import EVERY_ROW, Change, Committed, Handled
from flows.model.decisions import URGENCIES, Decision, Hold, Layer, Level, OwnAction, Reason, Urgency
from flows.model.events import OF_THE_REPORTER, Audit, AuditKind, Event, EventKind, Fact
from flows.model.links import Link, Linking
from flows.model.messages import MESSAGES, Declared, Message, Readers
from flows.model.proofs import AuditFault, AuditProof, FaultKind
from flows.model.rehearsals import Asked, Rehearsal
from flows.model.reports import (
    Answer,
    CaseId,
    Document,
    Draft,
    DraftId,
    EvidenceFile,
    Identity,
    Mending,
    Named,
    Posting,
    Report,
    Spoken,
)
from flows.model.roster import LinkCode, Linked, Roster, RosterChange
from flows.model.sends import Apart, Place, Posted, Send, SendState, Timer, TimerKind, Way

__all__ = [
    "EVERY_ROW",
    "MESSAGES",
    "OF_THE_REPORTER",
    "URGENCIES",
    "Action",
    "Alarm",
    "Answer",
    "Apart",
    "Asked",
    "Audit",
    "AuditFault",
    "AuditKind",
    "AuditProof",
    "Became",
    "Body",
    "Capability",
    "Case",
    "CaseId",
    "CaseSummary",
    "Change",
    "Committed",
    "Decision",
    "Declared",
    "Document",
    "Draft",
    "DraftId",
    "Duty",
    "DutyDecision",
    "Event",
    "EventKind",
    "EvidenceFile",
    "Excluded",
    "Exclusion",
    "Fact",
    "FaultKind",
    "Handled",
    "Hold",
    "Identity",
    "Layer",
    "Level",
    "Link",
    "LinkCode",
    "Linked",
    "Linking",
    "Mending",
    "Message",
    "Named",
    "NextStep",
    "Outcome",
    "Owed",
    "OwnAction",
    "Place",
    "Posted",
    "Posting",
    "Readers",
    "Reason",
    "Rehearsal",
    "Relation",
    "Report",
    "Roster",
    "RosterChange",
    "Send",
    "SendState",
    "Source",
    "Spoken",
    "Status",
    "TaskRecord",
    "Timer",
    "TimerKind",
    "Tombstone",
    "Urgency",
    "Way",
]
