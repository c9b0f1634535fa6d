"""What is to do in a case: by whom, in which order, and only while it is still to do.

What has been done disappears; nobody is asked for what is another's or theirs already; under a hold contact
waits, and once it is cleared it does not.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.case.duties import own_actions
from flows.case.exclusion import dsl_waits
from flows.model import Body, Case, Status
from flows.school import PersonId, Seat
from flows.words import known, say

#: What is said before everything else, in this order.
_PRESSING = (
    "call_999",
    "confirm_999_called_and_record",
    "tell_someone_by_phone",
    "if_in_doubt_call_999",
    "refer_to_dsl_now",
    "do_not_view_copy_or_forward",
    "refuse_uploads",
    "do_not_forward",
    "dsl_uses_report_remove",
    "dsl_decides_childrens_services",
    "lado_within_1_working_day",
    "show_lado_contact",
    "do_not_tell_person_accused",
    "tell_as_agreed",
    "hold_contact_with_poster",
    "dsl_reads_the_words",
    "whistleblowing_check",
)
#: What is asked of everybody who is told; the rest is for whoever leads, and for the DSL.
_EVERYBODY = frozenset(
    {
        "call_999",
        "confirm_999_called_and_record",
        "tell_someone_by_phone",
        "if_in_doubt_call_999",
        "do_not_view_copy_or_forward",
        "refuse_uploads",
        "do_not_forward",
        "do_not_tell_person_accused",
        "tell_as_agreed",
        "hold_contact_with_poster",
        "do_not_guess_identity",
        "do_not_reply",
        "stop_replying_keep_reply",
        "preserve_evidence",
        "record_what_was_seen",
    }
)
_DSLS = frozenset({"dsl_uses_report_remove", "dsl_decides_childrens_services", "dsl_reads_the_words"})
#: Who leads stands on the card by itself.
_LEADING = frozenset({"chair_leads", "vice_chair_leads", "substitute_governor_leads"})
#: What a recorded decision on a body has done away with.
_DONE_WITH = {
    Body.LEGAL: {"decide_on_legal_and_record_why"},
    Body.POLICE: {"decide_on_police_and_record_why"},
    Body.LADO: {"lado_within_1_working_day", "show_lado_contact"},
    Body.CHILDRENS_SERVICES: {"dsl_decides_childrens_services"},
    Body.IMAGERY: {"refer_to_dsl_now"},
}
_999 = frozenset({"call_999", "confirm_999_called_and_record", "if_in_doubt_call_999"})
_LATER = "_later_if_cleared"


def to_do(case: Case, reader: PersonId | None = None) -> tuple[str, ...]:
    """Return what a leader is asked to do now, most pressing first. None = whoever reads the channel."""
    if case.status is Status.CLOSED:
        return ()
    asked = [_as_held(case, action) for action in case.decision.actions]
    first = ["bring_in_a_dsl"] if dsl_waits(case) else []
    dsl, done = _dsl(case), _done(case)
    own = case.decision.own or {}
    return tuple(
        own[action].words if action in own else _sentence(f"action.{action}", dsl)
        for action in (*first, *pressing(dict.fromkeys(asked)))
        if (action in own or known(f"action.{action}"))
        and action not in done
        and _theirs(case, action, reader)
    )


def pressing(actions: Iterable[str]) -> list[str]:
    """Return the actions with those that cannot wait first; the decision lists them by name."""
    return sorted(actions, key=lambda a: _PRESSING.index(a) if a in _PRESSING else len(_PRESSING))


def _as_held(case: Case, action: str) -> str:
    """Return an action as the hold that stands now has it: contact waits while one does."""
    now = action.removesuffix(_LATER)
    if not case.hold:
        return "tell_as_agreed" if now == "do_not_tell_person_accused" else now
    if now in (case.decision.own or {}):
        return now + _LATER if now + _LATER in (case.decision.own or {}) else now
    return now + _LATER if known(f"action.{now}{_LATER}") and not now.startswith("support_") else action


def _done(case: Case) -> frozenset[str]:
    """Return what nobody has to do any more, and what stands on the card by itself."""
    done = set(_LEADING)
    for duty in case.duties:
        if duty.decided is not None and (duty.decided.contacted or duty.body != Body.IMAGERY):
            done |= _DONE_WITH[Body(duty.body)] if not duty.called else own_actions(duty)
    if case.called_999:
        done |= _999
    if not case.hold:
        done.add("hold_contact_with_poster")
    if again(case):
        done.add("do_not_reply")
    return frozenset(done)


def _theirs(case: Case, action: str, reader: PersonId | None) -> bool:
    """Return whether an action is for this reader: to lead, to keep children safe, or for everybody."""
    if reader is None or action in _EVERYBODY:
        return True
    if reader in case.affected:
        return False
    safeguards = reader in (case.holders.get(Seat.DSL), case.holders.get(Seat.DEPUTY_DSL))
    if action == "refer_to_dsl_now" and safeguards:
        return False
    leads = reader in case.stand_ins or (case.lead is not None and case.holders.get(case.lead) == reader)
    return leads or (safeguards and action in _DSLS)


def _dsl(case: Case) -> str:
    """Return who keeps children safe in this case: the DSL, the deputy, or one still to be brought in."""
    if Seat.DSL in case.holders:
        return say("dsl.dsl")
    return say("dsl.deputy" if Seat.DEPUTY_DSL in case.holders else "dsl.neither")


def _sentence(name: str, dsl: str) -> str:
    text = say(name, dsl=dsl)
    return text[:1].upper() + text[1:]


def again(case: Case) -> bool:
    """Return whether somebody from school has replied: then it is about not doing so again."""
    return case.report.given.get("replied") in ("reporter", "colleague", "school_account")


def for_reporter(case: Case) -> tuple[str, ...]:
    """Return what a reporter is asked to do or to leave, most pressing first, as far as it applies."""
    if case.status is Status.CLOSED and case.decision.notify:
        return ()
    done = _done(case)
    actions = [a for a in pressing(case.decision.actions) if a not in done]
    kept = case.report.given.get("evidence") in ("saved", "link", "both") or case.report.posting.files
    instead = {
        "preserve_evidence": "" if kept else "advice.no_evidence",
        "stop_replying_keep_reply": "" if again(case) else "advice.if_replied",
    }
    names = (instead.get(action) or f"advice.{action}" for action in actions)
    return tuple(say(name) for name in names if known(name))
