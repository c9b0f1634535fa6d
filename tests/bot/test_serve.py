"""Serving: what is so only while the bot runs."""

from __future__ import annotations

import asyncio
import contextlib
import gc

from bot.config.settings import SAMPLE_SCHOOL, Settings
from bot.serving import serve


async def test_what_was_made_at_the_start_is_not_searched_again() -> None:
    """The collector leaves it alone while people wait, and everything is as it was once we have stopped."""
    gc.unfreeze()  # Python 3.12 begins with some of its own left alone
    serving = asyncio.create_task(serve(Settings(school=SAMPLE_SCHOOL, try_out=True, port=0)))
    async with asyncio.timeout(30):
        while not gc.get_freeze_count() and not serving.done():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)
    assert not serving.done()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    assert gc.get_freeze_count() == 0
