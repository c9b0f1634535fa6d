"""Setting up: the app's zip is what Teams takes, and ``check`` finds what is missing before a report does."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator

import pytest

from adapters.teams import check, limits, manifest
from adapters.teams.parse import ADD_TO_CASE, REPORT_THIS
from bot.directory import leadership_people
from flows.errors import SettingsError
from tests.teams.conftest import Bot
from tests.teams.connector import APP, CHANNEL, OTHER_TENANT, Connector, Fault, account, member
from tests.teams.town import TeamsTown, teams_town

MADE = manifest.manifest(APP, host="bot.school.example", school="Hypothetical Primary School")


def test_the_zip_is_what_teams_takes() -> None:
    """The zip holds the manifest and both icons at its top, and is the same every time."""
    package = manifest.package(APP)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(archive.read("manifest.json"))["bots"][0]["botId"] == APP
    assert package == manifest.package(APP)


@pytest.mark.parametrize(
    ("icon", "size"),
    [(manifest.colour_icon, limits.ICON_COLOUR), (manifest.outline_icon, limits.ICON_OUTLINE)],
)
def test_an_icon_is_a_picture_of_the_right_size(icon: object, size: int) -> None:
    """Each icon is a whole PNG, square, of the size Teams asks for; the outline is white on nothing."""
    raw = icon()  # type: ignore[operator]
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(raw):
        length, kind = struct.unpack(">I4s", raw[at : at + 8])
        content = raw[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", raw[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + content)
        chunks[kind], at = content, at + 12 + length
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (size, size, 8, 6, 0, 0, 0)
    lines = zlib.decompress(chunks[b"IDAT"])
    assert len(lines) == size * (1 + 4 * size)
    pixels = {lines[row * (4 * size + 1) + 1 + 4 * x :][:4] for row in range(size) for x in range(size)}
    assert len(pixels) == 2
    if size == limits.ICON_OUTLINE:
        assert pixels == {b"\xff\xff\xff\xff", b"\xff\xff\xff\x00"}


def test_the_manifest_keeps_teams_limits() -> None:
    """Names, descriptions and commands are as short and as few as Teams wants them."""
    assert len(MADE["name"]["short"]) <= limits.NAME_SHORT
    assert len(MADE["name"]["full"]) <= limits.NAME_FULL
    assert len(MADE["description"]["short"]) <= limits.DESCRIPTION_SHORT
    assert len(MADE["description"]["full"]) <= limits.DESCRIPTION_FULL
    lists = MADE["bots"][0]["commandLists"]
    assert len(lists) <= limits.COMMAND_LISTS
    for one in lists:
        assert len(one["commands"]) <= limits.COMMANDS
        for command in one["commands"]:
            assert len(command["title"]) <= limits.COMMAND_TITLE
            assert len(command["description"]) <= limits.COMMAND_DESCRIPTION
    for action in MADE["composeExtensions"][0]["commands"]:
        assert len(action["title"]) <= limits.ACTION_TITLE
        assert len(action["description"]) <= limits.ACTION_DESCRIPTION


@pytest.mark.feature("manifest")
def test_the_manifest_asks_for_little() -> None:
    """Nothing of a team's messages or files is asked for; private channels only when told to."""
    assert "authorization" not in MADE
    assert "webApplicationInfo" not in MADE
    assert MADE["bots"][0]["scopes"] == ["personal", "team"]
    assert "supportsChannelFeatures" not in MADE
    assert manifest.manifest(APP, private_channels=True)["supportsChannelFeatures"] == "tier1"


def test_the_manifest_offers_what_the_bot_understands() -> None:
    """Every command and action on offer is one that is understood."""
    titles = {c["title"] for one in MADE["bots"][0]["commandLists"] for c in one["commands"]}
    assert titles == {"report-posting", "status", "help", "cases", "find", "case", "digest", "home"}
    actions = [action["id"] for action in MADE["composeExtensions"][0]["commands"]]
    assert actions == [REPORT_THIS, ADD_TO_CASE]


# -- check -------------------------------------------------------------------------------------------


@pytest.fixture
async def town(connector: Connector) -> AsyncIterator[TeamsTown]:
    """Give the sample school on Teams, set up as it should be."""
    async with teams_town(connector) as made:
        yield made


async def looked(town: TeamsTown) -> list[check.Line]:
    """Return what ``check`` finds in that school."""
    expected = {str(town.school.id): leadership_people(town.school)}
    return await check.checks(app=town.app, schools=[town.school], expected=expected)


async def test_a_school_that_is_set_up_is_proved(town: TeamsTown) -> None:
    """Where everything is as it should be, nothing is left to do, and nothing was posted."""
    before = json.dumps(town.connector.messages)
    lines = await looked(town)
    assert [line for line in lines if not line[0]] == []
    assert len(lines) >= 4
    assert before == json.dumps(town.connector.messages)


async def test_who_has_no_business_in_the_channel_is_counted(town: TeamsTown) -> None:
    """Somebody in the leadership channel without a seat is found, without their name."""
    town.connector.channels[CHANNEL].append(member("jo"))
    (line,) = [line for line in await looked(town) if not line[0]]
    assert "1 members hold none of its seats" in line[1]
    assert account("jo") not in str(line)


async def test_who_is_missing_from_the_channel_is_named(town: TeamsTown) -> None:
    """A leader who is not in the leadership channel is named; that stops nothing."""
    town.connector.channels[CHANNEL] = [
        one for one in town.connector.channels[CHANNEL] if one["aadObjectId"] != account("dee")
    ]
    missing = [(well, what) for well, what, _ in await looked(town) if "is not in it" in what]
    assert missing == [(None, "HPS: leadership channel: dee is not in it")]


async def test_a_shared_team_is_found(town: TeamsTown) -> None:
    """A leadership team with somebody of another organisation is not fit."""
    town.connector.channels[CHANNEL].append(member("out", tenantId=OTHER_TENANT))
    assert any("shared-outside" in line[1] for line in await looked(town) if not line[0])


async def test_a_channel_we_are_not_in_is_found(town: TeamsTown) -> None:
    """A channel without the app is found, with what to do."""
    del town.connector.channels[CHANNEL]
    (line,) = [line for line in await looked(town) if not line[0]]
    assert "not-there" in line[1]
    assert "docs/teams.md" in line[2]


async def test_credentials_are_proved(bot: Bot) -> None:
    """A token and the signing keys are asked for; a wrong secret is found at once, with what to do."""
    found = {what: well for well, what, _ in await check.checks(app=bot.app, schools=[], expected={})}
    unheard = "Teams calls us, at /api/messages: not proved from here"
    assert [what for what, well in found.items() if not well] == [unheard]
    bot.app._wire.tokens.forget()  # type: ignore[union-attr] # noqa: SLF001 - as if it had run out
    await bot.connector.server.close()
    lines = await check.checks(app=bot.app, schools=[], expected={})
    assert lines[0][0] is False
    assert "TEAMS_APP_PASSWORD" in lines[0][2]


async def test_a_channel_is_tried_live(town: TeamsTown) -> None:
    """Before a private channel is used: posted, changed, answered; each failure says which it was."""
    lines = await check.try_channel(town.app.chat, town.school, CHANNEL)
    assert [well for well, _, _ in lines] == [True, True, True]
    town.connector.faults.extend([None, Fault.BLOCKED])
    lines = await check.try_channel(town.app.chat, town.school, CHANNEL)
    assert [well for well, _, _ in lines] == [True, False]


async def test_half_of_the_settings_is_not_enough(bot: Bot) -> None:
    """An app id without tenant and secret starts nothing."""
    from adapters.teams import listen  # noqa: PLC0415 - beside its only use
    from bot.directory import SchoolDirectory  # noqa: PLC0415 - beside its only use
    from tests.fakes import FakeClock  # noqa: PLC0415 - beside its only use

    with pytest.raises(SettingsError):
        listen.create(
            door=bot.door, directory=SchoolDirectory({}), store=bot.store, clock=FakeClock(), app_id=APP
        )
