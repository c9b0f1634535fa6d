"""Looks into what is stored, for the command line: cases, digest, who saw what, and a try of a channel.

Each opens the store, says what it found, and closes it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import audit
from bot.config.settings import Settings
from bot.context import AppContext
from bot.digest import reminded, rows_for
from bot.reached import unopened
from bot.rehearsal.running import standing
from bot.wiring import running
from flows.calendar import iso_week
from flows.messages.digest import Week, digest
from flows.messages.rehearsal.standing import card
from flows.model import CaseSummary
from flows.school import Platform, School, SchoolId
from flows.ui.plain_text import card_text
from flows.words import say


async def list_cases(settings: Settings, school: str = "") -> str:
    """Return a school's open cases as text, for its administrator: counts and states, no contents."""
    async with running(settings, speaking=False) as bot:
        chosen = _school(bot.context, school)
        return await _digest(bot.context, chosen, await bot.context.store.cases(chosen.id))


async def show_digest(settings: Settings, school: str = "") -> str:
    """Return this week's digest as text, as the leadership channel would see it."""
    async with running(settings, speaking=False) as bot:
        chosen = _school(bot.context, school)
        rows = await rows_for(bot.context, chosen, bot.context.now())
        return await _digest(bot.context, chosen, [row for row in rows if not row.restricted])


async def _digest(context: AppContext, school: School, rows: Sequence[CaseSummary]) -> str:
    now, waiting = context.now(), await unopened(context, rows)
    about = Week(
        week=iso_week(now, school), due=now, unopened=waiting, reminded=await reminded(context, rows)
    )
    return card_text(digest(rows, school, now, about))


async def show_rehearsal(settings: Settings, school: str = "") -> str:
    """Return how a rehearsal stands, as whoever administers the bot sees it in chat."""
    async with running(settings, speaking=False) as bot:
        chosen = _school(bot.context, school)
        found = await standing(bot.context, chosen.id)
        return card_text(card(found, chosen)) if found is not None else say("rehearsal.none")


async def show_audit(settings: Settings, school: str = "", reference: str = "") -> str:
    """Return who saw what of a school, or of one case, as lines."""
    async with running(settings, speaking=False) as bot:
        return await audit.who_saw_what(bot.context, _school(bot.context, school), reference)


async def try_channel(settings: Settings, school: str, channel: str) -> list[tuple[bool, str, str]]:
    """Return what came of posting, changing and answering a message in a Teams channel."""
    from adapters.teams import check  # noqa: PLC0415 - only where it is asked for
    from adapters.teams.send import TeamsChat  # noqa: PLC0415 - likewise

    async with running(settings) as bot:
        chat = bot.context.chats.get(Platform.TEAMS)
        if not isinstance(chat, TeamsChat):
            return [(False, "Teams is not configured", "Set TEAMS_APP_ID and what belongs to it")]
        return await check.try_channel(chat, _school(bot.context, school), channel)


def _school(context: AppContext, wanted: str) -> School:
    schools = context.directory.schools
    if wanted:
        return schools[SchoolId(wanted)]
    return next(iter(schools.values()))
