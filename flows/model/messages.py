"""The messages there are, each declared once: who may have it, its key, what the audit calls it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Message(StrEnum):
    """Which message a send carries; ``messages.templates`` has one function for each."""

    CASE_CARD = "case_card"
    UPDATE = "update"
    NOTICE = "notice"
    ASSIGNED = "assigned"
    FIRST_ALERT = "first_alert"
    RECEIPT = "receipt"
    PROGRESS = "progress"
    NOTE_TO_REPORTER = "note_to_reporter"
    REMINDER = "reminder"
    MORE_WAITS = "more_waits"
    CLOCK = "clock"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    PLACE = "place"
    PLATFORM = "platform"
    STATUS = "status"
    AWAY = "away"
    YEARLY = "yearly"
    REHEARSAL = "rehearsal"
    REHEARSAL_PLACE = "rehearsal_place"
    REHEARSAL_OVER = "rehearsal_over"
    REHEARSED = "rehearsed"
    REHEARSE = "rehearse"
    DIGEST = "digest"
    ROSTER = "roster"
    CODE = "code"
    NEW_LINK = "new_link"


class Readers(StrEnum):
    """Who may still have a message when it goes: its case is read again just before."""

    TOLD = "told"  #: whoever is told of its case at that moment, and a place that holds the case
    REPORTER = "reporter"  #: whoever reported, about what they reported
    PLANNED = "planned"  #: whomever it was planned for: it says nothing of a case


class Declared(Struct, frozen=True, kw_only=True):
    """What holds of a message.

    ``key`` is how its key is made: of what it is about (a case or a draft), where it goes, the number of its
    event, what numbers it anew, and its own facts; no two messages of one moment may come to the same. Keys
    are stored, so what stands here stays. ``called`` is what the audit says somebody was sent. Only what is
    ``open`` may go to a channel: it says nothing of what was posted and names nobody. Of what is due in the
    same moment, what has the higher ``order`` goes later.
    """

    readers: Readers
    key: str
    called: str
    open: bool = False
    order: int = 0


_REPORTERS = "the reporter's own message"

MESSAGES: dict[Message, Declared] = {
    Message.CASE_CARD: Declared(
        readers=Readers.TOLD, key="{about}/card{again}/{where}", called="card", open=True
    ),
    Message.UPDATE: Declared(
        readers=Readers.TOLD,
        key="{about}/{event}{again}/{where}",
        called="line {event} of the thread",
        open=True,
        order=2,
    ),
    Message.NOTICE: Declared(
        readers=Readers.TOLD, key="{about}/notice{again}/{where}", called="notice", order=1
    ),
    Message.ASSIGNED: Declared(
        readers=Readers.TOLD,
        key="{about}/{event}{again}/assigned/{where}",
        called="what was handed on",
        order=3,
    ),
    Message.FIRST_ALERT: Declared(
        readers=Readers.PLANNED, key="{about}/alert{again}/{where}", called="alert"
    ),
    Message.RECEIPT: Declared(
        readers=Readers.REPORTER, key="{about}/receipt{again}/{where}", called=_REPORTERS
    ),
    Message.PROGRESS: Declared(  # an edit goes between an update and this
        readers=Readers.REPORTER,
        key="{about}/{event}{again}/reporter.{platform}",
        called=_REPORTERS,
        order=4,
    ),
    Message.NOTE_TO_REPORTER: Declared(
        readers=Readers.REPORTER, key="{about}/{event}{again}/note.{platform}", called=_REPORTERS, order=4
    ),
    Message.REMINDER: Declared(  # what rings in one moment is one message
        readers=Readers.TOLD, key="{about}/remind/{at}/{where}", called="reminder", order=1
    ),
    Message.MORE_WAITS: Declared(  # once a person and a day, whichever way it takes
        readers=Readers.PLANNED, key="more/{school}/{day}/{person}", called="more waits"
    ),
    Message.CLOCK: Declared(
        readers=Readers.PLANNED, key="clock/{school}/{day}/{state}/{platform}:{person}", called="clock"
    ),
    Message.WITHDRAWN: Declared(
        readers=Readers.PLANNED, key="{about}/withdrawn{again}/{where}", called="withdrawn"
    ),
    Message.REMOVED: Declared(  # only ever an edit of what was sent
        readers=Readers.PLANNED, key="{about}/removed{again}/{where}", called="removed", open=True
    ),
    Message.PLACE: Declared(
        readers=Readers.PLANNED,
        key="place/{school}/{on}/{place}/{day}/{platform}:{person}",
        called="place",
    ),
    Message.PLATFORM: Declared(  # once a person, whichever way it takes
        readers=Readers.PLANNED, key="platform/{school}/{on}/{at}/{state}/{person}", called="platform"
    ),
    Message.STATUS: Declared(  # once a person and a day, whichever way it takes
        readers=Readers.PLANNED, key="status/{school}/{what}/{day}/{state}/{person}", called="status"
    ),
    Message.AWAY: Declared(
        readers=Readers.PLANNED, key="away/{school}/{seat}/{day}/{platform}:{person}", called="away"
    ),
    Message.ROSTER: Declared(
        readers=Readers.PLANNED, key="roster/{school}/{change}/{state}/{platform}:{person}", called="roster"
    ),
    Message.YEARLY: Declared(
        readers=Readers.PLANNED, key="yearly/{school}/{day}/{platform}:{person}", called="yearly wording"
    ),
    Message.REHEARSAL: Declared(
        readers=Readers.PLANNED, key="rehearsal/{rehearsal}/{where}", called="rehearsal: message to press"
    ),
    Message.REHEARSAL_PLACE: Declared(  # its thread is ``again``
        readers=Readers.PLANNED,
        key="rehearsal/{rehearsal}/place{again}/{where}",
        called="rehearsal: message in a channel",
        open=True,
    ),
    Message.REHEARSAL_OVER: Declared(  # only ever an edit of what was sent
        readers=Readers.PLANNED,
        key="rehearsal/{rehearsal}/over{again}/{where}",
        called="rehearsal: over",
        open=True,
    ),
    Message.REHEARSED: Declared(
        readers=Readers.PLANNED, key="rehearsal/{rehearsal}/came/{where}", called="rehearsal: what came of it"
    ),
    Message.REHEARSE: Declared(  # once a person and a school year
        readers=Readers.PLANNED, key="rehearse/{school}/{year}/{platform}:{person}", called="rehearse"
    ),
    Message.CODE: Declared(
        readers=Readers.PLANNED, key="code/{link}/{n}/{where}", called="code for the case page"
    ),
    Message.NEW_LINK: Declared(
        readers=Readers.TOLD, key="{about}/link/{link}/{n}/{where}", called="new link to the case page"
    ),
    Message.DIGEST: Declared(
        readers=Readers.PLANNED, key="digest/{school}/{week}/{platform}{reader}", called="digest", open=True
    ),
}
