"""Documents of earlier schemas, brought one schema further. Nothing else knows how they were written.

Schema 1: what a send was about, and several words of one fact, stood inside one string.
Schema 2: what a policy row means was read off its id.
Schema 3: of an exclusion only the reason was kept, and it was worked out anew from the answers.
Schema 4: what was decided on Legal and the police stood in two fields of the case; nothing else was owed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
#: (name of the struct, schema it is read from) -> the document one schema later
Upgrades = Mapping[tuple[str, int], Callable[[Document], Document]]

_SEVERAL = ("added", "gone", "unfilled", "answers")
_SEAT = re.compile(r":restricted\.([a-z_]+)")
_AGAIN = re.compile(r"/(?:card|notice|receipt)\.([0-9]+)/")
#: Which message a key was for, by how it is built; the first that fits.
_MESSAGES = (
    (re.compile(r"digest/"), "digest"),
    (re.compile(r"[^/]*/([0-9]+)/reporter\."), "progress"),
    (re.compile(r"[^/]*/([0-9]+)/"), "update"),
    (re.compile(r"[^/]*/card"), "case_card"),
    (re.compile(r"[^/]*/receipt"), "receipt"),
    (re.compile(r"[^/]*/notice"), "notice"),
    (re.compile(r"[^/]*/alert"), "first_alert"),
)


def _event(document: Document) -> Document:
    """Return the event with every word of a fact apart: commas had joined them."""
    facts = dict(document.get("facts", {}))
    joined = (*_SEVERAL, "why") if document["kind"] == "recused" else _SEVERAL
    facts |= {name: facts[name].split(",") for name in joined if name in facts}
    return {**document, "facts": facts}


def _send(document: Document) -> Document:
    """Return the send with what only its key said: whose place it goes to, and which card it is anew."""
    found: Document = {}
    if seat := _SEAT.search(document.get("root") or document["key"]):
        found["seat"] = seat[1]
    if again := _AGAIN.search(document["key"]):
        found["again"] = int(again[1])
    return {**document, **found}


def _audit(document: Document) -> Document:
    """Return the entry with what only the key it names said: which message it is about."""
    facts = dict(document.get("facts", {}))
    key = facts.get("send", "")
    for pattern, message in _MESSAGES:
        if found := pattern.match(key):
            facts["message"] = message
            facts |= {"event": found[1]} if found.groups() else {}
            break
    return {**document, "facts": facts}


# The ids of that time and what they meant: they stay as they are.
_KINDS = (
    ("danger", {"S1", "S2"}),
    ("imagery", {"S3"}),
    ("allegation", {"S5"}),
    ("safeguarding", {"S4", "C3c"}),
    ("threat", {"C8v"}),
    ("hate", {"C8r", "C8h"}),
    ("conduct", {"X"}),
    ("abuse", {"C3", "C4", "C4h", "C5x", "R"}),
    ("criticism", {"C5"}),
)
_HELD_FOR_SAFETY = {"S1", "S2", "S3", "S4", "S5", "C3c"}
_HELD_FOR_POLICE = {"C8v", "C8r"}
_SAFEGUARDING_DEADLINE = {*_HELD_FOR_SAFETY, *_HELD_FOR_POLICE, "S6", "C8h"}
_INSTEAD_OF = {"L1": "headteacher", "L4": "chair_of_governors"}


def _meaning_of_rows(case: Document) -> Document:
    """Write what each row means beside its id."""
    decision = case["decision"]
    ids = {reason["row"] for reason in decision["reasons"]}
    kind = next((name for name, rows in _KINDS if rows & ids), "concern")
    reasons = [{**reason, **_meaning(reason["row"])} for reason in decision["reasons"]]
    return {**case, "decision": {**decision, "kind": kind, "reasons": reasons}}


def _meaning(row: str) -> Document:
    held = "safeguarding" if row in _HELD_FOR_SAFETY else "police" if row in _HELD_FOR_POLICE else None
    return {
        "hold": held,
        "safeguarding_deadline": row in _SAFEGUARDING_DEADLINE,
        "instead_of": _INSTEAD_OF.get(row),
    }


_BY_WHAT = {"kept_out": "reporter", "conflict": "declared"}


def _exclusions(case: Document) -> Document:
    """Write each exclusion as a record of its own: from now on only a person lifts it."""
    recused = {
        person: {"why": why, "source": _BY_WHAT.get(why, "answers"), "at": case["opened_at"]}
        for person, why in case.get("recused", {}).items()
    }
    return {**case, "recused": recused}


# What a decision asks for where something is owed.
_OWED = (
    ("lado", "lado_within_1_working_day"),
    ("childrens_services", "dsl_decides_childrens_services"),
    ("imagery", "refer_to_dsl_now"),
)
_FRIDAY = 4


def _duties(case: Document) -> Document:
    """Return the case with each thing it owes as a duty, and with what was decided of it."""
    case, decision = dict(case), case["decision"]
    opened = dt.datetime.fromisoformat(case["opened_at"]).date()
    limit = dt.datetime.fromisoformat(case["due_at"]).date()
    on_weekday = opened + dt.timedelta(days=7 - opened.weekday() if opened.weekday() >= _FRIDAY else 1)
    found = []
    for body in ("legal", "police"):
        decided = case.pop(body, None)
        if decided is not None or body in decision.get("levels", {}):
            found.append({"body": body, "rows": [], "due": limit.isoformat(), "decided": decided})
    for body, action in _OWED:
        if action in decision["actions"]:
            day = on_weekday if body == "lado" else opened
            found.append({"body": body, "rows": [], "due": day.isoformat()})
    return {**case, "duties": found}


def _decided(event: Document) -> Document:
    """Return the event of a decision on Legal or the police as that of a duty."""
    body = {"legal_decided": "legal", "police_decided": "police"}.get(event["kind"])
    if body is None:
        return event
    return {**event, "kind": "duty_recorded", "facts": {"body": body, **event.get("facts", {})}}


UPGRADES: Upgrades = {
    ("Event", 1): _event,
    ("Send", 1): _send,
    ("Audit", 1): _audit,
    ("Case", 2): _meaning_of_rows,
    ("Case", 3): _exclusions,
    ("Case", 4): _duties,
    ("Event", 4): _decided,
}
