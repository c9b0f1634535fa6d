"""Every timer there is: its key, when it rings, what it does, and what ends it. docs/clock.md shows it."""

from __future__ import annotations

from msgspec import Struct

from flows.model import CaseId, TimerKind

#: The name of the ladder among the alarms of a case; every other alarm is named as its task.
LADDER = TimerKind.ACKNOWLEDGE.value


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of timer. ``key`` is how its key is made; the rest is said in words, since others do it."""

    key: str
    when: str
    does: str
    ends: str


TIMERS: dict[TimerKind, Kind] = {
    TimerKind.ACKNOWLEDGE: Kind(
        key="{case}/acknowledge",
        when="what presses: after the time to take it on, for each person; else each working morning",
        does="once it is late, tells the next person of the ladder by every channel they have; at its end"
        " everybody told hears it again, with the number of the fallback contact",
        ends="somebody takes the case on, or closes it",
    ),
    TimerKind.REMIND: Kind(
        key="{case}/remind/{about}",
        when="of each dated thing: the working morning before, the morning of its day, then each working"
        " morning; where it presses, at its moment and each hour, at any hour of any day",
        does="reminds whoever it is for, five times; then the next person of the ladder is told",
        ends="it is recorded, waits for a hold, or the case is closed; put off, it rings on that day",
    ),
    TimerKind.HEAR: Kind(
        key="{case}/hear",
        when="the second working day after a report, then every fifth",
        does="tells its reporter how it stands, in safe words",
        ends="the case is closed",
    ),
    TimerKind.UNFINISHED: Kind(
        key="{draft}/unfinished",
        when="a while after a report with danger in it was last touched",
        does="sends it as far as it got",
        ends="it is sent or thrown away",
    ),
    TimerKind.SHRED_DRAFT: Kind(
        key="{draft}/shred",
        when="so many days after a report was last touched as the school's file says, or thirty",
        does="forgets it",
        ends="it is sent or thrown away",
    ),
    TimerKind.DIGEST: Kind(
        key="digest/{school}",
        when="once in every ISO week, on the school's day and hour",
        does="sends the digest to the leadership channel",
        ends="nothing",
    ),
    TimerKind.REHEARSAL: Kind(
        key="rehearsal/{school}",
        when="while a rehearsal goes on: every two minutes",
        does="takes the rehearsal away when it is over, and tells whoever administers how it went",
        ends="the rehearsal is over, and nothing of it is left",
    ),
    TimerKind.KEEPING: Kind(
        key="keeping/{school}",
        when="each morning, where the school's file says how long reports are kept",
        does="says four weeks before that a case that is over goes; empties its messages, then removes it",
        ends="the file says it no more",
    ),
}


def key(kind: TimerKind, case: CaseId, about: str = "") -> str:
    """Return the key of a case's timer."""
    return TIMERS[kind].key.format(case=case, about=about)
