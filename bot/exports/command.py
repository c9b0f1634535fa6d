"""``verify FILE``: whether an export is as it was made. Needs no store, no settings; shows no contents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from flows.errors import InvalidAnswer

#: More bytes than the files of any case come to.
_MOST = 2_000_000_000
_SAYS = """What this proves: nobody has changed anything in it since whoever holds that key's secret made it.
What it does not prove: that what people reported is so; when it was made, other than by that computer's
clock; or anything against somebody who has the school's sealing key itself.
"""


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the ZIP of an export")],
    key: Annotated[str, typer.Option(help="the school's public key, as key public prints it")] = "",
) -> None:
    """Say whether the export of a case is as it was made, and what was changed if it is not."""
    raise typer.Exit(_told(file, key=key.strip(), out=sys.stdout))


def _told(path: Path, *, key: str, out: TextIO) -> int:
    """Say it; return the exit code. Raises InvalidAnswer."""
    from bot.exports import verify as looking  # noqa: PLC0415 - each command imports its own

    try:
        if path.stat().st_size > _MOST:
            raise InvalidAnswer("file", "This file is too large to be an export.", "Give the export itself.")
        content = path.read_bytes()
    except OSError as error:
        mend = "Give the ZIP that an export is."
        raise InvalidAnswer("file", f"{path} cannot be read ({error.strerror}).", mend) from None
    verdict = looking.verify(content, key=key)
    if verdict.changed or verdict.manifest is None:
        out.write("CHANGED. This is not as it was made:\n")
        out.writelines(f"- {line}\n" for line in verdict.changed)
        return 1
    made = verdict.manifest
    out.write(f"Unchanged: {made.case}, {made.school}, made on {made.made} by {made.by}.\n")
    out.write(f"{len(made.files)} files, {len(made.events)} events. Signed with the key {made.public_key}\n")
    out.write(
        "That is the key you gave.\n"
        if key
        else "Anybody can sign with their own key. Compare it with what the school's computer prints for\n"
        "  report-posting key public\nor give that: report-posting verify FILE --key KEY\n"
    )
    out.write(_SAYS)
    return 0
