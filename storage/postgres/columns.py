"""The columns of a row that is read, the data key that it was sealed with among them."""

from __future__ import annotations

#: a row's data key, as it is kept
WRAP = "(select k.body from rows k where k.school=rows.school and k.tbl='keys' and k.id=rows.key)"
FOUND = f"select tbl, school, id, version, parent, key, body, {WRAP} from rows where school=%s "  # noqa: S608 - our own
COLUMNS = FOUND + "and tbl=%s "
