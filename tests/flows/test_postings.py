"""Whether two reports look like one posting: the address, the account's name and the words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.model import Posting
from flows.postings import (
    Why,
    account_mark,
    alike,
    link_mark,
    marks,
    normal_account,
    normal_link,
    same,
    searched,
    sought,
)
from tests.policy.test_words_check import SENTENCES as WORDED

POST = "facebook.com/groups/77/posts/123"
#: Ways in which people paste one address, and what it is.
LINKS = [
    ("https://www.facebook.com/groups/77/posts/123/", POST),
    ("http://m.facebook.com/groups/77/posts/123?__tn__=R&__cft__[0]=AZX&ref=share", POST),
    ("https://facebook.com/groups/77/posts/123?fbclid=IwAR0x#comment-9", POST),
    ("facebook.com/groups/77/posts/123", POST),
    ("WWW.Facebook.com/groups/77/posts/123.", POST),
    ("Look: https://www.facebook.com/groups/77/posts/123 (awful)", POST),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.facebook.com%2Fgroups%2F77%2Fposts%2F123&h=AT0", POST),
    ("https://youtu.be/dQw4w9WgXcQ?si=abc", "youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&feature=share", "youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://twitter.com/someone/status/99?s=20&t=zz", "x.com/someone/status/99"),
    ("https://x.com/someone/status/99", "x.com/someone/status/99"),
    ("https://www.instagram.com/p/Cabc/?igsh=MzRl", "instagram.com/p/Cabc"),
    ("https://forum.example/view?topic=4&page=2&utm_source=x", "forum.example/view?page=2&topic=4"),
    ("https://forum.example/view?page=2&topic=4", "forum.example/view?page=2&topic=4"),
    # nobody's posting, or no address
    ("https://www.facebook.com/", ""),
    ("facebook.com", ""),
    ("no link here", ""),
    ("", ""),
    ("https://[broken", ""),
    (
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dx",
        "l.facebook.com/l.php?u=x",
    ),
]


@pytest.mark.parametrize(("written", "is_"), LINKS)
def test_an_address_is_the_same_however_it_is_pasted(written: str, is_: str) -> None:
    """Fronts, trackers, slashes, capitals of the host and what leads on make no difference; the path does."""
    assert normal_link(written) == is_


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_without_a_fault(text: str) -> None:
    """No text breaks it, and what it made alike stays as it is."""
    link = normal_link(text)
    assert link == "" or normal_link(link) == link
    posting = Posting(words=text, link=text, account_name=text)
    assert same(posting, posting) in {None, *Why}
    assert all(mark.partition(":")[0] in ("link", "account") for mark in marks(posting))


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("@Cross Parent", "cross  parent", True),
        ("u/crossparent", "CrossParent", True),
        ("https://www.facebook.com/cross.parent?ref=x", "cross.parent", True),
        ("Cross Parent", "Cross Parents", False),
        ("＠ｃｒｏｓｓ", "cross", True),
    ],
)
def test_an_account_is_the_same_however_it_is_written(one: str, other: str, are_one: bool) -> None:  # noqa: FBT001 - a table
    """Signs in front, capitals, spaces and wide letters make no difference; a letter more does."""
    assert (normal_account(one) == normal_account(other)) is are_one


#: What people say of a school, invented, of at least eight words.
SENTENCES = [
    one
    for one in (*WORDED["ordinary"], *(one for some in WORDED["worrying"].values() for one in some))
    if len(one.split()) >= 8
]
SAID = "The head of this school is a liar and she lets children be bullied every day"
AGAIN = "the head of this school is a LIAR, and she lets children be bullied every single day!!"
HALF = "She is a liar, children are bullied at this school every day and nobody cares about that at all"
OTHER = "Who knows when the summer fair begins, and whether the car park is open on that day?"


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        pytest.param(Posting(link=POST), Posting(link=f"https://m.{POST}?fbclid=1"), Why.LINK, id="link"),
        pytest.param(Posting(words=f"See {POST}"), Posting(link=POST), Why.LINK, id="a link among the words"),
        pytest.param(Posting(words=SAID), Posting(words=AGAIN), Why.WORDS, id="words"),
        pytest.param(
            Posting(words=SAID, account_name="@cross"),
            Posting(words=HALF, account_name="Cross"),
            Why.ACCOUNT,
            id="the account, and half the words",
        ),
        pytest.param(Posting(words=SAID), Posting(words=HALF), None, id="half the words alone"),
        pytest.param(
            Posting(words=SAID, account_name="x"), Posting(words=OTHER, account_name="x"), None, id="account"
        ),
        pytest.param(Posting(words="She is bad"), Posting(words="She is bad"), None, id="too short to say"),
        pytest.param(Posting(), Posting(), None, id="nothing is known"),
        pytest.param(Posting(link="facebook.com"), Posting(link="facebook.com"), None, id="a whole site"),
    ],
)
def test_what_looks_like_one_posting(one: Posting, other: Posting, why: Why | None) -> None:
    """The link is the surest, then the words, then the account with words that are half alike."""
    assert same(one, other) is why
    assert same(other, one) is why


def _may_be(one: Posting, other: Posting) -> bool:
    return sought(one).may_be(marks(other), *searched(other))


#: What somebody does to words that they pass on.
CHANGES = [
    lambda words: words,
    lambda words: [*words[::-1], "sic"],
    lambda words: words[1:],
    lambda words: [word.upper() if n % 2 else f"“{word}”" for n, word in enumerate(words)],
    lambda words: [f"{word}{word[-1]}" if n % 3 == 0 else word for n, word in enumerate(words)],
    lambda words: [*words, "I", "read", "this", "on", "a", "page", "for", "parents", "of", "our", "school"],
    lambda words: words * 3,
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_what_is_the_same_is_never_passed_over_unopened(change: Callable[[list[str]], list[str]]) -> None:
    """Whatever is found to be one by link, account or words would have been opened."""
    about = "Everybody in the town who reads the group, some hundreds of people or more, most of them parents"
    checked = 0
    for sentence in SENTENCES:
        one = Posting(words=sentence, account_name="@cross")
        for said in (sentence, f"{sentence} {SENTENCES[len(sentence) % len(SENTENCES)]}"):
            other = Posting(words=" ".join(change(said.split())), audience=about)
            found = same(one, other)
            checked += found is Why.WORDS
            assert found is None or (_may_be(one, other) and _may_be(other, one)), (sentence, other.words)
    assert checked > len(SENTENCES) / 4
    assert _may_be(Posting(link=POST), Posting(words=f"See https://m.{POST}?fbclid=1"))
    assert _may_be(Posting(account_name="@cross"), Posting(account_name="Cross"))


def test_few_others_are_opened() -> None:
    """Of what others have said hardly anything is worth opening, so that a look costs what it finds."""
    texts = [" ".join(SENTENCES[n : n + 4]) for n in range(0, len(SENTENCES) - 4, 4)]
    opened = sum(_may_be(Posting(words=one), Posting(words=other)) for one in texts for other in texts)
    assert opened - len(texts) <= len(texts) ** 2 / 20
    assert not _may_be(Posting(), Posting(words="x"))
    assert not _may_be(Posting(words="x"), Posting())


def test_nothing_can_be_read_off_a_mark() -> None:
    """Rows that lists are made of hold no name and no address."""
    found = marks(Posting(link=POST, account_name="Cross Parent"))
    assert len(found) == 2
    assert not any(part in mark for mark in found for part in ("facebook", "cross", "Cross", "123"))
    assert link_mark(Posting()) == account_mark(Posting()) == ""
    assert alike("", "") == 0
