"""The leaders' side: buttons, forms and notes on a case, each one turn.

Access is asked before anything is said: to somebody who may not know of a case there is no such case,
in the same words whether it exists or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import without_case
from bot.exports.signing import Signer
from bot.reached import drawn_again, reached_in, seen
from bot.turns import documents, evidence
from bot.turns.beside import BesideCases
from bot.turns.turn import Turn
from flows.case import access, forms
from flows.case import lifecycle as cases
from flows.case.actions.amendments import AddToReport, Amend, AskForSupport
from flows.case.actions.beside import LinkWith, Unlink
from flows.case.actions.drilling import marked
from flows.case.actions.exporting import MakeExport
from flows.case.actions.leading import ShowReporter
from flows.case.actions.packing import MakePack
from flows.case.actions.table import ACTIONS
from flows.case.actions.writing import ApproveLetter
from flows.case.context import Command
from flows.case.reassess import may_be_imagery
from flows.case.refusals import no_such_case, refuse, stale
from flows.errors import InvalidAnswer
from flows.messages import checklist, letters, phrases, plan, templates
from flows.messages.beside import chronology, hints
from flows.messages.record import record, reporter_shown
from flows.messages.shared_blocks import done_card, support
from flows.model import Action, Audit, AuditKind, Capability, Case, CaseId, Change, Send
from flows.school import School
from flows.ui.cards import Card
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse, Reply, Show, Uploaded
from flows.ui.intents import Act, Fill
from flows.words import say


class Casework:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.beside = BesideCases(context)

    async def act(self, turn: Turn, intent: Act) -> Reply:
        """Do what a button says at once, or show the form that asks what doing it needs."""
        case, action = await self._meant(turn, intent)
        if action is Action.OPEN_RECORD:
            return await self.open_record(turn, case)
        if ACTIONS[action].declared.about:
            shown = await documents.begun(self.context, turn, case, action, intent.which)
            said = {"form": action.value, "which": intent.which} if intent.which else {}
            await self.log(turn, case, AuditKind.FORM_SHOWN if said else AuditKind.CARD_SHOWN, said)
            return Show(shown)
        if action is Action.MORE:
            await self.log(turn, case, AuditKind.CARD_SHOWN)
            beside = hints(case, await self.beside.of(case, turn.person.id, turn.school), turn.school)
            return Show(checklist.more(case, turn.school, turn.person.id, beside))
        if action is Action.PLAN:
            await self.log(turn, case, AuditKind.CARD_SHOWN)
            return Show(marked(plan.shown(case, turn.school, turn.person.id, self.context.now()), case))
        if action is Action.CHRONOLOGY:
            await self.log(turn, case, AuditKind.RECORD_OPENED)
            account = await self.beside.of_account(case, turn.person.id, turn.school)
            return Show(chronology(case, account, turn.school))
        if forms.at_once(action):
            return await self._take(turn, case, forms.parse(action, {}, case, turn.school))
        about = {"which": intent.which} if intent.which else None
        shown = forms.form(action, case, turn.school, values=about)
        await self.log(turn, case, AuditKind.FORM_SHOWN, {"form": action.value})
        return Show(shown)

    async def fill(self, turn: Turn, fill: Fill, values: Mapping[str, Value]) -> Reply:
        """Take a case's form. A wrong field, or a case that has moved on, brings the form back filled in."""
        case, action = await self._meant(turn, fill)
        which, school = fill.which, turn.school
        if forms.at_once(action):
            forms.parse(action, values, case, school)  # has no form: nothing is to be sent along
            return await self.act(turn, Act(case=fill.case, action=action, version=fill.version))
        if fill.version != case.version and not ACTIONS[action].declared.adds_only:
            old, form = stale(), forms.form(action, case, school, values=values, which=which)
            return Refuse(old.message, old.hint, form=form, reference=old.reference)
        try:
            command = forms.parse(action, values, case, school, which=which)
        except InvalidAnswer as error:
            form = forms.form(action, case, school, values=values, errors=error.errors, which=which)
            form = await documents.beside(self.context, turn, form)
            return Refuse(error.message, field=error.field, form=form, reference=error.reference)
        return await self._take(turn, case, await documents.with_document(self.context, turn, case, command))

    async def note(self, turn: Turn, channel: str, thread: str, text: str) -> Reply:
        """Keep a leader's words from a case's thread as a note."""
        found = await self.context.store.thread(turn.school.id, turn.platform, channel, thread)
        case = await self.allowed(turn, found or "", Action.NOTE)
        return await self._take(turn, case, forms.parse(Action.NOTE, {"text": text}, case, turn.school))

    async def open_record(self, turn: Turn, case: Case) -> Reply:
        """Show the record to the one who pressed, and log that they did."""
        told = access.is_told(case, turn.person.id, turn.school)  # who only looks on has not begun anything
        first = told and turn.person.id not in await self.context.store.opened_by(turn.school.id, case.id)
        await self.log(turn, case, AuditKind.RECORD_OPENED)
        if first:
            again = (
                *await drawn_again(self.context, case),
                *await seen(self.context, case, turn.person.id, turn.school),
            )
            await self.context.commit(Change(school=turn.school.id, new_sends=again))
        events = await self.context.store.events(turn.school.id, case.id)
        reached = await reached_in(self.context, case)
        beside = await self.beside.of(case, turn.person.id, turn.school)
        return Show(record(case, events, turn.school, turn.person.id, reached, beside=beside))

    async def upload(self, turn: Turn, case_id: str, brought: Uploaded) -> Reply:
        """Add files to a report that was sent. Refused where it may show an image of a child."""
        case = await self.allowed(turn, case_id, Action.ADD)
        if may_be_imagery(case.report):
            return Refuse(say("conversation.no_files"), reference="imagery")
        had = case.report.posting.files
        files, lost = await evidence.store(self.context, turn, brought, had, self.context.now())
        if lost and not files:
            return Refuse(evidence.told(lost), reference=lost[0].reference)
        posting = replace(case.report.posting, files=(*had, *files))
        reply = await self._take(turn, case, AddToReport(replace(case.report, posting=posting)))
        if not lost:
            return reply
        words = f"{say('service.added', ref=case.reference)} {evidence.told(lost)}"
        return Receipt(_done(case, words), sent=False)

    async def sent_meanwhile(self, turn: Turn, handed_in: dt.datetime | None) -> str:
        """Return the case that a file handed in at that moment belongs to; "" = the open draft, or none.

        Fetching takes a while: the report it was meant for may be sent, and another begun, before it is here.
        """
        if handed_in is None:
            return ""
        store, school = self.context.store, turn.school.id
        draft = await store.draft_of(school, turn.person.id)
        if draft is not None and draft.started_at <= handed_in:
            return ""
        sent = await store.cases_reported_by(school, turn.person.id)
        return next((str(case.id) for case in reversed(sent) if case.opened_at >= handed_in), "")

    async def again(self, turn: Turn, case_id: CaseId, *, reporter: bool) -> Reply:
        """Answer a second delivery: the receipt again, or that it is done."""
        case = await self.context.store.case(turn.school.id, case_id)
        if case is None:
            raise no_such_case()
        if reporter and case.report.reporter == turn.person.id:
            reached = await reached_in(self.context, case)
            return Receipt(marked(templates.receipt(case, turn.school, self.context.now(), reached), case))
        return Receipt(_done(case, say("service.done")), sent=False)

    async def bot_command(
        self, school: School, case: Case, command: Command, *, sent: tuple[Send, ...] = ()
    ) -> None:
        """Apply a command of the bot's own (a move, a delivery failure) to a case.

        ``sent`` is what became of the sends it is about: stored together with it, or not at all.
        """
        step = await self.context.step_of(school, case, None)
        change = cases.apply(case, command, step)
        edits = await without_case(self.context, school, case, change)
        await self.context.commit(replace(change, updated_sends=sent, new_sends=(*change.new_sends, *edits)))

    async def _meant(self, turn: Turn, intent: Act | Fill) -> tuple[Case, Action]:
        """Return the case, if this person may do this to it now, and what is meant by it.

        A receipt of an older version asks for a leader's correction where its reporter's own is meant.
        """
        case = await self.context.store.case(turn.school.id, CaseId(intent.case))
        action = intent.action
        if case is not None and action is Action.CORRECT:
            leads, own = (
                access.may_do(case, turn.person.id, turn.school, one) for one in (action, Action.AMEND)
            )
            action = Action.AMEND if own and not leads else action
        which = intent.which if action in ACTIONS and ACTIONS[action].declared.about else ""
        return await self.allowed(turn, intent.case, action, which), action

    async def allowed(self, turn: Turn, case_id: str, action: Action, which: str = "") -> Case:
        """Return the case if this person may do this to it now. Raises NotFound, NotAllowed or Stale.

        What was refused when it was asked is not done when it is delivered again, however long after.
        """
        case = await self.context.store.case(turn.school.id, CaseId(case_id))
        if case is None or not access.may_do(case, turn.person.id, turn.school, action, which=which):
            known = await self.may_know(turn, case)
            await self.log(turn, case, AuditKind.REFUSED)
            raise refuse("not_yours") if known else no_such_case()
        cases.require(case, action)
        if turn.refused:
            raise stale()
        return case

    async def may_know(self, turn: Turn, case: Case | None) -> bool:
        """Return whether this person may know that the case exists.

        Nothing but the answer to that may tell them: where there is none, as much is looked up.
        """
        if case is not None and access.may(case, turn.person.id, turn.school, Capability.KNOW):
            return True
        in_channel = await self.context.in_channel(turn.school, turn.identity)
        return case is not None and access.may(
            case, turn.person.id, turn.school, Capability.KNOW, in_channel=in_channel
        )

    async def _take(self, turn: Turn, case: Case, command: Command) -> Reply:
        """Apply a command, commit, and say that it is done."""
        if isinstance(command, LinkWith | Unlink):
            return await self.beside.link(turn, case, command)
        step = await self.context.step_of(turn.school, case, turn.person.id)
        change = cases.apply(case, command, step)
        handled = turn.handled(step.at, case=case.id)
        edits = await without_case(self.context, turn.school, case, change)
        done = await self.context.commit(
            replace(change, handled=handled, new_sends=(*change.new_sends, *edits))
        )
        after = done.case or case
        match command:
            case ShowReporter():
                await self.log(turn, after, AuditKind.REPORTER_SHOWN)
                return Show(reporter_shown(after, turn.school))
            case _ if turn.person.id in after.recused and turn.person.id not in case.recused:
                return Receipt(_done(case, say("service.out", ref=case.reference)), sent=False)
            case AskForSupport():
                said = _done(case, say("service.support", ref=case.reference))
                return Receipt(replace(said, blocks=(*said.blocks, *support(turn.school))), sent=False)
            case AddToReport():
                return Receipt(_done(case, say("service.added", ref=case.reference)), sent=False)
            case ApproveLetter(which=which, text=text, document=document) if document is not None:
                return Show(marked(letters.approved(after, which, text, document), after))
            case MakePack(which=which, document=document, told=told) if document is not None:
                for kind, facts in documents.to_log(command):
                    await self.log(turn, after, kind, facts)
                return Show(marked(letters.made(after, which, document, told), after))
            case MakeExport(sheet=sheet, archive=archive) if sheet is not None and archive is not None:
                for kind, facts in documents.to_log(command):
                    await self.log(turn, after, kind, facts)
                key = Signer(self.context.signing_seed).public
                return Show(marked(letters.exported(after, sheet, archive, key), after))
            case Amend():  # what becomes of the case is not its reporter's to know
                return Receipt(_done(case, say("service.amended", ref=case.reference)), sent=False)
            case _:
                lines = [phrases.event_line(after, event, turn.school) for event in change.events]
                return Receipt(_done(case, " ".join(lines)), sent=False)

    async def log(
        self, turn: Turn, case: Case | None, kind: AuditKind, facts: Mapping[str, str] | None = None
    ) -> None:
        """Put on the audit what somebody was shown or refused."""
        entry = Audit(
            school=turn.school.id,
            at=self.context.now(),
            kind=kind,
            by=turn.person.id,
            case=case.id if case is not None else None,
            facts=dict(facts or {}),
        )
        await self.context.commit(Change(school=turn.school.id, audit=(entry,)))


def _done(case: Case, words: str) -> Card:
    return marked(done_card(words), case)
