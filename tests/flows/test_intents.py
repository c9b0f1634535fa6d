"""What a button carries comes back as it went, and nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import InvalidAnswer
from flows.model import Action
from flows.ui.intents import (
    LONGEST,
    Act,
    AnswerPage,
    Ask,
    Begin,
    ChatCommand,
    Discard,
    Fill,
    GoTo,
    Intent,
    SendReport,
    TakeOut,
    decode,
    encode,
)

ULID = "01JDEXAMPLE00000000000000Z"
NUMBER = st.integers(0, 10**9)
#: The longest page name there is, and to spare.
PAGE = st.sampled_from(["", "safety", "immediate_danger", "a-page-with-a-name-of-forty-characters--"])
INTENTS: st.SearchStrategy[Intent] = st.one_of(
    st.builds(
        Begin,
        fresh=st.booleans(),
        school=st.sampled_from(["", "HPS", "a-school-id-of-forty-characters-length--"]),
    ),
    st.builds(AnswerPage, draft=st.just(ULID), revision=NUMBER, page=PAGE),
    st.builds(GoTo, draft=st.just(ULID), revision=NUMBER, page=PAGE),
    st.builds(SendReport, draft=st.just(ULID), revision=NUMBER),
    st.builds(TakeOut, draft=st.just(ULID), revision=NUMBER, file=st.just(ULID)),
    st.builds(Discard, draft=st.just(ULID), revision=NUMBER),
    st.builds(Act, case=st.just(ULID), action=st.sampled_from(Action), version=NUMBER),
    st.builds(Fill, case=st.just(ULID), action=st.sampled_from(Action), version=NUMBER),
    st.builds(
        Ask, command=st.sampled_from(ChatCommand), argument=st.sampled_from(["", ULID, "HPS-2026-014"])
    ),
)


@given(INTENTS)
def test_there_and_back(intent: Intent) -> None:
    """Every intent comes back as it was, and fits into any platform's button."""
    raw = encode(intent)
    assert decode(raw) == intent
    assert len(raw) <= LONGEST


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"type":"z"}',
        '{"type":"c","case":"x","action":"destroy","version":1}',
        '{"type":"c","case":"x","action":"close"}',
        '{"type":"c","case":7,"action":"close","version":1}',
        '{"type":"b","fresh":"yes"}',
        '{"type":"b"} {"type":"b"}',
        '{"type":"b","school":"\ud800"}',
        '{"type":"b","school":"' + "x" * 300 + '"}',
        "[" * 100_000,
    ],
)
def test_rubbish_is_refused(rubbish: str) -> None:
    """Whatever is no button of ours is refused in words, and its words are not repeated."""
    with pytest.raises(InvalidAnswer) as refused:
        decode(rubbish)
    assert refused.value.reference == "unknown-button"
    assert refused.value.hint
    assert not rubbish or rubbish not in str(refused.value)


@given(st.text(max_size=400))
def test_any_text_is_an_intent_or_refused(text: str) -> None:
    """Nothing that can be typed brings the reading of a button down."""
    try:
        found = decode(text)
    except InvalidAnswer:
        return
    assert decode(encode(found)) == found
