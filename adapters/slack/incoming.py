"""Whether what is posted to us as Slack's can be read at all, before anything in it is believed."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_bolt_request
from slack_bolt.request.async_request import AsyncBoltRequest

#: a moment, in seconds, for some thousand years
_MOMENT = re.compile(r"[0-9]{1,11}")


async def readable(request: web.Request) -> AsyncBoltRequest | int:
    """Return the request as the library wants it, or the status of one that is broken or not signed."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "0")
    sign = request.headers.get("X-Slack-Signature", "")
    if not (_MOMENT.fullmatch(stamp) and sign.isascii()):
        return HTTPStatus.UNAUTHORIZED
    try:
        found = await to_bolt_request(request)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError, web.RequestPayloadError):
        # no text, no JSON, none that is an object, JSON as deep as only a hostile one is
        return HTTPStatus.BAD_REQUEST
    return found if _is_slacks(found.body) else HTTPStatus.BAD_REQUEST


def _is_slacks(body: dict[str, Any]) -> bool:
    """Return whether what names the place and the event is of the kind that Slack sends."""
    named = (body.get(key) for key in ("team_id", "enterprise_id", "api_app_id", "event_id", "type"))
    return isinstance(body.get("event", {}), dict) and all(isinstance(one, str | None) for one in named)
