"""Who saw what: the audit of a school as lines, for its data protection officer.

Ids, seats and closed words only. Reading it opens no record and shows nothing of a posting or a reporter.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.world import World
from flows.calendar import local
from flows.errors import InvalidAnswer
from flows.model import Audit, AuditKind, Case, CaseId
from flows.school import PersonId, School, Seat

#: Lines read at most; more is said, not hidden.
MOST = 10_000
_WHAT = {
    AuditKind.RECORD_OPENED: "opened the record",
    AuditKind.REPORTER_SHOWN: "was shown who reported",
    AuditKind.LISTED: "looked at a list",
    AuditKind.DELIVERED: "was told",
    AuditKind.REFUSED: "was refused",
    AuditKind.ALREADY_TOLD: "had been told before it was kept from them",
}


async def told(world: World, school: School, reference: str = "") -> str:
    """Return the audit of a school, or of one case, newest first: time, who, what, which case.

    Times are the school's. Raises InvalidAnswer for a case that does not exist.
    """
    case = await world.store.case_called(school.id, reference) if reference else None
    if reference and case is None:
        raise InvalidAnswer("reference", "There is no such case.", "Its reference is like HPS-2026-014.")
    entries = await world.store.audit(school.id, case=case.id if case else None, most=MOST)
    names = await _references(world, school)
    lines = [_line(entry, school, names) for entry in entries]
    if not lines:
        lines = ["Nobody has opened, been told or been refused anything yet."]
    if len(entries) == MOST:
        lines.append(f"Older lines than these {MOST} are not shown. Name a case to see all of it.")
    return "\n".join([_title(school, case), *lines])


def _title(school: School, case: Case | None) -> str:
    about = case.reference if case else school.name
    return f"Who saw what: {about}. Newest first, times in {school.time.timezone}."


async def _references(world: World, school: School) -> dict[CaseId, str]:
    rows = await world.store.cases(school.id, open_only=False, most=MOST)
    return {row.id: row.reference for row in rows}


def _line(entry: Audit, school: School, names: Mapping[CaseId, str]) -> str:
    """Return one line. Whoever a message went to stands in the facts; whoever acted, in ``by``."""
    moment = f"{local(entry.at, school.time):%Y-%m-%d %H:%M:%S}"
    case = names.get(entry.case, entry.case) if entry.case else "–"
    facts = entry.facts
    person = facts.get("person") or ("" if facts.get("place") else entry.by or "")
    if person:
        who = f"{_seats(PersonId(person), school)} ({person})"
    else:
        who = f"everybody in the place {facts['place']}" if facts.get("place") else "nobody known"
    return f"{moment}  {case}  {who} {_WHAT[entry.kind]}{_more(entry)}"


def _seats(person: PersonId, school: School) -> str:
    held = [seat.value for seat in Seat if person in school.seats.get(seat, ())]
    if held:
        return ", ".join(held)
    return "no seat" if person in school.people else "no longer on the list"


def _more(entry: Audit) -> str:
    """Return which message or file, and whatever else was noted, as it stands in the audit."""
    shown = {name: value for name, value in entry.facts.items() if name not in ("person", "place") and value}
    return "".join(f"; {name} {value}" for name, value in shown.items())
