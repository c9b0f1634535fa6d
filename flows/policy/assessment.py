"""The only facts the policy may look at, worked out from a report's answers (policy page §3 and §4).

An assessment is a sorting step, not a threat assessment: the school's people make that. It holds closed
facts only – no names, no words – as one whole number with a bit for every value of every fact, so that a
row of the decision table is tested with a few ands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from flows.policy.inputs import KEYS, REPRESENTATIVES, SAFETY, check

__all__ = ("BITS", "KEYS", "SAFETY", "Assessment", "assess", "check")

#: Said of a fact that holds several values, when it holds none.
NOTHING = "nothing"
#: What rows may look at as answered (after text_flags and reporter_link).
ANSWERED: tuple[str, ...] = (*SAFETY, "staff_allegation", "targets", "poster", "did", "stance", "nature")
ANSWERED += ("replied", "repeated", "reporter_link", "keep_from")
#: What is worked out from the answers: true or false.
WORKED_OUT: tuple[str, ...] = ("rep", "named", "person", "about", "responsible", "maybe_parent")
WORKED_OUT += ("contactable", "insider", "abusive", "untrue", "harms", "critical", "unsure", "up", "child")
WORKED_OUT += ("hard", "accused_head", "accused_chair", "head_out", "chair_out", "unfinished")
WORKED_OUT += ("only_genuine_concern", "only_none_of_these", "only_vague_allegation")

Value = str | bool
#: Each fact, and the bit of each of its values.
BITS: dict[str, dict[Value, int]] = {}


def _lay_out() -> int:
    place = 0
    for fact in (*ANSWERED, *WORKED_OUT):
        values: tuple[Value, ...] = (True, False)
        if fact in KEYS:
            values = (*KEYS[fact].values, *((NOTHING,) if KEYS[fact].many else ()))
        BITS[fact] = {value: 1 << place + at for at, value in enumerate(values)}
        place += len(values)
    return place


#: How many bits the facts take; the policy puts its own (which rows matched) above them.
WIDTH = _lay_out()
_TRUE = {fact: BITS[fact][True] for fact in WORKED_OUT}


class Assessment(Struct, frozen=True):
    """The closed facts of one report."""

    bits: int

    def holds(self, fact: str, value: Value) -> bool:
        """Return whether the fact is, or holds, this value. Raises KeyError for what is no fact."""
        return self.bits & BITS[fact][value] != 0

    def true(self, fact: str) -> bool:
        """Return whether a worked-out fact is true. Raises KeyError for what is no such fact."""
        return self.bits & _TRUE[fact] != 0

    def value(self, fact: str) -> str | bool | tuple[str, ...]:
        """Return what the fact is: true or false, one word, or every word it holds."""
        held = tuple(v for v, bit in BITS[fact].items() if self.bits & bit)
        if fact in KEYS and KEYS[fact].many:
            return tuple(str(v) for v in held if v != NOTHING)
        return held[0]


def _filled(cautious: bool) -> dict[str, str | tuple[str, ...]]:  # noqa: FBT001 - private, called twice
    return {
        name: key.cautious if cautious and key.cautious is not None else key.default
        for name, key in KEYS.items()
    }


_DEFAULTS = (_filled(cautious=False), _filled(cautious=True))


def _mask(fact: str, *values: Value) -> int:
    mask = 0
    for value in values:
        mask |= BITS[fact][value]
    return mask


def _either(fact: str) -> tuple[int, int]:
    return BITS[fact][False], BITS[fact][True]


_PAIR = {fact: _either(fact) for fact in WORKED_OUT}
_SAFETY_BITS = tuple((key, BITS[key]) for key in SAFETY)
_T, _P, _D, _N = BITS["targets"], BITS["poster"], BITS["did"], BITS["nature"]
_A, _K, _L = BITS["staff_allegation"], BITS["keep_from"], BITS["reporter_link"]
_REP_T, _REP_P = _mask("targets", *REPRESENTATIVES), _mask("poster", *REPRESENTATIVES)
_ABOUT = sum(_T.values()) - _T["none"] - _T[NOTHING]
_KNOWN = sum(_P.values()) - _P["unknown"] - _P[NOTHING]
_CHILD = _mask("child_at_risk", "yes", "not_sure") | _mask("sexual_imagery_child", "yes", "not_sure")
_GRAVE = _mask("violence", "yes") | _mask("racist", "yes") | _mask("other_hate", "yes")
_HARD = _mask("nature", "abusive", "untrue_or_inaccurate", "could_harm_reputation")


def _held(bits: Mapping[Value, int], values: Iterable[str]) -> int:
    held = 0
    for value in values:
        held |= bits[value]
    return held or bits[NOTHING]


def assess(answers: Mapping[str, object], *, unfinished: bool = False) -> Assessment:
    """Return every fact of §4 for these answers; what was left out takes its default or cautious value.

    Raises InvalidAnswer for answers the policy does not know.
    """
    try:
        return Assessment(_facts(answers, unfinished=unfinished))
    except (KeyError, TypeError):  # what is wrong with them is for the check to say
        return Assessment(_facts(check(answers)[0], unfinished=unfinished))


def _facts(answers: Mapping[str, object], *, unfinished: bool) -> int:
    filled: dict[str, Any] = {**_DEFAULTS[unfinished], **answers}
    flags = filled["text_flags"]
    bits = BITS["stance"][filled["stance"]] | BITS["replied"][filled["replied"]]
    bits |= BITS["repeated"][filled["repeated"]]
    for name, values in _SAFETY_BITS:
        answer = filled[name]
        raised = answer == "no" and flags and name in flags
        bits |= values["not_sure"] if raised else values[answer]
    accused = _held(_A, filled["staff_allegation"])
    if accused == _A[NOTHING] and "staff_allegation" in flags:
        accused = _A["not_sure"]
    targets = _held(_T, filled["targets"])
    poster = _held(_P, filled["poster"])
    link = _held(_L, filled["reporter_link"])
    if link & _L["is_headteacher"] and link & _L["is_target"]:
        targets = targets & ~_T[NOTHING] | _T["headteacher"]
    if link & _L["is_poster"]:
        if link & _L["is_headteacher"]:
            poster = poster & ~_P[NOTHING] | _P["headteacher"]
        elif not poster & _REP_P:
            poster = poster & ~_P[NOTHING] | _P["staff"]
    kept = _held(_K, filled["keep_from"])
    bits |= accused | targets | poster | link | kept
    bits |= _held(_D, filled["did"]) | _held(_N, filled["nature"])
    up = filled["still_online"] != "removed"
    return _worked_out(bits, up=up, unfinished=unfinished, cleared="staff_allegation" in answers)


def _worked_out(bits: int, *, up: bool, unfinished: bool, cleared: bool) -> int:
    """Add what follows from the answers, each fact as its true or its false bit."""
    passed_on = bits & (_D["shared"] | _D["responded"]) and not bits & BITS["stance"]["condemns_or_corrects"]
    responsible = bool(bits & (_D["made"] | _D["not_sure"]) or passed_on)
    rep = bool(bits & _REP_T)
    named = rep or bool(bits & _T["pupil"])
    vague = bits & _A["not_sure"]
    accused_head = bool(bits & _A["headteacher"] or (vague and bits & _T["headteacher"]))
    accused_chair = bool(bits & _A["chair"] or (vague and bits & _T["chair"]))
    natures, accused = bits & _NATURE, bits & _ACCUSED
    facts = (
        rep,
        named,
        named or bool(bits & _T["parent_or_other_adult"]),
        bool(bits & _ABOUT),
        responsible,
        not responsible or bool(bits & _MAYBE_PARENT),
        responsible and bool(bits & _KNOWN),
        responsible and bool(bits & _REP_P),
        bool(bits & _N["abusive"]),
        bool(bits & _N["untrue_or_inaccurate"]),
        bool(bits & _N["could_harm_reputation"]),
        bool(bits & _N["critical_of_leadership"]),
        bool(bits & _N["not_sure"]),
        up,
        bool(bits & _CHILD),
        bool(bits & (_HARD | _GRAVE)),
        accused_head,
        accused_chair,
        accused_head or bool(bits & _HEAD_CONFLICT) or (unfinished and not cleared),
        accused_chair or bool(bits & _CHAIR_CONFLICT),
        unfinished,
        natures == _N["genuine_concern"],
        natures == _N["none_of_these"],
        accused == _A["not_sure"],
    )
    for pair, fact in zip(_PAIRS, facts, strict=True):
        bits |= pair[fact]
    return bits


_NATURE, _ACCUSED = sum(_N.values()), sum(_A.values())
_MAYBE_PARENT = _mask("poster", "parent_carer", "unknown")
_HEAD_CONFLICT = _P["headteacher"] | _K["headteacher"]
_CHAIR_CONFLICT = _P["chair"] | _K["chair"]
_PAIRS = tuple(_PAIR[fact] for fact in WORKED_OUT)
