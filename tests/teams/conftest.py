"""The connector, and what listens to Teams, started for a test and stopped after it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import Struct

from adapters.teams import listen
from adapters.teams.listen import TeamsApp
from adapters.teams.verify import Trust
from bot.directory import SchoolDirectory
from flows.ports import Store
from flows.ui.inbound import Inbound, Receipt, Reply, Show
from storage.open import open_store
from tests.adapters.samples import FORMS
from tests.fakes import FakeClock
from tests.teams.connector import APP, TENANT, Connector

#: stands for a token that is right in every way
VALID = "valid"
#: the client secret that the token endpoint takes
RIGHT = "right"


class TellingDoor:
    """A door that remembers what came in, commits nothing, and answers what it was told to."""

    def __init__(self) -> None:
        """Begin with nothing; show a page of a report by default."""
        self.came: list[Inbound] = []
        self.replies: list[Reply | Exception] = []
        self.usual: Reply = Show(FORMS["report-page"])

    async def handle(self, inbound: Inbound) -> Reply:
        """Remember it; answer."""
        self.came.append(inbound)
        reply = self.replies.pop(0) if self.replies else self.usual
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def evidence(self, *_: Any) -> None:
        """Give no files."""

    async def figures(self, *_: Any) -> None:
        """Give no figures."""


class Bot(Struct):
    """A started listener: where Teams posts to, and what stands behind it."""

    app: TeamsApp
    door: TellingDoor
    store: Store
    url: str
    session: aiohttp.ClientSession
    connector: Connector

    async def post(self, activity: dict[str, Any], *, token: str | None = VALID) -> tuple[int, Any]:
        """Post an activity as Teams does; return status and body, once everything behind it is shown."""
        sent = {**activity, "serviceUrl": activity.get("serviceUrl") and self.connector.url}
        return await self.post_raw({k: v for k, v in sent.items() if v is not None}, token=token)

    async def post_raw(self, activity: Any, *, token: str | None = VALID) -> tuple[int, Any]:
        """Post an activity with nothing changed; ``token`` None sends none."""
        said = self.connector.token() if token == VALID else token
        headers = {"Authorization": f"Bearer {said}"} if said is not None else {}
        async with self.session.post(f"{self.url}api/messages", json=activity, headers=headers) as response:
            body = (
                await response.json()
                if response.content_type == "application/json"
                else await response.text()
            )
            status = response.status
        await self.app.desk.finish()
        return status, body


@pytest.fixture(scope="session")
def signing() -> Connector:
    """Return one key pair for all tests: making one takes a moment."""
    return Connector()


@pytest.fixture
async def connector(signing: Connector) -> AsyncIterator[Connector]:
    """Give Teams' side, empty."""
    fresh = object.__new__(Connector)
    fresh.__dict__.update(signing.__dict__)
    for name in (
        "messages",
        "requests",
        "late",
        "faults",
        "blocked",
        "deleted",
        "lost",
        "peers",
        "people",
        "unseen",
    ):
        setattr(fresh, name, type(getattr(signing, name))())
    fresh.channels = {name: list(found) for name, found in signing.channels.items()}
    fresh.server = TestServer(fresh._app())
    await fresh.server.start_server()
    yield fresh
    await fresh.server.close()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give an empty store."""
    opened = await open_store("memory:", key=bytes(32))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that is told the time."""
    return FakeClock()


_unused = itertools.count()


@pytest.fixture
async def bot(connector: Connector, store: Store, clock: FakeClock) -> AsyncIterator[Bot]:
    """Give a started listener with checked tokens, before a door that tells."""
    door = TellingDoor()
    app = listen.create(
        door=door,
        directory=SchoolDirectory({}),
        store=store,
        clock=clock,
        app_id=APP,
        secret=RIGHT,
        tenant=TENANT,
        token_url=connector.at("/token"),
        keys_url=connector.at("/oid"),
        trust=Trust(app_id=APP, tenant=TENANT, dev=True),
    )
    web_app = web.Application()
    app.routes(web_app)
    await app.start()
    server = TestServer(web_app)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield Bot(app, door, store, str(server.make_url("/")), session, connector)
    await app.stop()
    await server.close()


@pytest.fixture
def receipt() -> Receipt:
    """Give a receipt that also comes as a direct message."""
    from tests.adapters.samples import RECEIPT  # noqa: PLC0415 - beside its only use

    return Receipt(RECEIPT)
