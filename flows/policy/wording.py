"""A decision in words: seats, reasons, and the whole of it as plain lines. No card is built here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import UnsetType

from flows.model import Body, Decision, Layer, Level, OwnAction, Reason, Report
from flows.policy.engine import Policy
from flows.policy.said import as_said
from flows.school import Contact
from flows.words import known, say


def seat_name(seat: str | None) -> str:
    """Return a seat in words ("" for none)."""
    return say(f"seat.{seat}") if seat else ""


def numbers(contact: Contact) -> str:
    """Return the numbers of somebody outside, the one for nights and weekends last ("" = there are none)."""
    late = say("ring.late", phone=contact.out_of_hours) if contact.out_of_hours else ""
    return " · ".join(number for number in (contact.phone, late) if number)


def to_be_asked(decision: Decision) -> str:
    """Return whom the lead may decide to ask, in words; where 999 is to be rung now, nobody decides that."""
    bodies = (body for body in (Body.LEGAL, Body.POLICE) if body in decision.levels)
    return ", ".join(seat_name(body) for body in bodies if decision.levels[body] is not Level.CALL_999_NOW)


def action_words(action: str, own: Mapping[str, OwnAction] | UnsetType) -> str | None:
    """Return an action in words: a school's own in its own; None for one that nobody is told of."""
    if own and action in own:
        return own[action].words
    return say(f"action.{action}", dsl=say("dsl.dsl")) if known(f"action.{action}") else None


def reason_line(reason: Reason, told: Collection[str], report: Report, *, own: bool = False) -> str:
    """Return one reason as a sentence, its layer said apart; ``told`` are the seats that are really told.

    ``own`` = to the reporter, who reads no clause codes.
    """
    layer = say(f"layer.{reason.layer}")
    cites = reason.layer is Layer.POLICY and reason.clauses and not own
    cited = f" {', '.join(reason.clauses)}" if cites else ""
    quoted = f" “{reason.quote}”" if reason.quote else ""
    return f"{layer}{cited}: {as_said(reason.because, told, report, own=own)}{quoted}"


def explain(policy: Policy, decision: Decision) -> str:
    """Return the decision in plain words: who, how soon, what, and each reason with its layer."""
    lines = [
        f"Told: {_listed(decision.notify)}. Leads: {_plain(decision.leads or 'nobody')}.",
        f"How soon: {_plain(decision.urgency)}.",
        *(f"{body.capitalize()}: {_plain(level)}." for body, level in decision.levels.items()),
        f"To do: {_listed(decision.actions)}.",
        "",
        "Why:",
    ]
    for reason in decision.reasons:
        clauses = f", {', '.join(reason.clauses)}" if reason.clauses else ""
        lines.append(f"- {reason.row} ({reason.layer}{clauses}): {as_said(reason.because, decision.notify)}")
        if reason.quote:
            lines.append(f"  The policy says: “{reason.quote}”")
        facts = [f"{policy.table.fact.get(f, f)} – {_said(v)}" for f, v in reason.facts.items()]
        if facts:
            lines.append(f"  Because of: {'; '.join(facts)}.")
        lines.append(f"  Asks for: {_listed(reason.asks)}.")
    return "\n".join([*lines, f"Policy of {decision.policy_version}.", ""])


def _plain(word: str) -> str:
    return word.replace("_", " ").removeprefix("action:").removeprefix("urgency:")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(_plain(word) for word in words) or "nothing"


def _said(value: str | bool | tuple[str, ...]) -> str:  # noqa: FBT001 - a fact's value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _plain(value) if isinstance(value, str) else _listed(value)
