"""That a place may hold no case any more: which one, why, and what to do. It names no case."""

from __future__ import annotations

from collections.abc import Mapping

from flows.model import Place
from flows.policy.wording import seat_name
from flows.ui.cards import Callout, Card, Text, Tone
from flows.words import known, say


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
