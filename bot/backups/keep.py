"""Which backups are kept: each of the last seven days, the last of each of eight weeks; the newest always."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

_FORM = "%Y-%m-%dT%H%M%SZ"
DAYS, WEEKS = 7, 8


def name_at(moment: dt.datetime) -> str:
    """Return what a backup of that moment is called."""
    return moment.astimezone(dt.UTC).strftime(_FORM)


def moment_of(name: str) -> dt.datetime | None:
    """Return of when a backup is, by its name; None = it is none of ours."""
    try:
        return dt.datetime.strptime(name, _FORM).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def to_go(names: Iterable[str], now: dt.datetime) -> list[str]:
    """Return which of these are kept no longer; what is none of ours stays."""
    known = {name: at for name in names if (at := moment_of(name)) is not None}
    newest_first = sorted(known, key=lambda name: known[name], reverse=True)
    kept, weeks = set(newest_first[:1]), set[tuple[int, int]]()
    for name in newest_first:
        age = now - known[name]
        year, week, _ = known[name].isocalendar()
        if age < dt.timedelta(days=DAYS):
            kept.add(name)
        if age < dt.timedelta(weeks=WEEKS) and (year, week) not in weeks:
            kept.add(name)
            weeks.add((year, week))
    return sorted(set(known) - kept)
