"""The database that the tests of a process share: started with the first that asks, emptied for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.database import CARELESS, Server, server

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
