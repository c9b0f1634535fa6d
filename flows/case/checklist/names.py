"""What each action of the policy is, to a checklist: a rule, a duty's, everybody's; and its sentence."""

from __future__ import annotations

from collections.abc import Iterable

from flows.model import Body, Case
from flows.school import Seat
from flows.words import known, say

#: What is said before everything else, in this order.
PRESSING = (
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
#: How to behave, as long as the case runs: there is nothing to tick off.
RULES = frozenset(
    {
        "tell_someone_by_phone",
        "if_in_doubt_call_999",
        "do_not_view_copy_or_forward",
        "refuse_uploads",
        "do_not_forward",
        "do_not_tell_person_accused",
        "tell_as_agreed",
        "do_not_guess_identity",
        "do_not_reply",
        "stop_replying_keep_reply",
        "consider_as_face_to_face",
    }
)
#: What is asked of everybody who is told; the rest is for whoever leads, and for the DSL.
EVERYBODY = frozenset({*RULES - {"consider_as_face_to_face"}, "preserve_evidence", "record_what_was_seen"})
#: What the DSL who is told is asked for as well as the lead.
DSLS = frozenset({"dsl_uses_report_remove", "dsl_reads_the_words"})
#: What stands on the card by itself: who leads, and that contact waits.
BY_ITSELF = frozenset(
    {"chair_leads", "vice_chair_leads", "substitute_governor_leads", "hold_contact_with_poster"}
)
#: What a duty stands for, its sentence first.
DUTY_ACTIONS = {
    Body.LEGAL: ("decide_on_legal_and_record_why",),
    Body.POLICE: ("decide_on_police_and_record_why",),
    Body.LADO: ("lado_within_1_working_day", "show_lado_contact"),
    Body.CHILDRENS_SERVICES: ("dsl_decides_childrens_services",),
    Body.IMAGERY: ("refer_to_dsl_now",),
}
#: What the line on 999 stands for.
RINGING_999 = frozenset({"call_999", "confirm_999_called_and_record"})
#: What a recorded meeting has done.
MEETINGS = frozenset({"contact_and_meet", "meet_if_identified"})
LATER = "_later_if_cleared"


def pressing(actions: Iterable[str]) -> list[str]:
    """Return the actions with those that cannot wait first; the decision lists them by name."""
    return sorted(actions, key=lambda a: PRESSING.index(a) if a in PRESSING else len(PRESSING))


def as_held(case: Case, action: str) -> str:
    """Return an action as the hold that stands now has it: contact waits while one does."""
    now = action.removesuffix(LATER)
    if not case.hold:
        return "tell_as_agreed" if now == "do_not_tell_person_accused" else now
    if is_contact(case, now):
        return now + LATER
    return now if now in (case.decision.own or {}) else action


def is_contact(case: Case, name: str) -> bool:
    """Return whether an action is contact with who posted it, or goes with it: under a hold it waits."""
    own = case.decision.own or {}
    if name in own:
        return name + LATER in own
    return known(f"action.{name}{LATER}") and not name.startswith("support_")


def sentence(case: Case, action: str) -> str:
    """Return what an action asks, in words; "" for one that nobody is told of."""
    own = case.decision.own or {}
    if action in own:
        return own[action].words
    if not known(f"action.{action}"):
        return ""
    text = say(f"action.{action}", dsl=_dsl(case))
    return text[:1].upper() + text[1:]


def _dsl(case: Case) -> str:
    """Return who keeps children safe in this case: the DSL, the deputy, or one still to be brought in."""
    if Seat.DSL in case.holders:
        return say("dsl.dsl")
    return say("dsl.deputy" if Seat.DEPUTY_DSL in case.holders else "dsl.neither")


def has_replied(case: Case) -> bool:
    """Return whether somebody from school has replied: then it is about not doing so again."""
    return case.report.given.get("replied") in ("reporter", "colleague", "school_account")
