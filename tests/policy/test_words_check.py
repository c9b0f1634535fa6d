"""The words check on invented sentences: how often it asks for nothing, and how often it misses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from flows.questions.keywords import FLAGS, found
from flows.questions.table import IN_WORDS

SENTENCES = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
ORDINARY: list[str] = SENTENCES["ordinary"]
WORRYING = [(key, sentence) for key, listed in SENTENCES["worrying"].items() for sentence in listed]
#: No change of the list may make it worse than this; the figures of today stand in docs/performance.md.
PRECISION, RECALL = 0.97, 0.96


def test_the_sentences_are_many_and_of_every_key() -> None:
    """Enough of them to say something about the list."""
    assert len(set(ORDINARY)) >= 200
    assert len(set(WORRYING)) >= 100
    assert set(SENTENCES["worrying"]) == set(FLAGS) == set(IN_WORDS)


def test_precision_and_recall_hold() -> None:
    """Of the sentences asked about, so many are worrying; of the worrying ones, so many are asked about."""
    asked = [sentence for _, sentence in WORRYING if found(sentence)]
    for_nothing = [sentence for sentence in ORDINARY if found(sentence)]
    right = [sentence for key, sentence in WORRYING if key in found(sentence)]
    precision, recall = len(asked) / (len(asked) + len(for_nothing)), len(right) / len(WORRYING)
    assert (precision >= PRECISION, recall >= RECALL) == (True, True), (precision, recall, for_nothing)


@pytest.mark.parametrize(
    ("near", "meant"),
    [
        ("the stable door", "stab him"),
        ("she lives in Burnley", "burn it"),
        ("bombarded with e-mails", "bomb it"),
        ("a good punchline", "punch him"),
        ("I hit send", "he hit my son"),
        ("her e-mail address", "her address"),
        ("racism is not tolerated", "racism in the comments"),
        ("hang on a minute", "hang him"),
        ("the Skillman family", "I will kill them"),
        ("a knife and fork", "he has a knife"),
        ("smashed it at the fair", "smash his face"),
        ("a grape", "rape"),
        ("sex education", "sexual"),
        ("my daughter was happy", "my daughter was hurt"),
        ("an air ambulance charity", "call an ambulance"),
        ("nude tights", "a nude"),
        ("https://kill.example/stab", "kill"),
        ("write to kill@stab.example", "stab"),
    ],
)
def test_a_near_miss_is_missed(near: str, meant: str) -> None:
    """Whole words and phrases only: what merely looks like a listed word is left alone."""
    assert found(near) == {}
    assert found(meant)


def test_the_word_that_did_it_is_quoted_as_it_stands() -> None:
    """Capitals, curly apostrophes and line ends are the writer's own."""
    assert found("He’ll KILL\n him")["violence"] == "KILL"
    assert found("my  Son was\nhit")["staff_allegation"] == "Son was hit"


@pytest.mark.parametrize(
    "written",
    [
        "ki\u00adll",  # as web pages break words
        "ki\u200bll",
        "k\u200di\u200dl\u200dl",
        "\uff4b\uff49\uff4c\uff4c",
        "k\u0456ll",
        "\u043a\u0456ll",
        "k\u0336i\u0336l\u0336l\u0336",
        "\U0001d424\U0001d422\U0001d425\U0001d425",
        "k\u3164ill",
        "K\u0130LL",  # a letter that grows when it is made small
    ],
)
def test_words_are_read_as_the_eye_reads_them(written: str) -> None:
    """Copied from a page or disguised: what people read as the word raises the question, as written."""
    assert found(f"he says he’ll {written} him – today") == {"violence": written}


def test_what_stands_between_words_parts_them() -> None:
    """A sign that nobody sees may part two words as well as two halves of one."""
    assert "violence" in found("he says he’ll\u200bkill\u200bhim")


@pytest.mark.parametrize("sentence", [*ORDINARY, *(sentence for _, sentence in WORRYING)])
def test_soft_hyphens_change_nothing(sentence: str) -> None:
    """As a page breaks its words: what is harmless stays so, what asks asks the same."""
    broken = re.sub(r"(?<=[a-z])(?=[a-z])", "\u00ad", sentence)
    assert set(found(broken)) == set(found(sentence))
