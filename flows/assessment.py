"""Closed facts drawn from answers: the only things the policy may look at.

A sorting step, *not* a threat assessment. Holds no names and no free text, so every combination can
be enumerated. Sources: policy page §3 (keys, defaults, cautious values) and §4 (facts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from flows.errors import InvalidAnswer
from flows.model import Answer


class Key(Struct, frozen=True, kw_only=True):
    """One answer key: its closed values, whether several may stand, and what stands where it is left out.

    ``cautious`` is what an unfinished report takes instead of ``default``; None = the same.
    """

    values: tuple[str, ...]
    many: bool = False
    default: Answer = "no"
    cautious: Answer | None = None


_YES = ("yes", "no", "not_sure")
SAFETY = (
    "immediate_danger",
    "sexual_imagery_child",
    "child_at_risk",
    "adult_at_risk",
    "violence",
    "racist",
    "other_hate",
)
_ROLES = ("staff", "headteacher", "governor", "chair")

KEYS: dict[str, Key] = {
    **{key: Key(values=_YES) for key in SAFETY},
    "staff_allegation": Key(
        values=("headteacher", "staff", "governor", "chair", "not_sure"), many=True, default=()
    ),
    "targets": Key(
        values=(
            "school",
            "headteacher",
            "staff",
            "governor",
            "chair",
            "pupil",
            "parent_or_other_adult",
            "none",
            "not_sure",
        ),
        many=True,
        default=("school",),
        cautious=("not_sure",),
    ),
    "poster": Key(
        values=(
            "parent_carer",
            "pupil",
            "staff",
            "headteacher",
            "governor",
            "chair",
            "former",
            "other_known",
            "unknown",
        ),
        many=True,
        default=("parent_carer",),
        cautious=("unknown",),
    ),
    "did": Key(
        values=("made", "shared", "responded", "reacted_only", "not_sure"),
        many=True,
        default=("made",),
        cautious=("not_sure",),
    ),
    "stance": Key(
        values=("not_applicable", "repeats_or_agrees", "condemns_or_corrects", "cannot_tell"),
        default="not_applicable",
    ),
    "nature": Key(
        values=(
            "untrue_or_inaccurate",
            "abusive",
            "could_harm_reputation",
            "critical_of_leadership",
            "genuine_concern",
            "none_of_these",
            "not_sure",
        ),
        many=True,
        default=(),
        cautious=("not_sure",),
    ),
    "platform": Key(
        values=(
            "internet_or_email",
            "smartphone_or_messaging",
            "blog",
            "forum",
            "collaborative_space",
            "media_sharing",
            "micro_blogging",
            "other",
        ),
        many=True,
        default=("collaborative_space",),
    ),
    "still_online": Key(values=("yes", "removed", "not_sure"), default="yes", cautious="not_sure"),
    "evidence": Key(values=("saved", "link", "both", "none", "skipped"), default="saved", cautious="none"),
    "replied": Key(values=("no", "reporter", "colleague", "school_account", "not_sure")),
    "repeated": Key(values=_YES),
    "reporter_link": Key(values=("is_target", "is_poster", "is_headteacher"), many=True, default=()),
    "keep_from": Key(values=("headteacher", "dsl", "chair", "vice_chair"), many=True, default=()),
    "keep_name_private": Key(values=("yes", "no")),
    "text_flags": Key(values=(*SAFETY, "staff_allegation"), many=True, default=()),
}

#: Facts worked out from answers; each is true or false (§4 and what §5 asks of "exactly").
DERIVED = (
    "about",
    "representative",
    "named",
    "person",
    "responsible",
    "maybe_parent",
    "contactable",
    "insider",
    "abusive",
    "untrue",
    "harms",
    "critical",
    "unsure",
    "up",
    "child",
    "accused_head",
    "accused_chair",
    "head_out",
    "chair_out",
    "unfinished",
    "allegation",
    "allegation_only_not_sure",
    "only_none_of_these",
    "only_genuine_concern",
)


def _bits() -> dict[tuple[str, str], int]:
    pairs = [(key, value) for key, spec in KEYS.items() for value in spec.values]
    pairs += [(fact, word) for fact in DERIVED for word in ("true", "false")]
    return {pair: 1 << n for n, pair in enumerate(pairs)}


#: (fact, value) -> its bit. Rows are tested as masks over these.
BITS: dict[tuple[str, str], int] = _bits()
FACTS: dict[str, tuple[str, ...]] = {
    **{key: spec.values for key, spec in KEYS.items()},
    **dict.fromkeys(DERIVED, ("true", "false")),
}


class Assessment(Struct, frozen=True):
    """The facts as one number: a bit for each (fact, value) that holds."""

    bits: int

    def holds(self, fact: str, value: str) -> bool:
        """Return whether the fact has this value (or holds it, where it may have several)."""
        return bool(self.bits & BITS[fact, value])

    def true(self, fact: str) -> bool:
        """Return whether a derived fact is true."""
        return bool(self.bits & BITS[fact, "true"])

    def values(self, fact: str) -> tuple[str, ...]:
        """Return every value the fact holds."""
        return tuple(value for value in FACTS[fact] if self.bits & BITS[fact, value])


def check(answers: Mapping[str, object]) -> tuple[dict[str, Answer], bool]:
    """Return the answers as the policy takes them, and whether the report is unfinished.

    ``words`` is accepted and never read. Raises InvalidAnswer naming the key, and the value that is wrong.
    """
    out: dict[str, Answer] = {}
    unfinished = False
    for key, value in answers.items():
        if key == "unfinished":
            if not isinstance(value, bool):
                raise _wrong(key, value, "must be true or false")
            unfinished = value
        elif key == "words":
            if not isinstance(value, str):
                raise _wrong(key, value, "must be text")
        elif key in KEYS:
            out[key] = _value(key, value)
        else:
            raise InvalidAnswer(key, f"unknown key {key!r}", reference="unknown-key")
    return out, unfinished


def _value(key: str, value: object) -> Answer:
    spec = KEYS[key]
    if not spec.many:
        if not isinstance(value, str) or value not in spec.values:
            raise _wrong(key, value, "is not one of " + ", ".join(spec.values))
        return value
    if not isinstance(value, list | tuple):
        raise _wrong(key, value, "must be a list")
    for one in value:
        if not isinstance(one, str) or one not in spec.values:
            raise _wrong(key, one, "is not one of " + ", ".join(spec.values))
    return tuple(value)


def _wrong(key: str, value: object, why: str) -> InvalidAnswer:
    return InvalidAnswer(key, f"{key}: {value!r} {why}", reference="unknown-value")


def assess(answers: Mapping[str, Answer], *, unfinished: bool = False) -> Assessment:
    """Return the facts of §4 from checked answers; keys left out take their defaults."""
    flags = answers.get("text_flags", ())
    one: dict[str, str] = {}
    many: dict[str, set[str]] = {}
    for key, spec in KEYS.items():
        value = answers.get(key)
        if value is None:
            value = spec.cautious if unfinished and spec.cautious is not None else spec.default
        if spec.many:
            many[key] = set(value)
        else:
            one[key] = str(value)
    for flag in flags:
        if flag == "staff_allegation":
            if not many[flag]:
                many[flag] = {"not_sure"}
        elif one[flag] == "no":
            one[flag] = "not_sure"
    _apply_reporter_link(many)
    bits = 0
    for key, word in one.items():
        bits |= BITS[key, word]
    for key, words in many.items():
        for word in words:
            bits |= BITS[key, word]
    derived = _derive(one, many, unfinished=unfinished, asked_allegation="staff_allegation" in answers)
    for fact, truth in derived.items():
        bits |= BITS[fact, "true" if truth else "false"]
    return Assessment(bits)


def _apply_reporter_link(many: dict[str, set[str]]) -> None:
    link, poster, targets = many["reporter_link"], many["poster"], many["targets"]
    if "is_headteacher" in link and "is_target" in link:
        targets.add("headteacher")
    if "is_poster" in link:
        if "is_headteacher" in link:
            poster.add("headteacher")
        elif poster.isdisjoint(_ROLES):
            poster.add("staff")


def _derive(
    one: Mapping[str, str], many: Mapping[str, set[str]], *, unfinished: bool, asked_allegation: bool
) -> dict[str, bool]:
    targets, poster, did, nature = many["targets"], many["poster"], many["did"], many["nature"]
    allegation, keep_from = many["staff_allegation"], many["keep_from"]
    representative = not targets.isdisjoint(_ROLES)
    named = representative or "pupil" in targets
    responsible = not did.isdisjoint(("made", "not_sure")) or (
        not did.isdisjoint(("shared", "responded")) and one["stance"] != "condemns_or_corrects"
    )
    accused = {
        role: role in allegation or ("not_sure" in allegation and role in targets)
        for role in ("headteacher", "chair")
    }
    out = {role: role in poster or accused[role] or role in keep_from for role in accused}
    return {
        "about": bool(targets - {"none"}),
        "representative": representative,
        "named": named,
        "person": named or "parent_or_other_adult" in targets,
        "responsible": responsible,
        "maybe_parent": not poster.isdisjoint(("parent_carer", "unknown")) or not responsible,
        "contactable": responsible and bool(poster - {"unknown"}),
        "insider": responsible and not poster.isdisjoint(_ROLES),
        "abusive": "abusive" in nature,
        "untrue": "untrue_or_inaccurate" in nature,
        "harms": "could_harm_reputation" in nature,
        "critical": "critical_of_leadership" in nature,
        "unsure": "not_sure" in nature,
        "up": one["still_online"] != "removed",
        "child": one["child_at_risk"] != "no" or one["sexual_imagery_child"] != "no",
        "accused_head": accused["headteacher"],
        "accused_chair": accused["chair"],
        "head_out": out["headteacher"] or (unfinished and not asked_allegation),
        "chair_out": out["chair"],
        "unfinished": unfinished,
        "allegation": bool(allegation),
        "allegation_only_not_sure": allegation == {"not_sure"},
        "only_none_of_these": nature == {"none_of_these"},
        "only_genuine_concern": nature == {"genuine_concern"},
    }


def words_of(values: Iterable[str]) -> tuple[str, ...]:
    """Return values sorted, for a record that is the same every time."""
    return tuple(sorted(values))
