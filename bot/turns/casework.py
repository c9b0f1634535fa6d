"""The leaders' side: buttons, forms and notes on a case, each one turn.

Access is asked before anything is said: to somebody who may not know of a case there is no such case,
in the same words whether it exists or not.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import without_case
from bot.turns import evidence
from bot.turns.turn import Turn
from flows.case import access, forms
from flows.case import lifecycle as cases
from flows.case.commands import AddToReport, Command, Escalate
from flows.case.reassess import may_be_imagery
from flows.errors import InvalidAnswer, NotAllowed, NotFound
from flows.messages import phrases, templates
from flows.messages.record import record, reporter_shown
from flows.model import Action, Audit, AuditKind, Capability, Case, CaseId, Change, Send, Timer
from flows.school import PersonId, School
from flows.ui.cards import Card, Text, Tone
from flows.ui.forms import Form, TextField, Value
from flows.ui.inbound import Receipt, Refuse, Reply, Show, Uploaded
from flows.ui.intents import Act, Fill
from flows.words import say

#: Forms that are taken although the case has changed since they were drawn: they overwrite nothing.
_NEVER_STALE = frozenset({Action.NOTE, Action.ADD, Action.CONFLICT, Action.SHOW_REPORTER, Action.TOLD_999})


class Casework:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def act(self, turn: Turn, intent: Act) -> Reply:
        """Do what a button says at once, or show the form that asks what doing it needs."""
        case = await self.allowed(turn, intent.case, intent.action)
        match intent.action:
            case Action.OPEN_RECORD:
                return await self.open_record(turn, case)
            case Action.ADD:
                return Show(_add_form(case))
            case action if action in forms.AT_ONCE:
                return await self._take(turn, case, forms.parse(action, {}, case))
            case action:
                return Show(forms.form(action, case))

    async def fill(self, turn: Turn, fill: Fill, values: Mapping[str, Value]) -> Reply:
        """Take a case's form. A wrong field, or a case that has moved on, brings the form back filled in."""
        case = await self.allowed(turn, fill.case, fill.action)
        if fill.action in forms.AT_ONCE:  # has no form, whatever was sent along
            return await self.act(turn, Act(case=fill.case, action=fill.action, version=fill.version))
        if fill.action is Action.ADD:
            return await self._add_words(turn, case, values)
        if fill.version != case.version and fill.action not in _NEVER_STALE:
            form = forms.form(fill.action, case, values=values)
            return Refuse(
                say("case.refused.stale"), say("case.refused.stale_hint"), form=form, reference="stale"
            )
        try:
            command = forms.parse(fill.action, values, case)
        except InvalidAnswer as error:
            errors = {error.field: error.message}
            form = forms.form(fill.action, case, values=values, errors=errors)
            return Refuse(error.message, field=error.field, form=form, reference=error.reference)
        return await self._take(turn, case, command)

    async def note(self, turn: Turn, channel: str, thread: str, text: str) -> Reply:
        """Keep a leader's words from a case's thread as a note."""
        found = await self.context.store.thread(turn.school.id, turn.platform, channel, thread)
        if found is None:
            raise _no_such_case()
        case = await self.allowed(turn, found, Action.NOTE)
        return await self._take(turn, case, forms.parse(Action.NOTE, {"text": text}, case))

    async def open_record(self, turn: Turn, case: Case) -> Reply:
        """Show the record to the one who pressed, and log that they did."""
        await self._log(turn, case, AuditKind.RECORD_OPENED)
        events = await self.context.store.events(turn.school.id, case.id)
        return Show(record(case, events, turn.school, turn.person.id))

    async def upload(self, turn: Turn, case_id: str, brought: Uploaded) -> Reply:
        """Add files to a report that was sent. Refused where it may show an image of a child."""
        case = await self.allowed(turn, case_id, Action.ADD)
        if may_be_imagery(case.report):
            return Refuse(say("conversation.no_files"), reference="imagery")
        had = case.report.posting.files
        files, lost = await evidence.keep(self.context, turn, brought, had, self.context.now())
        if lost and not files:
            return Refuse(evidence.told(lost), reference=lost[0].reference)
        posting = replace(case.report.posting, files=(*had, *files))
        reply = await self._take(turn, case, AddToReport(replace(case.report, posting=posting)))
        if not lost:
            return reply
        words = f"{say('service.added', ref=case.reference)} {evidence.told(lost)}"
        return Receipt(_done(words), sent=False)

    async def evidence(
        self, school: School, person: PersonId, case_id: str, sha256: str
    ) -> tuple[str, bytes] | None:
        """Return (media type, bytes) of a case's file, if this person may read it; logged."""
        case = await self.context.store.case(school.id, CaseId(case_id))
        if case is None:
            return None
        own = access.may(case, person, school, Capability.SEE_OWN)
        file = next((f for f in case.report.posting.files if f.sha256 == sha256 and not f.locked), None)
        if file is None or may_be_imagery(case.report):
            return None
        if not (own or access.may(case, person, school, Capability.READ)):
            return None
        content = await self.context.store.file(school.id, sha256)
        if content is None:
            return None
        entry = Audit(
            school=school.id,
            at=self.context.now(),
            kind=AuditKind.RECORD_OPENED,
            by=person,
            case=case.id,
            facts={"file": file.id},
        )
        await self.context.commit(Change(school=school.id, audit=(entry,)))
        return file.media_type, content

    async def again(self, turn: Turn, case_id: CaseId, *, reporter: bool) -> Reply:
        """Answer a second delivery: the receipt again, or that it is done."""
        case = await self.context.store.case(turn.school.id, case_id)
        if case is None:
            raise _no_such_case()
        if reporter and case.report.reporter == turn.person.id:
            return Receipt(templates.receipt(case, turn.school, self.context.now()))
        return Receipt(_done(say("service.done")), sent=False)

    async def escalate(self, timer: Timer) -> None:
        """Tell the next person, where nobody has taken the case on in time."""
        school = self.context.directory.schools[timer.school]
        case = await self.context.store.case(timer.school, timer.case) if timer.case else None
        if case is None:
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
            return
        step = await self.context.step_of(school, case, None)
        try:
            change = cases.apply(case, Escalate(), step)
        except NotAllowed:
            # Somebody was quicker: the reminder re-reads the case just before it speaks.
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
            return
        rearmed = any(w.key == timer.key for w in change.timers)
        woken = change.cancelled_timers if rearmed else (*change.cancelled_timers, timer.key)
        await self.context.commit(replace(change, cancelled_timers=woken))

    async def bot_command(
        self, school: School, case: Case, command: Command, *, sent: tuple[Send, ...] = ()
    ) -> None:
        """Apply a command of the bot's own (a move, a delivery failure) to a case.

        ``sent`` is what became of the sends it is about: kept together with it, or not at all.
        """
        step = await self.context.step_of(school, case, None)
        change = cases.apply(case, command, step)
        edits = await without_case(self.context, school, case, change)
        await self.context.commit(replace(change, updated_sends=sent, new_sends=(*change.new_sends, *edits)))

    async def allowed(self, turn: Turn, case_id: str, action: Action) -> Case:
        """Return the case if this person may do this to it now. Raises NotFound or NotAllowed."""
        case = await self.context.store.case(turn.school.id, CaseId(case_id))
        if case is None:
            raise _no_such_case()
        if not access.may_do(case, turn.person.id, turn.school, action):
            await self._log(turn, case, AuditKind.REFUSED)
            if await self.may_know(turn, case):
                raise NotAllowed(
                    "not-yours", say("case.refused.not_yours"), say("case.refused.not_yours_hint")
                )
            raise _no_such_case()
        if not cases.allows(case.status, action):
            reference = "case-closed" if case.closed_at is not None else "not-yet"
            raise NotAllowed(
                reference, say(f"case.refused.{reference}"), say(f"case.refused.{reference}_hint")
            )
        return case

    async def may_know(self, turn: Turn, case: Case) -> bool:
        """Return whether this person may know that the case exists."""
        if access.may(case, turn.person.id, turn.school, Capability.KNOW):
            return True
        in_channel = await self.context.in_channel(turn.school, turn.identity)
        return access.may(case, turn.person.id, turn.school, Capability.KNOW, in_channel=in_channel)

    async def _take(self, turn: Turn, case: Case, command: Command) -> Reply:
        """Apply a command, commit, and say that it is done."""
        step = await self.context.step_of(turn.school, case, turn.person.id)
        change = cases.apply(case, command, step)
        handled = turn.handled(step.at, case=case.id)
        edits = await without_case(self.context, turn.school, case, change)
        done = await self.context.commit(
            replace(change, handled=handled, new_sends=(*change.new_sends, *edits))
        )
        after = done.case or case
        match command:
            case _ if change.events and change.events[0].kind.value == "reporter_shown":
                await self._log(turn, after, AuditKind.REPORTER_SHOWN)
                return Show(reporter_shown(after, turn.school))
            case _ if turn.person.id in after.recused and turn.person.id not in case.recused:
                return Receipt(_done(say("service.out", ref=case.reference)), sent=False)
            case AddToReport():
                return Receipt(_done(say("service.added", ref=case.reference)), sent=False)
            case _:
                lines = [phrases.event_line(after, event) for event in change.events]
                return Receipt(_done(" ".join(lines)), sent=False)

    async def _add_words(self, turn: Turn, case: Case, values: Mapping[str, Value]) -> Reply:
        value = values.get("text", "")
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            return Refuse(say("form.needed"), field="text", form=_add_form(case), reference="invalid-answer")
        posting = case.report.posting
        words = f"{posting.words}\n\n{text}" if posting.words else text
        report = replace(case.report, posting=replace(posting, words=words))
        return await self._take(turn, case, AddToReport(report, text))

    async def _log(self, turn: Turn, case: Case, kind: AuditKind) -> None:
        entry = Audit(
            school=turn.school.id, at=self.context.now(), kind=kind, by=turn.person.id, case=case.id
        )
        await self.context.commit(Change(school=turn.school.id, audit=(entry,)))


def _no_such_case() -> NotFound:
    return NotFound("no-such-case", say("case.refused.no_such_case"), say("case.refused.no_such_case_hint"))


def _done(words: str) -> Card:
    return Card(kind="done", summary=say("service.done"), blocks=(Text(words),), tone=Tone.GOOD)


def _add_form(case: Case) -> Form:
    text = TextField(name="text", label=say("form.add.text"), lines=4, required=True)
    return Form(
        id="case.add",
        title=say("form.add.title", ref=case.reference),
        submit=Fill(case=case.id, action=Action.ADD, version=case.version),
        submit_label=say("form.add.submit"),
        fields=(text,),
        summary=say("form.summary", ref=case.reference),
    )
