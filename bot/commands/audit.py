"""Who saw what: the audit of a school as lines, for its data protection officer.

Ids, seats and closed words only. Reading it opens no record, shows nothing of a posting, and calls whoever
reported "the reporter".
"""

from __future__ import annotations

from bot.context import AppContext
from flows.calendar import local
from flows.errors import InvalidAnswer
from flows.model import MESSAGES, Audit, AuditKind, Case, Declared, Readers
from flows.school import PersonId, School, Seat

#: Lines read at most; more is said, not hidden.
MOST = 10_000
_WHAT = {
    AuditKind.RECORD_OPENED: "opened the record",
    AuditKind.CARD_SHOWN: "looked at the card",
    AuditKind.LISTED: "saw it in a list",
    AuditKind.FORM_SHOWN: "was shown a form",
    AuditKind.REPORTER_SHOWN: "was shown who reported",
    AuditKind.DELIVERED: "was sent",
    AuditKind.REFUSED: "was refused",
    AuditKind.ALREADY_TOLD: "had been told before it was kept from them",
    AuditKind.LINK_OFFERED: "was shown a code for another account",
    AuditKind.ROSTER_ASKED: "asked for a change of seats, an absence or a link of accounts",
    AuditKind.ROSTER_AGREED: "agreed to a change of seats, an absence or a link of accounts",
    AuditKind.ROSTER_REFUSED: "refused a change of seats, an absence or a link of accounts",
}


async def who_saw_what(context: AppContext, school: School, reference: str = "") -> str:
    """Return the audit of a school, or of one case, newest first: time, which case, who, what.

    Times are the school's. Raises InvalidAnswer for a case that does not exist.
    """
    case = await context.store.case_called(school.id, reference) if reference else None
    if reference and case is None:
        raise InvalidAnswer("reference", "There is no such case.", "Its reference is like HPS-2026-7H4M.")
    entries = await context.store.audit(school.id, case=case.id if case else None, most=MOST)
    cases = {c: await context.store.case(school.id, c) for c in {e.case for e in entries if e.case}}
    lines = [_line(entry, school, cases.get(entry.case) if entry.case else None) for entry in entries]
    if not lines:
        lines = ["Nobody has opened, been sent or been refused anything yet."]
    if len(entries) == MOST:
        lines.append(f"Older lines than these {MOST} are not shown. Name a case to see all of it.")
    about = case.reference if case else school.name
    head = f"Who saw what: {about}. Newest first, times in {school.time.timezone}."
    return "\n".join([head, *lines])


def _line(entry: Audit, school: School, case: Case | None) -> str:
    moment = f"{local(entry.at, school.time):%Y-%m-%d %H:%M:%S}"
    reference = case.reference if case else entry.case or "–"
    message = _message(entry)
    more = f": {message}" if message else " (a file)" if "file" in entry.facts else ""
    return f"{moment}  {reference}  {_who(entry, school, case)} {_WHAT[entry.kind]}{more}"


def _declared(entry: Audit) -> Declared | None:
    """Return what is declared of the message that an entry is about."""
    return next((kind for word, kind in MESSAGES.items() if word == entry.facts.get("message")), None)


def _message(entry: Audit) -> str:
    """Return which message an entry is about, in words ("" = none)."""
    kind = _declared(entry)
    return kind.called.format_map({"event": None, **entry.facts}) if kind is not None else ""


def _who(entry: Audit, school: School, case: Case | None) -> str:
    """Return who it was: whoever a message went to stands in the facts; whoever acted, in ``by``."""
    facts, kind = entry.facts, _declared(entry)
    person = PersonId(facts.get("person") or ("" if facts.get("place") else entry.by or ""))
    if not person:
        return f"everybody in the place {facts['place']}" if facts.get("place") else "nobody known"
    then = facts.get("seats")  # what they held at that moment; older lines do not say
    held = [seat.value for seat in Seat if person in school.seats.get(seat, ())]
    held = held if then is None else [seat for seat in then.split(",") if seat]
    reported = case is not None and person == case.report.reporter and not held
    if reported or (kind is not None and kind.readers is Readers.REPORTER):
        return "the reporter"
    missing = "no seat" if person in school.people else "no longer on the list"
    return f"{', '.join(held) or missing} ({person})"
