"""Two policies compared: in which situations they come to something else, in plain sentences.

Every situation is weighed by both, all of them at once. What changes is gathered, each change with the
situations in which it does, and those are described by what they have in common.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import prod
from typing import TypeVar

from msgspec import Struct

from flows.policy.engine import Came, Policy, weigh_all
from flows.policy.situations import GROUPS, Situations, situations
from flows.policy.wording import action_words, seat_name
from flows.words import say

T = TypeVar("T", bound=Hashable)
_BODIES = ("police", "legal")
#: What a level or a hold says already.
_SAID = ("decide_on_legal_and_record_why", "decide_on_police_and_record_why", "hold_contact_with_poster")


class Difference(Struct, frozen=True, kw_only=True):
    """What is different, in sentences that hold in the same situations; where, in ``count`` of how many."""

    what: tuple[str, ...]
    where: str
    count: int
    of: int


class Comparison(Struct, frozen=True):
    """How many situations were looked at, in how many something is different, and what."""

    looked_at: int
    different: int
    differences: tuple[Difference, ...]


#: What is different, where in order it stands and how it is said, and in which situations.
_Change = tuple[int, str, int]


def compare(old: Policy, new: Policy, every: Situations | None = None) -> Comparison:
    """Return what changes where a school goes from the one policy to the other, in these situations (all)."""
    every = every or situations(later=bool(old.later or new.later))
    facts, whole = every.columns(), (1 << every.count) - 1
    one, other = (weigh_all(policy, facts, whole) for policy in (old, new))
    together: dict[int, list[str]] = {}
    different = 0
    changes = [change for change in _changes(one, other, old, new) if change[2]]
    for _, said, where in sorted(changes, key=lambda change: (change[0], change[2] & -change[2])):
        together.setdefault(where, []).append(said)
        different |= where
    columns = every.cases()
    differences = tuple(_difference(said, where, every, columns) for where, said in together.items())
    return Comparison(every.count, different.bit_count(), differences)


# -- what is different ------------------------------------------------------------------------------------


def _changes(old: Came, new: Came, before: Policy, after: Policy) -> Iterator[_Change]:
    """Yield each thing that may be different as the beginning of a sentence, and where it is."""
    for seat in sorted({*old.told, *new.told}):
        was, now = old.told.get(seat, 0), new.told.get(seat, 0)
        yield 0, say("differs.untold", seat=seat_name(seat)), was & ~now
        yield 1, say("differs.told", seat=seat_name(seat)), now & ~was
    for one, two, where in _apart(old.leads, new.leads):
        if one and two:
            yield 2, say("differs.leads", new=seat_name(two), old=seat_name(one)), where
    for body in _BODIES:
        for level, other, where in _apart(_levels(old, body), _levels(new, body)):
            was_so, is_so = (say(f"differs.level.{each}") for each in (level, other))
            yield 3, say("differs.body", body=seat_name(body), old=was_so, new=is_so), where
    yield 4, say("differs.held"), new.held & ~old.held
    yield 4, say("differs.free"), old.held & ~new.held
    for soon, later, where in _apart(old.urgency, new.urgency):
        was_so, is_so = (say(f"differs.urgency.{each}") for each in (soon, later))
        yield 5, say("differs.soon", old=was_so, new=is_so), where
    mine, theirs = _asked(old, before), _asked(new, after)
    for words, where in mine.items():
        yield 6, say("differs.unasked", action=words), where & ~theirs.get(words, 0)
    for words, where in theirs.items():
        yield 7, say("differs.asked", action=words), where & ~mine.get(words, 0)


def _apart(old: Mapping[T, int], new: Mapping[T, int]) -> Iterator[tuple[T, T, int]]:
    """Yield each two values of the one and of the other that differ, and where they do."""
    return ((one, two, a & b) for one, a in old.items() for two, b in new.items() if one != two)


def _levels(came: Came, body: str) -> dict[str, int]:
    """Return where each level of a body is asked for, and where none is."""
    found = came.levels.get(body, {})
    everywhere = sum(came.urgency.values())  # each situation has one
    return {**found, "none": everywhere & ~sum(found.values())}


def _asked(came: Came, policy: Policy) -> dict[str, int]:
    """Return where each action is asked for, by its words, waiting or not, unless it is said already."""
    found: dict[str, int] = {}
    for action, where in came.actions.items():
        name = action.removesuffix(policy.table.hold.suffix)
        words = None if name in _SAID or name.endswith("_leads") else action_words(name, policy.table.own)
        if words:
            said = words.rstrip(".")
            found[said] = found.get(said, 0) | where
    return found


# -- where ------------------------------------------------------------------------------------------------


def _difference(
    sentences: Sequence[str], found: int, every: Situations, columns: list[list[int]]
) -> Difference:
    """Return a change with the cases of each side in which it is found, and of how many such situations."""
    cases = [frozenset(at for at, where in enumerate(side) if where & found) for side in columns]
    sides = zip(every.names.items(), cases, strict=True)
    said = [_said(side, names, here) for (side, names), here in sides if len(here) < len(names)]
    there, elsewhere = ([words for words, here in said if here is so] for so in (True, False))
    where = say("differs.when", words=say("differs.and").join(there)) if there else ""
    if elsewhere:
        unless = say("differs.unless", words=say("differs.or").join(elsewhere))
        where = f"{where}, {unless}" if where else unless
    return Difference(what=tuple(sentences), where=where, count=found.bit_count(), of=prod(map(len, cases)))


def _said(side: str, names: tuple[str, ...], cases: frozenset[int]) -> tuple[str, bool]:
    """Return some cases of a side in words, or else the few others, and which of the two it is."""
    groups = GROUPS.get(side, {})
    whole = {names[case] for case in cases}
    alone = next((group for group, members in groups.items() if whole == {*members}), None)
    if alone:
        return say(f"situation.{side}.{alone}"), True
    rest = frozenset(range(len(names))) - cases
    fewer = rest if len(rest) < len(cases) else cases
    here = {names[case] for case in fewer}
    words = []
    for group, members in groups.items():
        if here.issuperset(members):
            words.append(say(f"situation.{side}.{group}"))
            here.difference_update(members)
    words += [say(f"situation.{side}.{case}") for case in names if case in here]
    return say("differs.or").join(words), fewer is cases


# -- said ------------------------------------------------------------------------------------------------


def written(found: Comparison, old: str, new: str) -> str:
    """Return a comparison as text."""
    count, different = f"{found.looked_at:,}", f"{found.different:,}"
    parts = [say("differs.compared", old=old, new=new, count=count, different=different)]
    if not found.differences:
        parts.append(say("differs.same"))
    parts += [sentence(each) for each in found.differences]
    return "\n\n".join(parts) + "\n"


def sentence(each: Difference) -> str:
    """Return what is different and where; several things that are different together, each on its line."""
    what = "\n".join(each.what)
    if not each.where:
        return say("differs.always", what=what)
    if each.count == each.of:
        return say("differs.where", what=what, where=each.where)
    return say("differs.where_often", what=what, where=each.where, count=f"{each.count:,}", of=f"{each.of:,}")
