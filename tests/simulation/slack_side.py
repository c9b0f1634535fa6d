"""Slack as the adapter meets it, in memory: its methods, its words for what goes wrong, no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from msgspec import Struct
from slack_sdk.errors import SlackApiError

from adapters.slack.client import Web
from adapters.slack.installs import Grant
from adapters.slack.membership import Members
from adapters.slack.rate_limit import Lanes
from adapters.slack.send import SlackChat
from tests.simulation.field import Fault, Field, Standing

Json = dict[str, Any]
TEAM, BOT = "T0SCHOOL", "U0BOT"
_WORDS = {
    Fault.REVOKED: "token_revoked",
    Fault.FAILING: "internal_error",
    Fault.METHOD: "internal_error",
    Fault.CHANNEL: "service_unavailable",
    Fault.MESSAGE: "invalid_blocks",
}
_error: Callable[..., SlackApiError] = SlackApiError
#: Of these a request may be carried out all the same.
_HALF = (Fault.FAILING, Fault.LOST)
_WRITES = ("chat_postMessage", "chat_update")


class Said(Struct):
    """What the client library gives back, or puts into its error."""

    data: Json
    status_code: int = 200
    headers: dict[str, str] = {}


def unreachable() -> aiohttp.ClientConnectorError:
    """Return what the network says where nobody answers."""
    key = ConnectionKey(
        "there", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
    )
    return aiohttp.ClientConnectorError(key, OSError("nobody answers"))


class SlackSide:
    """The methods of Slack's Web API that we use, called as the library's client is."""

    def __init__(self, field: Field) -> None:
        self.field = field

    async def chat_postMessage(self, **a: Any) -> Said:  # noqa: N802 - Slack's own name
        """Post."""
        lost = self._trouble("chat_postMessage", a["channel"])
        thread = a.get("thread_ts", "")
        if thread and (a["channel"], thread) not in self.field.messages:
            raise _refused("thread_not_found")
        mark = a.get("metadata", {}).get("event_payload", {}).get("key", "")
        stamp = ""
        if lost is None or self.field.flips():
            stamp = self.field.keep(a["channel"], _text(a), mark=mark, thread=thread)
        _answer(lost)
        return Said({"channel": a["channel"], "ts": stamp})

    async def chat_update(self, **a: Any) -> Said:
        """Change a message."""
        lost = self._trouble("chat_update", a["channel"])
        there = (a["channel"], a["ts"]) in self.field.messages
        if there and (lost is None or self.field.flips()):
            self.field.change(a["channel"], a["ts"], _text(a))
        _answer(lost)
        if not there:
            raise _refused("message_not_found")
        return Said({"channel": a["channel"], "ts": a["ts"]})

    async def conversations_open(self, *, users: str) -> Said:
        """Open direct messages with somebody."""
        self._trouble("conversations_open", users)
        return Said({"channel": {"id": f"D{users}"}})

    async def conversations_info(self, *, channel: str) -> Said:
        """Say what a channel is."""
        wrong = self.field.wrong(channel)
        if wrong not in (Fault.PUBLIC, Fault.SHARED):
            self._trouble("conversations_info", channel)
        shared = wrong is Fault.SHARED
        return Said(
            {"channel": {"id": channel, "is_private": wrong is not Fault.PUBLIC, "is_ext_shared": shared}}
        )

    async def conversations_members(self, *, channel: str, **_: Any) -> Said:
        """Say who is in a channel."""
        self._trouble("conversations_members", channel)
        return Said({"members": [*self.field.readers(channel, noticed=False), BOT]})

    async def conversations_history(self, *, channel: str, **_: Any) -> Said:
        """Return what stands in a channel."""
        self._trouble("conversations_history", channel)
        found = [m for m in self.field.messages.values() if m.place == channel and not m.thread]
        return Said({"messages": [_shown(m) for m in reversed(found)]})

    async def conversations_replies(self, *, channel: str, ts: str, **_: Any) -> Said:
        """Return a thread."""
        self._trouble("conversations_replies", channel)
        found = [m for m in self.field.messages.values() if m.place == channel and ts in (m.id, m.thread)]
        return Said({"messages": [_shown(m) for m in found]})

    async def users_info(self, *, user: str) -> Said:
        """Say who somebody is; one who left is still shown, as deleted."""
        gone = self.field.wrong(user) is Fault.GONE
        if not gone:
            self._trouble("users_info", user)
        return Said({"user": {"id": user, "deleted": gone}})

    def _trouble(self, method: str, place: str) -> Fault | None:
        """Raise what is wrong before anything is accepted; return what is wrong with the answer."""
        self.field.calls += 1
        account = place.removeprefix("D")
        wrong = self.field.wrong(method, place, account)
        match wrong:
            case None | Fault.PUBLIC | Fault.SHARED | Fault.GONE:
                return None  # Slack takes what is posted for an account that was switched off
            case Fault.OUTAGE:
                raise unreachable()
            case Fault.BUSY:
                said = Said({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "30"})
                raise _error("busy", said)
            case Fault.MESSAGE if method not in _WRITES:
                return None
            case _ if wrong in _HALF:
                return wrong
            case _:
                raise _refused(_WORDS[wrong])


class FieldWeb(Web):
    """The way to it: one workspace, and no session."""

    def __init__(self, side: SlackSide) -> None:
        super().__init__()
        self.side = side

    @property
    def tokens(self) -> Any:
        """Where tokens come from: here."""
        return self

    async def grant(self, team: str, enterprise: str = "") -> Grant:
        """Return the one grant there is."""
        return Grant(token="xoxb", team=team, enterprise=enterprise, bot="B0BOT", bot_account=BOT)

    async def client(self, team: str, enterprise: str = "") -> Any:
        """Return the one client there is."""
        del team, enterprise
        return self.side


def slack_chat(field: Field) -> SlackChat:
    """Return the real send side, before that Slack, on that clock."""
    web, began = FieldWeb(SlackSide(field)), field.clock.now()

    def clock() -> float:
        return (field.clock.now() - began).total_seconds() + 1000

    return SlackChat(web, lanes=Lanes(clock=clock), members=Members(web, clock=clock))


def _answer(lost: Fault | None) -> None:
    if lost is Fault.LOST:
        raise TimeoutError
    if lost is not None:
        raise _refused(_WORDS[lost])


def _refused(word: str) -> SlackApiError:
    return _error(word, Said({"ok": False, "error": word}))


def _text(a: Json) -> str:
    return json.dumps([a["text"], a["blocks"]], ensure_ascii=False)


def _shown(message: Standing) -> Json:
    payload = {"event_type": "report_posting", "event_payload": {"key": message.mark}}
    return {"ts": message.id, "thread_ts": message.thread, "metadata": payload if message.mark else {}}
