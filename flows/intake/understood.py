"""What typed words choose of what a question offers: a number, a synonym, a label or a part of one."""

from __future__ import annotations

import re

from flows.intake.synonyms import ALL, NO, NONE, SKIP, SYNONYMS, UNSAID, UNSURE, YES
from flows.intake.who import who
from flows.questions.question import Kind, Question
from flows.ui.forms import Option, Value

#: From this many words on, what fits no choice is kept as the reporter's own words.
SENTENCE = 3
NUMBER = re.compile(r"(?:option |number |no )?(\d{1,3})")
_PARTS = re.compile(r"\s*(?:,|;|/|&|\+|\band\b)\s*|(?<=\d)\s+(?=\d)")
_NEGATION = re.compile(r"\b(not|no|never|nobody|isn't|wasn't|don't|doesn't|didn't|except|but)\b")


def plain(text: str) -> str:
    """Return words for comparing: small letters, straight apostrophes, no marks at the ends."""
    flat = " ".join(text.casefold().replace("’", "'").split())
    return flat.strip(" .!?,;:()[]#*\"“”'") or flat


def by_number(words: str) -> bool:
    """Return whether words name a choice by its number, or all of them at once."""
    bare = plain(words)
    return bare in ALL or any(NUMBER.fullmatch(plain(part)) for part in _PARTS.split(bare) if part)


def meant(question: Question, options: tuple[Option, ...], words: str) -> Value | None:
    """Return what typed words choose; None where that is not certain."""
    bare = plain(words)
    if bare in UNSURE:
        return question.unsure
    if bare in ALL and question.many:
        aside = {*question.alone, *question.unsure, question.nothing}
        return tuple(option.value for option in options if option.value not in aside)
    one = _one(question, options, bare)
    if one is not None or not question.many:
        return one
    parts = [part for part in _PARTS.split(bare) if part]
    found = [_one(question, options, plain(part)) for part in parts]
    if len(parts) > 1 and all(found):
        return tuple(str(value) for value in found)
    return None


def _one(question: Question, options: tuple[Option, ...], bare: str) -> str | None:
    """Return the one option these words name."""
    number = NUMBER.fullmatch(bare)
    if number:
        n = int(number[1])
        return options[n - 1].value if 1 <= n <= len(options) else None
    values = [option.value for option in options]
    for value, names in SYNONYMS.get(question.name.removeprefix("flag_"), {}).items():
        if value in values and bare in names:
            return value
    for option in options:
        if bare in (option.value, option.value.replace("_", " "), plain(option.label)):
            return option.value
    for value, names in (("yes", YES), ("no", NO), ("not_sure", UNSURE)):
        if bare in names and value in values:
            return value
    if question.kind is Kind.PEOPLE and (said := _nobody_named(bare)):
        return said
    if (named := who(question.name.removeprefix("flag_"), bare)) in values:
        return named
    nothing = question.nothing or next((a for a in question.alone if a.startswith("none")), "")
    if nothing and bare in NO | NONE:
        return nothing
    return _part_of(options, bare)


def _nobody_named(bare: str) -> str:
    """Return what words mean that name none of the people a question offers."""
    if bare in UNSAID | SKIP:
        return "rather_not_say"
    return "someone_else" if bare in NO | NONE else ""


def _part_of(options: tuple[Option, ...], bare: str) -> str | None:
    """Return the only option whose label holds these few words; nothing where a *not* stands with them."""
    if len(bare) < SENTENCE or len(bare.split()) > SENTENCE or _NEGATION.search(bare):
        return None
    core = re.sub(r"^(the|a|an|our|by|from) ", "", bare)
    if len(core) < SENTENCE:
        return None
    holding = [o.value for o in options if re.search(rf"\b{re.escape(core)}\b", plain(o.label))]
    return holding[0] if len(holding) == 1 else None
