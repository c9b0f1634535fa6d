"""Actions that follow from several rows together (policy page §7)."""

from __future__ import annotations

from collections.abc import Mapping

from flows.assessment import SAFETY, Assessment
from flows.leads import misconduct
from flows.model import Level

#: Every kind of contact: beside a hold it waits until it is cleared.
CONTACTS = (
    "invite_via_complaints_procedure",
    "invite_if_identified",
    "contact_and_meet",
    "meet_if_identified",
    "contact_parent_of_pupil",
    "help_them_raise_it",
    "staff_conduct_route",
    "governor_conduct_route",
    "behaviour_policy_route",
)
_ABOUT_PEOPLE = tuple(key for key in SAFETY if key in ("violence", "racist", "other_hate"))


def follow(
    assessment: Assessment, actions: set[str], levels: Mapping[str, Level], matched: set[str], *, hold: bool
) -> None:
    """Add to ``actions`` what follows from the rows that matched; turn contact into later contact on hold."""
    holds, true = assessment.holds, assessment.true
    contact = _contact(assessment, actions, matched)
    if contact:
        actions.add(contact)
    if not true("contactable") or holds("poster", "unknown"):
        actions |= {"do_not_guess_identity", "report_to_platform"}
    if holds("stance", "condemns_or_corrects") and holds("did", "shared") and not true("responsible"):
        actions.add("ask_to_remove_reshare")
    if misconduct(assessment, matched):
        if holds("poster", "staff") or holds("poster", "headteacher"):
            actions |= {"staff_conduct_route", "whistleblowing_check"}
        if holds("poster", "governor") or holds("poster", "chair"):
            actions.add("governor_conduct_route")
    if true("person") and (
        true("abusive") or true("harms") or any(not holds(key, "no") for key in _ABOUT_PEOPLE)
    ):
        actions.add("support_person_affected")
    if not holds("replied", "no"):
        actions.add("stop_replying_keep_reply")
    if holds("reporter_link", "is_poster"):
        actions.add("self_report_support")
    if holds("sexual_imagery_child", "no"):
        actions.add("do_not_reply")
        actions.add("preserve_evidence" if true("up") else "record_what_was_seen")
    if "legal" in levels:
        actions.add("decide_on_legal_and_record_why")
    if levels.get("police") not in (None, Level.CALL_999_NOW):
        actions.add("decide_on_police_and_record_why")
    if hold:
        actions.add("hold_contact_with_poster")
        for contact in CONTACTS:
            if contact in actions:
                actions.remove(contact)
                actions.add(f"{contact}_later_if_cleared")


def _contact(assessment: Assessment, actions: set[str], matched: set[str]) -> str:
    """Return the one contact action C3 and C4 ask for ("" = none)."""
    holds, true = assessment.holds, assessment.true
    if not matched & {"C3", "C4"}:
        return ""
    if "C3" not in matched and not (true("abusive") or true("harms") or true("untrue")):
        return "decide_if_c4_applies"
    if not true("contactable"):
        return "invite_if_identified"
    if holds("poster", "staff") or holds("poster", "headteacher"):
        return ""
    if holds("poster", "chair") and not holds("poster", "parent_carer"):
        return ""
    if holds("poster", "pupil"):
        return "contact_parent_of_pupil"
    if "contact_and_meet" in actions:
        return ""
    return "invite_via_complaints_procedure"
