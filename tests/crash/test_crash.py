"""Killed at every point of the story, started again, delivered again: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.driver import SCHOOL, Bugs, opened, run
from tests.crash.platform import FilePlatform, Line
from tests.crash.story import PLATFORMS
from tests.database import Server, server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # each plays the story several times
#: The points are spread over so many tests, each short. Some ten of them are tried by make test, the
#: others, an hour of the same, by make soak.
SHARDS = 360
OFTEN = range(0, SHARDS, 180)
#: Events that leave a file.
MADE = ("letter_approved", "pack_made", "exported")


async def _state(folder: Path) -> tuple[str, list[str]]:
    store = await opened(folder)
    try:
        case = await store.case_called(SCHOOL, "HPS-2026-001")
        third = await store.case_called(SCHOOL, "HPS-2026-003")
        if case is None or third is not None:
            return "no case" if case is None else "a case too many", []
        events = await store.events(SCHOOL, case.id)
        roster = await store.roster(SCHOOL)
        changes = roster.changes if roster is not None else ()
        agreed = [f"{one.linked.account if one.linked else one.seat} {one.agreed}" for one in changes]
        letters = [f"file {await store.file(SCHOOL, one.sha256) is not None}" for one in case.documents]
        linked = await store.links_of(SCHOOL, case.id)
        links = [f"linked {step.linked}" for one in linked for step in one.story]
        return case.status.value, [*(event.kind.value for event in events), *letters, *links, *agreed]
    finally:
        await store.close()


def outcome(folder: Path) -> tuple[tuple[str, list[str]], Counter[tuple[str, str]]]:
    """Return what the store says, and how often each message stands on the platform (by place and tail)."""
    chats = [FilePlatform(folder, platform, {}, point=lambda _: None) for platform in PLATFORMS]
    posted: Counter[tuple[str, str]] = Counter(
        (f"{chat.platform} {line.audience}", _tail(line))
        for chat in chats
        for line in chat.lines()
        if not line.edits
    )
    return asyncio.run(_state(folder)), posted


def _tail(line: Line) -> str:
    return line.key.partition("/")[2]


def wrong(folder: Path, reference: Path) -> str:
    """Return what is lost or doubled compared with the story nobody disturbed ("" = nothing)."""
    (state, posted), (expected, once) = outcome(folder), outcome(reference)
    if state != expected:
        return f"state {state}"
    doubled = {key: n for key, n in posted.items() if n > once[key]}
    lost = {key: n for key, n in once.items() if posted[key] < n}
    return f"doubled {doubled} lost {lost}" if doubled or lost else ""


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """Give a server that keeps what it says it keeps."""
    with server() as running:
        asyncio.run(running.made("reports"))
        yield running


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return the story played once without a crash, and how many points it has."""
    folder = tmp_path_factory.mktemp("undisturbed")
    points = run(folder)
    state, posted = outcome(folder)
    assert state[0] == "closed", state
    assert state[1][-1] == "dsl True", state
    assert "teams-jo True" in state[1], "joined by a one-time code"
    assert state[1].count("file True") == sum(state[1].count(made) for made in MADE) + 1, "an export is two"
    assert posted, "nobody was told anything"
    return folder, points


def _kill_at(number: int, folder: Path, reference: Path, bugs: Bugs | None = None) -> str:
    folder.mkdir()
    killed = run(folder, die_at=number, bugs=bugs)
    if killed == -1:
        try:
            run(folder, bugs=bugs)
        except AssertionError as error:
            return f"stuck: {error}"
    return wrong(folder, reference)


@pytest.mark.parametrize(
    "shard", [pytest.param(n, marks=[] if n in OFTEN else [pytest.mark.whole]) for n in range(SHARDS)]
)
@pytest.mark.feature("store-survives")
def test_nothing_is_lost_or_doubled(shard: int, undisturbed: tuple[Path, int], tmp_path: Path) -> None:
    """Whatever point the bot is killed at, the story ends as if it had not been."""
    reference, points = undisturbed
    assert points > 1500
    numbers = range(1 + shard, points + 1, SHARDS)
    found = {n: w for n in numbers if (w := _kill_at(n, tmp_path / str(n), reference))}
    assert not found


def test_a_bot_that_acknowledges_first_is_caught(undisturbed: tuple[Path, int], tmp_path: Path) -> None:
    """The harness sees the seeded bug: acknowledged before the commit."""
    reference, points = undisturbed
    bugs = Bugs(acknowledge_first=True)
    assert any(_kill_at(n, tmp_path / str(n), reference, bugs) for n in range(1, min(points, 30)))


def test_a_bot_that_does_not_look_up_is_caught(undisturbed: tuple[Path, int], tmp_path: Path) -> None:
    """The harness sees the seeded bug: sent again without looking whether it had arrived."""
    reference, _ = undisturbed
    names = (reference / "names").read_text().splitlines()
    posted = [number for number, name in enumerate(names, 1) if name == "post.after"]
    bugs = Bugs(no_look_up=True)
    assert any(_kill_at(n, tmp_path / str(n), reference, bugs) for n in posted[:10])


#: Of the points so many are tried by make test, and the others by make soak.
STEPS = 600


@pytest.mark.feature("database-goes-away")
@pytest.mark.parametrize(
    "first", [pytest.param(n, marks=[] if n == 301 else [pytest.mark.whole]) for n in range(1, STEPS + 1)]
)
def test_nothing_is_lost_or_doubled_in_a_database(
    first: int, undisturbed: tuple[Path, int], database: Server, tmp_path: Path
) -> None:
    """Killed at these points and started again on a database, the story ends as if it had not been."""
    reference, points = undisturbed
    found = {}
    for number in range(first, points + 1, STEPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "address").write_text(database.address("reports", "bot"), "utf-8")
        database.empty("reports")
        if run(folder, die_at=number) == -1:
            # what a dead worker had in hand goes to the others after a while: it has passed
            database.run("update schools set until = '-infinity'", database="reports")
            run(folder)
        if said := wrong(folder, reference):
            found[number] = said
    assert not found
