"""What somebody's own words already answer: offered, filled in and marked, and confirmed by who said it.

Nothing here is an answer until its page is confirmed. It never lowers: about safety a word can only tick, and
*gone*, *nobody replied*, *a fair question* or *nothing to do with us* are never offered. It names nobody.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from flows.intake.who import MEANS, phrases
from flows.model import Answer
from flows.questions.keywords import WORDS, found
from flows.questions.table import QUESTIONS, SAFETY_LIST

#: So many characters are read; what matters is said at the beginning.
_MOST = 4000
#: question -> option -> how it is said, a pattern a line
_SAYS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files("flows.intake").joinpath("from_words.toml").read_text("utf-8")
)
_MADE = (
    r"put|puts|written|posted|posts|posting|wrote|writes|writing|made|tweeted|uploaded|published|started|sent"
)
_PASSED = {"shared": r"shared|shares|sharing|forwarded|reposted|retweeted", "responded": r"commented|replied"}
_CALLED = r"call(?:ed|s|ing)(?! (?:me|us|in|the (?:school|office|police)))"
_VERB = rf"(?P<made>{_MADE}|{_CALLED})|" + "|".join(f"(?P<{what}>{said})" for what, said in _PASSED.items())
_THEN = r"(?: (?:who|has|have|had|just|is|was|keeps|really|also|then|\w+ly|on \w+)){0,4}"
_ABOUT = (
    r"about|against|that|towards?|mocks?|mocking|mocked|insult(?:s|ed|ing)?|slag(?:s|ged|ging) off"
    r"|call(?:s|ed|ing)|attack(?:s|ed|ing)?|abus(?:es|ed|ing)|rude to|(?:picture|photo|video|image|pic)s? of"
)
_GOES_ON = (
    r"on|in|at|and|or|who|that|which|because|by|from|for|with|is|was|were|are|has|had|an?|being|again|today"
    r"|yesterday|this|last|as|saying|calling|to|still|via|so|since|here|there|after|when|while|it'?s|put|posted"
    r"|wrote|have|but|my|her|his|our|their|the"
)
#: what may follow a phrase within a sentence, so that *about school dinners* is not about the school
_ELSEWHERE = (
    r"(?!\s+(?:at|from|in|of) (?:another|a different|some other|(?:my|her|his|their) (?:old|last|new)))"
)
_ENDS = rf"{_ELSEWHERE}(?=\s*(?:$|[,.;:!?)(\n–-]|\b(?:{_GOES_ON})\b))"
_WAS = rf"(?:(?:(?P<made>{_MADE})|(?P<shared>shared)) (?:up )?)?"
_POSTER = re.compile(rf"\b(?:{phrases('poster')}){_THEN} (?:{_VERB})\b")
#: somebody of theirs is not they: *a friend of a teacher posted it*
_OF = re.compile(r"\bof (?:an?|the|our|my|her|his|their)? ?$")
_BY = re.compile(rf"\b{_WAS}(?:by|from) (?:{phrases('poster')}){_ENDS}")
_TARGET = re.compile(rf"\b(?:{_ABOUT}) (?:{phrases('targets')})(?! (?:who )?(?:{_MADE}|shared)\b){_ENDS}")
_PATTERNS = {
    (name, option): re.compile(rf"(?<![\w@/.-])(?:{'|'.join(said.strip().splitlines())})(?![\w@])")
    for name, options in _SAYS.items()
    for option, said in options.items()
}
_DENIES = (
    r"\b(?:not|no|never|without|hardly|nobody|nothing|(?:is|was|are|were|do|does|did|has|have|had)n['o]?t)\b"
)
_LEAVES_OPEN = r"\b(?:whether|if|maybe|might|could|possibly|perhaps|unsure|not sure|don't know|wonder)\b"
#: what stands before words that do not say what they seem to say
_NOT = re.compile(rf"(?:{_DENIES}(?:\s+\S+){{0,3}}|{_LEAVES_OPEN}[^,]*)\s*$")
_CLAUSE = re.compile(r"[.;!?\n]|,? but |, ")


def offered_by(answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Return what the words and the link of a report answer, by question."""
    said = answers.get(WORDS, "")
    heard = dict(_heard(said)) if isinstance(said, str) and said else {}
    if answers.get("link"):
        heard["evidence"] = "both" if heard.get("evidence") == "saved" else "link"
    return heard


@lru_cache(maxsize=16)  # one turn asks many times for the same words; nobody's stay for long
def _heard(words: str) -> Mapping[str, Answer]:
    plain = words.replace("’", "'").lower()[:_MOST]
    held: dict[str, set[str]] = {}
    for name, option in (*_choices(plain), *_people(plain)):
        held.setdefault(name, set()).add(option)
    if ticked := set(found(words)).intersection(SAFETY_LIST):
        held["safety"] = ticked
    return {name: _answer(name, options) for name, options in held.items()}


def _choices(plain: str) -> Iterator[tuple[str, str]]:
    for (name, option), pattern in _PATTERNS.items():
        if any(_meant(plain, hit.start()) for hit in pattern.finditer(plain)):
            yield name, option


def _people(plain: str) -> Iterator[tuple[str, str]]:
    for hit in (*_POSTER.finditer(plain), *_BY.finditer(plain)):
        if not _meant(plain, hit.start()) or _OF.search(plain[: hit.start()]):
            continue
        yield from _named("poster", hit)
        did = [what for what in ("made", *_PASSED) if hit.groupdict().get(what)]
        yield from (("did", what) for what in did)
    for hit in _TARGET.finditer(plain):
        if _meant(plain, hit.start()):
            yield from _named("targets", hit)


def _named(name: str, hit: re.Match[str]) -> Iterator[tuple[str, str]]:
    return ((name, option) for group, option in MEANS[name].items() if hit[group])


def _meant(plain: str, at: int) -> bool:
    """Return whether nothing before it in its clause denies it or leaves it open."""
    return not _NOT.search(_CLAUSE.split(plain[:at])[-1])


def _answer(name: str, options: set[str]) -> Answer:
    question = QUESTIONS[name]
    ordered = tuple(option for option in question.options if option in options)
    return ordered if question.many else ordered[0]
