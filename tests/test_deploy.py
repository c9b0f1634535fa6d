"""What starts the program elsewhere names commands, settings, files and pages that are there."""

from __future__ import annotations

import re

import pytest
import typer.main

from bot.__main__ import app
from bot.config import load
from tests.source import ROOT

DEPLOY = sorted(path for path in (ROOT / "deploy").iterdir() if path.is_file())
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("path", DEPLOY, ids=[path.name for path in DEPLOY])
def test_commands_and_settings_are_real(path: object) -> None:
    """Every command that is started, and every setting that is set, is one of ours."""
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    started = re.findall(r"(?:bin/report-posting|: report-posting) ([a-z]+)", text)
    started += re.findall(r'ENTRYPOINT \["python", "-m", "bot"\]\nCMD \["([a-z]+)"\]', text)
    assert started
    assert set(started) <= COMMANDS
    settings = set(re.findall(r"\bREPORT_[A-Z_]+", text))
    assert settings >= {"REPORT_STORE", "REPORT_SCHOOL", "REPORT_KEY_FILE"}
    assert [name for name in settings if f"`{name}`" not in SETTINGS] == []


def test_the_unit_keeps_memory_off_the_disk() -> None:
    """No core dump, no swap; nothing but the store is written, and the key lies elsewhere."""
    text = (ROOT / "deploy" / "report-posting.service").read_text("utf-8")
    for line in ("LimitCORE=0", "MemorySwapMax=0", "ProtectSystem=strict", "ReadWritePaths=/srv/reports"):
        assert f"\n{line}\n" in text, line
    assert "\nEnvironment=REPORT_KEY_FILE=/etc/report-posting/sealing.key\n" in text


def test_the_container_copies_what_is_there_and_all_of_it() -> None:
    """Each file it copies exists, and every room of the program is among them; it does not run as root."""
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    copied = [name for line in re.findall(r"^COPY (.*)", text, re.MULTILINE) for name in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {"adapters", "bot", "flows", "storage"} <= set(copied)
    assert "--require-hashes -r requirements/run.txt" in text
    assert "\nUSER reports\n" in text
    assert "/healthz" in text
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in sent if line.startswith("!")} == set(copied)
    assert "*" in sent


def test_operations_name_real_commands_and_errors() -> None:
    """Each command of the page is one of ours, and each reference of an error is explained."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert set(re.findall(r"report-posting ([a-z]+)", page)) <= COMMANDS
    errors = (ROOT / "docs" / "errors.md").read_text("utf-8")
    named = re.findall(r"`((?:no-store|store|disk|wrong)[a-z-]*)`", page)
    assert len(named) > 6
    assert [name for name in named if f"`{name}`" not in errors] == []
    assert page.count("\n| 10 |") == 1
    assert load.Settings().store == "memory:", "without a place nothing lasts, as the page warns"


@pytest.mark.parametrize("name", ["dpia.md", "records-of-processing.md", "privacy-notice.md"])
def test_the_papers_say_what_is_the_schools_to_fill_in(name: str) -> None:
    """Each is a start: what only the school knows is marked, and no other sign says so."""
    page = (ROOT / "docs" / name).read_text("utf-8")
    assert page.count("**▶ school**") > 4
    assert not re.search(r"TODO|TBD|\?\?\?|lorem", page, re.IGNORECASE)
