"""What can be set from outside: the list of it, and the value it becomes. Reads nothing by itself.

:data:`SETTINGS` is the whole list; ``docs/settings.md`` describes each, and a test compares the two.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Generic, TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from flows.school import Platform

T = TypeVar("T")

#: The packaged school of the try-out.
SAMPLE_SCHOOL = Path(__file__).parents[1] / "sample" / "school.toml"


class Secret(Generic[T]):
    """A value that shows itself only when asked to."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """Return the value itself; never log or print it."""
        return self._value

    def __repr__(self) -> str:
        """Return three stars."""
        return "***"


class Setting(Struct, frozen=True):
    """One variable of the environment."""

    name: str
    meaning: str
    usual: str = ""
    secret: bool = False


SETTINGS = (
    Setting("REPORT_STORE", "where everything is kept", "memory: (try-out: tinydb:var/reports.db)"),
    Setting(
        "DATABASE_URL",
        "a PostgreSQL database, as hosting services give it; REPORT_STORE wins",
        secret=True,
    ),
    Setting(
        "REPORT_STORE_OWNER",
        "the same database for the role that owns its tables, if that is another: for migrate",
        secret=True,
    ),
    Setting("REPORT_DISK_LASTS", "yes: this hosting service keeps our disk when it starts us again", "no"),
    Setting("REPORT_KEY", "the sealing key: 32 bytes in base64", secret=True),
    Setting("REPORT_KEY_FILE", "a file that holds the sealing key, instead of REPORT_KEY"),
    Setting("REPORT_KEY_COMMAND", "a command that prints the sealing key, instead of the two: for a KMS"),
    Setting(
        "CREDENTIALS_DIRECTORY", "set by systemd: without the three, `sealing.key` in it is the sealing key"
    ),
    Setting("REPORT_SCHOOL", "the school's file, or a folder of them", "school.toml (try-out: the sample)"),
    Setting("REPORT_HOST", "the address to listen on", "127.0.0.1"),
    Setting("REPORT_PORT", "the port to listen on", "8000"),
    Setting("PORT", "the port to listen on, as hosting services give it; REPORT_PORT wins"),
    Setting(
        "REPORT_ADDRESS",
        "our own public address (https://…): for several workspaces, and for the links of e-mails",
    ),
    Setting("REPORT_TRY_OUT", "yes: offer the try-out workspace, where anybody may be anybody", "no"),
    Setting("REPORT_OPEN", "yes: let the try-out be reached from other computers; needs a password", "no"),
    Setting("REPORT_PASSWORD", "what a visitor of the try-out must type", secret=True),
    Setting("REPORT_DIGEST", "no: send no weekly digest", "yes"),
    Setting("OTEL_EXPORTER_OTLP_ENDPOINT", "where traces go (the extra: traces); without it there are none"),
    Setting("REPORT_BACKUP", "where a backup goes each night: a folder, or s3://BUCKET/FOLDER"),
    Setting("REPORT_BACKUP_AT", "when, by the school's clock", "02:00"),
    Setting("AWS_ENDPOINT_URL", "where an S3 is that is not Amazon's", "Amazon's"),
    Setting("AWS_REGION", "the S3's region", "us-east-1"),
    Setting("AWS_ACCESS_KEY_ID", "who writes there"),
    Setting("AWS_SECRET_ACCESS_KEY", "belongs to AWS_ACCESS_KEY_ID", secret=True),
    Setting("REPORT_LOG_LEVEL", "debug, info, warning or error", "info"),
    Setting("SLACK_BOT_TOKEN", "the bot's token (xoxb-…); without it there is no Slack", secret=True),
    Setting("SLACK_SIGNING_SECRET", "proves that a request comes from Slack", secret=True),
    Setting("SLACK_APP_TOKEN", "for Socket Mode (xapp-…), where Slack cannot reach us", secret=True),
    Setting("SLACK_CLIENT_ID", "for installing into several workspaces"),
    Setting("SLACK_CLIENT_SECRET", "belongs to SLACK_CLIENT_ID", secret=True),
    Setting("SLACK_API_URL", "another address of Slack's API, for tests", "https://slack.com/api/"),
    Setting("TEAMS_APP_ID", "the bot's app id in Entra; without it there is no Teams"),
    Setting("TEAMS_APP_PASSWORD", "the app's client secret", secret=True),
    Setting("TEAMS_TENANT_ID", "the tenant the bot belongs to"),
    Setting(
        "TEAMS_DEV", "yes: accept the Agents Playground without credentials, on this computer only", "no"
    ),
    Setting("EMAIL_SERVER", "the mail server (smtp://… or smtps://…); without it there is no e-mail"),
    Setting("EMAIL_USER", "who logs in there; never without TLS"),
    Setting("EMAIL_PASSWORD", "belongs to EMAIL_USER", secret=True),
    Setting("EMAIL_FROM", "whom e-mails are from: an address, with a name before it if you like"),
    Setting("EMAIL_BOUNCES", "where mail servers send back what they cannot deliver", "EMAIL_FROM's address"),
    Setting("EMAIL_REPLY_TO", "who reads what people answer, and is asked for the digest to stop"),
    Setting("EMAIL_CA_FILE", "a certificate by which a server of your own is known, besides the usual ones"),
)


class SlackSettings(Struct, frozen=True, kw_only=True):
    """What Slack needs. ``app_token`` set = Socket Mode."""

    bot_token: Secret[str] | None = None
    signing_secret: Secret[str] | None = None
    app_token: Secret[str] | None = None
    client_id: str = ""
    client_secret: Secret[str] | None = None
    api_url: str = "https://slack.com/api/"
    base_url: str = ""


class TeamsSettings(Struct, frozen=True, kw_only=True):
    """What Teams needs. ``dev`` = without credentials, on this computer only."""

    app_id: str = ""
    app_password: Secret[str] | None = None
    tenant_id: str = ""
    dev: bool = False


class EmailSettings(Struct, frozen=True, kw_only=True):
    """What e-mail needs. ``at_once`` = TLS from the first byte; else after a plain hello."""

    host: str = ""
    port: int = 0
    at_once: bool = False
    user: str = ""
    password: Secret[str] | None = None
    sender: str = ""
    bounces: str = ""
    reply_to: str = ""
    ca_file: Path | None = None

    def at(self, host: str, port: int, *, at_once: bool) -> EmailSettings:
        """Return the same for a server."""
        return replace(self, host=host, port=port, at_once=at_once)


class BackupSettings(Struct, frozen=True, kw_only=True):
    """Where a backup goes each night, and when. The rest is for an S3."""

    place: str
    at: dt.time = dt.time(2)
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: Secret[str] | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that is set from outside. ``None`` = that platform is not configured."""

    store: str = "memory:"
    sealing_key: Secret[bytes] | None = None
    key_file: Path | None = None
    school: Path = Path("school.toml")
    host: str = "127.0.0.1"
    port: int = 8000
    password: Secret[str] | None = None
    open_to_others: bool = False
    try_out: bool = False
    digest: bool = True
    log_level: str = "info"
    slack: SlackSettings | None = None
    teams: TeamsSettings | None = None
    email: EmailSettings | None = None
    backup: BackupSettings | None = None
    #: where traces go, "" = nowhere
    traces: str = ""
    #: on a hosting service: its disk is another after each start, and its front door another address of ours
    hosted: bool = False
    disk_lasts: bool = False
    #: an address to listen on was named
    host_named: bool = False
    #: the store is the database that the host gives
    given_store: bool = False
    #: our own public address, "" = nobody reaches us from outside
    address: str = ""

    def __repr__(self) -> str:
        """Show everything but secrets: the address of a database holds its password."""
        store = f"{self.store.partition(':')[0]}:***" if is_database(self.store) else self.store
        shown = {name: getattr(self, name) for name in self.__struct_fields__} | {"store": store}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @property
    def on_this_computer(self) -> bool:
        """Return whether only this computer can reach the address we listen on."""
        return is_loopback(self.host)


def key_of(settings: Settings) -> bytes:
    """Return what everything is sealed with; who tries it out without a key has one that is no secret."""
    return settings.sealing_key.reveal() if settings.sealing_key is not None else bytes(32)


def configured(settings: Settings, platform: Platform) -> bool:
    """Return whether a platform is on."""
    match platform:
        case Platform.SLACK:
            return settings.slack is not None
        case Platform.TEAMS:
            return settings.teams is not None
        case Platform.WEB:
            return settings.try_out
        case Platform.EMAIL:
            return settings.email is not None
        case _:
            assert_never(platform)


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this computer."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_database(store: str) -> bool:
    """Return whether a store is a database, which several processes may share."""
    return store.partition(":")[0] in ("postgresql", "postgres")


def workspace_file(store: Path) -> Path:
    """Return where a try-out keeps its messages, beside the store; no other store has such a file."""
    return store.with_suffix(".workspace.db")


def bounces_folder(store: str) -> Path | None:
    """Return where it is left that e-mails came back, beside the store; None where nothing can be."""
    kind, _, place = store.partition(":")
    return Path(place).with_suffix(".bounces") if kind == "tinydb" and place else None
