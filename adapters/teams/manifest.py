"""The app as Teams installs it: ``manifest.json`` and two icons in a zip. Pure.

Asked for: a personal chat and a place in a team, and files in the chat. Not asked for: any
permission to read a channel's messages or anything else of the team (RSC), because @mentions, chats
and buttons need none. Format: https://learn.microsoft.com/microsoft-365/extensibility/schema/
"""

from __future__ import annotations

import io
import json
import struct
import uuid
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from adapters.teams import limits
from adapters.teams.parse import ADD_TO_CASE, REPORT_THIS
from flows.words import say

Json = dict[str, Any]

#: The first version that knows apps in private channels; held against Microsoft's own schema in the tests.
VERSION = "1.25"
_ACCENT = (0x2B, 0x5C, 0x8A)
#: The moment that stands in the zip: the same input gives the same bytes.
_WHEN = (2026, 1, 1, 0, 0, 0)


def manifest(
    app_id: str,
    *,
    version: str = "1.0.0",
    host: str = "",
    school: str = "",
    website: str = "https://school.example",
    private_channels: bool = False,
) -> Json:
    """Return the manifest. ``app_id`` is the bot's id in Entra; ``host`` our own address, without a path.

    ``private_channels`` only after the live test of ``docs/teams.md``: support differs between tenants.
    """
    made: Json = {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": version,
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"report-posting/{app_id}")),
        "developer": {
            "name": (school or say("teams.manifest.name"))[:32],
            "websiteUrl": website,
            "privacyUrl": website,
            "termsOfUseUrl": website,
        },
        "name": {"short": say("teams.manifest.name"), "full": say("teams.manifest.name_full")},
        "description": {
            "short": say("teams.manifest.description"),
            "full": say("teams.manifest.description_full"),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": f"#{bytes(_ACCENT).hex().upper()}",
        "bots": [_bot(app_id)],
        "composeExtensions": [_actions(app_id)],
        # Nothing of the team is asked for: @mentions, chats and buttons need no such permission.
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host] if host else [],
    }
    if private_channels:
        made["supportsChannelFeatures"] = "tier1"
    return made


def _bot(app_id: str) -> Json:
    everybody = ("report", "status", "help")
    leaders = ("help", "cases", "case", "digest")
    own = ("cases", "find", "case", "digest", "home")
    return {
        "botId": app_id,
        "scopes": ["personal", "team"],
        "supportsFiles": True,
        "isNotificationOnly": False,
        "commandLists": [
            {"scopes": ["personal"], "commands": [_command(name) for name in (*everybody, *own)]},
            {"scopes": ["team"], "commands": [_command(name) for name in leaders]},
        ],
    }


def _command(name: str) -> Json:
    title = "report-posting" if name == "report" else name
    return {"title": title, "description": say(f"teams.manifest.{name}")}


def _actions(app_id: str) -> Json:
    def action(command: str, name: str) -> Json:
        return {
            "id": command,
            "type": "action",
            "title": say(f"teams.manifest.{name}"),
            "description": say(f"teams.manifest.{name}_why"),
            "context": ["message"],
            "fetchTask": True,
        }

    return {
        "botId": app_id,
        "commands": [action(REPORT_THIS, "report_this"), action(ADD_TO_CASE, "add_to_case")],
    }


def package(
    app_id: str,
    *,
    version: str = "1.0.0",
    host: str = "",
    school: str = "",
    website: str = "https://school.example",
    private_channels: bool = False,
) -> bytes:
    """Return the app's zip, ready to upload: the manifest and both icons at its top."""
    made = manifest(
        app_id, version=version, host=host, school=school, website=website, private_channels=private_channels
    )
    files = {
        "manifest.json": json.dumps(made, indent=2, ensure_ascii=False).encode(),
        "color.png": colour_icon(),
        "outline.png": outline_icon(),
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content)
    return whole.getvalue()


def colour_icon() -> bytes:
    """Return the app's icon: a speech bubble with a tick, white on the accent colour."""
    size = limits.ICON_COLOUR

    def pixel(x: int, y: int) -> tuple[int, int, int, int]:
        white = _bubble(x / size, y / size) and not _tick(x / size, y / size)
        return (255, 255, 255, 255) if white else (*_ACCENT, 255)

    return png(size, pixel)


def outline_icon() -> bytes:
    """Return the icon for Teams' side bar: white on nothing, as Teams asks."""
    size = limits.ICON_OUTLINE

    def pixel(x: int, y: int) -> tuple[int, int, int, int]:
        drawn = _bubble(x / size, y / size) and not _tick(x / size, y / size)
        return (255, 255, 255, 255 if drawn else 0)

    return png(size, pixel)


def _bubble(x: float, y: float) -> bool:
    """Return whether a point (0 to 1 each way) is in the bubble: a rounded box with a tail."""
    corner, (left, top, right, bottom) = 0.12, (0.16, 0.18, 0.84, 0.70)
    dx = max(left + corner - x, x - (right - corner), 0.0)
    dy = max(top + corner - y, y - (bottom - corner), 0.0)
    box = dx * dx + dy * dy <= corner * corner
    return box or _near(x, y, (0.34, 0.66), (0.30, 0.80))


def _tick(x: float, y: float) -> bool:
    """Return whether a point is on the tick inside the bubble."""
    return _near(x, y, (0.34, 0.45), (0.45, 0.56)) or _near(x, y, (0.45, 0.56), (0.67, 0.33))


def _near(x: float, y: float, start: tuple[float, float], end: tuple[float, float]) -> bool:
    (ax, ay), (bx, by) = start, end
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    along = min(max(along, 0.0), 1.0)
    return (x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2 <= 0.045**2


def png(size: int, pixel: Callable[[int, int], tuple[int, int, int, int]]) -> bytes:
    """Return a square picture as PNG, eight bits for each of red, green, blue and opacity.

    https://www.w3.org/TR/png-3/ - every line begins with its filter (0 = none).
    """
    lines = b"".join(b"\x00" + bytes(part for x in range(size) for part in pixel(x, y)) for y in range(size))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    packed = zlib.compress(lines, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
