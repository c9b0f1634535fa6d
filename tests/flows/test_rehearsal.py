"""A rehearsal by itself: what it sends, what comes of each message, and how that is said."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.delivery import rehearsal
from flows.delivery.rehearsal import Came, Outcome, Step
from flows.messages.mail.mailed import mailed
from flows.messages.rehearsal import asked, standing
from flows.messages.templates import Occasion, written
from flows.model import MESSAGES, Message, SendState, Way
from flows.school import MAILED, Platform
from flows.ui.cards import Bullets, Button, Buttons, Card, Line, Link, Mark, buttons_of
from flows.ui.plain_text import card_text
from tests.flows.matter import AT, HEAD
from tests.flows.rehearsing import TRIED_AT, begun, delivered, tried

OF_IT = (Message.REHEARSAL, Message.REHEARSAL_PLACE, Message.REHEARSAL_OVER, Message.REHEARSED)


def test_each_way_to_each_person_is_tried_once() -> None:
    """By chat and by e-mail; whoever is nowhere is known; no channel is an e-mail."""
    one = begun()
    ways = [(asked.person, asked.platform) for asked in one.asked if asked.person]
    assert len(ways) == len(set(ways)) == 13
    assert ("ash", Platform.WEB) in ways
    assert ("ash", Platform.EMAIL) in ways
    assert ("brook", Platform.WEB) not in ways
    assert one.nowhere == ("gale",)
    places = [(asked.place, asked.seat, asked.platform) for asked in one.asked if asked.place]
    assert len(places) == len(set(places)) == 2
    assert not {platform for _, _, platform in places} & MAILED


def test_no_two_of_its_messages_share_a_key_and_all_are_known() -> None:
    """What is taken away is what was sent: nothing is left, and nothing of anybody else's goes."""
    one = begun()
    first, away = rehearsal.beginning(one), rehearsal.taking_away(one, AT)
    keys = [send.key for send in (*first, *away)]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set(rehearsal.keys(one))
    assert all(key.startswith(f"rehearsal/{one.id}/") for key in rehearsal.keys(one))
    sent = {send.key for send in first if send.way is not Way.EDIT and send.platform not in MAILED}
    assert {send.root for send in away} == sent
    assert set(rehearsal.keys(replace(one, told=("x",)))) == {*rehearsal.keys(one), "x"}


@pytest.mark.parametrize("message", [*OF_IT, Message.REHEARSE])
def test_it_knows_no_case(message: Message) -> None:
    """Its messages are about no case, press nobody, and go to a channel only where they name nobody."""
    assert MESSAGES[message].open is (message in (Message.REHEARSAL_PLACE, Message.REHEARSAL_OVER))
    for send in rehearsal.beginning(begun()):
        assert send.case is None
        assert send.draft is None
        assert not send.urgency.presses


@pytest.mark.parametrize(
    ("state", "trouble", "outcome"),
    [
        (None, "", Outcome(Came.TRIED)),
        (SendState.WAITING, "", Outcome(Came.TRIED)),
        (SendState.WAITING, "blocked", Outcome(Came.TRIED, "blocked")),
        (SendState.ATTEMPTED, "", Outcome(Came.PERHAPS)),
        (SendState.ATTEMPTED, "timeout", Outcome(Came.PERHAPS)),
        (SendState.SENT, "", Outcome(Came.THERE)),
        (SendState.FAILED, "x", Outcome(Came.FAILED, "x")),
        (SendState.DROPPED, "no-address", Outcome(Came.FAILED, "no-address")),
    ],
)
def test_what_came_of_it_is_what_its_message_says(
    state: SendState | None, trouble: str, outcome: Outcome
) -> None:
    """Sent is sent and no more; a press counts whatever the platform answered."""
    one = begun()
    (send,) = rehearsal.sent_to(one, 0).values()
    found = {send.key: replace(send, state=state, trouble=trouble)} if state else {}
    assert rehearsal.came_of(one, found).outcomes[0] == {Step.POSTED: outcome}
    pressed = replace(one, asked=(replace(one.asked[0], pressed_at=AT), *one.asked[1:]))
    assert rehearsal.came_of(pressed, found).outcomes[0] == {Step.POSTED: Outcome(Came.PRESSED)}


@pytest.mark.parametrize(
    ("first", "over", "left"),
    [
        ({}, {}, False),
        ({"state": SendState.SENT}, {}, True),
        ({"state": SendState.SENT}, {"state": SendState.FAILED}, True),
        ({"state": SendState.SENT}, {"state": SendState.SENT}, False),
        ({"state": SendState.FAILED}, {"state": SendState.DROPPED}, False),
        ({"state": SendState.FAILED, "unsure": True}, {"state": SendState.DROPPED}, True),
    ],
)
def test_what_is_left_is_what_was_sent_and_not_taken_away(
    first: dict[str, object], over: dict[str, object], *, left: bool
) -> None:
    """Also what may have landed and was never found."""
    one = begun()
    send, *_ = rehearsal.sent_to(one, 0).values()
    away = next(each for each in rehearsal.taking_away(one, AT) if each.root == send.key)
    found = {each.key: replace(each, **how) for each, how in ((send, first), (away, over)) if how}
    assert (0 in rehearsal.came_of(one, found).left) is left


# -- how it is said -------------------------------------------------------------------------------------


def occasion(**facts: str) -> Occasion:
    """Return what a message of a rehearsal is written from."""
    return Occasion(school=TRIED_AT, now=AT, person=HEAD, facts=facts, rehearsal=tried())


@pytest.mark.parametrize("message", OF_IT)
def test_of_a_rehearsal_that_is_gone_nothing_is_said(message: Message) -> None:
    """But that there was one: that is what its messages are changed to."""
    facts = {"n": "0", "step": "posted", "rehearsal": "01R"}
    said = written(message, replace(occasion(**facts), rehearsal=None))
    assert (said is None) is (message is not Message.REHEARSAL_OVER)


def mail(**facts: str) -> Card:
    """Return the e-mail that the Chair is sent."""
    number = next(n for n, one in enumerate(begun().asked) if one.person == "ellis")
    card = mailed(Message.REHEARSAL, occasion(n=str(number), step="posted", rehearsal="01R", **facts))
    assert card is not None
    return card


def test_an_e_mail_brings_a_link_where_there_is_a_page() -> None:
    """And says whom to tell where there is none: nothing can be pressed in an e-mail."""
    link = "https://bot.school.example/r/T"
    assert Link("I got it", link) in mail(press_at=link).blocks
    for card in (mail(), mail(press_at="")):
        assert "Please tell whoever administers the bot" in card_text(card)
        assert not [block for block in card.blocks if isinstance(block, Link | Buttons)]


def test_by_e_mail_what_came_of_it_names_nobody() -> None:
    """People are their seats: it lies in a mailbox for long."""
    by_mail, in_chat = mailed(Message.REHEARSED, occasion(rehearsal="01R")), standing.card(tried(), TRIED_AT)
    assert by_mail is not None
    for person in TRIED_AT.people.values():
        assert person.name not in card_text(by_mail)
    assert "Ash Example (Headteacher" in card_text(in_chat)
    assert "Headteacher, Person on call – the try-out page: pressed" in card_text(by_mail)


def test_of_very_many_people_those_who_are_done_are_only_counted() -> None:
    """A card holds so many lines: what is wanting is never among those that are left out."""
    one = begun()
    more = tuple(replace(one.asked[0], pressed_at=AT, person=f"p{n}") for n in range(40))  # type: ignore[arg-type]
    people = {p.person: replace(TRIED_AT.people[HEAD], id=p.person, name=f"P {p.person}") for p in more}
    many = replace(one, asked=(*one.asked, *more))
    school = replace(TRIED_AT, people={**TRIED_AT.people, **people})  # type: ignore[arg-type]
    shown = standing.card(rehearsal.came_of(many, delivered(many, trouble={2: "blocked"})), school)
    lines = [block for block in shown.blocks if isinstance(block, Line)]
    assert len(lines) < 15
    assert any("Bryn Fictional" in one.text for one in lines)
    assert lines[7] == Line(Mark.DONE, "40 more")


@pytest.mark.parametrize(
    ("ended", "labels"),
    [(False, ["End the rehearsal", "See how it stands"]), (True, [])],
)
def test_a_rehearsal_is_ended_by_a_button(labels: list[str], *, ended: bool) -> None:
    """While it runs; when what came of it is said there is none."""
    assert [button.label for button in buttons_of(standing.card(tried(ended=ended), TRIED_AT))] == labels


def test_what_came_is_said_of_a_channel_that_was_not_tried_to_its_end() -> None:
    """It is said as far as it went: what rests on what could not be done was not tried."""
    text = card_text(standing.card(tried(), TRIED_AT))
    assert "try-out page – could not be posted to\n" in text
    assert "It could not be posted to. The bot is not in the channel." in text
    bullets = [block for block in standing.card(tried(), TRIED_AT).blocks if isinstance(block, Bullets)]
    assert len(bullets) == 1


def test_when_nothing_is_wrong_nothing_is_to_do() -> None:
    """Everybody pressed, every channel was right: no list of what to do."""
    one = begun()
    all_of_them = tuple(replace(each, pressed_at=AT) if each.person else each for each in one.asked)
    one = replace(one, nowhere=(), asked=all_of_them)
    card = standing.card(rehearsal.came_of(one, delivered(one)), TRIED_AT)
    assert not [block for block in card.blocks if isinstance(block, Bullets)]
    assert {block.mark for block in card.blocks if isinstance(block, Line)} == {Mark.DONE}
    assert isinstance(next(buttons_of(asked.nudge())), Button)
