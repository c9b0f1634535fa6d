"""A report goes the whole way on Slack, against a counterpart that we did not write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.slack.reporting import SCHOOL_ABUSED, report
from tests.e2e.slack.workspace import Workspace, workspace


@pytest.fixture(params=["http", "socket"])
async def school(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workspace]:
    """Yield a school on Slack, over each transport."""
    async with workspace(tmp_path, transport=request.param) as place:
        yield place


async def test_a_report_by_window(school: Workspace) -> None:
    """Command, pages, check, receipt: the card stands in the leadership channel, the reporter is told."""
    await report(school.brook, SCHOOL_ABUSED)
    assert "HPS-2026-001" in school.brook.reads_window()
    await school.settle()
    root = await school.root()
    assert "HPS-2026-001" in await school.ash.reads(school.channel)
    assert root["text"]
    assert "HPS-2026-001" in await school.brook.reads(await school.brook.open())
