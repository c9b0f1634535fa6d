"""The one door to what is remembered, and a room for each kind of store.

Only the room that the address names is imported, so a school on one machine needs no database driver
and a test needs no file.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from flows.errors import StoreError
from flows.model import AuditProof
from flows.ports import Store
from flows.school import SchoolId
from storage.opening import Opening
from storage.seal import Sealer

__all__ = ["Opening", "audit_proofs", "open_store", "rotate"]


async def audit_proofs(url: str, *, key: bytes, today: dt.date, said: str = "") -> dict[SchoolId, AuditProof]:
    """Return the proof of each school's audit of a store, also of one that is not as it was left.

    Raises StoreError where there is none, or it is sealed with another key.
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "tinydb" if rest:
            from storage.embedded.queries import proofs  # noqa: PLC0415 - only what the address needs

            return await asyncio.to_thread(proofs, Path(rest), Sealer(key), today, said)
        case "postgresql" | "postgres" if rest:
            from storage.postgres.store import proofs_of  # noqa: PLC0415 - only what the address needs

            return await proofs_of(url, Sealer(key), today, said)
        case _:
            raise StoreError(
                "unknown-store",
                "There is no store with an audit there.",
                "Write tinydb:PATH or postgresql://…",
            )


async def rotate(url: str, *, key: bytes, new: bytes, said: Callable[[int, int], None]) -> None:
    """Have the key ``new`` open a store that ``key`` opens, also beside programs that work on it.

    ``said`` hears how many keys inside there are, and how many are left to do. Raises StoreError.
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "tinydb" if rest:
            from storage.embedded.store import open_tinydb  # noqa: PLC0415 - only what the address needs
            from storage.embedded.turning.next_key import rotate_file  # noqa: PLC0415 - likewise

            await rotate_file(open_tinydb, Path(rest), key, new, said)
        case "postgresql" | "postgres" if rest:
            from storage.postgres.store import open_postgres  # noqa: PLC0415 - only what the address needs

            store = await open_postgres(url, Sealer(key), Opening.THERE)
            try:
                await store.rotate(new, said)
            finally:
                await store.close()
        case _:
            raise StoreError(
                "unknown-store", "There is no store with a key there.", "Write tinydb:PATH or postgresql://…"
            )


async def open_store(url: str, *, key: bytes, opening: Opening = Opening.THERE) -> Store:
    """Return the store at ``url``: ``memory:`` (gone when closed), ``tinydb:PATH`` (one file) or
    ``postgresql://…`` (a database that several processes share).

    ``opening`` says whether it must be there, may be made, or is only looked into. ``key`` is the 32 bytes
    that everything kept is sealed with; the memory store writes nothing and needs none. Raises StoreError,
    with what to do, when the address or the place is no good.
    """
    scheme, _, rest = url.partition(":")
    match scheme:
        case "memory":
            from storage.memory import MemoryStore  # noqa: PLC0415 - only what the address needs

            return MemoryStore(key)
        case "tinydb" if rest:
            from storage.embedded.store import open_tinydb  # noqa: PLC0415 - only what the address needs

            return await open_tinydb(rest, key, opening)
        case "postgresql" | "postgres" if rest:
            from storage.postgres.store import open_postgres  # noqa: PLC0415 - only what the address needs

            return await open_postgres(url, Sealer(key), opening)
        case _:
            raise StoreError(
                "unknown-store",
                f"There is no store at {scheme}:{'' if not rest else '…'}.",
                "Write memory: (for trying out; nothing is kept), tinydb:PATH (a file on this machine) or "
                "postgresql://… (a database that several machines share).",
            )
