"""Every fact that a row may look at, declared once: its name, its bits, and what makes it true.

What the policy hears of a question is a fact by itself (:mod:`flows.questions.table`). A worked-out fact is
one line below; it may look at the facts before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from flows.model import Level
from flows.questions.table import KEYS, REPRESENTATIVES, YES

#: Said of a fact that holds several values, when it holds none.
NOTHING = "nothing"
Value = str | bool
#: Each fact, and the bit of each of its values.
BITS: dict[str, dict[Value, int]] = {}


class WorkedOut(Struct, frozen=True):
    """A worked-out fact: true when each of ``groups`` has a bit that is there, and ``none`` has none."""

    name: str
    groups: tuple[int, ...]
    none: int


#: The facts that follow from others, in the order in which they are worked out.
WORKED_OUT: dict[str, WorkedOut] = {}


def _lay_out(fact: str, *values: Value) -> None:
    """Give each value of a fact its bit, above those of the facts before it."""
    width = sum(map(len, BITS.values()))
    BITS[fact] = {value: 1 << width + at for at, value in enumerate(values)}


def any_of(**values: Value | tuple[Value, ...]) -> int:
    """Return the bits of these values of these facts."""
    group = 0
    for fact, wanted in values.items():
        for value in wanted if isinstance(wanted, tuple) else (wanted,):
            group |= BITS[fact][value]
    return group


def bits_of(mask: int) -> Iterator[int]:
    """Yield each bit of a number by itself."""
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _but(fact: str, *values: Value) -> tuple[Value, ...]:
    """Return the other values of a fact; that it holds nothing is no value here."""
    return tuple(value for value in BITS[fact] if value not in (*values, NOTHING))


def _fact(name: str, *groups: int, none: int = 0) -> None:
    """Declare a worked-out fact: one of each group is there, and none of ``none``."""
    _lay_out(name, True, False)  # noqa: FBT003 - the values of the fact
    WORKED_OUT[name] = WorkedOut(name, groups, none)


for _key in KEYS.values():
    if _key.name != "text_flags":  # what words point to raises other answers and is no fact by itself
        _lay_out(_key.name, *_key.values, *((NOTHING,) if _key.may_be_empty else ()))
ANSWERED: tuple[str, ...] = tuple(BITS)
#: What is known of a report beside its answers.
_lay_out("unfinished", True, False)  # noqa: FBT003 - the values of the fact
_lay_out("allegation_asked", True, False)  # noqa: FBT003 - the values of the fact
#: What becomes known of a case after its report, for a second look.
HAPPENED = ("asked_and_refused", "goes_on", "meeting_failed")
for _what in HAPPENED:
    _lay_out(_what, True, False)  # noqa: FBT003 - the values of the fact

_fact("rep", any_of(targets=REPRESENTATIVES))
_fact("named", any_of(rep=True, targets="pupil"))
_fact("person", any_of(named=True, targets="parent_or_other_adult"))
_fact("about", any_of(targets=_but("targets", "none")))
_fact(
    "responsible",
    any_of(did=("made", "not_sure", "shared", "responded")),
    any_of(did=("made", "not_sure"), stance=_but("stance", "condemns_or_corrects")),
)
_fact("maybe_parent", any_of(responsible=False, poster=("parent_carer", "unknown")))
_fact("contactable", any_of(responsible=True), any_of(poster=_but("poster", "unknown")))
_fact("insider", any_of(responsible=True), any_of(poster=REPRESENTATIVES))
_fact("abusive", any_of(nature="abusive"))
_fact("untrue", any_of(nature="untrue_or_inaccurate"))
_fact("harms", any_of(nature="could_harm_reputation"))
_fact("critical", any_of(nature="critical_of_leadership"))
_fact("fake", any_of(nature="impersonates"))
_fact("private", any_of(nature="private_information"))
_fact("unsure", any_of(nature="not_sure"), any_of(sexual_imagery_child="no"))
_fact(
    "child_poster",
    any_of(responsible=True),
    any_of(poster="pupil"),
    none=any_of(poster=_but("poster", "pupil")),
)
_fact("up", any_of(still_online=_but("still_online", "removed")))
_fact("child", any_of(child_at_risk=YES, sexual_imagery_child=YES))
_HATE = ("violence", "racist", "other_hate", "sexual")
_fact(
    "hurtful",
    any_of(abusive=True, harms=True, fake=True, private=True, **dict.fromkeys(_HATE, YES)),
)
_fact(
    "hard",
    any_of(abusive=True, untrue=True, harms=True, fake=True, private=True, **dict.fromkeys(_HATE, "yes")),
)
_fact(
    "accused_head",
    any_of(staff_allegation=("headteacher", "not_sure")),
    any_of(staff_allegation="headteacher", targets="headteacher"),
)
_fact(
    "accused_chair",
    any_of(staff_allegation=("chair", "not_sure")),
    any_of(staff_allegation="chair", targets="chair"),
)
_fact("not_cleared", any_of(unfinished=True), any_of(allegation_asked=False))
_fact("head_out", any_of(accused_head=True, poster="headteacher", keep_from="headteacher", not_cleared=True))
_fact("chair_out", any_of(accused_chair=True, poster="chair", keep_from="chair"))
_fact(
    "only_genuine_concern",
    any_of(nature="genuine_concern"),
    none=any_of(nature=_but("nature", "genuine_concern")),
)
_fact(
    "only_none_of_these", any_of(nature="none_of_these"), none=any_of(nature=_but("nature", "none_of_these"))
)
_fact(
    "only_vague_allegation",
    any_of(staff_allegation="not_sure"),
    none=any_of(staff_allegation=_but("staff_allegation", "not_sure")),
)
#: How many bits the facts take; the policy puts its own (which rows matched) above them.
WIDTH = sum(map(len, BITS.values()))
#: What is known only after the table: usable in [[lead]] and [[follow]].
LATE: dict[str, tuple[Value, ...]] = {
    "head_asked": (True, False),
    "chairs_part": (True, False),
    "vice_chair_told": (True, False),
    "legal": (*(str(level) for level in Level), "nothing"),
    "police": (*(str(level) for level in Level), "nothing"),
}
