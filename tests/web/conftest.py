"""A running workspace for each test: the real application and chat, a small door, an invented school."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from adapters.web.guard import Keys
from adapters.web.listen import create_app
from adapters.web.send import WebChat
from tests.fakes import FakeClock
from tests.web.door import TestDoor
from tests.web.places import OneSchool, members
from tests.web.reading import Reading


class Visitor:
    """A browser without script, as far as requests go."""

    def __init__(self, client: TestClient[Request, Application], door: TestDoor, chat: WebChat) -> None:
        self.client = client
        self.door = door
        self.chat = chat
        self.keys = Keys(chat.secret())
        self.origin = f"http://127.0.0.1:{client.port}"

    async def get(self, path: str, **more: Any) -> ClientResponse:
        """Ask for a page."""
        return await self.client.get(path, allow_redirects=False, **more)

    async def page(self, path: str) -> Reading:
        """Return a page that must be there."""
        answer = await self.get(path)
        assert answer.status == 200, path
        return Reading(await answer.text())

    async def post(
        self,
        verb: str,
        *,
        account: str = "kit",
        place: str = "dm",
        key: str = "",
        headers: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
        **fields: str | list[str],
    ) -> ClientResponse:
        """Send a form as a page of ours would. A field's ``__`` stands for the dot in its name."""
        pairs = [("place", place), ("key", key or self.keys.mint(account))]
        for name, values in fields.items():
            pairs += [
                (name.replace("__", "."), v) for v in (values if isinstance(values, list) else [values])
            ]
        form = FormData(pairs, default_to_multipart=bool(files), quote_fields=False)
        for name, (filename, content) in (files or {}).items():
            form.add_field(name, content, filename=filename)
        return await self.client.post(
            f"/w/{account}/{verb}",
            data=form,
            headers={"Origin": self.origin} | (headers or {}),
            allow_redirects=False,
        )


@pytest.fixture
def door() -> TestDoor:
    """Give a door that answers what it is told to."""
    return TestDoor()


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
async def visit(door: TestDoor, clock: FakeClock) -> AsyncIterator[Visitor]:
    """Give a visitor to a running workspace."""
    chat = WebChat(":memory:", members=members, clock=clock)
    app = create_app(door=door, chat=chat, directory=OneSchool(), clock=clock)
    async with TestClient(TestServer(app)) as client:
        yield Visitor(client, door, chat)
    chat.close()
