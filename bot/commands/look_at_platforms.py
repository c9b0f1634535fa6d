"""What ``check`` finds on the platforms that are configured: token, permissions, places, people."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from bot.clock import SystemClock, new_id
from bot.config.settings import Settings, SlackSettings
from bot.context import AppContext
from bot.directory import SchoolDirectory, leadership_people
from bot.findings import Finding, State, findings
from bot.wiring import Running, add_email, add_slack, add_teams, slack_options
from flows.errors import PlatformError
from flows.policy.engine import default_policy
from flows.ports import Store
from flows.school import PersonId, School, SchoolId
from storage.open import open_store


async def look(
    settings: Settings,
    schools: Mapping[SchoolId, School],
    *,
    send_test: str = "",
    heard: Store | None = None,
) -> list[Finding]:
    """Return what the configured platforms say of themselves: token, permissions, places, people.

    ``send_test`` = send this person an e-mail. ``heard`` = what is known of those who have spoken to us.
    """
    found: list[Finding] = []
    async with AsyncExitStack() as stack:
        store = await open_store("memory:", key=bytes(32))
        stack.push_async_callback(store.close)
        directory = SchoolDirectory(schools)
        bot = Running(context_of(heard or store, directory), directory)
        if settings.slack is not None:
            found += await _slack(settings.slack, schools, bot, stack)
        if settings.teams is not None:
            from adapters.teams import check as teams_check  # noqa: PLC0415 - only where it is configured

            teams = await add_teams(settings, settings.teams, bot, stack)
            found += findings(
                await teams_check.checks(
                    app=teams, schools=list(schools.values()), expected=_expected(schools)
                )
            )
        found += await _email(settings, schools, bot, send_test)
    return found


def context_of(store: Store, directory: SchoolDirectory) -> AppContext:
    """Return what a platform needs to be looked at, and nothing that is ours to keep."""
    return AppContext(
        store=store,
        directory=directory,
        clock=SystemClock(),
        policy=default_policy(),
        chats={},
        new_id=new_id,
        signing_seed=bytes(32),
    )


async def _slack(
    own: SlackSettings, schools: Mapping[SchoolId, School], bot: Running, stack: AsyncExitStack
) -> list[Finding]:
    from adapters.slack import check  # noqa: PLC0415 - only where it is configured

    try:
        slack = await add_slack(own, bot, stack)
    except PlatformError as error:  # it would not start; what else is to be said is said all the same
        return findings([(False, f"Slack token: {error.message.removesuffix('.')}", error.hint)])
    lines = await check.checks(
        chat=slack.chat,
        staff=slack.staff,
        options=slack_options(own),
        schools=list(schools.values()),
        expected=_expected(schools),
    )
    return findings(lines)


def _expected(schools: Mapping[SchoolId, School]) -> dict[str, frozenset[PersonId]]:
    """Return who should be in each school's leadership channel."""
    return {str(school.id): leadership_people(school) for school in schools.values()}


async def _email(
    settings: Settings, schools: Mapping[SchoolId, School], bot: Running, send_test: str
) -> list[Finding]:
    if settings.email is None:
        no_mail = "--send-test: e-mail is not configured. Set EMAIL_SERVER."
        return [Finding(State.WRONG, no_mail)] if send_test else []
    from adapters.email import check  # noqa: PLC0415 - only where it is configured

    app = add_email(settings, settings.email, bot)
    lines = await check.checks(app)
    if send_test:
        people = (school.people.get(PersonId(send_test)) for school in schools.values())
        address = next((person.email for person in people if person and person.email), "")
        nobody = (False, f'--send-test: nobody is called "{send_test}" and has an e-mail address', "")
        lines += await check.try_out(app, send_test, address) if address else [nobody]
    return findings(lines)
