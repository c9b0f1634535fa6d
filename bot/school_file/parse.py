"""From the tables of a school's file to the values of :mod:`flows.school`, one function per table.

A wrong value is noted in the source and replaced by its default, so that one reading finds them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.school_file.letters import letter_files
from bot.school_file.parts import retention, support_lines
from bot.school_file.shapes import (
    DOMAIN,
    EMAIL,
    ENTRA,
    LINK,
    NAME,
    OFFICE_PHONE,
    PERSON_ID,
    PHONE,
    SLACK_CHANNEL,
    SLACK_PERSON,
    SLACK_STAFF,
    SLACK_WORKSPACE,
    TEAMS_CHANNEL,
    TRY_OUT_NAME,
    Shape,
)
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
    PolicyNamed,
    School,
    SchoolId,
    Seat,
    Staff,
    Term,
    WorkingTime,
)

KINDS = ["maintained", "academy"]
#: The policies that come with the program; the first is taken where a school names none.
FORMS = ["county", "talk_first", "meet_and_mend"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
#: What stands for a person, a channel and an organisation on each platform; e-mail goes to people alone.
ACCOUNTS = {Platform.SLACK: SLACK_PERSON, Platform.TEAMS: ENTRA, Platform.WEB: TRY_OUT_NAME}
ACCOUNTS |= {Platform.EMAIL: EMAIL}
CHANNELS = {Platform.SLACK: SLACK_CHANNEL, Platform.TEAMS: TEAMS_CHANNEL, Platform.WEB: TRY_OUT_NAME}
WORKSPACES = {Platform.SLACK: SLACK_WORKSPACE, Platform.TEAMS: ENTRA, Platform.WEB: TRY_OUT_NAME}
#: how the ids of Slack's channels begin
_CHANNELS = ("C", "G")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,7}")


def school_from(source: Source) -> School:
    """Return the school the file describes; a wrong value is noted in ``source``, its default taken."""
    top = Table(source, (), source.content)
    head = top.table("school", needed=True)
    seats, away = _seats(top.table("seats", needed=True))
    places, safety = top.table("places"), top.table("safeguarding")
    school = School(
        id=SchoolId(prefix := _prefix(head)),
        name=head.text("name", needed=True),
        prefix=prefix,
        kind=head.choice("kind", KINDS, "maintained"),
        complaints_procedure=head.shaped("complaints_procedure", LINK),
        policy_link=head.shaped("policy_link", LINK),
        policy=_policy(top.table("policy")),
        administrators=_people_listed(head, "administrator"),
        people=_people(top.table("people", needed=True)),
        seats=seats,
        away=away,
        staff=_staff(top.table("staff")),
        workspaces=_addresses(places, "workspace", WORKSPACES),
        leadership=_addresses(places, "leadership", CHANNELS),
        restricted=_restricted(places.table("restricted")),
        legal=_contact(top, "legal", Contact(name="CC Legal Services")),
        lado=_contact(safety, "lado", Contact(name="LADO")),
        childrens_services=_contact(safety, "childrens_services", Contact(name="Children's services")),
        police_non_emergency=safety.shaped("police_non_emergency", OFFICE_PHONE),
        posh_helpline=safety.shaped("posh_helpline", OFFICE_PHONE),
        fallback_contact=_contact(safety, "fallback_contact", Contact()),
        support=support_lines(top.table("support")),
        time=_working_time(top.table("calendar"), _timezone(head)),
        deadlines=_deadlines(top.table("deadlines")),
        digest=_digest(top.table("digest")),
        limits=_limits(top.table("limits")),
        retention=retention(top.table("retention")),
        letter_files=letter_files(top.table("letters")),
    )
    for table in (head, places, safety, top):
        table.finish()
    source.settle_strays()
    return school


def _policy(table: Table) -> PolicyNamed:
    if "file" in table and "form" in table:
        table.wrong("form", "the school's own file is named as well.", "Take one of the two out.")
    file, form, before = table.text("file"), table.choice("form", FORMS, FORMS[0]), table.text("before")
    since = table.date("from") if "from" in table else None
    if bool(before) != ("from" in table):
        what, mend = "from and before belong together.", "Write the day, and what holds until then."
        table.wrong("before" if before else "from", what, mend)
    table.finish()
    earlier = PolicyNamed(form=before) if before in FORMS else PolicyNamed(file=before)
    return PolicyNamed(file=file, form=form, since=since, before=earlier if before else None)


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
        if not PERSON_ID.fits(key):
            table.wrong(key, PERSON_ID.what, PERSON_ID.mend)
        accounts = {platform: one.shaped(platform.value, shape) for platform, shape in ACCOUNTS.items()}
        people[PersonId(key)] = Person(
            id=PersonId(key),
            name=_name(one),
            accounts={platform: account for platform, account in accounts.items() if account},
            email=accounts[Platform.EMAIL],
            phone=one.shaped("phone", PHONE),
        )
        one.finish()
    return people


def _name(person: Table) -> str:
    """Return what a person is called, which cards show; "" where something else stands there."""
    return person.shaped("name", NAME) if person.text("name", needed=True) else ""


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
    channel, group = (
        table.shaped("slack_channel", SLACK_CHANNEL),
        table.shaped("slack_user_group", SLACK_STAFF),
    )
    if group.startswith(_CHANNELS):  # as files had it before there was a key for each
        channel, group = channel or group, ""
    staff = Staff(
        people=_people_listed(table, "people"),
        email_domains=_domains(table),
        slack_channel=channel,
        slack_user_group=group,
        teams_team=table.shaped("teams_team", TEAMS_CHANNEL),
    )
    table.finish()
    return staff


def _domains(table: Table) -> tuple[str, ...]:
    domains = table.texts("email_domains")
    for domain in domains:
        if not DOMAIN.fits(domain):
            table.wrong("email_domains", DOMAIN.what, DOMAIN.mend_for(domain))
    return tuple(domain.lower().removeprefix("@") for domain in domains)


def _addresses(table: Table, key: str, shapes: Mapping[Platform, Shape]) -> dict[Platform, str]:
    one = table.table(key)
    found = {platform: one.shaped(platform.value, shape) for platform, shape in shapes.items()}
    one.finish()
    return {platform: address for platform, address in found.items() if address}


def _restricted(table: Table) -> dict[Seat, dict[Platform, str]]:
    places = {seat: _addresses(table, seat.value, CHANNELS) for seat in Seat if seat.value in table}
    # Name the other seats too, so that "did you mean" can offer them.
    for seat in Seat:
        table.table(seat.value)
    table.finish()
    return {seat: place for seat, place in places.items() if place}


def _contact(table: Table, key: str, default: Contact) -> Contact:
    one = table.table(key)
    contact = Contact(
        name=one.text("name", default.name),
        phone=one.shaped("phone", OFFICE_PHONE),
        email=one.shaped("email", EMAIL),
        form=one.shaped("form", LINK),
        out_of_hours=one.shaped("out_of_hours", OFFICE_PHONE),
    )
    one.finish()
    return contact


def _working_time(table: Table, timezone: str) -> WorkingTime:
    usual = WorkingTime()
    opens, closes = table.times("working_hours", (usual.opens, usual.closes))
    if opens >= closes:
        table.wrong("working_hours", "the day ends before it begins.", 'For example ["08:00", "17:00"].')
        opens, closes = usual.opens, usual.closes
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
    weekday = WEEKDAYS.index(table.choice("weekday", WEEKDAYS, "monday"))
    digest = DigestTime(weekday, time, _people_listed(table, "email"))
    table.finish()
    return digest


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = Limits(
        reports_per_person_per_day=table.number(
            "reports_per_person_per_day", usual.reports_per_person_per_day, most=500
        ),
        evidence_mb=table.number("evidence_mb", usual.evidence_mb, most=100),
    )
    table.finish()
    return limits
