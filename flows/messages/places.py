"""A place that may hold no case, a platform that takes nothing, a seat with nobody there; and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows.calendar import on_day
from flows.model import Message, Place
from flows.policy.wording import seat_name
from flows.ui.cards import Block, Callout, Card, Small, Text, Tone
from flows.words import known, say


def connection(message: Message, facts: Mapping[str, str]) -> Card:
    """Return what is said of a place, of a platform, or of a seat with nobody there."""
    if message is Message.AWAY:
        return nobody_there(facts)
    if message is Message.STATUS:
        return status(facts)
    return place_unfit(facts) if message is Message.PLACE else platform_state(facts)


def status(facts: Mapping[str, str]) -> Card:
    """Return what is down of the bot itself, or works again, and what to do: for administrators."""
    what, up = facts.get("what", ""), facts.get("state") == "up"
    said = say(f"status.{what}_up") if up else say(f"status.{what}", since=facts.get("since", ""))
    why = facts.get("why", "")
    do: list[Block] = (
        [] if up else [Text(say(f"status.{what}_do")), *([Small(say("status.why", why=why))] if why else [])]
    )
    tone = Tone.GOOD if up else Tone.CAUTION
    return Card(
        kind="status", summary=say("summary.bot_status"), blocks=(Callout(tone, said), *do), tone=tone
    )


def place_unfit(facts: Mapping[str, str]) -> Card:
    """Return the warning for leaders and administrators."""
    where, why = facts.get("place", ""), facts.get("why", "")
    called = (
        say("place.leadership") if where == Place.LEADERSHIP else say("place.of_seat", seat=seat_name(where))
    )
    on = say(f"place.on.{facts.get('on', '')}")
    because = say(f"place.why.{why}") if known(f"place.why.{why}") else why
    return Card(
        kind="place",
        summary=say("summary.place"),
        blocks=(
            Callout(Tone.CAUTION, say("place.unfit", place=called, on=on, why=because)),
            Text(say("place.mend")),
        ),
        tone=Tone.CAUTION,
    )


def platform_state(facts: Mapping[str, str]) -> Card:
    """Return that a platform takes nothing, or works again, for administrators and whoever is on call."""
    on, state = say(f"place.on.{facts.get('on', '')}"), facts.get("state", "")
    said = say(f"platform.{state}", platform=on, since=facts.get("since", ""), why=facts.get("why", ""))
    lines = [Text(say("platform.on_call"))] if facts.get("role") == "on_call" and state != "up" else []
    tone = Tone.GOOD if state == "up" else Tone.CAUTION
    return Card(
        kind="platform", summary=say("summary.platform"), blocks=(Callout(tone, said), *lines), tone=tone
    )


def nobody_there(facts: Mapping[str, str]) -> Card:
    """Return the notice that everybody who holds a seat will be away, a few days before."""
    day = on_day(dt.date.fromisoformat(facts.get("day", "2000-01-01")))
    said = say("place.nobody_there", seat=seat_name(facts.get("seat", "")), day=day)
    return Card(
        kind="away",
        summary=say("summary.away"),
        blocks=(Callout(Tone.CAUTION, said), Text(say("place.nobody_there_mend"))),
        tone=Tone.CAUTION,
    )
