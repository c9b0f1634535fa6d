"""One case in hand: opened from answers, worked by commands, with everything it sends kept as delivered.

No service, no store, no platform: only the core's functions, fed what they ask for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from msgspec.structs import replace

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import load_schools
from flows.case import lifecycle as cases
from flows.case.context import Command, StepContext
from flows.case.summary import summary
from flows.finding import cards
from flows.finding.filters import Filter, paged, passes
from flows.model import (
    Answer,
    Audit,
    Case,
    CaseId,
    CaseSummary,
    Change,
    Event,
    EvidenceFile,
    Excluded,
    Named,
    Posting,
    Report,
    Send,
    SendState,
    Timer,
    TimerKind,
    Way,
)
from flows.policy.engine import Policy, default_policy, duties, form, load
from flows.school import PersonId, Platform, School, SchoolId
from flows.ui.cards import Card

SCHOOL = load_schools(SAMPLE_SCHOOL)[SchoolId("HPS")]
#: A Tuesday in term, ten o'clock.
AT = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
REPORTER = PersonId("brook")
HEAD, DEPUTY, DSL, DEPUTY_DSL = PersonId("ash"), PersonId("bryn"), PersonId("cam"), PersonId("dee")
CHAIR, VICE, SUBSTITUTE = PersonId("ellis"), PersonId("fern"), PersonId("gale")

#: A parent was rude about a member of staff.
ABUSE: dict[str, Answer] = {"targets": ("staff",), "nature": ("abusive", "could_harm_reputation")}
#: A fair question that concerns a pupil: nothing about Legal or the police is to be decided.
QUESTION: dict[str, Answer] = {"targets": ("pupil",), "nature": ("genuine_concern",)}
#: Violence is threatened: urgent, with a hold that the decision on the police ends.
THREAT: dict[str, Answer] = {**ABUSE, "violence": "yes"}
#: A child may come to harm: a hold that only the DSL, the LADO or the police end.
CHILD: dict[str, Answer] = {**ABUSE, "child_at_risk": "yes"}

#: What must never stand where it is not meant to.
SECRET = "marmalade-zeppelin"
FILE = EvidenceFile(
    id="F1",
    name=f"{SECRET}.png",
    media_type="image/png",
    size=1234,
    sha256="ab" * 32,
    added_by=REPORTER,
    added_at=AT,
)
POSTING = Posting(
    words=f"Invented words: {SECRET}",
    link=f"https://posting.example/{SECRET}",
    account_name=f"@{SECRET}",
    audience=f"everybody at {SECRET}",
    first_seen=f"on {SECRET} day",
    captured_by=f"captured by {SECRET}",
    files=(FILE,),
)


@cache
def by_form(name: str) -> Policy:
    """Return the policy of a packaged form."""
    own, words = form(name)
    return load(duties(), own, words=words)


def report(answers: Mapping[str, Answer], **changed: object) -> Report:
    """Return a report with these answers."""
    values: dict[str, object] = {"reporter": REPORTER, "posting": POSTING, "sent_at": AT, **changed}
    return Report(answers=dict(answers), **values)  # type: ignore[arg-type]


class Matter:
    """A case and all that became of it."""

    def __init__(
        self,
        answers: Mapping[str, Answer],
        *,
        school: School = SCHOOL,
        platforms: Sequence[Platform] = (Platform.WEB,),
        at: dt.datetime = AT,
        named: Named | None = None,
        policy: Policy | None = None,
        drill: bool = False,
        **changed: object,
    ) -> None:
        """Open it."""
        self.policy = policy or default_policy()
        self.school, self.platforms, self.at = school, tuple(platforms), at
        self.sends: dict[str, Send] = {}
        self.events: list[Event] = []
        self.audit: list[Audit] = []
        self.timers: dict[str, Timer] = {}
        self.changes: list[Change] = []
        sent = report(answers, named=named or Named(), **changed)
        opened = cases.open_case(sent, case_id=CaseId("C1"), code="001", step=self.step(None), drill=drill)
        self.case: Case = self._keep(opened)

    def step(self, by: PersonId | None) -> StepContext:
        """Return what a step is given."""
        return StepContext(
            school=self.school,
            policy=self.policy,
            at=self.at,
            by=by,
            platforms=self.platforms,
            sends=tuple(self.sends.values()),
        )

    def do(self, command: Command, by: PersonId | None = None) -> Change:
        """Apply a command and keep what it changed, as a store and a worker would."""
        change = cases.apply(self.case, command, self.step(by))
        self.case = self._keep(change)
        return change

    def _keep(self, change: Change) -> Case:
        assert change.case is not None
        self.changes.append(change)
        for send in change.new_sends:
            self.sends.setdefault(send.key, replace(send, state=SendState.SENT))
        self.events += change.events
        self.audit += change.audit
        for key in change.cancelled_timers:
            self.timers.pop(key, None)
        # The reporter hears how it stands whatever anybody does: its tests look at it themselves.
        self.timers |= {t.key: t for t in change.timers if t.kind is not TimerKind.HEAR}
        return change.case

    def reads(self, person: PersonId) -> set[str]:
        """Return the keys of what still stands in somebody's direct messages about this case."""
        emptied = {send.root for send in self.sends.values() if send.key.endswith("/withdrawn")}
        return {
            send.key
            for send in self.sends.values()
            if send.person == person and send.way is not Way.EDIT and send.key not in emptied
        }

    def stands(self, place: str) -> set[str]:
        """Return the keys of what still stands in a channel (``leadership``, ``restricted.dsl`` …)."""
        emptied = {send.root for send in self.sends.values() if send.key.endswith("/withdrawn")}
        return {
            send.key
            for send in self.sends.values()
            if (send.root or send.key).endswith(f":{place}")
            and send.way is not Way.EDIT
            and send.key not in emptied
        }


def asking(timers: Iterable[Timer]) -> list[Timer]:
    """Return those of these timers that ask the next person."""
    return [timer for timer in timers if timer.kind is TimerKind.ACKNOWLEDGE]


def row(case: Case, **changed: object) -> CaseSummary:
    """Return what a list needs of a case."""
    return replace(summary(case), **changed)  # type: ignore[arg-type]


def why(case: Case) -> dict[PersonId, Excluded]:
    """Return who must not know of a case, each with the reason."""
    return {person: made.why for person, made in case.recused.items()}


def listed(
    rows: Sequence[CaseSummary],
    which: Filter = Filter.ALL,
    *,
    page: int = 1,
    at: dt.datetime = AT,
    unopened: Collection[CaseId] = (),
) -> Card:
    """Return the list of these cases as the Headteacher sees it."""
    counts = {one: sum(passes(row, one, HEAD, SCHOOL, at) for row in rows) for one in Filter}
    shown = paged(cards.ordered(rows, which, HEAD, SCHOOL, at), page)
    return cards.cases(shown, which, counts, SCHOOL, at, unopened=unopened)
