"""Whatever has to be known of a block or a platform is there, or a test says where it is missing."""

from __future__ import annotations

import tomllib
from typing import get_args

import pytest

from bot.school_file.parse import ACCOUNTS, CHANNELS, WORKSPACES
from flows.school import MAILED, Platform
from flows.ui.cards import Block
from flows.words import known
from tests.adapters.samples import BLOCKS
from tests.source import PLATFORMS, ROOT, imports

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
#: Which suites a platform's tests inherit from, and what they then prove; fewer where nothing can be pressed.
SUITES = {
    False: ("RenderContract", "ChatContract", "ClassificationContract"),
    True: ("CardContract", "PeopleContract", "ClassificationContract"),
}


def test_every_block_has_a_sample() -> None:
    """Every kind of block is drawn by the suite that each renderer runs."""
    sampled = {type(block) for card in BLOCKS.values() for block in card.blocks}
    missing = [kind.__name__ for kind in get_args(Block) if kind not in sampled]
    assert missing == [], "add a card with it to BLOCKS of tests/adapters/sample_cards.py"


def test_every_platform_has_its_folder_and_its_word() -> None:
    """A folder of adapters/ is a Platform, and each has its folder."""
    assert set(PLATFORMS) == set(Platform), "name it in Platform of flows/school.py"


@pytest.mark.parametrize(
    ("platform", "suite"), [(name, suite) for name in PLATFORMS for suite in SUITES[Platform(name) in MAILED]]
)
def test_every_platform_runs_the_suites(platform: str, suite: str) -> None:
    """What every platform must keep to is tried on each of them."""
    files = sorted((ROOT / "tests" / platform).glob("test_*.py"))
    heard = [file.name for file in files if f"({suite})" in file.read_text("utf-8")]
    assert heard, f"inherit from {suite} in a test of tests/{platform}/"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_is_known_to_the_program(platform: str) -> None:
    """What its ids look like, what it is called, and that it is started."""
    places = (("CHANNELS", CHANNELS), ("WORKSPACES", WORKSPACES)) if Platform(platform) not in MAILED else ()
    for name, shapes in (("ACCOUNTS", ACCOUNTS), *places):
        assert Platform(platform) in shapes, f"{name} of bot/school_file/parse.py says what an id looks like"
    assert known(f"place.on.{platform}"), "name it under [place.on] in flows/words/en/messages.toml"
    started = any(name.startswith(f"adapters.{platform}") for name in imports(ROOT / "bot/wiring.py"))
    assert started, f"bot/wiring.py starts {platform} where it is configured"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["name"][:40])
def test_a_contract_on_platforms_is_one_on_all_of_them(contract: dict[str, list[str]]) -> None:
    """Where one platform is named, every other is; a kit's contract leaves out the one whose it is."""
    named = {*contract.get("modules", ()), *contract.get("source_modules", ())}
    held = {name for name in PLATFORMS if f"adapters.{name}" in named}
    left_out = set(PLATFORMS) - held if held else set()
    most = 1 if "source_modules" in contract else 0
    assert len(left_out) <= most, f"of {sorted(left_out)} name all, but whose kit it is, in pyproject.toml"
