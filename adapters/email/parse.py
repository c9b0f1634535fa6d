"""A message that came back, as what it means: which of ours was not delivered. Pure.

Servers write such a report in one form (RFC 3464), and put into it what they could not deliver, or its head.
What is read is its kind, its verdict and our own number: no address and no word of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from enum import StrEnum

from msgspec import Struct

from adapters.email import limits
from adapters.email.manifest import OURS


class Verdict(StrEnum):
    """What became of a message that was taken."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


class CameBack(Struct, frozen=True):
    """A report on one of our messages, by its number."""

    known_as: str
    verdict: Verdict


_VERDICTS = {
    "failed": Verdict.FAILED,
    "delayed": Verdict.DELAYED,
    "delivered": Verdict.DELIVERED,
    "relayed": Verdict.DELIVERED,
    "expanded": Verdict.DELIVERED,
}


def parse(content: bytes) -> CameBack | None:
    """Return what came back; None = no report, or none on a message of ours."""
    if len(content) > limits.BOUNCE_BYTES:
        return None
    try:
        message = message_from_bytes(content, policy=compat32)
        verdicts = {_VERDICTS.get(action) for action in _actions(message)} - {None}
        known_as = next(_numbers(message), "")
    except (ValueError, LookupError, RecursionError):  # a message may be as broken as it likes
        return None
    if not verdicts or not known_as:
        return None
    # One message goes to one person: where verdicts differ, the worst is so.
    return CameBack(known_as, next(verdict for verdict in Verdict if verdict in verdicts))


def _parts(message: Message) -> Iterator[Message]:
    for count, part in enumerate(message.walk()):
        if count == limits.BOUNCE_PARTS:
            return
        yield part


def _actions(message: Message) -> Iterator[str]:
    """Yield the verdict on each recipient; a delivery status is a part of parts, each with fields."""
    if message.get_content_type() != "multipart/report":
        return
    inside = False
    for part in _parts(message):
        kind = part.get_content_type()
        inside = kind in ("message/delivery-status", "message/global-delivery-status") or (
            inside and kind == "text/plain"
        )
        action = part.get("Action")
        if inside and action is not None:
            yield str(action).strip().lower()


def _numbers(message: Message) -> Iterator[str]:
    """Yield our numbers in it: of the message it holds, of the head it holds, of what it answers."""
    for part in _parts(message):
        heads = [str(part.get("Message-ID", ""))] if part is not message else []
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            heads.append(str(part.get_payload()))
        for head in heads:
            if found := OURS.search(head):
                yield found[1]
    for name in ("In-Reply-To", "References"):
        if found := OURS.search(str(message.get(name, ""))):
            yield found[1]
