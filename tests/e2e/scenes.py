"""The moments that matter, as cards and forms of the real bot: to be drawn as each platform draws them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows.model import Action
from flows.school import Platform
from flows.ui.cards import Card
from flows.ui.forms import Form, Value
from flows.ui.inbound import Refuse, Reply, Show
from storage.open import open_store
from tests.story.test_outage import DOWN, Everybody
from tests.story.test_story import ABUSE
from tests.town import Town, page_values, shown_form

Scene = Card | Form
THREAT = {**ABUSE, "violence": "yes", "call_999": "done"}
PUPIL = {**ABUSE, "targets": ("pupil",), "poster": ("pupil",)}
BY_THE_HEAD = {**ABUSE, "staff_allegation": ("headteacher",)}


async def scenes() -> dict[str, Scene]:
    """Return every moment by its name."""
    return {
        "danger": await _after(immediate_danger="yes"),
        "imagery": await _after(
            immediate_danger="no", safety=("sexual_imagery_child",), sexual_imagery_child="yes"
        ),
        "mistake": await _mistake(),
        "typed": await _typed(),
        "case": await _card("leadership", THREAT),
        "case-taken-on": await _card("leadership", THREAT, taken_on=True),
        "allegation": await _card("ellis", BY_THE_HEAD),
        "pupil": await _card("leadership", PUPIL),
        **await _outage(),
    }


async def _town() -> Town:
    return Town(await open_store("memory:", key=bytes(32)))


async def _after(**answers: Value) -> Form:
    """Return the page that a reporter sees after these answers."""
    place = await _town()
    form = shown_form(await place.start("brook"))
    while answers.keys() & {field.name for field in form.fields}:
        reply = await place.fill("brook", form.submit, page_values(form, answers))
        if isinstance(reply, Refuse):
            raise TypeError(reply.message)
        form = shown_form(reply)
    return form


async def _mistake() -> Form:
    """Return a page that comes back: a question was left out."""
    place = await _town()
    form = shown_form(await place.start("brook"))
    reply = await place.fill("brook", form.submit, {})
    assert isinstance(reply, Refuse)
    assert reply.form is not None
    return reply.form


async def _typed() -> Form:
    """Return the question that somebody is asked next who types."""
    place = await _town()
    await place.say("brook", "report Somebody called our teacher a liar in the parents' group.")
    offered = await place.say("brook", "yes")
    return shown_form(offered if isinstance(offered, Show) else await place.start("brook"))


async def _card(audience: str, answers: Mapping[str, Value], *, taken_on: bool = False) -> Card:
    """Return the card that stands in a channel, or with somebody."""
    place = await _town()
    await place.report("brook", answers)
    await place.settle()
    if taken_on:
        await place.act("ash", await place.case(), Action.TAKE_ON)
        await place.settle()
    return next(m.card for m in place.chat.audience(audience) if m.card.kind in ("case_card", "notice"))


async def _outage() -> dict[str, Scene]:
    """Return what is read while Teams takes nothing for twenty minutes, and once it does again."""
    place = await _town()
    school = Everybody(place, DOWN["Teams alone"])
    school.out(now=True)
    receipt: Reply = await place.report("brook", THREAT)
    assert isinstance(receipt.view if isinstance(receipt, Show) else receipt.card, Card)
    for half in range(2 * 30):
        if half == 2 * 20:
            school.out(now=False)
        place.clock.pass_by(dt.timedelta(seconds=30))
        await place.settle()
    slack, teams = school.chats[Platform.SLACK], school.chats[Platform.TEAMS]
    on_call = [m.card for m in slack.audience(f"{Platform.SLACK}-ash") if m.card.kind == "platform"]
    late = [m.card for m in teams.audience(f"{Platform.TEAMS}-ash") if m.card.kind == "notice"]
    return {
        "outage-on-call": on_call[0],
        "outage-over": on_call[-1],
        "outage-late-notice": late[0],
    }
