"""Policies compared in plain sentences: the packaged forms, read by eye, and what an author could lose."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from bot.__main__ import OK, WRONG_INPUT, main
from bot.school_file.parse import FORMS
from flows.policy.compare import compare, written
from flows.policy.engine import default_policy, duties, form, load
from flows.policy.own import read_own
from flows.words import say

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.slow
@pytest.mark.unwatched
@pytest.mark.parametrize(("old", "new"), [*combinations(FORMS, 2)])
def test_the_forms_compared(
    old: str, new: str, golden: Callable[[Path, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each pair of forms: what comes out differently, one sentence a change."""
    assert main(["policy", "compare", old, new]) == OK
    golden(GOLDEN / f"{old}-{new}.txt", capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.unwatched
def test_a_lost_recipient_is_seen() -> None:
    """Whoever writes a version without one of its lines reads at once who is no longer told, and when."""
    own, words = form("county")
    text = """
version = "2027-01-05"
[[row]]
id = "Fakes"
because = "A fake of somebody may frighten children."
when = [{ about = true, fake = true }]
tell = ["dsl"]
"""
    before, after = load(duties(), read_own(text)), load(duties(), read_own('version = "2027-01-06"'))
    (found,) = compare(before, after).differences
    assert found.what == ("Safeguarding lead (DSL) is no longer told",)
    assert "it pretends to be our school or one of us, unless it is about a pupil" in found.where
    assert compare(load(duties(), own, words=words), default_policy()).differences == ()


@pytest.mark.slow
@pytest.mark.unwatched
def test_whoever_leads_instead_is_named() -> None:
    """Duties by which somebody else leads say who, and in whose place."""
    before, line, after = duties().partition('id = "L2"')
    fewer = before + line + after.replace("when = [{", 'when = [{ immediate_danger = ["yes"],', 1)
    found = compare(load(duties()), load(fewer)).differences
    assert "Headteacher leads, not Chair of governors" in {what for one in found for what in one.what}


@pytest.mark.slow
@pytest.mark.unwatched
def test_a_hold_that_is_new_is_seen() -> None:
    """Where contact waits that did not wait before, that is said."""
    text = """
version = "2027-01-05"
[[row]]
id = "Wait"
because = "We wait before we write to anybody."
when = [{ about = true, fake = true }]
hold = "police"
"""
    found = compare(load(duties()), load(duties(), read_own(text))).differences
    assert say("differs.held") in {what for one in found for what in one.what}


@pytest.mark.slow
@pytest.mark.unwatched
def test_what_is_the_same_is_said() -> None:
    """Where nothing is different the page says so; a change that is everywhere has no place of its own."""
    policy = default_policy()
    assert written(compare(policy, policy), "a", "b").endswith("Nothing comes out differently.\n")
    everywhere = """
version = "2027-01-05"
[consequence.note]
do = "Note it."
[[follow]]
id = "note"
when = [{ up = [true] }, { up = [false] }]
ask = ["note"]
"""
    changed = compare(load(duties()), load(duties(), read_own(everywhere)))
    assert "New on the card: Note it, " in written(changed, "a", "b")


def test_a_file_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read is told on one line."""
    assert main(["policy", "compare", "county", "nowhere.toml"]) == WRONG_INPUT
    assert capsys.readouterr().err == (
        "nowhere.toml, line 1: there is no such file. It is looked for beside the file that names it.\n"
    )


@pytest.mark.parametrize("command", ["page", "table"])
def test_a_policy_of_ones_own_is_printed(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The page to sign and the table show a school's own rows, and its actions in its own words."""
    assert main(["policy", command, "--policy", "talk_first"]) == OK
    told = capsys.readouterr().out
    assert "Refused, or goes on" in told
    assert "Talk it over with the parent" in told or command == "table"
