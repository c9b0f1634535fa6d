"""The week's digest: what waits and since when, what is next and whose it is, what is owed, what ended how.

It names nobody and says nothing of what was posted. Rows only; ``access.may_know_row`` has been asked before
they get here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from flows.calendar import local, on_day, week_begins, weeks_of_term
from flows.messages.lists import MOST, weight
from flows.messages.phrases import own_seat
from flows.model import CaseId, CaseSummary, Status
from flows.policy.wording import numbers, seat_name
from flows.school import School
from flows.ui.cards import Block, Bullets, Button, Buttons, Card, Heading, Small, Text
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

#: A digest that goes out within this time of its hour is not late.
ON_TIME = dt.timedelta(minutes=30)
_SEVEN_DAYS = dt.timedelta(days=7)
#: Of fewer weeks before it nothing is said to be usual.
_ENOUGH = 2


class Week(Struct, frozen=True, kw_only=True):
    """Which week a digest is for, as its readers may know it.

    ``due`` = when it fell due, or is asked for: what was new is counted up to then; ``late`` = it went out so
    much later that it says so. ``unopened`` are cases that nobody has opened, ``reminded`` those whose lead
    has been reminded. ``store``: when it was backed up last, and how far the audit was; whoever keeps that
    can show that nothing was written anew.
    """

    week: str
    due: dt.datetime
    late: bool = False
    unopened: Collection[CaseId] = ()
    reminded: Collection[CaseId] = ()
    store: Mapping[str, str] = {}


def week_before(now: dt.datetime) -> dt.datetime:
    """Return since when a closed case still belongs in the digest."""
    return now - _SEVEN_DAYS


def digest(rows: Sequence[CaseSummary], school: School, now: dt.datetime, about: Week) -> Card:
    """Return the digest of a week. ``rows`` = what is open, and what was opened since the term began.

    Restricted cases are a bare count, and only if they are among ``rows``: the channel's own digest leaves
    them out, because the person a case is kept from may be reading there.
    """
    rows = [r for r in rows if not r.drill]
    seen = [r for r in rows if not r.restricted]
    running = sorted((r for r in seen if r.status is not Status.CLOSED), key=weight)
    closed = [r for r in seen if r.closed_at and abs(about.due - r.closed_at) <= _SEVEN_DAYS]
    apart = [r for r in rows if r.restricted and r.status is not Status.CLOSED]
    blocks = _which(school, about)
    goes = [r for r in seen if r.removal and r.status is Status.CLOSED]
    if not running and not closed and not apart and not goes:
        day = on_day(week_begins(about.week))
        late = [block for block in blocks if isinstance(block, Small)]
        nothing = Text(say("digest.nothing", day=day))
        return Card(kind="digest", summary=say("summary.digest"), blocks=(nothing, *late, *_signed(about)))
    blocks += [
        Text(_counts(running, closed, seen, now, about)),
        *_waiting(running, school, now, about),
        *_worked(running, school, now),
        *_owed(running),
        *_ended(closed, school),
        *_goes(goes),
        *_apart(apart, about),
        *_compared(seen, school, about),
        *_signed(about),
        _opening(running),
    ]
    return Card(kind="digest", summary=say("summary.digest"), blocks=tuple(blocks))


def _which(school: School, about: Week) -> list[Block]:
    """Return which week a digest is for, and that it is late where it is."""
    title = Heading(say("digest.title", day=on_day(week_begins(about.week))))
    if not about.late:
        return [title]
    then = local(about.due, school.time)
    return [title, Small(say("digest.late_one", day=on_day(then.date()), time=f"{then:%H:%M}"))]


def _counts(
    running: Sequence[CaseSummary],
    closed: Sequence[CaseSummary],
    seen: Sequence[CaseSummary],
    now: dt.datetime,
    about: Week,
) -> str:
    """Return the week in one line; what there is none of is left out, save what makes it a week."""
    late = sum(r.due_at < now for r in running)
    always = (("open", len(running)), ("new", _new(seen, about.due)), ("closed", len(closed)))
    some = (
        ("unopened", sum(r.id in about.unopened for r in running)),
        ("held", sum(r.held for r in running)),
        ("overdue", late),
    )
    said = [say(f"digest.{name}", n=n) for name, n in always]
    said += [say(f"digest.{name}", n=n) for name, n in some if n]
    return " · ".join([*said, *([] if late else [say("digest.none_overdue")])])


def _new(rows: Sequence[CaseSummary], until: dt.datetime) -> int:
    """Return how many were opened in the seven days that end then."""
    since = week_before(until)
    return sum(since < r.opened_at <= until for r in rows)


def _waiting(
    running: Sequence[CaseSummary], school: School, now: dt.datetime, about: Week
) -> Iterator[Block]:
    """Yield what nobody has taken on, the most pressing and the oldest first, and whom to turn to."""
    lines = [
        say(
            "digest.waiting_line",
            ref=row.reference,
            day=on_day(local(row.opened_at, school.time).date()),
            late=say("digest.and_overdue") if row.due_at < now else "",
            unopened=say("digest.and_unopened") if row.id in about.unopened else "",
            who=_turn_to(row, school, now, about),
        )
        for row in running
        if row.status is not Status.ACKNOWLEDGED
    ]
    yield from _listed("digest.waiting", lines)


def _turn_to(row: CaseSummary, school: School, now: dt.datetime, about: Week) -> str:
    """Return who leads; whoever has let a case lie is rung."""
    if row.lead is None:
        outside = school.fallback_contact
        return say("digest.nobody", name=outside.name or say("ring.outside"), phone=numbers(outside))
    lies = row.due_at < now or row.id in about.unopened
    return say("digest.ring", seat=seat_name(row.lead)) if lies else seat_name(row.lead)


def _worked(running: Sequence[CaseSummary], school: School, now: dt.datetime) -> Iterator[Block]:
    """Yield what is being worked on: how far it is, what is next and by when, and whose it is."""
    lines = []
    for row in running:
        if row.status is Status.ACKNOWLEDGED:
            day = say("digest.by", day=on_day(row.next.due)) if row.next and row.next.due else ""
            lines.append(
                say(
                    "digest.worked_line",
                    ref=row.reference,
                    done=row.done,
                    all=row.asked,
                    next=row.next.what.removesuffix(".") + day if row.next else say("digest.waits"),
                    held=say("digest.and_held") if row.held else "",
                    late=say("digest.and_overdue") if row.due_at < now else "",
                    who=_owner(row, school),
                )
            )
    yield from _listed("digest.worked", lines)


def _owner(row: CaseSummary, school: School) -> str:
    """Return the seat of whoever took it on, as what they are in this case."""
    held = next((seat for seat, person in row.holders.items() if person == row.owner), None)
    if held is not None:
        return seat_name(held)
    return own_seat(school, row.owner) if row.owner is not None else say("event.somebody")


def _owed(running: Sequence[CaseSummary]) -> Iterator[Block]:
    """Yield what is still owed to whom, the earliest day first."""
    owed = sorted(((row, one) for row in running for one in row.owed), key=lambda pair: pair[1].due)
    yield from _listed(
        "digest.owed",
        [say("digest.owed_line", ref=row.reference, body=one.what, day=on_day(one.due)) for row, one in owed],
    )


def _ended(closed: Sequence[CaseSummary], school: School) -> Iterator[Block]:
    """Yield what was closed and how, the last one first."""
    lines = [
        say("digest.ended_line", ref=row.reference, outcome=say(f"outcome.{row.outcome}"), day=on_day(day))
        for row in closed
        if row.outcome is not None and row.closed_at is not None
        for day in [local(row.closed_at, school.time).date()]
    ]
    yield from _listed("digest.ended", lines)


def _goes(goes: Sequence[CaseSummary]) -> Iterator[Block]:
    """Yield what is removed soon, by the school's rule, the first one first."""
    soon = sorted((row.removal, row.reference) for row in goes if row.removal)
    lines = [say("digest.goes_line", ref=ref, day=f"{on_day(day)} {day.year}") for day, ref in soon]
    yield from _listed("digest.goes", lines)


def _listed(title: str, lines: Sequence[str]) -> list[Block]:
    more = (say("list.more", n=len(lines) - MOST),) if len(lines) > MOST else ()
    whole = tuple(" ".join(line.split()) for line in lines[:MOST])
    return [Small(say(title)), Bullets((*whole, *more))] if lines else []


def _apart(apart: Sequence[CaseSummary], about: Week) -> Iterator[Block]:
    """Yield how many cases are kept apart; that their leads have been reminded, only where all have."""
    if apart:
        reminded = all(row.id in about.reminded for row in apart)
        yield Small(say("digest.apart_reminded" if reminded else "digest.apart", n=len(apart)))


def _signed(about: Week) -> list[Block]:
    """Return when the store was backed up last, and the seal of its audit."""
    backup, seal = about.store.get("backup"), about.store.get("seal")
    lines = [say("digest.no_backup")] if backup == "never" else []
    if backup and not lines:
        day = dt.date.fromisoformat(backup)
        lines.append(say("digest.backup", day=f"{on_day(day)} {day.year}"))
    lines += [say("digest.seal", seal=seal)] if seal else []
    return [Small(line) for line in lines]


def _compared(seen: Sequence[CaseSummary], school: School, about: Week) -> Iterator[Block]:
    """Yield how many were new this week beside the weeks of this term before it, where there are some.

    Weeks before the first report are none: the bot may not have been there yet.
    """
    counts = [_new(seen, until) for until in weeks_of_term(about.due, school)]
    while counts and not counts[-1]:
        counts.pop()
    if len(counts) > _ENOUGH:
        this, *before = counts
        least, most = min(before), max(before)
        how = "more" if this > most else "fewer" if this < least else "usual"
        span = say("digest.span", least=least, most=most) if least < most else str(least)
        yield Small(say(f"digest.{how}", n=this, span=span, weeks=len(before)))


def _opening(running: Sequence[CaseSummary]) -> Buttons:
    """Return the buttons that open a case for whoever may, and their own list."""
    opening = (Button(label=r.reference, intent=Ask(ChatCommand.CASE, r.reference)) for r in running[:MOST])
    mine = Button(label=say("button.my_cases"), intent=Ask(ChatCommand.CASES))
    return Buttons((mine, *opening))
