"""Everything from one store into another, as it is: the same rows, sealed as they were; and the proof.

A seal says which table, school, id and version it is for, never in which database it lies. So rows go over
unopened, what does not open goes as well, and only the proof opens them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from msgspec import Struct

from flows.errors import StoreError, UnreadableRow
from flows.school import SchoolId
from storage.commit import files_in
from storage.keys import Keys
from storage.rows import BATCH, Copy, Raw
from storage.seal import Sealer

#: bits of the sum
_LONG = 256


class Proof(Struct, frozen=True):
    """What a store holds: how much of each kind, and a sum over every opened row and file."""

    tables: dict[str, int]
    files: int
    digest: str

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.tables.values())


async def move(source: str, to: str, key: bytes) -> Proof:
    """Copy everything; return what both hold. Raises StoreError where they differ, or ``to`` is not empty."""
    sealer = Sealer(key)
    async with AsyncExitStack() as stack:
        old = await _opened(source, sealer, new=False)
        stack.push_async_callback(old.close)
        keys = old.keys
        new = await _opened(to, keys, new=True)
        stack.push_async_callback(new.close)
        await _copy(old, new, keys)
        before, after = await _proof(old, keys), await _proof(new, keys)
        if before != after:
            raise StoreError(
                "not-the-same",
                "What was copied is not what is there now.",
                "Has a program worked on it meanwhile? Stop it, empty the new store, and move again.",
            )
    return after


async def _opened(address: str, sealer: Sealer, *, new: bool) -> Copy:
    scheme, _, place = address.partition(":")
    match scheme:
        case "tinydb" if place:
            from storage.embedded.backup import FileCopy  # noqa: PLC0415 - only what the address needs

            return await FileCopy.opened(Path(place), sealer, new=new)
        case "postgresql" | "postgres" if place:
            from storage.postgres.copying import DatabaseCopy  # noqa: PLC0415 - likewise

            return await DatabaseCopy.opened(address, sealer, new=new)
        case _:
            raise StoreError(
                "unknown-store",
                f"There is nothing to move at {scheme}:{'' if not place else '…'}.",
                "Write tinydb:PATH or postgresql://…",
            )


async def _copy(old: Copy, new: Copy, sealer: Keys) -> None:
    batch: list[Raw] = []
    async for row in old.rows():
        for school, sha256 in _files_of(row, sealer):
            content = await old.file(school, sha256)
            if content is not None:
                await new.write_file(school, content)
        batch.append(row)
        if len(batch) >= BATCH:
            await new.write(batch)
            batch = []
    await new.write(batch)
    await new.write_counters(await old.counters())


async def _proof(store: Copy, sealer: Keys) -> Proof:
    tables, total, files = Counter[str](), 0, set[tuple[str, str]]()
    async for row in store.rows():
        tables[row.table] += 1
        total += _number(
            row.table, row.school, row.id, row.version, row.parent, row.due, row.ord, _said(row, sealer)
        )
        for school, sha256 in _files_of(row, sealer):
            content = await store.file(school, sha256)
            if content is not None and (school, sha256) not in files:
                files.add((school, sha256))
                total += _number(school, sha256, hashlib.sha256(content).hexdigest())
    for counter in await store.counters():
        tables["counters"] += 1
        total += _number(*counter)
    return Proof(dict(tables), len(files), f"{total % (1 << _LONG):064x}")


def _said(row: Raw, sealer: Keys) -> str:
    """Return a hash of what a row says; of one that does not open, of how it lies there."""
    try:
        return hashlib.sha256(row.opened(sealer)).hexdigest()
    except UnreadableRow:
        return "sealed " + hashlib.sha256(row.sealed).hexdigest()


def _number(*said: object) -> int:
    """Return a number for these: added up, they are the same in any order."""
    return int.from_bytes(hashlib.sha256(repr(said).encode()).digest())


def _files_of(row: Raw, sealer: Keys) -> Iterable[tuple[SchoolId, str]]:
    """Return which files a draft or a case has."""
    try:
        files = files_in(row.table, row.opened(sealer)) if row.table in ("cases", "drafts") else ()
    except UnreadableRow:
        return []
    return [(SchoolId(row.school), file.sha256) for file in files]
