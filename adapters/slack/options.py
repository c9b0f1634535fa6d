"""What the Slack side must be told. Secrets never show in a ``repr``."""

from __future__ import annotations

from msgspec import Struct

from adapters.slack import limits
from adapters.slack.client import API
from adapters.slack.files import ORIGINS


class Options(Struct, frozen=True, kw_only=True):
    """A bot token for one workspace, or a client id and secret for many; a signing secret for HTTP,
    an app-level token for Socket Mode.
    """

    bot_token: str = ""
    signing_secret: str = ""
    app_token: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_url: str = API
    #: our own public address, for the install flow
    base_url: str = ""
    file_origins: tuple[str, ...] = ORIGINS
    most_bytes: int = limits.FILE_BYTES

    def __repr__(self) -> str:
        """Say which way it is set up, and nothing secret."""
        ways = [
            name for name in ("bot_token", "app_token", "signing_secret", "client_id") if getattr(self, name)
        ]
        return f"Options(set: {', '.join(ways) or 'nothing'})"

    def check(self) -> None:
        """Raise ValueError if something is missing or one thing stands in place of another."""
        if not self.bot_token and not (self.client_id and self.client_secret):
            raise ValueError("Slack needs a bot token, or a client id and secret.")
        if not self.signing_secret and not self.app_token:
            raise ValueError("Slack needs a signing secret (HTTP) or an app-level token (Socket Mode).")
        if self.app_token and not self.app_token.startswith("xapp-"):
            raise ValueError("The app-level token begins with xapp-.")

    def authorization_url(self) -> str:
        """Return where an install begins: beside the API."""
        return self.api_url.rstrip("/").removesuffix("/api") + "/oauth/v2/authorize"
