"""The reporter's side: from the first word to the receipt. Each method is one turn.

A turn loads the draft, asks ``flows.intake.conversation`` what follows, and commits before it answers. What
a person typed is kept even where part of it has to be asked again.
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import without_case
from bot.turns import evidence
from bot.turns.drafts import Drafts, really_anew, really_discard
from bot.turns.turn import Asking, Turn
from flows.case import lifecycle as cases
from flows.case.actions.amendments import Complete
from flows.case.refusals import stale
from flows.delivery import outbox, to_reporter
from flows.intake import conversation, typed
from flows.intake.files import still_gone
from flows.intake.from_words import offered_by
from flows.intake.pages import question_label
from flows.intake.report import finish
from flows.intake.said import asked_back, steering
from flows.intake.said.asked_back import Asks
from flows.intake.said.reworded import reworded
from flows.intake.settled import State
from flows.messages import lists, templates
from flows.messages.shared_blocks import start_buttons
from flows.model import CaseId, Change, Draft, DraftId, Report
from flows.ui.cards import Button, Card, Text
from flows.ui.inbound import Receipt, Refuse, Reply, Show, Surface, Uploaded
from flows.ui.intents import Begin, ChatCommand, Discard, GoTo, SendReport, TakeOut
from flows.words import say


class Reporting:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.drafts = Drafts(context)

    async def start(self, turn: Turn, *, words: str = "", link: str = "", fresh: bool = False) -> Reply:
        """Begin a report, or offer the one that was begun. Words that came along are never lost."""
        now = self.context.now()
        open_draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if open_draft is not None and not fresh:
            return await self._offer(turn, open_draft, words, link, now)
        if turn.person.id in turn.school.people and not (
            turn.person.staff or turn.school.may_report(turn.person.id)
        ):
            # Known to the school's file, but neither staff nor in a seat. (Staff found through a platform's
            # group are in no file; the directory vouches for them.)
            return Refuse(say("service.stranger"), say("service.stranger_hint"), reference="stranger")
        if await self._too_many(turn, now):
            return Refuse(say("service.too_many"), say("service.too_many_hint"), reference="too-many")
        state = conversation.start(
            draft_id=DraftId(self.context.new_id()),
            school=turn.school,
            person=turn.person.id,
            at=now,
            words=words,
            link=link,
        )
        # The very first words may already say that somebody is not safe: then they are not left lying.
        state = await self.drafts.store_and_alert(turn, state, now, instead_of=open_draft)
        understood = offered_by(state.settled.standing)
        return Show(self.drafts.view(turn, state), say("service.begun") if understood else "")

    async def typed(self, turn: Turn, text: str, link: str = "", *, early: bool = False) -> Reply | Asking:
        """Read typed words: an answer to the question last shown, or a command, or the start of a report."""
        now = self.context.now()
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if draft is None:
            asking = steering.command(text, leads=bool(turn.school.seats_of(turn.person.id)))
            if asking is not None:
                return Asking(*asking)
            if steering.is_greeting(text):
                return Asking(ChatCommand.HELP)
            return await self.start(turn, words=text, link=link)
        if link and link not in text:  # words of their own stand over it: the address counts as well
            text = f"{text}\n{link}"
        state = conversation.taken_up(draft)
        match typed.read(state, text, turn.school, now, surface=turn.surface, early=early):
            case typed.TypedAnswer(state=after, note=note):
                after = await self.drafts.store_and_alert(turn, after, now)
                return Show(self.drafts.view(turn, after, typed=True), note)
            case typed.Misunderstood(message=message, hint=hint):
                form = self.drafts.view(turn, state, typed=True)
                return Refuse(message, hint, field=form.cursor, form=form, reference="not-understood")
            case typed.Wants(command=command, argument=argument):
                return await self._steered(turn, state, command, now) or Asking(
                    ChatCommand(command), argument
                )

    async def _steered(self, turn: Turn, state: State, command: str, now: dt.datetime) -> Reply | None:
        """Return what a word brings that steers the report; None for a command of the chat."""
        draft = state.draft
        match command:
            case "cancel":
                await self._ask(turn, state, Asks.DISCARD, now)
                return Show(really_discard(draft))
            case "discard":
                return await self.discard(turn, Discard(draft.id, draft.revision))
            case "fresh?":
                await self._ask(turn, state, Asks.FRESH, now)
                return Show(really_anew(draft))
            case "fresh":
                return await self.start(turn, fresh=True)
            case "continue":
                return Show(self.drafts.view(turn, state, typed=True))
            case "back":
                return await self._back(turn, state, now)
            case "send":
                return await self.send(turn, SendReport(draft=draft.id, revision=draft.revision))
            case _:
                return None

    async def _ask(self, turn: Turn, state: State, why: Asks, now: dt.datetime) -> None:
        """Keep that something is asked beside the report, so that typed words can answer it."""
        asked = asked_back.asked(state, turn.surface, why)
        await self.context.commit(self.drafts.stored(turn, asked.draft, now))

    async def with_way_back(self, turn: Turn, reply: Reply) -> Reply:
        """Return a card that came between with the way back to the open report above it."""
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if draft is None or not isinstance(reply, Show) or not isinstance(reply.view, Card):
            return reply
        state = conversation.taken_up(draft)
        page, name = conversation.place(state, turn.surface)
        question = question_label(name, state.settled.standing) if name else say(f"page.{page}")
        back = lists.way_back(draft, question)
        return replace(reply, view=replace(reply.view, blocks=(*back, *reply.view.blocks)))

    async def goto(self, turn: Turn, intent: GoTo) -> Reply:
        """Show a page again: Back, Change, Continue. Answers are kept."""
        now = self.context.now()
        state = conversation.taken_up(await self.drafts.mine(turn, intent.draft))
        if not intent.page:
            return Show(self.drafts.view(turn, state))
        after = conversation.goto(state, intent.page, turn.surface, now, field=intent.only)
        await self.context.commit(self.drafts.stored(turn, after.draft, now))
        return Show(self.drafts.view(turn, after, page=intent.page, typed=bool(intent.only)))

    async def discard(self, turn: Turn, intent: Discard) -> Reply:
        """Throw the draft away. A report that already went ahead stays."""
        draft = await self.drafts.mine(turn, intent.draft)
        await self.context.commit(
            Change(
                school=turn.school.id,
                handled=turn.handled(self.context.now()),
                dropped_draft=draft.id,
                cancelled_timers=self.drafts.timers(draft),
            )
        )
        words = Text(say("service.discarded"))
        return Show(Card(kind="discarded", summary=say("summary.home"), blocks=(words, start_buttons())))

    async def reworded(self, turn: Turn, before: str, after: str) -> Reply:
        """Let the draft follow what a person changed of their own words; else say how to correct it."""
        now = self.context.now()
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if draft is None:
            return Refuse(say("reworded.no_draft"), say("reworded.no_draft_hint"), reference="reworded")
        changed = reworded(draft, before, after, now)
        if changed is None:
            return Show(self.drafts.view(turn, conversation.taken_up(draft)), say("reworded.not_followed"))
        state = await self.drafts.store_and_alert(turn, conversation.taken_up(changed), now)
        return Show(
            self.drafts.view(turn, state), say("reworded.followed" if after else "reworded.taken_out")
        )

    async def upload(self, turn: Turn, brought: Uploaded) -> Reply:
        """Store files with the draft: sniffed, hashed, sealed – or refused after an imagery answer.

        One that cannot be stored takes no other along; it is named, with the reason.
        """
        now = self.context.now()
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if draft is None:
            return Refuse(say("service.no_draft"), say("service.no_draft_hint"), reference="no-draft")
        state = conversation.taken_up(draft)
        refusal = conversation.refuses_files(state)
        if refusal:
            return Refuse(refusal, form=self.drafts.view(turn, state), reference="imagery")
        files, lost = await evidence.store(self.context, turn, brought, draft.files, now)
        if lost and not files:
            return Refuse(
                evidence.told(lost), form=self.drafts.view(turn, state), reference=lost[0].reference
            )
        for file in files:
            state = conversation.with_file(state, file, now)
        state = await self.drafts.store_and_alert(turn, state, now)
        return Show(
            self.drafts.view(turn, state), f"{say('service.file_kept')} {evidence.told(lost)}".strip()
        )

    async def take_out(self, turn: Turn, intent: TakeOut) -> Reply:
        """Take a file out of the draft again, and show where it stood."""
        now = self.context.now()
        state = conversation.taken_up(await self.drafts.mine(turn, intent.draft))
        left = conversation.without_file(state, intent.file, now)
        state = await self.drafts.store_and_alert(turn, left, now)
        return Show(self.drafts.view(turn, state), say("service.taken_out"))

    async def send(self, turn: Turn, intent: SendReport) -> Reply:
        """Send the report: decided, routed and kept as one. From here it is safe."""
        now = self.context.now()
        draft = await self.drafts.mine(turn, intent.draft)
        state = conversation.taken_up(draft)
        if not state.settled.complete:
            if intent.unfinished and state.settled.unsafe and draft.case is None:
                return await self.drafts.send_unfinished(turn, state, now)
            return Show(self.drafts.view(turn, state), say("service.not_finished"))
        report = finish(state, now)
        if draft.case is not None:
            change = await self._completed(turn, draft, Complete(report))
        else:
            case_id = CaseId(self.context.new_id())
            step = self.context.step(turn.school, turn.person.id)
            change = cases.open_case(report, case_id=case_id, code=self.context.new_code(), step=step)
        done = await self.context.commit(
            replace(
                change,
                handled=turn.handled(now, draft=draft.id, case=change.case.id if change.case else None),
                dropped_draft=draft.id,
                cancelled_timers=(*change.cancelled_timers, *self.drafts.timers(draft)),
            )
        )
        if done.case is None:
            raise stale()
        return Receipt(templates.receipt(done.case, turn.school, now), sent=self._reachable(turn))

    async def again(self, turn: Turn) -> Reply:
        """Show where the draft stands, for a second delivery."""
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        if draft is not None:
            return Show(self.drafts.view(turn, conversation.taken_up(draft)))
        return Show(lists.help_card(leader=False))

    # -- parts ------------------------------------------------------------------------------------

    async def _completed(self, turn: Turn, draft: Draft, command: Complete) -> Change:
        case = await self.context.store.case(turn.school.id, draft.case) if draft.case else None
        if case is None:
            raise stale()
        step = await self.context.step_of(turn.school, case, turn.person.id)
        change = cases.apply(case, Complete(_with_what_was_added(command.report, case.report)), step)
        again = to_reporter.receipt(
            change.case or case, turn.school, self.context.platforms, step.at, again=case.events
        )
        edits = await without_case(self.context, turn.school, case, change)
        return replace(change, new_sends=(*change.new_sends, *again, *edits))

    async def _back(self, turn: Turn, state: State, now: dt.datetime) -> Reply:
        after, page = conversation.back(state, turn.surface, now)
        await self.context.commit(self.drafts.stored(turn, after.draft, now))
        return Show(self.drafts.view(turn, after, page=page, typed=True))

    async def _offer(self, turn: Turn, draft: Draft, words: str, link: str, now: dt.datetime) -> Reply:
        """Offer to continue. What came along is added to the draft's words first, so that none is lost."""
        note = say("service.went_on")
        came = "\n".join(
            part for part in (words, link) if part.strip() and part not in draft.answers.values()
        )
        if came.strip():
            state = await self.drafts.store_and_alert(turn, conversation.with_words(draft, came, now), now)
            note = say("service.words_kept")
        else:
            state = conversation.taken_up(draft)
        if turn.surface is Surface.MODAL:
            form = self.drafts.view(turn, state)
            fresh = Button(
                label=say("button.start_new"), intent=Begin(fresh=True), confirm=say("list.fresh_confirm")
            )
            return Show(replace(form, buttons=(*form.buttons, fresh)), note)
        await self._ask(turn, state, Asks.OFFER, now)
        blocks = tuple(lists.messages_for_start(state.draft))
        return Show(Card(kind="offer", summary=say("summary.home"), blocks=blocks), note if came else "")

    def _reachable(self, turn: Turn) -> bool:
        return bool(outbox.reach(turn.school, turn.person.id, self.context.platforms))

    async def _too_many(self, turn: Turn, now: dt.datetime) -> bool:
        most = turn.school.limits.reports_per_person_per_day
        rows = await self.context.store.cases_reported_by(turn.school.id, turn.person.id, most=most)
        return sum(1 for row in rows if not row.drill and row.opened_at > now - dt.timedelta(days=1)) >= most


def _with_what_was_added(report: Report, before: Report) -> Report:
    """Return the completed report with the files and words that were added to the case in the meantime."""
    had = {file.id for file in report.posting.files}
    files = (*still_gone(report, before), *(f for f in before.posting.files if f.id not in had))
    added = [part for part in before.posting.words.split("\n") if part not in report.posting.words]
    words = "\n".join(part for part in (report.posting.words, *added) if part)
    return replace(report, posting=replace(report.posting, files=files, words=words))
