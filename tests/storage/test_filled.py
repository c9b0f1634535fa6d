"""A database that a bench fills is one that the store would have made; else what is measured says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from msgspec.structs import replace

from bench import bulk
from flows.model import Audit, AuditKind, Change, Event, Timer
from storage.open import open_store
from storage.postgres.store import PostgresStore
from tests.database import Server
from tests.storage import samples as s
from tests.storage.conftest import NAME

FIRST = 1_000


def _changes(numbers: range) -> list[Change]:
    read = Audit(school=s.HILL, at=s.NOW, kind=AuditKind.RECORD_OPENED, by=s.ASH, case=s.case(1).id)
    case = s.case(1, reference="HPS-2025-0001", version=0)
    like = bulk.Like(case, (s.event(1, 1),), (read,), [s.timer(1, f"thing{n}") for n in range(5)])
    return list(bulk.changes(like, s.HILL, numbers))


async def _same(store: PostgresStore, kept: Sequence[Change]) -> None:
    """See that each change is there, as its store would give it back."""
    for one in kept:
        assert one.case is not None
        assert await store.case(s.HILL, one.case.id) == replace(one.case, version=1)
        assert await store.case_called(s.HILL, one.case.reference) == replace(one.case, version=1)
        assert tuple(await store.events(s.HILL, one.case.id)) == one.events
        assert tuple(await store.audit(s.HILL, case=one.case.id)) == one.audit
        assert await store.opened_by(s.HILL, one.case.id) == {s.ASH}
        assert {timer.key: timer for timer in one.timers}.items() <= {
            timer.key: timer for timer in await store.timers(s.HILL)
        }.items()


async def test_what_is_filled_in_is_as_the_store_would_keep_it(database: str, running: Server) -> None:
    """Read back by every way, due when it is due, its audit whole; and what is kept later goes on from it."""
    store = await open_store(database, key=s.KEY)
    assert isinstance(store, PostgresStore)
    await store.commit(s.opening())
    made = _changes(range(30, 70))
    with psycopg.connect(running.address(NAME)) as connection:
        bulk.write(connection, store.keys, s.HILL, FIRST, made[:20])
        bulk.write(connection, store.keys, s.HILL, 2 * FIRST, made[20:])
    await _same(store, made)
    opened, shut = [one.case for one in made if one.case][:10], [one.case for one in made if one.case][10:]
    assert {row.id for row in await store.cases(s.HILL)} == {s.case(1).id, *(case.id for case in opened)}
    assert len(await store.cases(s.HILL, open_only=False)) == 1 + len(opened) + len(shut)
    every: list[Timer] = [timer for one in made for timer in one.timers]
    first = min(every, key=lambda timer: timer.due)
    assert first in await store.due_timers(first.due)
    case = await store.case(s.HILL, opened[0].id)
    assert case is not None
    event = Event(case=case.id, seq=case.events + 1, kind=made[0].events[0].kind, at=s.NOW)
    await store.commit(Change(school=s.HILL, case=case, events=(event,)))
    proof = await store.audit_proof(s.HILL, s.NOW.date())
    assert (proof.faults, proof.links) == ((), 1 + len(made) + 1)
    await store.close()
