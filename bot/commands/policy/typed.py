"""``policy`` and what is behind it: the page to sign, the table, two compared, one decision explained."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

policy_app = typer.Typer(no_args_is_help=True, help="The school's policy as a page, a table, or explained.")
OwnPolicy = Annotated[
    str, typer.Option("--policy", help="a policy's file, or one of county, talk_first, meet_and_mend")
]
Source = Annotated[str, typer.Argument(metavar="FILE|-", help="a file, or - for standard input")]


@policy_app.command()
def page(policy: OwnPolicy = "county") -> None:
    """Print the policy as a page that a Headteacher and a Chair can sign."""
    from bot.commands.policy import policy_page  # noqa: PLC0415 - each command imports its own
    from bot.school_file.own_policy import named  # noqa: PLC0415 - likewise

    typer.echo(policy_page.page(named(policy)))


@policy_app.command()
def table(policy: OwnPolicy = "county") -> None:
    """Print the decision table, one line a row."""
    from bot.commands.policy import policy_page  # noqa: PLC0415 - each command imports its own
    from bot.school_file.own_policy import named  # noqa: PLC0415 - likewise

    typer.echo(policy_page.table(named(policy)))


@policy_app.command()
def compare(
    old: Annotated[str, typer.Argument(help="a policy's file, or one of county, talk_first, meet_and_mend")],
    new: Annotated[str, typer.Argument(help="another")],
) -> None:
    """Print which situations come out differently by two policies, in plain sentences."""
    from bot.school_file.own_policy import named  # noqa: PLC0415 - each command imports its own
    from flows.policy import compare as comparing  # noqa: PLC0415 - likewise

    before, after = named(old), named(new)
    called = (f"{name} ({policy.version})" for name, policy in ((old, before), (new, after)))
    typer.echo(comparing.written(comparing.compare(before, after), *called), nl=False)


@policy_app.command()
def explain(source: Source) -> None:
    """Read answers as JSON and print in words who would be told, how soon and why."""
    from bot.commands.policy import policy_page  # noqa: PLC0415 - each command imports its own

    raise typer.Exit(policy_page.explain_answers(source, sys.stdout, sys.stderr))
