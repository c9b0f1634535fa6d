"""What may have landed without an answer is never forgotten: it is found and emptied, or spoken of."""

from __future__ import annotations

import pytest

from flows.model import Action, EventKind, Message, Posted, SendState
from flows.ports import Address
from flows.ui.cards import Card
from tests.bot.outbox.test_delivery import kinds, reported, sends
from tests.fakes import Failure
from tests.town import SCHOOL, Town


def fails(place: Town, end: str, *failures: Failure) -> None:
    """Let the next attempts of one message fail so, in order."""
    real, left = place.chat.send, list(failures)

    async def send(to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        if key.endswith(end) and left:
            place.chat.fail(left.pop(0))
        return await real(to, card, key=key, repeat=repeat)

    place.chat.send = send  # type: ignore[method-assign]


async def spoken_of(place: Town) -> list[dict[str, object]]:
    """Return what the case says may still be read."""
    events = await place.store.events(SCHOOL, (await place.case()).id)
    failed = [dict(e.facts) for e in events if e.kind is EventKind.DELIVERY_FAILED]
    return [facts for facts in failed if facts["message"] == Message.WITHDRAWN]


@pytest.mark.parametrize(
    "between",
    [
        pytest.param([Failure.RETRYABLE], id="asked to wait"),
        pytest.param([Failure.RETRYABLE, Failure.RETRYABLE], id="asked to wait twice"),
        pytest.param([Failure.PERMANENT], id="refused for its form, then plain"),
        pytest.param([Failure.AMBIGUOUS_NOT_ACCEPTED, Failure.RETRYABLE], id="lost again, then busy"),
    ],
)
async def test_a_lost_answer_is_remembered_whatever_comes_between(between: list[Failure]) -> None:
    """Where nobody can look, what goes again after a lost answer says so, and its first copy is spoken of."""
    place = await reported()
    place.chat.can_look_up = False
    fails(place, "/notice/web:ash", Failure.AMBIGUOUS_ACCEPTED, *between)
    await place.settle()
    for _ in range(8):
        await place.later(minutes=5)
    assert [m.repeat for m in place.chat.audience("ash")] == [False, True]
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    await place.settle()
    assert await spoken_of(place) == [{"message": Message.WITHDRAWN, "person": "ash"}]


@pytest.mark.parametrize("looks_up", [True, False])
async def test_a_place_that_goes_bad_before_the_look_up(looks_up: bool) -> None:  # noqa: FBT001 - a table
    """A card whose answer was lost, in a channel that is unfit by then: emptied, or the case says so."""
    place = await reported()
    place.chat.can_look_up = looks_up
    fails(place, "/card/web:leadership", Failure.AMBIGUOUS_ACCEPTED)
    await place.settle()
    assert (await sends(place))["card/web:leadership"].state is SendState.ATTEMPTED
    place.chat.unfit.add("leadership")
    for _ in range(3):
        await place.later(minutes=5)
    standing = [m.card.kind for m in place.chat.audience("leadership")]
    assert standing == (["withdrawn"] if looks_up else ["case_card"])
    assert await spoken_of(place) == ([] if looks_up else [{"message": Message.WITHDRAWN, "person": ""}])


@pytest.mark.parametrize("looks_up", [True, False])
async def test_a_line_that_is_no_news_any_more_may_stand_all_the_same(looks_up: bool) -> None:  # noqa: FBT001 - a table
    """The line's answer was lost; before that is looked for it is old news: emptied with the rest."""
    place = await reported()
    place.chat.shut.add("ash")
    real, lost = place.chat.reply, [Failure.AMBIGUOUS_ACCEPTED]

    async def reply(
        root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        if card.kind == "not_delivered" and lost:
            place.chat.fail(lost.pop())
            place.chat.deaf = True
            place.chat.can_look_up = looks_up
        return await real(root, card, key=key, broadcast=broadcast, repeat=repeat)

    place.chat.reply = reply  # type: ignore[method-assign]
    await place.settle()
    assert lost == []
    place.chat.shut.clear()
    place.context.met.add(("web", ""))
    await place.settle()
    assert place.messages("ash", "notice")
    place.chat.deaf = False
    for _ in range(3):
        await place.later(minutes=5)
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    for _ in range(3):
        await place.later(minutes=5)
    left = [m.card.kind for m in place.chat.audience("leadership") if m.card.kind != "withdrawn"]
    assert left == ([] if looks_up else ["not_delivered"])
    assert len(await spoken_of(place)) == (0 if looks_up else 1)
    assert EventKind.RECUSED in await kinds(place)
