"""What every platform's renderer and every chat must keep to, as suites to inherit from.

A platform's tests subclass :class:`RenderContract` and :class:`ChatContract`, say how to read what
was rendered, and get every test. Nothing here knows a platform.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, assert_never

import pytest

from flows.errors import Permanent
from flows.ports import Address, Chat
from flows.ui.cards import (
    Attachment,
    Block,
    Bullets,
    Buttons,
    Callout,
    Card,
    Divider,
    Facts,
    Heading,
    Line,
    Link,
    Quote,
    Small,
    Text,
    buttons_of,
)
from flows.ui.forms import Choice, Field, Form, Many, TextField
from flows.ui.intents import encode
from tests.adapters.samples import CARDS, CASE_CARD, FORMS, RECEIPT, VERY_LONG

#: Characters that nobody sees, and line ends that look like none.
UNSEEN = {
    "soft hyphen": "\u00ad",
    "no width": "\u200b",
    "word joiner": "\u2060",
    "byte order": "\ufeff",
    "filler": "\u3164",
    "vowel separator": "\u180e",
    "annotation": "\ufff9",
    "grapheme joiner": "\u034f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "override": "\u202e",
    "isolate": "\u2066",
}


def squeezed(words: str) -> str:
    """Return words without spaces, line ends and invisible characters: what must survive a rendering."""
    return "".join(
        c for c in words if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf") and c != "\ufffd"
    )


def said_by_block(block: Block) -> Iterator[str]:
    """Yield every string of a block that a person must be able to read."""
    match block:
        case Heading():
            yield from (block.text, block.button.label if block.button else "")
        case Text() | Small() | Callout():
            yield block.text
        case Facts():
            for pair in block.pairs:
                yield from pair
        case Bullets():
            yield from block.lines
        case Quote():
            yield from (block.text, block.source)
        case Link():
            yield block.label
        case Attachment():
            yield from (block.name, block.sha256)
        case Line():
            yield from (block.text, block.note, block.button.label if block.button else "")
        case Buttons():
            yield from (button.label for button in block.buttons)
        case Divider():
            pass
        case _:  # a block that nobody looks for may be lost on every platform
            assert_never(block)


def said_by_card(card: Card) -> Iterator[str]:
    """Yield every string of a card that a person must be able to read."""
    for block in card.blocks:
        yield from said_by_block(block)


def said_by_field(field: Field) -> Iterator[str]:
    """Yield every string of a field that a person must be able to read."""
    yield from (field.label, field.help, field.error)
    match field:
        case Choice() | Many():
            for option in field.options:
                yield from (option.label, option.description)
        case TextField():
            yield from (field.value, field.placeholder)
        case _:
            pass


def hidden(field: Field, form: Form) -> bool:
    """Return whether a field's condition does not hold as the form stands."""
    if field.shown is None:
        return False
    other = next(f for f in form.fields if f.name == field.shown.field)
    value = getattr(other, "value", "")
    held = (value,) if isinstance(value, str) else value
    return not set(held) & set(field.shown.values)


def said_by_form(form: Form, *, with_hidden: bool) -> Iterator[str]:
    """Yield every string of a form that a person must be able to read."""
    yield from (form.title, form.submit_label)
    for block in form.intro:
        yield from said_by_block(block)
    for field in form.fields:
        if with_hidden or not hidden(field, form):
            yield from said_by_field(field)
    yield from (one.label for one in (*form.shortcuts, *form.buttons))


class CardContract(ABC):
    """Nothing that a card says is lost, and hostile words stay words.

    A subclass renders (one message, several, or a page: any shape it likes) and says how to read it.
    """

    #: How many characters of one string the platform carries; a longer one is cut and ends in "…".
    most_characters = 1_000_000

    @abstractmethod
    def render_card(self, card: Card) -> Any:
        """Return the card as the platform takes it."""

    @abstractmethod
    def texts(self, rendered: Any) -> list[str]:
        """Return every string a person is shown or a screen reader says, unescaped, in order."""

    @abstractmethod
    def live(self, rendered: Any) -> list[str]:
        """Return what the platform would interpret and we did not mean (mentions, links, tags, scripts)."""

    def _all_there(self, said: Iterator[str], rendered: Any) -> None:
        there = squeezed("".join(self.texts(rendered)))
        for words in said:
            wanted = squeezed(words)
            if len(wanted) > self.most_characters:
                assert wanted[: self.most_characters // 2] in there
                assert "…" in there
            else:
                assert wanted in there, f"lost: {words[:80]!r}"

    @pytest.mark.parametrize("name", CARDS)
    def test_a_card_loses_nothing(self, name: str) -> None:
        """Every string of a card is found in its rendering."""
        self._all_there(said_by_card(CARDS[name]), self.render_card(CARDS[name]))

    @pytest.mark.parametrize("name", CARDS)
    def test_words_in_a_card_stay_words(self, name: str) -> None:
        """Nothing in a card is interpreted by the platform."""
        assert self.live(self.render_card(CARDS[name])) == []

    @pytest.mark.parametrize("name", UNSEEN)
    def test_what_shows_nothing_is_not_there(self, name: str) -> None:
        """What splits a word for machines alone, or ends a line where none seems to end, is not passed on."""
        words = f"pay{UNSEEN[name]}pal"
        blocks = (Heading(words), Text(words), Facts(((words, words),)), Quote(words), Bullets((words,)))
        shown = "".join(self.texts(self.render_card(Card(kind="k", summary=words, blocks=blocks))))
        assert UNSEEN[name] not in shown
        assert "pal" in shown

    def test_rendering_twice_is_rendering_once(self) -> None:
        """A renderer keeps nothing between two cards."""
        first = self.texts(self.render_card(CASE_CARD))
        self.render_card(RECEIPT)
        assert first == self.texts(self.render_card(CASE_CARD))


class RenderContract(CardContract):
    """The same of forms, and what is pressed comes back: for a platform on which people answer."""

    #: Whether fields that are not shown yet are in the rendering all the same (and hidden there).
    carries_hidden_fields = False

    @abstractmethod
    def render_form(self, form: Form) -> Any:
        """Return the form as the platform takes it."""

    @abstractmethod
    def intents(self, rendered: Any) -> list[str]:
        """Return the encoded intents that travel with the buttons and the submit, in order."""

    @pytest.mark.parametrize("name", FORMS)
    def test_a_form_loses_nothing(self, name: str) -> None:
        """Every string of a form is found in its rendering, save fields that are not asked yet."""
        said = said_by_form(FORMS[name], with_hidden=self.carries_hidden_fields)
        self._all_there(said, self.render_form(FORMS[name]))

    @pytest.mark.parametrize("name", FORMS)
    def test_words_in_a_form_stay_words(self, name: str) -> None:
        """Nothing in a form is interpreted by the platform."""
        assert self.live(self.render_form(FORMS[name])) == []

    @pytest.mark.parametrize("name", CARDS)
    def test_every_button_carries_its_intent(self, name: str) -> None:
        """Each button of a card can be pressed, and says what it means when it comes back."""
        wanted = [encode(button.intent) for button in buttons_of(CARDS[name])]
        assert [i for i in self.intents(self.render_card(CARDS[name])) if i in wanted] == wanted

    @pytest.mark.parametrize("name", FORMS)
    def test_every_form_carries_its_submit(self, name: str) -> None:
        """A form says what it answers when it comes back."""
        assert encode(FORMS[name].submit) in self.intents(self.render_form(FORMS[name]))


class PeopleContract(ABC):
    """What ``flows.ports.Chat`` promises of messages to a person. A subclass gives a ``chat`` fixture."""

    #: a person who can be written to
    person: Address
    #: a channel that does not exist
    nowhere: Address

    @abstractmethod
    async def seen(self, chat: Chat, to: Address) -> list[str]:
        """Return what somebody reads there now: the text of every message, oldest first."""

    async def test_a_person_reads_what_they_are_sent(self, chat: Chat) -> None:
        """What is sent to a person is read by that person, once, and what follows on it as well."""
        root = await chat.send(self.person, RECEIPT, key="c1/receipt")
        posted = await chat.reply(root, CASE_CARD, key="c1/2/person")
        seen = await self.seen(chat, self.person)
        assert sum("Your report is safe" in text for text in seen) == 1
        assert sum("Urgent: acknowledge by 14:25" in text for text in seen) == 1
        assert (root.channel, root.thread or root.message) == (posted.channel, posted.thread)
        assert chat.platform is root.platform
        assert root.message != posted.message

    async def test_a_person_is_there(self, chat: Chat) -> None:
        """Of a person's direct messages that person is named, while they are there."""
        assert (await chat.members(self.person)).accounts == {self.person.account}

    async def test_a_missing_channel_is_unfit(self, chat: Chat) -> None:
        """A channel that does not exist is not fit for anything, and says why."""
        membership = await chat.members(self.nowhere)
        assert not membership.fit
        assert membership.trouble

    async def test_a_missing_channel_is_permanent(self, chat: Chat) -> None:
        """Sending to a channel that does not exist is never tried again."""
        with pytest.raises(Permanent):
            await chat.send(self.nowhere, RECEIPT, key="c1/lost")

    async def test_a_long_card_reaches_a_person(self, chat: Chat) -> None:
        """More words than one message holds still arrive, or are cut with a mark; never refused."""
        await chat.send(self.person, CARDS["very-long"], key="c1/long")
        there = squeezed("".join(await self.seen(chat, self.person)))
        assert squeezed(VERY_LONG[:1000]) in there


class ChatContract(PeopleContract):
    """The same, and what it promises of channels and of changing what stands."""

    #: a channel that exists, and the accounts in it
    channel: Address
    accounts: frozenset[str]

    async def test_a_message_arrives(self, chat: Chat) -> None:
        """What is sent to a channel is read there, once."""
        posted = await chat.send(self.channel, CASE_CARD, key="c1/card/place")
        assert (chat.platform, self.channel.workspace) == (posted.platform, posted.workspace)
        assert posted.message
        seen = await self.seen(chat, self.channel)
        assert sum("Urgent: acknowledge by 14:25" in text for text in seen) == 1

    async def test_a_direct_message_arrives(self, chat: Chat) -> None:
        """What is sent to a person is read by that person and not in the channel."""
        posted = await chat.send(self.person, RECEIPT, key="c1/receipt")
        assert posted.channel
        assert any("Your report is safe" in text for text in await self.seen(chat, self.person))
        assert not any("Your report is safe" in text for text in await self.seen(chat, self.channel))

    async def test_a_reply_joins_its_thread(self, chat: Chat) -> None:
        """A reply stands in the thread of its root, in the same channel."""
        root = await chat.send(self.channel, CASE_CARD, key="c1/card")
        posted = await chat.reply(root, RECEIPT, key="c1/2/place")
        assert (root.channel, root.thread or root.message) == (posted.channel, posted.thread)
        assert root.message != posted.message

    async def test_an_edit_replaces(self, chat: Chat) -> None:
        """An edited message says the new words and no longer the old; twice is once."""
        posted = await chat.send(self.channel, CASE_CARD, key="c1/card")
        before = len(await self.seen(chat, self.channel))
        await chat.edit(posted, RECEIPT)
        await chat.edit(posted, RECEIPT)
        seen = await self.seen(chat, self.channel)
        assert before == len(seen)
        assert any("Your report is safe" in text for text in seen)
        assert not any("Urgent: acknowledge by 14:25" in text for text in seen)

    async def test_what_was_accepted_can_be_found(self, chat: Chat) -> None:
        """Where a platform can look up, a key finds exactly what it was sent with."""
        if not chat.can_look_up:
            assert await chat.find(self.channel, None, key="c1/card") is None
            return
        root = await chat.send(self.channel, CASE_CARD, key="c1/card")
        reply = await chat.reply(root, RECEIPT, key="c1/2/place")
        direct = await chat.send(self.person, RECEIPT, key="c1/receipt")
        assert root == await chat.find(self.channel, None, key="c1/card")
        assert reply == await chat.find(self.channel, root, key="c1/2/place")
        assert direct == await chat.find(self.person, None, key="c1/receipt")
        assert await chat.find(self.channel, None, key="c1/never") is None

    async def test_members_are_known(self, chat: Chat) -> None:
        """A channel names who can read it."""
        membership = await chat.members(self.channel)
        assert membership.fit
        assert self.accounts == membership.accounts

    async def test_a_long_card_arrives(self, chat: Chat) -> None:
        """More words than one message holds still arrive, or are cut with a mark; never refused."""
        posted = await chat.send(self.channel, CARDS["very-long"], key="c1/long")
        assert posted.message
        there = squeezed("".join(await self.seen(chat, self.channel)))
        assert squeezed(VERY_LONG[:1000]) in there
