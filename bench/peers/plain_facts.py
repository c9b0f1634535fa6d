"""The facts of the school's policy, worked out from answers by hand, and a slate for what they ask for.

The first of the three parts of ``plain_ifs``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]  # one set of answers, or one decision, as JSON would hold it

DEFAULTS: Json = {
    "immediate_danger": "no",
    "sexual_imagery_child": "no",
    "child_at_risk": "no",
    "adult_at_risk": "no",
    "violence": "no",
    "sexual": "no",
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
    "text_denied": [],
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
SAFETY = (
    "immediate_danger",
    "sexual_imagery_child",
    "child_at_risk",
    "adult_at_risk",
    "violence",
    "sexual",
    "racist",
    "other_hate",
)
MAYBE = ("yes", "not_sure")
REPRESENTATIVES = {"staff", "headteacher", "governor", "chair"}


@dataclass(slots=True)
class Facts:
    """What the rows look at. The names are the policy page's own."""

    danger: str
    imagery: str
    child_at_risk: str
    adult_at_risk: str
    violence: str
    sexual: str
    racist: str
    other_hate: str
    allegation: set[str]
    targets: set[str]
    poster: set[str]
    did: set[str]
    nature: set[str]
    keep_from: set[str]
    link: set[str]
    denied: set[str]
    stance: str
    replied: str
    repeated: bool
    unfinished: bool
    up: bool
    allegation_was_asked: bool

    rep: bool = False
    named: bool = False
    person: bool = False
    about: bool = False
    responsible: bool = False
    maybe_parent: bool = False
    contactable: bool = False
    insider: bool = False
    abusive: bool = False
    untrue: bool = False
    harms: bool = False
    critical: bool = False
    fake: bool = False
    private: bool = False
    unsure: bool = False
    child_poster: bool = False
    child: bool = False
    hurtful: bool = False
    hate_or_violence: bool = False
    hard: bool = False
    accused_head: bool = False
    accused_chair: bool = False
    head_out: bool = False
    chair_out: bool = False


@dataclass(slots=True)
class Found:
    """What has been asked for so far. ``head`` = a row asks for the Headteacher."""

    rows: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    urgencies: list[str] = field(default_factory=list)
    police: list[str] = field(default_factory=list)
    legal: list[str] = field(default_factory=list)
    head: bool = False
    hold: bool = False
    leader: str | None = None

    def row(
        self,
        name: str,
        urgency: str = "",
        *,
        police: str = "",
        legal: str = "",
        hold: bool = False,
        head: bool = True,
    ) -> None:
        """Note that a row matched, and what it asks for beside people and actions."""
        self.rows.append(name)
        if urgency:
            self.urgencies.append(urgency)
        if police:
            self.police.append(police)
        if legal:
            self.legal.append(legal)
        self.hold = self.hold or hold
        self.head = self.head or head


def gather(answers: Json) -> Facts:
    """Return the facts of one set of answers; what was left out takes its default or cautious value.

    The reporter's own words can raise a no to not sure.
    """
    a = dict(DEFAULTS)
    a.update(CAUTIOUS if answers.get("unfinished", False) else {}, **answers)
    flags = a["text_flags"]
    danger, imagery, child, adult, violence, sexual, racist, other_hate = (
        "not_sure" if a[key] == "no" and key in flags else a[key] for key in SAFETY
    )
    allegation = set(a["staff_allegation"])
    if not allegation and "staff_allegation" in flags:
        allegation = {"not_sure"}
    f = Facts(
        danger=danger,
        imagery=imagery,
        child_at_risk=child,
        adult_at_risk=adult,
        violence=violence,
        sexual=sexual,
        racist=racist,
        other_hate=other_hate,
        allegation=allegation,
        targets=set(a["targets"]),
        poster=set(a["poster"]),
        did=set(a["did"]),
        nature=set(a["nature"]),
        keep_from=set(a["keep_from"]),
        link=set(a["reporter_link"]),
        denied=set(a["text_denied"]).difference(flags),
        stance=a["stance"],
        replied=a["replied"],
        repeated=a["repeated"] == "yes",
        unfinished=a["unfinished"],
        up=a["still_online"] != "removed",
        allegation_was_asked="staff_allegation" in answers,
    )
    return _worked_out(f)


def _worked_out(f: Facts) -> Facts:
    """Fill in what follows from the answers, in the order in which it follows."""
    _say_of_themselves(f)
    _who_and_what(f)
    _who_is_out(f)
    return f


def _say_of_themselves(f: Facts) -> None:
    """Add what the reporter says of themselves to targets and poster."""
    if "is_headteacher" in f.link and "is_target" in f.link:
        f.targets.add("headteacher")
        f.targets.discard("none")
    if "is_poster" in f.link:
        f.poster.discard("unknown")
        if "is_headteacher" in f.link:
            f.poster.add("headteacher")
        elif not f.poster & REPRESENTATIVES:
            f.poster.add("staff")


def _who_and_what(f: Facts) -> None:
    """Work out who it is about, who did it, and what it is like."""
    f.rep = bool(f.targets & REPRESENTATIVES)
    f.named = f.rep or "pupil" in f.targets
    f.person = f.named or "parent_or_other_adult" in f.targets
    f.about = bool(f.targets - {"none"})
    passed_on = "shared" in f.did or "responded" in f.did
    f.responsible = (
        "made" in f.did or "not_sure" in f.did or (passed_on and f.stance != "condemns_or_corrects")
    )
    f.maybe_parent = "parent_carer" in f.poster or "unknown" in f.poster or not f.responsible
    f.contactable = f.responsible and bool(f.poster - {"unknown"})
    f.insider = f.responsible and bool(f.poster & REPRESENTATIVES)
    f.abusive = "abusive" in f.nature
    f.untrue = "untrue_or_inaccurate" in f.nature
    f.harms = "could_harm_reputation" in f.nature
    f.critical = "critical_of_leadership" in f.nature
    f.fake = "impersonates" in f.nature
    f.private = "private_information" in f.nature
    f.unsure = "not_sure" in f.nature and f.imagery == "no"
    f.child_poster = f.responsible and f.poster == {"pupil"}
    f.child = f.child_at_risk in MAYBE or f.imagery in MAYBE
    nasty = f.abusive or f.harms or f.fake or f.private
    answers = (f.violence, f.racist, f.other_hate, f.sexual)
    f.hate_or_violence = "yes" in answers
    f.hurtful = nasty or f.hate_or_violence or "not_sure" in answers
    f.hard = nasty or f.untrue or f.hate_or_violence


def _who_is_out(f: Facts) -> None:
    """Work out whether the Headteacher and the Chair must not be told."""
    vague = "not_sure" in f.allegation
    f.accused_head = "headteacher" in f.allegation or (vague and "headteacher" in f.targets)
    f.accused_chair = "chair" in f.allegation or (vague and "chair" in f.targets)
    never_asked = f.unfinished and not f.allegation_was_asked
    f.head_out = "headteacher" in f.poster or f.accused_head or "headteacher" in f.keep_from or never_asked
    f.chair_out = "chair" in f.poster or f.accused_chair or "chair" in f.keep_from
