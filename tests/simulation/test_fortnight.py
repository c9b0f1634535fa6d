"""Fortnights of a school in which platforms misbehave as they do, and bots with a fault put in by hand.

A fortnight that fails names its seed: ``Fortnight(seed).run()`` brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace

from flows.model import Change, Committed, Message, SendState, Way
from flows.ports import Store
from tests.often import often
from tests.simulation.fortnight import Fortnight
from tests.simulation.invariants import Violation
from tests.simulation.shelf import Shelf

SLICE = range(6)
_EACH = 100
_MOST = 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLICE)
def test_a_fortnight(seed: int) -> None:
    """Whatever goes wrong, nobody kept out sees anything, each message stands once, and nothing is untrue."""
    Fortnight(seed).run()


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_fortnights(hundred: int) -> None:
    """The same a thousand times."""
    first = 1000 + hundred * _EACH
    fortnights(range(first, first + often(_EACH, 1)), Shelf)


class Claims(Shelf):
    """A fault put in by hand: whoever is to be told is on record as told before anything was sent."""

    async def commit(self, change: Change) -> Committed:
        """Take the plan for the deed."""
        claimed = tuple(
            replace(s, state=SendState.SENT) if s.message is Message.NOTICE and s.way is Way.DIRECT else s
            for s in change.new_sends
        )
        return await super().commit(replace(change, new_sends=claimed))


class Leaves(Shelf):
    """A fault put in by hand: what those who are kept out were told is left where it stands."""

    async def commit(self, change: Change) -> Committed:
        """Lose what takes words back."""
        kept = tuple(s for s in change.new_sends if s.message is not Message.WITHDRAWN)
        return await super().commit(replace(change, new_sends=kept))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("fault", "violation"),
    [(Claims, "counts as told|on record as sent"), (Leaves, "kept out of .* and reads")],
)
def test_a_fault_put_in_by_hand_is_found(fault: Callable[[], Store], violation: str) -> None:
    """Each is caught within fifty fortnights: these checks can fail."""
    with pytest.raises(Violation, match=violation):
        fortnights(range(_MOST), fault)


def fortnights(seeds: Iterable[int], store: Callable[[], Store]) -> None:
    """Live through one after the other."""
    for seed in seeds:
        Fortnight(seed, store=store).run()
