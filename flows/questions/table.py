"""Every question of the report, declared once: what it offers, what the policy hears, when it is asked.

The rows stand in the order in which people meet them. A row may look only at earlier rows, which is
checked when the table is built, so the conversation cannot run in a circle. The wording is in
``words/en/questions.toml``. Source: the policy page, §3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.questions.conditions import Condition, Need, Word, both, looks_at
from flows.questions.keywords import WORDS
from flows.questions.question import YES_NO, Kind, Question, Row, choice, many, people, text
from flows.ui.forms import OnlyIf

#: What can be ticked on the safety list; with the question before it, all that is about safety.
SAFETY_LIST = (
    "sexual_imagery_child", "child_at_risk", "adult_at_risk", "violence", "sexual", "racist", "other_hate",
)  # fmt: skip
SAFETY_KEYS = ("immediate_danger", *SAFETY_LIST)
#: What the reporter's own words can point to.
IN_WORDS = (*SAFETY_KEYS, "staff_allegation")
#: Ticks that ask *is it one of these?*
VAGUE = ("staff", "governor", "not_sure")
#: Options that stand for "nothing": recorded as an empty answer.
NOTHING = ("nobody", "none_of_these_apply")
YES = ("yes", "not_sure")
#: A tick that is taken back: the policy hears *no*.
MISTAKE = "mistake"
CHECK = "check"
FILES = "files"

#: Who represents the school.
REPRESENTATIVES = ("headteacher", "staff", "governor", "chair")
_WHO = (*REPRESENTATIVES, "not_sure")
_KEPT_OUT = ("headteacher", "dsl", "chair", "vice_chair")
_STANCES = ("repeats_or_agrees", "condemns_or_corrects", "cannot_tell")
_LIST = (
    choice("immediate_danger", *YES_NO),
    choice("works_here", *YES_NO, values=(), correctable=False),
    people("insider_is"),
    many(
        "safety", *SAFETY_LIST, "none_of_these", "not_sure",
        values=(), alone=("none_of_these", "not_sure"), correctable=False,
    ),
    *(choice(key, *YES, MISTAKE, values=YES_NO) for key in SAFETY_LIST),
    many(
        "targets", "school", *REPRESENTATIVES, "pupil", "parent_or_other_adult", "not_sure", "none",
        default=("school",), cautious=("not_sure",), alone=("none",),
    ),
    people("target_is"),
    many("staff_allegation", *_WHO, nothing="nobody"),
    people("accused_is"),
    many(
        "poster", "parent_carer", "pupil", "staff", "headteacher", "governor", "chair", "former",
        "other_known", "unknown",
        default=("parent_carer",), cautious=("unknown",), unsure=("unknown",),
    ),
    people("poster_is"),
    many(
        "did", "made", "shared", "responded", "reacted_only", "not_sure",
        default=("made",), cautious=("not_sure",),
    ),
    choice(
        "stance", *_STANCES,
        values=("not_applicable", *_STANCES), default="not_applicable", unsure="cannot_tell",
    ),
    many(
        "nature", "untrue_or_inaccurate", "abusive", "could_harm_reputation", "critical_of_leadership",
        "genuine_concern", "impersonates", "private_information", "not_sure", "none_of_these",
        cautious=("not_sure",), alone=("none_of_these",),
    ),
    many(
        "platform", "collaborative_space", "smartphone_or_messaging", "media_sharing", "micro_blogging",
        "internet_or_email", "blog", "forum", "other",
        default=("collaborative_space",), unsure=("other",), correctable=False,
    ),
    text("platform_other"),
    text("link"),
    text("account_name"),
    text("audience"),
    choice("still_online", "yes", "removed", "not_sure", default="yes", cautious="not_sure"),
    choice(
        "evidence", "saved", "link", "both", "none", "skipped",
        default="saved", cautious="none", unsure="none", correctable=False,
    ),
    text("captured_by"),
    choice("replied", "no", "reporter", "colleague", "school_account", "not_sure"),
    choice("repeated", *YES_NO),
    text("first_seen"),
    many(
        "reporter_link", "is_target", "is_poster", "is_headteacher",
        unsure=(), nothing="none_of_these_apply", correctable=False,
    ),
    choice("keep_name_private", "yes", "no", unsure="yes", correctable=False),
    many(
        "keep_from", *_KEPT_OUT, "someone_else",
        values=_KEPT_OUT, unsure=(), nothing="nobody", correctable=False,
    ),
    people("kept_out_is"),
    text("reporting_for"),
    text("wants_contact"),
    text(WORDS, Kind.LONG),
    *(choice(f"flag_{key}", *YES_NO, values=(), correctable=False) for key in SAFETY_KEYS),
    many("flag_staff_allegation", *_WHO, values=(), nothing="nobody", correctable=False),
)  # fmt: skip

QUESTIONS: Mapping[str, Question] = {question.name: question for question in _LIST}
#: All that the policy hears, by its key: what was asked, and what the reporter's own words point to –
#: where that was not asked or left open, and where the reporter said no to it.
KEYS: Mapping[str, Question] = {
    **{question.name: question for question in _LIST if question.policy},
    **{name: many(name, *IN_WORDS, unsure=(), correctable=False) for name in ("text_flags", "text_denied")},
}
#: What somebody typed of their own accord is never dropped because a page no longer applies.
KEPT = frozenset({WORDS, "link"})

# -- conditions ------------------------------------------------------------------------------------

_DANGER = Need("immediate_danger", YES)
_IMAGERY = Need("sexual_imagery_child", YES)
_NO_IMAGERY = Need("sexual_imagery_child", YES, no=True)
_CONCERN = Need("nature", ("genuine_concern",), exactly=True)
_MORE = Need("nature", ("genuine_concern",), exactly=True, no=True)
_KNOWN = Need("poster", ("unknown",), exactly=True, no=True)
_GRAVE = (_DANGER, _IMAGERY, Need("child_at_risk", YES))
ORDINARY: Condition = ((_NO_IMAGERY,),)
FULL: Condition = ((_NO_IMAGERY, _MORE),)
ONLY_CONCERN: Condition = ((_NO_IMAGERY, _CONCERN),)
IMAGERY: Condition = ((_IMAGERY,),)
_HARMLESS = ("none", "parent_or_other_adult")
_INSIDE = tuple(t for t in QUESTIONS["targets"].options if t not in _HARMLESS)


def _rows() -> Iterator[Row]:
    """Yield the table, page by page."""
    yield Row(page="danger", name="immediate_danger")
    yield Row(page="danger", name="works_here", shown=OnlyIf("immediate_danger", YES))
    yield Row(page="danger", name="insider_is", shown=OnlyIf("works_here", ("yes",)))
    yield Row(page="safety", name="safety")
    for key in SAFETY_LIST:
        yield Row(page="safety", name=key, shown=OnlyIf("safety", (key,)))
    yield Row(page="about", name="targets")
    yield Row(page="about", name="target_is", shown=OnlyIf("targets", VAGUE))
    yield Row(page="about", name="staff_allegation", when=tuple((need,) for need in _GRAVE))
    calm = (tuple(Need(n.name, n.values, no=True) for n in _GRAVE),)
    yield Row(page="about", name="staff_allegation", when=calm, shown=OnlyIf("targets", _INSIDE))
    yield Row(page="about", name="accused_is", shown=OnlyIf("staff_allegation", VAGUE))
    yield from _imagery_rows()
    yield Row(page="poster", name="poster", when=ORDINARY)
    yield Row(page="poster", name="poster_is", when=ORDINARY, shown=OnlyIf("poster", VAGUE[:2]))
    known = QUESTIONS["poster"].options[:-1]
    yield Row(page="poster", name="did", when=ORDINARY, shown=OnlyIf("poster", known))
    yield Row(page="poster", name="stance", when=ORDINARY, shown=OnlyIf("did", ("shared", "responded")))
    yield Row(page="nature", name="nature", when=ORDINARY)
    yield Row(page="where", name="platform", when=FULL)
    yield Row(page="where", name="platform_other", when=FULL, shown=OnlyIf("platform", ("other",)))
    for name in ("link", "account_name", "audience", "still_online", "evidence"):
        yield Row(page="where", name=name, when=FULL)
    yield Row(page="where", name="captured_by", when=FULL, shown=OnlyIf("evidence", ("saved", "both")))
    yield Row(page="since", name="replied", when=FULL)
    yield Row(page="since", name="repeated", when=both(FULL, ((_KNOWN,),)))
    yield Row(page="since", name="first_seen", when=FULL)
    for name in ("reporter_link", "keep_name_private", "keep_from"):
        yield Row(page="you", name=name, when=FULL)
    yield Row(page="you", name="kept_out_is", when=FULL, shown=OnlyIf("keep_from", ("someone_else",)))
    for name in ("reporting_for", "wants_contact"):
        yield Row(page="you", name=name, when=FULL)
    yield from _concern_rows()
    yield from _words_rows("last", ONLY_CONCERN)
    yield from _words_rows("words", FULL)


def _imagery_rows() -> Iterator[Row]:
    """Yield the last page of a report on imagery: the rest is left to the DSL, in person."""
    calm = both(IMAGERY, ((Need("immediate_danger", YES, no=True),),))
    yield Row(page="hand_over", name="works_here", when=calm)
    yield Row(page="hand_over", name="insider_is", when=calm, shown=OnlyIf("works_here", ("yes",)))
    yield Row(page="hand_over", name="keep_from", when=IMAGERY)
    yield Row(
        page="hand_over", name="kept_out_is", when=IMAGERY, shown=OnlyIf("keep_from", ("someone_else",))
    )


def _concern_rows() -> Iterator[Row]:
    """Yield the one last page of a fair question: what is left, together."""
    yield Row(page="last", name="platform", when=ONLY_CONCERN)
    yield Row(page="last", name="platform_other", when=ONLY_CONCERN, shown=OnlyIf("platform", ("other",)))
    for name in ("link", "reporter_link", "keep_name_private", "keep_from"):
        yield Row(page="last", name=name, when=ONLY_CONCERN)
    yield Row(
        page="last", name="kept_out_is", when=ONLY_CONCERN, shown=OnlyIf("keep_from", ("someone_else",))
    )


def _words_rows(page: str, route: Condition) -> Iterator[Row]:
    """Yield the reporter's own words, and one question for each key they point to that was *no*."""
    yield Row(page=page, name=WORDS, when=route)
    for key in SAFETY_KEYS:
        was_no = ((Word(key), Need(key, YES, no=True)),)
        yield Row(page=page, name=f"flag_{key}", when=both(route, was_no))
    nobody = ((Word("staff_allegation"), Need("staff_allegation", _WHO, no=True)),)
    yield Row(page=page, name="flag_staff_allegation", when=both(route, nobody))
    yield Row(
        page=page,
        name="accused_is",
        when=both(route, ((Need("staff_allegation", VAGUE, no=True),),)),
        shown=OnlyIf("flag_staff_allegation", VAGUE),
    )


ROWS: tuple[Row, ...] = tuple(_rows())
PAGES: tuple[str, ...] = tuple(dict.fromkeys(row.page for row in ROWS))


def forward_looks(rows: tuple[Row, ...]) -> tuple[tuple[str, str], ...]:
    """Return every (question, question it looks at) where the second does not come earlier."""
    wrong: list[tuple[str, str]] = []
    before: set[str] = set()
    for row in rows:
        wrong += [(row.name, name) for name in sorted(looks_at(row.condition) - before)]
        before.add(row.name)
    return tuple(wrong)


if forward_looks(ROWS):  # pragma: no cover - a table like that never leaves a developer's desk
    raise AssertionError(f"questions that look ahead: {forward_looks(ROWS)}")
