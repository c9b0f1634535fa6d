"""A small Slack Web API on loopback: what it was asked, what it holds, and how it fails when told to.

It knows only the methods that we use. The end-to-end tests meet a counterpart that we did not write.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Json = dict[str, Any]
BOT, BOT_ACCOUNT, TEAM = "B0BOT", "U0BOT", "T0SCHOOL"


class FakeSlack:
    """``fail`` maps a method to what it does next instead of answering properly."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json]] = []
        self.messages: dict[str, list[Json]] = defaultdict(list)
        self.channels: dict[str, Json] = {"C0LEADERS": {"id": "C0LEADERS", "is_private": True}}
        self.members: dict[str, list[str]] = {"C0LEADERS": ["U0LEE", "U0ASH", BOT_ACCOUNT]}
        self.users: dict[str, Json] = {"U0RAE": {"id": "U0RAE"}, "U0LEE": {"id": "U0LEE"}}
        self.groups: dict[str, list[str]] = {}
        self.files: dict[str, bytes] = {}
        self.views: list[tuple[str, Json]] = []
        self.fail: dict[str, list[str]] = defaultdict(list)
        #: what the next call of a method is answered, as it is
        self.raw: dict[str, Any] = {}
        #: messages it gives in one page, and a page that every page leads to
        self.most, self.round = 15, ""
        self.connections = 0
        self.scopes = ""
        self.changed = asyncio.Event()
        #: the newest message's second: later than any moment a test knows
        self.stamp = 2_000_000_000
        self.server = TestServer(self._app())

    async def start(self) -> str:
        """Listen; return the address of the API."""
        await self.server.start_server()
        return f"{self.origin}/api/"

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return str(self.server.make_url("")).rstrip("/")

    def asked(self, method: str) -> list[Json]:
        """Return the arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def until(self, method: str, count: int = 1) -> list[Json]:
        """Wait until a method was called so often; return its calls."""
        async with asyncio.timeout(5):
            while len(self.asked(method)) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.asked(method)

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/files/{name}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name.startswith("status-"):
            return web.Response(status=int(name.removeprefix("status-")), text="<html>")
        if name == "elsewhere":
            raise web.HTTPFound("https://evil.example/")
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name], content_type="application/octet-stream")

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, arguments = request.match_info["method"], await _arguments(request)
        arguments["_token"] = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (said := self.raw.pop(method, None)) is not None:
            if said.status == 0 and request.transport is not None:
                request.transport.abort()
            if isinstance(said.body, str):
                headers = {"Content-Type": "text/html", **said.headers}
                return web.Response(
                    status=said.status or 500, body=said.body.encode("latin-1"), headers=headers
                )
            return web.json_response(said.body, status=said.status or 500, headers=said.headers)
        failure = self.fail[method].pop(0) if self.fail[method] else ""
        if failure == "429":
            self._note(method, arguments)
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "7"}
            )
        if failure == "500":
            self._note(method, arguments)
            return web.Response(status=500, text="<html>", content_type="text/html")
        if failure and failure != "drop":
            self._note(method, arguments)
            return web.json_response({"ok": False, "error": failure})
        answer: Json = getattr(self, f"_{method.replace('.', '_')}", lambda _: {})(arguments)
        self._note(method, arguments)
        if failure == "drop" and request.transport is not None:
            request.transport.close()  # accepted, and then the connection breaks
        headers = {"x-oauth-scopes": self.scopes}
        return web.json_response({"ok": "error" not in answer, **answer}, headers=headers)

    def _note(self, method: str, arguments: Json) -> None:
        self.calls.append((method, arguments))
        self.changed.set()

    def _auth_test(self, _: Json) -> Json:
        return {"team_id": TEAM, "team": "School", "bot_id": BOT, "user_id": BOT_ACCOUNT, "url": "https://x/"}

    def _chat_postMessage(self, a: Json) -> Json:  # noqa: N802 - Slack's own name
        channel = a["channel"]
        if not (channel in self.channels or channel.startswith("D")):
            return {"error": "channel_not_found"}
        self.stamp += 1
        stamp = f"{self.stamp}.0001"
        self.messages[channel].append({**a, "ts": stamp})
        return {"channel": channel, "ts": stamp}

    def _chat_update(self, a: Json) -> Json:
        for message in self.messages[a["channel"]]:
            if message["ts"] == a["ts"]:
                message.update(text=a["text"], blocks=a["blocks"])
                return {"ts": a["ts"], "channel": a["channel"]}
        return {"error": "message_not_found"}

    def _conversations_open(self, a: Json) -> Json:
        return {"channel": {"id": "D" + a["users"]}}

    def _conversations_info(self, a: Json) -> Json:
        found = self.channels.get(a["channel"])
        return {"channel": found} if found else {"error": "channel_not_found"}

    def _conversations_members(self, a: Json) -> Json:
        everybody = self.members.get(a["channel"], [])
        first = int(a.get("cursor") or 0)
        page = everybody[first : first + 2]
        more = str(first + 2) if first + 2 < len(everybody) else ""
        return {"members": page, "response_metadata": {"next_cursor": self.round or more}}

    def _conversations_history(self, a: Json) -> Json:
        found = [m for m in self.messages[a["channel"]] if not m.get("thread_ts")]
        return self._page(a, list(reversed(found)))

    def _conversations_replies(self, a: Json) -> Json:
        found = [m for m in self.messages[a["channel"]] if a["ts"] in (m["ts"], m.get("thread_ts"))]
        return self._page(a, found)

    def _page(self, a: Json, found: list[Json]) -> Json:
        """Return one page of messages: fifteen, as some apps are given, none before ``oldest``."""
        since = [m for m in found if float(m["ts"]) >= float(a.get("oldest") or 0)]
        first = int(a.get("cursor") or 0)
        more = str(first + self.most) if first + self.most < len(since) else ""
        page = [_seen(m) for m in since[first : first + self.most]]
        return {"messages": page, "response_metadata": {"next_cursor": self.round or more}}

    def _users_info(self, a: Json) -> Json:
        found = self.users.get(a["user"])
        return {"user": found} if found else {"error": "user_not_found"}

    def _users_list(self, a: Json) -> Json:
        everybody = list(self.users.values())
        first = int(a.get("cursor") or 0)
        more = str(first + 2) if first + 2 < len(everybody) else ""
        return {"members": everybody[first : first + 2], "response_metadata": {"next_cursor": more}}

    def _usergroups_users_list(self, a: Json) -> Json:
        found = self.groups.get(a["usergroup"])
        return {"error": "no_such_subteam"} if found is None else {"users": found}

    def _views_open(self, a: Json) -> Json:
        self.views.append(("open", a["view"]))
        return {"view": {"id": f"V{len(self.views)}", "hash": "h0"}}

    def _views_update(self, a: Json) -> Json:
        self.views.append(("update", a["view"]))
        return {"view": {"id": a["view_id"], "hash": "h1"}}

    def _views_push(self, a: Json) -> Json:
        self.views.append(("push", a["view"]))
        return {"view": {"id": "VP"}}

    def _views_publish(self, a: Json) -> Json:
        self.views.append(("publish", a["view"]))
        return {"view": {"id": "VH"}}

    def _oauth_v2_access(self, a: Json) -> Json:
        if a.get("grant_type") == "refresh_token":
            return {
                "token_type": "bot",
                "access_token": "xoxe-new",
                "refresh_token": "r2",
                "expires_in": 43200,
            }
        return {
            "access_token": f"xoxb-{a['code']}",
            "token_type": "bot",
            "scope": "commands",
            "bot_user_id": BOT_ACCOUNT,
            "app_id": "A0",
            "team": {"id": "T0SECOND", "name": "Second"},
            "authed_user": {"id": "U0ADMIN"},
        }

    def _apps_connections_open(self, a: Json) -> Json:
        return (
            {"url": f"{self.origin}/link"} if a["_token"].startswith("xapp-") else {"error": "invalid_auth"}
        )


def _seen(message: Json) -> Json:
    return {key: value for key, value in message.items() if key != "_token"}


async def _arguments(request: web.Request) -> Json:
    """Return a call's arguments, whichever way the client sent them; JSON inside is opened."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.can_read_body:
        found |= dict(await request.post())
    for key in ("blocks", "view", "metadata"):
        if isinstance(found.get(key), str):
            found[key] = json.loads(found[key])
    return found
