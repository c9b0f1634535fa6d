"""The yearly wording as the office and leaders see it: to copy, to tick, and what is still to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows.calendar import on_day
from flows.letters.table import Yearly
from flows.letters.yearly import called, wording
from flows.school import School
from flows.ui.cards import Block, Button, Buttons, Card, Heading, Line, Mark, Quote, Small, Text, Tone
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

#: What is ticked, and on which day.
Ticked = Mapping[Yearly, dt.date]


def card(school: School, year: int, ticked: Ticked) -> Card:
    """Return the wording for each place, with whether it stands there this year."""
    blocks: list[Block] = [Heading(say("yearly.title", year=called(year))), Small(say("yearly.why"))]
    for place in Yearly:
        done = place in ticked
        button = Button(
            label=say("yearly.undo" if done else "yearly.done"),
            intent=Ask(ChatCommand.WORDING, f"{school.prefix}-{year} {'undo' if done else 'done'} {place}"),
            describes=f"{say('yearly.undo' if done else 'yearly.done')}: {say(f'yearly.{place}')}",
        )
        note = on_day(ticked[place]) if done else ""
        mark = Mark.DONE if done else Mark.TO_DO
        blocks += [Line(mark, say(f"yearly.{place}"), note, button), Quote(wording(place, school, year))]
    return Card(kind="yearly", summary=say("summary.yearly"), blocks=tuple(blocks))


def reminder(facts: Mapping[str, str]) -> Card:
    """Return what the office is reminded of: which places are still to do this year."""
    left = ", ".join(say(f"yearly.{place}") for place in facts["left"].split())
    button = Button(label=say("yearly.open"), intent=Ask(ChatCommand.WORDING))
    text = Text(say("yearly.remind", year=called(int(facts["year"])), left=left))
    blocks = (text, Small(say("yearly.why")), Buttons((button,)))
    return Card(kind="yearly", summary=say("summary.yearly"), blocks=blocks, tone=Tone.CAUTION)


def beside(year: int, ticked: Ticked) -> Small:
    """Return how the yearly wording stands, for whoever writes an invitation that rests on it."""
    places = (
        say("yearly.stands", place=say(f"yearly.{place}"), day=on_day(ticked[place]))
        if place in ticked
        else say("yearly.missing", place=say(f"yearly.{place}"))
        for place in Yearly
    )
    return Small(say("yearly.beside", year=called(year), places=" · ".join(places)))
