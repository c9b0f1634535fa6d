"""What the policy asks for: the decision table applied to the facts of one report (hit policy COLLECT).

``load`` compiles the table once; ``decide`` tests its rows and adds up what they ask for. Who is told and
who leads is settled in ``leads``; ``flows.policy.wording`` says it in words; the table itself is
``policy.toml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import Struct

from flows.model import URGENCIES, Decision, Reason
from flows.policy.assessment import Assessment
from flows.policy.engine.compiled import compiled
from flows.policy.engine.conditions import Compiled, FactBits, lay_out
from flows.policy.engine.leads import LEAD_ACTIONS, Leads, Settled, lead_line, leads
from flows.policy.engine.outputs import ALL_LEVELS, Names, levels, names, seats_told, urgency
from flows.policy.engine.rules import CompiledRule, compiled_rule
from flows.policy.facts import LATE, NOTHING
from flows.policy.table import Table, Variant, policy_text, read
from flows.policy.validate import check_table

#: A line without a reason of its own, and what it asks for.
Line = tuple[Compiled, int]


class Policy(Struct, frozen=True, kw_only=True):
    """The table, ready to decide. ``table`` is as written, for pages; ``late`` are the late facts on levels,
    by what was asked for.
    """

    table: Table
    facts: FactBits
    names: Names
    rows: tuple[CompiledRule, ...]
    leads: Leads
    contacts: tuple[Line, ...]
    follows: tuple[Line, ...]
    late: tuple[int, ...]
    waits: dict[str, str]
    nobody: Decision

    @property
    def version(self) -> str:
        """The date of the table."""
        return self.table.version


def load(text: str, *, words_of_policy: str | None = None, remember: int = 4096) -> Policy:
    """Return the policy of this TOML text. Raises PolicyError naming row, field and mend.

    ``words_of_policy`` is what quotes must come from (the packaged policy by default); ``remember`` is how
    many outcomes each row keeps by the facts it looks at (0 = works everything out each time).
    """
    table = read(text)
    check_table(table, policy_text() if words_of_policy is None else words_of_policy)
    facts = lay_out(table)
    waits = {action: action + table.hold.suffix for action in table.hold.waits}
    known = names(_actions(table), waits, table.hold.action)
    rows = []
    seen: set[str] = set()
    last = len(table.kinds) - 1
    for row in table.row:
        kind = table.kinds.index(row.kind) if row.kind else last
        rows.append(compiled_rule(row, facts, known, kind=kind, earlier=frozenset(seen), remember=remember))
        seen.add(row.id)
    late = frozenset(seen | set(LATE))
    contacts, follows = _lines(table, facts, known)
    return Policy(
        table=table,
        facts=facts,
        names=known,
        rows=tuple(rows),
        leads=leads(tuple(lead_line(row, facts, late) for row in table.lead), facts, known, remember),
        contacts=contacts,
        follows=follows,
        late=tuple(_late(facts, asked_for) for asked_for in range(ALL_LEVELS + 1)),
        waits=waits,
        nobody=_nobody(table),
    )


def _actions(table: Table) -> set[str]:
    """Return every action a table can ask for, those of seats that lead included."""
    rows: list[Variant] = [*table.row, *(variant for row in table.row for variant in row.variant)]
    lists = [row.actions for row in rows]
    lists += [lead.actions for lead in table.lead] + [follow.actions for follow in table.follow]
    contacts = {contact.action for contact in table.contact if contact.action}
    return contacts.union(LEAD_ACTIONS.values(), *lists)


def _late(facts: FactBits, asked_for: int) -> int:
    """Return the late facts on the levels of Legal and of the police."""
    found: dict[str, str] = dict(levels(asked_for))
    return (
        facts.bits["legal"][found.get("legal", NOTHING)] | facts.bits["police"][found.get("police", NOTHING)]
    )


def _lines(table: Table, facts: FactBits, known: Names) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return how whoever posted it is contacted, and what else follows, compiled."""
    late = frozenset({*facts.rows, *LATE}).__contains__
    contacts = tuple(
        (
            compiled(f"contact “{c.id}”", c.when, c.unless, facts, late),
            known.asked_for(actions=[c.action] if c.action else []),
        )
        for c in table.contact
    )
    follows = tuple(
        (compiled(f"follow “{f.id}”", f.when, [], facts, late), known.asked_for(actions=f.actions))
        for f in table.follow
    )
    return contacts, follows


def _nobody(table: Table) -> Decision:
    row = table.nobody
    urgency = URGENCIES[[str(u) for u in URGENCIES].index(row.urgency)]
    asks = (f"urgency:{row.urgency}", *(f"action:{a}" for a in row.actions))
    reason = Reason(row=row.id, layer=row.layer, because=row.because, asks=asks)
    return Decision(
        notify=(),
        urgency=urgency,
        leads=None,
        actions=tuple(sorted(row.actions)),
        reasons=(reason,),
        policy_version=table.version,
        kind=table.kinds[-1],
    )


@cache
def default_policy() -> Policy:
    """Return the packaged policy, loaded once."""
    return load(files("flows.policy").joinpath("policy.toml").read_text("utf-8"))


def decide(policy: Policy, assessment: Assessment) -> Decision:
    """Return who is told, how strongly, how soon, who leads, what to do, and the reason for each."""
    bits, asked_for, kind = assessment.bits, 0, len(policy.table.kinds) - 1
    facts = policy.facts
    reasons: list[Reason] = []
    for row in policy.rows:
        hit = row.outcome(bits)
        if hit is not None:
            reasons.append(hit.reason(bits, facts))
            bits |= row.bit
            asked_for |= hit.asked_for
            kind = min(kind, row.kind)
    if not reasons:
        return policy.nobody
    settled = policy.leads.settle(bits, asked_for)
    for seat, late in settled.rows:
        reasons.append(seat.reason(bits | late, facts))
    asked_for |= settled.asked_for
    bits |= policy.late[asked_for & ALL_LEVELS]
    for test, asked in policy.contacts:
        if test.first(bits):
            asked_for |= asked
            break
    for test, asked in policy.follows:
        if test.first(bits):
            asked_for |= asked
    return _decision(policy, settled, asked_for, tuple(reasons), policy.table.kinds[kind])


def _decision(
    policy: Policy, settled: Settled, asked_for: int, reasons: tuple[Reason, ...], kind: str
) -> Decision:
    return Decision(
        notify=seats_told(settled.told | asked_for & ALL_LEVELS),
        levels=levels(asked_for),
        urgency=urgency(asked_for),
        leads=settled.leads,
        actions=policy.names.named(asked_for),
        reasons=reasons,
        policy_version=policy.version,
        kind=kind,
    )
