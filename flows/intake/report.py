"""From a draft to a report: the answers as the policy wants them, and what is kept beside them.

What was not asked is left out, so that the policy's defaults stand – except on the imagery route,
where nobody asked on purpose: there the cautious values are written in (policy page §3).
"""

from __future__ import annotations

import datetime as dt

from flows.intake.answers import NAMELESS
from flows.intake.settled import State
from flows.model import Answer, Named, Posting, Report
from flows.questions.conditions import Answers
from flows.questions.table import KEYS, SAFETY_LIST, YES
from flows.school import PersonId

#: What a report on imagery says where nobody asked.
CAUTIOUS = {name: key.cautious for name, key in KEYS.items() if key.cautious is not None}


def named(standing: Answers) -> Named:
    """Return the seat holders the reporter pointed at."""

    def people(*names: str) -> tuple[PersonId, ...]:
        chosen = (value for name in names for value in standing.get(name, ()) if value not in NAMELESS)
        return tuple(PersonId(value) for value in dict.fromkeys(chosen))

    return Named(
        poster=people("poster_is"),
        target=people("target_is"),
        accused=people("accused_is", "insider_is"),
        kept_out=people("kept_out_is"),
    )


def finish(state: State, at: dt.datetime) -> Report:
    """Return the finished report, as sent at ``at``."""
    imagery = state.settled.standing.get(SAFETY_LIST[0]) in YES
    return _report(state, CAUTIOUS if imagery else {}, at, unfinished=False)


def finish_unfinished(state: State, at: dt.datetime) -> Report:
    """Return the report as far as it got: only what was asked, marked unfinished."""
    return _report(state, {}, at, unfinished=True)


def _report(state: State, presumed: dict[str, Answer], at: dt.datetime, *, unfinished: bool) -> Report:
    draft, standing = state.draft, state.settled.standing

    def words(name: str) -> str:
        return str(standing.get(name, ""))

    return Report(
        reporter=draft.person,
        answers=presumed | state.settled.known,
        posting=Posting(
            words=words("words"),
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
