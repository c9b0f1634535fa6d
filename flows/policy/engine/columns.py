"""All situations weighed at once: of each bit, in which of them it is there, as one whole number – a column.

It comes to what :func:`~flows.policy.engine.policy.weigh` comes to in each, hundreds of times as fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from flows.model import Urgency
from flows.policy.engine.conditions import Compiled, Test
from flows.policy.engine.outputs import (
    ALL_LEVELS,
    ALL_SEATS,
    ALL_URGENCIES,
    CHAIRS,
    HEAD,
    HOLD,
    SEATS,
    levels,
    urgency,
)
from flows.policy.engine.policy import Policy
from flows.policy.facts import bits_of
from flows.school import Seat

Columns = dict[int, int]


class Came(Struct, frozen=True, kw_only=True):
    """What a policy comes to: in which situations who is told, leads, how firmly and how soon."""

    told: dict[str, int]
    leads: dict[Seat | None, int]
    levels: dict[str, dict[str, int]]
    held: int
    urgency: dict[Urgency, int]
    actions: dict[str, int]
    #: by the bit of each step of a level or an urgency, and of a hold
    steps: Columns


class _Found:
    """Columns while a policy is weighed: of facts and rows, and of what is asked for."""

    def __init__(self, facts: Mapping[int, int], whole: int) -> None:
        self.facts, self.whole = dict(facts), whole
        self.asked: Columns = {}

    def any(self, mask: int) -> int:
        """Return where one of these bits is there."""
        return union(self.facts.get(bit, 0) for bit in bits_of(mask))

    def holds(self, test: Test) -> int:
        """Return where a set of conditions holds."""
        where = self.whole & ~self.any(test.none)
        for bit in bits_of(test.every):
            where &= self.facts.get(bit, 0)
        for group in test.groups:
            where &= self.any(group)
        return where

    def applies(self, tests: Compiled) -> int:
        """Return where a row or line applies."""
        return union(map(self.holds, tests.when)) & ~union(map(self.holds, tests.unless))

    def ask(self, asked_for: int, where: int) -> None:
        """Ask for this there."""
        for bit in bits_of(asked_for):
            self.asked[bit] = self.asked.get(bit, 0) | where


def weigh_all(policy: Policy, facts: Mapping[int, int], whole: int) -> Came:
    """Return what a policy comes to in each of the situations of these columns; ``whole`` = all of them."""
    found = _Found(facts, whole)
    matched = _rows(policy, found)
    told, leads = _settled(policy, found, matched)
    _follow(policy, found, matched)
    found.ask(policy.names.asked_for(actions=policy.nobody.actions), whole & ~matched)
    steps = _split(found.asked, ALL_LEVELS | ALL_URGENCIES, whole)
    bodies: dict[str, dict[str, int]] = {}
    soon: dict[Urgency, int] = {}
    for asked_for, where in steps:
        for body, level in levels(asked_for).items():
            at = bodies.setdefault(body, {})
            at[level] = at.get(level, 0) | where
        soon[urgency(asked_for)] = soon.get(urgency(asked_for), 0) | where
    return Came(
        told={seat.value: told[bit] for seat, bit in SEATS.items() if told.get(bit)},
        leads=leads,
        levels=bodies,
        held=found.asked.get(HOLD, 0),
        urgency=soon,
        actions={name: found.asked[bit] for bit, name in policy.names.plain if found.asked.get(bit)},
        steps={bit: found.asked.get(bit, 0) for bit in bits_of(ALL_LEVELS | ALL_URGENCIES | HOLD)},
    )


def _rows(policy: Policy, found: _Found) -> int:
    """Note what each row asks for, and where it applies; return where any does."""
    matched = 0
    for row in policy.rows:
        where = found.applies(row.test)
        asks = HEAD * row.row.asks_head | CHAIRS * row.row.chairs_part | HOLD * bool(row.row.hold)
        found.ask(asks | row.names.asked(row.row), where)
        for tests, variant in row.variants:
            more = where & found.applies(tests)
            found.ask(row.names.asked(variant) | HOLD * bool(variant.hold), more)
        found.facts[row.bit] = where
        matched |= where
    return matched


def _settled(policy: Policy, found: _Found, matched: int) -> tuple[Columns, dict[Seat | None, int]]:
    """Return who is told and who leads; note what the lead rows ask for."""
    told: Columns = {}
    leads: dict[Seat | None, int] = {None: found.whole & ~matched}
    asked: list[tuple[int, int]] = []
    for bits, here in _split(found.facts, policy.leads.looks_at, matched):
        for asked_for, where in _split(found.asked, ALL_SEATS | HEAD | CHAIRS, here):
            settled = policy.leads.settle(bits, asked_for)
            for bit in bits_of(settled.told):
                told[bit] = told.get(bit, 0) | where
            leads[settled.leads] = leads.get(settled.leads, 0) | where
            asked.append((settled.asked_for, where))
    for asked_for, where in asked:
        found.ask(asked_for, where)
    return told, leads


def _follow(policy: Policy, found: _Found, matched: int) -> None:
    """Note how whoever posted it is contacted, and what else follows."""
    for asked_for, where in _split(found.asked, ALL_LEVELS, matched):
        for bit in bits_of(policy.late[asked_for]):
            found.facts[bit] = found.facts.get(bit, 0) | where
    left = matched
    for tests, asked_for in policy.contacts:
        where = left & found.applies(tests)
        found.ask(asked_for, where)
        left &= ~where
    for tests, asked_for in policy.follows:
        found.ask(asked_for, matched & found.applies(tests))


def union(columns: Iterable[int]) -> int:
    """Return where any of these is."""
    found = 0
    for column in columns:
        found |= column
    return found


def _split(columns: Mapping[int, int], mask: int, within: int) -> list[tuple[int, int]]:
    """Return the situations apart by which of these bits they have: (bits, where)."""
    parts = [(0, within)]
    for bit in bits_of(mask):
        column = columns.get(bit, 0)
        if column & within:
            there = [(bits | bit, where & column) for bits, where in parts]
            elsewhere = [(bits, where & ~column) for bits, where in parts]
            parts = [part for part in (*there, *elsewhere) if part[1]]
    return parts
