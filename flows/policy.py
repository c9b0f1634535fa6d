"""What the policy asks for: the decision table applied to the facts of one report (hit policy COLLECT).

``load`` compiles the table once; ``decide`` tests its rows and adds up what they ask for; ``explain`` says
it in words. Who is told and who leads is settled in ``flows.leads``; the table itself is ``policy.toml``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import Struct

from flows.assessment import Assessment
from flows.leads import Settled, settle
from flows.model import URGENCIES, Decision, Level, Reason
from flows.policy_check import check_table
from flows.policy_rows import Line, Live, lead_line, line, live
from flows.policy_table import LATE, LEVELS, Compiled, Table, Words, compiled, lay_out, policy_text, read
from flows.school import Seat


class Policy(Struct, frozen=True, kw_only=True):
    """The table, ready to decide. ``table`` is as written, for pages."""

    table: Table
    words: Words
    rows: tuple[Line, ...]
    leads: tuple[Line, ...]
    contacts: tuple[tuple[Compiled, str], ...]
    follows: tuple[tuple[Compiled, tuple[str, ...]], ...]
    waits: dict[str, str]
    nobody: Decision

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
    rows = []
    seen: set[str] = set()
    for row in table.row:
        rows.append(line(row, words, frozenset(seen), remember))
        seen.add(row.id)
    late = frozenset(seen | set(LATE))
    leads = tuple(lead_line(row, words, late) for row in table.lead)
    contacts = tuple(
        (compiled(f"contact “{c.id}”", c.when, c.unless, words, late.__contains__), c.action)
        for c in table.contact
    )
    follows = tuple(
        (compiled(f"follow “{f.id}”", f.when, [], words, late.__contains__), tuple(f.actions))
        for f in table.follow
    )
    return Policy(
        table=table,
        words=words,
        rows=tuple(rows),
        leads=leads,
        contacts=contacts,
        follows=follows,
        waits={action: action + table.hold.suffix for action in table.hold.waits},
        nobody=_nobody(table),
    )


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
    )


@cache
def default_policy() -> Policy:
    """Return the packaged policy, loaded once."""
    return load(files("flows").joinpath("policy.toml").read_text("utf-8"))


def decide(policy: Policy, assessment: Assessment) -> Decision:
    """Return who is told, how strongly, how soon, who leads, what to do, and the reason for each."""
    bits = assessment.bits
    hits: list[Live] = []
    for row in policy.rows:
        hit = live(row, bits, policy.words)
        if hit is not None:
            hits.append(hit)
            bits |= row.bit
    if not hits:
        return policy.nobody
    told: set[Seat] = set()
    actions: set[str] = set()
    police = legal = urgency = 0
    hold = head = chairs = False
    for hit in hits:
        told |= hit.tell
        actions |= hit.actions
        police = max(police, hit.police)
        legal = max(legal, hit.legal)
        urgency = max(urgency, hit.urgency)
        hold, head, chairs = hold or hit.hold, head or hit.head, chairs or hit.chairs
    settled = settle(policy.leads, policy.words, bits, told, head=head, chairs=chairs)
    legal = max(legal, settled.legal)
    actions |= settled.actions
    _follow(policy, settled.bits, legal, police, actions)
    if hold:
        actions = {policy.waits.get(action, action) for action in actions}
        actions.add(policy.table.hold.action)
    return _decision(policy, hits, settled, (legal, police, urgency), actions)


def _follow(policy: Policy, bits: int, legal: int, police: int, actions: set[str]) -> None:
    late = policy.words.bits
    bits |= late["legal"][LEVELS[legal] or "nothing"] | late["police"][LEVELS[police] or "nothing"]
    for test, action in policy.contacts:
        if test.hit(bits):
            if action:
                actions.add(action)
            break
    for test, follow in policy.follows:
        if test.hit(bits):
            actions.update(follow)


def _decision(
    policy: Policy, hits: list[Live], settled: Settled, ranks: tuple[int, int, int], actions: set[str]
) -> Decision:
    legal, police, urgency = ranks
    notify: list[str] = [seat.value for seat in settled.told]
    levels: dict[str, Level] = {}
    if legal:
        notify.append("legal")
        levels["legal"] = Level(LEVELS[legal])
    if police:
        notify.append("police")
        levels["police"] = Level(LEVELS[police])
    return Decision(
        notify=tuple(sorted(notify)),
        levels=levels,
        urgency=URGENCIES[urgency],
        leads=settled.leads,
        actions=tuple(sorted(actions)),
        reasons=(*(hit.reason for hit in hits), *settled.reasons),
        policy_version=policy.version,
    )


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
        lines.append(f"- {reason.row} ({reason.layer}{clauses}): {reason.because}")
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
