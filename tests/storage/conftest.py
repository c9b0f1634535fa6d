"""The database that the tests of a process share: started with the first that asks, emptied for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import CARELESS, Server, server
from tests.storage.below import Kept, of_database, of_file

NAME = "reports"


@pytest.fixture(scope="session")
def database_server() -> Iterator[Server]:
    """Give a server with a database whose tables are made."""
    with server(*CARELESS) as running:
        asyncio.run(running.made(NAME))
        yield running


@pytest.fixture
def database(database_server: Server) -> str:
    """Give the address of an empty database."""
    database_server.empty(NAME)
    return database_server.address(NAME, "bot")


@pytest.fixture(params=["file", "database"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Give an empty store of each kind."""
    if request.param == "file":
        return Kept(f"tinydb:{tmp_path}/cases.db", of_file(tmp_path / "cases.db"))
    address = request.getfixturevalue("database")
    return Kept(address, of_database(request.getfixturevalue("database_server"), NAME))
