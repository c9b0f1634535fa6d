"""A draft that follows what its writer changed of their own typed words. Pure."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from flows.intake.answers import clean
from flows.model import Draft
from flows.questions.table import QUESTIONS


def reworded(draft: Draft, before: str, after: str, at: dt.datetime) -> Draft | None:
    """Return the draft with ``before`` replaced by ``after``, or taken out where that is "".

    None where the words do not stand in it as they were typed, or were read as a choice: what was read
    as a choice is changed by going back, never by guessing what the change means.
    """
    was, now = clean(before), clean(after)
    for name, value in draft.answers.items():
        if not was or not QUESTIONS[name].text or not isinstance(value, str):
            continue
        lines = _without(value.split("\n"), was.split("\n"), now.split("\n") if now else [])
        if lines is None:
            continue
        answers = {**draft.answers, name: "\n".join(lines)}
        if not lines:
            del answers[name]
        revision = draft.revision + 1
        changed = {**draft.changed, name: revision}
        return replace(draft, answers=answers, revision=revision, changed=changed, touched_at=at)
    return None


def _without(lines: list[str], was: list[str], now: list[str]) -> list[str] | None:
    """Return the lines with the first run of ``was`` replaced by ``now``; None if there is none."""
    for start in range(len(lines) - len(was) + 1):
        if lines[start : start + len(was)] == was:
            return [*lines[:start], *now, *lines[start + len(was) :]]
    return None
