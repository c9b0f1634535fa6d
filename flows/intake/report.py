"""From a draft to a report: the answers as the policy wants them, and what is kept beside them.

What was not asked is left out, so that the policy's defaults stand – except on the imagery route,
where nobody asked on purpose: there the cautious values are written in (policy page §3). An answer that
nobody gave is named as such in :attr:`Report.presumed`, and is never said to have been reported.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from flows.intake.answers import NAMELESS
from flows.intake.settled import CAN_NOT_TELL, State
from flows.model import Answer, Named, Posting, Report
from flows.questions.conditions import Answers
from flows.questions.table import KEYS, SAFETY_LIST, YES

#: Where *is it one of these?* is kept, and the questions that ask it.
POINTED_AT = {
    "poster": ("poster_is",),
    "target": ("target_is",),
    "accused": ("accused_is", "insider_is"),
    "kept_out": ("kept_out_is",),
}
#: What a report on imagery says where nobody asked.
CAUTIOUS = {name: key.cautious for name, key in KEYS.items() if key.cautious is not None}
#: What becomes of a safety list of which somebody can't tell at all: not one of these was answered.
_OPEN = tuple(key for key in SAFETY_LIST if key != CAN_NOT_TELL)


def named(standing: Answers) -> Named:
    """Return the seat holders the reporter pointed at, and of whom they said that it is nobody of these."""
    said = {
        field: tuple(dict.fromkeys(value for name in names for value in standing.get(name, ())))
        for field, names in POINTED_AT.items()
    }
    people = {field: tuple(v for v in values if v not in NAMELESS) for field, values in said.items()}
    elsewhere = tuple(field for field, values in said.items() if "someone_else" in values)
    return msgspec.convert({**people, "someone_else": elsewhere}, Named)


def finish(state: State, at: dt.datetime) -> Report:
    """Return the finished report, as sent at ``at``."""
    imagery = state.settled.standing.get(SAFETY_LIST[0]) in YES
    return _report(state, CAUTIOUS if imagery else {}, at, unfinished=False)


def finish_unfinished(state: State, at: dt.datetime) -> Report:
    """Return the report as far as it got: only what was asked, marked unfinished."""
    return _report(state, {}, at, unfinished=True)


def _nobody_gave(state: State, presumed: Answers) -> tuple[str, ...]:
    """Return the keys whose values are in a report although nobody was asked for them."""
    standing, known = state.settled.standing, state.settled.known
    names = [name for name in presumed if name not in known]
    names += [name for name in ("did",) if name in known and name not in standing]
    if standing.get("safety") == ("not_sure",):
        names += [key for key in _OPEN if known.get(key) == "no"]
    return tuple(names)


def _report(state: State, presumed: dict[str, Answer], at: dt.datetime, *, unfinished: bool) -> Report:
    draft, standing = state.draft, state.settled.standing

    def words(name: str) -> str:
        return str(standing.get(name, ""))

    return Report(
        reporter=draft.person,
        answers=presumed | state.settled.known,
        presumed=_nobody_gave(state, presumed),
        posting=Posting(
            words=words("words"),
            platform_other=words("platform_other"),
            link=words("link"),
            account_name=words("account_name"),
            audience=words("audience"),
            first_seen=words("first_seen"),
            captured_by=words("captured_by"),
            files=draft.files,
        ),
        named=named(standing),
        unfinished=unfinished,
        private_name=standing.get("keep_name_private") == "yes",
        reporting_for=words("reporting_for"),
        wants_contact=words("wants_contact"),
        sent_at=at,
    )
