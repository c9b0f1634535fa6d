"""Teams' connector, its token endpoint and its signing keys, as a small server that can fail in each way.

Like Teams it does not notice a message it has seen: what is sent twice is there twice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from enum import StrEnum
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP = "11111111-1111-1111-1111-111111111111"
TENANT = "22222222-2222-2222-2222-222222222222"
OTHER_TENANT = "99999999-9999-9999-9999-999999999999"
CHANNEL = "19:cases@thread.tacv2"
ISSUER = "https://api.botframework.com"


class Fault(StrEnum):
    """How the connector fails a request."""

    BUSY = "429 with Retry-After"
    FAILED = "500 before it was accepted"
    FAILED_AFTER = "500 after it was accepted"
    GONE = "the connection drops before it was accepted"
    GONE_AFTER = "the connection drops after it was accepted"
    LATE = "no answer in time, accepted long after"
    BLOCKED = "403: blocked or uninstalled"
    REFUSED = "401: the token is not good"
    HTML = "413 with a page instead of JSON"


class Connector:
    """The server. ``messages`` is what stands where, by conversation, oldest first."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, dict[str, Any]]] = {}
        self.channels: dict[str, list[dict[str, Any]]] = {CHANNEL: [member("ash"), member("brook")]}
        self.faults: deque[Fault | None] = deque()
        self.blocked: set[str] = set()
        #: accounts that were deleted, whose chats still take what is posted
        self.deleted: set[str] = set()
        #: what is told of whoever a personal chat is with, by account
        self.people: dict[str, dict[str, Any]] = {}
        #: places of which Teams fails to say who is in them
        self.unseen: set[str] = set()
        #: chats that are not there any more
        self.lost: set[str] = set()
        #: what every message is answered, as it is
        self.raw: Any = None
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.tokens = 0
        self.token_seconds = 0.0
        self.held: asyncio.Event | None = None
        self.late: list[asyncio.Task[None]] = []
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.endorsements = ["msteams"]
        self.reads = 0
        self.peers: set[Any] = set()
        self._count = 0
        self.server = TestServer(self._app())

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.server.make_url("/"))

    def at(self, path: str) -> str:
        """Return one of its addresses."""
        return str(self.server.make_url(path))

    def texts(self, conversation: str) -> list[str]:
        """Return each message there as JSON text, oldest first, threads of a channel included."""
        return [
            json.dumps(activity, ensure_ascii=False)
            for name, found in self.messages.items()
            if name.partition(";")[0] == conversation
            for activity in found.values()
        ]

    def token(self, *, key: rsa.RSAPrivateKey | None = None, kid: str = "k1", **claims: Any) -> str:
        """Return a token as Teams sends it; ``claims`` replace or (None) leave out."""
        said = {
            "iss": ISSUER,
            "aud": APP,
            "serviceurl": self.url,
            "exp": int(time.time()) + 600,
            "nbf": int(time.time()) - 5,
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm="RS256", headers={"kid": kid})

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/oid", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_post("/v3/conversations", self._create)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._post)
        app.router.add_put("/v3/conversations/{conversation}/activities/{activity}", self._put)
        app.router.add_get("/v3/conversations/{conversation}/pagedmembers", self._members)
        return app

    async def _metadata(self, _: web.Request) -> web.Response:
        self.reads += 1
        return web.json_response({"issuer": ISSUER, "jwks_uri": self.at("/keys")})

    async def _keys(self, _: web.Request) -> web.Response:
        shown = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [{**shown, "kid": "k1", "endorsements": self.endorsements}]})

    async def _token(self, request: web.Request) -> web.Response:
        self.tokens += 1
        form = await request.post()
        if self.token_seconds:
            await asyncio.sleep(self.token_seconds)
        if "right" not in form.values():
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": f"t{self.tokens}", "expires_in": 3_600})

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body.get("isGroup"):
            channel = body["channelData"]["channel"]["id"]
            if channel not in self.channels:
                return web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)
            return await self._accept(request, channel, body["activity"], root=True)
        return web.json_response({"id": f"a:{body['members'][0]['id']}"}, status=201)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        conversation = request.match_info["conversation"]
        return await self._accept(request, conversation, await request.json())

    async def _put(self, request: web.Request) -> web.StreamResponse:
        conversation, activity = request.match_info["conversation"], request.match_info["activity"]
        if activity not in self.messages.get(conversation, {}):
            return web.json_response({"error": {"code": "NotFound"}}, status=404)
        return await self._accept(request, conversation, await request.json(), replaces=activity)

    async def _accept(
        self,
        request: web.Request,
        conversation: str,
        body: dict[str, Any],
        *,
        root: bool = False,
        replaces: str = "",
    ) -> web.StreamResponse:
        self.requests.append((request.method, conversation, dict(request.headers)))
        if request.transport is not None:
            self.peers.add(request.transport.get_extra_info("peername"))
        if self.held is not None:
            await self.held.wait()
        if conversation in self.blocked:
            return web.json_response({"error": {"code": "MessageWritesBlocked"}}, status=403)
        if (said := self.raw) is not None:
            if said.status == 0:
                _drop(request)
            text = said.body if isinstance(said.body, str) else json.dumps(said.body)
            kind = "text/html" if isinstance(said.body, str) else "application/json"
            return web.Response(
                status=said.status or 500, headers=dict(said.headers), text=text, content_type=kind
            )
        fault = self.faults.popleft() if self.faults else None
        if fault in (Fault.GONE, Fault.LATE):
            if fault is Fault.LATE:
                self._keep(conversation, body, root=root, replaces=replaces)
            _drop(request)
            return web.Response()
        if fault in _REFUSED:
            status, headers = _REFUSED[fault]
            html = fault is Fault.HTML
            text = "<html>too large</html>" if html else json.dumps({"error": {"code": "x"}})
            kind = "text/html" if html else "application/json"
            return web.Response(status=status, headers=headers, text=text, content_type=kind)
        made = self._keep(conversation, body, root=root, replaces=replaces)
        if fault is Fault.FAILED_AFTER:
            return web.json_response({}, status=500)
        if fault is Fault.GONE_AFTER:
            _drop(request)
        return web.json_response(made, status=201)

    def _keep(self, conversation: str, body: dict[str, Any], *, root: bool, replaces: str) -> dict[str, str]:
        self._count += 1
        id_ = replaces or f"170000000{self._count:04d}"
        if root:
            conversation = f"{conversation};messageid={id_}"
        self.messages.setdefault(conversation, {})[id_] = body
        return {"id": conversation, "activityId": id_} if root else {"id": id_}

    async def _members(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        if conversation in self.unseen:
            return web.json_response({"error": {"code": "x"}}, status=500)
        found = self.channels.get(conversation)
        if (
            conversation.startswith("a:") and conversation not in self.lost
        ):  # a personal chat: whoever it is with, unless they were deleted
            whose = conversation.removeprefix("a:")
            whose = account(whose.removeprefix("chat-")) if whose.startswith("chat-") else whose
            known = {"id": "29:x", "aadObjectId": whose, **self.people.get(whose, {})}
            found = [] if whose in self.deleted else [known]
        if found is None:
            return web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)
        self.requests.append((request.method, request.match_info["conversation"], {}))
        at = int(request.query.get("continuationToken", "0"))
        page: dict[str, Any] = {"members": found[at : at + 2]}
        if at + 2 < len(found):
            page["continuationToken"] = str(at + 2)
        return web.json_response(page)


_REFUSED: dict[Fault | None, tuple[int, dict[str, str]]] = {
    Fault.BUSY: (429, {"Retry-After": "7"}),
    Fault.FAILED: (500, {}),
    Fault.BLOCKED: (403, {}),
    Fault.REFUSED: (401, {}),
    Fault.HTML: (413, {}),
}


def _drop(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def account(name: str) -> str:
    """Return somebody's id in Entra."""
    return f"00000000-0000-0000-0000-{name.encode().hex():0>12}"


def member(name: str, **rest: str) -> dict[str, Any]:
    """Return somebody as a list of members shows them."""
    return {
        "id": f"29:{name}",
        "name": f"{name.title()} Example",
        "aadObjectId": account(name),
        "tenantId": TENANT,
        "userRole": "user",
        "userPrincipalName": f"{name}@school.example",
        **rest,
    }
