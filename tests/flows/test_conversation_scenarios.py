"""Every situation of the policy's examples, told through the conversation: by pages and by typing.

What the conversation does not ask is listed here, never forced. Where nothing was skipped, the
decision is what the example expects; else it is what the policy says of the finished report.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.model import Decision
from flows.policy.assessment import assess
from flows.policy.engine import decide
from flows.questions.table import KEYS, QUESTIONS
from flows.ui.forms import Value
from tests.flows.talking import PLAIN, POLICY, answer, by_pages, by_typing, finish, finish_unfinished, new

SCENARIOS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[1] / "policy" / "scenarios.yaml").read_text("utf-8"), yaml.CSafeLoader
)
#: What the examples answer although the conversation never asks it of such a report.
SKIPPED: dict[str, set[str]] = {
    # imagery: who posted, what they did, what it is like and where is left to the DSL, in person
    "G09": {"did", "evidence", "still_online"},
    "S13": {"poster", "did", "nature", "platform", "still_online", "evidence"},
    # might be imagery, so the same; and somebody unknown was not asked whether it happened before
    "T37": {"platform", "evidence", "replied", "repeated"},
    # only a like: there is nothing they said about it
    "T41": {"stance"},
}
#: What somebody writes that points to a key.
WORDS_FOR = {"violence": "They say they will kill", "staff_allegation": "A teacher hit my son"}
#: What the policy page says an answer left out means (§3, Defaults).
DEFAULTS: dict[str, Value] = {
    "staff_allegation": (),
    "did": ("made",),
    "stance": "not_applicable",
    "platform": ("collaborative_space",),
    "still_online": "yes",
    "evidence": "saved",
    "replied": "no",
    "repeated": "no",
    "reporter_link": (),
    "keep_from": (),
    "keep_name_private": "no",
}


def _answers(scenario: dict[str, Any]) -> dict[str, Value]:
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in scenario["answers"].items()}
    given.pop("unfinished", None)
    denied, flagged = given.pop("text_denied", ()), given.pop("text_flags", ())
    if denied or flagged:
        given["words"] = ". ".join(WORDS_FOR[key] for key in (*denied, *flagged))
    return given | {f"flag_{key}": "not_sure" for key in flagged}


def _skipped(answers: dict[str, Value], sent: Mapping[str, Value]) -> set[str]:
    """Return the keys an example answers otherwise than the finished report means them."""
    keys = (k for k in answers if k in QUESTIONS and QUESTIONS[k].policy)
    return {k for k in keys if set(answers[k]) != set(sent.get(k, DEFAULTS.get(k, KEYS[k].default)))}


def _fits(decision: Decision, expect: dict[str, Any]) -> None:
    assert list(decision.notify) == sorted(expect["notify"])
    assert {k: str(v) for k, v in decision.levels.items()} == expect["levels"]
    assert decision.urgency == expect["urgency"]
    assert decision.leads == expect["leads"] or (decision.leads is None and expect["leads"] is None)
    assert set(expect["actions"]) <= set(decision.actions)
    assert not set(expect.get("must_not_actions", ())) & set(decision.actions)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["id"])
@pytest.mark.unwatched
def test_told_through_the_conversation(scenario: dict[str, Any]) -> None:
    """By pages and by typing the same report comes out, and the policy decides on it as the example says."""
    answers = {**PLAIN, **_answers(scenario)}
    draft, _ = by_pages(answers)
    sent = finish(draft)
    assert finish(by_typing(answers)) == sent
    decision = decide(POLICY, assess(sent.answers))
    if scenario["answers"].get("unfinished"):
        return
    skipped = _skipped(_answers(scenario), sent.answers)
    skipped -= set(scenario["answers"].get("text_flags", ()))  # *not sure* to the word is what a flag means
    assert sent.answers.get("text_denied", ()) == tuple(scenario["answers"].get("text_denied", ()))
    assert skipped == SKIPPED.get(scenario["id"], set())
    if not skipped:
        _fits(decision, scenario["expect"])


def test_a_cut_short_example_goes_as_it_is() -> None:
    """The example that was cut short: what was answered goes, the rest is cautious."""
    scenario = next(s for s in SCENARIOS if s["answers"].get("unfinished"))
    draft = answer(new(), "danger", {"immediate_danger": "no"}).draft
    ticked: dict[str, Value] = {"safety": ("child_at_risk",), "child_at_risk": "yes"}
    sent = finish_unfinished(answer(draft, "safety", ticked).draft)
    _fits(decide(POLICY, assess(sent.answers, unfinished=True)), scenario["expect"])
