"""Who holds which seat and who is away, from where, and what waits for a second person's answer.

Names stand here: it is for those who look after seats or hold one. Of cases it says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from flows.calendar import local, on_day
from flows.model import Roster, RosterChange
from flows.policy.wording import seat_name
from flows.roster import Standing, found, may_answer
from flows.school import LOOKS_ON, PersonId, Platform, School, Seat
from flows.ui.cards import Block, Bullets, Button, Buttons, Callout, Card, Facts, Heading, Small, Text, Tone
from flows.ui.forms import Choice, DateField, Field, Form, Many, Option, Value
from flows.ui.intents import AskFor, ChatCommand, Settle
from flows.words import say

_Asked = Choice | Many | DateField
#: In a list: what may be answered or taken back, by number.
_LISTED = (Standing.ASKED, Standing.HOLDS)


class Seats(Struct, frozen=True, kw_only=True):
    """A school as it is now, what was changed in chat, how each change stands, and the present moment."""

    school: School
    roster: Roster
    standing: Mapping[str, Standing]
    now: dt.datetime

    def listed(self) -> tuple[RosterChange, ...]:
        """Return what waits for an answer or holds, in the order in which it is numbered."""
        here = [c for c in self.roster.changes if not c.undoes or self.standing[c.id] is Standing.ASKED]
        return tuple(change for change in here if self.standing[change.id] in _LISTED)

    def may_answer(self, change: RosterChange) -> tuple[PersonId, ...]:
        """Return who may answer a change."""
        return may_answer(change, self.roster, self.school, self.now)


def overview(seats: Seats, viewer: PersonId) -> Card:
    """Return who holds which seat and from where, who is away, what waits, and this one's buttons."""
    school, listed = seats.school, seats.listed()
    chat = {c.seat: c for c in listed if c.seat is not None and seats.standing[c.id] is Standing.HOLDS}
    held = tuple((seat_name(seat), _held(seat, seats, chat.get(seat))) for seat in _shown(school))
    blocks: list[Block] = [Heading(say("roster.title")), Facts(held), Small(say("roster.away"))]
    today = local(seats.now, school.time).date()
    away = [_away(school, each.person, each.first, each.last) for each in school.away if each.last >= today]
    blocks.append(Bullets(tuple(away)) if away else Text(say("roster.nobody_away")))
    for state, title in ((Standing.ASKED, "waiting"), (Standing.HOLDS, "set_here")):
        here = [
            (n, c)
            for n, c in enumerate(listed, 1)
            if seats.standing[c.id] is state and _shows(c, seats, viewer)
        ]
        blocks += [Small(say(f"roster.{title}"))] if here else []
        for n, change in here:
            blocks += [Text(_numbered(n, change, seats)), *_presses(n, change, seats, viewer)]
    past = [c for c in seats.roster.changes if seats.standing[c.id] is Standing.OVERTAKEN]
    if past:
        blocks += [Small(say("roster.overtaken")), Bullets(tuple(line(change, seats) for change in past))]
    if viewer in school.administrators:
        asks = (ChatCommand.SEAT, ChatCommand.AWAY)
        buttons = (
            Button(label=say(f"roster.button.{what}"), intent=AskFor(what, school=school.id)) for what in asks
        )
        blocks += [Buttons(tuple(buttons)), Small(say("roster.typing")), Small(say("roster.no_case"))]
    return Card(kind="seats", summary=say("summary.seats"), blocks=tuple(blocks))


def _shown(school: School) -> list[Seat]:
    """Return the seats that are listed: those of a trust where there is one."""
    return [seat for seat in Seat if seat not in LOOKS_ON or school.seats.get(seat)]


def _shows(change: RosterChange, seats: Seats, viewer: PersonId) -> bool:
    """Return whether somebody is shown a change: whose accounts are whose is no business of the others."""
    linked = change.linked
    return linked is None or viewer in (linked.person, *seats.school.administrators)


def change_card(change: RosterChange, seats: Seats, viewer: PersonId) -> Card:
    """Return one change, how it stands, and its buttons for whoever may answer it."""
    state = seats.standing[change.id]
    said = say(
        f"roster.card.{state}",
        asker=_name(change.by, seats),
        who=_names(seats.may_answer(change), seats, say("told.and")),
        agreed=_name(change.answered_by, seats),
        day=_day(change.answered_at or change.at, seats),
    )
    blocks = (
        Heading(say("roster.card.title")),
        Callout(Tone.CAUTION if state is Standing.ASKED else Tone.PLAIN, line(change, seats)),
        Text(said),
        Small(say("roster.card.means_link" if change.linked else "roster.card.means")),
        *_presses(0, change, seats, viewer),
    )
    return Card(kind="roster", summary=say("summary.roster"), blocks=blocks)


def about_change(called: str, seats: Seats | None, viewer: PersonId | None) -> Card | None:
    """Return what somebody is told of a change; None = it is not there, or they are nobody."""
    change = found(seats.roster, called) if seats is not None else None
    return change_card(change, seats, viewer) if seats and change and viewer else None


def line(change: RosterChange, seats: Seats) -> str:
    """Return what is asked for."""
    school = seats.school
    if change.undoes:
        undone = found(seats.roster, change.undoes)
        return say("roster.line_undo", what=line(undone, seats) if undone else say("roster.nobody"))
    if change.linked is not None:
        linked = change.linked
        names = {"person": linked.name, "platform": _on(linked.platform), "home": _on(linked.home)}
        return say("roster.line_link", account=linked.account, **names)
    if change.away is not None:
        away = change.away
        return say("roster.line_away", **_spoken(school, away.person, away.first, away.last))
    return say(
        "roster.line_seat",
        seat=seat_name(change.seat),
        people=_names(change.people, seats),
        before=_names(change.before, seats),
    )


def _presses(n: int, change: RosterChange, seats: Seats, viewer: PersonId) -> list[Block]:
    if seats.standing[change.id] is Standing.HOLDS:
        mine = change.linked is not None and change.linked.person == viewer
        undo = Button(label=say("roster.button.undo", n=n or "").strip(), intent=_undo(change))
        may = mine or viewer in seats.school.administrators
        return [Buttons((undo,))] if may and (n or mine) else []
    if seats.standing[change.id] is not Standing.ASKED:
        return []
    if viewer in seats.may_answer(change):
        names = (("agree", True), ("refuse", False))
        each = (
            Button(label=say(f"roster.button.{name}"), intent=Settle(change.id, agreed=yes))
            for name, yes in names
        )
        return [Buttons(tuple(each))]
    withdraw = Button(label=say("roster.button.withdraw"), intent=Settle(change.id, agreed=False))
    return [Buttons((withdraw,))] if viewer == change.by else []


def _undo(change: RosterChange) -> AskFor:
    what = ChatCommand.SEAT if change.seat else ChatCommand.AWAY
    return AskFor(ChatCommand.LINK if change.linked else what, change.id, undo=True)


def _numbered(n: int, change: RosterChange, seats: Seats) -> str:
    if change.answered_by is None:
        how = say("roster.asked_by", asker=_name(change.by, seats), day=_day(change.at, seats))
        who = _names(seats.may_answer(change), seats, say("told.and"))
        how = f"{how}. {say('roster.to_answer', who=who)}".removesuffix(".")
    else:
        day = _day(change.answered_at or change.at, seats)
        how = say("roster.agreed_by", agreed=_name(change.answered_by, seats), day=day)
    return say("roster.numbered", n=n, what=line(change, seats), how=how)


def _held(seat: Seat, seats: Seats, change: RosterChange | None) -> str:
    people = _names(seats.school.seats.get(seat, ()), seats)
    if change is None:
        return say("roster.from_file", people=people)
    day = _day(change.answered_at or change.at, seats)
    asker, agreed = _name(change.by, seats), _name(change.answered_by, seats)
    return say("roster.from_chat", people=people, asker=asker, agreed=agreed, day=day)


def _away(school: School, person: PersonId, first: dt.date, last: dt.date) -> str:
    return say("roster.away_line", **_spoken(school, person, first, last))


def _spoken(school: School, person: PersonId, first: dt.date, last: dt.date) -> dict[str, str]:
    known = school.people.get(person)
    return {"person": known.name if known else person, "first": on_day(first), "last": on_day(last)}


def _name(person: PersonId | None, seats: Seats) -> str:
    known = seats.school.people.get(person) if person is not None else None
    return known.name if known else person or say("roster.nobody")


def _names(people: Sequence[PersonId], seats: Seats, between: str = "") -> str:
    joined = (between or say("roster.then")).join(_name(person, seats) for person in people)
    return joined or say("roster.nobody")


def _on(platform: Platform) -> str:
    return say(f"place.on.{platform}")


def code_card(letters: str, until: dt.datetime, school: School, home: Platform) -> Card:
    """Return a one-time code for the one who asked: typed on another platform, both accounts are theirs."""
    time = f"{local(until, school.time):%H:%M}"
    blocks = (
        Heading(say("roster.code.title")),
        Callout(Tone.PLAIN, say("roster.code.code", code=letters)),
        Text(say("roster.code.how", code=letters, home=_on(home), time=time)),
        Small(say("roster.code.nobody_else")),
    )
    return Card(kind="link", summary=say("summary.link"), blocks=blocks)


def _day(at: dt.datetime, seats: Seats) -> str:
    return on_day(local(at, seats.school.time).date())


# -- the forms -----------------------------------------------------------------------------------------


def form(
    what: ChatCommand,
    school: School,
    seat: str = "",
    *,
    values: Mapping[str, Value] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Form:
    """Return the form that asks for a seat's holder or for an absence, filled in as it was."""
    fields = _seat_fields(school, seat) if what is ChatCommand.SEAT else _away_fields(school)
    return Form(
        id=f"ask_for_{what}",
        title=say(f"roster.form.{what}_title"),
        submit=AskFor(what, seat, school=school.id),
        submit_label=say("roster.form.submit"),
        intro=(Text(say("roster.form.intro")),),
        fields=tuple(_filled(field, values or {}, (errors or {}).get(field.name, "")) for field in fields),
        summary=say("summary.seats"),
    )


def _seat_fields(school: School, seat: str) -> tuple[_Asked, ...]:
    seats = tuple(Option(each.value, seat_name(each)) for each in Seat if each not in LOOKS_ON)
    people = _people(school)
    stand_ins = Many(name="stand_ins", label=say("roster.form.stand_ins"), options=people, required=False)
    return (
        Choice(name="seat", label=say("roster.form.seat"), options=seats, value=seat),
        Choice(name="holder", label=say("roster.form.holder"), options=people),
        stand_ins,
    )


def _away_fields(school: School) -> tuple[_Asked, ...]:
    holding = tuple(option for option in _people(school) if school.seats_of(PersonId(option.value)))
    return (
        Choice(name="person", label=say("roster.form.person"), options=holding),
        DateField(name="first", label=say("roster.form.first"), required=True),
        DateField(name="last", label=say("roster.form.last"), required=True),
    )


def _people(school: School) -> tuple[Option, ...]:
    """Return the school's people to choose from: who holds a seat comes first."""
    people = sorted(school.people, key=lambda person: not school.seats_of(person))
    return tuple(Option(person, school.people[person].name) for person in people)


def _filled(field: _Asked, values: Mapping[str, Value], error: str) -> Field:
    given = values.get(field.name)
    if isinstance(field, Many):
        chosen = given if isinstance(given, tuple) else (given,) if given else field.value
        return replace(field, value=chosen, error=error)
    one = given[0] if isinstance(given, tuple) and given else given
    return replace(field, value=one if isinstance(one, str) and one else field.value, error=error)
