"""The school's policy once more, as plain Python ifs – a second reading to compare the table with.

Written from the policy's own text alone, without looking at the decision table or its engine. It is used
twice: as a peer in the speed comparison, and as the independent opinion in the tests that put a million
answer sets to both. It gives no reasons and refuses nothing: it expects answers that were checked before.
"""

from __future__ import annotations

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


def decide(answers: Json) -> Json:
    """Return who is told, how strongly, how soon, who leads, what to do, and the rows that said so.

    The keys are notify (sorted), levels, urgency, leads, actions (sorted) and rows (in the table's order).
    """
    f = gather(answers)
    d = Found()
    _safety(f, d)
    _an_adult_at_risk(f, d)
    _violence_and_hate(f, d)
    c3, c4 = _contact_rows(f, d)
    _criticism_and_legal(f, d)
    _again_fake_and_private(f, d)
    _insider_and_information(f, d, c3=c3, c4=c4)
    if not d.rows:
        return {
            "notify": [],
            "levels": {},
            "urgency": "routine",
            "leads": None,
            "actions": ["close_with_advice"],
            "rows": ["N"],
        }
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


def _safety(f: Facts, d: Found) -> None:
    """S1 to S6: danger, a sexual image, a child at risk, an allegation, a pupil."""
    if f.danger == "yes":
        d.row("S1", "emergency", police="call_999_now", hold=True)
        d.told.add("dsl")
        d.actions |= {"call_999", "tell_someone_by_phone", "confirm_999_called_and_record"}
    if f.danger == "not_sure":
        d.row("S2", "urgent", police="consider", hold=True)
        d.told.add("dsl")
        d.actions |= {"tell_someone_by_phone", "if_in_doubt_call_999"}
    if f.imagery in MAYBE:
        d.row("S3", "urgent", police="recommend" if f.imagery == "yes" else "consider", hold=True)
        d.told.add("dsl")
        d.actions |= {"do_not_view_copy_or_forward", "refuse_uploads", "refer_to_dsl_now"}
        d.actions |= {"dsl_uses_report_remove", "dsl_decides_childrens_services"}
    if f.child_at_risk in MAYBE:
        d.row("S4", "urgent", police="consider", hold=True)
        d.told.add("dsl")
        d.actions.add("dsl_decides_childrens_services")
    if f.allegation or (f.insider and f.child):
        vague = f.allegation == {"not_sure"} and not f.accused_head and not f.accused_chair
        soon = "same_day" if vague and not (f.insider and f.child) else "urgent"
        d.row("S5", soon, police="consider", legal="consider", hold=True)
        d.told.add("dsl")
        d.actions |= {"lado_within_1_working_day", "show_lado_contact", "do_not_tell_person_accused"}
    if "pupil" in f.targets or "pupil" in f.poster:
        against_pupil = "pupil" in f.targets and (f.abusive or f.untrue or f.harms) and f.up
        d.row("S6", "same_day" if against_pupil else "routine")
        d.told.add("dsl")
        theirs = "pupil" in f.poster and f.responsible and (f.untrue or f.hurtful)
        if theirs and not f.child and not f.allegation:
            d.actions.add("behaviour_policy_route")


def _an_adult_at_risk(f: Facts, d: Found) -> None:
    """C3c."""
    if f.adult_at_risk in MAYBE:
        soon = "urgent" if f.adult_at_risk == "yes" else "same_day"
        d.row("C3c", soon, police="consider", legal="consider", hold=True)
        if not f.rep:
            d.told.add("dsl")
        d.actions.add("support_person_affected")


def _violence_and_hate(f: Facts, d: Found) -> None:
    """C8. What pupils alone wrote is at most considered for the police, and not put to Legal."""
    pupils = f.child_poster

    def row(name: str, answer: str, urgency: str, *, hold: bool) -> None:
        level = "recommend" if answer == "yes" else "consider"
        d.row(name, urgency, police="consider" if pupils else level, legal="" if pupils else level, hold=hold)

    if f.violence in MAYBE:
        row("C8v", f.violence, "urgent" if f.violence == "yes" else "same_day", hold=True)
        if f.targets & {"school", "none", "not_sure"}:
            d.told.add("dsl")
    if f.racist in MAYBE:
        row("C8r", f.racist, "same_day", hold=not pupils)
    if f.other_hate in MAYBE:
        row("C8h", f.other_hate, "same_day", hold=not pupils)
    if f.sexual in MAYBE:
        row("C8s", f.sexual, "same_day", hold=not pupils)
        if "pupil" in f.targets:
            d.told.add("dsl")
        d.actions |= {"refuse_uploads", "do_not_forward"}


def _contact_rows(f: Facts, d: Found) -> tuple[bool, bool]:
    """C3, C4 and what hangs on them; returns whether C3 and whether C4 matched."""
    at_risk = f.child_at_risk in MAYBE or f.adult_at_risk in MAYBE
    other_adult = "parent_or_other_adult" in f.targets
    c3 = f.maybe_parent and (
        (f.about and f.harms)
        or (f.abusive and ("school" in f.targets or "pupil" in f.targets or (other_adult and f.repeated)))
        or (f.untrue and ("pupil" in f.targets or other_adult))
        or (at_risk and (f.person or "school" in f.targets))
    )
    c4 = f.rep and (f.abusive or f.harms or f.untrue or f.unsure)
    if c3:
        d.row("C3", "two_working_days")
    if c4:
        d.row("C4", "two_working_days")
    if (c3 or c4) and (f.abusive or f.harms) and f.named and f.up:
        d.row("C34", "same_day", head=False)
    if "headteacher" in f.targets and (f.abusive or f.untrue) and not f.child_poster:
        d.row("C4h", legal="consider")
    return c3, c4


def _criticism_and_legal(f: Facts, d: Found) -> None:
    """C5 and C7: criticism of how the school is led; Legal Services."""
    if f.about and f.critical and not f.abusive:
        d.row("C5", "two_working_days")
        d.actions.add("consider_as_face_to_face")
        if not f.contactable:
            d.actions.add("meet_if_identified")
        else:
            d.actions.add("contact_parent_of_pupil" if f.child_poster else "contact_and_meet")
    if f.about and f.critical and f.abusive:
        d.row("C5x")
    if f.about and f.harms:
        only_critical = f.critical and not f.untrue and not f.abusive
        level = "consider" if only_critical else "recommend"
        d.row("C7", "two_working_days", legal="" if f.child_poster else level)
    grave = f.violence in MAYBE or f.racist in MAYBE
    unclear = f.unsure and not f.unfinished and not f.child_poster
    if unclear and (grave or f.named or "not_sure" in f.targets):
        d.row("C7u", legal="consider")


def _again_fake_and_private(f: Facts, d: Found) -> None:
    """R, I and D: it happened before; it pretends to be the school; it gives out what is private."""
    if f.about and f.repeated and (f.abusive or f.harms):
        strong = f.abusive and f.named and not f.critical
        level = "recommend" if strong else "consider"
        d.row("R", "same_day", police="consider" if strong else "", legal="" if f.child_poster else level)
    if f.about and f.fake:
        d.row("I", "same_day", legal="" if f.child_poster else "consider")
        d.actions |= {"report_as_impersonation", "tell_families_it_is_fake"}
    if f.about and f.private:
        d.row("D", "same_day")
        if "pupil" in f.targets:
            d.told.add("dsl")
        d.actions.add("bring_in_data_protection_lead")


def _insider_and_information(f: Facts, d: Found, *, c3: bool, c4: bool) -> None:
    """X, F and W: somebody who works here or governs did it; for information; words that were denied."""
    matched = c3 or c4 or "C5" in d.rows
    x = f.insider and (f.about or f.hate_or_violence) and (matched or f.hard)
    if x:
        d.row("X", "same_day", legal="recommend" if f.hard else "consider")
    if f.about and (f.rep or f.nature != {"none_of_these"} or d.rows):
        d.row("F", "routine")
        if f.nature == {"genuine_concern"} and not (matched or x or f.hate_or_violence):
            d.actions.add("help_them_raise_it")
    if f.denied & {"sexual_imagery_child", "child_at_risk", "adult_at_risk", "staff_allegation"}:
        d.row("W", "same_day", head=False)
        d.told.add("dsl")
        d.actions.add("dsl_reads_the_words")


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
