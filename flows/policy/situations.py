"""Situations enumerated: every combination of what a report may say, for a proof and for a comparison.

Each side of a situation has a few cases; a situation is one case of each side. Their words stand in
``flows/words/en/policy.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from msgspec import Struct

from flows.policy.assessment import Assessment, answered, work_out, worked_out
from flows.policy.facts import HAPPENED, any_of, bits_of
from flows.questions.table import KEYS, SAFETY_KEYS
from flows.words import say

Answers = dict[str, str | list[str]]

_SURE = {"yes": "yes", "maybe": "not_sure"}
_SAFETY: dict[str, Answers] = {
    "nothing": {},
    **{f"{key}_{sure}": {key: value} for key in SAFETY_KEYS for sure, value in _SURE.items()},
    **{
        f"allegation_{who}": {"staff_allegation": [who]}
        for who in ("staff", "headteacher", "chair", "not_sure")
    },
    "words": {"text_denied": ["child_at_risk"]},
}
_TARGETS: dict[str, Answers] = {
    who: {"targets": [who]}
    for who in ("school", "headteacher", "staff", "chair", "pupil", "parent_or_other_adult", "none")
}
_POSTER: dict[str, Answers] = {
    who: {"poster": [who]} for who in ("parent_carer", "pupil", "staff", "governor", "unknown")
}
_NATURE: dict[str, Answers] = {
    **{kind: {"nature": [kind]} for kind in KEYS["nature"].values},
    "critical_and_abusive": {"nature": ["critical_of_leadership", "abusive"]},
}
_MADE: Answers = {"did": ["made"], "still_online": "yes"}
_REST: dict[str, Answers] = {
    "plain": _MADE,
    "condemned": {"did": ["shared"], "stance": "condemns_or_corrects", "still_online": "yes"},
    "removed": {"did": ["made"], "still_online": "removed"},
    "repeated": {**_MADE, "repeated": "yes"},
    "without_head": {**_MADE, "keep_from": ["headteacher"]},
    "without_chair": {**_MADE, "keep_from": ["chair"]},
}
#: The sides of a situation and, of each, its cases with the answers they stand for.
SIDES: dict[str, dict[str, Answers]] = {
    "safety": _SAFETY,
    "targets": _TARGETS,
    "poster": _POSTER,
    "nature": _NATURE,
    "rest": _REST,
}

_HATE = ("violence", "sexual", "racist", "other_hate")
#: Cases that have one name where they stand together, the larger groups first.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "safety": {
        "hate": tuple(f"{key}_{sure}" for key in _HATE for sure in _SURE),
        "hate_yes": tuple(f"{key}_yes" for key in _HATE),
        "hate_maybe": tuple(f"{key}_maybe" for key in _HATE),
        "allegation": tuple(case for case in _SAFETY if case.startswith("allegation_")),
        **{key: (f"{key}_yes", f"{key}_maybe") for key in SAFETY_KEYS},
    },
    "targets": {
        "about": tuple(who for who in _TARGETS if who != "none"),
        "rep": ("headteacher", "staff", "chair"),
    },
    "nature": {
        "hurtful": ("untrue_or_inaccurate", "abusive", "could_harm_reputation", "critical_and_abusive"),
        "critical": ("critical_of_leadership", "critical_and_abusive"),
    },
    "poster": {"insider": ("staff", "governor")},
}

#: One case of each side, as numbers.
Place = tuple[int, ...]


class Situations(Struct, frozen=True):
    """The sides that are combined, and what each case changes in the bits of a report that says nothing."""

    names: dict[str, tuple[str, ...]]
    changes: tuple[tuple[int, ...], ...]

    def all(self) -> Iterator[tuple[Place, Assessment]]:
        """Yield every situation: the cases it is made of, and its facts."""
        safety, targets, poster, nature, rest = self.changes
        start = answered({})
        for place in product(*(range(len(cases)) for cases in self.changes)):
            a, b, c, d, e = place
            bits = start ^ safety[a] ^ targets[b] ^ poster[c] ^ nature[d] ^ rest[e]
            yield place, Assessment(worked_out(bits))

    @property
    def count(self) -> int:
        """How many there are."""
        return prod(map(len, self.changes))

    def cases(self) -> list[list[int]]:
        """Return of each side and case in which situations it is, the first as the lowest bit of a number."""
        whole, inner = (1 << self.count) - 1, self.count
        found = []
        for changes in self.changes:
            around, inner = inner, inner // len(changes)
            again = whole // ((1 << around) - 1)  # a one wherever this side begins anew
            found.append([(((1 << inner) - 1) << case * inner) * again for case in range(len(changes))])
        return found

    def columns(self) -> dict[int, int]:
        """Return of each bit in which situations it is there."""
        whole = (1 << self.count) - 1
        found = dict.fromkeys(bits_of(answered({})), whole)
        for changes, cases in zip(self.changes, self.cases(), strict=True):
            for change, where in zip(changes, cases, strict=True):
                for bit in bits_of(change):
                    found[bit] = found.get(bit, 0) ^ where
        return work_out(found, whole)

    def words(self, place: Place) -> str:
        """Return a situation in words."""
        cases = zip(self.names.items(), place, strict=True)
        return "; ".join(say(f"situation.{side}.{names[at]}") for (side, names), at in cases)


def situations(*, later: bool) -> Situations:
    """Return the situations; ``later`` = with what may happen after the report, too."""
    names: dict[str, tuple[str, ...]] = {side: tuple(cases) for side, cases in SIDES.items()}
    start = answered({})
    changes = [_changes(cases, start) for cases in SIDES.values()]
    if later:
        plain = answered(_REST["plain"]) ^ start
        names["rest"] += HAPPENED
        changes[-1] = (*changes[-1], *(plain ^ any_of(**{what: (True, False)}) for what in HAPPENED))
    return Situations(names, tuple(changes))


def _changes(cases: Mapping[str, Answers], start: int) -> tuple[int, ...]:
    """Return which bits each case changes. Sides look at different answers, so that their changes add up."""
    return tuple(answered(answers) ^ start for answers in cases.values())
