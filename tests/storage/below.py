"""A store whose rows a test looks at, and changes, from below: past everything that keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from msgspec.structs import replace

from flows.model import CaseId, Change, Way
from flows.ports import Store
from storage.keys import Handed, Keys
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.database import Server
from tests.storage import samples as s

C1, C2 = CaseId("C0001"), CaseId("C0002")


class Kept:
    """A store whose rows a test looks at and changes from below."""

    def __init__(self, address: str, below: Callable[..., list[Any]]) -> None:
        self.address = address
        self.below = below

    async def open(self, opening: Opening = Opening.THERE, *, key: bytes = s.KEY) -> Store:
        """Open it; a file is made where there is none."""
        if opening is Opening.THERE and self.address.startswith("tinydb:"):
            opening = Opening.EITHER
        return await open_store(self.address, key=key, opening=opening)

    def keys(self) -> Keys:
        """Return its keys, as whoever has the key outside has them."""
        file = self.address.startswith("tinydb:")
        place = "rows where tbl='meta' and id='root'" if file else "keyring where name='root'"
        ((root,),) = self.below(f"select body from {place}")  # noqa: S608 - our own words
        return Keys.of(Sealer(s.KEY), Handed(bytes(root)))


def of_file(path: Path) -> Callable[..., list[Any]]:
    """Return what asks a file."""

    def below(sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with sqlite3.connect(path) as connection:
            return connection.execute(sql.replace("%s", "?"), values).fetchall()

    return below


def of_database(server: Server, name: str) -> Callable[..., list[Any]]:
    """Return what asks a database, as whoever owns the machine."""

    def below(sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        with psycopg.connect(server.address(name), autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    return below


async def filled(kept: Kept) -> None:
    """Keep two cases, one with a file, and a third of another school."""
    store = await kept.open()
    sha256 = await store.put_file(s.HILL, b"picture")
    await store.commit(s.opening(1, files=(s.file("f1", sha256),)))
    await store.commit(s.opening(2))
    await store.commit(s.opening(1, school=s.DALE))
    root = (await store.sends_of(s.HILL, C1))[0]
    await store.commit(
        Change(school=s.HILL, updated_sends=(replace(root, way=Way.ROOT, posted=s.posted("m1")),))
    )
    await store.close()
