"""Every row and every variant applies where it should, and one other answer leaves it out."""

from __future__ import annotations

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.commands.decide import run
from flows.policy.engine import default_policy
from flows.policy.table import LeadRule, Nobody, Rule, Variant
from flows.questions.table import KEYS

CASES: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("rows.toml").read_text("utf-8"))
TABLE = default_policy().table
ROWS: dict[str, Rule | Variant | LeadRule | Nobody] = {
    **{row.id: row for row in TABLE.row},
    **{variant.id: variant for row in TABLE.row for variant in row.variant},
    **{row.id: row for row in TABLE.lead},
    TABLE.nobody.id: TABLE.nobody,
}


def reasons(answers: dict[str, Any], folder: Path) -> dict[str, list[str]]:
    """Put answers to the machine interface; return what each row that applied asked for."""
    (folder / "answers.json").write_text(json.dumps(answers), "utf-8")
    out = io.StringIO()
    assert run(str(folder / "answers.json"), out, io.StringIO()) == 0
    return {reason["row"]: reason["asks"] for reason in json.loads(out.getvalue())["reasons"]}


def applies(name: str, found: dict[str, list[str]]) -> bool:
    """Return whether a row is among the reasons; a variant shows in what its row asks for."""
    row = ROWS[name]
    if not isinstance(row, Variant) or isinstance(row, Rule):
        return name in found
    asks = [*row.tell, *(f"action:{action}" for action in row.actions)]
    asks += [f"{part}:{getattr(row, part)}" for part in ("police", "legal", "urgency") if getattr(row, part)]
    assert asks
    return set(asks) <= set(found.get(name.partition(".")[0], ()))


def test_every_row_has_its_cases() -> None:
    """No row and no variant of the table is without answers that fire it, and none is made up."""
    assert {name.partition(" ")[0] for name in CASES} == set(ROWS)


@pytest.mark.parametrize("name", CASES)
def test_a_row_applies_and_just_does_not(name: str, tmp_path: Path) -> None:
    """The row applies with its answers, and no longer with one of them changed."""
    fires, near = CASES[name]["fires"], CASES[name]["near"]
    ((key, value),) = near.items()
    default = KEYS[key].default if key in KEYS else False
    before = fires.get(key, list(default) if isinstance(default, tuple) else default)
    assert value != before
    row = name.partition(" ")[0]
    assert applies(row, reasons(fires, tmp_path))
    assert not applies(row, reasons(fires | near, tmp_path))
