"""What must be true of an activity before anything in it is read. Pure.

Microsoft's kit checks the token's signature, audience and issuer. It does not ask for a service
address, and it does not look at the tenant; both are asked here. Tokens we send go to that service
address, so only listed hosts are ever stored or spoken to.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct

from adapters.teams.origin import Body, tenants, text_at

#: Where Teams' connector lives. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
SERVICE_HOSTS = ("smba.trafficmanager.net", "*.teams.microsoft.com")
#: Microsoft's address for every region, for those who have not heard from Teams yet. Same page.
ANYWHERE = "https://smba.trafficmanager.net/teams/"
#: Where files of a personal chat and pictures in messages are fetched from.
#: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
FILE_HOSTS = ("*.sharepoint.com", "*.svc.ms", "*.asm.skype.com", *SERVICE_HOSTS)


class Distrust(StrEnum):
    """Why an activity is refused."""

    NO_SERVICE = "no-service-url"
    OTHER_HOST = "unlisted-service-host"
    OTHER_TENANT = "other-tenant"
    OTHER_CHANNEL = "other-channel"
    NO_TOKEN = "no-token"  # noqa: S105 - a reason, not a secret
    BAD_TOKEN = "bad-token"  # noqa: S105 - a reason, not a secret


class Trust(Struct, frozen=True, kw_only=True):
    """Whom we listen and speak to. ``dev`` = the Agents Playground on this computer, without tokens."""

    app_id: str
    tenant: str
    dev: bool = False
    hosts: tuple[str, ...] = SERVICE_HOSTS
    file_hosts: tuple[str, ...] = FILE_HOSTS
    #: where Teams is reached before it has said so itself ("" = not at all)
    service_url: str = ""

    def speaks_to(self, url: str) -> bool:
        """Return whether our token may go to this address."""
        return listed(url, self.hosts) or (self.dev and on_this_computer(url))

    def fetches(self, url: str) -> bool:
        """Return whether a file may be fetched from this address."""
        return listed(url, self.file_hosts) or (self.dev and on_this_computer(url))

    def distrusts(self, activity: Body) -> Distrust | None:
        """Return why an activity is refused before its token is looked at; None if it is not."""
        url = text_at(activity, "serviceUrl")
        if not url:
            return Distrust.NO_SERVICE
        if not self.speaks_to(url):
            return Distrust.OTHER_HOST
        if text_at(activity, "channelId") != "msteams" and not self.dev:
            return Distrust.OTHER_CHANNEL
        if tenants(activity) != {self.tenant.lower()} and not (self.dev and not self.tenant):
            return Distrust.OTHER_TENANT
        return None


def listed(url: str, hosts: tuple[str, ...]) -> bool:
    """Return whether an https address has a listed host; ``*.`` stands for any name below."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username or parts.password or port not in (None, 443):
        return False
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in hosts)


def on_this_computer(url: str) -> bool:
    """Return whether an address is on this computer."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
