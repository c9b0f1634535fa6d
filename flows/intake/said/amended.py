"""What is said later of an earlier question: "then it's about our teacher", "a mum posted it"."""

from __future__ import annotations

import re

from flows.intake.answers import options_of
from flows.intake.settled import State
from flows.intake.understood import meant, plain
from flows.model import Answer
from flows.questions.table import QUESTIONS
from flows.school import School

_CUE = r"(?:(?:then|no|oh|ah|sorry|actually|well|but|wait|ok|okay|so|hang on|i mean|i meant)[ ,.:;–-]+)*"
_IT = r"(?:it|this|that|the (?:post|posting|message|video|picture))"
_DID = r"(?:posted|wrote|made|shared|put up|sent|did)"
#: question -> how somebody says its answer in passing
_SAYS = (
    (
        "targets",
        re.compile(rf"{_CUE}(?:{_IT}(?:'?s| is| was)? )?(?:really |actually |also |mostly )*about (.+)"),
    ),
    (
        "poster",
        re.compile(rf"{_CUE}(?:{_IT} (?:was|is) |it's )?(?:posted|written|made|shared|put up|sent) by (.+)"),
    ),
    ("poster", re.compile(rf"{_CUE}(?:it was |it's )?(.+?) (?:who )?{_DID} {_IT}")),
)
#: What stands for *nobody here* or *I don't know*, and gives way to whoever is named.
_GIVES_WAY = frozenset({"none", "unknown"})


def amends(state: State, words: str, school: School) -> tuple[str, Answer] | None:
    """Return the question these words speak of, with its answer now; None where that is not certain.

    Whoever was named before stays named: only *nobody* and *I don't know* give way.
    """
    asked = {row.name for row in state.settled.rows}
    for name, says in _SAYS:
        found = says.fullmatch(plain(words))
        if found is None or name not in asked:
            continue
        question = QUESTIONS[name]
        value = meant(question, options_of(question, school), found[1])
        told = {value} if isinstance(value, str) else {*(value or ())}
        if not told or told & _GIVES_WAY or told == {*question.unsure}:
            continue
        before = {*state.settled.standing.get(name, ())} - _GIVES_WAY
        return name, tuple(option for option in question.options if option in told | before)
    return None
