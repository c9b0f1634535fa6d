"""The 38 invented situations come out exactly, and the machine interface says the same."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.decide import run

SCENARIOS = yaml.safe_load(Path(__file__).with_name("scenarios.yaml").read_text("utf-8"))


def asked(given: object, folder: Path) -> tuple[int, str, str]:
    """Put JSON to the machine interface; return exit code, output, errors."""
    (folder / "answers.json").write_text(json.dumps(given), "utf-8")
    out, err = io.StringIO(), io.StringIO()
    return run(str(folder / "answers.json"), out, err), out.getvalue(), err.getvalue()


def test_there_are_38() -> None:
    """No situation was lost."""
    assert len(SCENARIOS) == 38


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["id"])
def test_a_situation_comes_out_as_written(scenario: dict[str, Any], tmp_path: Path) -> None:
    """Who is told, how strongly, how soon, who leads and what to do are as the situation says."""
    code, out, _ = asked(scenario["answers"], tmp_path)
    assert code == 0
    decision, expect = json.loads(out), scenario["expect"]
    assert decision["notify"] == sorted(expect["notify"])
    assert not set(expect["must_not_notify"]) & set(decision["notify"])
    assert decision["levels"] == expect["levels"]
    assert (decision["urgency"], decision["leads"]) == (expect["urgency"], expect["leads"])
    assert set(expect["actions"]) <= set(decision["actions"])
    assert not set(expect["must_not_actions"]) & set(decision["actions"])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([{}, {"nosuch": "yes"}], ("item 1", "nosuch", "yes")),
        ([{"violence": "maybe"}], ("item 0", "violence", "maybe")),
        ({"targets": "school"}, ("targets", "school")),
        ({"targets": ["moon"]}, ("targets", "moon")),
        ({"violence": ["yes"]}, ("violence", "yes")),
        ({"unfinished": "yes"}, ("unfinished", "yes")),
        ({"unfinished": 1}, ("unfinished", "1")),
        ({"words": 3}, ("words", "3")),
        ([[]], ("item 0",)),
        (7, ("7",)),
    ],
)
def test_what_is_wrong_is_named_on_one_line(given: object, named: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 2, nothing on the output, and one line that names the set, the key and the value."""
    code, out, err = asked(given, tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    for part in named:
        assert part in err


def test_a_list_comes_back_as_a_list_in_order(tmp_path: Path) -> None:
    """A list of one stays a list, an empty one stays empty, words are never read."""
    assert json.loads(asked([], tmp_path)[1]) == []
    calm, alarm = json.loads(asked([{"words": "kill"}, {"violence": "yes"}], tmp_path)[1])
    assert (calm["urgency"], alarm["urgency"]) == ("routine", "urgent")
