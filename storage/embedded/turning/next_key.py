"""The key that is to follow, told to a file: by us where nobody has it open, else by the program that has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import msgspec

from flows.errors import StoreError
from storage import errors
from storage.embedded import schema
from storage.embedded.as_left.look import HANDED, look
from storage.embedded.row_keys import LEFT
from storage.embedded.turning import rotation
from storage.keys import Handed, Outside, id_of
from storage.opening import Opening
from storage.seal import Sealer

#: how often we look how far the other program is (seconds)
_LOOK = 0.5


class Turned(Protocol):
    """A store whose key can be followed by another."""

    async def rotate(self, new: bytes, said: Callable[[int, int], None]) -> None:
        """Have another key outside open everything."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...


Opened = Callable[[str, bytes, Opening], Awaitable[Turned]]


async def rotate_file(
    opened: Opened, path: Path, key: bytes, new: bytes, said: Callable[[int, int], None]
) -> None:
    """Have ``new`` follow the key of a file, whoever works on it. Raises StoreError."""
    following = Outside(new)
    try:
        while not await _alone(opened, path, key, following, said):
            if await asyncio.to_thread(_told, path, key, following, said):
                return
            await asyncio.sleep(_LOOK)
    finally:  # whoever gives up takes back what nobody took
        rotation.handed_beside(path).unlink(missing_ok=True)


async def _alone(
    opened: Opened, path: Path, key: bytes, new: Outside, said: Callable[[int, int], None]
) -> bool:
    """Return whether it is done, since nobody else has the file open."""
    try:
        store = await opened(str(path), key, Opening.THERE)
    except StoreError as error:
        if error.reference == "store-in-use":
            return False
        raise
    try:
        await store.rotate(new.key, said)
    finally:
        await store.close()
    return True


def _told(path: Path, key: bytes, new: Outside, said: Callable[[int, int], None]) -> bool:
    """Return whether the program that has the file open is done; hand it the key where it has not begun."""
    with errors.Translated(path), closing(schema.look_into(path)) as connection:
        handed = msgspec.convert(dict(connection.execute(HANDED).fetchall()), Handed)
        every, left = connection.execute(LEFT, (new.id,)).fetchone()
    if handed.root is None or id_of(handed.root) != new.id:
        rotation.hand(path, look(path, Sealer(key), Opening.LOOK).keys.outside, new)
        return False
    said(every, left)
    return not handed.back
