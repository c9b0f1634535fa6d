"""What is remembered of an e-mail that went out: which send it is, should it come back; and for how long."""

from __future__ import annotations

import datetime as dt

from adapters.email import limits
from flows.ports import Store
from flows.school import Platform

#: Under this name, and a message's number, the store remembers it.
SENT = "message/"


async def remember(store: Store, number: str, key: str, at: dt.datetime) -> None:
    """Remember that a message of this number is the send of this key."""
    await store.put_record(Platform.EMAIL, f"{SENT}{number}", f"{at.isoformat()}\n{key}".encode())


async def key_of(store: Store, number: str) -> str:
    """Return which send a message is, "" = none that we remember."""
    kept = await store.record(Platform.EMAIL, f"{SENT}{number}")
    return kept.decode().rpartition("\n")[2] if kept is not None else ""


async def forget(store: Store, now: dt.datetime) -> int:
    """Forget what is too old to come back; return how many. What says not since when counts from now on."""
    gone = 0
    for name in await store.records(Platform.EMAIL, SENT):
        since, line, key = (await store.record(Platform.EMAIL, name) or b"").decode().partition("\n")
        if not line:
            await remember(store, name.removeprefix(SENT), since or key, now)
        elif now - dt.datetime.fromisoformat(since) >= limits.KNOWN_FOR:
            await store.remove_record(Platform.EMAIL, name)
            gone += 1
    return gone
