"""The school's policy once more, as plain Python ifs – a second reading to compare the table with.

Written from the policy's own text alone, without looking at the decision table or its engine. It is used
twice: as a peer in the speed comparison, and as the independent opinion in the tests that put a million
answer sets to both. It gives no reasons and refuses nothing: it expects answers that were checked before.
"""

from typing import Any

Json = dict[str, Any]  # one set of answers, or one decision, as JSON would hold it

DEFAULTS: Json = {
    "immediate_danger": "no",
    "sexual_imagery_child": "no",
    "child_at_risk": "no",
    "adult_at_risk": "no",
    "violence": "no",
    "racist": "no",
    "other_hate": "no",
    "staff_allegation": [],
    "targets": ["school"],
    "poster": ["parent_carer"],
    "did": ["made"],
    "stance": "not_applicable",
    "nature": [],
    "platform": ["collaborative_space"],
    "still_online": "yes",
    "evidence": "saved",
    "replied": "no",
    "repeated": "no",
    "reporter_link": [],
    "keep_from": [],
    "keep_name_private": "no",
    "words": "",
    "text_flags": [],
    "unfinished": False,
}
CAUTIOUS: Json = {
    "targets": ["not_sure"],
    "poster": ["unknown"],
    "did": ["not_sure"],
    "nature": ["not_sure"],
    "still_online": "not_sure",
    "evidence": "none",
}
MAYBE = ("yes", "not_sure")
URGENCY = ("routine", "two_working_days", "same_day", "urgent", "emergency")
LEVEL = ("consider", "recommend", "call_999_now")
REPRESENTATIVES = {"staff", "headteacher", "governor", "chair"}
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
}
LEAD_ACTION = {
    "chair_of_governors": "chair_leads",
    "vice_chair": "vice_chair_leads",
    "substitute_governor": "substitute_governor_leads",
}


def decide(answers: Json) -> Json:  # noqa: C901, PLR0912, PLR0915 - one long read, in the policy's order
    """Return who is told, how strongly, how soon, who leads, what to do, and the rows that said so.

    The keys are notify (sorted), levels, urgency, leads, actions (sorted) and rows (in the table's order).
    """
    # --- what was answered, and what stands in for what was not -------------------------------------------
    a = dict(DEFAULTS)
    if answers.get("unfinished", False):
        a.update(CAUTIOUS)
    a.update(answers)
    unfinished = a["unfinished"]

    danger = a["immediate_danger"]
    imagery = a["sexual_imagery_child"]
    child_at_risk = a["child_at_risk"]
    adult_at_risk = a["adult_at_risk"]
    violence = a["violence"]
    racist = a["racist"]
    other_hate = a["other_hate"]
    allegation = set(a["staff_allegation"])
    targets = set(a["targets"])
    poster = set(a["poster"])
    did = set(a["did"])
    stance = a["stance"]
    nature = set(a["nature"])
    keep_from = set(a["keep_from"])
    link = set(a["reporter_link"])

    # --- the person's own words can raise a no to not sure -----------------------------------------------
    flags = a["text_flags"]
    if "immediate_danger" in flags and danger == "no":
        danger = "not_sure"
    if "sexual_imagery_child" in flags and imagery == "no":
        imagery = "not_sure"
    if "child_at_risk" in flags and child_at_risk == "no":
        child_at_risk = "not_sure"
    if "adult_at_risk" in flags and adult_at_risk == "no":
        adult_at_risk = "not_sure"
    if "violence" in flags and violence == "no":
        violence = "not_sure"
    if "racist" in flags and racist == "no":
        racist = "not_sure"
    if "other_hate" in flags and other_hate == "no":
        other_hate = "not_sure"
    if "staff_allegation" in flags and not allegation:
        allegation = {"not_sure"}

    # --- what the reporter says of themselves -------------------------------------------------------------
    if "is_headteacher" in link and "is_target" in link:
        targets.add("headteacher")
    if "is_poster" in link:
        if "is_headteacher" in link:
            poster.add("headteacher")
        elif not poster & REPRESENTATIVES:
            poster.add("staff")

    # --- facts ---------------------------------------------------------------------------------------------
    rep = bool(targets & REPRESENTATIVES)
    named = rep or "pupil" in targets
    person = named or "parent_or_other_adult" in targets
    about = bool(targets - {"none"})
    passed_on = "shared" in did or "responded" in did
    responsible = "made" in did or "not_sure" in did or (passed_on and stance != "condemns_or_corrects")
    maybe_parent = "parent_carer" in poster or "unknown" in poster or not responsible
    contactable = responsible and bool(poster - {"unknown"})
    insider = responsible and bool(poster & REPRESENTATIVES)
    abusive = "abusive" in nature
    untrue = "untrue_or_inaccurate" in nature
    harms = "could_harm_reputation" in nature
    critical = "critical_of_leadership" in nature
    unsure = "not_sure" in nature
    up = a["still_online"] != "removed"
    child = child_at_risk in MAYBE or imagery in MAYBE
    accused_head = "headteacher" in allegation or ("not_sure" in allegation and "headteacher" in targets)
    accused_chair = "chair" in allegation or ("not_sure" in allegation and "chair" in targets)
    head_out = (
        "headteacher" in poster
        or accused_head
        or "headteacher" in keep_from
        or (unfinished and "staff_allegation" not in answers)
    )
    chair_out = "chair" in poster or accused_chair or "chair" in keep_from
    hard = abusive or untrue or harms or violence == "yes" or racist == "yes" or other_hate == "yes"

    # --- the table, row by row -----------------------------------------------------------------------------
    rows: list[str] = []
    told: set[str] = set()
    actions: set[str] = set()
    urgencies: list[str] = []
    police_levels: list[str] = []
    legal_levels: list[str] = []
    head_asked = False
    hold = False

    # S1, S2: someone is in danger now
    if danger == "yes":
        rows.append("S1")
        head_asked = True
        told.add("dsl")
        police_levels.append("call_999_now")
        urgencies.append("emergency")
        actions |= {"call_999", "tell_someone_by_phone", "confirm_999_called_and_record"}
        hold = True
    if danger == "not_sure":
        rows.append("S2")
        head_asked = True
        told.add("dsl")
        police_levels.append("consider")
        urgencies.append("urgent")
        actions |= {"tell_someone_by_phone", "if_in_doubt_call_999"}
        hold = True

    # S3: a sexual image of a child
    if imagery in MAYBE:
        rows.append("S3")
        head_asked = True
        told.add("dsl")
        police_levels.append("recommend" if imagery == "yes" else "consider")
        urgencies.append("urgent")
        actions |= {"do_not_view_copy_or_forward", "refuse_uploads", "refer_to_dsl_now"}
        hold = True

    # S4: a child could come to harm
    if child_at_risk in MAYBE:
        rows.append("S4")
        head_asked = True
        told.add("dsl")
        police_levels.append("consider")
        urgencies.append("urgent")
        actions.add("dsl_decides_childrens_services")
        hold = True

    # S5: an allegation about somebody who works here
    if allegation or (insider and child):
        rows.append("S5")
        head_asked = True
        police_levels.append("consider")
        legal_levels.append("consider")
        vague = allegation == {"not_sure"} and not accused_head and not accused_chair
        urgencies.append("same_day" if vague and not (insider and child) else "urgent")
        actions |= {"lado_within_1_working_day", "show_lado_contact", "do_not_tell_person_accused"}
        hold = True

    # S6: a pupil is in it
    if "pupil" in targets or "pupil" in poster:
        rows.append("S6")
        head_asked = True
        told.add("dsl")
        if "pupil" in targets and (abusive or untrue or harms) and up:
            urgencies.append("same_day")
        else:
            urgencies.append("routine")
        if "pupil" in poster and responsible and not child and not allegation:
            actions.add("behaviour_policy_route")

    # C3c: an adult could come to harm
    if adult_at_risk in MAYBE:
        rows.append("C3c")
        head_asked = True
        if not rep:
            told.add("dsl")
        police_levels.append("consider")
        legal_levels.append("consider")
        urgencies.append("urgent" if adult_at_risk == "yes" else "same_day")
        actions.add("support_person_affected")
        hold = True

    # C8: violence, racism, other hate
    if violence in MAYBE:
        rows.append("C8v")
        head_asked = True
        if targets & {"school", "none", "not_sure"}:
            told.add("dsl")
        police_levels.append("recommend" if violence == "yes" else "consider")
        legal_levels.append("recommend" if violence == "yes" else "consider")
        urgencies.append("urgent" if violence == "yes" else "same_day")
        hold = True
    if racist in MAYBE:
        rows.append("C8r")
        head_asked = True
        police_levels.append("recommend" if racist == "yes" else "consider")
        legal_levels.append("recommend" if racist == "yes" else "consider")
        urgencies.append("same_day")
        hold = True
    if other_hate in MAYBE:
        rows.append("C8h")
        head_asked = True
        police_levels.append("consider")
        urgencies.append("same_day")

    # C3, C4: defamatory, disrepute, risk of harm; a representative of the school
    c3 = maybe_parent and (
        (about and harms)
        or (abusive and "school" in targets)
        or (untrue and bool(targets & {"pupil", "parent_or_other_adult"}))
        or ((child_at_risk in MAYBE or adult_at_risk in MAYBE) and (person or "school" in targets))
    )
    if c3:
        rows.append("C3")
        head_asked = True
        urgencies.append("two_working_days")
    c4 = rep and (abusive or harms or untrue or unsure)
    if c4:
        rows.append("C4")
        head_asked = True
        urgencies.append("two_working_days")
    if (c3 or c4) and (abusive or harms) and named and up:
        rows.append("C34")  # a faster clock only: it asks for nobody
        urgencies.append("same_day")
    if "headteacher" in targets and (abusive or untrue):
        rows.append("C4h")
        head_asked = True
        legal_levels.append("consider")

    # C5: criticism of how the school is led
    c5 = about and critical and not abusive
    if c5:
        rows.append("C5")
        head_asked = True
        urgencies.append("two_working_days")
        actions.add("contact_and_meet" if contactable else "meet_if_identified")
        actions.add("consider_as_face_to_face")
    c5x = about and critical and abusive
    if c5x:
        rows.append("C5x")
        head_asked = True

    # C7: Legal Services
    if about and harms:
        rows.append("C7")
        head_asked = True
        legal_levels.append("consider" if critical and not untrue and not abusive else "recommend")
        urgencies.append("two_working_days")
    if unsure and not unfinished and (violence in MAYBE or racist in MAYBE or named or "not_sure" in targets):
        rows.append("C7u")
        head_asked = True
        legal_levels.append("consider")

    # R: it has happened before
    if about and a["repeated"] == "yes" and (abusive or harms):
        rows.append("R")
        head_asked = True
        if abusive and named:
            police_levels.append("consider")
            legal_levels.append("recommend")
        else:
            legal_levels.append("consider")
        urgencies.append("same_day")

    # X: somebody who works here or governs posted it
    hate_or_violence_yes = violence == "yes" or racist == "yes" or other_hate == "yes"
    x = insider and (about or hate_or_violence_yes) and (c3 or c4 or c5 or hard)
    if x:
        rows.append("X")
        head_asked = True
        legal_levels.append("recommend" if hard else "consider")
        urgencies.append("same_day")

    # F: for information
    if about and (rep or nature != {"none_of_these"} or rows):
        only_concern = nature == {"genuine_concern"}
        stronger = c3 or c4 or c5 or x or violence == "yes" or racist == "yes"
        rows.append("F")
        head_asked = True
        urgencies.append("routine")
        if only_concern and not stronger:
            actions.add("help_them_raise_it")

    # N: nobody needs to be told
    if not rows:
        return {
            "notify": [],
            "levels": {},
            "urgency": "routine",
            "leads": None,
            "actions": ["close_with_advice"],
            "rows": ["N"],
        }

    # --- who is told and who leads -------------------------------------------------------------------------
    misconduct = x or (insider and "S5" in rows)
    lead_rows: set[str] = set()
    leader: str | None = None
    chairs_part = False

    if head_asked and head_out:
        lead_rows.add("L1")
        chairs_part = True
        leader = "chair_of_governors"
    elif head_asked:
        told.add("headteacher")
    if head_asked and not head_out and "headteacher" in targets:
        lead_rows.add("L2")
        chairs_part = True
        leader = "chair_of_governors"
    if misconduct and poster & {"governor", "chair"}:
        lead_rows.add("L3")
        chairs_part = True
        leader = "chair_of_governors"
    if c5 or c5x:
        chairs_part = True
    if chairs_part and chair_out:
        lead_rows.add("L4")
        told.add("vice_chair")
        leader = "vice_chair"
    elif chairs_part:
        told.add("chair_of_governors")
    if "chair" in targets and not chair_out and head_asked:
        lead_rows.add("L5")
        if "chair_of_governors" in told:
            told.add("vice_chair")
            leader = "vice_chair"
        told.add("chair_of_governors")
    if head_out and chair_out and "vice_chair" in told:
        lead_rows.add("L6")
        legal_levels.append("consider")
        actions.add("show_lado_contact")

    # last of all: who is kept out
    if "dsl" in told and "dsl" in keep_from:
        told.remove("dsl")
        told.add("deputy_dsl")
    if "vice_chair" in told and "vice_chair" in keep_from:
        told.remove("vice_chair")
        told.add("substitute_governor")
        if leader == "vice_chair":
            leader = "substitute_governor"

    if leader is not None:
        actions.add(LEAD_ACTION[leader])
        leads: str | None = leader
    elif "headteacher" in told:
        leads = "headteacher"
    elif "chair_of_governors" in told:
        leads = "chair_of_governors"
    elif "vice_chair" in told:
        leads = "vice_chair"
    elif "substitute_governor" in told:
        leads = "substitute_governor"
    else:
        leads = None

    # --- what follows from several rows --------------------------------------------------------------------
    if c3 or c4:
        if c4 and not c3 and unsure and not (abusive or harms or untrue):
            actions.add("decide_if_c4_applies")
        elif not contactable:
            actions.add("invite_if_identified")
        elif "staff" in poster or "headteacher" in poster:
            pass  # the staff route instead
        elif "chair" in poster and "parent_carer" not in poster:
            pass  # the governors' route instead
        elif "pupil" in poster:
            actions.add("contact_parent_of_pupil")
        elif "contact_and_meet" in actions:
            pass  # the meeting is the invitation
        else:
            actions.add("invite_via_complaints_procedure")
    if not contactable or "unknown" in poster:
        actions |= {"do_not_guess_identity", "report_to_platform"}
    if stance == "condemns_or_corrects" and "shared" in did and not responsible:
        actions.add("ask_to_remove_reshare")
    if misconduct and poster & {"staff", "headteacher"}:
        actions |= {"staff_conduct_route", "whistleblowing_check"}
    if misconduct and poster & {"governor", "chair"}:
        actions.add("governor_conduct_route")
    if person and (abusive or harms or violence in MAYBE or racist in MAYBE or other_hate in MAYBE):
        actions.add("support_person_affected")
    if a["replied"] != "no":
        actions.add("stop_replying_keep_reply")
    if "is_poster" in link:
        actions.add("self_report_support")
    if imagery == "no":
        actions.add("do_not_reply")
        actions.add("preserve_evidence" if up else "record_what_was_seen")
    levels: dict[str, str] = {}
    if legal_levels:
        levels["legal"] = max(legal_levels, key=LEVEL.index)
        told.add("legal")
        actions.add("decide_on_legal_and_record_why")
    if police_levels:
        levels["police"] = max(police_levels, key=LEVEL.index)
        told.add("police")
        if levels["police"] != "call_999_now":
            actions.add("decide_on_police_and_record_why")
    if hold:
        actions = {f"{act}_later_if_cleared" if act in WAITS_UNDER_HOLD else act for act in actions}
        actions.add("hold_contact_with_poster")

    return {
        "notify": sorted(told),
        "levels": levels,
        "urgency": max(urgencies, key=URGENCY.index),
        "leads": leads,
        "actions": sorted(actions),
        "rows": rows + sorted(lead_rows),
    }
