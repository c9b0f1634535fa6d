"""Who is meant, as people at a school say it: "our teacher", "her dad", "my class".

A phrase is what may stand before (our, a, one of the …), a noun of the table, and what may stand behind
(in my class, here). Anything else beside them – *a friend of a teacher*, *the head of the PTA*, *a teacher
at another school* – names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: a group of people -> the nouns for it, as patterns in small letters
NOUNS: Mapping[str, str] = {
    "head": (r"head|head ?teacher|head ?master|head ?mistress|principal|executive head"),
    "deputy": (r"vice[- ]chair(?: of (?:the )?governors)?"),
    "chair": (r"chair(?:man|woman|person)?(?: of (?:the )?govern(?:ors|ing (?:body|board)))?"),
    "governor": (r"(?:parent |staff |school )?governors?|governing (?:body|board)"),
    "dsl": (r"dsl|(?:designated )?safeguarding lead"),
    "staff": (
        r"staff|staff members?|members? of staff|teachers?|class teachers?|teaching assistants?|"
        r"tas?|teaching staff|colleagues?|co-?workers?|"
        r"(?:deputy|assistant|acting) head(?: ?teacher)?|head of year|caretakers?|site manager|"
        r"cooks?|dinner lad(?:y|ies)|lunch(?:time)? (?:supervisors?|staff)|mid-?day supervisors?|"
        r"cleaners?|(?:school )?secretary|receptionist|office (?:lady|staff|manager)|"
        r"business manager|volunteers?|helpers?|(?:football |swimming |sports )?coach(?:es)?|senco|"
        r"learning mentors?|lollipop (?:lady|man)|school nurse|nursery nurses?|student teachers?|"
        r"trainee teachers?|lsas?|hltas?"
    ),
    "pupil": (
        r"pupils?|child|children|kids?|students?|boys?|girls?|head (?:boy|girl)|class ?mates?|"
        r"little ones?|class|year (?:\d|one|two|three|four|five|six)s?|"
        r"(?:some(?:one|body)|one) (?:in|from|of) (?:my|our|the|her|his) class"
    ),
    "parent": (
        r"parents?|carers?|foster (?:carers?|parents?|mum|dad)|guardians?|mums?|mams?|moms?|mummy|"
        r"mummies|dads?|daddy|mothers?|fathers?|(?:step|grand) ?(?:mum|dad|mother|father|parent)s?|"
        r"grans?|grann(?:y|ies)|nans?|nanas?|famil(?:y|ies)|pta"
    ),
    "adult": (
        r"adults?|grown[- ]?ups?|neighbours?|m[ae]n|wom[ae]n|aunt(?:ie)?|uncle|"
        r"member of the public"
    ),
    "school": (r"school|whole school|us|we|all of us|every(?:one|body)(?: here)?"),
    "former": (
        r"(?:former|ex)[- ](?:pupil|parent|teacher|ta|colleague|governor|student)s?|"
        r"(?:former|ex)[- ](?:staff|head|members? of staff)"
    ),
}
#: what a group is called among the options of a question
MEANS: Mapping[str, Mapping[str, str]] = {
    "targets": {
        "head": "headteacher", "chair": "chair", "governor": "governor", "staff": "staff", "pupil": "pupil",
        "parent": "parent_or_other_adult", "adult": "parent_or_other_adult", "school": "school",
    },
    "staff_allegation": {
        "head": "headteacher", "chair": "chair", "governor": "governor", "staff": "staff",
    },
    "poster": {
        "head": "headteacher", "chair": "chair", "governor": "governor", "staff": "staff", "pupil": "pupil",
        "parent": "parent_carer", "former": "former",
    },
    "keep_from": {"head": "headteacher", "chair": "chair", "deputy": "vice_chair", "dsl": "dsl"},
}  # fmt: skip
_FRONT = (
    r"(?:(?:one of|some of|some|the|an?|our|my|her|his|their|your|another|this|that|these|those)\s+){0,3}"
)
_KIND = (
    r"(?:(?:(?:year|yr|y) ?(?:\d|one|two|three|four|five|six)|reception|nursery|infants?|juniors?|class"
    r"|key stage \d|pta|new|young|little|supply|music|maths|pe|p\.e\.|french)\s+){0,3}"
)
_WHOSE = r"(?:(?:child|pupil|kid|student|boy|girl)(?:'?s|s')\s+)?"
_OURS = r"(?:my|our|the|this|her|his|their)"
_PLACE = r"(?:class|school|year|office|kitchen|nursery|group|playground)"
#: what may stand behind: where they are here, never somewhere else
_HERE = (
    rf"(?:\s+(?:here|in school|at school|(?:in|from|of|at) {_OURS} (?:\w+ )?{_PLACE}"
    r"|(?:in|from) (?:year|yr) ?\d|who works here|who teaches here|at our place)){0,2}"
)
_CHILDS = rf"(?:\s+of {_FRONT}{_KIND}(?:{NOUNS['pupil']}))?"
_ELSEWHERE = re.compile(
    r"\b(?:another|other|different|previous|last|old|secondary|high|next) \w*\s*(?:school|class)"
)
_SAID = {
    group: re.compile(
        rf"{_FRONT}{_KIND}{_WHOSE if group == 'parent' else ''}(?:{nouns})"
        rf"{_CHILDS if group == 'parent' else ''}{'' if group in ('school', 'former') else _HERE}"
    )
    for group, nouns in NOUNS.items()
}
#: what stands before an answer that is said as a sentence
_BEGINS = re.compile(
    r"(?:(?:it|this|that|he|she|they)(?:'s|'re| is| was| are| were)|its|thats|just|only|about|by|from)\s+"
)


def who(question: str, words: str) -> str | None:
    """Return the option of a question that these words, in small letters, name; None = nobody for certain."""
    bare = words
    while begins := _BEGINS.match(bare):
        bare = bare[begins.end() :]
    return next((value for group, value in MEANS.get(question, {}).items() if _is(group, bare)), None)


def _is(group: str, words: str) -> bool:
    return bool(_SAID[group].fullmatch(words)) and not _ELSEWHERE.search(words)


def phrases(question: str) -> str:
    """Return a pattern that finds such phrases within a sentence, each in a group named after its people."""
    return "|".join(f"(?P<{group}>{_SAID[group].pattern})" for group in MEANS[question])
