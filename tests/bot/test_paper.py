"""A key on paper is typed back as it was, and a slip is found in its line."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.__main__ import main
from bot.commands.look_at_store import look
from bot.config.settings import Secret, Settings
from bot.documents import paper
from bot.findings import State
from flows.errors import InvalidAnswer
from storage.embedded.backup import back_up
from storage.keys import Outside
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s

KEY = bytes(range(32))
LINES = paper.lines_of(KEY)


@given(st.binary(min_size=32, max_size=32))
def test_what_is_printed_is_typed_back(key: bytes) -> None:
    """Whatever the key; in capitals or not, with or without blanks, dashes and the numbers of lines."""
    lines = paper.lines_of(key)
    assert paper.key_of_lines(lines) == key
    assert paper.key_of_lines([line.lower().replace("  ", "-") for line in lines]) == key
    assert paper.key_of_lines([line.replace(" ", "") for line in lines]) == key
    assert paper.key_of_lines([f"{at}.  {line}" for at, line in enumerate(lines, 1)]) == key
    meant = [line.replace("1", "l").replace("0", "O").replace("V", "u") for line in lines]
    assert paper.key_of_lines([*meant, "", " "]) == key


@pytest.mark.parametrize("line", range(4))
def test_a_letter_that_is_another_is_found_in_its_line(line: int) -> None:
    """Any of them, anywhere; and two that stand in each other's place."""
    letters = LINES[line].replace(" ", "")
    slips = {
        letters[:at] + other + letters[at + 1 :]
        for at in range(16)
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    }
    slips |= {letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :] for at in range(15)}
    for slip in slips - {letters}:
        with pytest.raises(InvalidAnswer, match=f"Line {line + 1} "):
            paper.key_of_lines([*LINES[:line], slip, *LINES[line + 1 :]])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (LINES[:3], "3 lines"),
        ([*LINES, LINES[0]], "5 lines"),
        ([LINES[1], LINES[0], *LINES[2:]], "looks like line 2"),
        ([LINES[0][:-1], *LINES[1:]], "groups of 4"),
        (["ÄÖÜ" * 6, *LINES[1:]], "groups of 4"),
    ],
    ids=["too few", "too many", "another line", "cut", "no letters"],
)
def test_what_is_no_sheet_says_what_is_wrong(typed: list[str], said: str) -> None:
    """And no letter of the key."""
    with pytest.raises(InvalidAnswer, match=said) as told:
        paper.key_of_lines(typed)
    assert not any(group in str(told.value) for line in LINES for group in line.split())


@pytest.mark.feature("recovery-sheet")
def test_the_sheet_is_printed_and_typed_on_another_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text and as a page; it says what happens without it, and which key it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(KEY).decode())
    assert main(["key", "export"]) == 0
    sheet = capsys.readouterr().out
    assert main(["key", "export", "--page", "sheet.html"]) == 0
    assert "delete it" in capsys.readouterr().out
    page = (tmp_path / "sheet.html").read_text("utf-8")
    assert (tmp_path / "sheet.html").stat().st_mode & 0o077 == 0
    for said in (*LINES, Outside(KEY).id, "can ever be read again", "key import", "reports.db"):
        assert said in sheet
        assert said in page
    assert max(map(len, sheet.splitlines())) <= 80
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(LINES) + "\n"))
    assert main(["key", "import", "typed.key"]) == 0
    assert Outside(KEY).id in capsys.readouterr().out
    assert base64.b64decode((tmp_path / "typed.key").read_bytes()) == KEY
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([LINES[0], LINES[0], *LINES[2:]]) + "\n"))
    assert main(["key", "import", "other.key"]) == 2
    assert "Line 2 does not fit" in capsys.readouterr().err
    assert not (tmp_path / "other.key").exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(LINES) + "\n"))
    assert main(["key", "import", "typed.key"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_no_sheet_is_made_of_a_key_that_the_store_opens_with_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another has followed it, or it never was: nobody puts that into a safe."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(KEY).decode())
    asyncio.run(asyncio.run(open_store("tinydb:var/reports.db", key=KEY, opening=Opening.NEW)).close())
    assert main(["key", "export"]) == 0
    assert main(["key", "new", "next.key"]) == 0
    assert main(["key", "rotate", "next.key"]) == 0
    assert "keys inside" in capsys.readouterr().out
    address = "tinydb:var/reports.db"
    for key, states in ((KEY, [State.LEFT, State.PROVED, State.LEFT]), (None, [State.PROVED, State.LEFT])):
        new = base64.b64decode((tmp_path / "next.key").read_bytes())
        found = asyncio.run(look(Settings(store=address, sealing_key=Secret(key or new)), {}))
        assert [one.state for one in found] == states, (
            "check says whose key it is, and that there is no backup"
        )
    assert main(["key", "export"]) == 2
    assert "another key has followed" in capsys.readouterr().err
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(bytes(32)).decode())
    assert main(["key", "export"]) == 1
    assert LINES[0] not in capsys.readouterr().out
    monkeypatch.setenv("REPORT_KEY", (tmp_path / "next.key").read_text().strip())
    assert main(["key", "export"]) == 0


@pytest.mark.feature("recovery-sheet")
def test_from_a_sheet_and_a_backup_alone_all_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The machine is lost, and with it store and key: what is restored has the audit that was backed up."""
    lost, fresh, day = tmp_path / "lost", tmp_path / "fresh", s.NOW.date()
    for folder in (lost, fresh, tmp_path / "keys"):
        folder.mkdir()

    async def lives() -> tuple[str, str]:
        store = await open_store(f"tinydb:{lost}/reports.db", key=KEY, opening=Opening.NEW)
        sha256 = await store.put_file(s.HILL, b"picture")
        await store.commit(s.opening(1, files=(s.file("f1", sha256),)))
        await store.commit(s.opening(2))
        assert await asyncio.to_thread(back_up, lost / "reports.db", Sealer(KEY), tmp_path / "backup")
        head = await store.audit_head(s.HILL, day)
        await store.close()
        return sha256, head

    sha256, head = asyncio.run(lives())
    monkeypatch.setenv("REPORT_STORE", f"tinydb:{lost}/reports.db")
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(KEY).decode())
    assert main(["key", "export"]) == 0
    lines = re.findall(r"^ +\d\.  (.+)$", capsys.readouterr().out, re.MULTILINE)
    shutil.rmtree(lost)
    monkeypatch.delenv("REPORT_KEY")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines).lower() + "\n"))
    assert main(["key", "import", str(tmp_path / "keys" / "typed.key")]) == 0
    monkeypatch.setenv("REPORT_STORE", f"tinydb:{fresh}/reports.db")
    monkeypatch.setenv("REPORT_KEY_FILE", str(tmp_path / "keys" / "typed.key"))
    assert main(["restore", str(tmp_path / "backup")]) == 0

    async def is_there() -> None:
        store = await open_store(f"tinydb:{fresh}/reports.db", key=KEY)
        assert await store.audit_head(s.HILL, day) == head
        assert (await store.audit_proof(s.HILL, day)).faults == ()
        assert await store.file(s.HILL, sha256) == b"picture"
        await store.close()

    asyncio.run(is_there())
