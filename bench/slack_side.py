"""A Slack that says yes to everything over TLS, and staff who report through signed requests."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from flows.ui.forms import Value

SIGNING, BOT, TEAM = "bench-signing", "xoxb-bench", "T0BENCH"
_signer = SignatureVerifier(SIGNING)
Json = dict[str, Any]


class YesSlack:
    """Answers every method; counts calls and connections."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Answer over TLS if given a context."""
        self.calls: Counter[str] = Counter()
        self.connections: set[int] = set()
        self._peers: list[Any] = []
        self._tls = tls
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        self.server = TestServer(app, scheme="https" if tls else "http")

    async def start(self) -> str:
        """Listen; return the API's address."""
        await self.server.start_server(ssl=self._tls)
        return str(self.server.make_url("/api/"))

    async def _answer(self, request: web.Request) -> web.Response:
        self.calls[request.match_info["method"]] += 1
        if id(request.transport) not in self.connections:
            self.connections.add(id(request.transport))
            self._peers.append(request.transport)  # keeps the id from being used again
        return web.json_response(
            {
                "ok": True,
                "team_id": TEAM,
                "user_id": "U0BOT",
                "bot_id": "B0BOT",
                "ts": f"{time.time():.6f}",
                "user": {"id": "U0ANY"},
                "view": {"id": "V1", "hash": "h"},
                "channel": {"id": "D0ANY", "is_private": True},
                "members": ["U0BOT"],
            }
        )


def signed(payload: Json, *, form: bool = False) -> tuple[str, dict[str, str]]:
    """Return the body and headers of a request as Slack would send it."""
    body = urlencode(payload) if form else urlencode({"payload": json.dumps(payload)})
    stamp = str(int(time.time()))
    return body, {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": _signer.generate_signature(timestamp=stamp, body=body) or "",
    }


def request_of(body: str, headers: dict[str, str]) -> AsyncBoltRequest:
    """Return a request as Bolt's own server would hand it over."""
    listed: dict[str, Any] = {name: [value] for name, value in headers.items()}
    return AsyncBoltRequest(body=body, headers=listed)


def command(account: str, trigger: str) -> Json:
    """Return the slash command of somebody."""
    return {
        "command": "/report-posting",
        "text": "",
        "team_id": TEAM,
        "channel_id": "C0ANY",
        "user_id": account,
        "trigger_id": trigger,
    }


def submission(account: str, private: str, values: dict[str, Value], number: int) -> Json:
    """Return a submitted window."""
    filled = {f"field:{name}": {"value": _element(value)} for name, value in values.items()}
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": account, "team_id": TEAM},
        "trigger_id": f"t{number}",
        "view": {
            "id": f"V{account}",
            "type": "modal",
            "hash": f"h{number}",
            "callback_id": "form",
            "private_metadata": private,
            "blocks": [],
            "state": {"values": filled},
        },
    }


def _element(value: Value) -> Json:
    if isinstance(value, tuple):
        return {"type": "checkboxes", "selected_options": [{"value": v} for v in value]}
    return {"type": "plain_text_input", "value": value}


@contextmanager
def counted_contexts() -> Iterator[Counter[str]]:
    """Count every TLS context that is made meanwhile."""
    seen: Counter[str] = Counter()
    real = ssl.SSLContext.__new__

    def counting(cls: type[ssl.SSLContext], *args: Any, **kwargs: Any) -> ssl.SSLContext:
        seen["made"] += 1
        return real(cls, *args, **kwargs)

    ssl.SSLContext.__new__ = counting  # type: ignore[method-assign,assignment]
    try:
        yield seen
    finally:
        ssl.SSLContext.__new__ = real  # type: ignore[method-assign]


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context for 127.0.0.1, and the file that a client must trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(public, private)
    return server, public
