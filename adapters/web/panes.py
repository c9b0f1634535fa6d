"""What each person was shown last and has typed, in memory only.

Nothing here must outlive the program: a reply can always be derived again, messages are the chat's.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import assert_never

from msgspec import Struct

from adapters.web import limits
from adapters.web.render import kept
from flows.ui.cards import Card
from flows.ui.forms import FileField, Form, Value
from flows.ui.inbound import Inbound, Receipt, Refuse, Show, Typed


class Line(Struct, frozen=True, kw_only=True):
    """Something said in passing: typed by the person, or a short word of the bot's."""

    at: dt.datetime
    mine: bool
    text: str


class Pane:
    """One person's view of one conversation."""

    def __init__(self) -> None:
        self.view: Form | Card | None = None
        self.passing = False
        #: when ``view`` was answered
        self.since = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.note = ""
        self.refusal: Refuse | None = None
        #: what stands in the text boxes, by thread ("" = the box at the foot)
        self.typed: dict[str, str] = {}
        self.lines: deque[Line] = deque(maxlen=limits.LINES)
        self.seen = 0

    def answered(self, reply: Show | Receipt, inbound: Inbound, at: dt.datetime) -> None:
        """Take in what came back for what this person did."""
        self.refusal, self.since = None, at
        match reply:
            case Show():
                self.view, self.note, self.passing = reply.view, reply.note, False
            case Receipt():
                self.view, self.note, self.passing = reply.card, "", True
            case _:
                assert_never(reply)
        if isinstance(inbound, Typed):
            self.lines.append(Line(at=at, mine=True, text=inbound.text))
            if self.note:
                self.lines.append(Line(at=at, mine=False, text=self.note))
                self.note = ""

    def refuse(self, refusal: Refuse, values: dict[str, Value]) -> None:
        """Show why nothing happened, beside its field where there is one, with what was typed."""
        form = refusal.form or self.view
        if isinstance(form, Form):
            self.view = kept(form, values, field=refusal.field, message=refusal.message)
        self.refusal = refusal

    @property
    def beside(self) -> bool:
        """Return whether the refusal's words stand beside a field of the form already."""
        fields = self.view.fields if isinstance(self.view, Form) else ()
        message = self.refusal.message if self.refusal else ""
        return any(field.error and field.error == message for field in fields)

    def file_field(self) -> str:
        """Return the name of the shown form's first field for files, "" if it has none."""
        fields = self.view.fields if isinstance(self.view, Form) else ()
        return next((field.name for field in fields if isinstance(field, FileField)), "")

    def keep(self, values: dict[str, Value]) -> None:
        """Keep what was typed into the form that is shown."""
        if isinstance(self.view, Form):
            self.view = kept(self.view, values)

    def dismiss(self) -> None:
        """Put away what was shown."""
        self.view, self.note, self.refusal, self.passing = None, "", None, False


class Panes:
    """Every person's panes."""

    def __init__(self) -> None:
        self._panes: dict[tuple[str, str], Pane] = {}

    def of(self, account: str, slug: str) -> Pane:
        """Return one person's pane of one conversation."""
        return self._panes.setdefault((account, slug), Pane())
