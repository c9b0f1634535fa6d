"""Whatever comes in from outside is read or refused: nothing raises, hangs or grows."""

from __future__ import annotations

import json
import platform
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fuzz.readers import READERS
from tests.often import often

#: what `make soak` tries on each reader: of sixteen readers that is 2.8 million inputs
RUNS = 200_000
#: what leads the fuzzing is built for that alone
GUIDED = (sys.platform, platform.machine()) == ("linux", "x86_64")


def tried(table: str, runs: int, *options: str) -> dict[str, dict[str, object]]:
    """Return what became of each reader of a table."""
    seed = 1 if settings.get_current_profile_name() == "steady" else random.randrange(2**31)  # noqa: S311
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tests.fuzz.guided", table, str(runs), str(seed), *options],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        check=False,
    )
    return {one["reader"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", READERS)
def test_what_comes_every_day_is_read(name: str) -> None:
    """The examples themselves break nothing, on any system."""
    for seed in READERS[name].seeds:
        READERS[name].read(seed)


if GUIDED:

    @pytest.mark.soak
    @pytest.mark.unwatched
    def test_nothing_that_comes_in_breaks_a_reader() -> None:
        """Changed in very many ways, led by the lines that are reached, each reader ends in an answer."""
        runs = often(RUNS, part=200)
        found = tried("tests.fuzz.readers", runs)
        assert [one for one in found.values() if not one["good"]] == []
        asked = {name: one.share(runs) for name, one in READERS.items()}
        assert {name: one["runs"] for name, one in found.items()} == asked

    @pytest.mark.soak
    @pytest.mark.unwatched
    def test_what_raises_hangs_or_grows_is_found() -> None:
        """Faults put in by hand are found, each with what it is."""
        found = tried("tests.fuzz.faulty", 20_000, "-timeout=1")
        said = {name: one["said"] for name, one in found.items() if not one["good"]}
        assert set(said) == {"raises", "hangs", "grows"}
        assert "AttributeError" in str(said["raises"])
        assert "Timeout" in str(said["hangs"])
        assert "out-of-memory" in str(said["grows"])
        assert all(found[name]["bytes"] for name in said)
