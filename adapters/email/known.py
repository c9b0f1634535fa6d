"""What is remembered of an e-mail that went out: which send it is, should it come back; and for how long.

Where several processes share the store, what came back waits in it as well: in one record, which a worker
reads as often as others look into a folder.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct

from adapters.email import limits
from flows.ports import Store
from flows.school import Platform, SchoolId

#: Under this name, and a message's number, the store remembers it.
SENT = "message/"
#: Under this one lie the numbers of those that came back and were not seen to yet.
_WAITING = "came back"
_numbers = msgspec.json.Decoder(list[str]).decode


class Known(Struct, frozen=True):
    """Which send an e-mail is, and of which school ("" = it is not known: an older version kept it)."""

    key: str
    school: SchoolId


async def remember(store: Store, number: str, known: Known, at: dt.datetime) -> None:
    """Remember that a message of this number is a send."""
    words = f"{at.isoformat()}\n{known.school}\n{known.key}"
    await store.put_record(Platform.EMAIL, f"{SENT}{number}", words.encode())


async def known_as(store: Store, number: str) -> Known | None:
    """Return which send a message is; None = none that we remember."""
    kept = await store.record(Platform.EMAIL, f"{SENT}{number}")
    if kept is None:
        return None
    *before, key = kept.decode().split("\n")
    return Known(key, SchoolId(before[1] if len(before) > 1 else ""))


async def forget(store: Store, now: dt.datetime) -> int:
    """Forget what is too old to come back; return how many. What says not since when counts from now on."""
    gone = 0
    for name in await store.records(Platform.EMAIL, SENT):
        since, line, key = (await store.record(Platform.EMAIL, name) or b"").decode().partition("\n")
        if not line:
            known = Known(since or key, SchoolId(""))
            await remember(store, name.removeprefix(SENT), known, now)
        elif now - dt.datetime.fromisoformat(since) >= limits.KNOWN_FOR:
            await store.remove_record(Platform.EMAIL, name)
            gone += 1
    return gone


async def leave(store: Store, number: str) -> bool:
    """Leave that a message failed where a worker looks for it; False = it is none that we remember."""
    if await known_as(store, number) is None:
        return False
    await _change(store, add={number})
    return True


async def waiting(store: Store) -> list[str]:
    """Return the numbers of messages that came back and were not seen to yet."""
    kept = await store.record(Platform.EMAIL, _WAITING)
    return _numbers(kept) if kept is not None else []


async def seen_to(store: Store, number: str) -> None:
    """Let one wait no more."""
    await _change(store, drop={number})


async def _change(store: Store, *, add: set[str] | None = None, drop: set[str] | None = None) -> None:
    """Change which wait, whoever else does meanwhile."""
    while True:
        kept = await store.record(Platform.EMAIL, _WAITING)
        now = set(_numbers(kept) if kept is not None else ()) | (add or set())
        content = msgspec.json.encode(sorted(now - (drop or set())))
        if await store.replace_record(Platform.EMAIL, _WAITING, content, before=kept):
            return
