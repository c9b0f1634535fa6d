"""The workspace's own description for a browser, should somebody keep it on a home screen. Pure."""

from __future__ import annotations

from typing import Any

from flows.words import say


def manifest() -> dict[str, Any]:
    """Return the web app manifest (https://www.w3.org/TR/appmanifest/)."""
    return {
        "name": say("web.title"),
        "short_name": say("web.bot"),
        "start_url": "/",
        "display": "browser",
        "icons": [{"src": "/static/mark.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
