"""The page behind a link of an e-mail: a code first, once, for its own case; and what it tells to nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import limits
from adapters.web.listen import create_app
from adapters.web.seat_page import seat_pages
from adapters.web.send import WebChat
from bot.config.settings import SAMPLE_SCHOOL, EmailSettings, Settings
from bot.seat_page.seat_links import SeatLinks
from bot.wiring import running
from flows.case.seat_link import APART, CODE_LASTS, CODES, LASTS, TRIES
from flows.errors import StoreError
from flows.model import Action, AuditKind, Case, Message
from flows.school import Platform
from flows.ui.intents import Act, Ask, ChatCommand, Fill, encode
from storage.open import Opening, open_store
from tests.fakes import FakeClock
from tests.town import SCHOOL, Town
from tests.web.seat import ADDRESS, CHAIR, HEAD_ACCUSED, Mailbox, Phone, mailbox

Visit = Callable[[str], Phone]


@pytest.fixture
async def box() -> Mailbox:
    """Give a school whose Chair has e-mail alone, and leads a case."""
    found = await mailbox()
    await found.report()
    return found


@pytest.fixture
async def client(box: Mailbox) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """Give a browser before its pages."""
    async with TestClient(TestServer(box.app)) as found:
        yield found


@pytest.fixture
def phone(client: TestClient, box: Mailbox) -> Phone:  # type: ignore[type-arg]
    """Give the Chair's phone, with the link of the first e-mail."""
    return Phone(client, box, box.tokens()[0])


async def kinds(box: Mailbox) -> list[tuple[AuditKind, str | None]]:
    """Return what the audit of the case says, newest first."""
    case = await box.place.case()
    return [(line.kind, line.by) for line in await box.place.store.audit(case.school, case=case.id)]


@pytest.mark.feature("seat-page")
async def test_a_code_opens_it_once(box: Mailbox, phone: Phone) -> None:
    """Nothing is shown before the code; then card and record are; it is logged and counts as opened."""
    case = await box.place.case()
    assert case.reference not in (await (await phone.get()).text())
    assert "ellis" not in await box.place.store.opened_by(case.school, case.id)
    await phone.open()
    for words in (case.reference, "You lead this case", "Take this on", "An invented posting about nobody."):
        assert words in phone.page
    assert "ellis" in await box.place.store.opened_by(case.school, case.id)
    assert (AuditKind.PAGE_OPENED, "ellis") in await kinds(box)
    assert (AuditKind.RECORD_OPENED, "ellis") in await kinds(box)


async def test_the_work_is_done_there(box: Mailbox, phone: Phone) -> None:
    """Buttons and forms do what they do in chat; a form stands alone until it is sent."""
    await phone.open()
    case = await box.place.case()
    await phone.press(Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    assert "Chair of governors has taken this on." in phone.page
    case = await box.place.case()
    assert case.owner == "ellis"
    await phone.press(Act(case=case.id, action=Action.NOTE, version=case.version))
    assert "Add a note" in phone.page
    assert 'id="record"' not in phone.page
    fill = encode(Fill(case=case.id, action=Action.NOTE, version=case.version))
    empty = await phone.post("fill", intent=fill)
    assert empty.status == 303
    await phone.get()
    assert 'aria-invalid="true"' in phone.page
    await phone.post("fill", **{"intent": fill, "text.text": "I have rung the LADO."})
    await phone.get()
    assert "I have rung the LADO." in phone.page
    await phone.post("back")
    await phone.get()
    assert 'id="case"' in phone.page


async def test_what_was_done_is_not_said_to_be_lost(box: Mailbox, phone: Phone) -> None:
    """The page cannot be kept: what was done is said to be so, and what only asked for something is not."""
    await phone.open()
    case = await box.place.case()
    take_on = encode(Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    note = encode(Act(case=case.id, action=Action.NOTE, version=case.version))
    real = box.place.store.replace_record

    async def full(*_: object, **__: object) -> bool:
        raise StoreError("disk-full", "An invented full disk.", "Make room.")

    box.place.store.replace_record = full  # type: ignore[method-assign]
    asked = await phone.post("press", intent=note)
    assert (asked.status, "Nothing was changed" in await asked.text()) == (503, True)
    done = await phone.post("press", intent=take_on)
    said = await done.text()
    assert (done.status, "What you did was taken in" in said, "Nothing was changed" in said) == (
        503,
        True,
        False,
    )
    assert (await box.place.case()).owner == "ellis"
    box.place.store.replace_record = real  # type: ignore[method-assign]
    await phone.get()
    assert "Taken on by" in phone.page
    box.place.store.remove_record = full  # type: ignore[method-assign]
    case = await box.place.case()
    fill = encode(Fill(case=case.id, action=Action.CONFLICT, version=case.version))
    out = await phone.post("fill", **{"intent": fill, "text.text": "I know them."})
    assert (out.status, "What you did was taken in" in await out.text()) == (503, True)
    assert "ellis" in (await box.place.case()).recused


# -- what is told to nobody --------------------------------------------------------------------------


async def _unknown(box: Mailbox, phone: Phone) -> None:
    del box
    phone.token = "A" * 43


async def _nonsense(box: Mailbox, phone: Phone) -> None:
    del box
    phone.token = "..%2F%00%ff"


async def _too_old(box: Mailbox, phone: Phone) -> None:
    del phone
    box.place.clock.pass_by(LASTS)


async def _used(box: Mailbox, phone: Phone) -> None:
    await phone.open()
    await phone.post("leave")
    box.place.clock.pass_by(APART)


async def _ended(box: Mailbox, phone: Phone) -> None:
    case = await box.place.case()
    # the Chair leads and is the only one who may; they do it in chat
    await phone.open()
    await phone.press(Act(case=case.id, action=Action.END_LINKS, version=case.version))
    fill = encode(Fill(case=case.id, action=Action.END_LINKS, version=case.version))
    await phone.post("fill", **{"intent": fill, "text.text": "It was forwarded."})
    box.place.clock.pass_by(APART)


async def _seat_lost(box: Mailbox, phone: Phone) -> None:
    del phone
    box.lose_the_seat()


BAD = (_unknown, _nonsense, _too_old, _used, _ended, _seat_lost)


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__.strip("_"))
async def test_a_link_that_is_not_good_reads_like_one_that_is(
    box: Mailbox,
    phone: Phone,
    client: TestClient,  # type: ignore[type-arg]
    bad: Callable[[Mailbox, Phone], Awaitable[None]],
) -> None:
    """The page, the answer to the press and to a wrong code are the same bytes with the same headers."""
    answers = []
    for worse in (False, True):
        if worse:
            await bad(box, phone)
            client.session.cookie_jar.clear()
        for posted in (None, {}, {"code": "no code"}):
            path = f"/c/{phone.token}"
            answer = await (client.get(path) if posted is None else client.post(path, data=posted))
            heads = {name: value for name, value in answer.headers.items() if name not in ("Date", "Server")}
            answers.append((answer.status, heads, await answer.read()))
    assert answers[:3] == answers[3:]


async def test_it_takes_the_same(box: Mailbox, client: TestClient) -> None:  # type: ignore[type-arg]
    """No answer to somebody who is not in is quicker than the floor, whatever the link is."""
    del client
    pages = seat_pages(
        door=box.place.service,
        links=box.links,
        records=box.place.store,
        clock=box.place.clock,
        secure=False,
        floor=0.2,
    )
    loop = asyncio.get_running_loop()
    async with TestClient(TestServer(pages)) as slow:
        for token in (box.tokens()[0], "A" * 43):
            for posted in ({}, {"code": "1"}):
                begun = loop.time()
                await slow.post(f"/{token}", data=posted)
                assert loop.time() - begun >= 0.2


@pytest.mark.feature("seat-page")
async def test_a_scanner_that_follows_the_link_does_nothing(box: Mailbox, phone: Phone) -> None:
    """GET and HEAD, as often as one likes: no code goes out, nothing is used up, nothing is logged."""
    before = (len(box.mail.messages), len(await kinds(box)), box.place.store.commits)
    for _ in range(20):
        assert (await phone.get()).status == 200
        assert (await phone.client.head(f"/c/{phone.token}")).status == 200
    await box.place.settle()
    assert (len(box.mail.messages), len(await kinds(box)), box.place.store.commits) == before
    await phone.open()


async def test_a_used_or_old_link_brings_a_new_one_to_its_own_mailbox(box: Mailbox, phone: Phone) -> None:
    """Whoever comes back has a new link sent; it goes to the mailbox of the seat, whoever asks."""
    await phone.open()
    await phone.post("leave")
    box.place.clock.pass_by(APART)
    await phone.ask()
    assert "You asked for a new link to case HPS-2026-001." in box.read()
    newest = Phone(phone.client, box, box.tokens()[-1])
    assert newest.token != phone.token
    await newest.open()
    assert "You lead this case" in newest.page


@pytest.mark.feature("seat-page")
async def test_brute_force_ends_before_it_begins(box: Mailbox, phone: Phone) -> None:
    """Five wrong codes and the right one opens nothing; five codes and there are no more of them."""
    for _ in range(CODES):
        await phone.ask()
        code = box.code()
        for _ in range(TRIES):
            assert (await phone.enter(str((int(code) + 1) % 10**6).zfill(6))).status == 403
        assert (await phone.enter(code)).status == 403
        box.place.clock.pass_by(APART + CODE_LASTS)
    sent = len(box.mail.messages)
    await phone.ask()
    assert len(box.mail.messages) == sent
    assert [by for kind, by in await kinds(box) if kind is AuditKind.REFUSED] == [None] * CODES * (TRIES + 1)


async def test_whoever_tries_too_often_waits(box: Mailbox, phone: Phone) -> None:
    """An address that posts again and again is told to wait, whatever the link is."""
    for _ in range(limits.SEAT_POSTS):
        await phone.post(code="1")
    assert (await phone.post(code="1")).status == 429
    phone.token = "A" * 43
    assert (await phone.post()).status == 429
    elsewhere = await phone.post(headers={"X-Forwarded-For": "203.0.113.7"})
    assert elsewhere.status == 200
    box.place.clock.pass_by(LASTS)
    assert (await phone.post()).status == 200


# -- while it is open --------------------------------------------------------------------------------


async def _nothing_done(box: Mailbox, phone: Phone) -> None:
    del phone
    box.place.clock.pass_by(limits.IDLE)


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize("taken", [_seat_lost, _nothing_done, _too_old, _ended], ids=lambda one: one.__name__)
async def test_what_is_taken_away_while_it_is_open(
    box: Mailbox, phone: Phone, taken: Callable[[Mailbox, Phone], Awaitable[None]]
) -> None:
    """The seat lost, nobody there, 72 hours over, links ended: nothing is shown, done or given."""
    if taken is not _ended:
        await phone.open()
    await taken(box, phone)
    case = await box.place.case()
    press = encode(Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    assert (await phone.post("press", intent=press)).status == 303
    assert (await phone.post("still", active="yes")).status == 403
    assert (await phone.get(f"/evidence/{case.id}/{'0' * 64}")).status == 303
    await phone.get()
    assert case.reference not in phone.page
    assert (await box.place.case()).version == case.version


async def test_two_processes_open_it_once(tmp_path: Path) -> None:
    """Two that take in what comes, on one store, hear the right code at once: one page is opened."""
    store = await open_store(f"tinydb:{tmp_path / 'reports.db'}", key=bytes(32), opening=Opening.NEW)
    box = Mailbox(Town(store))
    await box.report()
    token = box.tokens()[0]
    await box.links.send_code(token)
    await box.place.settle()
    other = SeatLinks(box.place.context, secret=bytes(32), address=ADDRESS)
    opened = await asyncio.gather(*(one.open(token, box.code()) for one in (box.links, other)))
    assert sum(one is not None for one in opened) == 1
    assert [kind for kind, _ in await kinds(box)].count(AuditKind.PAGE_OPENED) == 1
    await store.close()


#: what is sent with something that is made when it goes
BRINGS = (Message.NEW_LINK, Message.CODE, Message.REHEARSAL)


async def test_what_brings_no_link_says_what_it_said(box: Mailbox) -> None:
    """The facts of any other e-mail are its own, untouched."""
    sends = await box.place.store.sends_of(SCHOOL, (await box.place.case()).id)
    others = [send for send in sends if send.message not in BRINGS]
    assert others
    for send in others:
        assert await box.links.facts(send) is send.facts


async def test_who_steps_out_is_told_and_is_out(box: Mailbox, phone: Phone) -> None:
    """A conflict takes the Chair off the case: they read that, and nothing of the case any more."""
    await phone.open()
    case = await box.place.case()
    await phone.press(Act(case=case.id, action=Action.CONFLICT, version=case.version))
    fill = encode(Fill(case=case.id, action=Action.CONFLICT, version=case.version))
    answer = await phone.post("fill", **{"intent": fill, "text.text": "I know them."})
    assert (answer.status, "You can close this page now." in await answer.text()) == (200, True)
    await phone.get()
    assert case.reference not in phone.page
    await box.place.settle()
    box.place.clock.pass_by(APART)
    sent = len(box.mail.messages)
    await phone.ask()
    assert len(box.mail.messages) == sent


async def test_signing_out_ends_it_everywhere(box: Mailbox, phone: Phone) -> None:
    """The session ends on the server: the cookie of before opens nothing."""
    await phone.open()
    cookies = {one.key: one.value for one in phone.client.session.cookie_jar}
    assert (await phone.post("leave")).status == 200
    phone.client.session.cookie_jar.update_cookies(cookies)
    await phone.get()
    assert "HPS-2026-001" not in phone.page
    assert box.place.clock.now()


async def test_one_page_is_for_one_case(box: Mailbox, phone: Phone) -> None:
    """Another case, a report, a list: nothing else is done from it, nor are its files given."""
    await box.place.report("brook", HEAD_ACCUSED)
    await box.place.settle()
    other = await box.place.case("HPS-2026-002")
    await phone.open()
    for intent in (
        Act(case=other.id, action=Action.TAKE_ON, version=other.version),
        Ask(ChatCommand.CASES),
    ):
        await phone.press(intent)
        assert "This page is for one case alone." in phone.page
    assert (await box.place.case("HPS-2026-002")).owner is None
    assert (await phone.get(f"/evidence/{other.id}/{'0' * 64}")).status == 404


async def test_two_pages_stand_beside_each_other(box: Mailbox, phone: Phone) -> None:
    """Each link has a cookie of its own: two cases in two tabs, and neither takes the other's place."""
    await box.place.report("brook", HEAD_ACCUSED)
    await box.place.settle()
    second = Phone(phone.client, box, box.tokens()[-1])
    await phone.open()
    await second.open()
    await phone.get()
    assert "HPS-2026-001" in phone.page
    assert "HPS-2026-002" in second.page


async def test_a_key_of_another_page_does_nothing(box: Mailbox, phone: Phone) -> None:
    """A post without the key of this very session is refused, and so is one of a foreign page."""
    await phone.open()
    case = await box.place.case()
    press = encode(Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    good = phone.key
    phone.page = 'name="key" value="0123.abc"'
    assert (await phone.post("press", intent=press)).status == 403
    phone.page = f'name="key" value="{good}"'
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert (await phone.post("press", headers=headers, intent=press)).status == 403
    assert (await box.place.case()).owner is None
    ours = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await phone.post("press", headers=ours, intent=press)).status == 303
    assert (await box.place.case()).owner == "ellis"


@pytest.mark.parametrize("secure", [True, False])
async def test_the_cookie_and_the_headers(box: Mailbox, *, secure: bool) -> None:
    """The cookie goes by https alone, to this host alone, to no script and no other site; nothing is kept."""
    pages = seat_pages(
        door=box.place.service,
        links=box.links,
        records=box.place.store,
        clock=box.place.clock,
        secure=secure,
        floor=0.0,
    )
    box.app = web.Application()
    box.app.add_subapp("/c", pages)
    async with TestClient(TestServer(box.app)) as client:
        phone = Phone(client, box, box.tokens()[0])
        await phone.ask()
        answer = await phone.enter()
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-case-" if secure else "case-")
        assert ("Secure" in cookie) is secure
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        for one in (answer, await phone.get()):
            assert one.headers["Cache-Control"] == "no-store"
            assert one.headers["Referrer-Policy"] == "no-referrer"
            assert "default-src 'none'" in one.headers["Content-Security-Policy"]


# -- what is kept ------------------------------------------------------------------------------------


async def test_neither_link_nor_code_is_kept(box: Mailbox, phone: Phone) -> None:
    """What is stored of a link opens none: neither its token nor a code stands in any record or send."""
    await phone.ask()
    token, code = phone.token, box.code()
    store = box.place.store
    kept = [f"{k} {await store.record(Platform.WEB, k)!r}" for k in await store.records(Platform.WEB, "")]
    case: Case = await box.place.case()
    sends = [str(one) for one in await box.place.store.sends_of(case.school, case.id)]
    codes = [await store.send(case.school, _code_send(record)) for record in kept]
    sends += [str(one) for one in codes if one is not None]
    assert "code/" in sends[-1]
    for text in (*kept, *sends):
        assert token not in text
        assert not re.search(rf"\b{code}\b", text)


def _code_send(record: str) -> str:
    known_as = record.removeprefix("link/").partition(" ")[0]
    return f"code/{known_as}/1/email:ellis"


async def test_what_is_long_over_is_forgotten(box: Mailbox) -> None:
    """After thirty days nobody can ask for a new link by it: its record goes."""
    kept = len(await box.place.store.records(Platform.WEB, "link/"))
    assert kept
    assert await box.links.sweep() == 0
    box.place.clock.pass_by(LASTS * 10)
    assert await box.links.sweep() == kept
    assert await box.place.store.records(Platform.WEB, "link/") == []


async def test_a_code_that_comes_late_is_not_sent(box: Mailbox, phone: Phone) -> None:
    """A mail server that was away for an hour is not handed a code that is good for nothing."""
    await phone.post()
    box.place.clock.pass_by(CODE_LASTS)
    sent = len(box.mail.messages)
    await box.place.settle()
    codes = [one for one in list(box.mail.messages.values())[sent:] if one.card.kind == "code"]
    assert codes == []
    assert ADDRESS in box.read(CHAIR)


# -- where it stands ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "status"), [(ADDRESS, 200), ("", 404)], ids=["a public address", "none"])
async def test_it_stands_where_real_reports_come(tmp_path: Path, address: str, status: int) -> None:
    """`serve` has the page where there is e-mail and a public address, and nothing else is new."""
    mail = EmailSettings(host="127.0.0.1", port=9, sender="reports@school.example")
    settings = Settings(
        store=f"tinydb:{tmp_path / 'reports.db'}", school=SAMPLE_SCHOOL, email=mail, address=address
    )
    async with (
        running(settings, clock=FakeClock(), opening=Opening.NEW) as bot,
        TestClient(TestServer(bot.app)) as client,
    ):
        for path in (f"/c/{'A' * 43}", "/c/static/workspace.css", "/c/static/seat.js"):
            assert (await client.get(path)).status == status, path
        assert (await client.get("/w/ash/dm")).status == 404
        assert (await client.get("/healthz")).status == 200


async def test_in_a_try_out_it_stands_before_the_password(box: Mailbox) -> None:
    """It has locks of its own; the password of the try-out is for being anybody."""
    chat = WebChat(":memory:", members=lambda _: frozenset(), clock=box.place.clock)
    app = create_app(
        door=box.place.service,
        chat=chat,
        directory=box.place.context.directory,
        clock=box.place.clock,
        password="an invented long password",
        allow_remote=True,
    )
    pages = seat_pages(
        door=box.place.service,
        links=box.links,
        records=box.place.store,
        clock=box.place.clock,
        secure=False,
        floor=0.0,
    )
    app.add_subapp("/c", pages)
    async with TestClient(TestServer(app)) as client:
        phone = Phone(client, box, box.tokens()[0])
        await phone.open()
        assert "You lead this case" in phone.page
        elsewhere = await client.get("/w/ash/dm", allow_redirects=False)
        assert (elsewhere.status, elsewhere.headers["Location"]) == (303, "/enter")
    chat.close()
