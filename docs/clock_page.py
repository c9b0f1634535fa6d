"""The page of the timers, drawn from the table in flows/case/clock/table.py."""

from __future__ import annotations

from bot.outbox.auditor import BACK, LATE
from bot.outbox.caps import MOST_A_DAY
from flows.case.actions.following import LONGEST
from flows.case.checklist.follow_ups import CHASE_AFTER, LOOK_AFTER
from flows.case.clock.table import TIMERS
from flows.case.clock.when import AHEAD, MOST

_HEAD = """
# The clock

Whatever has a time is a timer in the store: it outlives a restart, and the case is read again just before
it speaks. Why it is so: [decision 30](decisions/0030-the-clock.md).

| timer | when it rings | what it does | what ends it |
|---|---|---|---|
{rows}

What has a date of its own: each thing that the policy asks for, by the end of the case's limit; each duty,
on its day; a look whether a posting is still there, {look} hours after somebody asked to take it down; the
day on which somebody is to be asked again how they are; the reference of a body outside, {chase} days after
it was contacted without one. A report that comes in after its day has begun is spoken of {ahead} hours
before its hour.

* **At most {most} times** a thing is said to those it is for; then the next person of the ladder is told,
  and it begins anew. Once nobody is left that is said, with the number of the fallback contact, and again
  each week; where it presses, each morning.
* **Nobody hears more than {cap} messages a day** from the clock, on all platforms together: reminders, and
  the lines of a ladder that does not press. What rings in one moment for one case is one message; the day's
  last one says that more waits, and where. Not counted: what presses (it has its own limit: {most} times a
  day for each thing, by the hour), what tells somebody of a case for the first time, and what people did.
* **Put off** it can be, with a reason, for {longest} days at a time; its own day stays as it was.
* **The auditor** looks before each round: a timer more than {late} minutes late, or a clock set back by
  more than {back} minutes, is said to whoever is on call, once a day.
"""


def page() -> str:
    """Return the page."""
    rows = [
        f"| `{kind.key}` | {kind.when} | {kind.does} | {kind.ends} |".replace("{", "").replace("}", "")
        for kind in TIMERS.values()
    ]
    return _HEAD.format(
        rows="\n".join(rows),
        look=LOOK_AFTER.days * 24,
        chase=CHASE_AFTER.days,
        ahead=int(AHEAD.total_seconds() // 3600),
        most=MOST,
        cap=MOST_A_DAY,
        longest=LONGEST.days,
        late=int(LATE.total_seconds() // 60),
        back=int(BACK.total_seconds() // 60),
    )
