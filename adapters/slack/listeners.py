"""The listeners: parse, hand to the door, acknowledge, show. One path for every way in.

The order in each is the promise: the door has committed before ``ack``; what is shown comes after and
may be lost without losing anything. A skeleton window may open before, since it acknowledges nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any
from weakref import WeakValueDictionary

from msgspec.structs import replace
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import dialogue, limits, parse, views
from adapters.slack.dedupe import Background, Once
from adapters.slack.guests import People
from adapters.slack.options import Options
from adapters.slack.origin import Kind, Where, part_at, place, text_at
from adapters.slack.reply_payloads import answered_one, message, needs_window, private, submitted, window
from adapters.slack.responder import Answers
from adapters.slack.send import SlackChat
from adapters.slack.uploads import Pictures
from flows.errors import InvalidAnswer, PlatformError, ReportingError, Retryable
from flows.ports import Directory, Door, Store
from flows.ui.forms import Form
from flows.ui.inbound import Filled, Inbound, Pressed, Receipt, Refuse, Reply, Show, Surface
from flows.ui.intents import Discard, GoTo, decode
from flows.words import say

_log = logging.getLogger("adapters.slack")
Body = dict[str, Any]


class Hear:
    """Each listener takes what Bolt calls ``ack`` and ``body``."""

    def __init__(
        self, *, door: Door, directory: Directory, store: Store, chat: SlackChat, options: Options
    ) -> None:
        self._door, self._chat = door, chat
        self.people = People(chat.web, directory)
        self._once, self.background = Once(), Background()
        self._answers = Answers(chat)
        self.pictures = Pictures(store=store, chat=chat, options=options)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._first_form_within = limits.FORM_WITHIN

    # -- ways in ------------------------------------------------------------------------------------

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """Answer ``/report-posting``: a window for a report, a private line for everything else."""
        where = place(body)
        inbound = parse.command(body, guest=await self.people.is_guest(where.origin))
        reply, view = await self._while_waiting(inbound, where)
        if view or needs_window(reply):
            await ack()
            self._show_window(reply, where, view)
        else:
            await ack(**private(reply))

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Begin a report with a message, or keep a message as a note of a case."""
        where = place(body)
        inbound = parse.shortcut(body, guest=await self.people.is_guest(where.origin))
        reply, view = await self._while_waiting(inbound, where)
        await ack()
        self._show_window(reply, where, view)

    async def action(self, ack: AsyncAck, body: Body) -> None:
        """Do what a button says."""
        where = place(body)
        guest = await self.people.is_guest(where.origin)
        try:
            inbound = parse.press(body, guest=guest)
        except InvalidAnswer as error:
            await ack()
            self.background.start(self._answers.open(views.refusal(error.message, error.hint), where))
            return
        if inbound is None:
            await ack()
            return
        inbound = await self._kept(inbound, body, guest=guest)
        stays = inbound.surface is Surface.MESSAGE
        if stays or where.kind is Kind.MODAL:
            reply = (
                answered_one(inbound, await self._handle(inbound)) if stays else await self._handle(inbound)
            )
            await ack()
            self.background.start(self._answers.show(reply, where, stays=stays))
            return
        reply, view = await self._while_waiting(inbound, where)
        await ack()
        if view:
            self._show_window(reply, where, view)
        else:
            self.background.start(self._answers.show(reply, where, stays=False))

    async def submission(self, ack: AsyncAck, body: Body) -> None:
        """Take a window. What is wrong is shown beside its field; what was typed stays."""
        where = place(body)
        try:
            inbound = parse.submission(body, guest=await self.people.is_guest(where.origin))
        except InvalidAnswer as error:
            await ack(response_action="update", view=views.refusal(error.message, error.hint))
            return
        files = parse.files(part_at(body, "view", "state"))
        kept = await self.pictures.keep(files, inbound, where) if files else ""
        reply = await self._handle(inbound)
        await ack(**submitted(reply, body))
        if kept:
            self.background.start(self._fetch(kept))

    async def closed(self, ack: AsyncAck, body: Body) -> None:
        """Leave *Continue* in the direct message when a report's window was closed half-way."""
        where = place(body)
        with contextlib.suppress(InvalidAnswer):
            if views.is_report(decode(text_at(body, "view", "private_metadata"))):
                kept = parse.kept_first(body, guest=await self.people.is_guest(where.origin))
                if kept is not None:
                    await self._handle(kept)
                self.background.start(self._answers.direct(dialogue.unsent(), where))
        await ack()

    async def message(self, body: Body) -> None:
        """Take words and pictures from a direct message; every other message is none of ours."""
        event = part_at(body, "event")
        if not parse.is_direct(event):
            return
        where = place(body)
        guest = await self.people.is_guest(where.origin)
        files = tuple(event.get("files") or ())
        kept = await self.pictures.keep(files, _carrier(body, guest=guest), where) if files else ""
        typed = parse.typed(body, guest=guest)
        if typed is not None:
            reply, first = await self._once.run(typed.key, lambda: self._in_turn(typed))
            if first:
                self._direct(reply, where)
        if kept:
            self.background.start(self._fetch(kept))

    async def home(self, body: Body) -> None:
        """Draw the home tab for whoever opened it."""
        where = place(body)
        asked = parse.opened_home(body, guest=await self.people.is_guest(where.origin))
        if asked is None:
            return
        reply, first = await self._once.run(asked.key, lambda: self._in_turn(asked))
        if not first:
            return
        shown = text_at(body, "event", "view", "private_metadata")
        card = views.refused_card(reply.message, reply.hint) if isinstance(reply, Refuse) else None
        if isinstance(reply, Show) and not isinstance(reply.view, Form):
            card = reply.view
        if card is not None:
            stamp = text_at(body, "event", "view", "hash")
            self.background.start(self._quietly(self._answers.publish(card, where, shown=shown, stamp=stamp)))

    async def left(self, body: Body) -> None:
        """Somebody left a channel: its buttons are theirs no longer, at once."""
        self._chat.memberships.forget(text_at(body, "event", "channel"))

    async def removed(self, body: Body) -> None:
        """Forget the token of a workspace that the app was removed from."""
        event = part_at(body, "event")
        if event.get("type") == "tokens_revoked" and not part_at(event, "tokens").get("bot"):
            return
        origin = place(body).origin
        await self._chat.web.tokens.forget(origin.team, origin.enterprise)

    async def unknown(self, ack: AsyncAck) -> None:
        """Acknowledge a shortcut that is none of ours, and do nothing."""
        await ack()

    async def other(self) -> None:
        """Take no notice, and answer 200."""

    # -- stopping and starting ---------------------------------------------------------------------------

    async def resume(self) -> None:
        """Fetch the files that were handed in before we stopped."""
        for key in await self.pictures.waiting():
            self.background.start(self._fetch(key))

    def forget(self) -> None:
        """Forget which deliveries came; the service's memory is the one that counts."""
        self._once = Once()

    async def finish(self, within: float) -> int:
        """Finish what is under way. Returns how much had to be left."""
        return await self.background.finish(within)

    # -- how it is done ------------------------------------------------------------------------------------

    async def _handle(self, inbound: Inbound) -> Reply:
        """Hand one delivery to the door, once."""
        reply, _ = await self._once.run(inbound.key, lambda: self._in_turn(inbound))
        return reply

    async def _in_turn(self, inbound: Inbound) -> Reply:
        """Let one person's deliveries through one by one, in the order they came."""
        who = f"{inbound.actor.workspace}/{inbound.actor.account}"
        lock = self._turns.setdefault(who, asyncio.Lock())
        async with lock:
            return await self._door.handle(inbound)

    async def _while_waiting(self, inbound: Inbound, where: Where) -> tuple[Reply, str]:
        """Return the reply, and the id of the window that was opened while it took too long ("" = none)."""
        task = asyncio.create_task(self._handle(inbound))
        self.background.keep(task)
        done, _ = await asyncio.wait({task}, timeout=self._first_form_within)
        view = "" if done or not where.trigger else await self._answers.open(views.one_moment(), where)
        try:
            return await task, view
        except ReportingError:
            if view:
                failed = views.refusal(say("slack.trouble.store"), "")
                self.background.start(self._quietly(self._answers.redraw(failed, where, view)))
            raise

    async def _kept(self, inbound: Inbound, body: Body, *, guest: bool) -> Inbound:
        """Return the press as it stands once the answers beside it are kept: Back throws nothing away."""
        kept = parse.kept_first(body, guest=guest) if body.get("view") else None
        if kept is None or not isinstance(inbound, Pressed) or not isinstance(inbound.intent, GoTo):
            return inbound
        reply = await self._handle(kept)
        if isinstance(reply, Show) and isinstance(reply.view, Form):
            revision = getattr(reply.view.submit, "revision", inbound.intent.revision)
            return replace(inbound, intent=replace(inbound.intent, revision=revision))
        return inbound

    def _show_window(self, reply: Reply, where: Where, view: str) -> None:
        drawn = window(reply)
        work = self._answers.redraw(drawn, where, view) if view else self._answers.open(drawn, where)
        self.background.start(self._quietly(work))

    def _direct(self, reply: Reply, where: Where) -> None:
        if not (isinstance(reply, Receipt) and reply.sent):
            self.background.start(self._answers.direct(message(reply), where))

    async def _fetch(self, key: str, *, tries: int = limits.FILE_TRIES) -> None:
        """Fetch what was handed in, keep it through the door, and show what comes of it."""
        try:
            fetched = await self.pictures.fetch(key)
        except Retryable as error:
            _log.warning("file.waits", extra={"reference": error.reference})
            if tries:
                await asyncio.sleep(min(error.after, limits.FILE_PAUSE))
                await self._fetch(key, tries=tries - 1)
            return
        if fetched is None:
            return
        inbound, where = fetched
        if isinstance(inbound, Refuse):
            await self._answers.direct(message(inbound), where)
            return
        reply = await self._handle(inbound)
        await self.pictures.done(key)
        if where.view and isinstance(reply, Show) and isinstance(reply.view, Form):
            await self._quietly(self._answers.redraw(window(reply), where, where.view))
        else:
            self._direct(reply, where)

    async def _quietly(self, work: Any) -> None:
        """Let a showing be lost, and say in the log that it was."""
        try:
            await work
        except PlatformError as error:
            _log.warning("answer.lost", extra={"reference": error.reference})


def _carrier(body: Body, *, guest: bool) -> Filled:
    """Return something with the key and the person of a message that brings files."""
    where = place(body)
    return Filled(
        key=parse.event_key(body),
        actor=parse.actor(where.origin, guest=guest),
        intent=Discard("", 0),
        values={},
    )
