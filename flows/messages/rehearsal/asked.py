"""What everybody is sent of a rehearsal: to press, in a channel, when it is over, and each September."""

from __future__ import annotations

from collections.abc import Mapping

from flows.delivery.rehearsal import LASTS, Standing
from flows.messages.rehearsal.standing import card, spoken
from flows.model import Message, Rehearsal
from flows.references import about
from flows.school import MAILED, School
from flows.ui.cards import Block, Button, Buttons, Callout, Card, Heading, Link, Small, Style, Text, Tone
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

#: what a press says, as it stands in the button
GOT = "got"


def message(
    which: Message, standing: Standing | None, school: School, facts: Mapping[str, str]
) -> Card | None:
    """Return what a message of a rehearsal says now; None = the rehearsal is gone."""
    if which is Message.REHEARSE:
        return nudge()
    if which is Message.REHEARSAL_OVER:
        return over()
    if standing is None:
        return None
    if which is Message.REHEARSED:
        return card(standing, school)
    if which is Message.REHEARSAL_PLACE:
        return _in_place(facts["step"])
    return _to_press(standing.rehearsal, int(facts["n"]), school, facts)


def _to_press(rehearsal: Rehearsal, number: int, school: School, facts: Mapping[str, str]) -> Card:
    """Return what one person is asked, on one of their ways."""
    asked = rehearsal.asked[number]
    blocks: list[Block] = [Heading(say("rehearsal.mark")), Text(say("rehearsal.asks", school=school.name))]
    if asked.pressed_at is not None:
        blocks.append(Callout(Tone.GOOD, say("rehearsal.thanks")))
    elif asked.platform not in MAILED:
        got = Ask(ChatCommand.REHEARSE, f"{about(school)} {GOT} {rehearsal.id} {number}")
        blocks.append(Buttons((Button(label=say("rehearsal.got"), intent=got, style=Style.PRIMARY),)))
    elif facts.get("press_at"):
        blocks.append(Link(say("rehearsal.got"), facts["press_at"]))
    else:
        blocks.append(Text(say("rehearsal.no_link")))
    blocks.append(Small(say("rehearsal.until", day=spoken(rehearsal.until, school))))
    return Card(kind="rehearsal", summary=say("summary.rehearsal"), blocks=tuple(blocks))


def _in_place(step: str) -> Card:
    """Return what stands in a channel: posted, changed, and in the thread below it."""
    blocks = (Heading(say("rehearsal.mark")), Text(say(f"rehearsal.place.{step}")))
    return Card(kind="rehearsal_place", summary=say("summary.rehearsal_place"), blocks=blocks)


def over() -> Card:
    """Return what is left of a message of a rehearsal, and what a press is answered when it is over."""
    said = Small(say("rehearsal.over"))
    return Card(kind="rehearsal_over", summary=say("summary.rehearsal_over"), blocks=(said,))


def thanks() -> Card:
    """Return what a press is answered."""
    said = Text(say("rehearsal.thanks"))
    return Card(kind="rehearsal", summary=say("rehearsal.thanks"), blocks=(said,), tone=Tone.GOOD)


def nudge() -> Card:
    """Return what whoever administers the bot is told each September."""
    button = Button(label=say("rehearsal.look"), intent=Ask(ChatCommand.REHEARSE))
    blocks = (Text(say("rehearsal.nudge", days=LASTS.days)), Buttons((button,)))
    return Card(kind="rehearse", summary=say("summary.rehearse"), blocks=blocks)
