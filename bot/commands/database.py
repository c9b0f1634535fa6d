"""What a database as the store asks for: its tables, and the move into it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands import event_loop

Store = Annotated[str, typer.Argument(metavar="FROM", help="a store's address, or the setting that has it")]
Empty = Annotated[str, typer.Argument(metavar="TO", help="likewise; nothing may be in it yet")]


def migrate() -> None:
    """Make the tables of a database, or bring them up to date. Safe to run at each release."""
    from bot.config import load  # noqa: PLC0415 - each command imports its own
    from bot.config.settings import is_database  # noqa: PLC0415 - likewise

    address = load.owners_address()
    if not is_database(address):
        where = "DATABASE_URL or REPORT_STORE names one."
        typer.echo(f"Nothing to do: only a database has tables to migrate. {where}")
        return
    from storage.postgres.migrate import migrate as migrated  # noqa: PLC0415 - only where there is one

    done = event_loop.run(migrated(address))
    typer.echo("\n".join(["Migrated:", *(f"  {name}" for name in done)]) if done else "Up to date.")


def move(source: Store, to: Empty) -> None:
    """Copy all that is stored into another store, and prove that it is the same."""
    from bot.config import load  # noqa: PLC0415 - each command imports its own
    from storage import moving  # noqa: PLC0415 - likewise

    key = load.sealing_key()
    proof = event_loop.run(moving.move(load.address_in(source), load.address_in(to), key))
    rows = "\n".join(f"  {table}: {count}" for table, count in sorted(proof.tables.items()))
    typer.echo(
        f"Moved {proof.rows} rows and {proof.files} files, and read all of them in both again:\n{rows}\n"
        f"Both come to the same sum over every opened row: {proof.digest}\n"
        "Now point REPORT_STORE at the new one. Keep the old one, untouched, until you have seen it work."
    )
