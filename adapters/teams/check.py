"""Proof, before the first report, that Teams will do what a case needs: credentials, team, channel, people.

Each line is (well, what was looked at, what to do about it). :func:`checks` posts nothing; only
:func:`try_channel` does, and says so in what it posts.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection

from adapters.teams.listen import TeamsApp
from adapters.teams.send import TeamsChat
from flows.errors import PlatformError
from flows.ports import Address
from flows.school import PersonId, Platform, School
from flows.ui.cards import Card, Text
from flows.words import say

#: well, not, or not to be proved from here (None) · what was looked at · what to do about it ("" = nothing)
Line = tuple[bool | None, str, str]

_ENTRA_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MENDS = {
    "not-installed": "Add the app to the team (docs/teams.md, step 4), then write it a word there.",
    "not-there": "Is the channel's address right, and is the app in its team? docs/teams.md, step 5.",
    "blocked": "Add the app for this person, or ask them to unblock it.",
    "shared-outside": "Take out whoever belongs to another organisation.",
    "no-members": "Is the channel's address right? docs/teams.md, step 5.",
    "unlisted-service-host": "That address is none of Teams' own; look at who sent it.",
}
_AGAIN = "Try again in a minute."


async def checks(
    *, app: TeamsApp, schools: Collection[School], expected: dict[str, frozenset[PersonId]]
) -> list[Line]:
    """Return every check's line. ``expected`` maps a school's id to who belongs in its leadership channel."""
    lines = await _credentials(app)
    if any(well is False for well, _, _ in lines):
        return lines
    lines.append(await _calls_us(app.chat))
    for school in schools:
        welcome = expected.get(school.id, frozenset())
        lines += [line async for line in _places(app.chat, school, welcome)]
        lines += [line async for line in _people(app.chat, school)]
        lines += [line async for line in _reporters(app.chat, school)]
    return lines


async def _credentials(app: TeamsApp) -> list[Line]:
    """Return whether Microsoft gives us a token, and whether its signing keys can be read."""
    if app.open_to_this_computer:
        return [(True, "Teams: development, without credentials, on this computer only", "")]
    lines: list[Line] = []
    try:
        await app.token()
        lines.append((True, "Teams credentials: Microsoft gives us a token", ""))
    except PlatformError as error:
        mend = "Look at TEAMS_APP_ID, TEAMS_APP_PASSWORD (has it run out?) and TEAMS_TENANT_ID."
        lines.append((False, f"Teams credentials: {error.message.removesuffix('.')}", mend))
    if await app.knows_keys():
        lines.append((True, "Teams signing keys: read", ""))
    else:
        mend = "This computer must reach login.botframework.com (docs/teams-it.md)."
        lines.append((False, "Teams signing keys: cannot be read", mend))
    return lines


async def _calls_us(chat: TeamsChat) -> Line:
    """Return whether Teams gets here: only its own words prove that."""
    if await chat.heard():
        return (True, "Teams calls us: it has been heard", "")
    mend = "Once it runs, write the bot a word in Teams: an answer proves it."
    return (None, "Teams calls us, at /api/messages: not proved from here", mend)


async def _places(chat: TeamsChat, school: School, welcome: frozenset[PersonId]) -> AsyncIterator[Line]:
    """Yield, for each place of a school, whether we are in it and who else is."""
    places = {"leadership": school.leadership.get(Platform.TEAMS, "")}
    places |= {seat: names.get(Platform.TEAMS, "") for seat, names in school.restricted.items()}
    for name, address in places.items():
        if not address:
            if name == "leadership":
                mend = "Set [places] leadership; until then leaders are told in their own chats."
                yield (False, f"{school.prefix}: no leadership channel in Teams", mend)
            continue
        what = f"{school.prefix}: {name} channel"
        try:
            found = await chat.members(_address(school, channel=address))
        except PlatformError as error:
            yield (False, f"{what}: {error.message}", _MENDS.get(error.reference, _AGAIN))
            continue
        if not found.fit:
            mend = _MENDS.get(found.trouble, _MENDS["not-there"])
            yield (False, f"{what}: not fit ({found.trouble})", mend)
            continue
        yield (
            True,
            f"{what}: {len(found.accounts)} members. Have a look yourself that the team is private",
            "",
        )
        if name == "leadership":
            theirs = {one: school.people[one].accounts.get(Platform.TEAMS, "").lower() for one in welcome}
            for person, account in sorted(theirs.items()):
                if account and account not in found.accounts:
                    mend = "Add them to the team: they see no case there, and are told in their own chat."
                    yield (None, f"{what}: {person} is not in it", mend)
            known = set(theirs.values())
            extra = len(found.accounts - known)
            if extra:
                mend = "Whoever has no seat should leave the team: everybody in it sees the cards."
                yield (False, f"{what}: {extra} members hold none of its seats", mend)


async def _people(chat: TeamsChat, school: School) -> AsyncIterator[Line]:
    """Yield, for each seat holder, whether we can write to them. Beginning a chat posts nothing."""
    reached = 0
    for person in school.people.values():
        account = person.accounts.get(Platform.TEAMS, "")
        if not account or not school.seats_of(person.id):
            continue
        what = f'{school.prefix}: "{person.id}"'
        if not _ENTRA_ID.fullmatch(account.lower()):
            yield (
                False,
                f"{what}: their Teams id is no Entra object id",
                "Copy it from Entra: docs/teams.md, step 5.",
            )
            continue
        try:
            await chat.begin_chat(school.workspaces.get(Platform.TEAMS, "") or chat.tenant, account)
            reached += 1
        except PlatformError as error:
            yield (False, f"{what}: cannot be written to", _MENDS.get(error.reference, _AGAIN))
    yield (True, f"{school.prefix}: {reached} seat holders can be written to in Teams", "")


async def _reporters(chat: TeamsChat, school: School) -> AsyncIterator[Line]:
    """Yield how many may report in Teams, and by what; a team that lets nobody in is wrong."""
    listed = {p.accounts.get(Platform.TEAMS, "") for p in school.people.values() if school.may_report(p.id)}
    everybody, ways = listed - {""}, [f"{len(listed - {''})} by the school's file"]
    if team := school.staff.teams_team:
        what = f"{school.prefix}: who may report by the staff team"
        try:
            found = await chat.staff(team)
        except PlatformError as error:
            yield (False, f"{what}: {error.message}", _MENDS.get(error.reference, _AGAIN))
        else:
            everybody |= set(found)
            ways.append(f"{len(found)} by the staff team")
            if not found:
                yield (
                    False,
                    f"{what}: nobody",
                    "Is it the right team, and is anybody in it who is no guest?",
                )
    yield (True, f"{school.prefix}: {len(everybody)} people may report in Teams: {', '.join(ways)}", "")
    if school.staff.email_domains:
        ends = ", ".join(f"@{end}" for end in school.staff.email_domains)
        mend = "Have one of them write to the bot: an answer proves it."
        what = f"{school.prefix}: whose address ends with {ends} may report in Teams too"
        yield (None, f"{what}; how many, Teams does not tell us", mend)


async def try_channel(chat: TeamsChat, school: School, channel: str) -> list[tuple[bool, str, str]]:
    """Post, change and answer a message in a channel; return which of the three worked.

    The proof that a private channel will do: Microsoft's own pages differ on whether bots may post there.
    """
    what = f"{school.prefix}: {channel}"
    lines: list[tuple[bool, str, str]] = []

    def card(words: str) -> Card:
        return Card(kind="teams-try", summary=say("teams.dialog"), blocks=(Text(words),))

    try:
        posted = await chat.send(_address(school, channel=channel), card(say("teams.try.posted")), key="try")
        lines.append((True, f"{what}: a message was posted", ""))
        await chat.edit(posted, card(say("teams.try.changed")))
        lines.append((True, f"{what}: it was changed in place", ""))
        await chat.reply(posted, card(say("teams.try.answered")), key="try/answer")
        lines.append((True, f"{what}: it was answered in its thread", ""))
    except PlatformError as error:
        mend = "Use a standard channel of a private team instead (docs/teams.md, step 4)."
        lines.append((False, f"{what}: {error.message}", mend))
    return lines


def _address(school: School, *, channel: str) -> Address:
    return Address(
        platform=Platform.TEAMS, workspace=school.workspaces.get(Platform.TEAMS, ""), channel=channel
    )
