"""Every golden message, window and home tab, and every manifest, against Slack's own TypeScript types."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from adapters.slack.manifest import manifest
from tests.e2e.slack.emulated import HERE, NODE

GOLDEN = HERE.parents[1] / "slack/golden"


async def types(*files: Path) -> tuple[int, str]:
    """Type-check the files; return how it ended and what was said."""
    made = await asyncio.create_subprocess_exec(
        NODE, HERE / "types.mjs", *files, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await made.communicate()
    return made.returncode or 0, out.decode()


async def test_golden_payloads_have_slacks_types() -> None:
    """No unknown property, no wrong kind of text, no block where it may not stand."""
    files = sorted(GOLDEN.glob("*.json"))
    assert len(files) > 100
    assert await types(*files) == (0, f"ok {len(files)}\n")


async def test_every_manifest_have_slacks_types(tmp_path: Path) -> None:
    """Every scope, event and setting is one that Slack knows."""
    made = {
        "http": manifest(base_url="https://bot.school.example", socket=False),
        "many": manifest(base_url="https://bot.school.example", socket=False, many=True),
        "socket": manifest(base_url=None, socket=True),
    }
    paths = [tmp_path / f"manifest-{name}.json" for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_text(json.dumps(content))
    assert await types(*paths) == (0, "ok 3\n")


async def test_wrong_payloads_are_noticed(tmp_path: Path) -> None:
    """The types find what they are there for."""
    button = {"type": "button", "action_id": "x", "text": {"type": "mrkdwn", "text": "x"}}
    wrong = {
        "button.json": {"blocks": [{"type": "actions", "elements": [button]}]},
        "unknown.json": {"blocks": [{"type": "divider", "disabled": True}]},
        "strange.json": {"blocks": [{"type": "marquee"}]},
        "manifest-scope.json": {"oauth_config": {"scopes": {"bot": ["files:reed"]}}},
        "manifest-event.json": {"settings": {"event_subscriptions": {"bot_events": ["app_home_openned"]}}},
    }
    for name, content in wrong.items():
        (tmp_path / name).write_text(json.dumps(content))
        ended, said = await types(tmp_path / name)
        assert (ended, name in said) == (1, True), (name, said)
