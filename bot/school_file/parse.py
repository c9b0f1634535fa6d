"""From the tables of a school's file to the values of :mod:`flows.school`, one function per table.

A wrong value is noted in the source and replaced by its default, so that one reading finds them all.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from bot.school_file.toml_table import Source, Table
from flows.calendar import NATIONS
from flows.school import (
    Away,
    Contact,
    Deadlines,
    DigestTime,
    Limits,
    Person,
    PersonId,
    Platform,
    School,
    SchoolId,
    Seat,
    Staff,
    Term,
    WorkingTime,
)

KINDS = ["maintained", "academy"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
#: Platforms on which somebody has an account of their own, or a school a channel.
CHATS = (Platform.SLACK, Platform.TEAMS, Platform.WEB)
RETENTION = {"no_clause": "1 school year", "case": "6 years after closing", "draft": "30 days"}

_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_KEPT_FOR = re.compile(r"[1-9][0-9]* (day|week|month|year|school year)s?( after closing)?")


def school_from(source: Source) -> School:
    """Return the school the file describes; a wrong value is noted in ``source``, its default taken."""
    top = Table(source, (), source.content)
    head = top.table("school", needed=True)
    seats, away = _seats(top.table("seats", needed=True))
    places, safety = top.table("places"), top.table("safeguarding")
    prefix = _prefix(head)
    school = School(
        id=SchoolId(prefix),
        name=head.text("name", needed=True),
        prefix=prefix,
        kind=head.choice("kind", KINDS, "maintained"),
        complaints_procedure=head.text("complaints_procedure"),
        policy_link=head.text("policy_link"),
        administrators=_people_listed(head, "administrator"),
        people=_people(top.table("people", needed=True)),
        seats=seats,
        away=away,
        staff=_staff(top.table("staff")),
        workspaces=_addresses(places, "workspace"),
        leadership=_addresses(places, "leadership"),
        restricted=_restricted(places.table("restricted")),
        legal=_contact(top, "legal", Contact(name="CC Legal Services")),
        lado=_contact(safety, "lado", Contact(name="LADO")),
        childrens_services=_contact(safety, "childrens_services", Contact(name="Children's services")),
        police_non_emergency=safety.text("police_non_emergency", "101"),
        posh_helpline=safety.text("posh_helpline"),
        fallback_contact=_contact(safety, "fallback_contact", Contact()),
        time=_working_time(top.table("calendar"), _timezone(head)),
        deadlines=_deadlines(top.table("deadlines")),
        digest=_digest(top.table("digest")),
        retention=_retention(top.table("retention")),
        limits=_limits(top.table("limits")),
    )
    for table in (head, places, safety, top):
        table.finish()
    return school


def _prefix(head: Table) -> str:
    prefix = head.text("prefix", needed=True)
    if prefix and not _PREFIX.fullmatch(prefix):
        head.wrong("prefix", "this cannot begin a reference.", 'Use 2 to 8 capitals and digits: "HPS".')
    return prefix


def _timezone(head: Table) -> str:
    name = head.text("timezone", "Europe/London")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        head.wrong("timezone", "there is no such time zone.", 'For example timezone = "Europe/London".')
        return "Europe/London"
    return name


def _people_listed(table: Table, key: str) -> tuple[PersonId, ...]:
    return tuple(PersonId(name) for name in table.texts(key))


def _people(table: Table) -> dict[PersonId, Person]:
    people = {}
    for key in table.names():
        one = table.table(key)
        accounts = {platform: one.text(platform.value) for platform in CHATS}
        people[PersonId(key)] = Person(
            id=PersonId(key),
            name=one.text("name", needed=True),
            accounts={platform: account for platform, account in accounts.items() if account},
            email=one.text("email"),
            phone=one.text("phone"),
        )
        if people[PersonId(key)].email and "@" not in people[PersonId(key)].email:
            one.wrong("email", "this is not an e-mail address.", 'For example email = "head@school.example".')
        one.finish()
    return people


def _seats(table: Table) -> tuple[dict[Seat, tuple[PersonId, ...]], tuple[Away, ...]]:
    seats = {seat: _people_listed(table, seat.value) for seat in Seat}
    away = []
    for one in table.tables("away"):
        person, first, last = one.text("person", needed=True), one.date("from"), one.date("to")
        one.finish()
        if first and last:
            away.append(Away(PersonId(person), first, last))
            if last < first:
                one.wrong("to", "this is before the first day.", "Exchange from and to.")
    table.finish()
    return {seat: people for seat, people in seats.items() if people}, tuple(away)


def _staff(table: Table) -> Staff:
    staff = Staff(
        people=_people_listed(table, "people"),
        email_domains=tuple(domain.lower().removeprefix("@") for domain in table.texts("email_domains")),
        slack_user_group=table.text("slack_user_group"),
        teams_team=table.text("teams_team"),
    )
    table.finish()
    return staff


def _addresses(table: Table, key: str) -> dict[Platform, str]:
    one = table.table(key)
    found = {platform: one.text(platform.value) for platform in CHATS}
    one.finish()
    return {platform: address for platform, address in found.items() if address}


def _restricted(table: Table) -> dict[Seat, dict[Platform, str]]:
    places = {seat: _addresses(table, seat.value) for seat in Seat if seat.value in table}
    # Name the other seats too, so that "did you mean" can offer them.
    for seat in Seat:
        table.table(seat.value)
    table.finish()
    return {seat: place for seat, place in places.items() if place}


def _contact(table: Table, key: str, default: Contact) -> Contact:
    one = table.table(key)
    contact = Contact(
        name=one.text("name", default.name),
        phone=one.text("phone"),
        email=one.text("email"),
        form=one.text("form"),
        out_of_hours=one.text("out_of_hours"),
    )
    one.finish()
    return contact


def _working_time(table: Table, timezone: str) -> WorkingTime:
    usual = WorkingTime()
    opens, closes = table.times("working_hours", (usual.opens, usual.closes))
    if opens >= closes:
        table.wrong("working_hours", "the day ends before it begins.", 'For example ["08:00", "17:00"].')
    time = WorkingTime(
        timezone=timezone,
        opens=opens,
        closes=closes,
        terms=tuple(term for one in table.tables("terms") if (term := _term(one))),
        inset_days=table.dates("inset_days"),
        bank_holidays=table.choice("bank_holidays", NATIONS, usual.bank_holidays),
    )
    table.finish()
    return time


def _term(one: Table) -> Term | None:
    name, first, last = one.text("name", needed=True), one.date("from"), one.date("to")
    half = one.dates("half_term")
    one.finish()
    if half and len(half) != len(("first", "last")):
        one.wrong("half_term", "this must be two dates, first and last.", "[2026-10-26, 2026-10-30]")
        half = ()
    if not (first and last):
        return None
    return Term(name, first, last, (half[0], half[1]) if half else None)


def _deadlines(table: Table) -> Deadlines:
    usual = Deadlines()
    soon = table.table("acknowledge")
    deadlines = Deadlines(
        same_day_cutoff=table.time("same_day_cutoff", usual.same_day_cutoff),
        same_day_late=table.time("same_day_late", usual.same_day_late),
        acknowledge_emergency=soon.duration("emergency", usual.acknowledge_emergency),
        acknowledge_urgent=soon.duration("urgent", usual.acknowledge_urgent),
    )
    soon.finish()
    table.finish()
    return deadlines


def _digest(table: Table) -> DigestTime:
    time = table.time("time", DigestTime().time)
    if time.hour in (1, 2):
        what = "the clocks change between one and three: some weeks this time is missing or comes twice."
        table.wrong("time", what, 'Choose another hour, such as "08:00".')
    digest = DigestTime(WEEKDAYS.index(table.choice("weekday", WEEKDAYS, "monday")), time)
    table.finish()
    return digest


def _retention(table: Table) -> dict[str, str]:
    kept: dict[str, str] = {}
    for key, usual in RETENTION.items():
        kept[key] = table.text(key, usual)
        if not _KEPT_FOR.fullmatch(kept[key]):
            table.wrong(key, "this is not a length of time.", f'For example {key} = "{usual}".')
    table.finish()
    return kept


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = Limits(
        reports_per_person_per_day=table.number(
            "reports_per_person_per_day", usual.reports_per_person_per_day
        ),
        evidence_mb=table.number("evidence_mb", usual.evidence_mb),
    )
    table.finish()
    return limits
