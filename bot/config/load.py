"""Every setting, read once from the environment into one frozen value. Nothing else reads it.

Whatever is wrong is told at once. What a secret holds never appears in a message, a repr or a log.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from bot.config import backups, mail, stores
from bot.config.environment import (
    KEY_BYTES,
    LOG_LEVELS,
    LOST,
    Reading,
    as_text,
    decoded_key,
    is_open_to_others,
)
from bot.config.settings import (
    SAMPLE_SCHOOL,
    SETTINGS,
    BackupSettings,
    Secret,
    Setting,
    Settings,
    SlackSettings,
    TeamsSettings,
    is_loopback,
    workspace_file,
)
from bot.config.written import address_wrongs, host_wrongs, meant_file, settings_of, split
from flows.errors import SettingsError

__all__ = [
    "SAMPLE_SCHOOL",
    "SETTINGS",
    "Secret",
    "Setting",
    "Settings",
    "SlackSettings",
    "TeamsSettings",
    "for_serving",
    "for_trying_out",
    "from_environment",
    "read_settings",
    "refuse",
]

#: by one of these a hosting service says that it is one, and that a Procfile or an image starts us there
HOSTS = ("DYNO", "RENDER", "RAILWAY_ENVIRONMENT_NAME", "K_SERVICE", "VCAP_APPLICATION", "CONTAINER_VERSION")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - the front door of a hosting service comes to any of our addresses


def from_environment() -> Settings:
    """Return the settings of this process. Raises SettingsError naming every mistake."""
    return read_settings(os.environ)


def surroundings() -> Mapping[str, str]:
    """Return the environment of this process as it is, for set-up: what it writes is read as this is."""
    return os.environ


def from_file(file: Path) -> None:
    """Add what a file sets to the environment of this process; what is set there already stands."""
    try:
        found = settings_of(as_text(file.read_bytes()))
    except (OSError, UnicodeDecodeError):
        mend = meant_file(file) or "Is its path right?"
        raise SettingsError("settings", f"--settings: {file.name} cannot be read.", mend) from None
    for name, value in found.items():
        os.environ.setdefault(name, value)


def store_address() -> str:
    """Return where everything is kept; looks at no other setting."""
    reading = Reading(os.environ)
    return reading.text("REPORT_STORE") or reading.text("DATABASE_URL")


def owners_address() -> str:
    """Return where everything is kept, as whoever may change its tables; looks at no other setting."""
    return Reading(os.environ).text("REPORT_STORE_OWNER") or store_address()


def sealing_key() -> bytes:
    """Return the sealing key; looks at no other setting. Raises SettingsError if there is none."""
    reading = Reading(os.environ)
    key = reading.key()
    if key is not None and not reading.wrongs:
        return key.reveal()
    refuse(reading.wrongs or [f"REPORT_KEY_FILE: there is no sealing key. {LOST}"])
    raise AssertionError


def key_in(file: Path) -> bytes:
    """Return the key that a file holds. Raises SettingsError, with what to do."""
    reading = Reading({"REPORT_KEY_FILE": str(file)})
    key = reading.key()
    if key is not None:
        return key.reveal()
    refuse([wrong.replace("REPORT_KEY_FILE", file.name) for wrong in reading.wrongs])
    raise AssertionError


def backup_at(place: str) -> BackupSettings:
    """Return what an S3 that is named on the command line needs; looks at no other setting."""
    reading = Reading({**os.environ, "REPORT_BACKUP": place})
    found = backups.read(reading, "")
    refuse(reading.wrongs)
    assert found is not None  # noqa: S101 - it was named, and nothing is wrong with it
    return found


def address_in(given: str) -> str:
    """Return the address of a store; a setting's name stands for what it says, so no password is typed."""
    if given not in {setting.name for setting in SETTINGS}:
        return given
    address = Reading(os.environ).text(given)
    if not address:
        refuse([f"{given}: it is not set. Set it to the address of the store."])
    return address


def school_path() -> Path:
    """Return where the school's file is, or the folder of them; looks at no other setting."""
    return Path(Reading(os.environ).text("REPORT_SCHOOL", "school.toml"))


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings an environment holds. Raises SettingsError naming every mistake at once."""
    reading = Reading(environment)
    given = reading.text("DATABASE_URL")
    settings = Settings(
        store=reading.text("REPORT_STORE", given or "memory:"),
        given_store=bool(given) and not reading.text("REPORT_STORE"),
        hosted=any(map(reading.text, HOSTS)),
        disk_lasts=reading.flag("REPORT_DISK_LASTS"),
        host_named=bool(reading.text("REPORT_HOST")),
        sealing_key=reading.key(),
        key_file=Path(found) if (found := reading.key_file()) else None,
        school=Path(reading.path("REPORT_SCHOOL", "school.toml")),
        host=reading.text("REPORT_HOST", "127.0.0.1"),
        port=reading.port("REPORT_PORT", reading.port("PORT", 8000)),
        password=reading.secret("REPORT_PASSWORD"),
        open_to_others=reading.flag("REPORT_OPEN"),
        try_out=reading.flag("REPORT_TRY_OUT"),
        digest=reading.flag("REPORT_DIGEST", usual=True),
        log_level=reading.word("REPORT_LOG_LEVEL", LOG_LEVELS, "info"),
        slack=reading.slack(),
        teams=reading.teams(),
        email=mail.read(reading),
        backup=backups.read(reading, reading.text("REPORT_STORE", given)),
        address=reading.text("REPORT_ADDRESS"),
        traces=reading.text("OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    reading.wrongs += stores.wrongs(
        "DATABASE_URL" if settings.given_store else "REPORT_STORE", settings.store
    )
    reading.wrongs += address_wrongs("REPORT_ADDRESS", reading.text("REPORT_ADDRESS"))
    reading.wrongs += host_wrongs(settings.host)
    reading.unknown()
    if settings.try_out:
        reading.wrongs += _open_wrongs(settings)
    refuse(reading.wrongs)
    return settings


def for_serving(settings: Settings) -> Settings:
    """Return the settings, having made sure that they will do for real reports.

    Raises SettingsError: no durable store, no sealing key, a key kept beside what it seals, or a try-out.
    """
    wrongs = list(_try_out_wrongs(settings))
    if settings.store.startswith("memory:"):
        wrongs.append(
            "REPORT_STORE: nothing would be kept. Set it, for example to tinydb:/srv/reports/reports.db."
        )
    wrongs += stores.disk_wrongs(settings)
    if settings.sealing_key is None:
        wrongs.append(f"REPORT_KEY_FILE: there is no sealing key. {LOST}")
    if settings.key_file:
        wrongs += lies_together(settings.store, settings.key_file)
    if settings.key_file and is_open_to_others(settings.key_file.stat().st_mode, os.name):
        wrongs.append(
            f"REPORT_KEY_FILE: others on this computer can read it. Type: chmod 600 {settings.key_file}"
        )
    refuse(wrongs)
    if not settings.host_named and (settings.hosted or settings.given_store):
        return msgspec.structs.replace(settings, host=EVERYWHERE)
    return settings


def lies_together(store: str, key_file: Path) -> Iterator[str]:
    """Yield what is wrong where a key is kept with the store it seals."""
    kind, _, place = store.partition(":")
    if kind == "tinydb" and Path(place).absolute().parent.resolve() in key_file.resolve().parents:
        yield (
            "REPORT_KEY_FILE: the key lies with the store it seals: whoever copies one has both. "
            "Keep it in another folder, best on another disk."
        )


def for_trying_out(settings: Settings, folder: Path, *, host: str = "", port: int = 0) -> Settings:
    """Return settings for the try-out: an embedded store and a key in ``folder``, the sample school.

    What the environment sets stands, save real Slack, Teams and e-mail: a try-out must not reach anybody.
    Makes the folder, and the key (0600) if there is none yet.
    """
    if settings.given_store:  # a database for real reports: a try-out has a file of its own
        settings = msgspec.structs.replace(settings, store=Settings().store, given_store=False)
    refuse(_real_wrongs(settings))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = msgspec.structs.replace(
        settings,
        try_out=True,
        store=settings.store if settings.store != "memory:" else f"tinydb:{folder / 'reports.db'}",
        school=settings.school if settings.school != Settings().school else SAMPLE_SCHOOL,
        sealing_key=settings.sealing_key or _kept_key(folder / "sealing.key"),
        host=host or settings.host,
        port=port or settings.port,
        slack=settings.slack if settings.slack and _is_here(settings.slack.api_url) else None,
        teams=settings.teams if settings.teams and settings.teams.dev else None,
        email=settings.email if settings.email and is_loopback(settings.email.host) else None,
    )
    refuse(_open_wrongs(settings))
    return settings


def refuse(wrongs: list[str]) -> None:
    """Raise one SettingsError that tells all of ``wrongs``; nothing if there are none."""
    if wrongs:
        mistakes = "1 setting is wrong" if len(wrongs) == 1 else f"{len(wrongs)} settings are wrong"
        message = "\n".join([f"{mistakes}:", *(f"  {wrong}" for wrong in wrongs)])
        raise SettingsError("settings", message, "\nNothing was started. docs/settings.md lists them all.")


def _try_out_wrongs(settings: Settings) -> Iterator[str]:
    """Yield what is for trying out alone and would stand before real reports."""
    for name, on in (
        ("REPORT_TRY_OUT", settings.try_out),
        ("TEAMS_DEV", settings.teams and settings.teams.dev),
    ):
        if on:
            yield (
                f"{name}: with it anybody may be anybody, so it never stands before real reports. "
                "Take this setting out; to try things out, use: run."
            )
    if (mark := _mark(settings.store)) and mark.exists():
        yield (
            f"REPORT_STORE: this is a try-out's store ({mark.name} lies beside it). "
            "Give real reports a store of their own."
        )


def _open_wrongs(settings: Settings) -> list[str]:
    if settings.on_this_computer or (settings.open_to_others and settings.password):
        return []
    why = "in the try-out anybody may be anybody, so it is for this computer alone."
    return [f"REPORT_HOST: {why} Use 127.0.0.1, or set both REPORT_OPEN=yes and REPORT_PASSWORD."]


def _real_wrongs(settings: Settings) -> list[str]:
    """Return what is wrong if REPORT_STORE names a store that is there already and is no try-out's."""
    kind, _, place = settings.store.partition(":")
    mark = _mark(settings.store)
    if kind == "memory" or (mark and (mark.exists() or not Path(place).exists())):
        return []
    why = "in the try-out anybody may be anybody, so it never opens a store of real reports."
    return [f"REPORT_STORE: {why} Take this setting out, or name a new file."]


def _mark(store: str) -> Path | None:
    """Return the file that says a store is a try-out's; None for a store beside which no file can lie."""
    kind, _, place = store.partition(":")
    return workspace_file(Path(place)) if kind == "tinydb" else None


def _is_here(url: str) -> bool:
    return is_loopback(split(url).hostname or "")


def _kept_key(path: Path) -> Secret[bytes]:
    """Return the key of a try-out's own folder, made on first use for its owner's eyes only."""
    if not path.exists():
        text = base64.b64encode(secrets.token_bytes(KEY_BYTES))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    key = decoded_key(path.read_text("ascii"))
    if key is None:
        refuse([f"{path.name}: this file holds no sealing key. Put the old one back, or start a new folder."])
        raise AssertionError
    return Secret(key)
