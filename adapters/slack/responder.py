"""Showing what the service replied, where the person is looking. Best effort: all of it can be had again.

A window for a private or longer matter (it is the only thing that surely arrives with the one who
pressed); the direct message for the conversation; an ephemeral line for a word in passing, since those
are not guaranteed to arrive: https://docs.slack.dev/reference/methods/chat.postEphemeral
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import limits, render, views
from adapters.slack.api_call import asked
from adapters.slack.escape import escape
from adapters.slack.origin import Kind, Where
from adapters.slack.reply_payloads import message, window
from adapters.slack.send import SlackChat
from flows.errors import Ambiguous, Permanent, PlatformError, Retryable
from flows.ports import Address
from flows.school import Platform
from flows.ui.cards import Button, Buttons, Callout, Card, Style, Tone
from flows.ui.inbound import Receipt, Refuse, Reply
from flows.ui.intents import Begin, Intent
from flows.words import say

_log = logging.getLogger("adapters.slack")
#: a message of the conversation that Slack certainly refused is offered again so often
_TRIES = 3
#: what Slack says of a trigger that has opened a window already
_USED = "slack-exchanged-trigger-id"
#: where a line may be sent without a token
_RESPONSES = "https://hooks.slack.com/"
#: what *Try again* does where nothing was pressed: the report goes on with what was kept of it
BEGIN = Begin()
Json = render.Json


class Answers:
    def __init__(self, chat: SlackChat) -> None:
        self._chat = chat

    async def show(self, reply: Reply, where: Where, *, stays: bool, again: Intent = BEGIN) -> None:
        """Show a reply to a press. ``stays`` = in the direct message it came from; ``again`` = the press."""
        try:
            if where.kind is Kind.MODAL:
                await self._over(reply, where)
            elif stays:
                await self._in_place(reply, where)
            elif isinstance(reply, Receipt):
                await self._in_passing(reply, where)
            else:
                await self.open(window(reply), where, again=again)
        except PlatformError as error:
            _log.warning("answer.lost", {"reference": error.reference})

    async def open(self, view: Json, where: Where, *, again: Intent = BEGIN) -> str:
        """Open a window; return its id, "" if it could not be opened: then that is said."""
        opened, told = await self.try_open(view, where, again=again)
        if not (opened or told):
            await self._line(say("slack.trouble.no_window"), where)
        return opened

    async def try_open(self, view: Json, where: Where, *, again: Intent = BEGIN) -> tuple[str, bool]:
        """Return the id of the opened window ("" = none), and whether the person was told that there is none.

        After Slack's three seconds a button is left that does ``again`` what was pressed.
        """
        try:
            client = await self._client(where)
            opened = await asked(client.views_open(trigger_id=where.trigger, view=view), writes=True)
        except (Permanent, Retryable, Ambiguous) as error:
            _log.warning("window.lost", {"reference": error.reference})
            # a second delivery: the first one has opened its window
            return "", error.reference == _USED or await self._too_late(where, again)
        return str((opened.get("view") or {}).get("id", "")), True

    async def redraw(self, view: Json, where: Where, view_id: str, *, stamp: str = "") -> None:
        """Draw a window anew; if another press was drawn meanwhile, this one is newer and wins.

        https://docs.slack.dev/reference/methods/views.update (hash_conflict)
        """
        client = await self._client(where)
        newest: dict[str, Any] = {"view_id": view_id, "view": view}
        try:
            if stamp:
                await asked(client.views_update(**newest, hash=stamp), writes=False)
                return
        except Permanent as error:
            if error.reference != "slack-hash-conflict":
                raise
        await asked(client.views_update(**newest), writes=False)

    async def publish(self, card: Card, where: Where, *, shown: str = "", stamp: str = "") -> None:
        """Draw the home tab, unless what is ``shown`` there is the same already.

        ``stamp`` is the hash of what was shown: a tab drawn meanwhile is newer and stays.
        """
        view = views.home(card)
        if view["private_metadata"] == shown:
            return
        client = await self._client(where)
        extra = {"hash": stamp} if stamp else {}
        await asked(client.views_publish(user_id=where.origin.account, view=view, **extra), writes=False)

    async def direct(self, rendered: Json, where: Where) -> bool:
        """Post where the person is in their direct messages; asked to wait, it waits, a few times.

        Returns whether it was posted.
        """
        channel, thread = (where.channel, where.thread) if where.kind is Kind.DIRECT else ("", "")
        for _ in range(_TRIES):
            try:
                channel = channel or await self._chat.channel(_person(where))
                await self._chat.say(where.origin.team, channel, rendered, thread=thread)
            except Retryable as error:
                await asyncio.sleep(min(error.after, limits.MEMBERS_FRESH))
            except PlatformError as error:
                _log.warning("answer.lost", {"reference": error.reference})
                return False
            else:
                return True
        _log.warning("answer.lost", {"reference": "slack-busy"})
        return False

    async def quietly(self, work: Awaitable[Any]) -> None:
        """Let a showing be lost, and say in the log that it was."""
        try:
            await work
        except PlatformError as error:
            _log.warning("answer.lost", {"reference": error.reference})

    async def _over(self, reply: Reply, where: Where) -> None:
        """Show a reply in the window the press came from; a refusal lies on top and hides nothing."""
        if isinstance(reply, Refuse) and reply.form is None:
            client = await self._client(where)
            try:
                await asked(client.views_push(trigger_id=where.trigger, view=window(reply)), writes=True)
            except PlatformError:
                await self.direct(message(reply), where)
            return
        await self.redraw(window(reply), where, where.view, stamp=where.hash)

    async def _in_place(self, reply: Reply, where: Where) -> None:
        """Let the next question take the place of the one that was answered."""
        if isinstance(reply, Refuse) and reply.form is None:
            await self.direct(message(reply), where)
            return
        rendered = message(reply)
        if isinstance(reply, Receipt) and reply.sent:
            # the receipt itself comes durably; here only the question is put away
            rendered = render.wrap(reply.card.summary, [render.small(reply.card.summary)])
        client = await self._client(where)
        await asked(
            client.chat_update(
                channel=where.channel, ts=where.message, text=rendered["text"], blocks=rendered["blocks"]
            ),
            writes=True,
        )

    async def _in_passing(self, reply: Receipt, where: Where) -> None:
        """Say that it is done: the card and its thread show it to everybody anyway."""
        if where.kind is not Kind.CHANNEL:
            await self.direct(message(reply), where)
            return
        client = await self._client(where)
        rendered = message(reply)
        extra: dict[str, Any] = {"thread_ts": where.thread} if where.thread else {}
        await asked(
            client.chat_postEphemeral(
                channel=where.channel,
                user=where.origin.account,
                text=rendered["text"],
                blocks=rendered["blocks"],
                **extra,
            ),
            writes=True,
        )

    async def _line(self, words: str, where: Where) -> None:
        """Say a line where somebody acted, by the address that needs no token of ours.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        if not where.response.startswith(_RESPONSES):
            return
        line = {"text": escape(words), "response_type": "ephemeral", "replace_original": False}
        try:
            async with self._chat.web.session.post(where.response, json=line, allow_redirects=False):
                return
        except (aiohttp.ClientError, TimeoutError, OSError):
            _log.warning("answer.lost", {"reference": "slack-no-answer"})

    async def _too_late(self, where: Where, again: Intent) -> bool:
        """Leave a button: pressing it does again what was pressed, with a new trigger."""
        intent = BEGIN if isinstance(again, Begin) else again
        card = Card(
            kind="too_late",
            summary=say("slack.unsent.summary"),
            blocks=(
                Callout(Tone.CAUTION, say("slack.trouble.too_late")),
                Buttons((Button(label=say("slack.trouble.try_again"), intent=intent, style=Style.PRIMARY),)),
            ),
        )
        return await self.direct(render.message(card), where)

    async def _client(self, where: Where) -> AsyncWebClient:
        return await self._chat.web.client(where.origin.team, where.origin.enterprise)


def _person(where: Where) -> Address:
    return Address(platform=Platform.SLACK, workspace=where.origin.team, account=where.origin.account)
