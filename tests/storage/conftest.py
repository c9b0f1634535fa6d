"""The database that the tests of a process share: started with the first that asks, emptied for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import REPORTS as NAME
from tests.database import Server
from tests.storage.below import Kept, of_database, of_file


@pytest.fixture
def database(running: Server) -> str:
    """Give the address of an empty database."""
    running.empty(NAME)
    return running.address(NAME, "bot")


@pytest.fixture(params=["file", "database"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Give an empty store of each kind."""
    if request.param == "file":
        return Kept(f"tinydb:{tmp_path}/cases.db", of_file(tmp_path / "cases.db"))
    address = request.getfixturevalue("database")
    return Kept(address, of_database(request.getfixturevalue("running"), NAME))
