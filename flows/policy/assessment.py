"""The only facts the policy may look at, worked out from a report's answers (policy page §3 and §4).

An assessment is a sorting step, not a threat assessment: the school's people make that. It holds closed
facts only – no names, no words – as one whole number with a bit for every value of every fact, so that a
row of the decision table is tested with a few ands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from flows.policy.facts import ANSWERED, BITS, HAPPENED, NOTHING, WORKED_OUT, Value, any_of, bits_of
from flows.policy.inputs import what_is_wrong
from flows.questions.table import KEYS, REPRESENTATIVES


class Assessment(Struct, frozen=True):
    """The closed facts of one report."""

    bits: int

    def holds(self, fact: str, value: Value) -> bool:
        """Return whether the fact is, or holds, this value. Raises KeyError for what is no fact."""
        return self.bits & BITS[fact][value] != 0

    def true(self, fact: str) -> bool:
        """Return whether a worked-out fact is true. Raises KeyError for what is no such fact."""
        return self.bits & BITS[fact][True] != 0

    def value(self, fact: str) -> str | bool | tuple[str, ...]:
        """Return what the fact is: true or false, one word, or every word it holds."""
        held = tuple(v for v, bit in BITS[fact].items() if self.bits & bit)
        if fact in KEYS and KEYS[fact].many:
            return tuple(str(v) for v in held if v != NOTHING)
        return held[0]


def assess(
    answers: Mapping[str, object], *, unfinished: bool = False, happened: Iterable[str] = ()
) -> Assessment:
    """Return every fact of §4 for these answers; what was left out takes its default or cautious value.

    ``happened`` is what has become known of the case since. Raises InvalidAnswer for answers the policy does
    not know.
    """
    try:
        bits = answered(answers, unfinished=unfinished)
        for what in happened:
            bits ^= _HAPPENED[what]
        return Assessment(worked_out(bits))
    except (KeyError, TypeError):
        raise what_is_wrong(answers) from None


#: Of each answer: whether it holds several; the bit of each value; all bits but its own; that of nothing,
#: where it may hold nothing; that of the value which stands alone.
_READ = {
    fact: (
        KEYS[fact].many,
        {value: BITS[fact][value] for value in KEYS[fact].values},
        ~sum(BITS[fact].values()),
        BITS[fact].get(NOTHING, 0),
        sum(bit for value, bit in BITS[fact].items() if value in KEYS[fact].alone),
    )
    for fact in ANSWERED
}
_SEVERAL = (list, tuple)
_STEPS = tuple(
    (fact.none, fact.groups, BITS[name][True], BITS[name][False]) for name, fact in WORKED_OUT.items()
)
#: What a word points to: the bits that it can raise, those of the answer it raises them to, and all bits but
#: the one of its denial, which counts no longer.
_RAISES = {
    key: (
        any_of(**{key: NOTHING if KEYS[key].many else "no"}),
        any_of(**{key: "not_sure"}),
        ~any_of(text_denied=key),
    )
    for key in KEYS["text_flags"].values
}


def _never_asked(fact: str, *, unfinished: bool) -> int:
    key = KEYS[fact]
    answer = key.cautious if unfinished and key.cautious is not None else key.default
    return any_of(**{fact: answer or NOTHING})


#: What comes with the answers and is no fact by itself.
_BESIDE: dict[str, Any] = {"text_flags": _SEVERAL, "words": str, "unfinished": bool}
_START = tuple(
    sum(_never_asked(fact, unfinished=unfinished) for fact in ANSWERED)
    | any_of(unfinished=unfinished, **dict.fromkeys(HAPPENED, False))
    for unfinished in (False, True)
)
#: Each thing that can happen: the bits that then change places.
_HAPPENED = {what: any_of(**{what: (True, False)}) for what in HAPPENED}
_ASKED, _NOT_ASKED = any_of(allegation_asked=True), any_of(allegation_asked=False)


def answered(answers: Mapping[str, Any], *, unfinished: bool = False) -> int:
    """Return the bits of the answers, raised by what the reporter's words and own part say."""
    bits = _START[unfinished] | (_ASKED if "staff_allegation" in answers else _NOT_ASKED)
    for fact, given in answers.items():
        if fact not in _READ:
            if not isinstance(given, _BESIDE[fact]):
                raise TypeError
            continue
        many, values, others, nothing, alone = _READ[fact]
        if not many:
            bits = bits & others | values[given]
            continue
        if not isinstance(given, _SEVERAL):
            raise TypeError
        held = 0
        for value in given:
            held |= values[value]
        held = held or nothing
        if not held or (held & alone and held != alone):
            raise KeyError(fact)
        bits = bits & others | held
    for flag in answers.get("text_flags", ()):
        calm, raised, but_denied = _RAISES[flag]
        if bits & calm:
            bits = bits & ~calm | raised
        bits &= but_denied
    return _own_part(bits) if bits & _OWN_PART else bits


_OWN_PART = any_of(reporter_link=("is_target", "is_poster"))
_IS_TARGET, _IS_POSTER = any_of(reporter_link="is_target"), any_of(reporter_link="is_poster")
_IS_HEAD = any_of(reporter_link="is_headteacher")
_REPRESENTATIVE = any_of(poster=REPRESENTATIVES)


def _own_part(bits: int) -> int:
    """Return the bits with what reporters say of themselves: whom it is about, and who put it there."""
    if bits & _IS_HEAD and bits & _IS_TARGET:
        bits = bits & ~any_of(targets="none") | any_of(targets="headteacher")
    if bits & _IS_POSTER:
        bits &= ~any_of(poster="unknown")
        if bits & _IS_HEAD:
            bits |= any_of(poster="headteacher")
        elif not bits & _REPRESENTATIVE:
            bits |= any_of(poster="staff")
    return bits


def worked_out(bits: int) -> int:
    """Return the bits with those of every worked-out fact, each as its true or its false one."""
    for none, groups, yes, no in _STEPS:  # written out: this is asked of every fact of every report
        if bits & none:
            bits |= no
            continue
        for group in groups:
            if not bits & group:
                bits |= no
                break
        else:
            bits |= yes
    return bits


def work_out(columns: dict[int, int], whole: int) -> dict[int, int]:
    """Return, of each bit, in which of many situations it is there, with those of worked-out facts too."""
    found = dict(columns)

    def where(mask: int) -> int:
        there = 0
        for bit in bits_of(mask):
            there |= found.get(bit, 0)
        return there

    for none, groups, yes, no in _STEPS:
        true = whole & ~where(none)
        for group in groups:
            true &= where(group)
        found[yes], found[no] = true, whole & ~true
    return found
