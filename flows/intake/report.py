"""From a draft to a report: the answers as the policy wants them, and what is kept beside them.

What was not asked is left out, so that the policy's defaults stand – except on the imagery route,
where nobody asked on purpose: there the cautious values are written in (policy page §3).
"""

from __future__ import annotations

import datetime as dt

from flows.intake.answers import NAMELESS, settle, ticked_safety
from flows.model import Answer, Draft, Named, Posting, Report
from flows.questions.conditions import Answers
from flows.questions.keywords import keys_in
from flows.questions.table import KEYS, QUESTIONS, SAFETY_KEYS, SAFETY_LIST, YES
from flows.school import PersonId

#: What a report on imagery says where nobody asked.
CAUTIOUS = {name: key.cautious for name, key in KEYS.items() if key.cautious is not None}


def policy_answers(answers: Answers) -> dict[str, Answer]:
    """Return the policy's keys that were answered, and nothing else.

    A safety tick without *yes or not sure* is *not sure*. An answer about a word raises its key.
    """
    kept, _ = settle(answers)
    known = {name: QUESTIONS[name].heard(value) for name, value in kept.items() if QUESTIONS[name].policy}
    known.update({key: "not_sure" for key in ticked_safety(kept) if key not in known})
    for key in SAFETY_KEYS:
        if kept.get(f"flag_{key}") in YES:
            known[key] = kept[f"flag_{key}"]
    if kept.get("flag_staff_allegation"):
        known["staff_allegation"] = kept["flag_staff_allegation"]
    if known.get("poster") == ("unknown",):
        known["did"] = ("made",)
    flags = _flags(kept, known)
    if flags:
        known["text_flags"] = flags
    return known


def _flags(kept: Answers, known: Answers) -> tuple[str, ...]:
    """Return the keys that the reporter's words point to and the answers still deny."""
    found = keys_in(kept)
    flags = [key for key in SAFETY_KEYS if key in found and known.get(key) not in YES]
    if "staff_allegation" in found and not known.get("staff_allegation"):
        flags.append("staff_allegation")
    return tuple(flags)


def may_show_imagery(answers: Answers) -> bool:
    """Return whether the report says, or its words suggest, that it may be an image of a child."""
    known = policy_answers(answers)
    return known.get(SAFETY_LIST[0]) in YES or SAFETY_LIST[0] in known.get("text_flags", ())


def someone_unsafe(answers: Answers) -> bool:
    """Return whether any safety key is yes or not sure, by an answer or by the reporter's words."""
    known = policy_answers(answers)
    flagged = set(known.get("text_flags", ())).intersection(SAFETY_KEYS)
    return bool(flagged) or any(known.get(key) in YES for key in SAFETY_KEYS)


def named(answers: Answers) -> Named:
    """Return the seat holders the reporter pointed at."""
    kept, _ = settle(answers)

    def people(*names: str) -> tuple[PersonId, ...]:
        chosen = (value for name in names for value in kept.get(name, ()) if value not in NAMELESS)
        return tuple(PersonId(value) for value in dict.fromkeys(chosen))

    return Named(
        poster=people("poster_is"),
        target=people("target_is"),
        accused=people("accused_is", "insider_is"),
        kept_out=people("kept_out_is"),
    )


def finish(draft: Draft, at: dt.datetime) -> Report:
    """Return the finished report, as sent at ``at``."""
    kept, _ = settle(draft.answers)
    answers = policy_answers(kept)
    if kept.get(SAFETY_LIST[0]) in YES:
        answers = CAUTIOUS | answers
    return _report(draft, answers, at, unfinished=False)


def finish_unfinished(draft: Draft, at: dt.datetime) -> Report:
    """Return the report as far as it got: only what was asked, marked unfinished."""
    return _report(draft, policy_answers(draft.answers), at, unfinished=True)


def _report(draft: Draft, answers: dict[str, Answer], at: dt.datetime, *, unfinished: bool) -> Report:
    kept, _ = settle(draft.answers)

    def words(name: str) -> str:
        return str(kept.get(name, ""))

    return Report(
        reporter=draft.person,
        answers=answers,
        posting=Posting(
            words=words("words"),
            link=words("link"),
            account_name=words("account_name"),
            audience=words("audience"),
            first_seen=words("first_seen"),
            captured_by=words("captured_by"),
            files=draft.files,
        ),
        named=named(kept),
        unfinished=unfinished,
        private_name=kept.get("keep_name_private") == "yes",
        reporting_for=words("reporting_for"),
        wants_contact=words("wants_contact"),
        sent_at=at,
    )
