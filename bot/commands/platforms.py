"""What Slack and Teams need to know of the bot: manifests, permissions, a package, a try of a channel.

And what mail servers let it know: an e-mail that came back is left where the running bot finds it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import event_loop
from flows.errors import InvalidAnswer, SettingsError

slack_app = typer.Typer(no_args_is_help=True, help="What Slack needs to know of the bot.")
teams_app = typer.Typer(no_args_is_help=True, help="What Teams needs to know of the bot.")

SchoolName = Annotated[str, typer.Option("--school", help="the school's prefix, where there are several")]


@slack_app.command("manifest")
def slack_manifest(
    address: Annotated[str, typer.Option(help="our public address, https://…; none = Socket Mode")] = "",
    many: Annotated[bool, typer.Option(help="to be installed into several workspaces")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Print the manifest to paste into Slack: Socket Mode, unless an address is given."""
    import json  # noqa: PLC0415 - each command imports its own

    from adapters.slack import manifest  # noqa: PLC0415 - likewise
    from bot.config import load  # noqa: PLC0415 - likewise
    from bot.config.written import address_wrongs  # noqa: PLC0415 - likewise
    from bot.school_file.load import read_schools  # noqa: PLC0415 - likewise

    for wrong in address_wrongs("--address", address):
        raise InvalidAnswer("address", wrong, "")
    if many and not address:
        raise InvalidAnswer("address", "--many needs our public address.", "Add --address https://…")
    path = load.school_path()  # who is staff there decides what has to be asked for
    schools = read_schools(path)[0].values() if path.exists() else ()
    staffs = [school.staff for school in schools]
    asked = manifest.manifest(base_url=address or None, socket=not address, many=many, staffs=staffs)
    typer.echo(json.dumps(asked, indent=2, ensure_ascii=False))


@slack_app.command("permissions")
def slack_permissions() -> None:
    """Print every permission the bot asks Slack for, with its reason."""
    from adapters.slack import manifest  # noqa: PLC0415 - each command imports its own

    for scope, reason in manifest.reasons():
        typer.echo(f"{scope}: {reason}")


@teams_app.command("package")
def teams_package(
    path: Annotated[Path, typer.Argument(help="the zip to write")] = Path("report-posting-teams.zip"),
    website: Annotated[str, typer.Option(help="the school's own website, shown as the developer's")] = "",
    private_channels: Annotated[bool, typer.Option(help="also offer private channels")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Write the app package to upload into Teams. Needs TEAMS_APP_ID."""
    from adapters.teams import manifest  # noqa: PLC0415 - each command imports its own
    from bot.config import load  # noqa: PLC0415 - likewise

    settings = load.from_environment()
    if settings.teams is None or not settings.teams.app_id:
        raise SettingsError(
            "settings", "TEAMS_APP_ID is not set.", "It is in the app's registration in Entra."
        )
    theirs = {"website": website} if website else {}
    path.write_bytes(manifest.package(settings.teams.app_id, private_channels=private_channels, **theirs))
    typer.echo(f"{path}: upload it in the Teams admin centre.")


@teams_app.command("try-channel")
def teams_try_channel(
    channel: Annotated[str, typer.Argument(help="the channel's id, 19:…@thread.tacv2")],
    school: SchoolName = "",
) -> None:
    """Post, change and answer a message in a channel: the proof before a private channel is used."""
    from bot.config import load  # noqa: PLC0415 - each command imports its own

    settings = load.for_serving(load.from_environment())
    from bot.commands import inspect  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    lines = event_loop.run(inspect.try_channel(settings, school, channel))
    for well, what, mend in lines:
        typer.echo(f"{'ok' if well else '!!'} {what}. {mend}".rstrip(". ") + ".")
    raise typer.Exit(0 if all(well for well, _, _ in lines) else 1)


def bounce(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="a file, or - for standard input")],
) -> None:
    """Read an e-mail that came back, as a mail server pipes it in, and let the bot know of it."""
    from adapters.email.listen import lay  # noqa: PLC0415 - each command imports its own
    from adapters.email.parse import Verdict, parse  # noqa: PLC0415 - likewise
    from bot.config import load  # noqa: PLC0415 - likewise
    from bot.config.settings import bounces_folder, is_database  # noqa: PLC0415 - likewise

    found = parse(_whole(source))
    if found is None:
        what = "This is no report that a message of ours came back, so nothing was done."
        raise InvalidAnswer("source", what, "Hand in the whole e-mail, with its head, as a server sent it.")
    if found.verdict is Verdict.FAILED:
        address = load.store_address()
        folder = bounces_folder(address)
        if folder is not None:
            lay(folder, found)
        elif not is_database(address):
            what = "REPORT_STORE: set it to the store of the bot that runs, so that it hears of this."
            raise SettingsError("settings", what)
        elif not event_loop.run(_left(address, load.sealing_key(), found.known_as)):
            typer.echo("That is no message that we know of, or one of long ago. Nothing has to be done.")
            return
    typer.echo(_BECAME[found.verdict.value])


async def _left(address: str, key: bytes, number: str) -> bool:
    """Leave in the database that a message came back; return whether it is one of ours."""
    from adapters.email.known import leave  # noqa: PLC0415 - each command imports its own
    from storage.open import Opening, open_store  # noqa: PLC0415 - likewise

    store = await open_store(address, key=key, opening=Opening.BESIDE)
    try:
        return await leave(store, number)
    finally:
        await store.close()


_BECAME = {
    "failed": "That message did not arrive. The bot hears of it within a minute, or when it next starts.",
    "delayed": "That message is late: the server goes on trying. Nothing has to be done.",
    "delivered": "That message arrived. Nothing has to be done.",
}


def _whole(source: str) -> bytes:
    """Return what a file or standard input holds, as far as an e-mail that came back may be long."""
    from adapters.email import limits  # noqa: PLC0415 - each command imports its own

    most = limits.BOUNCE_BYTES + 1
    if source == "-":
        return sys.stdin.buffer.read(most)
    try:
        with Path(source).open("rb") as file:
            return file.read(most)
    except OSError:
        raise InvalidAnswer("source", "That file cannot be read.", "Is its path right?") from None
