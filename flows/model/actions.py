"""What can be done to a case, and what access is asked about. Values only."""

from __future__ import annotations

from enum import StrEnum


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
    ASSIGN = "assign"
    DECIDE = "decide"
    REFER = "refer"
    CORRECT = "correct"
    SEE_OWN = "see_own"
    ADD = "add"
    END_DRILL = "end_drill"
    COUNT = "count"


class Action(StrEnum):
    """Everything that can be done to a case by a button or a leader's form."""

    TAKE_ON = "take_on"
    ASSIGN = "assign"
    CONFLICT = "conflict"
    NOTE = "note"
    WRITE = "write"
    HOLD = "hold"
    CLEAR_HOLD = "clear_hold"
    CONTACT = "contact"
    MEETING = "meeting"
    LEGAL = "legal"
    POLICE = "police"
    LADO = "lado"
    CHILDRENS_SERVICES = "childrens_services"
    IMAGERY = "imagery"
    OWN = "own"
    TASK = "task"
    CARE = "care"
    REFERENCE = "reference"
    SNOOZE = "snooze"
    GOES_ON = "goes_on"
    LETTER = "letter"
    PACK = "pack"
    EXPORT = "export"
    CORRECT = "correct"
    AMEND = "amend"
    ADD = "add"
    SUPPORT = "support"
    KEEP_OUT = "keep_out"
    BRING_IN = "bring_in"
    CLOSE = "close"
    COUNTERSIGN = "countersign"
    REOPEN = "reopen"
    LINK = "link"
    UNLINK = "unlink"
    CHRONOLOGY = "chronology"
    END_LINKS = "end_links"
    END_DRILL = "end_drill"
    OPEN_RECORD = "open_record"
    MORE = "more"
    PLAN = "plan"
    SHOW_REPORTER = "show_reporter"
    TOLD_999 = "told_999"
