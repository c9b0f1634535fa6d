"""The table itself: a broken one is refused by name, every row changes something, the page is fresh."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot import policy_page
from flows.assessment import assess
from flows.errors import PolicyError
from flows.model import Decision
from flows.policy import Policy, decide, default_policy, load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "flows/policy.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('when = [{ immediate_danger = ["yes"] }]', 'when = [{ dangr = ["yes"] }]', ("S1", "dangr")),
        (
            '{ immediate_danger = ["yes"] }',
            '{ immediate_danger = ["perhaps"] }',
            ("S1", "immediate_danger", "perhaps"),
        ),
        ('id = "S2"', 'id = "S1"', ("S1", "id", "twice")),
        ('because = "It has happened before."', 'because = ""', ("R", "because")),
        ('quote = "address any legitimate', 'quote = "adress any legitimate', ("F", "quote")),
        ('matched = ["C3", "C4", "C5"]', 'matched = ["F"]', ("X", "matched", "later")),
        ('urgency = "emergency"', 'urgency = "soon"', ("S1", "urgency", "soon")),
        ('tell = ["dsl"]\npolice = "call_999_now"', 'tell = ["dls"]', ("S1", "tell", "dls")),
        (
            'layer = "safeguarding"\nbecause = "Somebody may',
            'layer = "law"\nbecause = "Somebody may',
            ("S1", "layer"),
        ),
        ("[[row]]", "[[row", ("line",)),
        ("person = [true], nature", 'person = ["true"], nature', ("support", "person", "true")),
        ('then = "nobody_left"\nlegal', 'then = "whoever"\nlegal', ("L6", "then", "whoever")),
    ],
)
def test_a_broken_table_is_refused_by_name(old: str, new: str, named: tuple[str, ...]) -> None:
    """The error names the row, the field and what to do."""
    assert old in TEXT
    with pytest.raises(PolicyError) as refused:
        load(TEXT.replace(old, new, 1))
    assert refused.value.hint
    for part in named:
        assert part in str(refused.value)


def outcome(policy: Policy, answers: dict[str, Any]) -> Decision:
    """Return a decision without its reasons."""
    found = decide(policy, assess(answers, unfinished=answers.get("unfinished", False)))
    return replace(found, reasons=())


def test_every_row_changes_some_decision(sets: Callable[[int, int], Iterator[dict[str, Any]]]) -> None:
    """Take any one row away and some decision comes out differently, reasons aside."""
    whole = default_policy()
    fewer = {
        row.row.id: replace(whole, rows=tuple(r for r in whole.rows if r is not row)) for row in whole.rows
    }
    fewer |= {
        row.row.id: replace(
            whole,
            leads=replace(whole.leads, lines=tuple(r for r in whole.leads.lines if r is not row), kept={}),
        )
        for row in whole.leads.lines
    }
    for answers in sets(6_000, 5):
        full = decide(whole, assess(answers, unfinished=answers.get("unfinished", False)))
        for reason in full.reasons:
            less = fewer.get(reason.row)
            if less is not None and outcome(less, answers) != replace(full, reasons=()):
                del fewer[reason.row]
    assert not fewer


def without(mark: str) -> dict[str, str]:
    """Return the table's text with each part of this kind left out in turn, by the part's id."""
    parts = re.finditer(rf"^\[\[{mark}\]\]\nid = \"(.+?)\"\n(?:(?![\[#]).*\n)*", TEXT, re.MULTILINE)
    return {f"{mark} {part[1]}": TEXT[: part.start()] + TEXT[part.end() :] for part in parts}


@pytest.mark.slow
def test_every_variant_and_every_line_changes_some_decision(
    sets: Callable[[int, int], Iterator[dict[str, Any]]],
) -> None:
    """Take any one variant, line of contact or line that follows away, or change N: it shows."""
    table = default_policy().table
    texts = {**without("row.variant"), **without("contact"), **without("follow")}
    variants = sum(len(row.variant) for row in table.row)
    assert len(texts) == variants + len(table.contact) + len(table.follow)
    texts["N"] = TEXT.replace('actions = ["close_with_advice"]', "actions = []")
    fewer = {name: load(text) for name, text in texts.items()}
    for answers in sets(6_000, 7):
        whole = outcome(default_policy(), answers)
        fewer = {name: less for name, less in fewer.items() if outcome(less, answers) == whole}
        if not fewer:
            break
    assert list(fewer) == []


def test_the_page_to_sign_is_fresh() -> None:
    """docs/policy.md is what the table says today."""
    assert (ROOT / "docs/policy.md").read_text("utf-8") == policy_page.page()
