"""What follows from what was recorded: a look after a take-down, and a reference to ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec.structs import replace

from flows.case.checklist.names import sentence
from flows.case.checklist.task import Task
from flows.model import Action, Became, Body, Case
from flows.ui.cards import Mark
from flows.words import say

#: What asks somebody to take a posting down; whether it is still there is looked at after this time.
TAKES_DOWN = ("ask_to_take_it_down", "report_to_platform", "ask_to_remove_reshare")
LOOK_AFTER = dt.timedelta(hours=48)
#: Bodies that give a reference; it is asked for after this time.
GIVE_REFERENCES = (Body.LEGAL, Body.POLICE, Body.LADO, Body.CHILDRENS_SERVICES)
CHASE_AFTER = dt.timedelta(days=3)
STILL_UP = "still_up"


def follow_ups(case: Case) -> Iterator[Task]:
    """Yield what follows from what is on record."""
    asked = _last(case, TAKES_DOWN)
    if asked is not None:
        yield _after(case, STILL_UP, asked + LOOK_AFTER, since=asked)
    for duty in case.duties:
        made = duty.decided
        if duty.body in GIVE_REFERENCES and made is not None and made.contacted and not made.reference:
            yield Task(
                name=f"reference_{duty.body}",
                what=say("task.reference", body=say(f"seat.{duty.body}")),
                action=Action.REFERENCE,
                which=duty.body,
                until=made.at + CHASE_AFTER,
            )


def _after(case: Case, name: str, until: dt.datetime, *, since: dt.datetime) -> Task:
    """Return one of these, as far as it was recorded after what it follows from."""
    plain = Task(name=name, what=sentence(case, name), action=Action.TASK, which=name, until=until)
    made = case.tasks.get(name)
    if made is None or made.at < since:
        return plain
    done = made.became is Became.DONE
    return replace(
        plain,
        mark=Mark.DONE if done else Mark.NOT_NEEDED,
        came="" if done else say(f"task.became.{made.became}"),
        by=made.by,
        at=made.at,
    )


def _last(case: Case, names: tuple[str, ...]) -> dt.datetime | None:
    """Return when the last of these was done (None = none was)."""
    made = (case.tasks[name] for name in names if name in case.tasks)
    return max((one.at for one in made if one.became is Became.DONE), default=None)
