"""The settings of e-mail: what is taken, what is refused by name, and that none is without effect."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.config.load import for_trying_out, read_settings
from bot.config.settings import bounces_folder, configured
from flows.errors import SettingsError
from flows.school import Platform

MAIL = {"EMAIL_SERVER": "smtp://mail.school.example", "EMAIL_FROM": "Reports <reports@school.example>"}
SECRET = "very-secret"

TAKEN = {
    "STARTTLS": (MAIL, ("mail.school.example", 587, False)),
    "TLS": ({**MAIL, "EMAIL_SERVER": "smtps://mail.school.example"}, ("mail.school.example", 465, True)),
    "a port": (
        {**MAIL, "EMAIL_SERVER": "smtp://mail.school.example:2525/"},
        ("mail.school.example", 2525, False),
    ),
    "here": ({**MAIL, "EMAIL_SERVER": "smtp://[::1]:25"}, ("::1", 25, False)),
    "quoted": ({**MAIL, "EMAIL_SERVER": '"smtps://mail.school.example"'}, ("mail.school.example", 465, True)),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_server_is_known_by_its_address(name: str) -> None:
    """How it is reached stands in its address; nothing else has to be set."""
    environment, wanted = TAKEN[name]
    settings = read_settings(environment)
    assert settings.email is not None
    assert (settings.email.host, settings.email.port, settings.email.at_once) == wanted
    assert configured(settings, Platform.EMAIL)
    assert not configured(read_settings({}), Platform.EMAIL)


REFUSED = {
    "no server": ({"EMAIL_FROM": "a@b.example"}, "EMAIL_SERVER"),
    "a login for no server": ({"EMAIL_USER": SECRET, "EMAIL_PASSWORD": SECRET}, "EMAIL_SERVER"),
    "an answer to nowhere": ({"EMAIL_REPLY_TO": "a@b.example"}, "EMAIL_SERVER"),
    "no sender": ({"EMAIL_SERVER": "smtp://m.example"}, "EMAIL_FROM"),
    "a bare name": ({**MAIL, "EMAIL_SERVER": "mail.school.example"}, "EMAIL_SERVER"),
    "a bare name and port": ({**MAIL, "EMAIL_SERVER": "mail.school.example:587"}, "EMAIL_SERVER"),
    "a web page": ({**MAIL, "EMAIL_SERVER": "https://mail.school.example"}, "EMAIL_SERVER"),
    "no name": ({**MAIL, "EMAIL_SERVER": "smtp://"}, "EMAIL_SERVER"),
    "no port": ({**MAIL, "EMAIL_SERVER": "smtp://m.example:mail"}, "EMAIL_SERVER"),
    "port 0": ({**MAIL, "EMAIL_SERVER": "smtp://m.example:0"}, "EMAIL_SERVER"),
    "a login inside": ({**MAIL, "EMAIL_SERVER": f"smtp://bot:{SECRET}@m.example"}, "EMAIL_USER"),
    "more behind it": ({**MAIL, "EMAIL_SERVER": "smtp://m.example/?starttls=no"}, "EMAIL_SERVER"),
    "a user alone": ({**MAIL, "EMAIL_USER": "bot"}, "EMAIL_PASSWORD"),
    "a password alone": ({**MAIL, "EMAIL_PASSWORD": SECRET}, "EMAIL_PASSWORD"),
    "a sender that is none": ({**MAIL, "EMAIL_FROM": "Reports"}, "EMAIL_FROM"),
    "two senders": ({**MAIL, "EMAIL_FROM": "a@b.example, c@d.example"}, "EMAIL_FROM"),
    "a sender with more lines": ({**MAIL, "EMAIL_FROM": "a@b.example\nBcc: c@d.example"}, "EMAIL_FROM"),
    "a sender of other letters": ({**MAIL, "EMAIL_FROM": "schüle@b.example"}, "EMAIL_FROM"),
    "a name where none may be": ({**MAIL, "EMAIL_REPLY_TO": "Office <o@b.example>"}, "EMAIL_REPLY_TO"),
    "bounces to nowhere": ({**MAIL, "EMAIL_BOUNCES": "nowhere"}, "EMAIL_BOUNCES"),
    "no such certificate": ({**MAIL, "EMAIL_CA_FILE": "/nowhere/ca.pem"}, "EMAIL_CA_FILE"),
    "no certificate": ({**MAIL, "EMAIL_CA_FILE": __file__}, "EMAIL_CA_FILE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_by_name(name: str) -> None:
    """Nothing that is set is without effect; a mistake names its variable, and nothing of what was in it."""
    environment, wanted = REFUSED[name]
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    assert wanted in refused.value.message
    assert SECRET not in str(refused.value)


def test_the_password_never_shows_itself() -> None:
    """Not in the settings' own words either."""
    settings = read_settings({**MAIL, "EMAIL_USER": "bot", "EMAIL_PASSWORD": SECRET})
    assert SECRET not in repr(settings)
    assert settings.email is not None
    assert settings.email.password is not None
    assert settings.email.password.reveal() == SECRET


@pytest.mark.parametrize(("server", "kept"), [("smtp://localhost:2525", True), ("smtp://m.example", False)])
async def test_a_rehearsal_writes_to_nobody(server: str, tmp_path: Path, *, kept: bool) -> None:
    """In the try-out e-mail goes to a server on this computer, or nowhere."""
    settings = read_settings({**MAIL, "EMAIL_SERVER": server})
    tried = await asyncio.to_thread(for_trying_out, settings, tmp_path)
    assert (tried.email is not None) is kept


@pytest.mark.parametrize(
    ("store", "folder"),
    [("tinydb:/srv/reports/reports.db", Path("/srv/reports/reports.bounces")), ("memory:", None), ("", None)],
)
def test_what_comes_back_lies_beside_the_store(store: str, folder: Path | None) -> None:
    """Where nothing is kept, nothing can lie beside it."""
    assert bounces_folder(store) == folder
