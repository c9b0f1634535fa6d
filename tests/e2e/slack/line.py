"""How what a person does reaches the bot: signed requests, or envelopes through a socket."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from tests.e2e.slack.front import Front

Json = dict[str, Any]
_numbers = count(1)


class Line(Protocol):
    """How Slack reaches the bot."""

    async def deliver(self, kind: str, payload: Json) -> tuple[int, Json]:
        """Deliver ``slash_commands``, ``interactive`` or ``events_api``; return status and answer."""
        ...


class HttpLine:
    """Signed requests."""

    def __init__(self, url: str, secret: str) -> None:
        """Deliver to that address, signed with that secret."""
        self.url, self._secret = url, secret

    async def deliver(self, kind: str, payload: Json) -> tuple[int, Json]:
        """Send one request as Slack would."""
        if kind == "events_api":
            body, media = json.dumps(payload), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, media = urlencode(form), "application/x-www-form-urlencoded"
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": media,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": SignatureVerifier(self._secret).generate_signature(
                timestamp=stamp, body=body
            )
            or "",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=headers) as answer,
        ):
            text = await answer.text()
        return answer.status, json.loads(text) if text.startswith("{") else {}


class SocketLine:
    """Envelopes through Socket Mode."""

    def __init__(self, front: Front) -> None:
        """Deliver through the front's sockets."""
        self._front = front

    async def deliver(self, kind: str, payload: Json) -> tuple[int, Json]:
        """Send one envelope; an acknowledgement is a 200."""
        envelope = {
            "type": kind,
            "envelope_id": f"e{next(_numbers)}",
            "payload": payload,
            "accepts_response_payload": True,
        }
        ack = await self._front.push(envelope)
        return 200, ack.get("payload") or {}
