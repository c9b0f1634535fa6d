"""Two different answers to one question: the graver one stands, and it is asked again.

They come from a page that is older than the draft (another device, a window that was left open, a card
further up). What nobody else changed since that page was drawn is taken as it stands on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from flows.errors import InvalidAnswer
from flows.intake.answers import clean, offered, read
from flows.intake.settled import CAN_NOT_TELL, State
from flows.model import Answer, Draft, Mending
from flows.questions.question import Question
from flows.questions.table import MISTAKE, QUESTIONS, REPRESENTATIVES, SAFETY_KEYS, SAFETY_LIST, YES
from flows.school import School
from flows.ui.forms import Value
from flows.ui.inbound import Surface

#: What asks about safety, by its page: none of these is made less grave by a page that is older.
ABOUT_SAFETY = (*SAFETY_KEYS, "safety", "staff_allegation")
#: The answers of a question from the gravest on, where it is not yes, not sure, no.
_GRAVEST: Mapping[str, tuple[str, ...]] = {
    "still_online": ("yes", "not_sure", "removed"),
    "stance": ("repeats_or_agrees", "cannot_tell", "condemns_or_corrects"),
    "evidence": ("both", "saved", "link", "none", "skipped"),
    "replied": ("reporter", "school_account", "colleague", "not_sure", "no"),
    **dict.fromkeys(SAFETY_LIST, (*YES, MISTAKE, "no")),
}
_YES_NO = ("yes", "not_sure", "no")
_SHRUG = ("not_sure",)


class Older(Struct, frozen=True):
    """What a page that is older than the draft comes to: what is taken, and which answers differ.

    ``words`` are those on it that would otherwise be lost.
    """

    values: dict[str, Value]
    words: str
    two: tuple[str, ...]


def graver(question: Question, one: Answer, other: Answer) -> Answer:
    """Return the answer that asks for more care; of several ticks all count."""
    if isinstance(one, str) or isinstance(other, str):
        order = _GRAVEST.get(question.name, _YES_NO)
        return min(one, other, key=lambda answer: order.index(str(answer)))
    both = {*one, *other}
    if question.name == "safety" and _SHRUG in (one, other) and both.intersection(SAFETY_LIST):
        both.add(CAN_NOT_TELL)  # somebody could not tell: the DSL hears of it all the same
    ticked = both.difference(question.alone)
    if not ticked and question.alone:
        ticked = both.intersection(question.alone[-1:]) or both
    named = [value for value in question.options if value in ticked]
    return tuple(named) if question.options else tuple(sorted(ticked))


def from_older_page(
    draft: Draft, values: Mapping[str, Value], school: School, *, drawn: int, known: int
) -> Older:
    """Return what counts of a page that was drawn at a revision, and mended since to be as of ``known``."""
    taken: dict[str, Value] = {}
    words: list[str] = []
    two: list[str] = []
    for name, value in values.items():
        changed = draft.changed.get(name, 0)
        if name not in QUESTIONS or name not in draft.answers or changed <= drawn:
            taken[name] = value
            continue
        stands = _standing(draft, name, value, school)
        if changed <= known and (name not in ABOUT_SAFETY or stands == _read(name, value, school)):
            taken[name] = value
        elif QUESTIONS[name].text:
            words.append(value if isinstance(value, str) else "\n".join(value))
        elif stands is None:
            taken[name] = value
        elif _read(name, value, school) != draft.answers[name]:
            taken[name] = offered(QUESTIONS[name], stands)
            two.append(name)
    return Older(taken, _new(draft, words), tuple(two))


def _read(name: str, value: Value, school: School) -> Answer | None:
    try:
        return read(QUESTIONS[name], value, school)
    except InvalidAnswer:
        return None


def _standing(draft: Draft, name: str, value: Value, school: School) -> Answer | None:
    """Return what stands of the page's answer and the draft's; None where the page's is none."""
    found = None if QUESTIONS[name].text else _read(name, value, school)
    return None if found is None else graver(QUESTIONS[name], draft.answers[name], found)


def _new(draft: Draft, words: list[str]) -> str:
    had = "\n".join(answer for answer in draft.answers.values() if isinstance(answer, str))
    return "\n".join(text for text in words if text.strip() and clean(text) not in had)


def says_unsafe(values: Mapping[str, Value]) -> bool:
    """Return whether a page says that somebody is, or may be, not safe."""
    # Beside the list a page holds a field for each tick, also for those that were not made.
    told = SAFETY_KEYS if "safety" not in values else SAFETY_KEYS[:1]
    if any(values.get(key) in YES for key in told):
        return True
    accused = values.get("staff_allegation", ())
    meant = {key for key in values.get("safety", ()) if values.get(key) != MISTAKE}
    return bool(meant.intersection(SAFETY_LIST) or set(REPRESENTATIVES).intersection(accused))


def known_at(draft: Draft, surface: Surface, page: str, drawn: int) -> int:
    """Return the revision that whoever pressed a page has seen: with an error it holds what was right."""
    mending = draft.mending.get(surface)
    same = mending is not None and (mending.page, mending.drawn) == (page, drawn)
    return mending.known if mending and same else drawn


def being_mended(state: State, surface: Surface, page: str, drawn: int, *, wrong: bool) -> State:
    """Return the state that remembers a page with an error on a surface; one that is right is forgotten."""
    others = {place: one for place, one in state.draft.mending.items() if place != surface}
    here = {surface.value: Mending(page, drawn, state.draft.revision)} if wrong else {}
    return State(replace(state.draft, mending={**others, **here}), state.settled)
