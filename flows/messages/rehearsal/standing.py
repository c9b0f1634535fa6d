"""How a rehearsal stands, for whoever administers the bot: who pressed, what was not reached, what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from flows.calendar import local, on_day
from flows.delivery.rehearsal import LASTS, Came, Outcome, Standing, Step
from flows.model import Asked, Place, Rehearsal
from flows.policy.wording import seat_name
from flows.references import about
from flows.school import MAILED, PersonId, Platform, School, Seat
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Card,
    Heading,
    Line,
    Mark,
    Small,
    Text,
)
from flows.ui.intents import Ask, ChatCommand
from flows.words import known, say

#: what is asked of a rehearsal, as it stands in a button
BEGIN, END = "begin", "end"
#: So many people are listed; of more those of whom nothing is wanting are counted.
_MOST = 30
_MARKS = {
    Came.PRESSED: Mark.DONE,
    Came.THERE: Mark.DONE,
    Came.PERHAPS: Mark.WAITS,
    Came.TRIED: Mark.WAITS,
    Came.FAILED: Mark.TO_DO,
}
#: what is wanting first
_ORDER = (Mark.TO_DO, Mark.WAITS, Mark.DONE)


def card(standing: Standing | None, school: School, *, named: bool = True) -> Card:
    """Return how it stands, for whoever administers the bot; ``named`` False = people are their seats."""
    if standing is None:
        first = Text(say("rehearsal.what", days=LASTS.days))
        blocks: list[Block] = [first, _buttons(school, BEGIN, confirm=say("rehearsal.confirm"))]
    else:
        who = [_called(asked, school, named=named) for asked in standing.rehearsal.asked]
        do = tuple(_to_do(standing, school, who, named=named))
        to_do: list[Block] = [Heading(say("rehearsal.do_title")), Bullets(do)] if do else []
        blocks = [
            Text(_how(standing.rehearsal, school)),
            *_people(standing, who),
            *_places(standing, who),
            *to_do,
            *_end(standing, school, who),
        ]
    return Card(
        kind="rehearsed",
        summary=say("summary.rehearsed"),
        blocks=(Heading(say("rehearsal.title")), *blocks),
    )


def _how(rehearsal: Rehearsal, school: School) -> str:
    people = [asked for asked in rehearsal.asked if asked.person]
    pressed = sum(asked.pressed_at is not None for asked in people)
    begun = say("rehearsal.begun", day=spoken(rehearsal.at, school), pressed=pressed, of=len(people))
    if rehearsal.ended_at is not None:
        return f"{begun} {say('rehearsal.ended', day=spoken(rehearsal.ended_at, school))}"
    return f"{begun} {say('rehearsal.until', day=spoken(rehearsal.until, school))}"


def _end(standing: Standing, school: School, who: Sequence[str]) -> list[Block]:
    """Return how it is ended; or what could not be taken away, once that was tried."""
    rehearsal = standing.rehearsal
    if rehearsal.ended_at is None:
        return [_buttons(school, END, "")]
    if rehearsal.told_at is None:
        return [Text(say("rehearsal.going")), _buttons(school, "")]
    mailed = {n for n in standing.left if rehearsal.asked[n].platform in MAILED}
    left = "; ".join(
        dict.fromkeys(f"{who[n]}, {_on(rehearsal.asked[n])}" for n in sorted(standing.left - mailed))
    )
    said = [Text(say("rehearsal.left", where=left) if left else say("rehearsal.gone"))]
    return [*said, *([Small(say("rehearsal.mails_stay"))] if mailed else [])]


def _people(standing: Standing, who: Sequence[str]) -> list[Line]:
    """Return a line for each person, what is wanting first."""
    ways: dict[str, list[tuple[Asked, Outcome]]] = {}
    for asked, outcomes, name in zip(standing.rehearsal.asked, standing.outcomes, who, strict=True):
        if asked.person:
            ways.setdefault(name, []).append((asked, outcomes[Step.POSTED]))
    over = "over_now" if standing.rehearsal.ended_at is not None else "running"
    marks = {**_MARKS, Came.THERE: Mark.TO_DO if over == "over_now" else Mark.WAITS}
    lines = [
        Line(
            _least(marks[out.came] for _, out in found),
            name,
            " · ".join(say(f"rehearsal.{over}.{out.came}", on=_on(asked)) for asked, out in found),
        )
        for name, found in ways.items()
    ]
    return _most(sorted(lines, key=lambda line: _ORDER.index(line.mark)))


def _places(standing: Standing, who: Sequence[str]) -> list[Line]:
    """Return a line for each channel: what could be done there."""
    return _most(
        Line(
            _least(_MARKS[out.came] for out in outcomes.values()),
            f"{name}, {_on(asked)}",
            " · ".join(say(f"rehearsal.step.{out.came}.{step}") for step, out in _as_far(outcomes)),
        )
        for asked, outcomes, name in zip(standing.rehearsal.asked, standing.outcomes, who, strict=True)
        if asked.place
    )


def _as_far(outcomes: Mapping[Step, Outcome]) -> Iterator[tuple[Step, Outcome]]:
    """Yield what was tried in a channel, up to the first that could not be done: the others rest on it."""
    for step, out in outcomes.items():
        yield step, out
        if out.came is Came.FAILED:
            return


def _most(lines: Iterable[Line]) -> list[Line]:
    """Return lines as far as a card holds them: of more, those that are done are only counted."""
    lines = list(lines)
    if len(lines) <= _MOST:
        return lines
    shown = [line for line in lines if line.mark is not Mark.DONE][:_MOST]
    return [*shown, Line(Mark.DONE, say("rehearsal.more", n=len(lines) - len(shown)))]


def _to_do(standing: Standing, school: School, who: Sequence[str], *, named: bool) -> Iterator[str]:
    """Yield in plain words what to do about each that was not reached, and each channel that is not right."""
    rehearsal = standing.rehearsal
    for platform in standing.down:
        yield say("rehearsal.down", on=say(f"place.on.{platform}"))
    for person in rehearsal.nowhere:
        yield say(
            "rehearsal.nowhere", who=_called(Asked(platform=Platform.WEB, person=person), school, named=named)
        )
    for asked, outcomes, name in zip(rehearsal.asked, standing.outcomes, who, strict=True):
        wrong = next(((step, out) for step, out in outcomes.items() if _is_wrong(out)), None)
        if wrong is not None:
            step, out = wrong
            what = (
                say("rehearsal.step_wrong", step=say(f"rehearsal.step.{out.came}.{step}"))
                if asked.place
                else ""
            )
            yield " ".join(
                filter(None, (f"{name}, {_on(asked)}:", what, _why(asked, out.why), _do(asked, out.why)))
            )
    if any(_waits(*pair) for pair in zip(rehearsal.asked, standing.outcomes, strict=True)):
        yield say("rehearsal.do_press")


def _is_wrong(out: Outcome) -> bool:
    return out.came is Came.FAILED or (out.came is Came.TRIED and bool(out.why))


def _waits(asked: Asked, outcomes: Mapping[Step, Outcome]) -> bool:
    return asked.person is not None and outcomes[Step.POSTED].came is Came.THERE


def _why(asked: Asked, why: str) -> str:
    """Return in words why not, as far as we know them."""
    parts = ("place.why", "rehearsal.why") if asked.place else ("rehearsal.why", "place.why")
    name = next((f"{part}.{why}" for part in parts if known(f"{part}.{why}")), "")
    if name:
        return say(name)
    if " " in why:  # a platform's own sentence, from its adapter
        return why
    return say("rehearsal.why_word", word=why) if why else ""


def _do(asked: Asked, why: str) -> str:
    if known(f"rehearsal.do.{why}"):
        return say(f"rehearsal.do.{why}")
    kind = "place" if asked.place else "mail" if asked.platform in MAILED else "person"
    return say(f"rehearsal.do_{kind}")


def _least(marks: Iterable[Mark]) -> Mark:
    """Return how the one stands of which most is wanting."""
    return min(marks, key=_ORDER.index)


def _called(asked: Asked, school: School, *, named: bool) -> str:
    """Return what a person or a channel is called."""
    if asked.place is Place.LEADERSHIP:
        return say("place.leadership")
    if asked.place is not None:
        return say("place.of_seat", seat=seat_name(asked.seat or ""))
    person = asked.person or PersonId("")
    seats = ", ".join(seat_name(seat) for seat in Seat if seat in school.seats_of(person))
    held = seats or say("rehearsal.administers")
    there = school.people.get(person)
    return say("rehearsal.called", name=there.name, seats=held) if named and there is not None else held


def _on(asked: Asked) -> str:
    return say(f"place.on.{asked.platform}")


def spoken(at: dt.datetime, school: School) -> str:
    """Return the day of a moment, as the school has it."""
    return on_day(local(at, school.time).date())


def _buttons(school: School, *verbs: str, confirm: str = "") -> Buttons:
    """Return the buttons for these; "" = look again."""
    return Buttons(
        tuple(
            Button(
                label=say(f"rehearsal.{verb or 'look'}"),
                intent=Ask(ChatCommand.REHEARSE, f"{about(school)} {verb}".strip()),
                confirm=confirm,
            )
            for verb in verbs
        )
    )
