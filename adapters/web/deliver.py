"""A post of a page → the door → what the page shows next. What somebody is writing is kept on the way.

Knows panes and the door, no HTTP. Files go ahead of the form they came with, one by one: a file that
cannot be kept is named with its reason and takes no other along.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from adapters.web import limits, parse
from adapters.web.panes import Pane, Panes
from adapters.web.reading import Sent
from adapters.web.rooms import Room
from adapters.web.send import WebChat
from flows.errors import InvalidAnswer, StoreError
from flows.ports import Clock, Door
from flows.ui.forms import Form, Value
from flows.ui.inbound import Inbound, Pressed, Refuse, Show, Surface, Uploaded
from flows.ui.intents import Act, AnswerPage, Discard, Fill, GoTo, Intent, SendReport, TakeOut, decode
from flows.ui.plain_text import size
from flows.words import say

Verb = Callable[[str, Room, str, Sent], Inbound]


class Delivery:
    """Hands in what was posted, and keeps what was only written."""

    def __init__(self, door: Door, chat: WebChat, panes: Panes, clock: Clock) -> None:
        self._door = door
        self._chat = chat
        self._panes = panes
        self._clock = clock

    async def take(
        self, account: str, room: Room, key: str, sent: Sent, verb: Verb, *, sends: bool = True
    ) -> None:
        """Hand a post in. ``sends`` False = its words stay where they are, only its files go.

        Raises StoreError if it could not be kept; the page still holds what was written.
        """
        pane = self._panes.of(account, room.slug)
        self.write(account, room, sent)
        try:
            refusal = await self._hand_in(account, room, key, sent, verb)
        except StoreError:
            pane.forgive()
            raise
        if refusal is not None:
            pane.refuse(_told_plainly(refusal, pane, sent))
        elif sends:
            self._sent_on(account, room, pane, sent)
        self._chat.tell(f"@{account}")

    def write(self, account: str, room: Room, sent: Sent) -> None:
        """Keep what stands in a form or a box as it is typed. What belongs to a report that ended is not."""
        values = parse.values(sent.pairs)
        raw = parse.first(sent.pairs, "intent")
        if raw and values:
            about = subject(raw)
            if about not in self._panes.of(account, room.slug).ended:
                name = slot(account, about)
                self._chat.write(name, {**self._chat.written(name), **values})
        if any(name == "text" for name, _ in sent.pairs):
            name = boxes(account, room)
            text = parse.lines(parse.first(sent.pairs, "text"))
            thread = parse.first(sent.pairs, "thread")
            before = {box: words for box, words in self._chat.written(name).items() if box != thread}
            self._chat.write(name, {**before, thread: text} if text.strip() else before)

    def _sent_on(self, account: str, room: Room, pane: Pane, sent: Sent) -> None:
        """Forget what was written and has now been taken in."""
        if any(name == "text" for name, _ in sent.pairs):
            self.write(
                account, room, Sent(pairs=(("text", ""), ("thread", parse.first(sent.pairs, "thread"))))
            )
        raw = parse.first(sent.pairs, "intent")
        if not raw:
            return
        name = slot(account, subject(raw))
        taken = parse.values(sent.pairs)
        held = {} if subject(raw) in pane.ended else self._chat.written(name)
        if held or subject(raw) in pane.ended:
            self._chat.write(name, {field: value for field, value in held.items() if field not in taken})

    async def _hand_in(self, account: str, room: Room, key: str, sent: Sent, verb: Verb) -> Refuse | None:
        """Hand in the files, then the rest; return why nothing happened, or None."""
        pane = self._panes.of(account, room.slug)
        try:
            inbound = verb(account, room, key, sent)
        except InvalidAnswer as error:
            return Refuse(error.message, error.hint, field=error.field, reference=error.reference)
        if sent.files or sent.too_large:
            refusal = await self._files(account, pane, key, sent)
            if refusal is not None or isinstance(inbound, Uploaded):
                return refusal
        reply = await self._door.handle(inbound)
        if isinstance(reply, Refuse):
            return reply
        pane.answered(reply, inbound, self._clock.now())
        return None

    async def _files(self, account: str, pane: Pane, key: str, sent: Sent) -> Refuse | None:
        """Hand in files one by one; return which were left out and why, or None."""
        most = say("web.file_too_large", most=size(limits.FILE_BYTES), all=size(limits.UPLOAD_BYTES))
        many = say("web.too_many_files", most=limits.FILES)
        left = [
            *(Refuse(say("file.lost", name=n, why=most), reference="file-too-large") for n in sent.too_large),
            *(Refuse(say("file.lost", name=n, why=many), reference="too-many-files") for n in sent.too_many),
        ]
        for number, file in enumerate(sent.files):
            inbound = parse.uploaded(account, f"{key}/{number}", sent.pairs, [file])
            reply = await self._door.handle(inbound)
            if isinstance(reply, Refuse):
                left.append(reply)
            else:
                pane.answered(reply, inbound, self._clock.now())
        if not left:
            return None
        words = " ".join(dict.fromkeys(refusal.message for refusal in left))
        return Refuse(words, field=pane.file_field(), reference=left[0].reference)

    async def go_back(self, account: str, room: Room, key: str, page: str) -> None:
        """Show a page of the open report again, because the browser went back to it."""
        pane = self._panes.of(account, room.slug)
        intent = pane.ways_back.get(page)
        if intent is None or pane.form_id == page:
            return
        inbound = Pressed(
            key=f"web/{key}/back", actor=parse.actor(account), surface=surface(room), intent=intent
        )
        try:
            reply = await self._door.handle(inbound)
        except StoreError:
            return
        if isinstance(reply, Show):
            pane.answered(reply, inbound, self._clock.now())
            self._chat.tell(f"@{account}")


def surface(room: Room) -> Surface:
    """Return which surface a form stands on: in a channel it opens as a dialog."""
    return Surface.MESSAGE if room.kind == "direct" else Surface.MODAL


def subject(raw: str) -> str:
    """Return what a form is about, so that its words are found again: a draft, or what is done to a case."""
    try:
        intent: Intent = decode(raw)
    except InvalidAnswer:
        return ""
    match intent:
        case AnswerPage() | GoTo() | SendReport() | Discard() | TakeOut():
            return intent.draft
        case Act() | Fill():
            return f"{intent.case}/{intent.action}"
        case _:
            return intent.__class__.__name__


def slot(account: str, about: str) -> str:
    """Return the name under which what somebody writes in a form is kept."""
    return f"{account}\n{about}"


def boxes(account: str, room: Room) -> str:
    """Return the name under which what stands in a conversation's boxes is kept."""
    return f"{account}\n\n{room.slug}"


def _told_plainly(refusal: Refuse, pane: Pane, sent: Sent) -> Refuse:
    """Return the refusal; where a report ended in another window, it says what became of it."""
    ended = pane.ended.get(subject(parse.first(sent.pairs, "intent")), "")
    if refusal.reference != "draft-gone" or not ended:
        return refusal
    return msgspec.structs.replace(refusal, message=ended, hint=say("web.way_on"))


def shown_with(form: Form, written: dict[str, Value]) -> dict[str, Value]:
    """Return of what was written what this form has fields for."""
    names = {field.name for field in form.fields}
    return {name: value for name, value in written.items() if name in names}
