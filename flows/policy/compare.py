"""Two policies compared: in which situations they come to something else, in plain sentences.

Every situation is weighed by both. What changes is gathered, each change with the situations in which it
does, and those are described by what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from msgspec import Struct

from flows.policy.engine import Outcomes, Policy, weigh
from flows.policy.situations import GROUPS, Situations, situations
from flows.policy.wording import action_words, seat_name
from flows.words import say

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


def compare(old: Policy, new: Policy, every: Situations | None = None) -> Comparison:
    """Return what changes where a school goes from the one policy to the other, in these situations (all)."""
    every = every or situations(later=bool(old.later or new.later))
    where: dict[tuple[int, str], list[int]] = {}
    seen: dict[tuple[object, ...], tuple[tuple[int, str], ...]] = {}
    different, at = 0, -1
    for at, (_, facts) in enumerate(every.all()):
        one, other = weigh(old, facts), weigh(new, facts)
        pair = one.asked_for, one.told, one.leads, other.asked_for, other.told, other.leads
        changes = seen.get(pair)
        if changes is None:
            changes = seen[pair] = tuple(_changes(one.outcome(old), other.outcome(new), old, new))
        for change in changes:
            where.setdefault(change, []).append(at)
        different += bool(changes)
    return Comparison(at + 1, different, _gathered(every, where))


def _gathered(every: Situations, where: dict[tuple[int, str], list[int]]) -> tuple[Difference, ...]:
    """Return the changes in order, those together that hold in the same situations."""
    together: dict[tuple[int, ...], list[str]] = {}
    for change in sorted(where, key=lambda change: change[0]):
        together.setdefault(tuple(where[change]), []).append(change[1])
    return tuple(_difference(sentences, found, every) for found, sentences in together.items())


# -- what is different ------------------------------------------------------------------------------------


def _changes(old: Outcomes, new: Outcomes, before: Policy, after: Policy) -> Iterator[tuple[int, str]]:
    """Yield each thing that is different as the beginning of a sentence, and where in order it stands."""
    for seat in (seat for seat in old.told if seat not in new.told):
        yield 0, say("differs.untold", seat=seat_name(seat))
    for seat in (seat for seat in new.told if seat not in old.told):
        yield 1, say("differs.told", seat=seat_name(seat))
    if old.leads and new.leads and old.leads is not new.leads:
        yield 2, say("differs.leads", new=seat_name(new.leads), old=seat_name(old.leads))
    for body in _BODIES:
        was, now = (say(f"differs.level.{each.levels.get(body, 'none')}") for each in (old, new))
        if was != now:
            yield 3, say("differs.body", body=seat_name(body), old=was, new=now)
    if old.held is not new.held:
        yield 4, say("differs.held" if new.held else "differs.free")
    if old.urgency is not new.urgency:
        was, now = (say(f"differs.urgency.{each.urgency}") for each in (old, new))
        yield 5, say("differs.soon", old=was, new=now)
    mine, theirs = _asked(old, before), _asked(new, after)
    yield from ((6, say("differs.unasked", action=words)) for words in mine if words not in theirs)
    yield from ((7, say("differs.asked", action=words)) for words in theirs if words not in mine)


def _asked(found: Outcomes, policy: Policy) -> list[str]:
    """Return the actions in words, those that wait as if they did not; what is said already is left out."""
    suffix = policy.table.hold.suffix
    names = (action.removesuffix(suffix) for action in found.actions if not action.endswith("_leads"))
    words = (action_words(name, policy.table.own) for name in names if name not in _SAID)
    return [said.rstrip(".") for said in words if said]


# -- where ------------------------------------------------------------------------------------------------


def _difference(sentences: Sequence[str], found: Sequence[int], every: Situations) -> Difference:
    """Return a change with the cases of each side in which it is found, and of how many such situations."""
    cases = _cases(found, [len(changes) for changes in every.changes])
    sides = zip(every.names.items(), cases, strict=True)
    said = [_said(side, names, here) for (side, names), here in sides if len(here) < len(names)]
    there, elsewhere = ([words for words, here in said if here is so] for so in (True, False))
    where = say("differs.when", words=say("differs.and").join(there)) if there else ""
    if elsewhere:
        unless = say("differs.unless", words=say("differs.or").join(elsewhere))
        where = f"{where}, {unless}" if where else unless
    return Difference(what=tuple(sentences), where=where, count=len(found), of=prod(map(len, cases)))


def _cases(found: Sequence[int], sizes: Sequence[int]) -> list[frozenset[int]]:
    """Return, for each side, the cases of these situations."""
    cases: list[frozenset[int]] = []
    left: set[int] = {*found}
    for size in reversed(sizes):
        cases.append(frozenset(at % size for at in left))
        left = {at // size for at in left}
    return cases[::-1]


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
    parts += [_sentence(each) for each in found.differences]
    return "\n\n".join(parts) + "\n"


def _sentence(each: Difference) -> str:
    """Return what is different and where; several things that are different together, each on its line."""
    what = "\n".join(each.what)
    if not each.where:
        return say("differs.always", what=what)
    if each.count == each.of:
        return say("differs.where", what=what, where=each.where)
    return say("differs.where_often", what=what, where=each.where, count=f"{each.count:,}", of=f"{each.of:,}")
