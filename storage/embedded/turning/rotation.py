"""One key outside after another, in a file: all data keys are wrapped anew while everybody works.

Killed at any point it goes on at the next start, with whichever of the two keys that comes. Where a program
has the file open, another hands it the new key in a small file beside it, wrapped by the one of now.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from flows.errors import StoreError
from storage import owner_only
from storage.embedded.rows import Rows
from storage.embedded.writer import Writer
from storage.keys import Handed, Outside
from storage.rows import BATCH

#: how often a program that works looks whether it is handed a key (seconds)
_LOOK = 1.0


def _in_silence(every: int, left: int) -> None:
    """Say nothing of how far it is."""


def handed_beside(path: Path) -> Path:
    """Return where another program leaves the key that is to follow."""
    return path.with_name(path.name + ".next-key")


def hand(path: Path, now: Outside, new: Outside) -> None:
    """Leave the key that is to follow for the program that has the file open."""
    place = handed_beside(path)
    part = place.with_name(place.name + ".part")
    owner_only.made(part)
    with part.open("wb") as file:
        file.write(now.wrap(new.key))
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)


def taken(rows: Rows) -> Outside | None:
    """Return the key that was left for us; what none of ours opens is removed."""
    place = handed_beside(rows.path)
    if not place.exists():
        return None
    wrapped = place.read_bytes()
    with suppress(StoreError):
        return Outside(rows.sealer.unwrapped(wrapped))
    place.unlink(missing_ok=True)
    return None


def begin(rows: Rows, new: Outside) -> None:
    """Write that ``new`` follows: from this transaction on either key opens the file."""
    if rows.sealer.outside.id != new.id:
        rows.put_handed(rows.sealer.turned(new))


def turn(rows: Rows, new: Outside) -> None:
    """Wrap with ``new`` from now on."""
    rows.sealer.turn(new)
    rows.turned()
    handed_beside(rows.path).unlink(missing_ok=True)


def finish(rows: Rows) -> None:
    """Write that all is done: with the new key alone everything opens."""
    rows.put_handed(replace(rows.handed(), back=b""))


async def rotate(
    rows: Rows, writer: Writer, new: Outside, said: Callable[[int, int], None] = _in_silence
) -> None:
    """Wrap all data keys with ``new``, some at a time, between what others write."""
    await writer.do(lambda: begin(rows, new), lambda _: turn(rows, new))
    last = 0
    while last := await writer.do(partial(rows.rewrap, last, BATCH)):
        said(*rows.progress(new.id))
    await writer.do(lambda: finish(rows))
    await asyncio.to_thread(rows.clear_log)
    said(*rows.progress(new.id))


def go_on(rows: Rows) -> None:
    """Finish at a start what was begun; who comes with the new key leaves the old one behind."""
    _to_the_end(rows)
    if (new := taken(rows)) is not None:
        begin(rows, new)
        turn(rows, new)
        _to_the_end(rows)
    handed = rows.handed()
    if handed.root is None:  # it was found in the head
        rows.put_handed(Handed(rows.sealer.wrapped_root()))
    if handed.there and rows.sealer.given == rows.sealer.outside.id:
        rows.put_handed(Handed(handed.root))


def _to_the_end(rows: Rows) -> None:
    if rows.handed().back:
        last = 0
        while last := rows.rewrap(last, BATCH):
            pass
        finish(rows)


async def watch(rows: Rows, writer: Writer) -> None:
    """Take the key that another program hands us, whenever it does; until cancelled."""
    new = None
    while True:
        new = taken(rows) or new
        if new is not None:
            with suppress(StoreError):  # no room on the disk, say: tried again, and at the next start
                await rotate(rows, writer, new)
                new = None
        await asyncio.sleep(_LOOK)
