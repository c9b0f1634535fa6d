"""A rehearsal in hand: what it sends as it was delivered, and how each of them came out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from flows.delivery import rehearsal
from flows.delivery.rehearsal import Standing, Step
from flows.model import Posted, Rehearsal, Send, SendState
from flows.school import Platform
from tests.flows.matter import AT, CHAIR, HEAD, SCHOOL

PLATFORMS = (Platform.WEB, Platform.EMAIL)
#: The Chair is only by e-mail, and one governor nowhere.
TRIED_AT = replace(
    SCHOOL,
    people={
        **SCHOOL.people,
        CHAIR: replace(SCHOOL.people[CHAIR], accounts={Platform.EMAIL: "ellis@school.example"}),
        "gale": replace(SCHOOL.people["gale"], accounts={}),  # type: ignore[dict-item,index]
    },
)


def begun(at: dt.datetime = AT) -> Rehearsal:
    """Return one that has just begun."""
    return rehearsal.begun(TRIED_AT, PLATFORMS, called="01R", by=HEAD, at=at)


def delivered(one: Rehearsal, *, trouble: Mapping[int, str] = {}, over: bool = False) -> dict[str, Send]:
    """Return its messages as they were taken; ``trouble`` = by number, why one was not."""
    found = {}
    for send in (*rehearsal.beginning(one), *(rehearsal.taking_away(one, AT) if over else ())):
        why = trouble.get(int(send.facts.get("n", -1)), "")
        posted = Posted(platform=send.platform, channel="c", message=send.key)
        state = SendState.FAILED if why else SendState.SENT
        found[send.key] = replace(send, state=state, trouble=why, posted=None if why else posted)
    return found


def tried(*, ended: bool = False) -> Standing:
    """Return one of which everything came: the Headteacher pressed, two were not reached, nor a channel."""
    one = begun()
    pressed = replace(one.asked[0], pressed_at=AT)
    asked = (pressed, *one.asked[1:])
    one = replace(one, asked=asked, **({"ended_at": AT, "told_at": AT} if ended else {}))
    last = len(asked) - 1
    trouble = {1: "nobody-there", 2: "slack-account-inactive", last: "The bot is not in the channel."}
    return rehearsal.came_of(one, delivered(one, trouble=trouble, over=ended))


__all__ = ["PLATFORMS", "TRIED_AT", "Step", "begun", "delivered", "tried"]
