"""A day that a message announces, as calendars take it in: RFC 5545. Pure, but for reading a library."""

from __future__ import annotations

import datetime as dt

from flows.ui.cards import Dated


def invite(dated: Dated, at: dt.datetime) -> bytes:
    """Return a whole day for a calendar; it rings nobody, asks for no answer and takes up no time."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - a quarter of a second, for the few that have a day

    event = Event()
    event.add("uid", f"{dated.uid}@report-posting")
    event.add("dtstamp", at)
    event.add("dtstart", dated.day)
    event.add("dtend", dated.day + dt.timedelta(days=1))
    event.add("summary", dated.summary)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//report-posting//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
