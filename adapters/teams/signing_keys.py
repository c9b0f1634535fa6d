"""Microsoft's signing keys: read without stopping anybody else, kept for a day, asked for again with care.

The kit reads them with a call that stops the whole program and never times out; this takes its place.
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError
from msgspec import Struct
from yarl import URL

from adapters.teams import limits

METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"


class Key(Struct, frozen=True):
    """A key, and the channels it may speak for. The field names are those the kit reads."""

    public_key: Any
    endorsements: list[str]


#: Reads a JSON document from an address.
Read = Callable[[str], Awaitable[Any]]


class Keys:
    """The keys by id. Many may ask at once: the list is read once."""

    def __init__(
        self, read: Read, url: str = METADATA, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep how to read; read nothing yet."""
        self._read = read
        self._url = url
        self._monotonic = monotonic
        self._keys: Mapping[str, Key] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def get(self, key_id: str | None) -> Key:
        """Return a key. Raises PermissionError if there is none of that id, or none can be read."""
        if self._older_than(limits.KEYS_SECONDS):
            await self._renew(limits.KEYS_SECONDS)
        if key_id not in self._keys and self._older_than(limits.KEYS_AGAIN_SECONDS):
            await self._renew(limits.KEYS_AGAIN_SECONDS)
        key = self._keys.get(key_id or "")
        if key is None:
            raise PermissionError
        return key

    async def warm(self) -> bool:
        """Read the list ahead of the first request; return whether there are keys now."""
        try:
            await self._renew(limits.KEYS_AGAIN_SECONDS)
        except PermissionError:
            return False
        return bool(self._keys)

    def _older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at > seconds

    async def _renew(self, seconds: float) -> None:
        """Read the list, unless somebody else has just done so. Old keys stay where that fails."""
        async with self._reading:
            if not self._older_than(seconds):
                return
            try:
                told = await self._read(self._url)
                self._keys = _keys(await self._read(told["jwks_uri"]))
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
                if not self._keys:
                    raise PermissionError("no keys can be read") from error
            self._read_at = self._monotonic()


def _keys(listed: Mapping[str, Any]) -> dict[str, Key]:
    """Return the RSA keys of a key set; a key without a channel to speak for speaks for none.

    One that cannot be read is left out: it must not lock out those who sign with the others.
    """
    found = {}
    for one in listed["keys"]:
        if isinstance(one, dict) and one.get("kid"):
            endorsed = [str(channel) for channel in one.get("endorsements", [])]
            with suppress(PyJWTError, ValueError, TypeError):
                found[str(one["kid"])] = Key(RSAAlgorithm.from_jwk(json.dumps(one)), endorsed or ["none"])
    return found


def over(session: aiohttp.ClientSession) -> Read:
    """Return how to read a JSON document over HTTP."""

    async def read(url: str) -> Any:
        async with session.get(URL(url), raise_for_status=True) as response:
            return await response.json(content_type=None)

    return read
