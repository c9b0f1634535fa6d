"""The listeners: parse, hand to the door, acknowledge, show. One path for every way in.

The order in each is the promise: the door has committed before ``ack``; what is shown comes after and
may be lost without losing anything. A skeleton window may open before, since it acknowledges nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from msgspec.structs import replace
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.slack import dialogue, limits, parse, views
from adapters.slack.dedupe import Background
from adapters.slack.direct_messages import DirectMessages
from adapters.slack.guests import People
from adapters.slack.message_reader import ids, read
from adapters.slack.options import Options
from adapters.slack.origin import Kind, Where, part_at, place, text_at
from adapters.slack.render import Json
from adapters.slack.reply_payloads import answered_one, needs_window, private, submitted, window
from adapters.slack.responder import BEGIN, Answers
from adapters.slack.send import SlackChat
from adapters.slack.staff import SlackStaff
from adapters.slack.turns import Turns
from adapters.slack.uploads import Pictures
from flows.errors import InvalidAnswer, ReportingError
from flows.ports import Directory, Door, Store
from flows.ui.forms import Form
from flows.ui.inbound import Inbound, Pressed, Refuse, Reply, Show, Started, Surface
from flows.ui.intents import GoTo, Intent, decode
from flows.words import say

Body = dict[str, Any]


class Hear:
    """Each listener takes what Bolt calls ``ack`` and ``body``."""

    def __init__(
        self,
        *,
        door: Door,
        directory: Directory,
        store: Store,
        chat: SlackChat,
        staff: SlackStaff,
        options: Options,
    ) -> None:
        self._chat = chat
        self.people = People(chat.web, directory)
        self._turns, self.background = Turns(door, self.people, staff), Background()
        self._answers = Answers(chat)
        self.pictures = Pictures(store=store, chat=chat, options=options)
        self._written = DirectMessages(
            turns=self._turns,
            people=self.people,
            answers=self._answers,
            pictures=self.pictures,
            background=self.background,
        )
        self._first_form_within = limits.FORM_WITHIN

    # -- ways in ------------------------------------------------------------------------------------

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """Answer ``/report-posting``: a window for a report, a private line for everything else."""
        where = place(body)
        names = await self.people.names(ids({"text": text_at(body, "text")}), where.origin)
        reply, view = await self._while_waiting(parse.command(body, names=names), where)
        if view:
            await ack()
            self._show_window(reply, where, view)
        elif needs_window(reply):
            trouble = await self._opened(window(reply), where)
            await (ack(**private(Refuse(trouble))) if trouble else ack())
        else:
            await ack(**private(reply))

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Begin a report with a message, or keep a message as a note of a case."""
        where = place(body)
        message = part_at(body, "message")
        author = {text_at(message, "user")} - {""}
        names = await self.people.names(ids(message) | author, where.origin)
        inbound = parse.shortcut(body, names=names)
        said = read(message, names)
        files = said.files if isinstance(inbound, Started) else ()
        written = await self.pictures.write_down(files, inbound, where) if files else ""
        reply, view = await self._while_waiting(inbound, where)
        await ack()
        self._show_window(reply, where, view)
        if written:
            self.background.start(self._written.fetch(written))

    async def action(self, ack: AsyncAck, body: Body) -> None:
        """Do what a button says."""
        where = place(body)
        try:
            inbound = parse.press(body)
        except InvalidAnswer as error:
            await ack()
            self.background.start(self._answers.open(views.refusal(error.message, error.hint), where))
            return
        if inbound is None:
            await ack()
            return
        inbound = await self._kept(inbound, body, where)
        stays = inbound.surface is Surface.MESSAGE
        if stays or where.kind is Kind.MODAL:
            reply = await self._turns.handle(inbound, where)
            await ack()
            shown = answered_one(inbound, reply) if stays else reply
            self.background.start(self._answers.show(shown, where, stays=stays))
            return
        again = inbound.intent if isinstance(inbound, Pressed) else BEGIN
        reply, view = await self._while_waiting(inbound, where, again=again)
        await ack()
        if view:
            self._show_window(reply, where, view)
        else:
            self.background.start(self._answers.show(reply, where, stays=False, again=again))

    async def submission(self, ack: AsyncAck, body: Body) -> None:
        """Take a window. What is wrong is shown beside its field; what was typed stays."""
        where = place(body)
        try:
            inbound = parse.submission(body)
        except InvalidAnswer as error:
            await ack(response_action="update", view=views.refusal(error.message, error.hint))
            return
        files = parse.files(part_at(body, "view", "state"))
        written = await self.pictures.write_down(files, inbound, where) if files else ""
        reply = await self._turns.handle(inbound, where)
        await ack(**submitted(reply, body))
        if written:
            self.background.start(self._written.fetch(written))

    async def closed(self, ack: AsyncAck, body: Body) -> None:
        """Leave *Continue* in the direct message when a report's window was closed half-way."""
        where = place(body)
        with contextlib.suppress(InvalidAnswer):
            if views.is_report(decode(text_at(body, "view", "private_metadata"))):
                kept = parse.kept_first(body)
                if kept is not None:
                    await self._turns.handle(kept, where)
                self.background.start(self._answers.direct(dialogue.unsent(), where))
        await ack()

    async def message(self, body: Body) -> None:
        """Take what was written to us."""
        await self._written.message(body)

    async def home(self, body: Body) -> None:
        """Draw the home tab for whoever opened it."""
        where = place(body)
        asked = parse.opened_home(body)
        if asked is None:
            return
        reply, first = await self._turns.first(asked, where)
        if not first:
            return
        shown = text_at(body, "event", "view", "private_metadata")
        card = views.refused_card(reply.message, reply.hint) if isinstance(reply, Refuse) else None
        if isinstance(reply, Show) and not isinstance(reply.view, Form):
            card = reply.view
        if card is not None:
            stamp = text_at(body, "event", "view", "hash")
            self.background.start(
                self._answers.quietly(self._answers.publish(card, where, shown=shown, stamp=stamp))
            )

    async def place_changed(self, body: Body) -> None:
        """Somebody came into a channel or left it, or it became another: who reads it is asked at once."""
        self._chat.memberships.forget(text_at(body, "event", "channel"))
        self._chat.changed()

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
        await self._written.resume()

    def forget(self) -> None:
        """Forget which deliveries came; the service's memory is the one that counts."""
        self._turns.forget()

    async def finish(self, within: float) -> int:
        """Finish what is under way. Returns how much had to be left."""
        return await self.background.finish(within)

    # -- how it is done ------------------------------------------------------------------------------------

    async def _while_waiting(
        self, inbound: Inbound, where: Where, *, again: Intent = BEGIN
    ) -> tuple[Reply, str]:
        """Return the reply, and the id of the window that was opened while it took too long ("" = none)."""
        task = asyncio.create_task(self._turns.handle(inbound, where))
        self.background.keep(task)
        done, _ = await asyncio.wait({task}, timeout=self._first_form_within)
        wait = not done and bool(where.trigger)
        view = await self._answers.open(views.one_moment(), where, again=again) if wait else ""
        try:
            return await task, view
        except ReportingError:
            if view:
                failed = views.refusal(say("slack.trouble.store"), "")
                self.background.start(self._answers.quietly(self._answers.redraw(failed, where, view)))
            raise

    async def _kept(self, inbound: Inbound, body: Body, where: Where) -> Inbound:
        """Return the press as it stands once the answers beside it are kept: Back throws nothing away."""
        kept = parse.kept_first(body) if body.get("view") else None
        if kept is None or not isinstance(inbound, Pressed) or not isinstance(inbound.intent, GoTo):
            return inbound
        reply = await self._turns.handle(kept, where)
        if isinstance(reply, Show) and isinstance(reply.view, Form):
            revision = getattr(reply.view.submit, "revision", inbound.intent.revision)
            return replace(inbound, intent=replace(inbound.intent, revision=revision))
        return inbound

    async def _opened(self, drawn: Json, where: Where) -> str:
        """Open a command's window; return what the acknowledgement must say if nobody else could."""
        task = asyncio.create_task(self._answers.try_open(drawn, where))
        self.background.keep(task)
        done, _ = await asyncio.wait({task}, timeout=limits.OPEN_WITHIN)
        return say("slack.trouble.no_window") if done and not any(task.result()) else ""

    def _show_window(self, reply: Reply, where: Where, view: str) -> None:
        drawn = window(reply)
        work = self._answers.redraw(drawn, where, view) if view else self._answers.open(drawn, where)
        self.background.start(self._answers.quietly(work))
