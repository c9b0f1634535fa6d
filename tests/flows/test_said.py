"""What was never asked is never said to have been reported: three ways of speaking, the same everywhere."""

from __future__ import annotations

import random
import re

import pytest

from flows.case.corrections import correction_fields
from flows.errors import PolicyError
from flows.messages import lists, templates
from flows.messages.digest import Week, digest
from flows.messages.record import record
from flows.model import Answer
from flows.policy.engine import default_policy, duties, load
from flows.policy.said import Said, as_said, said
from flows.questions.table import KEYS
from flows.ui.forms import Choice, Many
from flows.ui.plain_text import card_text, form_text
from flows.words import say
from tests.flows.matter import ABUSE, AT, HEAD, SCHOOL, Matter, listed, report, row
from tests.flows.talking import PLAIN, by_pages
from tests.flows.test_words import sentences
from tests.often import often
from tests.policy.conftest import answer_sets

VIOLENCE = "[violence:possibly violent]."
#: What stands before and behind a matter in each way, to leaders and to the reporter.
WAYS = {
    Said.REPORTED: ("eported as ", "eported it as "),
    Said.COULD_NOT_TELL: (" – the reporter could not tell", " – you could not tell"),
    Said.WORDS: (" – words of the report point to it", " – words of yours point to it"),
    Said.NOT_ASKED: (" – this was not asked",) * 2,
}


@pytest.mark.parametrize(
    ("answers", "changed", "way"),
    [
        ({"violence": "yes"}, {}, Said.REPORTED),
        ({"violence": "not_sure"}, {}, Said.COULD_NOT_TELL),
        ({}, {"unfinished": True}, Said.NOT_ASKED),
        ({"violence": "not_sure"}, {"presumed": ("violence",)}, Said.NOT_ASKED),
        ({"violence": "no"}, {}, Said.NO),
        ({"violence": "no", "text_flags": ("violence",)}, {}, Said.WORDS),
        ({"text_flags": ("violence",)}, {"unfinished": True}, Said.WORDS),
    ],
)
def test_one_function_says_how_it_was_said(
    answers: dict[str, Answer], changed: dict[str, object], way: Said
) -> None:
    """Yes is reported, not sure could not be told, what nobody was asked was not asked."""
    made = report(answers, **changed)
    assert said(made, "violence") is way
    text = as_said(VIOLENCE, (), made)
    assert text[0].isupper(), "a sentence begins with it"
    for other, (leaders, reporters) in WAYS.items():
        assert (leaders in text) is (other is way)
        assert (reporters in as_said(VIOLENCE, (), made, own=True)) is (other is way)


def test_of_several_keys_the_plainest_counts() -> None:
    """Racist, perhaps hateful in another way too, is reported; a page names the matter alone."""
    words = "It is [racist|other_hate:possibly racist or hateful]."
    assert "reported as" in as_said(words, (), report({"racist": "yes", "other_hate": "not_sure"}))
    assert "could not tell" in as_said(words, (), report({"other_hate": "not_sure"}))
    assert as_said(words) == "It is possibly racist or hateful."
    assert said(report({"nature": ("not_sure",)}), "nature", "abusive") is Said.COULD_NOT_TELL
    assert said(report({"nature": ("genuine_concern",)}), "nature", "abusive") is Said.NO


def test_a_part_about_nothing_is_refused() -> None:
    """A row whose words are said of a key that is none is refused, by name."""
    text = duties().replace("[violence:possibly", "[violance:possibly")
    with pytest.raises(PolicyError, match="violance"):
        load(text)


def parts() -> set[tuple[str, str]]:
    """Return every part that is said in one of these ways: its keys, and its words."""
    table = default_policy().table
    texts = [r.because for r in (*table.row, *table.lead, table.nobody)]
    texts += [text for name, text in sentences().items() if name.startswith("kind.")]
    found = re.compile(r"\[([\w=|]+):([^\]]*)\]")
    return {
        (names, words)
        for text in texts
        for names, words in found.findall(text)
        if names.split("|")[0].split("=")[0] in KEYS
    }


def was_given(answers: dict[str, Answer], name: str) -> bool:
    """Return whether the reporter gave this answer: worked out here without the program's own function."""
    key, _, value = name.partition("=")
    return (value or "yes") in (held if isinstance(held := answers.get(key, ()), tuple) else (held,))


def was_unsure(answers: dict[str, Answer], name: str) -> bool:
    """Return whether the reporter said that they do not know."""
    held = answers.get(name.partition("=")[0], ())
    return "not_sure" in (held if isinstance(held, tuple) else (held,))


def holds(matter: Matter) -> None:
    """Assert of every text about a case that it claims no more than was said."""
    case = matter.case
    given = {k: v for k, v in case.report.answers.items() if k not in case.report.presumed}
    texts = [
        templates.case_card(case, SCHOOL, AT),
        templates.receipt(case, SCHOOL, AT),
        templates.update(case, matter.events[0], SCHOOL, AT),
        templates.notice(case, SCHOOL, HEAD, AT),
        record(case, matter.events, SCHOOL, HEAD),
        listed([row(case)]),
        digest([row(case)], SCHOOL, AT, Week(week="2026-W48", due=AT)),
        lists.status([row(case)], None, SCHOOL),
    ]
    known = parts()
    for text in map(card_text, texts):
        for names, words in known:
            each = names.split("|")
            if re.search(rf"eported (it )?as {re.escape(words)}", text):
                assert any(was_given(given, name) for name in each), text
            if re.search(rf"{re.escape(words[1:])} – (the reporter|you) could not tell", text):
                assert any(was_unsure(given, name) for name in each), text
            if re.search(rf"{re.escape(words[1:])} – this was not asked", text):
                assert all(name.partition("=")[0] not in given for name in each), text
        claims = len(re.findall(r"eported (?:it )?as", text))
        matters = "|".join(sorted((re.escape(words) for _, words in known), key=len, reverse=True))
        plain = len(re.findall(rf"eported (?:it )?as (?:{matters})", text))
        beside = len(re.findall(r"was (?:not )?reported as abusive", text))
        assert claims == plain + beside, f"a claim that no answer stands behind: {text}"
        assert not beside or was_given(given, "nature=critical_of_leadership")


@pytest.mark.unwatched
def test_nothing_is_said_to_have_been_reported_that_was_not() -> None:
    """Over the whole answer space, with answers that nobody gave and reports that were cut short."""
    dice = random.Random(17)  # noqa: S311 - a seed, not a secret
    for answers in answer_sets(often(2500), 17):
        unfinished = bool(answers.pop("unfinished", False))
        given: dict[str, Answer] = {k: tuple(v) if isinstance(v, list) else v for k, v in answers.items()}
        cautious = {k: q.cautious for k, q in KEYS.items() if q.cautious is not None and dice.random() < 0.3}
        presumed = {} if unfinished else cautious
        holds(Matter({**given, **presumed}, presumed=tuple(presumed), unfinished=unfinished))


def test_a_correction_form_says_what_was_not_asked() -> None:
    """What nobody was asked is empty there, and says so; what was answered is filled in."""
    asked = {field.name: field for field in correction_fields(report(ABUSE, presumed=()))}
    for name, field in asked.items():
        assert isinstance(field, Choice | Many)
        assert (field.help == say("record.not_asked")) is (name not in ABUSE)
        assert bool(field.value) is (name in ABUSE)


CODE = re.compile(r"\bC\d\w?\b")


def test_reporters_read_no_clause_codes() -> None:
    """Neither receipt nor check page names a clause by its code; the leaders' notice does."""
    for answers in answer_sets(often(300), 5):
        unfinished = bool(answers.pop("unfinished", False))
        given: dict[str, Answer] = {k: tuple(v) if isinstance(v, list) else v for k, v in answers.items()}
        case = Matter(given, unfinished=unfinished).case
        assert not CODE.search(card_text(templates.receipt(case, SCHOOL, AT)))
    _, shown = by_pages(PLAIN)
    assert not CODE.search(form_text(shown[-1]))
    assert CODE.search(card_text(templates.notice(Matter(ABUSE).case, SCHOOL, HEAD, AT)))
