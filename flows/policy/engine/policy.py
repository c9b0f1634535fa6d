"""What the policy asks for: the decision table applied to the facts of one report (hit policy COLLECT).

``load`` compiles the table once; ``decide`` tests its rows and adds up what they ask for. Who is told and
who leads is settled in ``leads``; ``flows.policy.wording`` says it in words. The table itself is that of the
duties, ``duties.toml``, joined with a school's own file, such as one of ``forms``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import UNSET, Struct

from flows.model import URGENCIES, Decision, OwnAction, Reason
from flows.policy.assessment import Assessment
from flows.policy.engine.compiled import compiled
from flows.policy.engine.conditions import Compiled, FactBits, lay_out
from flows.policy.engine.leads import LEAD_ACTIONS, Leads, Settled, lead_line, leads
from flows.policy.engine.outputs import ALL_LEVELS, Names, levels, names, seats_told, urgency
from flows.policy.engine.rules import CompiledRule, compiled_rule
from flows.policy.facts import BITS, HAPPENED, LATE, NOTHING, any_of
from flows.policy.join import join
from flows.policy.own import OwnPolicy, read_own
from flows.policy.table import Table, Variant, read
from flows.policy.validate import check_table
from flows.school import Seat

#: A line without a reason of its own, and what it asks for.
Line = tuple[Compiled, int]


class Weighed(Struct, frozen=True):
    """What a decision comes to, as numbers: all that is asked for, the seats told, who leads."""

    asked_for: int
    told: int
    leads: Seat | None


class Policy(Struct, frozen=True, kw_only=True):
    """The table, ready to decide. ``table`` is as written, for pages; ``late`` are the late facts on levels,
    by what was asked for; ``later`` is what it asks of a case after its report.
    """

    table: Table
    facts: FactBits
    names: Names
    rows: tuple[CompiledRule, ...]
    leads: Leads
    contacts: tuple[Line, ...]
    follows: tuple[Line, ...]
    late: tuple[int, ...]
    later: tuple[str, ...]
    waits: dict[str, str]
    nobody: Decision

    @property
    def version(self) -> str:
        """The date of the table."""
        return self.table.version


def load(duties: str, own: OwnPolicy | None = None, *, words: str = "", remember: int = 4096) -> Policy:
    """Return the policy: the duties of this TOML text, and what a school adds. Raises PolicyError.

    The error names row, field and mend. ``words`` is the text that quotes must come from; ``remember`` is how
    many outcomes each row keeps by the facts it looks at (0 = works everything out each time).
    """
    table = read(duties)
    if own is not None:
        table = join(table, own)
    check_table(table, words)
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
        later=tuple(w for w in HAPPENED if any(w in sets for row in table.row for sets in row.when)),
        waits=waits,
        nobody=_nobody(table),
    )


def _actions(table: Table) -> set[str]:
    """Return every action a table can ask for, those of seats that lead included."""
    rows: list[Variant] = [*table.row, *(variant for row in table.row for variant in row.variant)]
    lists = [row.actions for row in rows]
    lists += [lead.actions for lead in table.lead] + [follow.actions for follow in table.follow]
    lists.append(table.nobody.actions)
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


def duties() -> str:
    """Return the duties as they come with the program."""
    return _packaged("duties.toml")


def form(name: str) -> tuple[OwnPolicy, str]:
    """Return a policy that comes with the program, as a school's file would be read, and its words."""
    own = read_own(_packaged("forms", f"{name}.toml"))
    return own, _packaged("forms", own.words)


def _packaged(*names: str) -> str:
    return files("flows.policy").joinpath(*names).read_text("utf-8")


@cache
def default_policy() -> Policy:
    """Return what is decided by where a school names no file: the county's form, loaded once."""
    own, words = form("county")
    return load(duties(), own, words=words)


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
    asked_for = _and_follows(policy, bits, asked_for | settled.asked_for)
    return _decision(policy, settled, bits, asked_for, reasons=tuple(reasons), kind=policy.table.kinds[kind])


def _and_follows(policy: Policy, bits: int, asked_for: int) -> int:
    """Return what is asked for with how whoever posted it is contacted, and what else follows."""
    bits |= policy.late[asked_for & ALL_LEVELS]
    for test, asked in policy.contacts:
        if test.first(bits):
            asked_for |= asked
            break
    for test, asked in policy.follows:
        if test.first(bits):
            asked_for |= asked
    return asked_for


def weigh(policy: Policy, assessment: Assessment) -> Weighed:
    """Return what :func:`decide` comes to, without reasons: for whoever asks of thousands of situations."""
    bits, asked_for = assessment.bits, 0
    for row in policy.rows:
        hit = row.outcome(bits)
        if hit is not None:
            bits |= row.bit
            asked_for |= hit.asked_for
    if bits == assessment.bits:
        return Weighed(policy.names.asked_for(actions=policy.nobody.actions), 0, None)
    settled = policy.leads.settle(bits, asked_for)
    asked_for = _and_follows(policy, bits, asked_for | settled.asked_for)
    return Weighed(asked_for, settled.told, settled.leads)


def _decision(
    policy: Policy, settled: Settled, bits: int, asked_for: int, *, reasons: tuple[Reason, ...], kind: str
) -> Decision:
    actions = policy.names.named(asked_for)
    own = policy.table.own
    return Decision(
        notify=seats_told(settled.told | asked_for & ALL_LEVELS),
        levels=levels(asked_for),
        urgency=urgency(asked_for),
        leads=settled.leads,
        actions=actions,
        reasons=reasons,
        policy_version=policy.version,
        kind=kind,
        own=_in_own_words(policy, actions) if own else UNSET,
        again=_again(policy, bits) if policy.later else UNSET,
    )


def _in_own_words(policy: Policy, actions: tuple[str, ...]) -> dict[str, OwnAction]:
    """Return the words of a school's own actions, those for under a hold and for without: that may change."""
    suffix = policy.table.hold.suffix
    asked = {action.removesuffix(suffix) for action in actions}
    return {name: own for name, own in policy.table.own.items() if name.removesuffix(suffix) in asked}


def _again(policy: Policy, bits: int) -> tuple[str, ...]:
    """Return what has not happened, and would bring rows that do not apply now."""
    return tuple(
        what
        for what in policy.later
        if bits & BITS[what][False]
        and any(
            not bits & row.bit and row.outcome(bits ^ any_of(**{what: (True, False)})) for row in policy.rows
        )
    )
