"""The closed answer keys of a report, and the check that answers keep to them (policy page §3)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from flows.errors import InvalidAnswer

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
REPRESENTATIVES = ("staff", "headteacher", "governor", "chair")


class Key(Struct, frozen=True, kw_only=True):
    """A closed answer key. ``cautious`` is used for what a cut-short report never asked (None = default)."""

    values: tuple[str, ...]
    many: bool = False
    default: str | tuple[str, ...] = ()
    cautious: str | tuple[str, ...] | None = None


def _many(*values: str, default: tuple[str, ...] = (), cautious: tuple[str, ...] | None = None) -> Key:
    return Key(values=values, many=True, default=default, cautious=cautious)


def _one(*values: str, default: str = "no", cautious: str | None = None) -> Key:
    return Key(values=values, default=default, cautious=cautious)


#: Every answer key but ``words`` (text, never read) and ``unfinished`` (true or false).
KEYS: dict[str, Key] = {
    **{key: _one(*_YES) for key in SAFETY},
    "staff_allegation": _many("headteacher", "staff", "governor", "chair", "not_sure"),
    "targets": _many(
        "school",
        *("headteacher", "staff", "governor", "chair"),
        *("pupil", "parent_or_other_adult", "none", "not_sure"),
        default=("school",),
        cautious=("not_sure",),
    ),
    "poster": _many(
        *("parent_carer", "pupil", "staff", "headteacher", "governor", "chair"),
        *("former", "other_known", "unknown"),
        default=("parent_carer",),
        cautious=("unknown",),
    ),
    "did": _many(
        "made", "shared", "responded", "reacted_only", "not_sure", default=("made",), cautious=("not_sure",)
    ),
    "stance": _one(
        *("not_applicable", "repeats_or_agrees", "condemns_or_corrects", "cannot_tell"),
        default="not_applicable",
    ),
    "nature": _many(
        *("untrue_or_inaccurate", "abusive", "could_harm_reputation", "critical_of_leadership"),
        *("genuine_concern", "none_of_these", "not_sure"),
        cautious=("not_sure",),
    ),
    "platform": _many(
        *("internet_or_email", "smartphone_or_messaging", "blog", "forum"),
        *("collaborative_space", "media_sharing", "micro_blogging", "other"),
        default=("collaborative_space",),
    ),
    "still_online": _one("yes", "removed", "not_sure", default="yes", cautious="not_sure"),
    "evidence": _one("saved", "link", "both", "none", "skipped", default="saved", cautious="none"),
    "replied": _one("no", "reporter", "colleague", "school_account", "not_sure"),
    "repeated": _one(*_YES),
    "reporter_link": _many("is_target", "is_poster", "is_headteacher"),
    "keep_from": _many("headteacher", "dsl", "chair", "vice_chair"),
    "keep_name_private": _one("yes", "no"),
    "text_flags": _many(*SAFETY, "staff_allegation"),
}


def check(answers: Mapping[str, object]) -> tuple[dict[str, str | tuple[str, ...]], bool]:
    """Return the answers as the policy takes them, and whether the report was cut short.

    Raises InvalidAnswer, naming the key and the value, for what §3 does not know. ``words`` are accepted
    and left out. Values that stand alone on a form are accepted beside others: rows say what they mean.
    """
    unfinished = answers.get("unfinished", False)
    if not isinstance(unfinished, bool):
        raise _wrong("unfinished", unfinished, "must be true or false")
    checked: dict[str, str | tuple[str, ...]] = {}
    for name, given in answers.items():
        if name == "unfinished":
            continue
        if name == "words":
            if not isinstance(given, str):
                raise _wrong(name, given, "must be text")
            continue
        checked[name] = _checked(name, given)
    return checked, unfinished


def _checked(name: str, given: object) -> str | tuple[str, ...]:
    key = KEYS.get(name)
    if key is None:
        raise _wrong(name, given, "is no key of a report")
    if not key.many:
        if not isinstance(given, str):
            raise _wrong(name, given, "must be one value, in quotes")
        if given not in key.values:
            raise _wrong(name, given, f"must be one of {', '.join(key.values)}")
        return given
    if not isinstance(given, list | tuple):
        raise _wrong(name, given, "must be a list")
    for value in given:
        if not isinstance(value, str) or value not in key.values:
            raise _wrong(name, value, f"must be among {', '.join(key.values)}")
    return tuple(given)


def _wrong(key: str, given: object, rule: str) -> InvalidAnswer:
    return InvalidAnswer(key, f"{key[:60]!r}: {_short(given)} {rule}.")


def _short(given: object) -> str:
    shown = repr(given)
    return shown if len(shown) <= 80 else shown[:79] + "…"  # noqa: PLR2004 - about a line
