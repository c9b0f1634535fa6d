"""``check``: looks at everything that can be looked at before real reports come, and says what is left.

Settings, schools and policy are looked at here. What only a platform can tell (is the bot in the
channel, who else is) is asked by ``platform_checks``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from msgspec.structs import replace

from bot.clock import SystemClock
from bot.config import load
from bot.config.settings import Settings, configured
from bot.findings import Finding, State
from bot.school_file.gaps import gaps
from bot.school_file.load import read_schools
from flows.calendar import local
from flows.errors import PolicyError, SettingsError
from flows.policy.routing import SUBSTITUTES
from flows.school import MAILED, Platform, School, SchoolId

#: Asks a platform, through its own client, whether a school is set up there.
PlatformCheck = Callable[[Settings, Mapping[SchoolId, School]], Awaitable[Sequence[Finding]]]

_COUNTERPART = (
    "TEAMS_DEV: this is a counterpart of Teams, in which anybody may be anybody. It proves nothing of your "
    "own Teams, and serve refuses it: take this setting out, enter your own keys, and check again."
)
_TITLES = {State.PROVED: "Proved", State.LEFT: "Left to do", State.WRONG: "Wrong"}
_MARKS = {State.PROVED: "ok ", State.LEFT: "-  ", State.WRONG: "!! "}


async def run(
    school: Path | None,
    *,
    out: TextIO,
    environment: Mapping[str, str] | None = None,
    platform_checks: Sequence[PlatformCheck] = (),
    now: dt.datetime | None = None,
) -> int:
    """Print what was found, by state; return 2 if anything is wrong, else 0.

    ``school`` = look at this file or folder instead of the one in the settings.
    """
    found = await look(school, environment=environment, platform_checks=platform_checks, now=now)
    for state in State:
        lines = [finding.what for finding in found if finding.state is state]
        if lines:
            out.write(f"{_TITLES[state]}\n")
            out.writelines(f"  {_MARKS[state]}{line}\n" for line in lines)
    return 2 if any(finding.state is State.WRONG for finding in found) else 0


async def look(
    school: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    platform_checks: Sequence[PlatformCheck] = (),
    now: dt.datetime | None = None,
    trying_out: bool = False,
) -> list[Finding]:
    """Return what was found of settings, schools, policy and, by ``platform_checks``, of the rest.

    ``trying_out`` = a counterpart of Teams is not wrong, it is left to be replaced before real reports.
    """
    found: list[Finding] = []
    settings = _settings(environment, found, serving=school is None, trying_out=trying_out)
    schools = _schools(school or settings.school, found, now or SystemClock().now())
    _reached(settings, schools, found)
    _policy(school or settings.school, schools, found)
    for each in platform_checks:
        found += await each(settings, schools)
    return found


def _settings(
    environment: Mapping[str, str] | None, found: list[Finding], *, serving: bool, trying_out: bool
) -> Settings:
    """Return the settings, or the defaults where they are wrong."""
    try:
        settings = load.from_environment() if environment is None else load.read_settings(environment)
    except SettingsError as error:
        found += [Finding(State.WRONG, line.strip()) for line in error.message.splitlines()[1:]]
        return Settings()
    found.append(Finding(State.PROVED, "Settings: every one that is set is understood."))
    alone = settings.try_out and not (settings.slack or settings.teams or settings.store != Settings().store)
    if serving and not alone:
        real = settings
        if trying_out and settings.teams and settings.teams.dev:
            found.append(Finding(State.LEFT, _COUNTERPART))
            real = replace(settings, teams=None)
        try:
            load.for_serving(real)
            found.append(
                Finding(State.PROVED, "Settings: there is a store, and a sealing key apart from it.")
            )
        except SettingsError as error:
            found += [Finding(State.WRONG, line.strip()) for line in error.message.splitlines()[1:]]
    return settings


def _schools(path: Path, found: list[Finding], now: dt.datetime) -> dict[SchoolId, School]:
    schools, errors, warnings = read_schools(path)
    found += [Finding(State.WRONG, str(problem)) for problem in errors]
    found += [Finding(State.LEFT, str(problem)) for problem in warnings]
    for school in schools.values():
        found.append(
            Finding(
                State.PROVED,
                f"{school.prefix}: {len(school.people)} people, {len(school.seats)} seats filled; "
                "whoever must not know of a case, somebody is left to lead it.",
            )
        )
        if school.letters:
            own = ", ".join(f"{letter} ({school.letter_files[letter]})" for letter in school.letters)
            what = f"{school.prefix}: its own templates of letters are understood: {own}."
            found.append(Finding(State.PROVED, what))
        today = local(now, school.time).date()
        found += [Finding(State.LEFT, f"{school.prefix}: {gap}") for gap in gaps(school, today)]
    return schools


def _reached(settings: Settings, schools: Mapping[SchoolId, School], found: list[Finding]) -> None:
    """Say which platforms are on, and who of each school's seat holders has an account on none of them."""
    on = {platform for platform in Platform if configured(settings, platform)}
    if not on - MAILED:  # nobody reports by e-mail
        what = "No platform is configured: set SLACK_BOT_TOKEN or TEAMS_APP_ID."
        found.append(Finding(State.LEFT, f"{what} To try it out: report-posting run"))
        return
    found.append(Finding(State.PROVED, f"Platforms: {', '.join(sorted(on))}."))
    for school in schools.values():
        for person in school.people.values():
            if school.seats_of(person.id) and not on & set(person.accounts):
                what = f'{school.prefix}: "{person.id}" holds a seat and has no account on any of these.'
                found.append(Finding(State.LEFT, what))
        if not on & set(school.leadership):
            what = f"{school.prefix}: [places] leadership names no channel on any of these."
            found.append(Finding(State.LEFT, what))
        found += _by_email(school, on, address=settings.address)


def _by_email(school: School, on: set[Platform], *, address: str) -> Iterator[Finding]:
    """Yield who leads by e-mail alone, by the page behind its link, and who would have a digest in vain."""
    for person in school.people.values():
        leads = school.seats_of(person.id) & SUBSTITUTES.keys()
        if not leads or on & set(person.accounts) != {Platform.EMAIL}:
            continue
        who = f'{school.prefix}: "{person.id}" may have to lead a case and is reached by e-mail alone'
        if address:
            what = (
                f"{who}: the link in it leads to {address}. Open that from outside, to see that it gets here."
            )
            yield Finding(State.LEFT, what)
        else:
            mend = "Give them slack or teams, or set REPORT_ADDRESS to our own public address."
            yield Finding(State.WRONG, f"{who}, where nobody can open it. {mend}")
    if school.digest.by_email and Platform.EMAIL not in on:
        what = (
            f"{school.prefix}: [digest] email names people, and e-mail is not configured. Set EMAIL_SERVER."
        )
        yield Finding(State.WRONG, what)


def _policy(path: Path, schools: Mapping[SchoolId, School], found: list[Finding]) -> None:
    from bot.school_file import own_policy  # noqa: PLC0415 - compiling a policy takes a moment
    from flows.policy.engine import default_policy  # noqa: PLC0415 - likewise

    try:
        default_policy()
    except PolicyError as error:
        found.append(Finding(State.WRONG, str(error)))
        return
    found.append(Finding(State.PROVED, "Policy: every row is understood."))
    for school in schools.values():
        for policy in school.policy.all:
            reading = own_policy.policy_of(policy, own_policy.beside(path))
            if reading.problem:
                found.append(Finding(State.WRONG, f"{school.prefix}: {reading.problem}"))
            elif policy.file and reading.policy:
                since = f" (from {policy.since})" if policy.since else ""
                what = (
                    f"{school.prefix}: its own policy of {reading.policy.version}{since} is understood; "
                    f"in {reading.tried:,} situations it weakens no duty."
                )
                found.append(Finding(State.PROVED, what))
