"""What the policy asks for: the decision table applied to the facts of one report (hit policy COLLECT).

``load`` compiles the table once; ``decide`` tests its rows and adds up what they ask for. Who is told and
who leads is settled in ``flows.policy.leads``; ``flows.policy.wording`` says it in words; the table itself is
``policy.toml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import Struct

from flows.model import URGENCIES, Decision, Reason
from flows.policy.assessment import Assessment
from flows.policy.compiled import compiled
from flows.policy.conditions import LATE, Compiled, Words, lay_out
from flows.policy.facts import NOTHING
from flows.policy.leads import LEAD_ACTIONS, Leads, Settled, lead_line, leads
from flows.policy.outputs import ALL_LEVELS, Names, levels, names, told, urgency
from flows.policy.rows import Follows, Line, follows, keep, line
from flows.policy.table import Conditions, Table, Variant, policy_text, read
from flows.policy.validate import check_table


class Policy(Struct, frozen=True, kw_only=True):
    """The table, ready to decide. ``table`` is as written, for pages; ``late`` are the late facts on levels,
    by what was asked for; ``kept`` remembers lists of names.
    """

    table: Table
    words: Words
    names: Names
    rows: tuple[Line, ...]
    leads: Leads
    follows: tuple[Follows, ...]
    late: tuple[int, ...]
    waits: dict[str, str]
    nobody: Decision
    remember: int
    kept: dict[int, tuple[str, ...]]

    @property
    def version(self) -> str:
        """The date of the table."""
        return self.table.version


def load(text: str, *, words_of_policy: str | None = None, remember: int = 2048) -> Policy:
    """Return the policy of this TOML text. Raises PolicyError naming row, field and mend.

    ``words_of_policy`` is what quotes must come from (the packaged policy by default); ``remember`` is how
    many outcomes each row keeps by the facts it looks at (0 = works everything out each time).
    """
    table = read(text)
    check_table(table, policy_text() if words_of_policy is None else words_of_policy)
    words = lay_out(table)
    waits = {action: action + table.hold.suffix for action in table.hold.waits}
    known = names(_actions(table), waits, table.hold.action)
    rows = []
    seen: set[str] = set()
    last = len(table.kinds) - 1
    for row in table.row:
        kind = table.kinds.index(row.kind) if row.kind else last
        rows.append(line(row, words, known, kind=kind, earlier=frozenset(seen), remember=remember))
        seen.add(row.id)
    late = frozenset(seen | set(LATE))
    return Policy(
        table=table,
        words=words,
        names=known,
        rows=tuple(rows),
        leads=leads(tuple(lead_line(row, words, late) for row in table.lead), words, known, remember),
        follows=_follows(table, words, known, remember),
        late=tuple(_late(words, wants) for wants in range(ALL_LEVELS + 1)),
        waits=waits,
        nobody=_nobody(table),
        remember=remember,
        kept={},
    )


def _actions(table: Table) -> set[str]:
    """Return every action a table can ask for, those of seats that lead included."""
    rows: list[Variant] = [*table.row, *(variant for row in table.row for variant in row.variant)]
    lists = [row.actions for row in rows]
    lists += [lead.actions for lead in table.lead] + [follow.actions for follow in table.follow]
    contacts = {contact.action for contact in table.contact if contact.action}
    return contacts.union(LEAD_ACTIONS.values(), *lists)


def _late(words: Words, wants: int) -> int:
    """Return the late facts on the levels of Legal and of the police."""
    found: dict[str, str] = dict(levels(wants))
    return (
        words.bits["legal"][found.get("legal", NOTHING)] | words.bits["police"][found.get("police", NOTHING)]
    )


def _follows(table: Table, words: Words, known: Names, remember: int) -> tuple[Follows, ...]:
    late = frozenset({*words.rows, *LATE})

    def lined(
        owner: str, when: list[Conditions], unless: list[Conditions], actions: list[str]
    ) -> tuple[Compiled, int]:
        return compiled(owner, when, unless, words, late.__contains__), known.wants(actions=actions)

    contacts = [
        lined(f"contact “{c.id}”", c.when, c.unless, [c.action] if c.action else []) for c in table.contact
    ]
    rest = [lined(f"follow “{f.id}”", f.when, [], f.actions) for f in table.follow]
    return (*follows(contacts, remember, first=True), *follows(rest, remember))


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
    bits, wants, kind = assessment.bits, 0, len(policy.table.kinds) - 1
    words, remember = policy.words, policy.remember
    reasons: list[Reason] = []
    for row in policy.rows:
        hit = row.outcome(bits)
        if hit is not None:
            reasons.append(hit.reason(bits, words, remember))
            bits |= row.bit
            wants |= hit.wants
            kind = min(kind, row.kind)
    if not reasons:
        return policy.nobody
    settled = policy.leads.settle(bits, wants)
    for seat, late in settled.rows:
        reasons.append(seat.reason(bits | late, words, remember))
    wants |= settled.wants
    bits |= policy.late[wants & ALL_LEVELS]
    for lines in policy.follows:
        wants |= lines.wants(bits)
    return _decision(policy, settled, wants, tuple(reasons), policy.table.kinds[kind])


def _decision(
    policy: Policy, settled: Settled, wants: int, reasons: tuple[Reason, ...], kind: str
) -> Decision:
    kept, remember = policy.kept, policy.remember
    doing, telling = wants & policy.names.every, settled.told | wants & ALL_LEVELS
    return Decision(
        notify=kept.get(telling) or keep(kept, telling, told(telling), remember),
        levels=levels(wants),
        urgency=urgency(wants),
        leads=settled.leads,
        actions=kept.get(doing) or keep(kept, doing, policy.names.named(doing), remember),
        reasons=reasons,
        policy_version=policy.version,
        kind=kind,
    )
