"""The tables, brought up to date: numbered files of SQL, each run once, by one process at a time."""

from __future__ import annotations

from importlib.resources import files

import psycopg
from psycopg import AsyncConnection

from storage.postgres import trouble

#: any number, so long as nobody else takes it: "report migrate" has this lock of the database
_LOCK = 0x52504F31
_MADE = """create table if not exists migrations(
  number integer primary key, name text not null, at timestamptz not null default now())"""
_HERE = "select to_regclass('migrations') is not null"


def numbered() -> dict[int, tuple[str, str]]:
    """Return every migration this version knows: its number, its name and its SQL."""
    folder = files(__package__).joinpath("migrations")
    found = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return {int(name[:4]): (name, folder.joinpath(name).read_text("utf-8")) for name in found}


async def done(connection: AsyncConnection) -> frozenset[int]:
    """Return which migrations a database has."""
    here = await (await connection.execute(_HERE)).fetchone()
    if here is None or not here[0]:
        return frozenset()
    return frozenset(
        number for (number,) in await (await connection.execute("select number from migrations")).fetchall()
    )


async def migrate(address: str) -> list[str]:
    """Run what the database lacks and return the names; all of it, or nothing. Raises StoreError."""
    with trouble.translated():
        async with await psycopg.AsyncConnection.connect(address, connect_timeout=10) as connection:
            await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
            await connection.execute(_MADE)
            there, known = await done(connection), numbered()
            if there - known.keys():
                raise trouble.newer()
            names = []
            for number in sorted(known.keys() - there):
                name, sql = known[number]
                await connection.execute(sql.encode(), prepare=False)
                await connection.execute("insert into migrations values(%s, %s)", (number, name))
                names.append(name)
    return names
