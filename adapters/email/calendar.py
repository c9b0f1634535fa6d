"""Days that a message announces, as calendars take them in: RFC 5545 and 5546. Pure, but for one library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flows.ui.cards import Dated


def invite(days: Sequence[Dated], at: dt.datetime, organizer: str) -> bytes:
    """Return whole days for a calendar; they ring nobody, ask for no answer and take up no time.

    All of them are days, or all are off: what a calendar is to do is said once for the whole (RFC 5546, 3.2).
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - a quarter of a second, for the few that have a day

    off = days[0].off
    calendar = Calendar()
    calendar.add("prodid", "-//report-posting//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    for one in days:
        event = Event()
        event.add("uid", f"{one.uid}@report-posting")
        event.add("sequence", one.sequence)
        event.add("organizer", f"mailto:{organizer}")
        event.add("dtstamp", at)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + dt.timedelta(days=1))
        event.add("summary", one.summary)
        event.add("status", "CANCELLED" if off else "CONFIRMED")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
