"""Letters and packs: the form each begins with, and its file, stored before the case speaks of it.

Files are made beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from bot.context import AppContext
from bot.documents import word
from bot.turns.evidence import safe_name
from bot.turns.finding import export
from bot.turns.turn import Turn
from bot.yearly import ticked
from flows.case import access, forms
from flows.case.actions.exporting import MakeExport
from flows.case.actions.packing import MakePack, owed_pack
from flows.case.actions.writing import ApproveLetter, drafted
from flows.case.context import Command
from flows.case.refusals import refuse
from flows.letters.table import INVITES
from flows.messages import letters, yearly
from flows.model import Action, AuditKind, Capability, Case, Document
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.intents import Fill
from flows.words import say


async def begun(context: AppContext, turn: Turn, case: Case, action: Action, which: str) -> Card | Form:
    """Return what an action can be about, or the form about one of these, filled in from the case."""
    if not which:
        listed = letters.packs if action is Action.PACK else letters.choices
        return listed(case, turn.school, turn.person.id)
    body = owed_pack(which, case) if action is Action.PACK else None
    values = None if body else drafted(which, case, turn.school, context.now())
    return await beside(context, turn, forms.form(action, case, turn.school, values=values, which=which))


async def beside(context: AppContext, turn: Turn, form: Form) -> Form:
    """Return a form with what stands beside it: of a letter that invites, whether parents were told."""
    if not isinstance(form.submit, Fill) or form.submit.which not in INVITES:
        return form
    told = yearly.beside(*await ticked(context, turn.school))
    return replace(form, intro=(*form.intro, told))


def to_log(made: MakePack | MakeExport) -> Iterator[tuple[AuditKind, dict[str, str]]]:
    """Yield what goes on the audit: an export; or a pack, for whom, and whether the reporter stands in it."""
    if isinstance(made, MakeExport):
        yield (
            AuditKind.EXPORTED,
            {one.of: one.sha256 for one in (made.sheet, made.archive) if one is not None},
        )
        return
    file = made.document.sha256 if made.document is not None else ""
    yield AuditKind.PACK_MADE, {"body": made.which, "sha256": file}
    if made.shows_reporter:
        yield AuditKind.REPORTER_SHOWN, {"body": made.which}


async def with_document(context: AppContext, turn: Turn, case: Case, command: Command) -> Command:
    """Return the command with the file that it brings, stored; most bring none."""
    match command:
        case ApproveLetter():
            return await _letter(context, turn, case, command)
        case MakePack():
            return await _pack(context, turn, case, command)
        case MakeExport():
            return await export.made(context, turn, case, command, partial(_stored, context, turn))
        case _:
            return command


async def _letter(context: AppContext, turn: Turn, case: Case, approved: ApproveLetter) -> Command:
    title, by = f"{say(f'letter.{approved.which}')} – {case.reference}", turn.school.name
    made = await asyncio.to_thread(word.letter, approved.text, title=title, author=by, at=context.now())
    file = await _stored(context, turn, f"{title}.docx", word.TYPE, made, of=approved.which)
    return replace(approved, document=file)


async def _pack(context: AppContext, turn: Turn, case: Case, order: MakePack) -> Command:
    if order.shows_reporter and not access.may(case, turn.person.id, turn.school, Capability.SEE_REPORTER):
        raise refuse("reporter_not_yours")
    from bot.documents import pdf  # noqa: PLC0415 - what packs stand on is imported where one is made
    from flows.packs.contents import as_text, contents  # noqa: PLC0415 - likewise

    events, at = await context.store.events(turn.school.id, case.id), context.now()
    told = contents(case, events, turn.school, order, by=turn.person.id, at=at)
    made = await asyncio.to_thread(pdf.pack, told, at=at)
    file = await _stored(context, turn, f"{told.title}.pdf", pdf.TYPE, made, of=f"pack.{order.which}")
    return replace(order, document=file, told=as_text(told))


async def _stored(
    context: AppContext, turn: Turn, name: str, media_type: str, content: bytes, *, of: str
) -> Document:
    return Document(
        id=context.new_id(),
        of=of,
        name=safe_name(name),
        media_type=media_type,
        size=len(content),
        sha256=await context.store.put_file(turn.school.id, content),
        added_by=turn.person.id,
        added_at=context.now(),
    )
