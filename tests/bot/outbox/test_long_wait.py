"""A case that nobody opens for weeks: what it holds, and what each of its messages looks up, is bounded."""

from __future__ import annotations

from flows.model import Action, EventKind, SendState, Way
from flows.ports import Store
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}


class Counted:
    """A store that counts what is read of it."""

    def __init__(self, store: Store) -> None:
        self._store, self.rows = store, 0

    def __getattr__(self, name: str) -> object:
        """Return the store's own method, counted by the rows it returns."""
        real = getattr(self._store, name)

        async def counted(*args: object, **named: object) -> object:
            found = await real(*args, **named)
            self.rows += len(found) if isinstance(found, list) else found is not None
            return found

        return counted


async def waiting(days: int) -> tuple[Town, Counted]:
    """Return a school in which an urgent case has waited for so many days."""
    store = Counted(await open_store("memory:", key=bytes(32)))
    place = Town(store)  # type: ignore[arg-type]
    await place.report("brook", DANGER)
    await place.settle()
    for _ in range(days * 24):
        await place.later(hours=1)
    return place, store


async def test_an_urgent_case_that_nobody_opens_holds_no_hundreds_of_messages() -> None:
    """After thirty days fewer than 260; a day more costs a line in each thread, and a word to one person."""
    place, _ = await waiting(30)
    case = await place.case()
    sends = await place.store.sends_of(SCHOOL, case.id)
    assert len(sends) < 260
    assert {s.state for s in sends} == {SendState.SENT}
    assert len([s for s in sends if s.way is Way.EDIT]) == len(case.cards) + 1
    await place.later(days=1)
    more = await place.store.sends_of(SCHOOL, case.id)
    threads = {s.root for s in more if s.way is Way.REPLY}
    assert len(more) - len(sends) == len(threads) + 1 == 5
    assert (await place.store.events(SCHOOL, case.id))[-1].kind is EventKind.REMINDED


async def test_a_message_costs_the_same_late_as_early() -> None:
    """What is read for each day's messages does not grow with what was sent before."""
    place, store = await waiting(3)
    costs = []
    for _ in range(12):
        before = store.rows
        await place.later(days=1)
        costs.append(store.rows - before)
    assert costs[-1] - costs[0] < 12 * 40, costs


async def test_every_card_still_says_who_has_opened_it() -> None:
    """The Headteacher opens the record after a week: every card says so, as after an hour."""
    place, _ = await waiting(7)
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    card = place.messages("leadership", "case_card")[0]
    assert "Has opened it: Headteacher" in card
    assert "a leader has opened it" in said(await place.ask("brook", "status"))  # type: ignore[arg-type]


async def test_nobody_is_reminded_of_what_has_been_opened() -> None:
    """Somebody who was told has opened the record: nobody reads any more that nobody has.

    That nobody has taken it on is still said, until somebody does.
    """
    place, _ = await waiting(2)
    case = await place.case()
    await place.act("ash", case, Action.OPEN_RECORD)
    before = len(place.messages("leadership", "update"))
    await place.later(days=2)
    after = "".join(place.messages("leadership", "update")[before:])
    assert "Nobody has taken this case on yet" in after
    assert "Nobody has opened this case yet" not in after
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    before = len(place.messages("leadership", "update"))
    await place.later(days=2)
    assert "Nobody has taken" not in "".join(place.messages("leadership", "update")[before:])
