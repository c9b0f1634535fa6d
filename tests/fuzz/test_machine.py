"""The machine in its forms: a few short days in every run, many long ones, and one with a fault put in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test
from msgspec.structs import replace

from flows.model import Change, Committed, Message
from flows.ports import Store
from storage.memory import MemoryStore
from storage.open import Opening, open_store
from tests.fuzz.machine import Anything
from tests.often import often
from tests.town import Town


class OnDisk(Anything):
    """The same with a store in a file, and a bot that is stopped and started again."""

    url = "tinydb:PATH"

    @rule()
    def restart(self) -> None:
        """Stop the bot and start it again on the same file; the platform and the clock go on."""
        old = self.crowd.town
        self.run(old.store.close())
        store = self.run(open_store(self.place, key=bytes(32), opening=Opening.EITHER))
        self.crowd.town = Town(store, chat=old.chat, clock=old.clock)
        self.run(self.crowd.town.worker.digest.plan())


class Leaky(MemoryStore):
    """A store with a fault put in by hand: what should be emptied is lost."""

    async def commit(self, change: Change) -> Committed:
        """Lose the emptying of messages."""
        kept = tuple(s for s in change.new_sends if s.message is not Message.WITHDRAWN)
        return await super().commit(replace(change, new_sends=kept))


class WithLeaks(Anything):
    """The crowd on the store that loses the emptying of messages."""

    def open(self) -> Store:
        """Return the faulty store."""
        return Leaky()


TestShort = Anything.TestCase
TestShort.settings = settings(max_examples=12, stateful_step_count=25)
_LONG = settings(
    max_examples=often(120),
    stateful_step_count=60,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.soak
class TestLong(Anything.TestCase):  # type: ignore[misc,valid-type]
    """Many long days."""

    settings = _LONG


@pytest.mark.soak
class TestOnDisk(OnDisk.TestCase):  # type: ignore[misc,valid-type]
    """Long days with restarts."""

    settings = settings(_LONG, max_examples=often(30))


@pytest.mark.soak
def test_a_leak_put_in_by_hand_is_found() -> None:
    """A bot that does not take messages back is caught by the crowd: these checks can fail."""
    with pytest.raises(AssertionError, match="reads"):
        run_state_machine_as_test(WithLeaks, settings=settings(_LONG, max_examples=300, derandomize=True))
