"""What can be said of answers at once: by their shape, by the settings' own check, by asking the platforms.

All of it is what ``check`` looks at, put beside the field it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.commands.look_at_platforms import look
from bot.config import load
from bot.config.settings import Settings
from bot.findings import Finding, State
from bot.school_file.load import Reading, read_school
from bot.school_file.template import ids_of
from bot.school_file.toml_table import Problem
from bot.set_up.answers import Answers
from bot.set_up.steps import Step, answered, strange_day
from flows.errors import SettingsError
from flows.ports import Store
from flows.school import School

#: By field, what was found; "" = it is about no field of this page.
Found = dict[str, list[Finding]]

#: of what ``check`` says of the platforms: how it begins, and the field it is about
_ABOUT = {
    r"Slack (token|permissions)": "SLACK_BOT_TOKEN",
    r"Slack Socket Mode": "SLACK_APP_TOKEN",
    r"Slack calls us": "SLACK_SIGNING_SECRET",
    r"Teams credentials: .* app id in": "TEAMS_APP_ID",
    r"Teams credentials: .* know this tenant": "TEAMS_TENANT_ID",
    r"Teams credentials": "TEAMS_APP_PASSWORD",
    r"Teams( signing keys| calls us|: development)": "TEAMS_APP_ID",
    r"E-mail": "EMAIL_SERVER",
    r".*, leadership channel": "places.slack",
    r".*: (no )?leadership channel": "places.teams",
    r".*, staff channel": "staff.slack",
    r".*report on Slack by an address": "staff.email_domain",
    r".*report on Slack": "staff.slack",
    r".*whose address ends with": "staff.email_domain",
    r".*report (by|in) (the staff team|Teams)": "staff.teams",
}
#: of a school's file: the key a mistake is at, and the field it is about
_STANDS = {
    r"school\.administrator": "office.name",
    r"seats\.(\w+)": r"\1.name",
    r"calendar\.terms\[(\d)\]\.half_term.*": r"term.\1.half_from",
    r"calendar\.terms\[(\d)\]\.to": r"term.\1.last",
    r"calendar\.terms\[(\d)\].*": r"term.\1.first",
    r"calendar\.working_hours.*": "calendar.opens",
    r"places\.leadership\.(\w+)": r"places.\1",
    r"staff\.email_domains.*": "staff.email_domain",
    r"staff\.slack_.*": "staff.slack",
    r"staff\.teams_.*": "staff.teams",
    r"safeguarding\.(lado|childrens_services|fallback_contact)": r"\1.phone",
    r"safeguarding\.(\w+\.\w+)": r"\1",
}


def shapes(answers: Answers, step: Step) -> dict[str, str]:
    """Return what is wrong with the answers of a page by themselves, by field."""
    found = {}
    for question in answers.questions()[step]:
        answer = answered(question, answers.given)
        if trouble := question.trouble(answer) or strange_day(question, answer):
            found[question.key] = trouble
    return found


async def live(answers: Answers, step: Step, heard: Store | None = None) -> Found:
    """Return what can be found out about the answers of a page, by field; ``heard`` as ``look`` has it."""
    fields = {question.key for question in answers.questions()[step]}
    found: Found = {}
    settings = settings_of(answers, found)
    reading = read_school(answers.school_text(reached=step not in (Step.PEOPLE, Step.KEYS)))
    for problem in reading.errors:
        found.setdefault(field_of(problem, answers), []).append(Finding(State.WRONG, said(problem)))
    if step in (Step.KEYS, Step.REACH, Step.PLACES) and settings is not None:
        schools = {reading.school.id: reading.school} if reading.school else {}
        for finding in await look(settings, schools, heard=heard):
            beside = about(finding.what, answers, reading.school)
            found.setdefault(beside, []).append(finding)
    return {field: told for field, told in found.items() if field in fields}


def draft(answers: Answers) -> Reading:
    """Return the school as it would be written."""
    return read_school(answers.school_text())


def said(problem: Problem) -> str:
    """Return a mistake without the line of a file that nobody has seen."""
    return f"{problem.what[0].upper()}{problem.what[1:]} {problem.mend}".strip()


def field_of(problem: Problem, answers: Answers) -> str:
    """Return the field that a mistake in the school's file is about; "" if there is none."""
    if found := re.fullmatch(r"people\.(\w+)(?:\.(\w+))?", problem.key):
        seats = {person: seat for seat, person in reversed(ids_of(answers.all()).items())}
        return f"{seats.get(found[1], '')}.{found[2] or 'email'}"
    for pattern, field in _STANDS.items():
        if match := re.fullmatch(pattern, problem.key):
            return match.expand(field)
    return problem.key


def settings_of(answers: Answers, found: Found) -> Settings | None:
    """Return the settings as they would be; note what is wrong with each, by its name."""
    environment = answers.environment()
    key_file = Path(environment.get("REPORT_KEY_FILE", ""))
    if not key_file.exists():
        environment.pop("REPORT_KEY_FILE", None)  # it is made when the files are written
    try:
        settings = load.read_settings(environment)
    except SettingsError as error:
        for line in error.message.splitlines()[1:]:
            for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", line.partition(":")[0]):
                found.setdefault(name, []).append(Finding(State.WRONG, line.partition(":")[2].strip()))
        return None
    for line in load.lies_together(settings.store, key_file):
        found.setdefault("REPORT_KEY_FILE", []).append(Finding(State.WRONG, line.partition(":")[2].strip()))
    return settings


def about(what: str, answers: Answers, school: School | None) -> str:
    """Return the field that a line of ``check`` is about; "" if there is none."""
    for pattern, field in _ABOUT.items():
        if re.match(pattern, what):
            return field
    return next(_whose(what, answers, school), "")


def _whose(what: str, answers: Answers, school: School | None) -> Iterator[str]:
    """Yield the field of the account that a line is about."""
    given = answers.all()
    for key, account in given.items():
        if key.endswith(".slack") and f"({account})" in what:
            yield key
    if school is not None:
        for seat, person in ids_of(given).items():
            if f': "{person}"' in what and f"{seat}.teams" in given:
                yield f"{seat}.teams"


def wrong(found: Found) -> bool:
    """Return whether anything is wrong."""
    return any(one.state is State.WRONG for told in found.values() for one in told)


def by_state(found: Sequence[Finding]) -> dict[State, list[str]]:
    """Return what was found, the wrong first."""
    order = (State.WRONG, State.LEFT, State.PROVED)
    told = {state: [one.what for one in found if one.state is state] for state in order}
    return {state: lines for state, lines in told.items() if lines}
