"""``key``: what is typed of the sealing key; :mod:`bot.commands.key` does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import event_loop

VAR = Path("var")

key_app = typer.Typer(no_args_is_help=True, help="The sealing key.")

Folder = Annotated[Path, typer.Option(help="where the try-out keeps everything")]


@key_app.command("public")
def key_public(folder: Folder = VAR) -> None:
    """Print the public key that this school's exports are signed with; it is no secret."""
    from bot.commands import key  # noqa: PLC0415 - each command imports its own
    from bot.commands.where import where  # noqa: PLC0415 - likewise

    typer.echo(event_loop.run(key.public(where(folder))))


@key_app.command("new")
def key_new(path: Annotated[Path, typer.Argument(help="the file to write the key to")]) -> None:
    """Write a new sealing key to a file that only you can read."""
    from bot.commands import key  # noqa: PLC0415 - each command imports its own

    typer.echo(key.new(path), nl=False)


@key_app.command("rotate")
def key_rotate(
    path: Annotated[Path, typer.Argument(metavar="NEW", help="the file of the key that is to follow")],
    folder: Folder = VAR,
) -> None:
    """Have another key open the store, also while the bot runs. What is stored stays as it is."""
    from bot.commands import key  # noqa: PLC0415 - each command imports its own
    from bot.commands.where import where  # noqa: PLC0415 - likewise

    typer.echo(event_loop.run(key.rotate(where(folder), path, typer.echo)), nl=False)


@key_app.command("export")
def key_export(
    page: Annotated[Path | None, typer.Option(help="write a page to print there instead (.html)")] = None,
    folder: Folder = VAR,
) -> None:
    """Print the recovery sheet: the key in letters that can be typed back, and what happens without it."""
    from bot.clock import SystemClock  # noqa: PLC0415 - each command imports its own
    from bot.commands import key  # noqa: PLC0415 - likewise
    from bot.commands.where import where  # noqa: PLC0415 - likewise

    today = SystemClock().now().date()
    typer.echo(event_loop.run(key.export(where(folder), page, today)), nl=False)


@key_app.command("import")
def key_import(path: Annotated[Path, typer.Argument(help="the file to write the key to")]) -> None:
    """Write the key that is typed off a recovery sheet, line by line, to a file that only you can read."""
    from bot.commands import key  # noqa: PLC0415 - each command imports its own
    from bot.documents import paper  # noqa: PLC0415 - likewise

    lines = [typer.prompt(f"Line {number}", err=True) for number in range(1, paper.LINES + 1)]
    typer.echo(key.typed(path, lines), nl=False)
