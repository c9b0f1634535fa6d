"""A request of somebody who asks what is kept about them, step by step, for whoever leads the cases.

Access is asked of each case again at every step: what is not theirs any more is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bot.context import AppContext
from bot.exports.signing import Signer
from bot.turns.subject import bundling
from bot.turns.subject.looking import Looking, Opened, approved, given, looked, which_of_all
from bot.turns.subject.shelf import Shelf
from bot.turns.turn import Turn
from flows.calendar import local, on_day
from flows.case import lifecycle
from flows.case.actions.leading import ShowReporter
from flows.errors import NotAllowed
from flows.model import Audit, AuditKind, Case, Change, Identity
from flows.packs.contents import Pack
from flows.school import School
from flows.subject import bundle, cards, passages, results
from flows.subject.cards import APPROVED, Looked
from flows.subject.request import MOST_NAMES, Page, Request, called, lines
from flows.ui.cards import Card
from flows.ui.forms import Form, Value
from flows.ui.inbound import Refuse, Reply, Show
from flows.words import say


class SubjectAccess:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.looking = Looking(context)
        self.shelf = Shelf(context)

    async def show(self, turn: Turn, argument: str) -> Reply:
        """Go on with a request, or begin one: for the name that stands there."""
        _may(turn)
        request, what = await self._request(turn, argument)
        if request is None:
            name = "" if "-SAR-" in argument else argument.removeprefix("access").strip(" :")
            return Show(cards.who(turn.school, {"names": name}))
        match what:
            case ["cases"]:
                return Show(cards.pick(request, await self.looking.found(turn, request)))
            case ["reporter", case, number] if (one := await self._one(turn, request, case)) is not None:
                return Show(cards.why(request, one.case, _number(number)))
            case ["whole", number]:
                return await self._whole(turn, request, _number(number))
            case ["make", digest]:
                return await self._make(turn, request, digest)
            case ["end"]:
                await self.shelf.forget(request)
                return Show(results.ended(request.id))
            case _:
                return await self._next(turn, request)

    async def filled(self, turn: Turn, argument: str, values: Mapping[str, Value]) -> Reply:
        """Take a form of a request."""
        _may(turn)
        request, what = await self._request(turn, argument)
        if request is None:
            return await self._begin(turn, values)
        match what:
            case ["cases"]:
                return await self._pick(turn, request, values)
            case ["page", case, number, digest] if (
                one := await self._one(turn, request, case)
            ) is not None and _number(number) in one.numbers:
                return await self._look(
                    turn, request, one, number=_number(number), digest=digest, values=values
                )
            case ["reporter", case, number] if (one := await self._one(turn, request, case)) is not None:
                return await self._show_reporter(turn, request, one.case, _number(number), values)
            case _:
                return await self._next(turn, request)

    async def file(self, identity: Identity | None, asked: str, sha256: str) -> tuple[str, bytes] | None:
        """Return (media type, bytes) of what was made, to whoever made it; logged."""
        request = await self.shelf.kept(asked) if "-SAR-" in asked else None
        person = identity.people.get(request.school) if identity is not None and request is not None else None
        if request is None or person is None or person.id != request.by:
            return None
        made = next((one for one in request.made if one.sha256 == sha256), None)
        content = await self.shelf.file(made) if made is not None else None
        if made is None or content is None:
            return None
        facts, now = {"request": request.id, "file": made.id}, self.context.now()
        lines = tuple(
            Audit(
                school=request.school,
                at=now,
                kind=AuditKind.SUBJECT_BUNDLE,
                by=person.id,
                case=c,
                facts=facts,
            )
            for c in request.cases
        )
        await self.context.commit(Change(school=request.school, audit=lines))
        return made.media_type, content

    async def _request(self, turn: Turn, argument: str) -> tuple[Request | None, list[str]]:
        """Return the request that is gone on with, if it is theirs, and what is to be done."""
        name, *what = argument.split() or [""]
        request = await self.shelf.kept(name) if "-SAR-" in name else None
        theirs = request is not None and (request.school, request.by) == (turn.school.id, turn.person.id)
        return (request, what) if theirs else (None, [])

    async def _one(self, turn: Turn, request: Request, case: str) -> Opened | None:
        """Return one of the cases that were picked, if it is this person's still."""
        return await self.looking.opened(turn, request, case) if case in request.cases else None

    # -- which cases --------------------------------------------------------------------------------

    async def _begin(self, turn: Turn, values: Mapping[str, Value]) -> Reply:
        names, known_as = (lines(_text(values, name)) for name in ("names", "known_as"))
        wrong = {} if names else {"names": say("subject.needs_names")}
        written = {"names": names, "known_as": known_as}
        wrong |= {name: cards.too_many() for name, one in written.items() if len(one) > MOST_NAMES}
        if wrong:
            field = next(iter(wrong))
            return Refuse(wrong[field], field=field, form=cards.who(turn.school, values, wrong))
        await self.shelf.sweep()
        request = await self.shelf.keep(
            Request(
                id=called(turn.school, turn.person.id, self.context.now(), names),
                school=turn.school.id,
                by=turn.person.id,
                touched=self.context.now(),
                names=names,
                known_as=known_as,
            )
        )
        return Show(cards.pick(request, await self.looking.found(turn, request)))

    async def _pick(self, turn: Turn, request: Request, values: Mapping[str, Value]) -> Reply:
        wanted = _several(values, "cases")
        found = await self.looking.found(turn, request)
        picked = tuple(one.case.id for one in found if one.case.id in wanted)
        if not picked:
            wrong = {"cases": say("subject.needs_cases")}
            shown = cards.pick(request, found, wrong)
            form = shown if isinstance(shown, Form) else None
            return Refuse(wrong["cases"], field="cases", form=form)
        return await self._next(turn, await self.shelf.keep(replace(request, cases=picked, made=())))

    # -- page by page -------------------------------------------------------------------------------

    async def _next(self, turn: Turn, request: Request) -> Reply:
        """Show what comes next: the cases, the first page that waits, all of it, or what was made."""
        opened = await self.looking.picked(turn, request)
        if not opened:
            return Show(cards.pick(request, await self.looking.found(turn, request)))
        if request.made:
            return Show(self._made(turn.school, request, self._pack(turn, request, opened)))
        waits = (
            (one, number)
            for one in opened
            for number in one.numbers
            if not looked(request, one, number).approved
        )
        first = next(waits, None)
        if first is not None:
            return await self._page(turn, request, *first)
        return await self._whole(turn, request, 1)

    async def _page(self, turn: Turn, request: Request, one: Opened, number: int, *, note: str = "") -> Reply:
        await self.looking.log(turn, [one.case.id], AuditKind.RECORD_OPENED, {"request": request.id})
        now = looked(request, one, number)
        at = which_of_all(await self.looking.picked(turn, request), one, number)
        return Show(cards.page(request, now, passages.digest(now.shown), at=at), note=note)

    async def _look(
        self,
        turn: Turn,
        request: Request,
        one: Opened,
        *,
        number: int,
        digest: str,
        values: Mapping[str, Value],
    ) -> Reply:
        """Take what was said of a page; it is approved only as it was shown."""
        before = looked(request, one, number)
        wanted = _several(values, "parts")
        masked = lines(_text(values, "mask")) if "mask" in values else before.others
        bare, added = _difference(before, masked)
        page = Page(
            of=passages.digest([one.found[place] for place in before.places]),
            parts=tuple(place for place in before.places if str(place) in wanted),
            bare=bare,
            approved=APPROVED in values
            and passages.digest(before.shown) == digest
            and not added
            and bare == _bare(before),
        )
        every = tuple(dict.fromkeys((*request.masked, *added)))
        after = replace(request.looked_at(one.case.id, number, page), masked=every, made=())
        after = await self.shelf.keep(after)
        if page.approved:
            return await self._next(turn, after)
        note = say("subject.again" if APPROVED in values else "subject.looked")
        return await self._page(turn, after, one, number, note=note)

    async def _show_reporter(
        self, turn: Turn, request: Request, case: Case, number: int, values: Mapping[str, Value]
    ) -> Reply:
        """Show who reported a case, once somebody has said why: on its record, and on the audit."""
        why = _text(values, "why").strip()
        if not why:
            wrong = {"why": say("form.needed")}
            return Refuse(wrong["why"], field="why", form=cards.why(request, case, number, wrong))
        step = await self.context.step_of(turn.school, case, turn.person.id)
        await self.context.commit(lifecycle.apply(case, ShowReporter(why), step))
        await self.looking.log(turn, [case.id], AuditKind.REPORTER_SHOWN, {"request": request.id})
        pages = {name: page for name, page in request.pages.items() if not name.startswith(f"{case.id}.")}
        shown = tuple(dict.fromkeys((*request.reporter_shown, case.id)))
        after = replace(request, pages=pages, reporter_shown=shown, made=())
        return await self._next(turn, await self.shelf.keep(after))

    # -- all of it ----------------------------------------------------------------------------------

    def _pack(self, turn: Turn, request: Request, opened: Sequence[Opened]) -> Pack:
        parts = given(request, opened)
        return bundle.bundle(request, parts, turn.school, turn.person.id, self.context.now())

    async def _whole(self, turn: Turn, request: Request, number: int) -> Reply:
        """Show all that goes out, once every page was approved."""
        opened = await self.looking.picked(turn, request)
        if not approved(request, opened):
            return await self._next(turn, request)
        if not any(one.passages for one in given(request, opened)):
            found = await self.looking.found(turn, request)
            return Show(cards.pick(request, found), note=say("subject.nothing_picked"))
        return Show(results.whole(request, self._pack(turn, request, opened), number))

    async def _make(self, turn: Turn, request: Request, digest: str) -> Reply:
        """Make the files of what was shown last as a whole; anything else is looked at again first."""
        opened = await self.looking.picked(turn, request)
        if request.made or not approved(request, opened):
            return await self._next(turn, request)
        pack = self._pack(turn, request, opened)
        if results.pack_digest(pack) != digest:
            return await self._whole(turn, request, 1)
        files = await bundling.made(self.context, turn, request, pack, given(request, opened))
        for document, content in files:
            await self.shelf.put(document, content)
        after = await self.shelf.keep(replace(request, made=tuple(document for document, _ in files)))
        facts = {"request": request.id, **{one.of: one.sha256 for one in after.made}}
        await self.looking.log(turn, [one.case.id for one in opened], AuditKind.SUBJECT_BUNDLE, facts)
        return Show(self._made(turn.school, after, pack))

    def _made(self, school: School, request: Request, pack: Pack) -> Card:
        key = Signer(self.context.signing_seed).public
        day = on_day(local(request.over, school.time).date())
        return results.made(request, request.made, pack, key, day)


def _may(turn: Turn) -> None:
    if not turn.school.seats_of(turn.person.id):
        raise NotAllowed("subject-not-yours", say("subject.not_yours"), say("subject.not_yours_hint"))


def _difference(before: Looked, masked: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands unmasked on a page now, and what is masked that was not."""
    were, now = ({one.casefold() for one in each} for each in (before.others, masked))
    bare = (one for one in (*_bare(before), *before.others) if one.casefold() not in now)
    return tuple(dict.fromkeys(bare)), tuple(one for one in masked if one.casefold() not in were)


def _bare(page: Looked) -> tuple[str, ...]:
    return page.page.bare if page.page is not None else ()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < len("10000") else 0


def _text(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


def _several(values: Mapping[str, Value], name: str) -> frozenset[str]:
    value = values.get(name, ())
    return frozenset((value,) if isinstance(value, str) else value)
