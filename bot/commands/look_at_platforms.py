"""What ``check`` finds on the platforms that are configured: token, permissions, places, people."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from bot.clock import SystemClock, new_id
from bot.config.settings import Settings
from bot.context import AppContext
from bot.directory import SchoolDirectory, leadership_people
from bot.findings import Finding, findings
from bot.wiring import Running, add_slack, add_teams, slack_options
from flows.policy.engine import default_policy
from flows.school import School, SchoolId
from storage.open import open_store


async def look(settings: Settings, schools: Mapping[SchoolId, School]) -> list[Finding]:
    """Return what the configured platforms say of themselves: token, permissions, places, people."""
    found: list[Finding] = []
    expected = {str(school.id): leadership_people(school) for school in schools.values()}
    async with AsyncExitStack() as stack:
        store = await open_store("memory:", key=bytes(32))
        stack.push_async_callback(store.close)
        directory = SchoolDirectory(schools)
        context = AppContext(
            store=store,
            directory=directory,
            clock=SystemClock(),
            policy=default_policy(),
            chats={},
            new_id=new_id,
        )
        bot = Running(context, directory)
        if settings.slack is not None:
            from adapters.slack import check  # noqa: PLC0415 - only where it is configured

            slack = await add_slack(settings.slack, bot, stack)
            options = slack_options(settings.slack)
            lines = await check.checks(
                chat=slack.chat,
                staff=slack.staff,
                options=options,
                schools=list(schools.values()),
                expected=expected,
            )
            found += findings(lines)
        if settings.teams is not None:
            from adapters.teams import check as teams_check  # noqa: PLC0415 - only where it is configured

            teams = await add_teams(settings, settings.teams, bot, stack)
            found += findings(
                await teams_check.checks(app=teams, schools=list(schools.values()), expected=expected)
            )
    return found
