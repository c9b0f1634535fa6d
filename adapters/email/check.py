"""What ``check`` finds out about e-mail: server, certificate, login, and on request one message."""

from __future__ import annotations

from adapters.email.listen import EmailApp
from flows.errors import PlatformError
from flows.ports import Address
from flows.school import Platform
from flows.ui.cards import Card, Text
from flows.words import say

#: What to do, by what stands in the way.
_MENDS = {
    "email-unreachable": "Is EMAIL_SERVER right, and may this computer reach it?",
    "email-tls": "It must offer TLS, with a certificate in its own name (EMAIL_CA_FILE for your own).",
    "email-login": "Are EMAIL_USER and EMAIL_PASSWORD right? Some providers give programs their own.",
    "email-not-let": "The provider must let this login send (docs/email-it.md).",
    "email-sender": "The login must be allowed to send as EMAIL_FROM.",
    "email-address": "Is the address in the school's file right?",
}

Lines = list[tuple[bool | None, str, str]]


async def checks(app: EmailApp) -> Lines:
    """Return whether the server is there, speaks TLS, and lets us in; nothing is sent."""
    try:
        await app.smtp.look()
    except PlatformError as error:
        return [_wrong("E-mail", error)]
    return [(True, "E-mail: the server is there and lets us in", "")]


async def try_out(app: EmailApp, person: str, address: str) -> Lines:
    """Send one person a test; return whether the server took it."""
    what = f'E-mail: a test for "{person}"'
    card = Card(kind="email-try", summary=say("mailed.test_subject"), blocks=(Text(say("mailed.test")),))
    try:
        await app.chat.send(Address(platform=Platform.EMAIL, account=address), card, key=f"try/{person}")
    except PlatformError as error:
        return [_wrong(what, error)]
    return [(None, f"{what} was taken by the server", "Ask them whether it arrived, and not among the junk.")]


def _wrong(what: str, error: PlatformError) -> tuple[bool | None, str, str]:
    return (
        False,
        f"{what}: {error.message.removesuffix('.')}",
        _MENDS.get(error.reference, "Try again later."),
    )
