"""The manifest asks for exactly what is used, gives each reason, and lets people write to the bot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import adapters.slack
from adapters.slack import limits
from adapters.slack.manifest import COMMAND, EVENTS, SCOPES, manifest, reasons
from flows.school import Staff

HERE = Path(adapters.slack.__file__).parent

#: method or feature we use -> the scopes it needs, as its page says.
#: https://docs.slack.dev/reference/methods · https://docs.slack.dev/reference/events
NEEDS: dict[str, set[str]] = {
    "auth_test": set(),
    "oauth_v2_access": set(),
    "apps_connections_open": set(),
    "views_open": set(),
    "views_update": set(),
    "views_push": set(),
    "views_publish": set(),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_open": {"im:write"},
    "conversations_info": {"groups:read"},
    "conversations_members": {"groups:read"},
    "conversations_history": {"groups:history", "im:history"},
    "conversations_replies": {"groups:history", "im:history"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "usergroups_users_list": {"usergroups:read"},
}
FEATURES: dict[str, set[str]] = {
    "slash_commands": {"commands"},
    "shortcuts": {"commands"},
    "url_private": {"files:read"},
    "message.im": {"im:history"},
    "member_left_channel": {"groups:read"},
}


def used_methods() -> set[str]:
    """Return the Web API methods that the adapter calls."""
    source = "\n".join(path.read_text("utf-8") for path in HERE.glob("*.py"))
    return set(
        re.findall(r"\.((?:auth|oauth|apps|views|chat|conversations|users|files|usergroups)_\w+)", source)
    )


def test_every_method_used_is_known() -> None:
    """A method without a row here could need a scope that nobody noticed."""
    assert used_methods() <= set(NEEDS)


@pytest.mark.feature("manifest")
def test_scopes_are_exactly_what_is_used() -> None:
    """Nothing missing, nothing too many; never a scope that reads public channels."""
    needed = set().union(*(NEEDS[name] for name in used_methods()), *FEATURES.values())
    assert needed == {*SCOPES, "usergroups:read"}
    assert set(SCOPES) == asked_for(Staff())
    assert not {"chat:write.public", "channels:history", "users:read.email", "admin"} & set(SCOPES)


def asked_for(*staffs: Staff) -> set[str]:
    """Return the scopes of the manifest for schools with such staff."""
    return set(manifest(base_url=None, socket=True, staffs=staffs)["oauth_config"]["scopes"]["bot"])


@pytest.mark.parametrize(
    ("staff", "more"),
    [
        (Staff(slack_channel="C0STAFF"), set[str]()),
        (Staff(slack_user_group="S0STAFF"), {"usergroups:read"}),
        (Staff(email_domains=("school.example",)), {"users:read.email"}),
    ],
)
def test_what_only_some_schools_need_only_they_are_asked_for(staff: Staff, more: set[str]) -> None:
    """E-mail addresses and user groups are read only where a school says who is staff by them."""
    assert asked_for(Staff(), staff) - set(SCOPES) == more


def test_every_scope_and_event_has_a_reason() -> None:
    """A school's IT person is told what each permission is for."""
    assert all(len(why) > 20 for _, why in reasons())
    assert all(len(why) > 15 for why in EVENTS.values())


def test_people_can_write_to_the_bot() -> None:
    """Without these settings the direct message would be read-only."""
    features = manifest(base_url=None, socket=True)["features"]
    assert features["app_home"]["messages_tab_enabled"] is True
    assert features["app_home"]["messages_tab_read_only_enabled"] is False
    assert features["slash_commands"][0]["should_escape"] is True
    assert features["slash_commands"][0]["command"] == COMMAND


def test_with_a_public_address() -> None:
    """Over HTTP every request has an address; one workspace keeps the token it copied."""
    made = manifest(base_url="https://bot.school.example/", socket=False)
    url = "https://bot.school.example/slack/events"
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["features"]["slash_commands"][0]["url"] == url
    assert "redirect_urls" not in made["oauth_config"]
    assert made["settings"]["token_rotation_enabled"] is False


def test_for_several_workspaces() -> None:
    """Where workspaces install the app themselves there is a way back, and tokens rotate."""
    made = manifest(base_url="https://bot.school.example/", socket=False, many=True)
    assert made["oauth_config"]["redirect_urls"] == ["https://bot.school.example/slack/oauth_redirect"]
    assert made["settings"]["token_rotation_enabled"] is True
    with pytest.raises(ValueError, match="address"):
        manifest(base_url=None, socket=True, many=True)


def test_without_a_public_address() -> None:
    """Socket Mode names no address at all; without it an address is needed."""
    made = manifest(base_url=None, socket=True)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "https://" not in str(made)
    with pytest.raises(ValueError, match="address"):
        manifest(base_url=None, socket=False)


def test_every_limit_is_a_number_with_its_source() -> None:
    """A limit nobody can check is a guess: each is preceded by a page or says that it is ours."""
    lines = Path(limits.__file__).read_text("utf-8").splitlines()
    comment = ""
    for line in lines:
        if line.startswith("#:"):
            comment = line if not comment.startswith("#:") else comment + line
        elif " = " in line:
            assert "http" in comment or "ours" in comment or "http" in line, line
        else:
            comment = ""


@pytest.mark.parametrize("name", ["name", "description"])
def test_what_people_read_fits(name: str) -> None:
    """The app's name is at most 35 characters, its description 140.

    https://docs.slack.dev/reference/app-manifest
    """
    shown = manifest(base_url=None, socket=True)["display_information"][name]
    assert len(shown) <= {"name": 35, "description": 140}[name]
