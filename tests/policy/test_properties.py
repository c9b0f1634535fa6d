"""What must always hold (policy page §9), over random answer sets; and the second reading agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.peers.plain_ifs import decide as second_reading
from flows.model import URGENCIES, Decision, Level
from flows.policy.assessment import Assessment, assess
from flows.policy.engine import decide, default_policy
from flows.policy.facts import NOTHING
from flows.questions.table import SAFETY_KEYS
from tests.often import often

Sets = Callable[[int, int], Iterator[dict[str, Any]]]
LEVELS = tuple(Level)
#: Each seat that can be kept out, and who may have its place.
STAND_INS = {
    "headteacher": ("headteacher", {"chair_of_governors", "vice_chair", "substitute_governor"}),
    "chair": ("chair_of_governors", {"vice_chair", "substitute_governor"}),
    "dsl": ("dsl", {"deputy_dsl"}),
    "vice_chair": ("vice_chair", {"substitute_governor"}),
}
CONTACT = set(default_policy().waits)
LATER = "_later_if_cleared"
#: Actions that nobody can be asked for together.
CONTRADICTIONS = (
    ("preserve_evidence", "do_not_view_copy_or_forward"),
    ("preserve_evidence", "refuse_uploads"),
    ("preserve_evidence", "record_what_was_seen"),
    ("report_to_platform", "do_not_view_copy_or_forward"),
)
#: Rows that put nothing to Legal where only pupils are responsible.
NOT_FOR_PUPILS = {"C7", "C8v", "C8r", "C8h", "C8s", "I", "R"}


def both(answers: dict[str, Any]) -> tuple[Assessment, Decision]:
    """Return the facts and the decision."""
    facts = assess(answers, unfinished=answers.get("unfinished", False))
    return facts, decide(default_policy(), facts)


def holds(answers: dict[str, Any]) -> None:
    """Assert everything that must always hold of one answer set."""
    facts, found = both(answers)
    told = set(found.notify) - {"legal", "police"}
    asks = {ask for reason in found.reasons for ask in reason.asks}
    risky = any(not facts.holds(key, "no") for key in SAFETY_KEYS)
    assert told or not risky
    for body in ("legal", "police"):
        assert (body in found.notify) == (body in found.levels)
        assert told or body not in found.levels
        level = found.levels.get(body)
        decides = f"decide_on_{body}_and_record_why" in found.actions
        assert decides == (level is not None and level != Level.CALL_999_NOW)
    assert (found.leads is None) == (not told)
    assert found.leads is None or found.leads in told
    assert not (facts.true("head_out") and "headteacher" in told)
    assert not (facts.true("chair_out") and "chair_of_governors" in told)
    if facts.holds("violence", "yes"):
        assert URGENCIES.index(found.urgency) >= URGENCIES.index("urgent")
        assert "police" in found.levels
    if "hold_contact_with_poster" in found.actions:
        assert not CONTACT & set(found.actions)
    assert found.reasons
    assert told <= asks
    fits_together(facts, found)
    spares_critics_and_pupils(facts, found)


def fits_together(facts: Assessment, found: Decision) -> None:
    """Assert that no two actions contradict each other, and that an allegation reaches a DSL."""
    actions = set(found.actions)
    for pair in CONTRADICTIONS:
        assert not set(pair) <= actions
    for action in actions:
        assert action + LATER not in actions
    if facts.true("rep"):
        assert not {"do_not_tell_person_accused", "support_person_affected"} <= actions
    if any(reason.row == "S5" for reason in found.reasons):
        assert {"dsl", "deputy_dsl"} & set(found.notify)


def spares_critics_and_pupils(facts: Assessment, found: Decision) -> None:
    """Assert that criticism is never for the police, and that pupils do not meet the adult ladder."""
    calm = all(facts.holds(key, "no") for key in SAFETY_KEYS) and facts.holds("staff_allegation", NOTHING)
    if calm and facts.true("critical"):
        assert "police" not in found.levels
    if facts.true("child_poster"):
        if not (facts.holds("sexual_imagery_child", "yes") or facts.holds("immediate_danger", "yes")):
            assert found.levels.get("police") in {None, Level.CONSIDER}
        for reason in found.reasons:
            assert reason.row not in NOT_FOR_PUPILS or not any(
                ask.startswith("legal:") for ask in reason.asks
            )


def keeps_out(answers: dict[str, Any]) -> None:
    """Assert that whom the reporter keeps out is told of nothing and named nowhere, and who stands in."""
    kept = answers.get("keep_from", ())
    found = both(answers)[1]
    told, asks = set(found.notify), {ask for reason in found.reasons for ask in reason.asks}
    for key in kept:
        seat, stand_ins = STAND_INS[key]
        assert seat not in told | asks, answers
        assert found.leads != seat
        before = both({**answers, "keep_from": [other for other in kept if other != key]})[1]
        part = {reason.row for reason in before.reasons} & {"C5", "C5x", "L1", "L2", "L3"}
        if seat in before.notify and (part or key != "chair"):  # a Chair it is only about needs no stand-in
            assert told & stand_ins, answers
        if seat == before.leads:
            assert found.leads in stand_ins, answers
        if key in {"dsl", "vice_chair"}:
            assert told - stand_ins == set(before.notify) - stand_ins - {seat}, answers


def milder(answers: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the answers with one safety key put to no, whatever the words flagged."""
    flags = [flag for flag in answers.get("text_flags", ()) if flag != key]
    return {**answers, key: "no", "text_flags": flags}


def never_lowers(answers: dict[str, Any], key: str) -> None:
    """Assert that raising a safety key removes nobody and lowers nothing.

    Imagery alone may take away that Legal is considered where the reporter was not sure what it is like.
    """
    low = both(milder(answers, key))[1]
    for raised in ("not_sure", "yes"):
        high = both({**milder(answers, key), key: raised})[1]
        spared = set()
        if key == "sexual_imagery_child" and low.levels.get("legal") == Level.CONSIDER:
            rested = {reason.row for reason in low.reasons if "legal:consider" in reason.asks}
            spared = (
                {"legal"}
                if rested <= {"C7u", "X"} and both(milder(answers, key))[0].true("unsure")
                else set()
            )
        assert set(low.notify) <= set(high.notify) | spared, (key, answers)
        assert URGENCIES.index(low.urgency) <= URGENCIES.index(high.urgency), (key, answers)
        for body in set(low.levels) - spared:
            level = low.levels[body]
            assert LEVELS.index(level) <= LEVELS.index(high.levels[body]), (key, answers)


def agrees(answers: dict[str, Any]) -> None:
    """Assert that the table and the second reading of the policy come to the same."""
    found, other = both(answers)[1], second_reading(answers)
    assert other == {
        "notify": list(found.notify),
        "levels": found.levels,
        "urgency": found.urgency,
        "leads": found.leads,
        "actions": list(found.actions),
        "rows": [reason.row for reason in found.reasons],
    }, answers


@pytest.mark.unwatched
def test_what_must_always_hold(sets: Sets) -> None:
    """People are reached, nobody in conflict is told, holds hold, every notice names its reason."""
    for answers in sets(4_000, 1):
        holds(answers)


@pytest.mark.slow
def test_whom_the_reporter_keeps_out_hears_nothing(sets: Sets) -> None:
    """A seat kept out is neither told nor named, and its substitute stands in."""
    for answers in sets(1_000, 6):
        keeps_out(answers)


@pytest.mark.unwatched
def test_a_graver_answer_never_lowers(sets: Sets) -> None:
    """Raising a safety key from no removes no recipient and lowers no urgency and no level."""
    for at, answers in enumerate(sets(2_000, 2)):
        never_lowers(answers, SAFETY_KEYS[at % len(SAFETY_KEYS)])


@pytest.mark.unwatched
def test_two_readings_agree(sets: Sets) -> None:
    """The table and plain ifs written from the policy's text alone come to the same decision."""
    for answers in sets(4_000, 3):
        agrees(answers)


@pytest.mark.unwatched
def test_criticism_is_never_for_the_police(sets: Sets) -> None:
    """Critical, rude and harmful to reputation, however repeated, never brings the police in by itself."""
    for answers in sets(2_000, 4):
        calm = {k: v for k, v in answers.items() if k not in (*SAFETY_KEYS, "text_flags", "staff_allegation")}
        for nature in (
            ["critical_of_leadership"],
            ["could_harm_reputation"],
            ["critical_of_leadership", "could_harm_reputation"],
            ["critical_of_leadership", "could_harm_reputation", "abusive"],
        ):
            assert "police" not in both({**calm, "nature": nature, "repeated": "yes"})[1].levels


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 14))
def test_a_million(sets: Sets, seed: int) -> None:
    """All of it again, over a million answer sets in four parts."""
    for at, answers in enumerate(sets(often(250_000), seed)):
        holds(answers)
        if at % 10 == 0:
            keeps_out(answers)
            never_lowers(answers, SAFETY_KEYS[at // 10 % len(SAFETY_KEYS)])
            agrees(answers)
