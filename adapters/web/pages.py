"""Whole pages: what a conversation holds right now, put together for its template."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup
from msgspec import Struct

from adapters.web import limits
from adapters.web.deliver import boxes, shown_with, slot, subject
from adapters.web.guard import Keys
from adapters.web.messages import Message
from adapters.web.panes import Line, Pane, Panes
from adapters.web.render import Desk, card_html, case_of, form_html, page, refilled
from adapters.web.rooms import Room, Somebody, people, rooms
from adapters.web.send import WebChat
from flows.model import Action
from flows.ports import Directory
from flows.ui.cards import Card, Heading, Tone, buttons_of
from flows.ui.forms import Form
from flows.ui.intents import Act, Begin, encode


class Entry(Struct, frozen=True, kw_only=True):
    """A message or a line as the template takes it; ``replies`` are those of its thread."""

    kind: Literal["card", "mine", "said"]
    id: int
    at: dt.datetime
    when: str
    stamp: str
    html: Markup | str
    summary: str = ""
    title: str = ""
    #: how pressing it is, the least first; () = not at all
    weight: tuple[int, ...] = ()
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

    def chooser(self, *, set_up: bool) -> str:
        """Return the page that asks who one wants to be; ``set_up`` = with the button that begins set-up."""
        schools: dict[str, list[Somebody]] = {}
        for one in people(self._directory):
            schools.setdefault(one.school, []).append(one)
        return page("choose", schools=schools, set_up=set_up)

    def set_up(self) -> str:
        """Return the page that says where set-up has begun."""
        return page("set_up/begun")

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
            pressing=most_pressing(shown) if room.kind != "direct" else [],
            now=self._now(pane, room, desk, unsaved),
            pane=pane,
            boxes=self._chat.written(boxes(account, room)),
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
        nothing = dict.fromkeys(("kind", "html", "title", "id", "about"), "")
        level = 2 if room.kind == "direct" else 3
        match pane.view:
            case Form() as form:
                written = self._chat.written(slot(desk.account, subject(encode(form.submit))))
                form, again = refilled(form, written), bool(shown_with(form, written))
                html = form_html(form, desk, heading=level, key=unsaved, again=again)
                return nothing | {"kind": "form", "html": html, "title": form.title, "id": f"t-{form.id}"}
            case Card() as card:
                direct = self._chat.roots(f"@{desk.account}", most=20)
                there = pane.passing and any(
                    message.card.kind == card.kind and message.at >= pane.since for message in direct
                )
                if there and room.kind == "direct":
                    return nothing
                kind = "passing" if pane.passing else "card"
                about = self._heading(room, pane.about) if kind == "passing" else ""
                return nothing | {
                    "kind": kind,
                    "html": card_html(card, desk),
                    "title": card.summary,
                    "about": about,
                }
            case None:
                return nothing

    def _heading(self, room: Room, case: str) -> str:
        """Return what a case's card in this conversation is called."""
        cards = (message.card for message in self._chat.roots(room.place, most=limits.MESSAGES))
        return next((heading(card) for card in cards if case and case_of(card) == case), "")

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
            title=heading(message.card),
            weight=_weight(message.card),
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


def most_pressing(shown: list[Entry]) -> list[Entry]:
    """Return the open cases of a channel: those not taken on first, then the more urgent, then the older."""
    return sorted((one for one in shown if one.weight), key=lambda one: one.weight)


def _weight(card: Card) -> tuple[int, ...]:
    """Return how pressing a case's card is, () if it is none or is closed; a card's tone is its urgency."""
    if card.kind != "case_card" or card.tone is Tone.GOOD:
        return ()
    waits = any(
        isinstance(button.intent, Act) and button.intent.action is Action.TAKE_ON
        for button in buttons_of(card)
    )
    return (0 if waits else 1, (Tone.DANGER, Tone.CAUTION, Tone.PLAIN).index(card.tone))


def heading(card: Card) -> str:
    """Return a card's title, "" if it has none."""
    return next((block.text for block in card.blocks if isinstance(block, Heading)), "")


def _on(one: Entry, day: str) -> Entry:
    """Return the same, the first of its day."""
    return msgspec.structs.replace(one, day=day)
