"""The command line: ``python -m bot …``, installed as ``report-posting``.

Every command imports what it needs when it runs, so that none waits for another's libraries. Exit
codes: 0 done, 1 something failed, 2 the input was wrong. An error is words and a hint, no traceback.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import database, event_loop
from bot.commands.figures.typed import figures, report
from bot.commands.keys.typed import key_app
from bot.commands.platforms import bounce, slack_app, teams_app
from bot.commands.policy.typed import Source, policy_app
from bot.commands.refused import in_words
from bot.exports.command import verify
from bot.set_up.begin import offered, setup
from flows.errors import InvalidAnswer, PolicyError, ReportingError, SchoolFileError, SettingsError

OK, FAILED, WRONG_INPUT, STOPPED = 0, 1, 2, 130
#: Errors whose mend is in the hands of whoever typed the command or wrote the file.
THEIRS = (SettingsError, SchoolFileError, PolicyError, InvalidAnswer)
VAR = Path("var")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Report an online posting: try it out, set it up, run it. Settings: docs/settings.md",
)
app.add_typer(policy_app, name="policy")
app.add_typer(slack_app, name="slack")
app.add_typer(teams_app, name="teams")
app.add_typer(key_app, name="key")
for command in (bounce, figures, database.migrate, database.move, report, setup, verify):
    app.command()(command)

Folder = Annotated[Path, typer.Option(help="where the try-out keeps everything")]
SchoolName = Annotated[str, typer.Option("--school", help="the school's prefix, where there are several")]
NewStore = Annotated[bool, typer.Option("--new-store", help="the first start: make an empty store")]
WhatIsThere = Annotated[bool, typer.Option("--what-is-there", help="no backup: go on with what is left")]
Drill = Annotated[bool, typer.Option("--drill", help="restore it for practice, and look at all of it")]


@app.callback()
def settings(
    file: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE", help="read settings from a file, such as setup writes"),
    ] = None,
) -> None:
    """Read settings from a file first; what the environment sets stands."""
    if file is not None:
        from bot.config import load  # noqa: PLC0415 - each command imports its own

        load.from_file(file)


@app.command()
def run(
    folder: Folder = VAR,
    host: Annotated[str, typer.Option(help="the address to listen on")] = "",
    port: Annotated[int, typer.Option(help="the port to listen on", min=0, max=65535)] = 0,
) -> None:
    """Try it out: an invented school in your browser, on this computer only."""
    from bot import log  # noqa: PLC0415 - each command imports its own
    from bot.config import load  # noqa: PLC0415 - each command imports its own

    settings = load.for_trying_out(load.from_environment(), folder, host=host, port=port)
    log.setup(settings.log_level)
    from bot import serving  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    event_loop.run(serving.serve(settings, offer=partial(offered, settings)))


@app.command()
def serve(
    new_store: NewStore = False,  # noqa: FBT002 - typer's way
) -> None:
    """Run for a real school. Settings come from the environment."""
    _serve("ALL", new_store=new_store)


@app.command()
def web() -> None:
    """Take in what comes from the platforms, beside a worker: any number of each, on one database."""
    _serve("WEB")


@app.command()
def worker() -> None:
    """Send what goes out, and see to what has a time, beside the web: any number of each, on one database."""
    _serve("WORKER")


def _serve(part: str, *, new_store: bool = False) -> None:
    from bot import log  # noqa: PLC0415 - each command imports its own
    from bot.config import load, stores  # noqa: PLC0415 - each command imports its own

    settings = load.for_serving(load.from_environment())
    load.refuse(list(stores.parts_wrongs(settings)) if part != "ALL" else [])
    log.setup(settings.log_level)
    from bot import serving, wiring  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    event_loop.run(serving.serve(settings, new_store=new_store, part=wiring.Part[part]))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="the file to write")] = Path("school.toml"),
    answers: Annotated[Path | None, typer.Option(help="a TOML file of answers, instead of asking")] = None,
    force: Annotated[bool, typer.Option(help="write over a file that is there")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Ask about the school and write its file, with comments."""
    from bot.commands import init as asking  # noqa: PLC0415 - each command imports its own

    raise typer.Exit(asking.run(path, answers=answers, force=force, out=sys.stdout))


@app.command()
def check(
    school: Annotated[
        Path | None, typer.Argument(help="a school's file or a folder, instead of REPORT_SCHOOL")
    ] = None,
    repair: Annotated[bool, typer.Option(help="forget what does not open and rests apart")] = False,  # noqa: FBT002 - typer's way
    send_test: Annotated[str, typer.Option(metavar="PERSON", help="send this person a test e-mail")] = "",
) -> None:
    """Look at settings, schools, policy and store; say what is proved and what is left to do."""
    from bot.commands import check as checking  # noqa: PLC0415 - each command imports its own
    from bot.commands import look_at_platforms as platforms  # noqa: PLC0415 - likewise
    from bot.commands import look_at_store as store  # noqa: PLC0415 - likewise

    looks: list[checking.PlatformCheck] = [partial(platforms.look, send_test=send_test)]
    looks.append(store.repair if repair else store.look)
    raise typer.Exit(event_loop.run(checking.run(school, out=sys.stdout, platform_checks=looks)))


@app.command()
def decide(source: Source) -> None:
    """Read answers as JSON, one object or a list, and print what the policy asks for as JSON."""
    from bot.commands import decide as deciding  # noqa: PLC0415 - each command imports its own

    raise typer.Exit(deciding.run(source, sys.stdout, sys.stderr))


@app.command()
def words(source: Source) -> None:
    """Read sentences, one a line, and print as JSON what each makes the bot ask about, and why."""
    from bot.commands import words as checking  # noqa: PLC0415 - each command imports its own

    raise typer.Exit(checking.run(source, sys.stdout, sys.stderr))


@app.command()
def cases(school: SchoolName = "", folder: Folder = VAR) -> None:
    """Print a school's open cases: references, states and limits; no names and no words."""
    _looked(lambda look: look.list_cases, school, folder)


@app.command()
def digest(school: SchoolName = "", folder: Folder = VAR) -> None:
    """Print this week's digest as the leadership channel would see it."""
    _looked(lambda look: look.show_digest, school, folder)


@app.command()
def rehearsal(school: SchoolName = "", folder: Folder = VAR) -> None:
    """Print how the rehearsal stands that was begun in chat, or on the last page of set-up."""
    _looked(lambda look: look.show_rehearsal, school, folder)


def _looked(what: Callable[[Any], Any], school: str, folder: Path, *more: str) -> None:
    from bot.commands.where import stored  # noqa: PLC0415 - each command imports its own

    settings = stored(folder, school)
    from bot.commands import inspect  # noqa: PLC0415 - wrong settings are told before the platforms are loaded

    typer.echo(event_loop.run(what(inspect)(settings, school, *more)))


@app.command()
def audit(
    reference: Annotated[
        str, typer.Argument(help="one case, like HPS-2026-7H4M; none = all; verify = prove that it is whole")
    ] = "",
    school: SchoolName = "",
    folder: Folder = VAR,
    head: Annotated[str, typer.Option(help="with verify: the audit's head of a digest or a backup")] = "",
) -> None:
    """Print who opened, was told, was refused and was shown the reporter, newest first."""
    if reference == "verify":
        from bot.commands import audit as auditing  # noqa: PLC0415 - each command imports its own

        whole, said = auditing.verify(folder, school, head)
        typer.echo(said, nl=False)
        raise typer.Exit(OK if whole else FAILED)
    _looked(lambda look: look.show_audit, school, folder, reference.strip())


@app.command()
def backup(
    into: Annotated[
        str, typer.Argument(metavar="PLACE", help="a folder that is not there yet, or s3://BUCKET/FOLDER")
    ],
    folder: Folder = VAR,
    drill: Drill = False,  # noqa: FBT002 - typer's way
) -> None:
    """Copy all that is stored, also while the bot runs: into a folder of its own, or to an S3, sealed."""
    from bot.commands import backup as copies  # noqa: PLC0415 - each command imports its own

    if drill:
        whole, said = copies.drill(folder, into)
        typer.echo(said, nl=False)
        raise typer.Exit(OK if whole else FAILED)
    typer.echo(copies.back_up(folder, into), nl=False)


@app.command()
def restore(
    source: Annotated[str, typer.Argument(metavar="PLACE", help="a folder that backup made, or s3://…")] = "",
    what_is_there: WhatIsThere = False,  # noqa: FBT002 - typer's way
    folder: Folder = VAR,
) -> None:
    """Put a backup back. What is in its place is kept beside it."""
    from bot.commands import backup as copies  # noqa: PLC0415 - each command imports its own

    typer.echo(copies.restore(folder, source, what_is_there=what_is_there), nl=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; whatever goes wrong is told in words on standard error."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console cannot show every sign: no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = app(args=arguments, prog_name="report-posting", standalone_mode=False)
    except ReportingError as error:
        return _failed(str(error), WRONG_INPUT if isinstance(error, THEIRS) else FAILED)
    except typer.TyperException as error:
        words = error.format_message().rstrip(".").removesuffix("?")
        asked = getattr(getattr(error, "ctx", None), "command_path", "report-posting")
        mark = "?" if words.endswith("'") and "Did you mean" in words else "."
        shown = words if words.startswith("Usage:") else f"{words}{mark} See: {asked} --help"
        return _failed(shown, WRONG_INPUT)
    except (typer.Abort, KeyboardInterrupt, EOFError):
        return _failed("Stopped. Nothing was written.", STOPPED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more must be written, not even at the exit.
        sys.stdout = None
        return OK
    except OSError as error:
        return _failed(in_words(error), FAILED)
    except Exception as error:  # noqa: BLE001 - the last place where it can become words
        from bot import log  # noqa: PLC0415 - only where something broke

        return _failed(f"Something broke inside: {log.described(error)}. Please report this line.", FAILED)
    return code if isinstance(code, int) else OK


def _failed(words: str, code: int) -> int:
    sys.stderr.write(words.rstrip() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
