"""Every variant of the app's manifest, against Microsoft's own schema of its version."""

from __future__ import annotations

import asyncio
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from adapters.teams.manifest import VERSION, manifest
from tests.e2e.slack.emulated import NODE

HERE = Path(__file__).parent
APP = "11111111-1111-1111-1111-111111111111"
VARIANTS = [
    {"host": host, "school": school, "private_channels": private}
    for host, school, private in product(
        ("", "bot.school.example"),
        ("", "St Somebody's Church of England Primary School and Nursery"),
        (False, True),
    )
]


async def checked(folder: Path, *manifests: dict[str, Any]) -> tuple[int, str]:
    """Check manifests; return how it ended and what was said."""
    paths = [folder / f"{n}.json" for n in range(len(manifests))]
    for path, content in zip(paths, manifests, strict=True):
        path.write_text(json.dumps(content))
    made = await asyncio.create_subprocess_exec(
        NODE, HERE / "manifest.mjs", *paths, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await made.communicate()
    return made.returncode or 0, out.decode()


async def test_every_variant_is_one_that_teams_takes(tmp_path: Path) -> None:
    """No property that the version does not know, nothing too long, nothing missing."""
    made = [manifest(APP, **variant) for variant in VARIANTS]  # type: ignore[arg-type]
    assert await checked(tmp_path, *made) == (0, f"ok {len(VARIANTS)}\n")
    assert tuple(map(int, VERSION.split("."))) >= (1, 25), "private channels came with 1.25"


@pytest.mark.parametrize(
    "wrong",
    [
        {"manifestVersion": "1.19"},
        {"supportsChannelFeatures": "tier9"},
        {"bots": [{"botId": APP}]},
        {"surprise": True},
        {"icons": {}},
    ],
)
async def test_a_wrong_manifest_is_noticed(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """The schema finds what it is there for; the private channels of an older version among it."""
    made = {**manifest(APP, private_channels=True), **wrong}
    ended, said = await checked(tmp_path, made)
    assert (ended, "0.json" in said) == (1, True)
