"""Every question of the report as a table: what it offers, on which page it stands, when it is asked.

The rows stand in the order in which people meet them. A row may look only at earlier rows, which is
checked when the table is built, so the conversation cannot run in a circle. The wording is in
``words/en/questions.toml``. Source: the policy page, §3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from flows.intake.conditions import ALWAYS, Condition, Need, Word, both, looks_at
from flows.intake.keywords import WORDS
from flows.ui.forms import Shown, Value

SAFETY = ("sexual_imagery_child", "child_at_risk", "adult_at_risk", "violence", "racist", "other_hate")
SAFETY_KEYS = ("immediate_danger", *SAFETY)
#: Ticks that ask *is it one of these?*
VAGUE = ("staff", "governor", "not_sure")
#: Options that stand for "nothing": recorded as an empty answer.
NOTHING = ("nobody", "none_of_these_apply")
YES = ("yes", "not_sure")
CHECK = "check"
FILES = "files"


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    MANY = "many"
    PEOPLE = "people"
    TEXT = "text"
    LONG = "long"


class Question(Struct, frozen=True, kw_only=True):
    """One question. ``unsure`` is what a typed "not sure" means; ``policy`` = the policy sees the answer.

    ``nothing`` is the option recorded as the empty answer; ``options`` of PEOPLE are the school's.
    """

    name: str
    kind: Kind
    options: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    unsure: Value = ""
    nothing: str = ""
    policy: bool = True

    @property
    def many(self) -> bool:
        """Whether several can be chosen."""
        return self.kind in (Kind.MANY, Kind.PEOPLE)

    @property
    def text(self) -> bool:
        """Whether it is answered in the person's own words."""
        return self.kind in (Kind.TEXT, Kind.LONG)


class Row(Struct, frozen=True, kw_only=True):
    """Where and when a question is asked. ``shown`` ties it to another question of the same page."""

    page: str
    name: str
    when: Condition = ALWAYS
    shown: Shown | None = None

    @property
    def condition(self) -> Condition:
        """All that must hold for it to be asked."""
        if self.shown is None:
            return self.when
        return both(self.when, ((Need(self.shown.field, self.shown.values),),))


def _choice(name: str, *options: str, unsure: str = "not_sure", policy: bool = True) -> Question:
    return Question(name=name, kind=Kind.CHOICE, options=options, unsure=unsure, policy=policy)


def _many(name: str, *options: str, unsure: tuple[str, ...], alone: str = "", nothing: str = "") -> Question:
    offered = (*options, nothing) if nothing else options
    single = tuple(filter(None, (alone, nothing)))
    return Question(name=name, kind=Kind.MANY, options=offered, alone=single, unsure=unsure, nothing=nothing)


def _people(name: str) -> Question:
    return Question(
        name=name, kind=Kind.PEOPLE, alone=("rather_not_say",), unsure=("rather_not_say",), policy=False
    )


def _text(name: str, kind: Kind = Kind.TEXT) -> Question:
    return Question(name=name, kind=kind, policy=False)


_YES_NO = ("yes", "no", "not_sure")
_WHO = ("headteacher", "staff", "governor", "chair", "not_sure")
_LIST = (
    _choice("immediate_danger", *_YES_NO),
    _choice("works_here", *_YES_NO, policy=False),
    _people("insider_is"),
    Question(
        name="safety",
        kind=Kind.MANY,
        options=(*SAFETY, "none_of_these", "not_sure"),
        alone=("none_of_these", "not_sure"),
        unsure=("not_sure",),
        policy=False,
    ),
    *(_choice(key, "yes", "not_sure") for key in SAFETY),
    _many(
        "targets", "school", "headteacher", "staff", "governor", "chair", "pupil",
        "parent_or_other_adult", "not_sure", "none", unsure=("not_sure",), alone="none",
    ),
    _people("target_is"),
    _many("staff_allegation", *_WHO, unsure=("not_sure",), nothing="nobody"),
    _people("accused_is"),
    _many(
        "poster", "parent_carer", "pupil", "staff", "headteacher", "governor", "chair", "former",
        "other_known", "unknown", unsure=("unknown",),
    ),
    _people("poster_is"),
    _many("did", "made", "shared", "responded", "reacted_only", "not_sure", unsure=("not_sure",)),
    _choice("stance", "repeats_or_agrees", "condemns_or_corrects", "cannot_tell", unsure="cannot_tell"),
    _many(
        "nature", "untrue_or_inaccurate", "abusive", "could_harm_reputation", "critical_of_leadership",
        "genuine_concern", "not_sure", "none_of_these", unsure=("not_sure",), alone="none_of_these",
    ),
    _many(
        "platform", "collaborative_space", "smartphone_or_messaging", "media_sharing", "micro_blogging",
        "internet_or_email", "blog", "forum", "other", unsure=("other",),
    ),
    _text("link"),
    _text("account_name"),
    _text("audience"),
    _choice("still_online", "yes", "removed", "not_sure"),
    _choice("evidence", "saved", "link", "both", "none", "skipped", unsure="none"),
    _text("captured_by"),
    _choice("replied", "no", "reporter", "colleague", "school_account", "not_sure"),
    _choice("repeated", *_YES_NO),
    _text("first_seen"),
    _many(
        "reporter_link", "is_target", "is_poster", "is_headteacher", unsure=(), nothing="none_of_these_apply"
    ),
    _choice("keep_name_private", "yes", "no", unsure="yes"),
    _many(
        "keep_from", "headteacher", "dsl", "chair", "vice_chair", "someone_else",
        unsure=(), nothing="nobody",
    ),
    _people("kept_out_is"),
    _text("reporting_for"),
    _text("wants_contact"),
    _text(WORDS, Kind.LONG),
    *(_choice(f"flag_{key}", *_YES_NO, policy=False) for key in SAFETY_KEYS),
    Question(
        name="flag_staff_allegation", kind=Kind.MANY, options=(*_WHO, "nobody"), alone=("nobody",),
        unsure=("not_sure",), nothing="nobody", policy=False,
    ),
)  # fmt: skip

QUESTIONS: Mapping[str, Question] = {question.name: question for question in _LIST}
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
    yield Row(page="danger", name="works_here", shown=Shown("immediate_danger", YES))
    yield Row(page="danger", name="insider_is", shown=Shown("works_here", ("yes",)))
    yield Row(page="safety", name="safety")
    for key in SAFETY:
        yield Row(page="safety", name=key, shown=Shown("safety", (key,)))
    yield Row(page="about", name="targets")
    yield Row(page="about", name="target_is", shown=Shown("targets", VAGUE))
    yield Row(page="about", name="staff_allegation", when=tuple((need,) for need in _GRAVE))
    calm = (tuple(Need(n.name, n.values, no=True) for n in _GRAVE),)
    yield Row(page="about", name="staff_allegation", when=calm, shown=Shown("targets", _INSIDE))
    yield Row(page="about", name="accused_is", shown=Shown("staff_allegation", VAGUE))
    yield from _imagery_rows()
    yield Row(page="poster", name="poster", when=ORDINARY)
    yield Row(page="poster", name="poster_is", when=ORDINARY, shown=Shown("poster", VAGUE[:2]))
    known = QUESTIONS["poster"].options[:-1]
    yield Row(page="poster", name="did", when=ORDINARY, shown=Shown("poster", known))
    yield Row(page="poster", name="stance", when=ORDINARY, shown=Shown("did", ("shared", "responded")))
    yield Row(page="nature", name="nature", when=ORDINARY)
    for name in ("platform", "link", "account_name", "audience", "still_online", "evidence"):
        yield Row(page="where", name=name, when=FULL)
    yield Row(page="where", name="captured_by", when=FULL, shown=Shown("evidence", ("saved", "both")))
    yield Row(page="since", name="replied", when=FULL)
    yield Row(page="since", name="repeated", when=both(FULL, ((_KNOWN,),)))
    yield Row(page="since", name="first_seen", when=FULL)
    for name in ("reporter_link", "keep_name_private", "keep_from"):
        yield Row(page="you", name=name, when=FULL)
    yield Row(page="you", name="kept_out_is", when=FULL, shown=Shown("keep_from", ("someone_else",)))
    for name in ("reporting_for", "wants_contact"):
        yield Row(page="you", name=name, when=FULL)
    yield from _concern_rows()
    yield from _words_rows("last", ONLY_CONCERN)
    yield from _words_rows("words", FULL)


def _imagery_rows() -> Iterator[Row]:
    """Yield the last page of a report on imagery: the rest is left to the DSL, in person."""
    calm = both(IMAGERY, ((Need("immediate_danger", YES, no=True),),))
    yield Row(page="hand_over", name="works_here", when=calm)
    yield Row(page="hand_over", name="insider_is", when=calm, shown=Shown("works_here", ("yes",)))
    yield Row(page="hand_over", name="keep_from", when=IMAGERY)
    yield Row(page="hand_over", name="kept_out_is", when=IMAGERY, shown=Shown("keep_from", ("someone_else",)))


def _concern_rows() -> Iterator[Row]:
    """Yield the one last page of a fair question: what is left, together."""
    for name in ("platform", "link", "reporter_link", "keep_name_private", "keep_from"):
        yield Row(page="last", name=name, when=ONLY_CONCERN)
    yield Row(page="last", name="kept_out_is", when=ONLY_CONCERN, shown=Shown("keep_from", ("someone_else",)))


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
        shown=Shown("flag_staff_allegation", VAGUE),
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
