"""Whole pages: what a conversation holds right now, put together for its template."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup
from msgspec import Struct

from adapters.web import limits
from adapters.web.guard import Keys
from adapters.web.messages import Message
from adapters.web.panes import Line, Pane, Panes
from adapters.web.render import Desk, card_html, form_html, page
from adapters.web.rooms import Room, Somebody, people, rooms
from adapters.web.send import WebChat
from flows.ports import Directory
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.intents import Begin, encode


class Entry(Struct, frozen=True, kw_only=True):
    """A message or a line as the template takes it; ``replies`` are those of its thread."""

    kind: Literal["card", "mine", "said"]
    id: int
    at: dt.datetime
    when: str
    stamp: str
    html: Markup | str
    summary: str = ""
    edited: bool = False
    repeat: bool = False
    broadcast: bool = False
    day: str = ""
    replies: tuple[Entry, ...] = ()


class Pages:
    """Puts pages together; keeps nothing of its own."""

    def __init__(self, chat: WebChat, directory: Directory, panes: Panes, keys: Keys) -> None:
        self._chat = chat
        self._directory = directory
        self._panes = panes
        self._keys = keys
        schools = list(directory.schools.values())
        self._zone = ZoneInfo(schools[0].time.timezone if schools else "Europe/London")

    def chooser(self) -> str:
        """Return the page that asks who one wants to be."""
        schools: dict[str, list[Somebody]] = {}
        for one in people(self._directory):
            schools.setdefault(one.school, []).append(one)
        return page("choose", schools=schools)

    def conversation(self, account: str, room: Room, *, unsaved: str = "") -> str:
        """Return one conversation; ``unsaved`` is the key of a post the store could not keep."""
        pane = self._panes.of(account, room.slug)
        pane.seen = self._chat.newest(room.place)
        desk = Desk(account=account, place=room.slug, mint=lambda: self._keys.mint(account))
        shown = self._timeline(room, pane, desk)
        everybody = people(self._directory)
        others = rooms(self._directory, self._chat, account)
        return page(
            "workspace",
            me=next(one for one in everybody if one.account == account),
            members=self._members(room, everybody),
            room=room,
            rooms=[(other, self._unseen(account, other)) for other in others],
            desk=desk,
            shown=shown,
            now=self._now(pane, room, desk, unsaved),
            pane=pane,
            begin=encode(Begin()),
            unsaved=unsaved,
        )

    def _members(self, room: Room, everybody: list[Somebody]) -> list[Somebody]:
        if room.kind == "direct":
            return []
        return [one for one in everybody if self._chat.may_read(room.place, one.account)]

    def _unseen(self, account: str, room: Room) -> int:
        return self._chat.unseen(room.place, self._panes.of(account, room.slug).seen)

    def _now(self, pane: Pane, room: Room, desk: Desk, unsaved: str) -> dict[str, Any]:
        """Return what this person was answered last, unless it stands in the conversation already."""
        level = 2 if room.kind == "direct" else 3
        match pane.view:
            case Form() as form:
                return {"kind": "form", "html": form_html(form, desk, heading=level, key=unsaved)}
            case Card() as card:
                direct = self._chat.roots(f"@{desk.account}", most=20)
                there = pane.passing and any(
                    message.card.kind == card.kind and message.at >= pane.since for message in direct
                )
                if there and room.kind == "direct":
                    return {"kind": "", "html": ""}
                kind = "passing" if pane.passing else "card"
                return {"kind": kind, "html": card_html(card, desk), "summary": card.summary}
            case None:
                return {"kind": "", "html": ""}

    def _timeline(self, room: Room, pane: Pane, desk: Desk) -> list[Entry]:
        replies = self._chat.replies(room.place)
        shown = [
            self._message(message, desk, replies.get(message.id, []))
            for message in self._chat.roots(room.place, most=limits.MESSAGES)
        ]
        shown.extend(self._line(line) for line in pane.lines)
        shown.sort(key=lambda one: one.at)
        return self._with_days(shown)

    def _with_days(self, shown: list[Entry]) -> list[Entry]:
        before = ""
        marked = []
        for one in shown:
            day = self._day(one.at)
            marked.append(one if day == before else _on(one, day))
            before = day
        return marked

    def _day(self, at: dt.datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{local:%A} {local.day} {local:%B}"

    def _message(self, message: Message, desk: Desk, replies: list[Message]) -> Entry:
        return Entry(
            kind="card",
            id=message.id,
            at=message.at,
            when=self._time(message.at),
            stamp=message.at.isoformat(timespec="seconds"),
            html=card_html(message.card, desk),
            summary=message.card.summary,
            edited=message.edited is not None,
            repeat=message.repeat,
            broadcast=message.broadcast,
            replies=tuple(self._message(reply, desk, []) for reply in replies),
        )

    def _line(self, line: Line) -> Entry:
        return Entry(
            kind="mine" if line.mine else "said",
            id=0,
            at=line.at,
            when=self._time(line.at),
            stamp=line.at.isoformat(timespec="seconds"),
            html=line.text,
        )

    def _time(self, at: dt.datetime) -> str:
        return f"{at.astimezone(self._zone):%H:%M}"


def _on(one: Entry, day: str) -> Entry:
    """Return the same, the first of its day."""
    return msgspec.structs.replace(one, day=day)
