"""A rehearsal: which ways it tries, what it sends, how it is taken away, and what came of each.

What came of it is read from the messages and the presses themselves: nothing is counted beside them. One of
those it asks is known by its number: its place in ``Rehearsal.asked``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from flows.delivery import sends
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.model import Asked, Message, Place, Rehearsal, Send, SendState, Way
from flows.school import MAILED, PersonId, Platform, School, Seat

#: It ends by itself after so long: somebody who works on two days a week has seen it by then.
LASTS = dt.timedelta(days=5)
#: For so long it is tried to take away what was sent, and then to say what came of it.
TAKES_AWAY = dt.timedelta(days=2)
_OPEN = (SendState.WAITING, SendState.ATTEMPTED)


class Step(StrEnum):
    """What is tried in a channel, in order; of a person there is one, the first."""

    POSTED = "posted"
    EDITED = "edited"
    THREADED = "threaded"


class Came(StrEnum):
    """What came of one of them."""

    PRESSED = "pressed"
    THERE = "there"  #: the platform has taken it; of a person, nobody has pressed yet
    PERHAPS = "perhaps"  #: it went out, and no answer came: it may be there, and is looked for
    TRIED = "tried"  #: it has not gone out yet, and is tried on
    FAILED = "failed"  #: it did not go out, and is tried no more


class Outcome(Struct, frozen=True):
    """What came of it, and in a word why not, where the platform gave a reason."""

    came: Came
    why: str = ""


class Standing(Struct, frozen=True, kw_only=True):
    """How a rehearsal stands: what came of each step of each that it asks; what could not be taken away.

    ``down`` are the platforms that take nothing at this moment.
    """

    rehearsal: Rehearsal
    outcomes: tuple[Mapping[Step, Outcome], ...]
    left: frozenset[int] = frozenset()
    down: tuple[Platform, ...] = ()


def administrators(school: School) -> tuple[PersonId, ...]:
    """Return who may begin, look at and end a rehearsal: who administers the bot, else the Headteacher."""
    return school.administrators or school.seats.get(Seat.HEADTEACHER, ())[:1]


def begun(
    school: School, platforms: Sequence[Platform], *, called: str, by: PersonId | None, at: dt.datetime
) -> Rehearsal:
    """Return one of every way to whoever holds a seat or administers the bot, and of every channel."""
    people = [one for one in school.people if school.seats_of(one) or one in administrators(school)]
    ways = {person: reach(school, person, platforms, everywhere=True) for person in people}
    asked = [Asked(platform=platform, person=person) for person in people for platform in ways[person]]
    channels: list[tuple[Place, Seat | None, Mapping[Platform, str]]] = [
        (Place.LEADERSHIP, None, school.leadership),
        *((Place.RESTRICTED, seat, places) for seat, places in school.restricted.items()),
    ]
    asked += [
        Asked(platform=platform, place=place, seat=seat)
        for place, seat, addresses in channels
        for platform in platforms
        if addresses.get(platform) and platform not in MAILED
    ]
    return Rehearsal(
        id=called,
        school=school.id,
        by=by,
        at=at,
        until=at + LASTS,
        asked=tuple(asked),
        nowhere=tuple(person for person in people if not ways[person]),
    )


def sent_to(rehearsal: Rehearsal, number: int) -> dict[Step, Send]:
    """Return what one of them is sent: a person one message; a place one, its change and a line below it."""
    asked = rehearsal.asked[number]
    first = plan(
        Message.REHEARSAL if asked.person else Message.REHEARSAL_PLACE,
        Way.DIRECT if asked.person else Way.ROOT,
        school=rehearsal.school,
        platform=asked.platform,
        place=asked.place,
        seat=asked.seat,
        person=asked.person,
        facts={"rehearsal": rehearsal.id, "n": str(number), "step": Step.POSTED},
        due=rehearsal.at,
    )
    if asked.person:
        return {Step.POSTED: first}
    below = plan(
        Message.REHEARSAL_PLACE,
        Way.REPLY,
        school=rehearsal.school,
        platform=asked.platform,
        place=asked.place,
        seat=asked.seat,
        again=1,
        facts={**first.facts, "step": Step.THREADED},
        due=rehearsal.at,
    )
    changed = sends.edit(first, rehearsal.at)
    return {
        Step.POSTED: first,
        Step.EDITED: replace(changed, facts={**first.facts, "step": Step.EDITED}),
        Step.THREADED: replace(below, root=first.key),
    }


def beginning(rehearsal: Rehearsal) -> tuple[Send, ...]:
    """Return all that is sent at the beginning."""
    numbers = range(len(rehearsal.asked))
    return tuple(send for number in numbers for send in sent_to(rehearsal, number).values())


def drawn_again(rehearsal: Rehearsal, number: int, at: dt.datetime) -> tuple[Send, ...]:
    """Return the edit of what somebody has pressed: its button goes. An e-mail stays as it went."""
    mailed = rehearsal.asked[number].platform in MAILED
    return () if mailed else (sends.edit(sent_to(rehearsal, number)[Step.POSTED], at),)


def taking_away(rehearsal: Rehearsal, at: dt.datetime) -> tuple[Send, ...]:
    """Return the edits by which all that can be changed says only that there was a rehearsal."""
    return tuple(
        replace(
            sends.edit(sent, at, why="over"),
            message=Message.REHEARSAL_OVER,
            facts={"rehearsal": rehearsal.id},
        )
        for sent in _whole(rehearsal)
        if sent.platform not in MAILED
    )


def keys(rehearsal: Rehearsal) -> tuple[str, ...]:
    """Return the keys of all that it has sent or may have: nothing else has any of them."""
    numbers = range(len(rehearsal.asked))
    drawn = [one for number in numbers for one in drawn_again(rehearsal, number, rehearsal.at)]
    all_of_it = (*beginning(rehearsal), *drawn, *taking_away(rehearsal, rehearsal.at))
    return tuple(dict.fromkeys((*(send.key for send in all_of_it), *rehearsal.told)))


def came_of(rehearsal: Rehearsal, found: Mapping[str, Send]) -> Standing:
    """Return how it stands, by the messages of it that are stored."""
    outcomes = tuple(
        {step: _outcome(asked, found.get(send.key)) for step, send in sent_to(rehearsal, number).items()}
        for number, asked in enumerate(rehearsal.asked)
    )
    left = {int(sent.facts["n"]) for sent in _whole(rehearsal) if _stands(sent.key, found)}
    return Standing(rehearsal=rehearsal, outcomes=outcomes, left=frozenset(left))


def under_way(found: Mapping[str, Send], which: Collection[str]) -> bool:
    """Return whether any of these messages has still to go."""
    return any(key in found and found[key].state in _OPEN for key in which)


def _whole(rehearsal: Rehearsal) -> Iterator[Send]:
    """Yield what stands somewhere for itself, and has to be taken away."""
    for send in beginning(rehearsal):
        if send.way is not Way.EDIT:
            yield send


def _stands(key: str, found: Mapping[str, Send]) -> bool:
    """Return whether a message stands where it went, as far as is known."""
    sent, over = found.get(key), found.get(f"{key}/over")
    there = sent is not None and (sent.state is SendState.SENT or sent.unsure)
    return there and (over is None or over.state is not SendState.SENT)


def _outcome(asked: Asked, send: Send | None) -> Outcome:
    if asked.pressed_at is not None:
        return Outcome(Came.PRESSED)
    if send is not None and (send.state is SendState.ATTEMPTED or (send.unsure and send.state in _OPEN)):
        return Outcome(Came.PERHAPS)
    if send is None or send.state in _OPEN:
        return Outcome(Came.TRIED, send.trouble if send is not None else "")
    if send.state is SendState.SENT:
        return Outcome(Came.THERE)
    return Outcome(Came.FAILED, send.trouble)
