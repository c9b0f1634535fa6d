"""Who saw what: the audit of a school as lines, for its data protection officer.

Ids, seats and closed words only. Reading it opens no record, shows nothing of a posting, and calls whoever
reported "the reporter". ``audit verify`` says whether it is as it was kept, and where it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.clock import SystemClock
from bot.commands.where import where
from bot.context import AppContext
from flows.calendar import local
from flows.errors import InvalidAnswer, SettingsError
from flows.model import (
    MESSAGES,
    Audit,
    AuditFault,
    AuditKind,
    AuditProof,
    Case,
    Declared,
    FaultKind,
    Readers,
    Tombstone,
)
from flows.references import looked_for
from flows.school import PersonId, School, SchoolId, Seat
from storage.open import audit_proofs

#: Lines read at most; more is said, not hidden.
MOST = 10_000
WHAT = {
    AuditKind.RECORD_OPENED: "opened the record",
    AuditKind.CARD_SHOWN: "looked at the card",
    AuditKind.LISTED: "saw it in a list",
    AuditKind.FORM_SHOWN: "was shown a form",
    AuditKind.PAGE_OPENED: "opened the page behind a link",
    AuditKind.REPORTER_SHOWN: "was shown who reported",
    AuditKind.EXPORTED: "made an export of the case",
    AuditKind.SUBJECT_BUNDLE: "made or opened what goes to somebody who asked what is kept about them",
    AuditKind.FIGURES_SHOWN: "was shown figures, which name no case",
    AuditKind.DELIVERED: "was sent",
    AuditKind.REFUSED: "was refused",
    AuditKind.ALREADY_TOLD: "had been told before it was kept from them",
    AuditKind.LINK_OFFERED: "was shown a code for another account",
    AuditKind.ROSTER_ASKED: "asked for a change of seats, an absence or a link of accounts",
    AuditKind.ROSTER_AGREED: "agreed to a change of seats, an absence or a link of accounts",
    AuditKind.LINKED: "linked it with another, or took the link back",
    AuditKind.PACK_MADE: "had a pack made of it",
    AuditKind.WORDING_TICKED: "ticked the year's wording",
    AuditKind.REHEARSED: "began, pressed or ended a rehearsal",
    AuditKind.REMOVED: "was removed by the school's rule for how long reports are kept",
    AuditKind.ROSTER_REFUSED: "refused a change of seats, an absence or a link of accounts",
}

_PART = {"link": "A link", "act": "What somebody did", "line": "A line of who saw what", "case": "A case"}
_FOUND = {
    FaultKind.EDITED: "is not as it was kept",
    FaultKind.REMOVED: "is missing",
    FaultKind.ADDED: "stands there without ever having been chained",
    FaultKind.MOVED: "does not follow the one before: moved, or made anew",
    FaultKind.CUT: "and all behind it are missing: the end was cut off",
    FaultKind.OLDER: "is older than what was done with it then: it was put back from before, or is missing",
}
#: so many are named, the first ones; more are counted
_NAMED = 50


async def who_saw_what(context: AppContext, school: School, reference: str = "") -> str:
    """Return the audit of a school, or of one case, newest first: time, which case, who, what.

    Times are the school's. Raises InvalidAnswer for a case that does not exist.
    """
    case = await context.store.case_called(school.id, reference) if reference else None
    if reference and case is None:
        for stone in await context.store.tombstones(school.id):
            if looked_for(stone.reference) == looked_for(reference):
                return _removed(stone)
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


def _removed(stone: Tombstone) -> str:
    """Return all that is left to say of a case that went."""
    by = f"closed {stone.closed_on}, removed {stone.removed_on} by the school's rule {stone.rule!r}"
    return f"{stone.reference}: {by} ([retention] of its file). Nothing else is kept of it."


def _line(entry: Audit, school: School, case: Case | None) -> str:
    moment = f"{local(entry.at, school.time):%Y-%m-%d %H:%M:%S}"
    reference = case.reference if case else entry.case or "–"
    message = _message(entry)
    more = f": {message}" if message else " (a file)" if "file" in entry.facts else ""
    return f"{moment}  {reference}  {_who(entry, school, case)} {WHAT[entry.kind]}{more}"


def _declared(entry: Audit) -> Declared | None:
    """Return what is declared of the message that an entry is about."""
    return next((kind for word, kind in MESSAGES.items() if word == entry.facts.get("message")), None)


def _message(entry: Audit) -> str:
    """Return which message an entry is about, in words ("" = none)."""
    kind = _declared(entry)
    return kind.called.format_map({"event": None, **entry.facts}) if kind is not None else ""


def _place(facts: Mapping[str, str]) -> str:
    """Return a place and who could read it at that moment, as far as its platform said."""
    there = facts.get("there", "").replace(",", ", ")
    return f"everybody in the place {facts['place']}" + (f" ({there})" if there else "")


def _who(entry: Audit, school: School, case: Case | None) -> str:
    """Return who it was: whoever a message went to stands in the facts; whoever acted, in ``by``."""
    facts, kind = entry.facts, _declared(entry)
    person = PersonId(facts.get("person") or ("" if facts.get("place") else entry.by or ""))
    if not person:
        return _place(facts) if facts.get("place") else "nobody known"
    then = facts.get("seats")  # what they held at that moment; older lines do not say
    held = [seat.value for seat in Seat if person in school.seats.get(seat, ())]
    held = held if then is None else [seat for seat in then.split(",") if seat]
    reported = case is not None and person == case.report.reporter and not held
    if reported or (kind is not None and kind.readers is Readers.REPORTER):
        return "the reporter"
    missing = "no seat" if person in school.people else "no longer on the list"
    return f"{', '.join(held) or missing} ({person})"


def verify(folder: Path, school: str, said: str) -> tuple[bool, str]:
    """Return whether all is as it was kept, and what was found, a few lines a school."""
    settings = where(folder)
    if settings.sealing_key is None or settings.store.startswith("memory"):
        mend = "Set REPORT_STORE and REPORT_KEY_FILE as for: serve"
        raise SettingsError("settings", "REPORT_STORE names no store, or there is no sealing key.", mend)
    key, today = settings.sealing_key.reveal(), SystemClock().now().date()
    found = asyncio.run(audit_proofs(settings.store, key=key, today=today, said=said))
    if school and SchoolId(school) not in found:
        raise InvalidAnswer("school", "There is no audit of such a school.", f"Known: {', '.join(found)}.")
    mine = {of: proof for of, proof in found.items() if school in {"", of}}
    if not mine:
        return not said, "Nothing is in the audit yet.\n"
    held = not said or any(proof.held_at is not None for proof in mine.values())
    lines = [line for of, proof in mine.items() for line in _proved(of, proof)]
    if said:
        lines += _held(mine, said)
    wrong = any(proof.faults or proof.trouble for proof in mine.values())
    return held and not wrong, "\n".join([*lines, ""])


def _proved(school: SchoolId, proof: AuditProof) -> Iterator[str]:
    if proof.trouble:
        yield f"{school}: THE STORE IS NOT AS IT WAS LEFT: {proof.trouble}"
    if proof.began is None and not proof.faults:
        yield f"{school}: there is no chain. It begins at the next start of this version."
        return
    verdict = "is as it was kept" if not proof.faults else f"IS NOT AS IT WAS KEPT: {len(proof.faults)} found"
    since = proof.began or "a day that nobody knows"
    kept = f"{proof.records} records in {proof.links} links since {since}"
    yield f"{school}: the audit {verdict}. {kept}."
    if proof.gone:
        yield f"{school}: {proof.gone} records were removed with their cases, by the rule of the school."
    if proof.old:
        yield f"{school}: {proof.old} records are older than the chain. Of them nothing can be said."
    for fault in proof.faults[:_NAMED]:
        yield f"{school}: {_fault(fault)}."
    if len(proof.faults) > _NAMED:
        yield f"{school}: and {len(proof.faults) - _NAMED} more."
    yield f"{school}: head {proof.head}"


def _fault(fault: AuditFault) -> str:
    day = f" of {fault.day}" if fault.day else ""
    return f"{_PART[fault.of]}, number {fault.number}{day}: {_FOUND[fault.what]}"


def _held(proofs: dict[SchoolId, AuditProof], said: str) -> Iterator[str]:
    for school, proof in proofs.items():
        if proof.held_at is not None:
            yield f"{school}: holds the head {said.strip()}: nothing up to {proof.held_at} was written anew."
            return
    yield (
        f"NO AUDIT HOLDS THE HEAD {said.strip()}. It was mistyped, or is another store's; "
        "or what was kept up to then has been cut off or written anew."
    )
