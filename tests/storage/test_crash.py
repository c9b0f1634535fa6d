"""Killed without warning at any point, nothing acknowledged is lost and nothing is half there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from pathlib import Path

import pytest

from flows.ports import Store
from storage.open import Opening, open_store
from tests.spawned import SPAWN, exit_of
from tests.storage import samples as s
from tests.storage.contract import snapshot
from tests.storage.faults import many_until_killed, story, tell_until_killed

#: above what the story needs; the child says when it got through
MANY = 200


async def after_redelivery(store: Store) -> list[object]:
    """Return what the store says once every step has been delivered again."""
    for step in story():
        await store.commit(step)
    return await snapshot(store)


async def expected() -> list[object]:
    """Return what a store says that was never killed."""
    return await after_redelivery(await open_store("memory:", key=s.KEY))


def died_at(folder: Path, point: int, *, after: bool) -> bool:
    """Kill a program at a point, then check what it left; return whether it died (or got through)."""
    folder.mkdir()
    path, acknowledged = folder / "cases.db", folder / "acknowledged"
    ended = exit_of(tell_until_killed, path, acknowledged, point, after)
    noted = [int(n) for n in acknowledged.read_text().split()] if acknowledged.exists() else []
    if 999 in noted:
        return False
    assert ended == -signal.SIGKILL
    asyncio.run(check_left(path, noted))
    return True


async def check_left(path: Path, noted: list[int]) -> None:
    """Check that what was acknowledged is there, whole, and that delivering again mends the rest."""
    store = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.EITHER)
    found = [bool(await store.handled(s.HILL, f"step-{n}")) for n in range(len(story()))]
    assert all(found[n] for n in noted)
    assert sum(found) - len(noted) in {0, 1}, "only the step under way may be there unacknowledged"
    reference = await open_store("memory:", key=s.KEY)
    for step in story()[: sum(found)]:
        await reference.commit(step)
    assert await snapshot(store) == await snapshot(reference), "a step is half there"
    assert await after_redelivery(store) == await expected()
    await store.close()


@pytest.mark.parametrize("point", [9, 14, 20])
def test_a_kill_in_the_middle_loses_nothing(tmp_path: Path, point: int) -> None:
    """At a few points of the story."""
    assert died_at(tmp_path / "x", point, after=False)


@pytest.mark.soak
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_every_point_loses_nothing(tmp_path: Path, after: bool) -> None:  # noqa: FBT001 - a table's column
    """Before and after each statement that changes the file, opening included."""
    points = 0
    while died_at(tmp_path / str(points), points + 1, after=after):
        points += 1
        assert points < MANY
    assert points > 40


@pytest.mark.soak
def test_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    """Ten conversations at once, killed again and again on one file: what was acknowledged is whole."""
    chance = random.Random(7)  # noqa: S311 - no secret
    path, acknowledged = tmp_path / "cases.db", tmp_path / "acknowledged"
    acknowledged.touch()
    for start in range(0, 600000, 30000):
        child = SPAWN.Process(target=many_until_killed, args=(path, acknowledged, start))
        before = acknowledged.stat().st_size
        child.start()
        while acknowledged.stat().st_size == before:
            time.sleep(0.005)
        time.sleep(chance.random() / 10)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    asyncio.run(all_whole(path, {int(n) for n in acknowledged.read_text().split()}))


async def all_whole(path: Path, acknowledged: set[int]) -> None:
    """Check that all acknowledged are there and that each there is whole."""
    store = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.EITHER)
    rows = await store.cases(s.HILL, open_only=False, most=10**6)
    assert {f"C{n:04}" for n in acknowledged} <= {str(row.id) for row in rows}
    assert len(acknowledged) > 100
    assert {str(row.id) for row in rows} == {f"C{row.reference.rpartition('-')[2]:>04}" for row in rows}
    for row in rows:
        assert len(await store.events(s.HILL, row.id)) == 2
        assert len(await store.sends_of(s.HILL, row.id)) == 2
    assert len(await store.audit(s.HILL, most=10**6)) == len(rows)
    assert len(await store.due_timers(s.later(10**6), most=10**6)) == len(rows)
    await store.close()
