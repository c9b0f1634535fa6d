"""Every store keeps the same promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.ports import Store
from storage.open import Opening, open_store
from tests.storage import samples as s
from tests.storage.contract import StoreContract


class TestMemory(StoreContract):
    """The reference."""

    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        """Give an empty one."""
        store = await open_store("memory:", key=s.KEY, opening=Opening.EITHER)
        yield store
        await store.close()


class TestTinyDB(StoreContract):
    """One file."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        """Give one in a new file."""
        store = await open_store(f"tinydb:{tmp_path}/folder/cases.db", key=s.KEY, opening=Opening.EITHER)
        yield store
        await store.close()


class TestPostgres(StoreContract):
    """A database that others may share."""

    @pytest.fixture
    async def store(self, database: str) -> AsyncIterator[Store]:
        """Give one in an empty database."""
        store = await open_store(database, key=s.KEY)
        yield store
        await store.close()
