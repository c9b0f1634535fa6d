"""A database as the store: how it is found, what a hosting service is told, and the move into it."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.config import stores
from bot.config.load import for_serving, for_trying_out, read_settings
from flows.errors import SettingsError
from storage.open import Opening, open_store
from tests.database import Server

KEY = base64.b64encode(bytes(range(32))).decode()
URL = "postgresql://bot:very-secret-word@db.example:5432/reports"


@pytest.mark.feature("database-url")
@pytest.mark.parametrize("name", ["REPORT_STORE", "DATABASE_URL"])
@pytest.mark.parametrize("kind", ["postgresql", "postgres"])
def test_a_database_is_found(name: str, kind: str) -> None:
    """Under our own name for it, or the one that hosting services use; its password is shown nowhere."""
    url = URL.replace("postgresql", kind)
    found = read_settings({name: url, "REPORT_KEY": KEY})
    assert found.store == url
    assert "very-secret-word" not in f"{found!r} {found}"
    assert for_serving(found).store == url
    assert list(stores.parts_wrongs(found)) == []


def test_ours_wins() -> None:
    """Both are set: ours counts."""
    assert (
        read_settings({"REPORT_STORE": "tinydb:/srv/a.db", "DATABASE_URL": URL}).store == "tinydb:/srv/a.db"
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "mysql://bot:very-secret-word@db.example/reports"),
        ("DATABASE_URL", "postgres://bot:very-secret-word@db.example"),
        ("REPORT_STORE", "postgresql:reports"),
        ("REPORT_STORE", "postgresql://[::1/very-secret-word"),
    ],
)
def test_what_names_no_database(name: str, url: str) -> None:
    """It is told by the setting's name, and never what stands in it."""
    with pytest.raises(SettingsError, match=name) as told:
        read_settings({name: url})
    assert "very-secret-word" not in str(told.value)


@pytest.mark.feature("lasting-disk")
@pytest.mark.parametrize(
    ("environment", "refused"),
    [
        ({"DYNO": "web.1", "PORT": "5000"}, True),
        ({"RENDER": "true"}, True),
        ({"RAILWAY_ENVIRONMENT_NAME": "production"}, True),
        ({"K_SERVICE": "reports"}, True),
        ({"DYNO": "web.1", "DATABASE_URL": URL}, True),
        ({"DYNO": "web.1", "REPORT_DISK_LASTS": "yes"}, False),
        ({"PORT": "5000"}, False),
        ({}, False),
    ],
)
def test_a_disk_that_does_not_last_is_refused(environment: dict[str, str], refused: bool) -> None:  # noqa: FBT001 - a column
    """On a hosting service a file is gone with the next start: that is said before the first report."""
    found = read_settings({**environment, "REPORT_STORE": "tinydb:/srv/reports.db", "REPORT_KEY": KEY})
    if not refused:
        assert for_serving(found)
        return
    with pytest.raises(SettingsError, match="empty disk at each start"):
        for_serving(found)


def test_the_front_door_of_a_hosting_service(tmp_path: Path) -> None:
    """It comes to any of our addresses, on its port; a named address wins, and a try-out stays at home."""
    hosted = {"DATABASE_URL": URL, "PORT": "5123", "REPORT_KEY": KEY, "DYNO": "web.1"}
    found = for_serving(read_settings(hosted))
    assert (found.host, found.port) == ("0.0.0.0", 5123)  # noqa: S104 - that is what is tested
    assert for_serving(read_settings({**hosted, "REPORT_HOST": "127.0.0.1"})).host == "127.0.0.1"
    tried = for_trying_out(read_settings({"DATABASE_URL": URL}), tmp_path)
    assert (tried.host, tried.store) == ("127.0.0.1", f"tinydb:{tmp_path / 'reports.db'}")


@pytest.mark.parametrize("command", ["web", "worker"])
def test_processes_of_their_own_need_a_database(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is one process's: that is told, with what to use."""
    monkeypatch.setenv("REPORT_STORE", "tinydb:/srv/reports.db")
    monkeypatch.setenv("REPORT_KEY", KEY)
    assert main([command]) == 2
    assert "Use: serve" in capsys.readouterr().err


@pytest.mark.feature("move-proved")
def test_moving_into_a_database(
    running: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From the command line, the address taken from a setting; the proof is printed, the password is not."""
    running.run("create database fresh owner owner")
    address, source = running.address("fresh", "owner"), f"tinydb:{tmp_path}/a.db"
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("REPORT_KEY", KEY)
    assert main(["migrate"]) == 0
    assert "0001_rows.sql" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "Up to date.\n"

    async def some() -> None:
        store = await open_store(source, key=bytes(range(32)), opening=Opening.NEW)
        await store.put_record("slack", "install/T1", b"token")  # type: ignore[arg-type]
        await store.close()

    asyncio.run(some())
    assert main(["move", source, "DATABASE_URL"]) == 0
    said = capsys.readouterr().out
    assert "Moved 2 rows and 0 files" in said
    assert "the same sum" in said
    assert address not in said
    assert main(["move", source, "DATABASE_URL"]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["move", source, "REPORT_STORE"]) == 2


def test_migrating_what_has_no_tables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file needs no release step; saying it does no harm."""
    monkeypatch.setenv("REPORT_STORE", "tinydb:/srv/reports.db")
    assert main(["migrate"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
