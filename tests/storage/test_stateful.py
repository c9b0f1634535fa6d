"""Whatever is done in whatever order, each store says what the reference says, reopened or not."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import Case, CaseId, Change, Draft, DraftId, Handled, Send, SendState, Status
from flows.ports import Store
from flows.school import Platform, SchoolId
from storage.open import Opening, open_store
from tests.database import Server
from tests.often import often
from tests.storage import samples as s
from tests.storage.conftest import NAME
from tests.storage.contract import snapshot

NUMBERS = st.integers(1, 4)
SCHOOLS = st.sampled_from([s.HILL, s.DALE])
VERSIONS = st.integers(0, 1)  # the stored version, or one before it
NAMES = st.sampled_from(["card", "notice", "update"])


class TwoStores(RuleBasedStateMachine):
    """The same steps on both; what each gives must be equal."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.mkdtemp()
        self.reference: Store = self.run(open_store("memory:", key=s.KEY, opening=Opening.EITHER))
        self.store: Store = self.open()
        self.keys = 0

    def run(self, ask: Coroutine[Any, Any, Any]) -> Any:
        """Return what a coroutine returns."""
        return self.loop.run_until_complete(ask)

    def address(self) -> str:
        """Return where the store under test lies."""
        return f"tinydb:{self.folder}/cases.db"

    def open(self) -> Store:
        """Open it."""
        opening = Opening.EITHER if self.address().startswith("tinydb:") else Opening.THERE
        store: Store = self.run(open_store(self.address(), key=s.KEY, opening=opening))
        return store

    def commit(self, change: Change) -> None:
        """Commit to both; both keep it, or both refuse it."""
        outcomes = []
        for store in (self.reference, self.store):
            try:
                outcomes.append(self.run(store.commit(change)))
            except Conflict as error:
                outcomes.append(error.reference)
        assert outcomes[0] == outcomes[1]

    def version(self, kept: Case | Draft | Send | None, wrong: int) -> int:
        """Return the version that fits, or one that does not."""
        return (kept.version if kept else 0) - wrong

    @rule(school=SCHOOLS, number=NUMBERS, fresh=st.booleans())
    def open_case(self, school: SchoolId, number: int, fresh: bool) -> None:  # noqa: FBT001 - drawn
        """Open a case, perhaps under an inbound key that was there."""
        self.keys += fresh
        self.commit(s.opening(number, school=school, key=f"in-{self.keys}"))

    @rule(school=SCHOOLS, number=NUMBERS, wrong=VERSIONS, minutes=st.integers(0, 9), seq=st.integers(3, 12))
    def change_case(self, school: SchoolId, number: int, wrong: int, minutes: int, seq: int) -> None:
        """Close or re-open a case, with an event."""
        kept = self.run(self.reference.case(school, CaseId(f"C{number:04}")))
        if kept is None:
            return
        shut = kept.status is not Status.CLOSED
        case = replace(
            kept,
            status=Status.CLOSED if shut else Status.OPEN,
            closed_at=s.later(minutes) if shut else None,
            version=self.version(kept, wrong),
        )
        self.commit(Change(school=school, case=case, events=(s.event(number, seq),)))

    @rule(
        school=SCHOOLS,
        number=NUMBERS,
        person=st.sampled_from([s.ASH, s.BROOK]),
        wrong=VERSIONS,
        drop=st.booleans(),
    )
    def write(self, school: SchoolId, number: int, person: Any, wrong: int, drop: bool) -> None:  # noqa: FBT001 - drawn
        """Write on a draft, perhaps dropping the one before."""
        kept = self.run(self.reference.draft(school, DraftId(f"D{number:04}")))
        other = self.run(self.reference.draft_of(school, person))
        draft = s.draft(number, school=school, person=person, version=self.version(kept, wrong))
        dropped = other.id if drop and other and other.id != draft.id else None
        self.commit(Change(school=school, draft=draft, dropped_draft=dropped))

    @rule(school=SCHOOLS, number=NUMBERS)
    def drop(self, school: SchoolId, number: int) -> None:
        """Throw a draft away, there or not."""
        self.commit(Change(school=school, dropped_draft=DraftId(f"D{number:04}")))

    @rule(school=SCHOOLS, number=NUMBERS, name=NAMES, order=st.integers(0, 2), minutes=st.integers(0, 5))
    def plan(self, school: SchoolId, number: int, name: str, order: int, minutes: int) -> None:
        """Plan a send and a timer, there or not."""
        send = s.send(number, name, school=school, order=order, due=s.later(minutes))
        timer = s.timer(number, name, minutes=minutes, school=school)
        self.commit(Change(school=school, new_sends=(send,), timers=(timer,)))

    @rule(school=SCHOOLS, number=NUMBERS, name=NAMES, state=st.sampled_from(SendState), wrong=VERSIONS)
    def deliver(self, school: SchoolId, number: int, name: str, state: SendState, wrong: int) -> None:
        """Say what became of a send; its timer is over."""
        key = f"C{number:04}/{name}"
        kept = self.run(self.reference.send(school, key))
        send = replace(
            kept or s.send(number, name, school=school),
            state=state,
            posted=s.posted(f"m{number}") if state is SendState.SENT else None,
            version=self.version(kept, wrong),
        )
        self.commit(
            Change(
                school=school,
                updated_sends=(send,),
                cancelled_timers=(key,),
                handled=Handled(key=key, at=s.NOW),
            )
        )

    @rule()
    def reopen(self) -> None:
        """Close the store and open it again."""
        self.run(self.store.close())
        self.store = self.open()

    @invariant()
    def both_say_the_same(self) -> None:
        """Every read is equal."""
        assert self.run(snapshot(self.store)) == self.run(snapshot(self.reference))
        for number in range(1, 5):
            ask = (s.HILL, Platform.SLACK, "C-lead", f"m{number}")
            assert self.run(self.store.thread(*ask)) == self.run(self.reference.thread(*ask))
        for school in (s.HILL, s.DALE):
            ours, theirs = (
                self.run(store.cases(school, since=s.later(5))) for store in (self.store, self.reference)
            )
            assert ours == theirs

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.run(self.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)


TestShort = TwoStores.TestCase
TestShort.settings = settings(max_examples=6, stateful_step_count=15)


@pytest.mark.soak
class TestLong(TwoStores.TestCase):  # type: ignore[misc,valid-type]
    """The same for longer."""

    settings = settings(max_examples=often(150), stateful_step_count=50)


def in_a_database(server: Server, examples: int, steps: int) -> None:
    """Do the same in a database, emptied for each example."""

    class InDatabase(TwoStores):
        def __init__(self) -> None:
            server.empty(NAME)
            super().__init__()

        def address(self) -> str:
            return server.address(NAME, "bot")

    run_state_machine_as_test(InDatabase, settings=settings(max_examples=examples, stateful_step_count=steps))


@pytest.mark.slow
def test_a_database_says_what_the_reference_says(running: Server) -> None:
    """Whatever is done in whatever order, reopened or not."""
    in_a_database(running, 4, 12)


@pytest.mark.soak
def test_a_database_says_so_for_longer(running: Server) -> None:
    """The same on more and longer examples."""
    in_a_database(running, often(20, 1), 40)
