"""Who is told and who leads (policy page §6): rows L, after the table, in this order."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from flows.assessment import Assessment
from flows.model import Level

#: Each row's plain reason.
LEADS = {
    "L1": "The Headteacher may be the poster, accused or too close, so is not told; the Chair leads.",
    "L2": "It is about the Headteacher, who is told but must not decide; the Chair of Governors leads.",
    "L3": "Someone who governs the school may be responsible, so the Chair of Governors leads.",
    "L4": "The Chair may be the poster, accused or too close, so the vice-chair is told instead and leads.",
    "L5": "It is about the Chair of Governors, who is told as the person affected and does not lead.",
    "L6": "Neither the Headteacher nor the Chair of Governors can deal with this, so outside help is shown.",
}

HEAD, CHAIR, VICE, SUBSTITUTE = "headteacher", "chair_of_governors", "vice_chair", "substitute_governor"
_LEAD_ACTION = {CHAIR: "chair_leads", VICE: "vice_chair_leads", SUBSTITUTE: "substitute_governor_leads"}

Line = tuple[str, tuple[str, ...], tuple[str, ...]]


class Told(Struct):
    """Who is told and which seat leads, while §6 works it out."""

    tell: set[str]
    levels: dict[str, Level]
    actions: set[str]
    leads: str = ""


def lead(assessment: Assessment, told: Told, matched: set[str], *, asked: bool) -> Iterator[Line]:
    """Work out §6 on ``told``; yield each L row that applied: id, the facts it saw, what it asked for.

    ``asked`` = some row asked for the Headteacher.
    """
    true = assessment.true
    chair_out = true("chair_out")
    parts: list[Line] = []

    def chairs_part(*, leads: bool) -> str:
        seat = VICE if chair_out else CHAIR
        told.tell.add(seat)
        if chair_out:
            if not any(line[0] == "L4" for line in parts):
                parts.append(("L4", ("chair_out",), (VICE, f"lead:{VICE}")))
            told.leads = VICE
        elif leads:
            told.leads = CHAIR
        return seat

    if asked and true("head_out"):
        parts.append(("L1", ("head_out",), (f"lead:{chairs_part(leads=True)}",)))
    elif asked:
        told.tell.add(HEAD)
        if assessment.holds("targets", HEAD):
            parts.append(("L2", ("targets_headteacher",), (f"lead:{chairs_part(leads=True)}",)))
    if misconduct(assessment, matched) and (
        assessment.holds("poster", "governor") or assessment.holds("poster", "chair")
    ):
        parts.append(("L3", ("misconduct",), (f"lead:{chairs_part(leads=True)}",)))
    if matched & {"C5", "C5x"}:
        chairs_part(leads=False)
    if assessment.holds("targets", "chair") and not chair_out and asked:
        if CHAIR in told.tell:
            told.tell.add(VICE)
            told.leads = VICE
        told.tell.add(CHAIR)
        parts.append(("L5", ("targets_chair",), (CHAIR, *((f"lead:{VICE}",) if told.leads == VICE else ()))))
    if true("head_out") and chair_out and VICE in told.tell:
        told.levels.setdefault("legal", Level.CONSIDER)
        told.actions.add("show_lado_contact")
        parts.append(("L6", ("head_out", "chair_out"), ("legal:consider", "action:show_lado_contact")))
    _swap(assessment, told)
    if told.leads:
        told.actions.add(_LEAD_ACTION[told.leads])
    else:
        told.leads = next((seat for seat in (HEAD, CHAIR, VICE, SUBSTITUTE) if seat in told.tell), "")
    yield from sorted(parts)


def misconduct(assessment: Assessment, matched: set[str]) -> bool:
    """Return whether someone in school may be responsible in a way that has a conduct route."""
    return "X" in matched or (assessment.true("insider") and "S5" in matched)


def _swap(assessment: Assessment, told: Told) -> None:
    """Last of all: whoever is kept out gives way to their substitute."""
    for role, seat, substitute in (("dsl", "dsl", "deputy_dsl"), ("vice_chair", VICE, SUBSTITUTE)):
        if seat in told.tell and assessment.holds("keep_from", role):
            told.tell.remove(seat)
            told.tell.add(substitute)
            if told.leads == seat:
                told.leads = substitute
