"""Whatever the program writes is for its owner's eyes only, also where it was loosened before."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands import init, key
from bot.config import load
from bot.config.settings import SAMPLE_SCHOOL, Settings
from bot.wiring import running
from storage.embedded.backup import back_up, restore
from storage.seal import Sealer
from tests.set_up.test_init import ANSWERS


@pytest.fixture(autouse=True)
def open_hearted() -> Iterator[None]:
    """Have the machine give everybody every right, unless told otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def loose(folder: Path) -> list[str]:
    """Return what others may read or write."""
    return [str(one) for one in folder.rglob("*") if one.stat().st_mode & 0o077]


async def test_all_that_is_written_is_the_owners_alone(tmp_path: Path) -> None:
    """The try-out with its key, store, head, lock, messages and files; a backup; what was there before it."""
    folder = tmp_path / "var"
    settings = load.for_trying_out(Settings(school=SAMPLE_SCHOOL), folder)
    assert settings.sealing_key is not None
    path, sealer = folder / "reports.db", Sealer(settings.sealing_key.reveal())
    async with running(settings) as bot:
        await bot.context.store.put_file(next(iter(bot.directory.schools)), b"abc")
        assert len(loose(tmp_path)) == 0
        back_up(path, sealer, tmp_path / "b")
    restore(path, sealer, tmp_path / "b")
    assert loose(tmp_path) == []
    for one in folder.rglob("reports*"):
        one.chmod(0o777)
    async with running(settings):
        left = [one for one in loose(folder) if ".before-" not in one and not one.endswith(".lock")]
        assert left == []


def test_what_is_written_for_setting_up_is_the_owners_alone(tmp_path: Path) -> None:
    """The school's file holds names and numbers of people; the key opens everything."""
    key.new(tmp_path / "sealing.key")
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS, "utf-8")
    answers.chmod(0o600)
    init.run(tmp_path / "school.toml", answers=answers, force=False, out=io.StringIO())
    assert loose(tmp_path) == []
