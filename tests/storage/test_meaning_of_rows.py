"""Cases kept by an older version are read as what they meant then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.model import Case
from storage import codec

#: Written by the version that kept schema 1, with what its code read out of the rows' ids.
OLD: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("old").joinpath("cases_of_schema_1.json").read_text("utf-8")
)


@pytest.mark.parametrize("old", OLD, ids=lambda old: old["name"])
def test_an_old_case_means_what_it_meant(old: dict[str, Any]) -> None:
    """Kind, holds and what ends them, deadlines and who stands in are those of its time."""
    decision = codec.decode(Case, old["content"].encode()).decision
    assert decision.kind == old["kind"]
    assert [r.row for r in decision.reasons if r.hold] == old["holds"]
    assert [r.row for r in decision.reasons if r.hold == "safeguarding"] == old["safeguarding_holds"]
    assert [r.row for r in decision.reasons if r.safeguarding_deadline] == old["safeguarding_deadlines"]
    assert {r.row: r.instead_of for r in decision.reasons if r.instead_of} == old["instead_of"]


@pytest.mark.parametrize("old", OLD, ids=lambda old: old["name"])
def test_an_old_case_is_written_anew_and_stays_the_same(old: dict[str, Any]) -> None:
    """Once written by this version it needs no upgrade, and nothing of it is lost."""
    case = codec.decode(Case, old["content"].encode())
    again = codec.encode(case)
    assert codec.decode(Case, again) == case
    was, now = codec.document(old["content"].encode()), codec.document(again)
    was["report"] = {"presumed": [], **was["report"]}  # came later: nobody had named what nobody answered
    anew = ("decision", "recused")
    assert {name: now[name] for name in was if name not in anew} == {
        name: value for name, value in was.items() if name not in anew
    }


@pytest.mark.parametrize("old", OLD, ids=lambda old: old["name"])
def test_who_was_out_is_out(old: dict[str, Any]) -> None:
    """Of an exclusion the reason was kept: it is a record now, made when the case was opened."""
    case = codec.decode(Case, old["content"].encode())
    was = codec.document(old["content"].encode()).get("recused", {})
    assert {person: made.why for person, made in case.recused.items()} == was
    assert all(made.at == case.opened_at and made.by is None for made in case.recused.values())
    assert {made.source.value for made in case.recused.values()} <= {"answers", "reporter", "declared"}


def test_the_old_cases_are_of_every_kind() -> None:
    """No kind of the old table is missing among them."""
    assert len({old["kind"] for old in OLD}) == 10
    assert any(codec.decode(Case, old["content"].encode()).recused for old in OLD)
    assert all(old["content"].startswith("1{") for old in OLD)
