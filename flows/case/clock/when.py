"""When a dated thing is spoken of: before its day, on it, and after. The moments, and nothing else."""

from __future__ import annotations

import datetime as dt

from flows import calendar
from flows.case.checklist.task import Task
from flows.case.checklist.tasks import tasks
from flows.model import Case
from flows.school import School
from flows.ui.cards import Mark

#: A thing is spoken of so often before the next person is told of it.
MOST = 5
#: What presses is spoken of so often once its moment has come.
AGAIN = dt.timedelta(hours=1)
#: What came in after its day had begun is spoken of so long before its hour.
AHEAD = dt.timedelta(hours=2)
#: Working mornings until a thing is spoken of again when everybody on the ladder has been told of it.
_AFTER_THE_END = 5


def things(case: Case) -> dict[str, Task]:
    """Return what is to be done and has a date, by name: all that is asked for and does not wait."""
    return {task.name: task for task in tasks(case) if task.mark is Mark.TO_DO}


def due(case: Case, task: Task, school: School) -> dt.datetime:
    """Return by when: a moment of its own, the end of its own day, or the limit of the case."""
    if task.until is not None:
        return task.until
    if task.due is None or task.due == calendar.local(case.due_at, school.time).date():
        return case.due_at
    return calendar.evening(task.due, school)


def next_ring(
    by: dt.datetime, at: dt.datetime, school: School, *, presses: bool, again: bool = False
) -> dt.datetime:
    """Return the first moment after ``at`` at which a thing that is due ``by`` is spoken of.

    ``again`` = it has been spoken of already, so that its own day needs no second word.
    """
    day = calendar.local(by, school.time).date()
    itself = calendar.morning(day, school)
    moments = [calendar.morning_before(day, school, any_day=presses), itself]
    if presses:
        moments.append(by + max(0, (at - by) // AGAIN + 1) * AGAIN)
    else:
        moments.append(calendar.next_morning(max(at, itself), school))
        if not again and calendar.local(at, school.time).date() == day:
            moments.append(by - AHEAD)
    return min(moment for moment in moments if moment > at)


def ring_after_the_end(at: dt.datetime, school: School, *, presses: bool) -> dt.datetime:
    """Return when a thing is spoken of again that was spoken of often enough.

    What presses rests until the next morning; else a week passes once everybody has been told.
    """
    if presses:
        return calendar.next_morning(at, school, any_day=True)
    for _ in range(_AFTER_THE_END):
        at = calendar.next_morning(at, school)
    return at


def may_speak(case: Case, at: dt.datetime, school: School, days: frozenset[dt.date]) -> bool:
    """Return whether a reminder may go now: what does not press keeps to working hours, and its own day."""
    if case.decision.urgency.presses:
        return True
    there = calendar.local(at, school.time)
    in_hours = school.time.opens <= there.time() < school.time.closes
    return in_hours and (there.date() in days or calendar.counts(at, school))
