"""What every e-mail says of itself, so that servers, programs and readers take it for what it is. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from adapters.email import render
from adapters.email.calendar import invite
from adapters.email.options import Options
from flows.ui.cards import Card, Tone
from flows.ui.plain_text import plain
from flows.words import say

#: How the ids of our messages look; whatever else comes back is not ours.
OURS = re.compile(r"<(rp\.[0-9a-f]{40})@[^<>@\s]+>")
#: Cards that come every week, so that somebody may want them to stop.
_REGULAR = "digest"


def number(key: str) -> str:
    """Return the number a message has, however often it is sent: nothing can be read off it."""
    return f"rp.{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def envelope(options: Options) -> str:
    """Return whom servers take it from, and send it back to."""
    return options.bounces or parseaddr(options.sender)[1]


def message_id(options: Options, known_as: str) -> str:
    """Return a message's id, which everybody who carries it keeps."""
    return f"<{known_as}@{parseaddr(options.sender)[1].rpartition('@')[2]}>"


def made(
    options: Options,
    card: Card,
    *,
    to: str,
    known_as: str,
    at: dt.datetime,
    root: str = "",
    repeat: bool = False,
) -> bytes:
    """Return a card as a message. ``root`` = what it follows on; ``repeat`` = it may have come before."""
    name, address = parseaddr(options.sender)
    mark = say("mailed.repeat") if repeat else ""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = " ".join(plain(card.summary).split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(options, known_as)
    if root:
        message["In-Reply-To"] = message["References"] = message_id(options, root)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: no answering machine answers it
    message["X-Auto-Response-Suppress"] = "All"  # Exchange's own: [MS-OXCMAIL] 2.2.3.2.14
    if options.reply_to:
        message["Reply-To"] = Address(addr_spec=options.reply_to)
    if card.kind == _REGULAR and options.reply_to:  # RFC 2369, 3.2: a person reads it
        subject = "".join(f"%{byte:02X}" for byte in say("mailed.unsubscribe").encode())
        message["List-Unsubscribe"] = f"<mailto:{options.reply_to}?subject={subject}>"
    if card.tone is Tone.DANGER:
        message["Importance"] = "high"
    message.set_content(render.text(card, mark=mark), cte="quoted-printable")
    message.add_alternative(render.html(card, mark=mark), subtype="html", cte="quoted-printable")
    for off, name in ((False, "day.ics"), (True, "day-off.ics")):
        if days := [one for one in card.days if one.off is off]:
            content = invite(days, at, address)
            message.add_attachment(content, maintype="text", subtype="calendar", filename=name)
    return message.as_bytes()
