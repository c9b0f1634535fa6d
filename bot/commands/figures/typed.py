"""What is typed for figures: ``figures``, as text or CSV; ``report``, which writes the governors' report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import event_loop

SchoolName = Annotated[str, typer.Option("--school", help="the school's prefix, where there are several")]
Term = Annotated[str, typer.Argument(help="a term's name; none = this one, last = the one before")]
Folder = Annotated[Path, typer.Option(help="where the try-out keeps everything")]


def figures(
    term: Term = "",
    csv: Annotated[bool, typer.Option("--csv", help="as lines of a CSV file")] = False,  # noqa: FBT002 - typer's way
    school: SchoolName = "",
    folder: Folder = Path("var"),
) -> None:
    """Print the figures of a term: steps of five, no case that is kept from anybody."""
    from bot.commands.where import stored  # noqa: PLC0415 - each command imports its own

    settings = stored(folder, school)
    from bot.commands.figures import made  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    typer.echo(event_loop.run(made.printed(settings, school, term, csv=csv)))


def report(
    term: Term = "",
    into: Annotated[Path, typer.Option(help="the folder to write it to")] = Path(),
    school: SchoolName = "",
    folder: Folder = Path("var"),
) -> None:
    """Write a term's report to governors, as a page and as a PDF. Read it before it leaves the school."""
    from bot.commands.where import stored  # noqa: PLC0415 - each command imports its own

    settings = stored(folder, school)
    from bot.commands.figures import made  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    for path in event_loop.run(made.written(settings, school, term, into)):
        typer.echo(f"{path}: read it before it leaves the school.")
