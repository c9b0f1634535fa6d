"""``key``: a new sealing key in a file, one after another, on paper; and the public one of exports.

Whoever has a store needs the key that opens it: a new one opens nothing by itself, so no key is ever
written over another. ``rotate`` has the next one follow while everybody works.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.config import load
from bot.config.environment import KEY_BYTES, LOST
from bot.config.settings import Settings, is_database, key_of
from bot.documents import paper
from bot.exports.signing import Signer
from flows.errors import InvalidAnswer, StoreError
from storage.keys import Outside
from storage.open import Opening, open_store
from storage.open import rotate as store_rotate
from storage.seal import signing_seed

_NO_OTHER = "Choose another name."


async def public(settings: Settings) -> str:
    """Return the public key of this school's exports. Raises StoreError where there is no store."""
    store = await open_store(settings.store, key=key_of(settings), opening=Opening.LOOK)
    try:
        return Signer(signing_seed(store.root)).public
    finally:
        await store.close()


async def rotate(settings: Settings, file: Path, say: Callable[[str], None]) -> str:
    """Have the key in ``file`` open the store; return what to do then. Raises StoreError, SettingsError."""
    following, told = load.key_in(file), [""]

    def said(every: int, left: int) -> None:
        line = f"{every - left} of {every} keys inside are wrapped with the new key."
        if line != told[-1]:
            told.append(line)
            say(line)

    await store_rotate(settings.store, key=key_of(settings), new=following, said=said)
    return (
        f"Done. Now set REPORT_KEY_FILE to {file}, and start again when it suits: until then whatever runs\n"
        "goes on. With the first start with the new key the old one opens this store no more. Backups from\n"
        "before open with the old one alone: keep it as long as you keep them, then destroy it with them.\n"
    )


async def export(settings: Settings, page: Path | None, day: dt.date) -> str:
    """Return the recovery sheet of the key, or where it was written as a page.

    Raises SettingsError, or StoreError, where it is not the key that the store opens with: on paper it would
    be found out when it is too late.
    """
    if settings.sealing_key is None:
        load.refuse([f"REPORT_KEY_FILE: there is no sealing key. {LOST}"])
    if not await _opens(settings):
        load.refuse(["REPORT_KEY_FILE: another key has followed this one. Set it to the file of that."])
    kind, _, place = settings.store.partition(":")
    store = Path(place).name if kind == "tinydb" else "a database" if is_database(settings.store) else kind
    key, said = key_of(settings), f"{day:%d %B %Y}"
    if page is None:
        return paper.sheet(key, store=store, day=said)
    _write(page, paper.page(key, store=store, day=said).encode(), _NO_OTHER)
    return f"Written: {page}\nPrint it, then delete it: whoever has this file has the key.\n"


async def _opens(settings: Settings) -> bool:
    """Return whether the store opens with this key, also from now on; where there is none yet it will."""
    try:
        store = await open_store(settings.store, key=key_of(settings), opening=Opening.LOOK)
    except StoreError as error:
        if error.reference == "no-store":
            return True
        raise
    await store.close()
    return store.opens_with in ("", Outside(key_of(settings)).id)


def typed(path: Path, lines: Sequence[str]) -> str:
    """Write the key that was typed off a sheet to ``path``. Raises InvalidAnswer."""
    key = paper.key_of_lines(lines)
    _write(path, base64.b64encode(key) + b"\n", _NO_OTHER)
    return f"Written: {path}\nThis is key {Outside(key).id}: the sheet must say the same.\n"


def new(path: Path) -> str:
    """Write a new key to ``path`` and return what to do next. Raises InvalidAnswer where a file is there."""
    mend = "Choose another name. A store that is there already opens with its own key alone."
    _write(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n", mend)
    return (
        f"Written: {path}\n"
        f"Set REPORT_KEY_FILE to it, and keep a copy where the store is not: in a safe, on paper.\n"
        "Without this key nothing that was reported can ever be read again.\n"
    )


def _write(path: Path, content: bytes, mend: str) -> None:
    """Write what only its owner may read, and never over a file that is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidAnswer(
            "path", f"{path.name} is there already; no key is written over another.", mend
        ) from None
    except OSError as error:
        mend = "Choose a folder that is there and that you may write to."
        raise InvalidAnswer("path", f"{path} cannot be written ({error.strerror}).", mend) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
