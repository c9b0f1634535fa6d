"""Figures and the report to governors of what is stored, beside a bot that may run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.config.settings import Settings
from bot.figures.files import file_of
from bot.figures.gather import figures_of, which_term
from bot.wiring import running
from flows.figures.card import as_csv, card
from flows.school import SchoolId
from flows.ui.plain_text import card_text


async def printed(settings: Settings, school: str, term: str, *, csv: bool) -> str:
    """Return the figures of a term as a person reads them, or as lines of CSV."""
    async with running(settings, speaking=False) as bot:
        schools = bot.context.directory.schools
        chosen = schools[SchoolId(school)] if school else next(iter(schools.values()))
        found = await figures_of(bot.context, chosen, which_term(bot.context, chosen, term))
        return as_csv(found).strip() if csv else card_text(card(found, chosen.prefix, latest=True))


async def written(settings: Settings, school: str, term: str, into: Path) -> list[Path]:
    """Write the report of a term into a folder; return its files."""
    async with running(settings, speaking=False) as bot:
        schools = bot.context.directory.schools
        chosen = schools[SchoolId(school)] if school else next(iter(schools.values()))
        found = which_term(bot.context, chosen, term)
        made = [await file_of(bot.context, chosen, found, what) for what in ("html", "pdf")]
    paths = [into / name for name, _ in made]
    for path, (_, content) in zip(paths, made, strict=True):
        await asyncio.to_thread(path.write_bytes, content)
    return paths
