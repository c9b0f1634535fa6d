"""What the tests of Slack's listeners share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.slack.listen import create
from adapters.slack.options import Options
from adapters.slack.rate_limit import Lanes
from tests.slack.bench import BOT, SIGNING, Bench, Door, Everybody
from tests.slack.fake_api import FakeSlack
from tests.slack.records import Records


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """Yield a Slack side on loopback, with a fake Slack behind it."""
    slack = FakeSlack()
    api = await slack.start()
    door = Door()
    options = Options(
        bot_token=BOT,
        signing_secret=SIGNING,
        api_url=api,
        file_origins=(slack.origin,),
        most_bytes=2_000_000,
    )
    app = create(door=door, directory=Everybody(), store=Records(), options=options)
    app.chat.lanes = Lanes(spacing=0)
    http = web.Application()
    app.routes(http)
    await app.start()
    client = TestClient(TestServer(http))
    await client.start_server()
    yield Bench(slack, app, door, client)
    await app.stop()
    await client.close()
    await slack.server.close()
