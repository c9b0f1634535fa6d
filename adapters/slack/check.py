"""Proof, before the first report, that Slack will do what a case needs: token, permissions, places, people.

Each line is (well, what was looked at, what to do about it). Nothing is posted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.api_call import asked, error_name
from adapters.slack.guests import not_member
from adapters.slack.manifest import scopes
from adapters.slack.options import Options
from adapters.slack.send import SlackChat
from adapters.slack.staff import SlackStaff
from flows.errors import PlatformError
from flows.ports import Address
from flows.school import PersonId, Platform, School

#: well, not, or not to be proved from here (None) · what was looked at · what to do about it ("" = nothing)
Line = tuple[bool | None, str, str]


async def checks(
    *,
    chat: SlackChat,
    staff: SlackStaff,
    options: Options,
    schools: Collection[School],
    expected: dict[str, frozenset[PersonId]],
) -> list[Line]:
    """Return every check's line. ``expected`` maps a school's id to who belongs in its leadership channel."""
    lines = await _socket(chat, options)
    for school in schools:
        workspace = school.workspaces.get(Platform.SLACK, "")
        token = await _token(chat, workspace, scopes([school.staff]))
        lines += token
        if token[0][0]:  # a token that works: what is missing elsewhere is worth knowing all at once
            welcome = expected.get(school.id, frozenset())
            lines += [line async for line in _places(chat, school, workspace, welcome)]
            lines += [line async for line in _seats(chat, school, workspace)]
            lines += await _reporters(staff, school)
    return lines


async def _token(chat: SlackChat, workspace: str, wanted: Mapping[str, str]) -> list[Line]:
    """Return whether the token works, and which permissions it lacks."""
    try:
        client = await chat.web.client(workspace)
        answer = await client.auth_test()
    except SlackApiError as error:
        return [(False, f"Slack token: refused ({error_name(error)})", "Copy the bot token again.")]
    except PlatformError as error:
        return [(False, f"Slack token: {error.message}", error.hint or "Try again in a minute.")]
    given = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    missing = [scope for scope in wanted if scope not in given]
    lines: list[Line] = [(True, f"Slack token: valid in workspace {answer.get('team_id')}", "")]
    if missing:
        hint = "Add them under OAuth & Permissions, then install the app again: " + "; ".join(
            f"{scope} ({wanted[scope]})" for scope in missing
        )
        return [*lines, (False, f"Slack permissions: {', '.join(missing)} missing", hint)]
    return [*lines, (True, f"Slack permissions: all {len(wanted)}", "")]


async def _socket(chat: SlackChat, options: Options) -> list[Line]:
    """Return whether Socket Mode will connect; HTTP can only be proved by Slack calling us."""
    if not options.app_token:
        mend = "Start it and type /report-posting help in Slack: an answer proves both."
        return [(None, "Slack calls us, with this signing secret: not proved from here", mend)]
    try:
        chat.web.session  # noqa: B018 - opens the session the client uses
        await asked(chat.web.bare.apps_connections_open(app_token=options.app_token), writes=False)
    except PlatformError as error:
        hint = "Make an app-level token with connections:write, and turn Socket Mode on."
        return [(False, f"Slack Socket Mode: {error.message}", hint)]
    return [(True, "Slack Socket Mode: connects", "")]


async def _places(
    chat: SlackChat, school: School, workspace: str, welcome: frozenset[PersonId]
) -> AsyncIterator[Line]:
    """Yield whether each channel may hold cases, and who else would see them."""
    named = {"leadership channel": school.leadership.get(Platform.SLACK, "")}
    named["staff channel"] = school.staff.slack_channel
    for seat, places in school.restricted.items():
        named[f"restricted place of {seat}"] = places.get(Platform.SLACK, "")
    for name, channel in named.items():
        if not channel:
            continue
        what = f"{school.name}, {name} {channel}"
        to = Address(platform=Platform.SLACK, workspace=workspace, channel=channel)
        try:
            membership = await chat.members(to)
        except PlatformError as error:
            yield False, f"{what}: {error.message}", error.hint or "Try again in a minute."
            continue
        if not membership.fit:
            yield False, f"{what}: not fit for cases", membership.trouble
            continue
        yield True, f"{what}: private, ours, {len(membership.accounts)} people", ""
        if name == "leadership channel":
            theirs = {p: school.people[p].accounts.get(Platform.SLACK, "") for p in sorted(welcome)}
            accounts = set(theirs.values())
            for person, account in theirs.items():
                if account and account not in membership.accounts:
                    hint = "Invite them: they see no case there, and are told by direct message."
                    yield None, f"{what}: {person} ({account}) is not in it", hint
            absent = [person for person, account in theirs.items() if account not in membership.accounts]
            for account in sorted(membership.accounts - accounts):
                hint = "They see that cases exist. Remove them, or give them a seat."
                if absent:
                    hint = f"Is it {' or '.join(absent)}, whose id is mistyped or missing? Else: {hint}"
                yield False, f"{what}: {account} is neither Headteacher, DSL nor a deputy", hint


async def _seats(chat: SlackChat, school: School, workspace: str) -> AsyncIterator[Line]:
    """Yield whether each seat's people can be written to on Slack."""
    for seat, people in school.seats.items():
        for person in people:
            account = school.people[person].accounts.get(Platform.SLACK, "")
            if not account:
                continue
            what = f"{school.name}, {seat}: {person} ({account})"
            try:
                found = await _person(chat, workspace, account)
                await chat.channel(Address(platform=Platform.SLACK, workspace=workspace, account=account))
            except PlatformError as error:
                yield False, f"{what} cannot be reached: {error.message}", error.hint
                continue
            if not_member(found, workspace):
                yield (
                    False,
                    f"{what} is no full member",
                    "Guests see Slack only in part. Use another account.",
                )
            else:
                yield True, f"{what} can be reached", ""


async def _person(chat: SlackChat, workspace: str, account: str) -> dict[str, Any]:
    client = await chat.web.client(workspace)
    found = await asked(client.users_info(user=account), writes=False)
    return found.get("user") or {}


async def _reporters(staff: SlackStaff, school: School) -> list[Line]:
    """Return how many may report on Slack, and by what; a way that lets nobody in is wrong."""
    who, lines = school.staff, list[Line]()
    listed = {p.accounts.get(Platform.SLACK, "") for p in school.people.values() if school.may_report(p.id)}
    everybody, ways = listed - {""}, [f"{len(listed - {''})} by the school's file"]
    looks: list[tuple[str, Callable[[School], Awaitable[set[str]]], str]] = []
    if named := who.slack_channel or who.slack_user_group:
        mend = "Is its id right, and is anybody in it?"
        looks.append((f"being in {named}", staff.look_at, mend))
    if ends := ", ".join(f"@{end}" for end in who.email_domains):
        mend = "Is it the whole of what stands behind the @ of their addresses?"
        looks.append((f"an address that ends with {ends}", staff.by_email, mend))
    for way, look, mend in looks:
        what = f"{school.prefix}: who may report on Slack by {way}"
        try:
            found = await look(school)
        except PlatformError as error:
            lines.append((False, f"{what}: {error.message}", error.hint or "Try again in a minute."))
            continue
        if not found:
            lines.append((False, f"{what}: nobody", mend))
        everybody |= found
        ways.append(f"{len(found)} by {way}")
    return [
        *lines,
        (True, f"{school.prefix}: {len(everybody)} people may report on Slack: {', '.join(ways)}", ""),
    ]
