"""Cases kept by an older version are read as what they meant then."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from flows.case.duties import outstanding
from flows.model import Body, Case
from storage import codec
from storage.upgrades import UPGRADES

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
    # Came later: what nobody answered, and that it is none of those who could be pointed at, was not kept.
    named = {**was["report"]["named"], "someone_else": []}
    was["report"] = {"presumed": [], **was["report"], "named": named}
    anew = ("decision", "recused")
    was["report"]["posting"] = {"platform_other": "", **was["report"]["posting"]}
    for name in ("legal", "police"):
        was.pop(name, None)
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


@pytest.mark.parametrize("old", OLD, ids=lambda old: old["name"])
def test_an_old_case_owes_what_it_owed(old: dict[str, Any]) -> None:
    """Legal and the police where they were notified, the rest where it was asked for; nothing is decided."""
    case = codec.decode(Case, old["content"].encode())
    asked = set(case.decision.actions)
    owed = {body.value for body in (Body.LEGAL, Body.POLICE) if body in case.decision.levels}
    owed |= {"lado"} if "lado_within_1_working_day" in asked else set()
    owed |= {"childrens_services"} if "dsl_decides_childrens_services" in asked else set()
    owed |= {"imagery"} if "refer_to_dsl_now" in asked else set()
    assert {duty.body for duty in case.duties} == owed
    assert outstanding(case) == case.duties
    for duty in case.duties:
        assert duty.due == (dt.date(2026, 11, 25) if duty.body == Body.LADO else duty.due)


@pytest.mark.parametrize(
    ("opened", "due"),
    [("2026-11-26", "2026-11-27"), ("2026-11-27", "2026-11-30"), ("2026-11-29", "2026-11-30")],
)
def test_an_old_decision_is_one_on_a_duty(opened: str, due: str) -> None:
    """What stood in two fields is a duty with its decision; its event says whose it was."""
    decided = {"contacted": True, "how": "phone", "by": "ash", "at": "2026-11-24T10:00:00Z"}
    case = UPGRADES["Case", 4](
        {
            "opened_at": f"{opened}T10:00:00Z",
            "due_at": f"{opened}T17:00:00Z",
            "legal": None,
            "police": decided,
            "decision": {"levels": {}, "actions": ["lado_within_1_working_day"]},
        }
    )
    assert case["duties"] == [
        {"body": "police", "rows": [], "due": opened, "decided": decided},
        {"body": "lado", "rows": [], "due": due},
    ]
    assert not {"legal", "police"} & set(case)
    event = {"kind": "police_decided", "facts": {"contacted": "yes"}}
    now = {"kind": "duty_recorded", "facts": {"body": "police", "contacted": "yes"}}
    assert UPGRADES["Event", 4](event) == now
    assert UPGRADES["Event", 4]({"kind": "noted"}) == {"kind": "noted"}
