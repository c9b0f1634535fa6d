"""The decision table: loaded, checked, compiled once, and applied (hit policy COLLECT).

Every row that matches applies; recipients add up, the highest level and urgency win. Who leads in a
conflict (§6) is ``leads``, the actions that follow from several rows (§7) are ``routes``. Source:
the policy page §5; the rows themselves stand in ``policy.toml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import Struct

from flows.assessment import Assessment
from flows.leads import LEADS, Told, lead
from flows.model import URGENCIES, Decision, Layer, Level, Reason, Urgency
from flows.policy_table import Outcome, Policy, Row, load
from flows.routes import follow
from flows.school import Seat

__all__ = ["Policy", "decide", "default_policy", "explain", "load"]

_LEVELS = {level: n for n, level in enumerate((Level.CONSIDER, Level.RECOMMEND, Level.CALL_999_NOW), 1)}
_SOON = {urgency: n for n, urgency in enumerate(URGENCIES)}


class _Sum(Struct):
    """What the rows that matched ask for together, so far."""

    tell: set[str]
    levels: dict[str, Level]
    urgency: Urgency
    actions: set[str]
    reasons: list[Reason]
    matched: set[str]
    head: bool = False
    hold: bool = False

    def add(self, outcome: Outcome) -> None:
        """Add what one outcome asks for."""
        self.tell.update(outcome.tell)
        self.actions.update(outcome.actions)
        for body, level in outcome.levels:
            if body not in self.levels or _LEVELS[level] > _LEVELS[self.levels[body]]:
                self.levels[body] = level
        if outcome.urgency is not None and _SOON[outcome.urgency] > _SOON[self.urgency]:
            self.urgency = outcome.urgency


@cache
def default_policy() -> Policy:
    """Return the policy that comes with the product."""
    return load(files("flows").joinpath("policy.toml").read_text("utf-8"))


def decide(policy: Policy, assessment: Assessment) -> Decision:
    """Return who is told, how soon, what to do, and the reason for each."""
    bits = assessment.bits
    total = _Sum(set(), {}, Urgency.ROUTINE, set(), [], set())
    for row in policy.rows:
        outcomes = row.match(bits, total.matched)
        if outcomes:
            _apply(total, row, outcomes, bits)
    told = Told(tell=total.tell, levels=total.levels, actions=set())
    for name, facts, asks in lead(assessment, told, total.matched, asked=total.head):
        total.matched.add(name)
        total.reasons.append(_lead_reason(name, facts, asks))
    if total.matched != {"N"}:
        follow(assessment, total.actions, told.levels, total.matched, hold=total.hold)
        total.actions |= told.actions
    notify = tuple(sorted(told.tell | set(told.levels)))
    return Decision(
        notify=notify,
        levels=dict(sorted(told.levels.items(), reverse=True)),
        urgency=total.urgency,
        leads=Seat(told.leads) if told.leads else None,
        actions=tuple(sorted(total.actions)),
        reasons=tuple(total.reasons),
        policy_version=policy.version,
    )


def _apply(total: _Sum, row: Row, outcomes: tuple[Outcome, ...], bits: int) -> None:
    total.matched.add(row.id)
    total.head |= row.head
    total.hold |= row.hold
    for outcome in outcomes:
        total.add(outcome)
    total.reasons.append(row.reason(outcomes, bits))


def _lead_reason(name: str, facts: tuple[str, ...], asks: tuple[str, ...]) -> Reason:
    return Reason(
        row=name,
        layer=Layer.SETTING,
        because=LEADS[name],
        facts=dict.fromkeys(facts, True),
        asks=asks,
    )


def explain(policy: Policy, decision: Decision) -> str:
    """Return a decision as plain text, each reason with its layer, clause and quote."""
    lines = [
        f"Told: {', '.join(decision.notify) or 'nobody'}",
        f"How soon: {decision.urgency}",
        f"Leads: {decision.leads or 'nobody'}",
        *(f"{body}: {level}" for body, level in decision.levels.items()),
        "",
        "Why",
    ]
    for reason in decision.reasons:
        cited = f" {', '.join(reason.clauses)}" if reason.clauses else ""
        lines.append(f"- {reason.row} ({reason.layer}{cited}): {reason.because}")
        if reason.quote:
            lines.append(f"  “{reason.quote}”")
    lines += ["", "To do", *(f"- {action}" for action in decision.actions), "", f"Policy {policy.version}"]
    return "\n".join(lines)
