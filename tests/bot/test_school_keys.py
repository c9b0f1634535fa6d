"""No key of a school's file is there for nothing: what is written arrives, and somebody reads it."""

from __future__ import annotations

import ast
from importlib.resources import files

import pytest
from msgspec import Struct, structs

from bot.school_file.load import read_school
from bot.school_file.parse import school_from
from bot.school_file.toml_table import Source, dotted
from flows.school import Contact, Deadlines, DigestTime, Limits, Person, Platform, School, Staff, WorkingTime
from tests.source import ROOT

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
ENTRA = '"00000000-0000-0000-0000-000000000001"'
CHANNEL = '"19:abc@thread.tacv2"'
#: a value for each key, by its table; where a table is the school's own, its name is left out
VALUES: dict[str, dict[str, str]] = {
    "school": {
        "name": '"Another School"',
        "prefix": '"OTH"',
        "kind": '"academy"',
        "timezone": '"Europe/Belfast"',
        "complaints_procedure": '"https://other.example/c"',
        "policy_link": '"https://other.example/p"',
        "administrator": '["jo"]',
    },
    "people.jo": {
        "name": '"Jo Other"',
        "slack": '"U01ABCDEF"',
        "teams": ENTRA,
        "web": '"jo2"',
        "email": '"jo@other.example"',
        "phone": '"01632 960099"',
    },
    "seats": {
        "headteacher": '["bryn"]',
        "deputy_headteacher": "[]",
        "dsl": '["dee"]',
        "deputy_dsl": "[]",
        "chair_of_governors": '["fern"]',
        "vice_chair": "[]",
        "substitute_governor": "[]",
        "trust_safeguarding_lead": '["gale"]',
        "on_call": "[]",
        "away": '[{ person = "ash", from = 2026-11-02, to = 2026-11-03 }]',
    },
    "retention": {"case": '"6 years after closing"', "no_clause": '"1 school year"', "draft": '"14 days"'},
    "staff": {
        "people": '["jo"]',
        "email_domains": '["school.example"]',
        "slack_channel": '"C01ABCDEF"',
        "slack_user_group": '"S01ABCDEF"',
        "teams_team": CHANNEL,
    },
    "places": {
        "leadership": '{ slack = "C01ABCDEF" }',
        "restricted": '{ dsl = { slack = "C01ABCDEF" } }',
        "workspace": '{ slack = "T01ABCDEF" }',
    },
    "safeguarding": {
        "lado": '{ phone = "01632 960099" }',
        "childrens_services": '{ phone = "01632 960099" }',
        "fallback_contact": '{ phone = "01632 960099" }',
        "police_non_emergency": '"01632 960099"',
        "posh_helpline": '"01632 960099"',
    },
    "legal": {
        "name": '"Others"',
        "email": '"l@other.example"',
        "phone": '"01632 960099"',
        "form": '"https://other.example/f"',
        "out_of_hours": '"01632 960099"',
    },
    "calendar": {
        "working_hours": '["07:30", "17:30"]',
        "terms": "[]",
        "inset_days": "[2026-11-05]",
        "bank_holidays": '"scotland"',
    },
    "deadlines": {
        "same_day_cutoff": '"14:00"',
        "same_day_late": '"11:00"',
        "acknowledge": '{ emergency = "11m", urgent = "21m" }',
    },
    "digest": {"weekday": '"friday"', "time": '"09:00"', "email": '["ash"]'},
    "limits": {"reports_per_person_per_day": "7", "evidence_mb": "3"},
    "letters": {
        letter: f'"{letter}.txt"'
        for letter in (
            "invitation",
            "meeting",
            "chair",
            "take_down",
            "holding",
            "thanks",
            "families",
            "briefing",
            "class",
            "record",
            "booklet",
            "newsletter",
            "website",
        )
    },
    "policy": {
        "file": '"ours.toml"',
        "form": '"talk_first"',
        "from": '2027-01-05\nbefore = "talk_first"',  # neither stands alone
        "before": '"older.toml"\nfrom = 2027-01-05',
    },
}
#: tables whose keys other tables have too, under names of the school's own
ALIKE = (
    "people",
    "support.",
    "safeguarding.",
    "places.",
    "seats.away",
    "calendar.terms",
    "deadlines.acknowledge",
)


def with_key(table: str, key: str, value: str) -> str:
    """Return the sample with one key given another value."""
    source = Source("school.toml", SAMPLE)
    lines = SAMPLE.split("\n")
    path = (*table.split("."), key)
    if path in source.lines:
        first = source.lines[path]
        end = first
        while end < len(lines) and lines[end][:1] in (" ", "]"):  # a list over several lines
            end += 1
        lines[first - 1 : end] = [f"{key} = {value}"]
    elif path[:-1] not in source.lines:
        lines += [f"[{table}]", f"{key} = {value}"]
    else:
        lines.insert(source.lines[tuple(table.split("."))], f"{key} = {value}")
    return "\n".join(lines)


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, keys in VALUES.items() for key in keys])
@pytest.mark.unwatched
def test_what_is_written_arrives(table: str, key: str) -> None:
    """Another value makes another school."""
    source = Source("school.toml", with_key(table, key, VALUES[table][key]))
    assert source.errors == []
    assert school_from(source) != read_school(SAMPLE).school
    assert source.errors == []


def test_no_key_is_left_out() -> None:
    """Every key that the file may hold is tried above."""
    source = Source("school.toml", SAMPLE)
    school_from(source)
    known = {f"{home}.{key}" for key, homes in source._homes.items() for home in homes}  # noqa: SLF001 - what was asked for
    tried = {f"{table}.{key}" for table, keys in VALUES.items() for key in keys}
    ours = {name for name in known if "." in name.strip(".") and not name.startswith((*ALIKE, "."))}
    assert ours - tried == set()
    assert {"staff.email_domains", "calendar.inset_days", "seats.away"} <= tried
    assert dotted(("staff", "people")) in ours


@pytest.mark.unwatched
def test_what_arrives_is_read() -> None:
    """Each fact of a school is looked at by something other than the reading of the file itself."""
    shapes: tuple[type[Struct], ...] = (
        School, Person, Staff, Contact, WorkingTime, Deadlines, DigestTime, Limits,
    )  # fmt: skip
    facts = {field.name for shape in shapes for field in structs.fields(shape)}
    seen = {
        node.attr
        for folder in ("adapters", "bot", "flows")
        for path in (ROOT / folder).rglob("*.py")
        if "school_file" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    assert facts - seen == set()
    assert Platform.SLACK
