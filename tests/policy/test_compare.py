"""Two policies compared in a few situations: each kind of difference, and each way to say where it is.

All situations, of the packaged forms, are compared in ``tests/bot/test_policy_compare.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import pytest

from bot.school_file.parse import FORMS
from flows.policy.compare import compare, written
from flows.policy.engine import Policy, decide, duties, form, load, weigh_all
from flows.policy.engine.proof import prove
from flows.policy.own import read_own
from flows.policy.situations import Situations, situations
from flows.words import say

T = TypeVar("T")
GOLDEN = Path(__file__).parent / "golden"
VERSION = 'version = "2027-01-05"\n'
#: How many cases of a side are looked at, where not all are.
FEW = {"targets": 3, "poster": 2, "nature": 3}


def few(*, later: bool = False) -> Situations:
    """Return a twentieth of the situations: every answer about safety, few of the others."""
    every = situations(later=later)
    sizes = [FEW.get(side, len(cases)) for side, cases in every.names.items()]
    names = {side: cases[:size] for (side, cases), size in zip(every.names.items(), sizes, strict=True)}
    return Situations(names, tuple(c[:size] for c, size in zip(every.changes, sizes, strict=True)))


def policy(text: str = "") -> Policy:
    """Return the duties with what a school's own file adds."""
    return load(duties(), read_own(VERSION + text)) if text else load(duties())


WAIT = """
[[row]]
id = "Wait"
because = "We wait before we write to anybody."
when = [{ about = [true], critical = [true] }, { targets = ["school"] }]
hold = "police"
"""
TELL = """
[[row]]
id = "Tell"
because = "Governors stand by us in danger."
when = [{ immediate_danger = ["yes", "not_sure"] }]
tell = ["vice_chair"]
"""
NOTE = """
[consequence.note]
do = "Note it."
[[follow]]
id = "note"
when = [{ up = [true] }, { up = [false] }]
ask = ["note"]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("", WAIT, say("differs.held"), id="contact waits"),
        pytest.param(WAIT, "", say("differs.free"), id="contact waits no longer"),
        pytest.param("", TELL, say("differs.told", seat=say("seat.vice_chair")), id="somebody is told"),
        pytest.param(
            TELL, "", say("differs.untold", seat=say("seat.vice_chair")), id="nobody is told any more"
        ),
        pytest.param("", NOTE, "New on the card: Note it, ", id="something is asked everywhere"),
        pytest.param("", "", say("differs.same"), id="nothing"),
    ],
)
def test_each_difference_is_said(old: str, new: str, said: str) -> None:
    """What an author changed is read back as a sentence."""
    found = compare(policy(old), policy(new), few())
    assert said in written(found, "before", "after")


BOTH = """
[[row]]
id = "Soon"
because = "We hurry."
when = [{ targets = ["school"] }]
soon = "urgent"
[[row]]
id = "Wait"
because = "We wait before we write to anybody."
when = [{ targets = ["staff"] }]
hold = "police"
"""


def test_differences_stand_in_one_order_wherever_they_are() -> None:
    """That contact waits comes before how soon, though the situations with the latter come first."""
    said = written(compare(policy(), policy(BOTH), few()), "before", "after")
    assert 0 < said.index(say("differs.held")) < said.index("It is due within the hour")


def test_what_weakens_nothing_is_counted() -> None:
    """A school that only adds is told in how many situations its policy was tried."""
    assert prove(policy(), policy(TELL), few()) == 22 * 3 * 2 * 3 * 6


@pytest.mark.parametrize(("old", "new"), [*combinations(FORMS, 2)])
def test_the_forms_in_few_situations(old: str, new: str, golden: Callable[[Path, str], None]) -> None:
    """Where a difference is, is said by what the situations have in common, or by what they have not."""
    one, other = (load(duties(), own, words=words) for own, words in map(form, (old, new)))
    found = compare(one, other, few(later=bool(one.later or other.later)))
    golden(GOLDEN / f"few_{old}-{new}.txt", written(found, old, new))


@pytest.mark.parametrize("name", FORMS)
def test_all_at_once_is_each_by_itself(name: str) -> None:
    """What is weighed for many situations together is what is decided in each: seats, levels, actions."""
    own, words = form(name)
    weighed = load(duties(), own, words=words)
    every = few(later=True)
    came = weigh_all(weighed, every.columns(), (1 << every.count) - 1)
    suffix = weighed.table.hold.suffix

    def there(where: Mapping[T, int], at: int) -> set[T]:
        return {value for value, column in where.items() if column >> at & 1}

    for at, (_, facts) in enumerate(every.all()):
        decision = decide(weighed, facts)
        levels = {body: [*there(found, at)] for body, found in came.levels.items() if there(found, at)}
        assert levels == {body: [level] for body, level in decision.levels.items()}
        assert there(came.told, at) == {*decision.notify} - {*levels}
        assert there(came.leads, at) == {decision.leads}
        assert there(came.urgency, at) == {decision.urgency}
        held = weighed.table.hold.action in decision.actions
        assert came.held >> at & 1 == held
        asked = {action.removesuffix(suffix) for action in decision.actions} - {weighed.table.hold.action}
        assert {action.removesuffix(suffix) for action in there(came.actions, at)} == asked
