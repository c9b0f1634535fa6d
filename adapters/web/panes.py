"""What each person was shown last and has typed, in memory only.

Nothing here must outlive the program: a reply can always be derived again, messages are the chat's, and
what somebody is writing is kept by :mod:`adapters.web.messages`.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from typing import assert_never

from msgspec import Struct

from adapters.web import limits
from adapters.web.render import marked, missing
from flows.ui.cards import Card
from flows.ui.forms import FileField, Form
from flows.ui.inbound import Filled, Inbound, Pressed, Receipt, Refuse, Show, Typed
from flows.ui.intents import Act, AnswerPage, Discard, Fill, GoTo, SendReport
from flows.words import say


class Line(Struct, frozen=True, kw_only=True):
    """Something said in passing: typed by the person, or a short word of the bot's."""

    at: dt.datetime
    mine: bool
    text: str


class Pane:
    """One person's view of one conversation, in all of their windows."""

    def __init__(self, serial: int = 0) -> None:
        self.view: Form | Card | None = None
        self.passing = False
        #: when ``view`` was answered
        self.since = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.note = ""
        self.refusal: Refuse | None = None
        #: the case that was last worked on here, "" = none
        self.about = ""
        #: rises with every change of what is shown, so that another window sees that it lags behind
        self.serial = serial
        #: how to come back to a page of the open report, by the form's id
        self.ways_back: dict[str, GoTo] = {}
        #: what became of reports that were open here, by the draft's id
        self.ended: dict[str, str] = {}
        self.lines: deque[Line] = deque(maxlen=limits.LINES)
        self.seen = 0

    def answered(self, reply: Show | Receipt, inbound: Inbound, at: dt.datetime) -> None:
        """Take in what came back for what this person did."""
        before, self.refusal, self.since = self.view, None, at
        self.serial += 1
        match reply:
            case Show():
                self.view, self.note, self.passing = reply.view, reply.note, False
            case Receipt():
                self.view, self.note, self.passing = reply.card, "", True
            case _:
                assert_never(reply)
        if isinstance(inbound, Pressed | Filled):
            self._follow(reply, inbound)
        if isinstance(inbound, Filled) and isinstance(before, Form):
            self._say_what_is_missing(before)
        if isinstance(self.view, Form) and isinstance(self.view.submit, AnswerPage | SendReport):
            self.ways_back[self.view.id] = way_back(self.view.submit)
        if isinstance(inbound, Typed):
            self.lines.append(Line(at=at, mine=True, text=inbound.text))
            if self.note:
                self.lines.append(Line(at=at, mine=False, text=self.note))
                self.note = ""

    def _follow(self, reply: Show | Receipt, inbound: Pressed | Filled) -> None:
        match inbound.intent:
            case SendReport(draft=draft) if isinstance(reply, Receipt):
                self._end(draft, say("web.was_sent"))
            case Discard(draft=draft):
                self._end(draft, say("web.was_thrown_away"))
            case Act(case=case) | Fill(case=case):
                self.about = case
            case _:
                pass

    def _end(self, draft: str, words: str) -> None:
        self.ended[draft] = words
        self.ways_back.clear()

    def _say_what_is_missing(self, before: Form) -> None:
        """Say of a page that came back which answers it still lacks."""
        if not isinstance(self.view, Form) or self.view.id != before.id or _one_question(before):
            return
        errors = missing(self.view, before)
        if errors:
            self.note = ""
            self.view = marked(self.view, errors)
            self.refusal = Refuse(next(iter(errors.values())), field=next(iter(errors)))

    def refuse(self, refusal: Refuse) -> None:
        """Show why nothing happened, beside its field where there is one. Earlier errors are gone."""
        self.serial += 1
        self.note = ""
        form = refusal.form or self.view
        if isinstance(form, Form):
            errors = {field.name: field.error for field in form.fields if field.error}
            errors = errors if refusal.form is not None else {}
            if refusal.field:
                errors.setdefault(refusal.field, f"{refusal.message} {refusal.hint}".strip())
            self.view = marked(form, errors)
        self.refusal = refusal

    def forgive(self) -> None:
        """Forget earlier errors: what is said next is of the last press alone."""
        self.refusal, self.note = None, ""
        if isinstance(self.view, Form):
            self.view = marked(self.view, {})

    @property
    def did_something(self) -> bool:
        """Return whether what was sent last has done something: it was neither refused nor only shown."""
        return self.passing and self.refusal is None

    @property
    def beside(self) -> bool:
        """Return whether the refusal's words stand beside a field of the form already."""
        return bool(self.refusal and self.errors)

    @property
    def errors(self) -> tuple[str, ...]:
        """Return the names of the fields that have to be mended."""
        fields = self.view.fields if isinstance(self.view, Form) else ()
        return tuple(field.name for field in fields if field.error)

    @property
    def form_id(self) -> str:
        """Return the id of the form that is shown, "" if none is."""
        return self.view.id if isinstance(self.view, Form) else ""

    def file_field(self) -> str:
        """Return the name of the shown form's first field for files, "" if it has none."""
        fields = self.view.fields if isinstance(self.view, Form) else ()
        return next((field.name for field in fields if isinstance(field, FileField)), "")

    def dismiss(self) -> None:
        """Put away what was shown."""
        self.serial += 1
        self.view, self.note, self.refusal, self.passing = None, "", None, False


def _one_question(form: Form) -> bool:
    """Return whether only one question of its page was shown: the others are not missing yet."""
    return isinstance(form.submit, AnswerPage) and bool(form.submit.only)


def way_back(submit: AnswerPage | SendReport) -> GoTo:
    """Return what opens a page of the report again."""
    page = submit.page if isinstance(submit, AnswerPage) else "check"
    return GoTo(draft=submit.draft, revision=submit.revision, page=page)


class Panes:
    """Every person's panes."""

    def __init__(self, began: int) -> None:
        """``began`` is when the program did: what a window saw before that is older than anything since."""
        self._began = began
        self._panes: dict[tuple[str, str], Pane] = {}

    def of(self, account: str, slug: str) -> Pane:
        """Return one person's pane of one conversation."""
        return self._panes.setdefault((account, slug), Pane(self._began * 1000))
