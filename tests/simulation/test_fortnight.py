"""Fortnights of a school in which platforms misbehave as they do, and bots with a fault put in by hand.

A fortnight that fails names its seed: ``Fortnight(seed).run()`` brings it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from bot.outbox.worker import Worker
from bot.turns.service import Service
from flows.case import reassess
from flows.case.context import StepContext
from flows.case.exclusion import excluded
from flows.delivery.follows import FOLLOWS
from flows.errors import Response, StoreError
from flows.model import Case, Change, Committed, Excluded, Exclusion, Message, Report, Send, SendState, Way
from flows.school import PersonId, Schools
from flows.ui.inbound import Inbound, Reply
from tests.simulation.fortnight import Fortnight
from tests.simulation.invariants import Violation
from tests.simulation.place import Place
from tests.simulation.shelf import Shelf, may_be_read

SLICE = range(11, 18)
_EACH = 100
_MOST = 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLICE)
def test_a_fortnight(seed: int) -> None:
    """Whatever goes wrong, nobody kept out sees anything, each message stands once, and nothing is untrue."""
    Fortnight(seed).run()


@pytest.mark.whole
@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_fortnights(hundred: int) -> None:
    """The same a thousand times."""
    first = 1000 + hundred * _EACH
    fortnights(range(first, first + _EACH))


# -- faults put in by hand --------------------------------------------------------------------------


class ByEnvelope(Service):
    """Whoever asks again in another envelope has asked something else."""

    _envelopes = count()

    async def handle(self, inbound: Inbound) -> Reply:
        """Take each delivery for one of its own."""
        return await super().handle(replace(inbound, key=f"{inbound.key}/{next(self._envelopes)}"))


class AnsweredByEnvelope(Place):
    service_kind = ByEnvelope


class Unwatched(Worker):
    """Places are looked at when something is sent there, and what stands there stays."""

    def __init__(self, *ports: Any) -> None:
        super().__init__(*ports)
        self.places.look = _nothing  # type: ignore[method-assign]


class CardsStay(Place):
    worker_kind = Unwatched


class Claims(Shelf):
    """Whoever is to be told is on record as told before anything was sent."""

    async def commit(self, change: Change) -> Committed:
        """Take the plan for the deed."""
        claimed = tuple(
            replace(s, state=SendState.SENT) if s.message is Message.NOTICE and s.way is Way.DIRECT else s
            for s in change.new_sends
        )
        return await super().commit(replace(change, new_sends=claimed))


class Leaves(Shelf):
    """What those who are kept out were told is left where it stands."""

    async def commit(self, change: Change) -> Committed:
        """Lose what takes words back."""
        kept = tuple(s for s in change.new_sends if s.message is not Message.WITHDRAWN)
        return await super().commit(replace(change, new_sends=kept))


class Unsaid(Shelf):
    """That a copy may still be read which nobody can find, the case does not say."""

    async def commit(self, change: Change) -> Committed:
        """Say something else of it."""
        said = tuple(
            replace(e, facts={**e.facts, "message": Message.UPDATE}) if may_be_read(e) else e
            for e in change.events
        )
        return await super().commit(replace(change, events=said))


class AllOrNothing(Shelf):
    """One row that does not open, and nothing of what is due is read."""

    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Read all of them or none."""
        due = await super().due_sends(now, most=most, but=but, take=take)
        if any(send.case in self.shut for send in due):
            raise StoreError("unreadable-row", "A kept Send cannot be read.")
        return due


async def _nothing() -> None:
    pass


def _recomputed(
    case: Case, report: Report, now: Mapping[PersonId, Excluded], step: StepContext
) -> dict[PersonId, Exclusion]:
    del case
    return excluded(now, step, reporter=report.reporter)


Put = pytest.MonkeyPatch


def _used_up(put: Put) -> dict[str, Any]:
    put.setitem(FOLLOWS, Response.CONNECTION, FOLLOWS[Response.ADDRESS])
    return {}


def _worked_out_again(put: Put) -> dict[str, Any]:
    put.setattr(reassess, "_standing", _recomputed)
    return {}


#: Each fault, how it is put in, what is seen of it, and a fortnight that soon shows it.
BUGS: dict[str, tuple[Callable[[Put], dict[str, Any]], str, int]] = {
    "a refused connection uses messages up": (_used_up, "was given up", 37),
    "told before reached": (lambda _: {"store": Claims}, "counts as told|on record as sent", 0),
    "answered by envelope": (lambda _: {"place": AnsweredByEnvelope}, "done twice", 1),
    "a card stays in an unfit place": (lambda _: {"place": CardsStay}, "is open to others|kept out of", 35),
    "exclusions are worked out again": (_worked_out_again, "nobody has let|kept out of", 14),
    "one bad row stops all": (lambda _: {"store": AllOrNothing}, "waits", 5),
    "nothing is taken back": (lambda _: {"store": Leaves}, "is open to others|kept out of", 2),
    "a copy is not spoken of": (lambda _: {"store": Unsaid}, "is open to others|kept out of", 1410),
}


@pytest.mark.soak
@pytest.mark.parametrize("bug", BUGS)
def test_a_fault_put_in_by_hand_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is caught within fifty fortnights, whichever comes first: these checks can fail."""
    put_in, violation, soon = BUGS[bug]
    with pytest.raises(Violation, match=violation):
        fortnights(dict.fromkeys((soon, *range(_MOST - 1))), **put_in(monkeypatch))


def fortnights(seeds: Iterable[int], **differently: Any) -> None:
    """Live through one after the other."""
    for seed in seeds:
        Fortnight(seed, **differently).run()
