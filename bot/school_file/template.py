"""From the answers of ``init`` to the text of a school's file, with its comments.

The comments are for whoever opens the file next; docs/school-file.md says more. Facts that somebody
must confirm with an outside body end with "check", which ``check`` repeats until it says "checked".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

from flows.school import Seat, Term

_TEMPLATE = """# The school's file. docs/school-file.md describes every key.
# After a change: report-posting check school.toml
# A line that ends with "check" is to be confirmed; then change that word to: checked, by whom, when.

[school]
name = {school_name}
prefix = {school_prefix}    # references: {prefix}-2026-7H4M
timezone = "Europe/London"
complaints_procedure = {school_complaints_procedure}
policy_link = {school_policy_link}
administrator = {administrator}    # may set seats and settings, sees no case
kind = {school_kind}    # "maintained" or "academy": decides who "Legal" is

# One table per person: a name, and at least one way of reaching them (slack, teams, email, phone).
{people}
[seats]    # who holds each; after the first, who stands in, in that order
{seats}
away = []    # planned absences: {{ person = "…", from = 2026-12-21, to = 2027-01-04 }}

[staff]    # who may report, besides everybody who holds a seat
people = []    # ids from above
email_domains = {email_domains}
slack_channel = {slack_channel}    # a private Slack channel that all staff are in: C…
slack_user_group = {slack_user_group}    # or a user group: S…
teams_team = {staff_teams}    # a team that all staff are in: the id of one of its channels, 19:…

[places]    # private channels; members of the leadership channel: Headteacher, DSL and their deputies
leadership = {leadership}
restricted = {{}}    # one per lead, such as chair_of_governors = {{ slack = "C…" }}; without: direct messages

[legal]
name = {legal_name}
email = {legal_email}    # check

[safeguarding]
lado = {lado}    # check
childrens_services = {childrens_services}    # check
police_non_emergency = "101"
posh_helpline = ""
fallback_contact = {fallback_contact}    # check

[support]    # whom somebody who is hurt can ring, a line each; without one nobody is told of any
# staff = {{ name = "…", phone = "…", hours = "day and night" }}
# pupils = {{ name = "…", phone = "…", hours = "…" }}

[calendar]
working_hours = {working_hours}
terms = [    # without terms every weekday counts; half_term may be left out
{terms}
]
inset_days = []    # such as 2026-09-02
bank_holidays = {calendar_bank_holidays}

[deadlines]
same_day_cutoff = "15:00"    # a same-day report sent later than this has until the next working day …
same_day_late = "12:00"    # … at this time
acknowledge = {{ emergency = "10m", urgent = "20m" }}    # not taken on by then: the next person is told

[digest]
weekday = "monday"
time = "08:00"

# [retention]    # how long what is over is kept: check with the school's schedule; left out, it is kept
# case = "6 years after closing"
# no_clause = "1 school year"

[limits]
reports_per_person_per_day = 20
evidence_mb = 10
{policy}"""

#: what stands behind a name and is none of it
_HONOURS = re.compile(
    r"[omckd]be|jp|j(?:n)?r|s(?:n)?r|b(?:a|sc|ed)|m(?:a|sc|ed|ba)|phd|edd|qts|npqh|pgce", re.IGNORECASE
)
#: an id is typed by hand
_LONGEST_ID = 30
_CONTACTS = ("email", "phone", "slack", "teams")


def render(given: Mapping[str, str], terms: Sequence[Term]) -> str:
    """Return the file for these answers. Anything typed is quoted, so that it stays what it is.

    ``terms`` = the usual ones, to be confirmed; written where that was wanted.
    """
    ids = ids_of(given)
    domain, on_slack = given.get("staff.email_domain", ""), given.get("staff.slack", "")
    group = on_slack if on_slack.startswith("S") else ""
    return _TEMPLATE.format(
        **{
            key.replace(".", "_"): quoted(given.get(key, ""))
            for key in (
                "school.name", "school.prefix", "school.complaints_procedure", "school.policy_link",
                "school.kind", "staff.teams", "legal.name", "legal.email",
                "calendar.bank_holidays",
            )
        },
        prefix=re.sub(r"[^A-Z0-9]", "", given.get("school.prefix", "")),
        administrator=_list([ids["office"]] if "office" in ids else []),
        people="\n".join(_people(given, ids)),
        seats="\n".join(_seats(ids)),
        working_hours=_list([given.get("calendar.opens", "08:00"), given.get("calendar.closes", "17:00")]),
        terms=_terms(terms, given.get("calendar.usual_terms", "")),
        email_domains=_list([domain] if domain else []),
        slack_channel=quoted(on_slack if not group else ""),
        slack_user_group=quoted(group),
        leadership=_inline({chat: given.get(f"places.{chat}", "") for chat in ("slack", "teams")}),
        lado=_contact(given, "lado", "phone", "email"),
        childrens_services=_contact(given, "childrens_services", "phone", "out_of_hours"),
        fallback_contact=_contact(given, "fallback_contact", "name", "phone"),
        policy=_policy(given),
    )  # fmt: skip


def _policy(given: Mapping[str, str]) -> str:
    """Return the part that names a policy of the school's own, "" without one."""
    if not (file := given.get("policy.file")):
        return ""
    lines = ["", "[policy]    # docs/own-policy.md", f"file = {quoted(file)}"]
    if since := given.get("policy.from"):
        before = f"before = {quoted(given.get('policy.before', 'county'))}    # what holds until then"
        lines += [f"from = {since}", before]
    return "\n".join([*lines, ""])


def quoted(text: str) -> str:
    """Return text as a TOML string on one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return json.dumps(printable.strip(), ensure_ascii=False)


#: whose the terms are: the council's usual ones, to be confirmed, or the school's own
USUAL, OURS = "yes", "ours"


def _terms(terms: Sequence[Term], whose: str) -> str:
    """Return the terms as lines; those that nobody wanted as an example in comments."""
    lines = [
        f'  {{ name = "{term.name}", from = {term.first}, to = {term.last}'
        + (f", half_term = [{term.half_term[0]}, {term.half_term[1]}]" if term.half_term else "")
        + " },"
        for term in terms
    ]
    if whose == OURS:
        return "\n".join(lines)
    if whose == USUAL:
        return "\n".join(f"{line}    # check" for line in lines)
    return "\n".join(line.replace("  {", "  # {", 1) for line in lines[:1])


def ids_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return an id for whoever holds each seat: their surname; the same name is the same person."""
    by_name: dict[str, str] = {}
    seats = [key for key in (*(seat.value for seat in Seat), "office") if f"{key}.name" in given]
    for seat in seats:
        name = same(given[f"{seat}.name"])
        if name not in by_name:
            surname = _surname(given[f"{seat}.name"])
            taken, number = set(by_name.values()), 2
            fresh = surname
            while fresh in taken:
                fresh, number = f"{surname}{number}", number + 1
            by_name[name] = fresh
    return {seat: by_name[same(given[f"{seat}.name"])] for seat in seats}


def same(name: str) -> str:
    """Return a name as it is compared: the same name is the same person."""
    return " ".join(name.split()).casefold()


def _surname(name: str) -> str:
    """Return a name's last word in plain letters; what stands in brackets or behind a comma is none.

    Nor are honours and degrees behind it.
    """
    words = re.sub(r"\(.*?\)", " ", name).split(",")[0].split()
    while len(words) > 1 and _HONOURS.fullmatch(words[-1].replace(".", "")):
        words.pop()
    last = unicodedata.normalize("NFKD", words[-1] if words else "").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", last.lower())[:_LONGEST_ID] or "person"


def _people(given: Mapping[str, str], ids: Mapping[str, str]) -> list[str]:
    """Return a table per person, filled from the first seat they were named for."""
    written: set[str] = set()
    lines = []
    for seat, person in ids.items():
        if person not in written:
            written.add(person)
            lines += [f"[people.{person}]", f"name = {quoted(given[f'{seat}.name'])}"]
            lines += [
                f"{detail} = {quoted(given[f'{seat}.{detail}'])}"
                for detail in _CONTACTS
                if given.get(f"{seat}.{detail}")
            ]
            lines.append("")
    return lines


def _seats(ids: Mapping[str, str]) -> list[str]:
    on_call = list(dict.fromkeys(ids[seat] for seat in ("on_call", "dsl", "headteacher") if seat in ids))
    lines = [
        f"{seat.value} = {_list([ids[seat.value]] if seat.value in ids else [])}"
        for seat in Seat
        if seat is not Seat.ON_CALL
    ]
    return [*lines, f"on_call = {_list(on_call)}    # emergencies and holidays, in order"]


def _contact(given: Mapping[str, str], who: str, *details: str) -> str:
    return _inline({detail: given.get(f"{who}.{detail}", "") for detail in details})


def _inline(table: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {quoted(value)}" for key, value in table.items()) + " }"


def _list(texts: list[str]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"
