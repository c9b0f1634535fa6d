"""What the end-to-end tests on Slack share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.slack.workspace import Workspace, workspace


@pytest.fixture(params=["http", "socket"])
async def school(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workspace]:
    """Yield a school on Slack, over each transport."""
    async with workspace(tmp_path, transport=request.param) as place:
        yield place


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Workspace]:
    """Yield a school on Slack, over HTTP."""
    async with workspace(tmp_path) as made:
        yield made
