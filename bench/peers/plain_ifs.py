"""The school's policy once more, as plain Python ifs – a second reading to compare the table with.

Written from the policy's own text alone, without looking at the decision table or its engine. It is used
twice: as a peer in the speed comparison, and as the independent opinion in the tests that put a million
answer sets to both. It gives no reasons and refuses nothing: it expects answers that were checked before.
"""

from __future__ import annotations

from bench.peers import plain_rows
from bench.peers.plain_facts import MAYBE, Facts, Found, Json, gather

URGENCY = ("routine", "two_working_days", "same_day", "urgent", "emergency")
LEVEL = ("consider", "recommend", "call_999_now")
WAITS_UNDER_HOLD = {
    "invite_via_complaints_procedure",
    "invite_if_identified",
    "contact_and_meet",
    "meet_if_identified",
    "contact_parent_of_pupil",
    "help_them_raise_it",
    "staff_conduct_route",
    "governor_conduct_route",
    "behaviour_policy_route",
    "ask_to_take_it_down",
}
LEAD_ACTION = {
    "chair_of_governors": "chair_leads",
    "vice_chair": "vice_chair_leads",
    "substitute_governor": "substitute_governor_leads",
}
IN_ORDER = ("headteacher", "chair_of_governors", "vice_chair", "substitute_governor", "dsl", "deputy_dsl")

NOBODY: Json = {
    "notify": [],
    "levels": {},
    "urgency": "routine",
    "leads": None,
    "actions": ["close_with_advice"],
    "rows": ["N"],
}


def decide(answers: Json) -> Json:
    """Return who is told, how strongly, how soon, who leads, what to do, and the rows that said so.

    The keys are notify (sorted), levels, urgency, leads, actions (sorted) and rows (in the table's order).
    """
    f = gather(answers)
    d = Found()
    plain_rows.safety(f, d)
    plain_rows.an_adult_at_risk(f, d)
    plain_rows.violence_and_hate(f, d)
    c3, c4 = plain_rows.contact_rows(f, d)
    plain_rows.criticism_and_legal(f, d)
    plain_rows.again_fake_and_private(f, d)
    plain_rows.insider_and_information(f, d, c3=c3, c4=c4)
    if not d.rows:
        return dict(NOBODY)
    misconduct = "X" in d.rows or (f.insider and "S5" in d.rows)
    lead_rows = _seats(f, d, misconduct=misconduct)
    _both_out_and_kept_out(f, d, lead_rows)
    leads = _leader(d)
    if c3 or c4:
        _contact(f, d, c3=c3, c4=c4)
    _what_follows(f, d, misconduct=misconduct)
    _support_and_evidence(f, d)
    levels = _levels(d)
    if d.hold:
        d.actions = {f"{act}_later_if_cleared" if act in WAITS_UNDER_HOLD else act for act in d.actions}
        d.actions.add("hold_contact_with_poster")
    return {
        "notify": sorted(d.told),
        "levels": levels,
        "urgency": max(d.urgencies, key=URGENCY.index),
        "leads": leads,
        "actions": sorted(d.actions),
        "rows": d.rows + sorted(lead_rows),
    }


def _seats(f: Facts, d: Found, *, misconduct: bool) -> set[str]:
    """Who is told and who leads by rows L1 to L6; return those that matched."""
    rows: set[str] = set()
    if d.head and f.head_out:
        rows.add("L1")
    elif d.head:
        d.told.add("headteacher")
        if "headteacher" in f.targets:
            rows.add("L2")
    if misconduct and f.poster & {"governor", "chair"}:
        rows.add("L3")
    if rows:
        d.leader = "chair_of_governors"
    if rows or "C5" in d.rows or "C5x" in d.rows:
        if f.chair_out:
            rows.add("L4")
            d.told.add("vice_chair")
            d.leader = "vice_chair"
        else:
            d.told.add("chair_of_governors")
    if "chair" in f.targets and not f.chair_out and d.head:
        rows.add("L5")
        if "chair_of_governors" in d.told:
            d.told.add("vice_chair")
            d.leader = "vice_chair" if d.leader == "chair_of_governors" else d.leader
        d.told.add("chair_of_governors")
    return rows


def _both_out_and_kept_out(f: Facts, d: Found, rows: set[str]) -> None:
    """Add row L6, then swap the seats that the reporter wants kept out, last of all."""
    if f.head_out and f.chair_out and "vice_chair" in d.told:
        rows.add("L6")
        d.legal.append("consider")
        d.actions.add("show_lado_contact")
    if "dsl" in d.told and "dsl" in f.keep_from:
        d.told.remove("dsl")
        d.told.add("deputy_dsl")
    if "vice_chair" in d.told and "vice_chair" in f.keep_from:
        d.told.remove("vice_chair")
        d.told.add("substitute_governor")
        if d.leader == "vice_chair":
            d.leader = "substitute_governor"


def _leader(d: Found) -> str | None:
    """Return the seat a row named, else the first told of those that can lead."""
    if d.leader is not None:
        d.actions.add(LEAD_ACTION[d.leader])
        return d.leader
    return next((seat for seat in IN_ORDER if seat in d.told), None)


def _contact(f: Facts, d: Found, *, c3: bool, c4: bool) -> None:
    """How C3 and C4 reach the poster, if at all."""
    governs = "governor" in f.poster or "chair" in f.poster
    if c4 and not c3 and not (f.abusive or f.harms or f.untrue):
        d.actions.add("decide_if_c4_applies")
    elif not f.contactable:
        if "meet_if_identified" not in d.actions:
            d.actions.add("invite_if_identified")
    elif "staff" in f.poster or "headteacher" in f.poster:
        pass  # the staff route instead
    elif governs and not f.poster & {"parent_carer", "former", "other_known", "unknown"}:
        pass  # the governors' route instead
    elif "pupil" in f.poster:
        d.actions.add("contact_parent_of_pupil")
    elif "contact_and_meet" in d.actions:
        pass  # the meeting is the invitation
    else:
        d.actions.add("invite_via_complaints_procedure")


def _what_follows(f: Facts, d: Found, *, misconduct: bool) -> None:
    """Actions that follow from several rows: what is done about the posting and about who posted it."""
    if not f.contactable or "unknown" in f.poster:
        d.actions.add("do_not_guess_identity")
        if f.imagery == "no":
            d.actions.add("report_to_platform")
    bad = f.abusive or f.untrue or f.harms or f.private
    if f.contactable and f.up and not f.child_poster and bad and not {"C3", "C4", "D"}.isdisjoint(d.rows):
        d.actions.add("ask_to_take_it_down")
    if f.stance == "condemns_or_corrects" and "shared" in f.did and not f.responsible:
        d.actions.add("ask_to_remove_reshare")
    if misconduct and f.poster & {"staff", "headteacher"}:
        d.actions |= {"staff_conduct_route", "whistleblowing_check"}
    if misconduct and f.poster & {"governor", "chair"}:
        d.actions.add("governor_conduct_route")
    if f.replied != "no":
        d.actions.add("stop_replying_keep_reply")


def _support_and_evidence(f: Facts, d: Found) -> None:
    """Who is supported, and what is kept of the posting."""
    if f.hurtful and (f.rep or "parent_or_other_adult" in f.targets):
        d.actions.add("support_person_affected")
    if "S5" in d.rows and f.rep and "support_person_affected" in d.actions:
        d.actions.remove("support_person_affected")
        d.actions.add("support_person_affected_later_if_cleared")
    if f.hurtful and "pupil" in f.targets:
        d.actions.add("support_child_affected")
    if "is_target" in f.link:
        d.actions.add("support_for_reporter")
    if "is_poster" in f.link:
        d.actions.add("self_report_support")
    if f.imagery == "no":
        d.actions.add("do_not_reply")
        gone = not f.up or f.sexual in MAYBE
        d.actions.add("record_what_was_seen" if gone else "preserve_evidence")


def _levels(d: Found) -> dict[str, str]:
    """Return the highest level of Legal and of the police; ask for the decision on each."""
    levels: dict[str, str] = {}
    if d.legal:
        levels["legal"] = max(d.legal, key=LEVEL.index)
        d.told.add("legal")
        d.actions.add("decide_on_legal_and_record_why")
    if d.police:
        levels["police"] = max(d.police, key=LEVEL.index)
        d.told.add("police")
        if levels["police"] != "call_999_now":
            d.actions.add("decide_on_police_and_record_why")
    return levels
