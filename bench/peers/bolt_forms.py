"""Bolt as its own documentation writes it, with a window's answers kept in the three ways people reach for.

None of them knows a question, a policy or a second delivery; nothing they keep is sealed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from tinydb import Query, TinyDB

from bench.slack_side import BOT, SIGNING

#: takes what a window holds, and who sent it; returns once it is kept
Keep = Callable[[str, dict[str, Any]], None]
ROW = "insert into answers values (?, ?) on conflict (who) do update set answers = excluded.answers"
#: as much as a half-written report holds
DOCUMENT = {f"field:{n}": {"value": {"type": "plain_text_input", "value": "as most are"}} for n in range(9)}


def nothing(_: Path, __: int) -> Keep:
    """Keep nothing: acknowledge, and that is all."""
    return lambda *_: None


def json_in_sqlite(folder: Path, documents: int) -> Keep:
    """Keep the answers as JSON in a row of the person's own, durably, beside so many others."""
    file = sqlite3.connect(folder / "answers.db", isolation_level=None)
    file.execute("pragma journal_mode=wal")
    file.execute("pragma synchronous=full")
    file.execute("create table answers (who text primary key, answers text)")
    file.execute("begin")
    file.executemany(ROW, ((f"U-{n}", json.dumps(DOCUMENT)) for n in range(documents)))
    file.execute("commit")

    def keep(who: str, values: dict[str, Any]) -> None:
        file.execute(ROW, (who, json.dumps(values)))

    return keep


def stock_tinydb(folder: Path, documents: int) -> Keep:
    """Keep the answers in TinyDB as it is installed, beside so many others."""
    file = TinyDB(folder / "answers.json")
    file.insert_multiple({"who": f"U-{n}", "answers": DOCUMENT} for n in range(documents))

    def keep(who: str, values: dict[str, Any]) -> None:
        file.upsert({"who": who, "answers": values}, Query().who == who)

    return keep


def app(api_url: str, keep: Keep, *, at_once: bool) -> AsyncApp:
    """Return the app. ``at_once`` = ``process_before_response``: it does not poll for the acknowledgement."""
    made = AsyncApp(
        token=BOT,
        signing_secret=SIGNING,
        client=AsyncWebClient(base_url=api_url, token=BOT),
        process_before_response=at_once,
    )

    @made.view("form")
    async def take(ack: Callable[[], Awaitable[Any]], body: dict[str, Any], view: dict[str, Any]) -> None:
        keep(body["user"]["id"], view["state"]["values"])
        await ack()

    return made
