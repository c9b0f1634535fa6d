"""Requests and what was made of them, beside the cases: each goes when done with, or its time is over."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from bot.context import AppContext
from flows.errors import StoreError
from flows.model import Document
from flows.school import Platform
from flows.subject.request import Request

_decoder = msgspec.json.Decoder(Request)
#: under which names they are stored
_REQUEST, _FILE = "subject/", "subject-file/"
_SWEEP_SECONDS = 3600.0


class Shelf:
    def __init__(self, context: AppContext) -> None:
        self._context = context

    async def run(self) -> None:
        """Take away what nobody goes on with, once an hour, until cancelled."""
        while True:
            with suppress(StoreError):  # the next hour will do
                await self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Take away every request whose time is over, and files that no request has."""
        store = self._context.store
        have: set[str] = set()
        for key in await store.records(Platform.WEB, _REQUEST):
            request = await self.kept(key.removeprefix(_REQUEST))
            have |= {one.sha256 for one in request.made} if request is not None else set()
        for key in await store.records(Platform.WEB, _FILE):
            if key.removeprefix(_FILE) not in have:
                await store.remove_record(Platform.WEB, key)

    async def kept(self, name: str) -> Request | None:
        """Return a request; one whose time is over is taken away instead."""
        kept = await self._context.store.record(Platform.WEB, f"{_REQUEST}{name}")
        request = _decoder.decode(kept) if kept is not None else None
        if request is not None and self._context.now() >= request.over:
            await self.forget(request)
            return None
        return request

    async def keep(self, request: Request) -> Request:
        """Store a request as it is now; what was made of what it was before goes."""
        before = await self.kept(request.id)
        touched = replace(request, touched=self._context.now())
        content = msgspec.json.encode(touched)
        await self._context.store.put_record(Platform.WEB, f"{_REQUEST}{request.id}", content)
        for one in before.made if before is not None else ():
            if one not in touched.made:
                await self._context.store.remove_record(Platform.WEB, f"{_FILE}{one.sha256}")
        return touched

    async def put(self, document: Document, content: bytes) -> None:
        """Store what was made, until its request goes."""
        await self._context.store.put_record(Platform.WEB, f"{_FILE}{document.sha256}", content)

    async def file(self, document: Document) -> bytes | None:
        """Return what was made."""
        return await self._context.store.record(Platform.WEB, f"{_FILE}{document.sha256}")

    async def forget(self, request: Request) -> None:
        """Take away a request and what was made of it."""
        for one in request.made:
            await self._context.store.remove_record(Platform.WEB, f"{_FILE}{one.sha256}")
        await self._context.store.remove_record(Platform.WEB, f"{_REQUEST}{request.id}")
