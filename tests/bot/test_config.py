"""Settings: what is read, what is refused, and that a secret never shows itself."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest

from bot.commands import check
from bot.commands.key import new
from bot.config.environment import is_open_to_others
from bot.config.load import SAMPLE_SCHOOL, SETTINGS, Settings, for_serving, for_trying_out, read_settings
from bot.config.written import no_path
from bot.school_file.load import load_schools
from flows.errors import InvalidAnswer, SettingsError

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
PYTHON = shlex.quote(sys.executable)
ENTRA, TENANT = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
TOKEN = "xoxb-0000-very-secret"
SLACK = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef"}

MISTAKES = {
    "unknown": ({"REPORT_SCOOL": "a"}, ["REPORT_SCOOL", "Did you mean REPORT_SCHOOL?"]),
    "unlike anything": ({"REPORT_Q": "a"}, ["REPORT_Q", "docs/settings.md"]),
    "port": ({"REPORT_PORT": "http"}, ["REPORT_PORT", "from 1 to 65535"]),
    "port out of range": ({"PORT": "65536"}, ["PORT", "from 1 to 65535"]),
    "flag": ({"REPORT_DIGEST": "maybe"}, ["REPORT_DIGEST", "yes or no"]),
    "level": ({"REPORT_LOG_LEVEL": "loud"}, ["REPORT_LOG_LEVEL", "debug, info, warning, error"]),
    "short key": ({"REPORT_KEY": "c2hvcnQ="}, ["REPORT_KEY", "no sealing key"]),
    "no key": ({"REPORT_KEY": "very-secret!"}, ["REPORT_KEY", "no sealing key"]),
    "absent key file": ({"REPORT_KEY_FILE": "/nowhere/key"}, ["REPORT_KEY_FILE", "no such file"]),
    "key file and command": ({"REPORT_KEY_FILE": "/a", "REPORT_KEY_COMMAND": "b"}, ["Set one of the two"]),
    "no command": ({"REPORT_KEY_COMMAND": "/nowhere/at-all"}, ["REPORT_KEY_COMMAND", "no such command"]),
    "command fails": ({"REPORT_KEY_COMMAND": f"{PYTHON} -c 1/0"}, ["REPORT_KEY_COMMAND", "it failed"]),
    "command is no command": ({"REPORT_KEY_COMMAND": "'"}, ["REPORT_KEY_COMMAND", "it failed"]),
    "command says else": ({"REPORT_KEY_COMMAND": f"{PYTHON} -V"}, ["REPORT_KEY_COMMAND", "no sealing key"]),
    "two keys": ({"REPORT_KEY": KEY, "REPORT_KEY_FILE": "/a"}, ["Set one of the two"]),
    "open try-out": ({"REPORT_TRY_OUT": "yes", "REPORT_HOST": "0.0.0.0"}, ["REPORT_HOST", "REPORT_PASSWORD"]),  # noqa: S104 - it is refused
    "open, no password": (
        {"REPORT_TRY_OUT": "yes", "REPORT_HOST": "192.0.2.1", "REPORT_OPEN": "yes"},
        ["REPORT_HOST", "REPORT_PASSWORD"],
    ),
    "Slack without trust": ({"SLACK_BOT_TOKEN": TOKEN}, ["SLACK_SIGNING_SECRET"]),
    "Slack without a bot": (
        {"SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef"},
        ["SLACK_BOT_TOKEN"],
    ),
    "Slack tokens exchanged": (
        {"SLACK_BOT_TOKEN": "xapp-very-secret", "SLACK_APP_TOKEN": TOKEN},
        ["SLACK_BOT_TOKEN, SLACK_APP_TOKEN: these are other tokens", "xoxb-", "xapp-"],
    ),
    "half a Slack client": ({**SLACK, "SLACK_CLIENT_ID": "1"}, ["SLACK_CLIENT_SECRET"]),
    "half of Teams": ({"TEAMS_APP_ID": "1"}, ["TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    """Each mistake names its variable and its mend, and nothing of what was in it."""
    environment, words = MISTAKES[name]
    with pytest.raises(SettingsError) as told:
        read_settings(environment)
    assert [word for word in words if word not in str(told.value)] == []
    assert "0123456789abcdef0123456789abcdef" not in str(told.value)


def test_all_mistakes_at_once() -> None:
    """Three mistakes are told in one go."""
    with pytest.raises(SettingsError) as told:
        read_settings({"REPORT_PORT": "x", "REPORT_DIGEST": "x", "REPORT_NOTHING": "x"})
    assert str(told.value).startswith("3 settings are wrong:")


def test_nothing_set() -> None:
    """An empty environment gives the defaults; other programs' variables are none of ours."""
    assert Settings() == read_settings({"PATH": "/bin", "REPORTER": "a", "REPORT_STORE": " "})


def test_everything_set(tmp_path: Path) -> None:
    """Every setting arrives."""
    (tmp_path / "key").write_text(KEY + "\n", "ascii")
    found = read_settings(
        {
            "REPORT_STORE": "tinydb:/srv/reports.db",
            "REPORT_KEY_FILE": str(tmp_path / "key"),
            "REPORT_SCHOOL": "/etc/schools",
            "REPORT_HOST": "::1",
            "PORT": "5000",
            "REPORT_TRY_OUT": "yes",
            "REPORT_OPEN": "no",
            "REPORT_PASSWORD": "0123456789abcdef0123456789abcdef",
            "REPORT_DIGEST": "no",
            "REPORT_LOG_LEVEL": "WARNING",
            **SLACK,
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_CLIENT_ID": "2",
            "SLACK_CLIENT_SECRET": "3",
            "SLACK_API_URL": "http://127.0.0.1:1/api/",
            "TEAMS_APP_ID": ENTRA,
            "TEAMS_APP_PASSWORD": "5",
            "TEAMS_TENANT_ID": TENANT,
            "TEAMS_DEV": "no",
        }
    )
    assert found.sealing_key is not None
    assert bytes(range(32)) == found.sealing_key.reveal()
    assert (found.store, found.host, found.port) == ("tinydb:/srv/reports.db", "::1", 5000)
    assert (
        found.try_out,
        found.open_to_others,
        found.digest,
        found.log_level,
    ) == (True, False, False, "warning")
    assert found.slack
    assert found.slack.bot_token
    assert (found.slack.bot_token.reveal(), found.slack.api_url) == (TOKEN, "http://127.0.0.1:1/api/")
    assert found.teams
    assert (found.teams.app_id, found.teams.tenant_id, found.teams.dev) == (ENTRA, TENANT, False)


@pytest.mark.parametrize("quotes", ['"{}"', "'{}'", "“{}”", ' " {} " '])
def test_quotes_round_a_value_are_none_of_it(quotes: str) -> None:
    """Windows' ``set NAME="…"`` and a file of settings leave the quotes in place: they belong to no value."""
    found = read_settings({"REPORT_STORE": quotes.format("tinydb:/srv/reports.db"), "PORT": quotes.format(5)})
    assert (found.store, found.port) == ("tinydb:/srv/reports.db", 5)


@pytest.mark.parametrize(
    ("path", "system", "wrong"),
    [
        ("/srv/reports.db", "posix", False),
        ("reports.db", "posix", False),
        ("/srv/a~b/reports.db", "posix", False),
        ("~/reports.db", "posix", True),
        ("${HOME}/reports.db", "posix", True),
        ("/srv/\nreports.db", "posix", True),
        ("/srv/reports\0.db", "posix", True),
        ("/" + "x" * 5_000, "posix", True),
        (r"C:\reports\reports.db", "posix", True),
        (r"C:\reports\reports.db", "nt", False),
        ("C:/reports/reports.db", "nt", False),
        ("C:reports.db", "nt", True),  # in whatever folder somebody was last on that disk
        (r"%USERPROFILE%\reports.db", "nt", True),
        (r"\\server\share$\reports.db", "nt", False),
    ],
)
def test_what_is_no_path(path: str, system: str, wrong: bool) -> None:  # noqa: FBT001 - a table's column
    """What only a shell understands, what another system writes, and what no computer takes is said."""
    assert bool(no_path(path, system)) is wrong


@pytest.mark.parametrize("host", ["::1", "[::1]", "0.0.0.0", "localhost", "bot.school.example"])  # noqa: S104 - read only
def test_addresses_to_listen_on(host: str) -> None:
    """An address or a name is one."""
    assert read_settings({"REPORT_HOST": host}).host == host


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1", "127.0.0.1:80", "not a host", "::1:::", "-x", "x" * 300]
)
def test_what_is_no_address_to_listen_on(host: str) -> None:
    """What is none is refused before anything listens."""
    with pytest.raises(SettingsError, match="REPORT_HOST"):
        read_settings({"REPORT_HOST": host})


def test_report_port_wins() -> None:
    """REPORT_PORT is ours, PORT the hosting service's: ours wins."""
    assert read_settings({"REPORT_PORT": "1", "PORT": "2"}).port == 1


def test_teams_on_this_computer() -> None:
    """For trying Teams out on this computer no credentials are needed."""
    teams = read_settings({"TEAMS_DEV": "yes"}).teams
    assert teams
    assert teams.dev


@pytest.mark.parametrize(
    ("around", "said"),
    [
        ({"REPORT_HOST": "192.0.2.7"}, "lets other computers in"),
        ({"TEAMS_APP_ID": ENTRA}, "this one is missing"),
    ],
)
def test_teams_on_this_computer_is_on_this_computer(around: dict[str, str], said: str) -> None:
    """Where others get in, or credentials are begun, it is refused as every setting is: not once it runs."""
    with pytest.raises(SettingsError, match=said):
        read_settings({"TEAMS_DEV": "yes", **around})


def test_secrets_show_stars() -> None:
    """The settings as text show no secret."""
    found = read_settings({**SLACK, "REPORT_KEY": KEY, "REPORT_PASSWORD": "0123456789abcdef0123456789abcdef"})
    shown = f"{found!r} {found} {found.slack!r} {found.password}"
    assert "***" in shown
    assert not re.search(r"secret-|very|xoxb|AAECAw", shown)


def test_serving_needs_a_store_and_a_key() -> None:
    """Real reports are not taken in without a durable store and a sealing key."""
    with pytest.raises(SettingsError) as told:
        for_serving(Settings())
    assert "REPORT_STORE" in str(told.value)
    assert "REPORT_KEY_FILE" in str(told.value)


@pytest.mark.parametrize(("folder", "refused"), [("store", True), ("store/keys", True), ("keys", False)])
def test_the_key_never_lies_with_the_store(tmp_path: Path, folder: str, refused: bool) -> None:  # noqa: FBT001 - a column
    """A key in the folder of what it seals, or in one below it, goes wherever a copy of the store goes."""
    (tmp_path / "store").mkdir()
    (tmp_path / folder).mkdir(exist_ok=True)
    key = tmp_path / folder / "sealing.key"
    new(key)
    found = read_settings(
        {"REPORT_STORE": f"tinydb:{tmp_path}/store/reports.db", "REPORT_KEY_FILE": str(key)}
    )
    if not refused:
        assert found == for_serving(found)
        return
    with pytest.raises(SettingsError) as told:
        for_serving(found)
    assert "with the store" in str(told.value)


@pytest.mark.feature("key-sources")
def test_the_key_comes_from_a_command_or_from_systemd(tmp_path: Path) -> None:
    """A command unwraps what a KMS has wrapped; systemd hands us a file. What is named itself comes first."""
    wrapped = tmp_path / "wrapped"
    wrapped.write_text(KEY[::-1])
    kms = tmp_path / "kms.py"
    kms.write_text(f"print(open({str(wrapped)!r}).read()[::-1])")
    handed = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    command = {"REPORT_KEY_COMMAND": f"{PYTHON} {shlex.quote(str(kms))}"}
    assert read_settings(handed).sealing_key is None
    new(tmp_path / "sealing.key")
    for environment, is_ours in ((command, True), ({**handed, **command}, True), (handed, False)):
        found = read_settings(environment)
        assert found.sealing_key is not None
        assert (found.sealing_key.reveal() == bytes(range(32))) == is_ours
        assert found.key_file == (None if is_ours else tmp_path / "sealing.key")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever has an account on the computer must not be able to open every report."""
    key = tmp_path / "sealing.key"
    new(key)
    key.chmod(0o644)
    found = read_settings(
        {"REPORT_STORE": f"tinydb:{tmp_path}/store/reports.db", "REPORT_KEY_FILE": str(key)}
    )
    with pytest.raises(SettingsError) as told:
        for_serving(found)
    assert f"chmod 600 {key}" in str(told.value)


@pytest.mark.parametrize(
    ("mode", "system", "open_to_others"),
    [
        (0o100600, "posix", False),
        (0o100644, "posix", True),
        (0o100640, "posix", True),
        (0o100666, "nt", False),
    ],
)
def test_whose_file_modes_count(mode: int, system: str, open_to_others: bool) -> None:  # noqa: FBT001 - a column
    """Windows keeps rights elsewhere than in the mode."""
    assert is_open_to_others(mode, system) is open_to_others


def test_no_key_is_written_over_another(tmp_path: Path) -> None:
    """A new key in place of the old one would make every report unreadable."""
    key = tmp_path / "sealing.key"
    assert "REPORT_KEY_FILE" in new(key)
    before = key.read_bytes()
    with pytest.raises(InvalidAnswer):
        new(key)
    assert key.read_bytes() == before
    with pytest.raises(InvalidAnswer):
        new(tmp_path / "no such folder" / "sealing.key")


def test_an_empty_key_file_is_no_first_start(tmp_path: Path) -> None:
    """An emptied key file is told as a key that is lost, not as one that was never made."""
    key = tmp_path / "sealing.key"
    key.write_text("", "ascii")
    with pytest.raises(SettingsError) as told:
        read_settings({"REPORT_KEY_FILE": str(key)})
    assert "put their key back" in str(told.value)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_the_try_out_never_stands_before_real_reports(tmp_path: Path, command: str) -> None:
    """With the try-out left on, nothing is served, and check says so by name."""
    (tmp_path / "sealing.key").write_text(KEY, "ascii")
    environment = {
        "REPORT_STORE": f"tinydb:{tmp_path}/kept/reports.db",
        "REPORT_KEY_FILE": str(tmp_path / "sealing.key"),
        "REPORT_SCHOOL": str(SAMPLE_SCHOOL),
        "REPORT_TRY_OUT": "yes",
    }
    if command == "check":
        out = io.StringIO()
        assert asyncio.run(check.run(None, out=out, environment=environment)) == 2
        assert "!! REPORT_TRY_OUT" in out.getvalue()
        return
    with pytest.raises(SettingsError) as told:
        for_serving(read_settings(environment))
    assert "REPORT_TRY_OUT" in str(told.value)


def test_the_try_out_never_opens_a_store_of_real_reports(tmp_path: Path) -> None:
    """A store that is there and is no try-out's is refused by name; nothing is made beside it."""
    store = tmp_path / "reports.db"
    store.write_bytes(b"real")
    settings = read_settings({"REPORT_STORE": f"tinydb:{store}", "REPORT_KEY": KEY})
    with pytest.raises(SettingsError) as told:
        for_trying_out(settings, tmp_path / "var")
    assert "REPORT_STORE" in str(told.value)
    assert list(tmp_path.iterdir()) == [store]
    store.unlink()
    assert for_trying_out(settings, tmp_path / "var").store == f"tinydb:{store}"


def test_real_reports_never_go_into_a_try_outs_store(tmp_path: Path) -> None:
    """A store with a workspace beside it is a try-out's: real reports get one of their own."""
    settings = read_settings({"REPORT_STORE": f"tinydb:{tmp_path}/reports.db", "REPORT_KEY": KEY})
    assert for_serving(settings) == settings
    (tmp_path / "reports.workspace.db").write_bytes(b"")
    with pytest.raises(SettingsError) as told:
        for_serving(settings)
    assert "REPORT_STORE: this is a try-out's store" in str(told.value)


def test_trying_out_makes_a_key_once(tmp_path: Path) -> None:
    """The try-out keeps everything in one folder; its key is for its owner only, and the same next time."""
    folder = tmp_path / "var"
    first, second = (for_trying_out(Settings(), folder) for _ in range(2))
    assert first.sealing_key
    assert second.sealing_key
    assert first.sealing_key.reveal() == second.sealing_key.reveal()
    assert stat.S_IMODE((folder / "sealing.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (True, f"tinydb:{folder}/reports.db") == (first.try_out, first.store)
    assert set(load_schools(first.school)) == {"HPS"}


def test_trying_out_takes_what_is_set(tmp_path: Path) -> None:
    """A school, a store and a port that were set stand."""
    found = for_trying_out(
        Settings(school=Path("mine.toml"), store="tinydb:/a.db"), tmp_path, host="127.0.0.2", port=9
    )
    assert (Path("mine.toml"), "tinydb:/a.db", "127.0.0.2", 9) == (
        found.school,
        found.store,
        found.host,
        found.port,
    )


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        (SLACK, (False, False)),
        ({**SLACK, "SLACK_API_URL": "http://127.0.0.1:4003/api/"}, (True, False)),  # a counterpart beside us
        ({"TEAMS_APP_ID": ENTRA, "TEAMS_APP_PASSWORD": "2", "TEAMS_TENANT_ID": TENANT}, (False, False)),
        ({"TEAMS_DEV": "yes"}, (False, True)),
    ],
)
def test_trying_out_reaches_nobody(
    tmp_path: Path, environment: dict[str, str], kept: tuple[bool, bool]
) -> None:
    """A rehearsal never speaks to the real Slack or Teams, even where they are set up."""
    found = for_trying_out(read_settings(environment), tmp_path)
    assert kept == (found.slack is not None, found.teams is not None)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "school.example", "::"])  # noqa: S104 - they are refused
def test_trying_out_stays_on_this_computer(tmp_path: Path, host: str) -> None:
    """Any address others could reach is refused, unless a flag and a password are given."""
    with pytest.raises(SettingsError):
        for_trying_out(Settings(), tmp_path, host=host)
    allowed = read_settings({"REPORT_OPEN": "yes", "REPORT_PASSWORD": "0123456789abcdef0123456789abcdef"})
    assert host == for_trying_out(allowed, tmp_path, host=host).host


def test_a_spoilt_key_is_told(tmp_path: Path) -> None:
    """A key file that was damaged is refused, never replaced: what it sealed would be lost."""
    (tmp_path / "sealing.key").write_text("spoilt", "ascii")
    with pytest.raises(SettingsError) as told:
        for_trying_out(Settings(), tmp_path)
    assert "holds no sealing key" in str(told.value)
    assert (tmp_path / "sealing.key").read_text("ascii") == "spoilt"


def test_docs_list_every_setting() -> None:
    """docs/settings.md has one row for each setting, and none besides."""
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", text, re.MULTILINE)
    assert [(setting.name, setting.meaning) for setting in SETTINGS] == rows


def test_only_the_settings_read_the_environment() -> None:
    """No other file of ours asks the environment."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for room in ("bot", "flows", "storage", "adapters")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text("utf-8"))
    }
    assert {"bot/config/load.py"} == asking
