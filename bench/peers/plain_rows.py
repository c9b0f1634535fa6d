"""The rows of the school's policy as plain ifs: what each asks for.

The second of the three parts of ``plain_ifs``.
"""

from __future__ import annotations

from bench.peers.plain_facts import MAYBE, Facts, Found


def safety(f: Facts, d: Found) -> None:
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


def an_adult_at_risk(f: Facts, d: Found) -> None:
    """C3c."""
    if f.adult_at_risk in MAYBE:
        soon = "urgent" if f.adult_at_risk == "yes" else "same_day"
        d.row("C3c", soon, police="consider", legal="consider", hold=True)
        if not f.rep:
            d.told.add("dsl")
        d.actions.add("support_person_affected")


def violence_and_hate(f: Facts, d: Found) -> None:
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


def contact_rows(f: Facts, d: Found) -> tuple[bool, bool]:
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


def criticism_and_legal(f: Facts, d: Found) -> None:
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


def again_fake_and_private(f: Facts, d: Found) -> None:
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


def insider_and_information(f: Facts, d: Found, *, c3: bool, c4: bool) -> None:
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
