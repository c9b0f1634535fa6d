"""The 58 invented situations come out exactly, and the machine interface says the same."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.decide import run

SCENARIOS = yaml.load(Path(__file__).with_name("scenarios.yaml").read_text("utf-8"), yaml.CSafeLoader)


def asked(given: object, folder: Path) -> tuple[int, str, str]:
    """Put JSON to the machine interface; return exit code, output, errors."""
    (folder / "answers.json").write_text(json.dumps(given), "utf-8")
    out, err = io.StringIO(), io.StringIO()
    return run(str(folder / "answers.json"), out, err), out.getvalue(), err.getvalue()


def test_there_are_58() -> None:
    """No situation was lost."""
    assert len(SCENARIOS) == 58


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["id"])
@pytest.mark.feature("policy-decides")
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
        ({"targets": ["nothing"]}, ("targets", "nothing")),
        ({"targets": {"school": 1}}, ("targets", "school")),
        ({"targets": [["school"]]}, ("targets", "school")),
        ({"violence": None}, ("violence", "None", "yes, no, not_sure")),
        ({"targets": None}, ("targets", "None", "pupil")),
        ({"targets": []}, ("targets", "at least one", "pupil")),
        ({"poster": []}, ("poster", "at least one", "unknown")),
        ({"did": []}, ("did", "at least one", "made")),
        ({"platform": []}, ("platform", "at least one", "blog")),
        ({"targets": ["none", "pupil"]}, ("targets", "none alone", "pupil")),
        ({"nature": ["abusive", "none_of_these"]}, ("nature", "none_of_these alone", "abusive")),
        ({"keep_from": None}, ("keep_from", "None", "vice_chair")),
        ({"words": None}, ("words", "None", "text")),
        ({"unfinished": None}, ("unfinished", "None", "true or false")),
        ({"text_denied": ["racism"]}, ("text_denied", "racism", "racist")),
        ({"text_denied": "violence"}, ("text_denied", "violence")),
        ({"text_flags": "violence"}, ("text_flags", "violence")),
        ({"text_flags": ["moon"]}, ("text_flags", "moon")),
        ({"unfinished": "yes"}, ("unfinished", "yes")),
        ({"unfinished": 1}, ("unfinished", "1")),
        ({"words": 3}, ("words", "3")),
        ({"words": "right", "unfinished": 1}, ("unfinished", "1")),
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


@pytest.mark.parametrize(
    "key", ["nature", "staff_allegation", "reporter_link", "keep_from", "text_flags", "text_denied"]
)
def test_what_may_hold_nothing_is_taken(key: str, tmp_path: Path) -> None:
    """An empty list is the default of these; one value twice is one value."""
    assert asked({key: []}, tmp_path) == asked({}, tmp_path)
    assert asked({"targets": ["none", "none"]}, tmp_path) == asked({"targets": ["none"]}, tmp_path)


def test_a_list_comes_back_as_a_list_in_order(tmp_path: Path) -> None:
    """A list of one stays a list, an empty one stays empty, words are never read."""
    assert json.loads(asked([], tmp_path)[1]) == []
    calm, alarm = json.loads(asked([{"words": "kill"}, {"violence": "yes"}], tmp_path)[1])
    assert (calm["urgency"], alarm["urgency"]) == ("routine", "urgent")


def test_what_cannot_be_read_is_said_on_one_line(tmp_path: Path) -> None:
    """A missing file and a broken one: exit 2, nothing on the output."""
    out, err = io.StringIO(), io.StringIO()
    assert run(str(tmp_path / "missing.json"), out, err) == 2
    (tmp_path / "answers.json").write_text("[{", "utf-8")
    assert run(str(tmp_path / "answers.json"), out, err) == 2
    assert out.getvalue() == ""
    first, second = err.getvalue().splitlines()
    assert "missing.json cannot be read" in first
    assert "not JSON" in second


@pytest.mark.unwatched
def test_many_come_out_whole_as_bytes_too(tmp_path: Path) -> None:
    """More than fits one piece is written whole, straight to the bytes beneath where there are any."""
    given = [scenario["answers"] for scenario in SCENARIOS] * 20
    (tmp_path / "answers.json").write_text(json.dumps(given), "utf-8")
    out = io.TextIOWrapper(beneath := io.BytesIO())
    assert run(str(tmp_path / "answers.json"), out, io.StringIO()) == 0
    assert len(beneath.getvalue()) > 1 << 20
    assert beneath.getvalue().decode() == asked(given, tmp_path)[1]
    assert [found["leads"] for found in json.loads(beneath.getvalue())[:58]] == [
        scenario["expect"]["leads"] for scenario in SCENARIOS
    ]


def test_nothing_comes_out_when_the_last_is_wrong(tmp_path: Path) -> None:
    """Whatever was right before it, a wrong set leaves the output empty."""
    (tmp_path / "answers.json").write_text(json.dumps([{}, {"nosuch": 1}]), "utf-8")
    out = io.TextIOWrapper(beneath := io.BytesIO())
    assert run(str(tmp_path / "answers.json"), out, io.StringIO()) == 2
    assert beneath.getvalue() == b""


@pytest.mark.slow
def test_standard_input_is_read_too(tmp_path: Path) -> None:
    """A dash stands for the standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "decide", "-"], input=b"{}", capture_output=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(asked({}, tmp_path)[1])
