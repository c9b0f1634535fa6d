"""What goes out by e-mail arrives as it should, by a connection that nobody else reads."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from adapters.email import limits
from adapters.email.known import SENT, Known, forget, known_as, remember
from adapters.email.limits import KNOWN_FOR
from adapters.email.listen import EmailApp
from adapters.email.manifest import number
from adapters.email.send import MailChat
from adapters.email.smtp import Patience
from flows.errors import Permanent, PlatformError, Response
from flows.ports import Address, Chat, Store
from flows.school import Platform, SchoolId
from flows.ui.cards import Card, Dated, Heading, Text, Tone
from tests.adapters.contract import PeopleContract
from tests.adapters.samples import CASE_CARD, RECEIPT
from tests.email import reading
from tests.email.server import Post, served
from tests.fakes import FakeClock
from tests.town import SCHOOL

AT = FakeClock().now()
ELLIS = Address(platform=Platform.EMAIL, account="chair@school.example")


class TestEmail(PeopleContract):
    """E-mail keeps to what every platform promises people."""

    person = ELLIS
    nowhere = Address(platform=Platform.EMAIL, channel="leaders")

    @pytest.fixture
    async def chat(self, app: Callable[..., EmailApp]) -> AsyncIterator[MailChat]:
        """Give a chat that speaks to a server of its own."""
        self.post = Post()
        async with served(self.post) as port:
            yield app(port).chat

    async def seen(self, chat: Chat, to: Address) -> list[str]:
        """Return what they read there."""
        del chat
        return [reading.plain(message) for message in self.post.to(to.account)]


async def sent(
    app: Callable[..., EmailApp], card: Card = RECEIPT, *, repeat: bool = False, **options: str
) -> EmailMessage:
    """Return a card as it arrives."""
    post = Post()
    async with served(post) as port:
        await app(port, **options).chat.send(ELLIS, card, key="c1/notice", repeat=repeat)
    (message,) = post.to(ELLIS.account)
    return message


async def test_it_says_what_it_is(app: Callable[..., EmailApp]) -> None:
    """From whom, to whom alone, by a machine, in words and as a page; the subject is the card's summary."""
    message = await sent(app)
    assert message["From"] == "Reports of Hypothetical <reports@school.example>"
    assert (message["To"], message["Cc"], message["Bcc"]) == (ELLIS.account, None, None)
    assert message["Subject"] == RECEIPT.summary
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert email.utils.parsedate_to_datetime(message["Date"]).tzinfo is not None
    assert message["Importance"] is None


async def test_no_line_is_longer_than_servers_carry(app: Callable[..., EmailApp]) -> None:
    """Every line has at most 998 characters (RFC 5322, 2.1.1), however long a paragraph is."""
    post = Post()
    async with served(post) as port:
        long = Card(kind="x", summary="s", blocks=(Text("word " * 2000), Text("ü" * 3000)))
        await app(port).chat.send(ELLIS, long, key="k")
    assert max(len(line) for line in post.taken[0][2].split(b"\r\n")) <= 998


async def test_what_is_in_danger_is_marked_as_important(app: Callable[..., EmailApp]) -> None:
    """A program may show it above the others."""
    assert (await sent(app, replace(RECEIPT, tone=Tone.DANGER)))["Importance"] == "high"


@pytest.mark.parametrize("summary", ["a\nBcc: x@y.example", "a\r\n\r\nb", "a\x00b", "ü\u202ex"])
async def test_a_subject_is_one_line(app: Callable[..., EmailApp], summary: str) -> None:
    """Whatever it holds, a subject begins no other line of the head."""
    message = await sent(app, Card(kind="x", summary=summary, blocks=(Heading("h"),)))
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


async def test_a_repeat_is_known_by_its_number_and_says_so(app: Callable[..., EmailApp]) -> None:
    """The same send has the same id, from which nothing can be read; a repeat says what it is."""
    first, again = await sent(app), await sent(app, repeat=True)
    assert first["Message-ID"] == again["Message-ID"] == f"<{number('c1/notice')}@school.example>"
    assert "may have come before" in reading.plain(again)
    assert "may have come before" in reading.page(again)
    assert "may have come before" not in reading.plain(first)


async def test_what_follows_is_threaded(app: Callable[..., EmailApp]) -> None:
    """All that follows on a notice, or on that, names it: a program shows them together."""
    post = Post()
    async with served(post) as port:
        chat = app(port).chat
        root = await chat.send(ELLIS, RECEIPT, key="root")
        next_one = await chat.reply(root, CASE_CARD, key="next")
        await chat.reply(next_one, CASE_CARD, key="third")
    first, second, third = post.to(ELLIS.account)
    for message in (second, third):
        assert message["In-Reply-To"] == message["References"] == first["Message-ID"]
    assert len({message["Message-ID"] for message in (first, second, third)}) == 3


async def test_the_digest_can_be_given_up(app: Callable[..., EmailApp]) -> None:
    """What comes every week says whom to ask for it to stop; nothing else can be given up, or asks nobody."""
    digest = Card(kind="digest", summary="s", blocks=(Text("x"),))
    message = await sent(app, digest, reply_to="office@school.example")
    assert message["Reply-To"] == "office@school.example"
    assert message["List-Unsubscribe"].startswith("<mailto:office@school.example?subject=")
    assert " " not in message["List-Unsubscribe"]
    assert (await sent(app, RECEIPT, reply_to="office@school.example"))["List-Unsubscribe"] is None
    assert (await sent(app, digest))["List-Unsubscribe"] is None


@pytest.mark.parametrize("at_once", [True, False], ids=["TLS", "STARTTLS"])
@pytest.mark.feature("email-server")
async def test_by_tls_with_a_login(app: Callable[..., EmailApp], *, at_once: bool) -> None:
    """Both kinds of TLS work, the certificate is checked, and the password is said inside only."""
    post = Post()
    async with served(post, at_once=at_once, login=True) as port:
        await app(port, at_once=at_once, login=True).chat.send(ELLIS, RECEIPT, key="k")
    assert (len(post.taken), post.secret, post.logins) == (1, 1, [True])


@pytest.mark.feature("email-server")
@pytest.mark.parametrize(
    ("server", "client"),
    [
        ({"tls": False}, {"login": True}),
        ({"name": "elsewhere.example"}, {"login": True}),
        ({}, {"login": True, "trusts": False}),
        ({"at_once": True}, {"at_once": True, "trusts": False}),
        ({"tls": False}, {"at_once": True}),
    ],
    ids=["none offered", "another's", "by nobody we trust", "the same at once", "no TLS at all"],
)
async def test_without_tls_that_can_be_trusted_nothing_is_said(
    app: Callable[..., EmailApp], server: dict[str, bool], client: dict[str, bool]
) -> None:
    """No password and no message goes where somebody could read it."""
    post = Post()
    async with served(post, **server) as port:  # type: ignore[arg-type]
        with pytest.raises(PlatformError) as refused:
            await app(port, patience=Patience(connect=2.0), **client).chat.send(ELLIS, RECEIPT, key="k")
    assert refused.value.reference in ("email-tls", "email-unreachable")
    assert (post.taken, post.logins) == ([], [])


@pytest.mark.parametrize("account", ["ünknown@school.example", "a@b@c", "a b@c.example", "x\n@y.example", ""])
async def test_an_address_that_is_none_is_refused_before_anybody_is_asked(
    app: Callable[..., EmailApp], account: str
) -> None:
    """It is the address that is refused, and nothing reaches a server."""
    post = Post()
    async with served(post) as port:
        with pytest.raises(Permanent) as refused:
            await app(port).chat.send(Address(platform=Platform.EMAIL, account=account), RECEIPT, key="k")
    assert refused.value.response is (Response.ADDRESS if account else Response.PLACE)
    assert post.met == 0


async def test_nothing_that_went_out_is_changed(app: Callable[..., EmailApp]) -> None:
    """Whoever asks for it hears that it stands."""
    async with served(Post()) as port:
        chat = app(port).chat
        root = await chat.send(ELLIS, RECEIPT, key="root")
        with pytest.raises(Permanent):
            await chat.edit(root, CASE_CARD)
        assert await chat.find(ELLIS, None, key="root") is None


async def test_it_is_remembered_before_it_goes(app: Callable[..., EmailApp], store: Store) -> None:
    """What a server takes and then hangs up on may still come back, so its number is known by then."""
    async with served(Post({"message": "drop"})) as port:
        with pytest.raises(PlatformError):
            await app(port).chat.send(ELLIS, RECEIPT, key="c1/notice")
    assert await known_as(store, number("c1/notice")) == Known("c1/notice", SchoolId(""))


async def test_what_is_too_old_to_come_back_is_forgotten(store: Store) -> None:
    """After thirty days a number says nothing any more; one from before days were kept counts from now on."""
    old = AT - KNOWN_FOR
    await remember(store, "rp.1", Known("c1/notice", SCHOOL), old)
    await remember(store, "rp.2", Known("c2/notice", SCHOOL), old + dt.timedelta(seconds=1))
    await store.put_record(Platform.EMAIL, f"{SENT}rp.3", b"c3/notice")
    assert await forget(store, AT) == 1
    third = Known("c3/notice", SchoolId(""))
    left = [await known_as(store, f"rp.{n}") for n in (1, 2, 3)]
    assert left == [None, Known("c2/notice", SCHOOL), third]
    assert await forget(store, AT + KNOWN_FOR - dt.timedelta(seconds=1)) == 1
    assert await known_as(store, "rp.3") == third
    assert await forget(store, AT + KNOWN_FOR) == 1


async def test_a_server_is_not_crowded(app: Callable[..., EmailApp]) -> None:
    """So many conversations at once as it takes of one mailbox, and all get through."""
    post = Post()
    async with served(post) as port:
        chat = app(port).chat
        await asyncio.gather(*(chat.send(ELLIS, RECEIPT, key=f"k{turn}") for turn in range(12)))
    assert len(post.taken) == 12
    assert post.most <= limits.AT_ONCE


@pytest.mark.feature("email-day")
async def test_a_day_goes_along_for_the_calendar(app: Callable[..., EmailApp]) -> None:
    """What announces a day brings it as a whole, private one that rings nobody; said again it is the same."""
    card = replace(RECEIPT, days=(Dated(uid="c1.7", day=dt.date(2026, 12, 1), summary="Case X: look at it"),))
    post = Post()
    async with served(post) as port:
        for key in ("a", "b"):
            await app(port).chat.send(ELLIS, card, key=key)
        await app(port).chat.send(ELLIS, RECEIPT, key="c")
    *with_day, without = post.to(ELLIS.account)
    assert list(without.iter_attachments()) == []
    uids = set()
    for message in with_day:
        (attached,) = message.iter_attachments()
        assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "day.ics")
        (event,) = Calendar.from_ical(attached.get_payload(decode=True)).events
        assert (event.start, event.end) == (dt.date(2026, 12, 1), dt.date(2026, 12, 2))
        assert (event["summary"], event["class"], event["transp"]) == (
            "Case X: look at it",
            "PRIVATE",
            "TRANSPARENT",
        )
        assert event.alarms.times == []
        uids.add(event["uid"])
        assert "Thank you" in reading.plain(message)
    assert len(uids) == 1


@pytest.mark.feature("email-day")
async def test_a_day_that_is_off_is_taken_out_of_the_calendar(app: Callable[..., EmailApp]) -> None:
    """What is on and what is off go apart, since a calendar is told once for all what to do; read again."""
    day = Dated(uid="c1.7", day=dt.date(2026, 12, 1), summary="Case X: look at it", sequence=3)
    off = (replace(day, off=True, sequence=4), replace(day, uid="c1.8", off=True, sequence=4))
    message = await sent(app, replace(RECEIPT, days=(day, *off)))
    found = {}
    for attached in message.iter_attachments():
        content = attached.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        found[attached.get_filename()] = Calendar.from_ical(content)
    assert {name: str(one["method"]) for name, one in found.items()} == {
        "day.ics": "PUBLISH",
        "day-off.ics": "CANCEL",
    }
    assert [(str(e["uid"]), e["sequence"], str(e["status"])) for e in found["day-off.ics"].events] == [
        ("c1.7@report-posting", 4, "CANCELLED"),
        ("c1.8@report-posting", 4, "CANCELLED"),
    ]
    (on,) = found["day.ics"].events
    assert (on["sequence"], str(on["status"]), on.start) == (3, "CONFIRMED", day.day)
    assert str(on["organizer"]) == "mailto:reports@school.example"
