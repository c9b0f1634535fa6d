"""People who do anything at all, through the only door, and what must be so whatever they do.

Every free text typed carries a mark that occurs nowhere else, so that it can be looked for: in what was
kept (it must be there) and in channels and on lock screens (it must not).
"""

from __future__ import annotations

from itertools import count
from random import Random

from flows.errors import StoreError
from flows.model import Action
from flows.ports import Store
from flows.school import PersonId
from flows.ui.cards import Card, buttons_of
from flows.ui.forms import Choice, DateField, Field, Form, Many, TextField, Value
from flows.ui.inbound import Filled, Inbound, Noted, Receipt, Refuse, Reply, Show, Started, Typed, Upload
from flows.ui.intents import AnswerPage, Ask, Begin, ChatCommand, Discard, Fill, Intent
from flows.words import say
from tests.fuzz.holds import MARK, PEOPLE, Holds
from tests.town import SCHOOL, Town, said

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
HOSTILE = (
    "{}",
    "{} <!channel> <@U123> <https://evil.example|click>",
    "{} **bold** _it_ `code` [x](javascript:alert(1)) # h",
    '{{"type": "s", "draft": "{}"}}',
    "{} \U0001f469\u200d\U0001f469\u200d\U0001f467 \u202eright\u202c \u2066x\u2069 \x00\x07\x1b[31m",
    "{} half a character: \ud83d",
    "{} he said kill, naked, suicide and address",
    "\n\n{}\r\n\u2028line",
    "{} " + "word " * 10_000,
)
WORDS = (
    *("yes", "no", "not sure", "1", "2", "3", "1, 3", "back", "skip", "cancel", "send", "help", "status"),
    *("ok", "continue", "cases", "case HPS-2026-001", "digest", "none of these", "99", "", "nobody"),
)
_marks = count(1)
_keys = count(1)


class Crowd(Holds):
    """A town, what everybody was last shown, and what was typed and taken."""

    def __init__(self, store: Store) -> None:
        self.town = Town(store)
        self.shown: dict[str, Reply] = {}
        self.forms: list[tuple[str, Form]] = []
        self.intents: list[Intent] = [Begin(), Ask(ChatCommand.HOME)]
        self.sent: list[Inbound] = []
        self.held: list[Inbound] = []
        self.taken: dict[str, str] = {}
        self.drafts: dict[str, set[str]] = {}
        self.marks: set[str] = set()

    # -- what people type and send ----------------------------------------------------------------

    def text(self, rng: Random, *, hostile: bool = True) -> str:
        """Return words with a mark that occurs nowhere else."""
        mark = f"zq{next(_marks)}zq"
        self.marks.add(mark)
        return (rng.choice(HOSTILE) if hostile and rng.random() < 0.4 else "{}").replace("{}", mark)

    def value(self, field: Field, rng: Random, *, wild: bool) -> Value | None:
        """Return what somebody puts into a field; None = they leave it out."""
        if wild and rng.random() < 0.3:
            wrong: list[Value | None] = [
                None,
                "",
                (),
                "no-such-option",
                ("x", "y"),
                self.text(rng),
                ("yes", "no"),
            ]
            return rng.choice(wrong)
        match field:
            case Choice(options=options):
                return rng.choice(options).value if options else ""
            case Many(options=options, alone=alone):
                chosen = tuple(o.value for o in options if rng.random() < 0.25 and o.value not in alone)
                return chosen or (alone[:1] or (options[0].value,))
            case TextField(value=value):
                if not field.required and rng.random() < 0.5:
                    return value
                return f"{value} {self.text(rng, hostile=False)}".strip() if value else self.text(rng)
            case DateField():
                return "2026-11-24"
            case _:
                return None

    def filled(self, form: Form, rng: Random, *, wild: bool = False) -> dict[str, Value]:
        """Return a whole form, filled in."""
        fields = list(form.fields)
        if form.id == "case.correct":  # a leader mends one or two answers, and says why
            fields = [*rng.sample(fields[:-1], 2), fields[-1]]
        values = {field.name: self.value(field, rng, wild=wild) for field in fields}
        return {name: value for name, value in values.items() if value is not None}

    def upload(self, rng: Random) -> tuple[Upload, ...]:
        """Return a file of some kind, its name marked."""
        mark = self.text(rng, hostile=False)
        kinds = (
            Upload(f"{mark}.png", PNG + mark.encode()),
            Upload(f"../../{mark}\x00.png", PNG + b"x"),
            Upload(f"{mark}.exe", b"MZ\x90\x00" + bytes(60)),
            Upload(f"{mark}.png", b""),
            Upload(f"{mark}.pdf", PNG + bytes(10_000_001))
            if rng.random() < 0.1
            else Upload(mark, b"%PDF-1.4\n"),
        )
        return tuple(rng.choice(kinds) for _ in range(rng.choice((1, 1, 2))))

    # -- through the door -------------------------------------------------------------------------

    async def do(self, person: str, inbound: Inbound) -> Reply | None:
        """Hand it in, remember what was shown, and what was typed and taken."""
        self.sent.append(inbound)
        repeated = await self.town.store.handled(SCHOOL, f"{inbound.actor.platform}:{inbound.key}")
        await self._before(person, inbound)
        try:
            reply = await self.town.service.handle(inbound)
        except StoreError:
            return None
        self.shown[person] = reply
        self._remember(person, reply)
        told_not = isinstance(reply, Show) and reply.note == say(
            "typed.moved_on"
        )  # a word for a page that is gone
        if not isinstance(reply, Refuse) and not told_not and repeated is None:
            self._take(person, inbound)
        return reply

    async def _before(self, person: str, inbound: Inbound) -> None:
        """Forget the marks of a draft that its person throws away on purpose."""
        intent = getattr(inbound, "intent", None)
        fresh = isinstance(intent, Begin) and intent.fresh
        if isinstance(intent, Discard) or fresh:
            draft = (
                await self.town.store.draft_of(SCHOOL, PersonId(person)) if person in PEOPLE[:-1] else None
            )
            if draft is not None and (fresh or draft.id == getattr(intent, "draft", "")):
                for mark in MARK.findall(str(draft.answers)):
                    self.taken.pop(mark, None)

    def _remember(self, person: str, reply: Reply) -> None:
        said(reply)  # whatever is shown can be read
        view = (
            reply.view
            if isinstance(reply, Show)
            else reply.card
            if isinstance(reply, Receipt)
            else reply.form
        )
        if isinstance(view, Form):
            self.forms = [*self.forms[-60:], (person, view)]
            if isinstance(view.submit, AnswerPage):
                self.drafts.setdefault(person, set()).add(view.submit.draft)
            self.intents = [*self.intents[-120:], view.submit, *(b.intent for b in view.buttons)]
        elif isinstance(view, Card):
            found = [button.intent for button in buttons_of(view)]
            self.intents = [*self.intents[-120:], *found]

    def _take(self, person: str, inbound: Inbound) -> None:
        """Remember the marks of free text that was accepted without a word against it."""
        match inbound:
            case Started(words=words):
                texts: list[Value] = [words]
            case Typed(text=text) | Noted(text=text):
                texts = [text]
            case Filled(intent=AnswerPage(), values=values):
                texts = [values.get("words", "")]
            case Filled(intent=Fill(action=action), values=values) if action is not Action.ADD:
                fields = {"legal": "why", "police": "why", "correct": "reason_for_correction"}
                texts = [values.get(fields.get(action, "text"), "")]
            case Filled(intent=Fill(), values=values):
                texts = [values.get("text", "")]
            case _:
                return
        for value in texts:
            for mark in MARK.findall(value if isinstance(value, str) else ""):
                self.taken[mark] = f"{person}: {str(inbound)[:400]} -> {str(self.shown[person])[:300]}"

    def key(self) -> str:
        """Return a delivery key that nobody had."""
        return f"f{next(_keys)}"
