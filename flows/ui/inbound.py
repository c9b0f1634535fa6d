"""Everything that can come in, as a closed union, and everything that can be answered at once.

``key`` names the delivery: the same key twice is the same thing twice, and changes nothing the
second time. ``Reply`` is what the one who acted is shown; it is never stored and can always be
derived again from the state, so losing one loses nothing.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from flows.school import Platform
from flows.ui.cards import Card
from flows.ui.forms import Form, Value
from flows.ui.intents import ChatCommand, Intent


class Surface(StrEnum):
    """Where a person is looking: each keeps its own place in the conversation."""

    MESSAGE = "message"
    MODAL = "modal"


class Actor(Struct, frozen=True, kw_only=True):
    """Who did it, in the platform's own ids. ``guest`` = the platform says: not a full member."""

    platform: Platform
    workspace: str
    account: str
    guest: bool = False


class Upload(Struct, frozen=True):
    """A file as it came: its claimed name and its bytes."""

    name: str
    content: bytes


class Lost(Struct, frozen=True):
    """A file that could not be had: its claimed name, why in words, and the reference of that error."""

    name: str
    why: str
    reference: str = ""


class _Inbound(Struct, frozen=True, kw_only=True):
    key: str
    actor: Actor
    surface: Surface = Surface.MESSAGE


class Started(_Inbound, frozen=True, kw_only=True, tag=True):
    """Somebody wants to report; words or a link may have come along."""

    words: str = ""
    link: str = ""


class Pressed(_Inbound, frozen=True, kw_only=True, tag=True):
    """A button."""

    intent: Intent


class Filled(_Inbound, frozen=True, kw_only=True, tag=True):
    """A form, submitted: values by field name; unknown names are ignored."""

    intent: Intent
    values: dict[str, Value]


class Typed(_Inbound, frozen=True, kw_only=True, tag=True):
    """Words typed to the bot in a direct message (or as a mention): an answer or a command.

    ``link`` is an address that came along, where the words do not show it. ``early`` = said before the
    answer to the message before it was shown: no answer to a question that nobody had seen.
    """

    text: str
    link: str = ""
    early: bool = False


class Reworded(_Inbound, frozen=True, kw_only=True, tag=True):
    """Somebody changed words that they had typed. ``before`` "" = not known; ``after`` "" = taken back."""

    before: str
    after: str


class Uploaded(_Inbound, frozen=True, kw_only=True, tag=True):
    """Files for the open draft (``case`` = "") or for a case the person may add to.

    ``lost`` are those that came along and could not be had. ``handed_in`` = when, if they had to be fetched
    first: a report that was sent meanwhile is the one they belong to.
    """

    files: tuple[Upload, ...]
    case: str = ""
    lost: tuple[Lost, ...] = ()
    handed_in: dt.datetime | None = None


class Asked(_Inbound, frozen=True, kw_only=True, tag=True):
    """A command; ``argument`` as in ``case HPS-2026-7H4M``."""

    command: ChatCommand
    argument: str = ""


class Noted(_Inbound, frozen=True, kw_only=True, tag=True):
    """A leader's words for a case, from a message in its thread.

    ``channel`` and ``thread`` are the platform's ids of the thread the message stands in.
    """

    channel: str
    thread: str
    text: str


Inbound = Started | Pressed | Filled | Typed | Reworded | Uploaded | Asked | Noted


class Show(Struct, frozen=True, tag=True):
    """Show this next. ``note`` is a short line above a form ("Saved.", "I read that as Yes.")."""

    view: Form | Card
    note: str = ""


class Refuse(Struct, frozen=True, tag=True):
    """Nothing changed; here is why and what to do. ``form`` comes back filled in, where there is one."""

    message: str
    hint: str = ""
    field: str = ""
    form: Form | None = None
    reference: str = ""


class Receipt(Struct, frozen=True, tag=True):
    """It is done and safe. The same card also goes out durably to the person's direct messages
    when ``sent`` is true, so a message surface need not show it twice.
    """

    card: Card
    sent: bool = True


Reply = Show | Refuse | Receipt
