"""From an activity to what somebody sees: shapes of answers, places, order, and what is never lost."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.teams import fields, files, parse, render
from adapters.teams.message_reader import Attached
from adapters.teams.parse import ADD_TO_CASE, REPORT_THIS
from adapters.teams.render import CARD_TYPE
from adapters.teams.verify import Trust
from flows.errors import InvalidAnswer, Retryable, StoreError
from flows.school import Platform
from flows.ui.inbound import (
    Asked,
    Inbound,
    Noted,
    Receipt,
    Refuse,
    Reply,
    Reworded,
    Show,
    Started,
    Typed,
    Uploaded,
)
from tests.adapters.samples import CARDS, FORMS, RECEIPT
from tests.teams import activities, reading
from tests.teams.conftest import Bot
from tests.teams.connector import CHANNEL, TENANT, Connector, Fault, account
from tests.teams.test_parse import data_of

CHAT = "a:chat-ash"
PAGE = Show(FORMS["report-page"])
OWN = data_of(fields.form(FORMS["report-page"], view=True, nonce="own"), "Continue")
CASE = data_of(render.card(CARDS["case-card"], nonce="case"), "Take this on")
LEADERS = data_of(fields.form(FORMS["leader-form"], nonce="lead"), "Record this")


def said(content: Any) -> str:
    """Return what a card says, as one text."""
    return "\n".join(reading.texts(content))


def standing(connector: Connector, conversation: str = CHAT) -> list[str]:
    """Return what stands in a conversation now, oldest first."""
    found = connector.messages.get(conversation, {}).values()
    return [said(activity["attachments"][0]["content"]) for activity in found]


# -- a chat ------------------------------------------------------------------------------------------


async def test_typed_words_are_answered_by_a_card(bot: Bot, connector: Connector) -> None:
    """Words are kept, acknowledged, and answered by the next page."""
    assert (await bot.post(activities.personal(text="They said it")))[0] == 200
    assert "What did you see?" in standing(connector)[0]


async def test_the_card_follows_the_conversation(bot: Bot, connector: Connector) -> None:
    """Typed answers change the card that stands there instead of adding one each time."""
    await bot.post(activities.personal(text="They said it"))
    bot.door.replies = [Show(FORMS["choice"], "I read that as Yes.")]
    await bot.post(activities.personal(text="yes"))
    (card,) = standing(connector)
    assert "I read that as Yes." in card
    assert "Is anybody in danger right now?" in card


async def test_a_card_that_has_gone_out_of_sight_comes_again(bot: Bot, connector: Connector) -> None:
    """After a few typed answers the card is posted again at the end; the old one says so."""
    for _ in range(4):
        await bot.post(activities.personal(text="yes"))
    first, second = standing(connector)
    assert first == "This has moved further down."
    assert "What did you see?" in second


async def test_a_card_that_was_deleted_comes_again(bot: Bot, connector: Connector) -> None:
    """Where the card cannot be changed any more, the answer is posted."""
    await bot.post(activities.personal(text="They said it"))
    connector.messages[CHAT].clear()
    await bot.post(activities.personal(text="yes"))
    assert "What did you see?" in standing(connector)[0]


@pytest.mark.feature("teams-answers-at-once")
async def test_the_card_is_known_after_a_restart(bot: Bot, connector: Connector) -> None:
    """Which card follows the conversation is in the store, not in memory."""
    await bot.post(activities.personal(text="They said it"))
    bot.app.desk._references._near.clear()  # noqa: SLF001 - what a restart forgets
    await bot.post(activities.personal(text="yes"))
    assert len(standing(connector)) == 1


async def test_a_receipt_that_also_comes_as_a_message_is_not_shown_twice(
    bot: Bot, connector: Connector, receipt: Receipt
) -> None:
    """The report's card closes; the receipt itself is the worker's message."""
    await bot.post(activities.personal(text="They said it"))
    bot.door.replies = [receipt]
    await bot.post(activities.personal(text="send"))
    assert standing(connector) == ["Done. Look below."]


async def test_a_receipt_that_does_not_come_is_shown(bot: Bot, connector: Connector) -> None:
    """Where no message follows, the receipt is shown at once."""
    bot.door.replies = [Receipt(RECEIPT, sent=False)]
    await bot.post(activities.personal(text="send"))
    assert "Your report is safe" in standing(connector)[0]


async def test_a_refusal_is_said_in_words(bot: Bot, connector: Connector) -> None:
    """A refusal without a form is a line of its own; the card above stays as it is."""
    await bot.post(activities.personal(text="They said it"))
    bot.door.replies = [Refuse("That case is closed.", "Re-open it first.")]
    await bot.post(activities.personal(text="x"))
    assert standing(connector)[1] == "That case is closed. Re-open it first."
    assert "What did you see?" in standing(connector)[0]


# -- a press -----------------------------------------------------------------------------------------


async def test_a_press_is_answered_with_the_next_card(bot: Bot, connector: Connector) -> None:
    """An invoke's answer is the card that takes the place of the one that was pressed."""
    bot.door.replies = [Show(FORMS["choice"])]
    status, body = await bot.post(activities.press(OWN, replyToId="m5"))
    assert (status, body["statusCode"], body["type"]) == (200, 200, CARD_TYPE)
    assert "Is anybody in danger right now?" in said(body["value"])
    assert connector.requests == []


async def test_a_pressed_card_is_the_one_that_follows(bot: Bot, connector: Connector) -> None:
    """After a press, a typed answer changes the card that was pressed."""
    await bot.post(activities.personal(text="They said it"))
    (card,) = connector.messages[CHAT]
    await bot.post(activities.press(OWN, replyToId=card))
    await bot.post(activities.personal(text="yes"))
    assert len(standing(connector)) == 1


async def test_a_refused_form_comes_back_filled_in(bot: Bot) -> None:
    """A form with something to mend comes back with it said beside the field."""
    bot.door.replies = [Refuse("Choose one, please.", field="danger", form=FORMS["errors"])]
    _, body = await bot.post(activities.press(OWN))
    assert body["type"] == CARD_TYPE
    assert "Choose one, please." in said(body["value"])


async def test_a_case_card_is_answered_in_words(bot: Bot) -> None:
    """The card of a case is the worker's to change: a press on it is answered in words."""
    for reply in (Receipt(CARDS["text"]), Refuse("That case is closed.")):
        bot.door.replies = [reply]
        _, body = await bot.post(activities.press(CASE, base=activities.in_channel, replyToId="1700"))
        assert body["type"] == "application/vnd.microsoft.activity.message"
        assert isinstance(body["value"], str)
        assert body["value"]


async def test_a_leaders_form_has_a_way_back(bot: Bot) -> None:
    """A form that takes the place of a case's card leads back to the case."""
    bot.door.replies = [Show(FORMS["leader-form"])]
    _, body = await bot.post(activities.press(CASE, base=activities.in_channel, replyToId="1700"))
    titles = [part["title"] for part in reading.parts(body["value"]) if part["type"] == "Action.Execute"]
    assert titles == ["Record this", "Back to the case"]


async def test_a_leaders_form_does_not_stay(bot: Bot) -> None:
    """What a filled-in form leaves is a card that says it is done."""
    bot.door.replies = [Receipt(CARDS["text"])]
    _, body = await bot.post(activities.press(LEADERS, base=activities.in_channel, replyToId="1700"))
    assert body["type"] == CARD_TYPE
    assert "Two lines" in said(body["value"])


async def test_an_older_teams_presses_too(bot: Bot, connector: Connector) -> None:
    """A press that comes as a message changes the card it was made on."""
    await bot.post(activities.personal(text="They said it"))
    (card,) = connector.messages[CHAT]
    bot.door.replies = [Show(FORMS["choice"])]
    assert (await bot.post(activities.submit(OWN, replyToId=card)))[0] == 200
    (shown,) = standing(connector)
    assert "Is anybody in danger right now?" in shown


async def test_an_older_teams_in_a_channel_answers_in_private(bot: Bot, connector: Connector) -> None:
    """Where an answer would stand in a channel for all, it goes to the one who pressed."""
    await bot.post(activities.personal(text="hello"))
    bot.door.replies = [Show(FORMS["leader-form"])]
    await bot.post(activities.submit(CASE, base=activities.in_channel, replyToId="1700"))
    assert connector.texts(CHANNEL) == []
    assert "Decide on Legal" in standing(connector)[1]


async def test_going_back_hands_in_the_page_first(bot: Bot) -> None:
    """Back brings the answers of the page, then the going back; the second is what is shown."""
    data = data_of(fields.form(FORMS["report-page"], view=True), "Back")
    bot.door.replies = [Refuse("Choose one.", form=FORMS["errors"]), Show(FORMS["choice"])]
    _, body = await bot.post(activities.press({**data, "v.words": "They said"}))
    assert [type(one).__name__ for one in bot.door.came] == ["Filled", "Pressed"]
    assert "Is anybody in danger right now?" in said(body["value"])


# -- a dialog ----------------------------------------------------------------------------------------


async def test_report_this_posting_opens_a_dialog(bot: Bot) -> None:
    """The action on a message is answered by the first page in a dialog, with buttons a dialog knows."""
    status, body = await bot.post(activities.on_message(REPORT_THIS, "<p>They said it</p>"))
    assert (status, body["task"]["type"]) == (200, "continue")
    content = body["task"]["value"]["card"]["content"]
    assert "What did you see?" in said(content)
    assert "Action.Execute" not in json.dumps(content)
    assert isinstance(bot.door.came[0], Started)


async def test_a_dialog_ends_with_the_receipt(bot: Bot, receipt: Receipt) -> None:
    """The last page of a dialog shows the receipt itself: the chat may be far away."""
    bot.door.replies = [receipt]
    value = {"commandId": REPORT_THIS, "data": OWN}
    activity = activities.personal(type="invoke", name="composeExtension/submitAction", value=value)
    _, body = await bot.post(activity)
    assert "Your report is safe" in said(body["task"]["value"]["card"]["content"])


async def test_add_to_the_case_says_that_it_is_kept(bot: Bot) -> None:
    """The action on a message of a case's thread is answered in words, kept or refused."""
    bot.door.replies = [Receipt(CARDS["text"]), Refuse("That is no case's thread.")]
    activity = activities.on_message(ADD_TO_CASE, "<p>Rang the parent</p>", base=activities.in_channel)
    words = [(await bot.post(activity))[1]["task"] for _ in range(2)]
    assert [one["type"] for one in words] == ["message", "message"]
    assert words[1]["value"] == "That is no case's thread."
    assert isinstance(bot.door.came[0], Noted)


@pytest.mark.feature("teams-answers-at-once")
async def test_an_unknown_invoke_is_answered(bot: Bot) -> None:
    """An invoke we do not know is answered at once and hands nothing in."""
    assert await bot.post(activities.personal(type="invoke", name="x/y")) == (200, {})
    assert bot.door.came == []


# -- a channel ---------------------------------------------------------------------------------------


async def test_a_leaders_command_in_a_channel_is_answered_in_private(bot: Bot, connector: Connector) -> None:
    """What cases there are is told to the one who asked, never to the channel."""
    await bot.post(activities.personal(text="hello"))
    bot.door.replies = [Show(CARDS["case-card"])]
    await bot.post(activities.in_channel(**activities.mention("cases")))
    assert isinstance(bot.door.came[-1], Asked)
    assert "Urgent" not in json.dumps(connector.texts(CHANNEL))
    assert "I have sent that to you in our chat." in connector.texts(CHANNEL)[0]
    assert "Urgent" in standing(connector)[1]


async def test_a_leader_we_cannot_write_to_is_told(bot: Bot, connector: Connector) -> None:
    """Where the private chat is blocked, the channel says so and nothing else."""
    await bot.post(activities.personal(text="hello"))
    bot.door.replies = [Show(CARDS["case-card"])]
    connector.faults.append(Fault.BLOCKED)
    await bot.post(activities.in_channel(**activities.mention("cases")))
    (line,) = connector.texts(CHANNEL)
    assert "I cannot write to you." in line


async def test_a_report_does_not_begin_in_a_channel(bot: Bot, connector: Connector) -> None:
    """Words in a channel are not taken in; the answer says where to write and repeats nothing."""
    await bot.post(activities.in_channel(**activities.mention("Ash did it")))
    assert bot.door.came == []
    (line,) = connector.texts(CHANNEL)
    assert "Ash did it" not in line
    assert "our own chat" in line


# -- files -------------------------------------------------------------------------------------------


FILE = "application/vnd.microsoft.teams.file.download.info"


async def with_files(app: web.Application) -> TestServer:
    """Return a started server on this computer."""
    server = TestServer(app)
    await server.start_server()
    return server


def attachment(url: Any) -> dict[str, Any]:
    """Return a file of a personal chat."""
    return {"contentType": FILE, "name": "a.png", "content": {"downloadUrl": str(url)}}


async def test_a_file_is_fetched_and_handed_in(bot: Bot) -> None:
    """A file is fetched whole, with our token for Teams' own connector only, and the words beside it too."""
    asked: list[str] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"picture")

    app = web.Application()
    app.router.add_get("/a", give)
    server = await with_files(app)
    await bot.post(activities.personal(text="look", attachments=[attachment(server.make_url("/a"))]))
    typed, uploaded = bot.door.came
    assert isinstance(uploaded, Uploaded)
    assert [(file.name, file.content) for file in uploaded.files] == [("a.png", b"picture")]
    assert isinstance(typed, Typed)
    assert typed.text == "look"
    await server.close()


@pytest.mark.parametrize("path", ["/missing", "/big", "/away", "/loop", "/odd", "/nowhere"])
async def test_a_file_that_is_not_to_be_had_is_said(path: str, bot: Bot, connector: Connector) -> None:
    """A file that is gone, too big, or sent on to an unlisted address is not taken in, and that is said."""

    async def big(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 25_000_001)

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "https://evil.example/a"})

    async def loop(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/loop"})

    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://[bad"})

    async def nowhere(_: web.Request) -> web.Response:
        return web.Response(status=302)

    app = web.Application()
    app.router.add_get("/odd", odd)
    app.router.add_get("/nowhere", nowhere)
    app.router.add_get("/big", big)
    app.router.add_get("/away", away)
    app.router.add_get("/loop", loop)
    server = await with_files(app)
    await bot.post(activities.personal(attachments=[attachment(server.make_url(path))]))
    assert bot.door.came == []
    (line,) = standing(connector)
    assert "kept" in line or "send it again" in line
    await server.close()


async def test_a_file_from_an_unlisted_address_is_not_asked_for() -> None:
    """Nobody makes us fetch from an address of their own, not even by a redirect from a listed one."""
    asked: list[str] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=302, headers={"Location": f"http://localhost:{request.url.port}/inside"})

    app = web.Application()
    app.router.add_get("/{rest:.*}", take)
    server = await with_files(app)

    class OneAddress(Trust, frozen=True, kw_only=True):
        def fetches(self, url: str) -> bool:
            """Return whether it is the one address that is listed."""
            return url.endswith("/listed")

    async with aiohttp.ClientSession() as session:
        for path in ("/unlisted", "/listed"):
            with pytest.raises(InvalidAnswer):
                await files.fetch(
                    (Attached("a.png", str(server.make_url(path))),),
                    session=session,
                    trust=OneAddress(app_id="a", tenant=TENANT),
                    tokens=None,
                )
    assert asked == ["/listed"]
    await server.close()


async def test_our_token_goes_to_teams_alone(bot: Bot) -> None:
    """A picture from Teams' connector is asked for with our token, a file from anywhere else without it."""
    tokens = bot.app._wire.tokens  # noqa: SLF001 - the one there is
    strict = Trust(app_id="a", tenant=TENANT)
    assert await files.headers_for("https://school.sharepoint.com/a", strict, tokens) == {}
    told = await files.headers_for("https://smba.trafficmanager.net/emea/v3/attachments/1", strict, tokens)
    assert told == {"Authorization": "Bearer t1"}


# -- what goes wrong ---------------------------------------------------------------------------------

NOT_KEPT = StoreError("disk-full", "The disk is full.")


async def test_words_that_were_not_kept_are_not_acknowledged(bot: Bot, connector: Connector) -> None:
    """Where nothing could be kept, Teams is not told that it was, and the person is told that it was not."""
    bot.door.replies = [NOT_KEPT]
    assert (await bot.post(activities.personal(text="They said it")))[0] == 500
    assert "Nothing was kept this time." in standing(connector)[0]


async def test_a_press_that_was_not_kept_says_so(bot: Bot) -> None:
    """A press that could not be kept is answered as failed: what stands in the inputs stays there."""
    bot.door.replies = [NOT_KEPT]
    status, body = await bot.post(activities.press(OWN))
    assert (status, body["statusCode"], body["type"]) == (200, 500, "application/vnd.microsoft.error")
    assert "Nothing was kept this time." in body["value"]["message"]


@pytest.mark.parametrize("made", [activities.press, activities.submit, activities.personal])
async def test_no_exceptions_words_reach_a_chat(
    made: Any, bot: Bot, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours is answered 500 with nothing in it, and nothing of it is said anywhere."""
    caplog.set_level(logging.CRITICAL)
    bot.door.replies = [ValueError("Ash did it")]
    activity = made(OWN) if made is not activities.personal else made(text="hello")
    assert await bot.post(activity) == (500, "")
    assert "Ash did it" not in json.dumps(connector.texts(CHAT))


@pytest.mark.parametrize("made", [activities.press, activities.submit])
async def test_a_strange_button_is_refused_in_words(made: Any, bot: Bot, connector: Connector) -> None:
    """A button that is not one of ours is answered in words."""
    status, body = await bot.post(made({"i": "nonsense"}))
    words = body["value"] if made is activities.press else standing(connector)[0]
    assert status == 200
    assert "not one of ours" in words


@pytest.mark.parametrize("fault", Fault)
async def test_losing_a_view_loses_nothing(fault: Fault, bot: Bot) -> None:
    """What was kept stays acknowledged even where the answer cannot be shown."""
    bot.connector.faults.append(fault)
    assert (await bot.post(activities.personal(text="They said it")))[0] == 200
    assert len(bot.door.came) == 1


# -- order, and the same thing twice -----------------------------------------------------------------


async def test_one_conversation_is_in_order_and_others_do_not_wait(bot: Bot) -> None:
    """In one conversation the second waits for the first; another conversation does not."""
    gate, began = asyncio.Event(), asyncio.Event()
    seen: list[str] = []

    class Slow:
        async def handle(self, inbound: Inbound) -> Reply:
            assert isinstance(inbound, Typed)
            seen.append(inbound.text)
            if inbound.text == "one":
                began.set()
                await gate.wait()
            return PAGE

    bot.app.desk._door = Slow()  # type: ignore[assignment] # noqa: SLF001 - what a restart or an installation leaves
    first = asyncio.create_task(bot.post(activities.personal(text="one")))
    await began.wait()
    second = asyncio.create_task(bot.post(activities.personal(text="two")))
    await bot.post(activities.personal("brook", text="other"))
    assert seen == ["one", "other"]
    gate.set()
    await asyncio.gather(first, second)
    assert seen == ["one", "other", "two"]
    assert len(bot.app.desk._in) == 0  # noqa: SLF001 - what a restart or an installation leaves


async def test_the_acknowledgement_does_not_wait_for_the_connector(bot: Bot, connector: Connector) -> None:
    """A message is acknowledged as soon as it is kept, however slow Teams takes the answer."""
    connector.held = asyncio.Event()
    headers = {"Authorization": f"Bearer {connector.token()}"}
    activity = {**activities.personal(text="They said it"), "serviceUrl": connector.url}
    async with bot.session.post(f"{bot.url}api/messages", json=activity, headers=headers) as response:
        assert response.status == 200
    assert standing(connector) == []
    connector.held.set()
    await bot.app.desk.finish()
    assert len(standing(connector)) == 1


async def test_a_stop_finishes_what_was_acknowledged(bot: Bot, connector: Connector) -> None:
    """Stopping shows what is still to be shown before it lets go."""
    connector.held = asyncio.Event()
    headers = {"Authorization": f"Bearer {connector.token()}"}
    activity = {**activities.personal(text="They said it"), "serviceUrl": connector.url}
    async with bot.session.post(f"{bot.url}api/messages", json=activity, headers=headers) as response:
        assert response.status == 200
    stopping = asyncio.create_task(bot.app.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    connector.held.set()
    await stopping
    assert len(standing(connector)) == 1


# -- coming and going --------------------------------------------------------------------------------


async def test_an_installation_is_kept_and_greeted_once(bot: Bot, connector: Connector) -> None:
    """The first time the app is added somebody is greeted; the same news again says nothing."""
    bot.door.usual = Show(CARDS["text"])
    for _ in range(3):
        await bot.post(activities.personal(type="installationUpdate", action="add"))
    assert len(standing(connector)) == 1
    assert f"person/{TENANT}/{account('ash')}" in await bot.store.records(Platform.TEAMS, "person/")


async def test_every_installation_is_told_of(bot: Bot) -> None:
    """Also one that brings nothing new: whoever had blocked us lets us in again this way."""
    added: list[str] = []
    bot.app.chat.added = added.append
    for _ in range(2):
        await bot.post(activities.personal(type="installationUpdate", action="add"))
    await bot.post(activities.personal(type="installationUpdate", action="remove"))
    assert added == [account("ash")] * 2


async def test_what_is_kept_is_our_own_record(bot: Bot, connector: Connector) -> None:
    """Of a conversation we keep five words of our own, sealed in the store; nothing of the kit's."""
    await bot.post(activities.personal(text="hello"))
    raw = await bot.store.record(Platform.TEAMS, f"person/{TENANT}/{account('ash')}")
    assert raw is not None
    assert json.loads(raw) == {
        "tenant": TENANT,
        "service_url": connector.url,
        "conversation": CHAT,
        "bot": activities.BOT,
        "account": account("ash"),
    }


async def test_taking_the_app_away_forgets_the_chat(bot: Bot) -> None:
    """After the app was taken away nothing is kept of that chat."""
    await bot.post(activities.personal(text="hello"))
    await bot.post(activities.personal(type="installationUpdate", action="remove"))
    assert await bot.store.records(Platform.TEAMS, "person/") == []


async def test_a_fresh_service_address_is_taken_over(bot: Bot) -> None:
    """The service address is the one of the newest verified activity, for every chat of the tenant."""
    from tests.teams.test_send import where  # noqa: PLC0415 - beside its only use

    references = bot.app.desk._references  # noqa: SLF001 - what a restart or an installation leaves
    await references.remember(where(bot.connector, service_url="http://127.0.0.1:1/"))
    await bot.post(activities.personal("brook", text="hello"))
    found = await references.person(TENANT, account("ash"))
    assert found is not None
    assert found.service_url == bot.connector.url


async def test_a_guest_is_marked_as_one(bot: Bot) -> None:
    """Somebody a list of members showed to be a guest comes in as a guest."""
    bot.app.chat.guests.add(account("ash"))
    await bot.post(activities.personal(text="hello"))
    assert bot.door.came[0].actor.guest


def test_the_message_action_names_are_the_manifests() -> None:
    """The two actions on a message are called what the manifest calls them."""
    assert (parse.REPORT_THIS, parse.ADD_TO_CASE) == ("reportThisPosting", "addToTheCase")


# -- one message, several deliveries; addresses --------------------------------------------------------


async def test_a_message_brought_again_with_another_moment_is_the_same(bot: Bot) -> None:
    """The same id says another moment the second time: it is still one message."""
    for moment in ("2026-11-28T10:00:00.1Z", "2026-11-28T10:00:09.9Z"):
        await bot.post(activities.personal(id="a1", text="no", timestamp=moment))
    first, again = bot.door.came
    assert first.key == again.key


def two_people(who: str = "ash", *, kind: str = "", **rest: Any) -> dict[str, Any]:
    """Return an activity from the chat of two people, where the bot has never been."""
    conversation = {"id": "19:ash_brook@unq.gbl.spaces", "tenantId": TENANT, "conversationType": kind}
    return activities.personal(who, conversation=conversation, **rest)


INVOKES = ("composeExtension/fetchTask", "composeExtension/submitAction", "task/submit", "task/fetch")


@pytest.mark.parametrize("kind", ["", "personal", "groupChat"])
@pytest.mark.parametrize("name", [*INVOKES, "adaptiveCard/action"])
async def test_an_address_is_not_learnt_from_where_the_bot_is_not(
    bot: Bot, connector: Connector, name: str, kind: str
) -> None:
    """An action on a message runs anywhere; what is sent to the person still goes to their own chat."""
    await bot.post(activities.personal(text="hello"))
    value = {"commandId": REPORT_THIS, "data": OWN, "action": {"data": OWN}}
    await bot.post(two_people(type="invoke", name=name, value=value, kind=kind))
    assert (await bot.app.chat.chat_with(TENANT, account("ash"))).conversation == CHAT
    assert "19:ash_brook@unq.gbl.spaces" not in connector.messages


@pytest.mark.parametrize("type_", ["message", "installationUpdate", "conversationUpdate"])
async def test_a_shared_place_never_becomes_somebodys_chat(bot: Bot, type_: str) -> None:
    """Even where the bot is told to be there, an address of several people is not the person's own chat."""
    members = [{"id": activities.BOT}]
    await bot.post(two_people(type=type_, action="add", text="hello", membersAdded=members, kind="personal"))
    assert "19:" not in (await bot.app.chat.chat_with(TENANT, account("ash"))).conversation


async def test_a_shared_address_kept_before_is_not_used(bot: Bot) -> None:
    """What an older version learnt wrongly is not written to: the person's own chat is begun."""
    key = f"person/{TENANT}/{account('ash')}"
    kept = {
        "tenant": TENANT,
        "service_url": bot.connector.url,
        "conversation": "19:ash_brook@unq.gbl.spaces",
        "bot": activities.BOT,
        "account": account("ash"),
    }
    await bot.store.put_record(Platform.TEAMS, key, json.dumps(kept).encode())
    await bot.post(activities.in_channel(text="hello"))
    assert "19:" not in (await bot.app.chat.chat_with(TENANT, account("ash"))).conversation


# -- every message is answered -----------------------------------------------------------------------


async def test_what_cannot_be_read_is_said(bot: Bot, connector: Connector) -> None:
    """Silence would look as if it were kept: it is said that it was not, and what to do."""
    await bot.post(activities.personal(attachments=[{"contentType": "audio/ogg", "content": {}}]))
    assert bot.door.came == []
    assert "can't read that kind of message" in standing(connector)[0]


@pytest.mark.parametrize(("kind", "after"), [("messageUpdate", "Mr Jones"), ("messageDelete", "")])
async def test_a_change_of_ones_own_words_is_answered(
    bot: Bot, connector: Connector, kind: str, after: str
) -> None:
    """What a message said before is known while we run, so the core hears both; the person is answered."""
    await bot.post(activities.personal(id="a1", text="Mr Smith"))
    connector.messages[CHAT].clear()
    await bot.post(activities.personal(type=kind, id="a1", text=after or None))
    changed = bot.door.came[-1]
    assert isinstance(changed, Reworded)
    assert (changed.before, changed.after) == ("Mr Smith", after)
    assert len(standing(connector)) == 1


async def test_one_bad_file_takes_no_good_one_along(bot: Bot) -> None:
    """One picture of ten is gone: nine are handed in, and the one is named with the reason."""

    async def give(request: web.Request) -> web.Response:
        return web.Response(status=404 if request.match_info["name"] == "4" else 200, body=b"picture")

    app = web.Application()
    app.router.add_get("/{name}", give)
    server = await with_files(app)
    sent = [{**attachment(server.make_url(f"/{n}")), "name": f"{n}.png"} for n in range(10)]
    await bot.post(activities.personal(attachments=sent))
    (uploaded,) = bot.door.came
    assert isinstance(uploaded, Uploaded)
    assert len(uploaded.files) == 9
    assert [one.name for one in uploaded.lost] == ["4.png"]
    await server.close()


async def test_a_file_that_takes_long_is_acknowledged_first(bot: Bot) -> None:
    """Teams repeats what is not answered in time: a file is written down, acknowledged, fetched after."""
    go = asyncio.Event()

    async def slowly(_: web.Request) -> web.Response:
        await go.wait()
        return web.Response(body=b"picture")

    app = web.Application()
    app.router.add_get("/a", slowly)
    server = await with_files(app)
    sent = activities.personal(attachments=[attachment(server.make_url("/a"))])
    answer = await bot.app.desk.take(sent)
    assert answer.status == 200
    assert bot.door.came == []
    await bot.app.desk.take(activities.personal(text="a word meanwhile"))
    assert [type(one) for one in bot.door.came] == [Typed], "nobody waits for somebody's file"
    go.set()
    await bot.app.desk.finish()
    uploaded = bot.door.came[-1]
    assert isinstance(uploaded, Uploaded)
    assert uploaded.handed_in is not None
    await server.close()


async def test_a_file_under_way_when_we_stop_is_fetched_at_the_next_start(bot: Bot) -> None:
    """Stopped in the middle: it is written down, so it is fetched once we are back, and once only."""
    open_now = False

    async def at_last(_: web.Request) -> web.Response:
        if not open_now:
            await asyncio.Event().wait()
        return web.Response(body=b"picture")

    app = web.Application()
    app.router.add_get("/a", at_last)
    server = await with_files(app)
    await bot.app.desk.take(activities.personal(attachments=[attachment(server.make_url("/a"))]))
    await bot.app.desk.stop()
    assert bot.door.came == []
    open_now = True
    for _ in range(2):
        await bot.app.desk.resume()
        await bot.app.desk.finish()
    assert [type(one) for one in bot.door.came] == [Uploaded]
    await server.close()


@pytest.mark.parametrize("status", [429, 503])
async def test_a_file_that_is_not_to_be_had_just_now_is_asked_for_again(status: int) -> None:
    """Busy, or broken for a moment: it is tried again; only the last try says that it is not to be had."""
    server = await with_files(answering(status))

    class Anywhere(Trust, frozen=True, kw_only=True):
        def fetches(self, url: str) -> bool:
            """Return True."""
            return bool(url)

    wanted = (Attached("a.png", str(server.make_url("/a"))),)
    trust = Anywhere(app_id="a", tenant=TENANT)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Retryable):
            await files.fetch(wanted, session=session, trust=trust, tokens=None, last=False)
        with pytest.raises(InvalidAnswer):
            await files.fetch(wanted, session=session, trust=trust, tokens=None)
    await server.close()


def answering(status: int) -> web.Application:
    """Return a server that answers everything with a status."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/{anything}", answer)
    return app


async def test_words_said_before_the_answer_was_shown_are_marked(bot: Bot, connector: Connector) -> None:
    """Three messages in a row, before anything could be shown: only the first answers what was asked."""
    connector.held = asyncio.Event()
    sent = [asyncio.create_task(bot.app.desk.take(at(bot, n))) for n in range(3)]
    await asyncio.gather(*sent)
    connector.held.set()
    await bot.app.desk.finish()
    await bot.app.desk.take(at(bot, 9))
    await bot.app.desk.take(at(bot, 5))
    await bot.app.desk.finish()
    marks = [one.early for one in bot.door.came if isinstance(one, Typed)]
    assert marks == [False, True, True, False, True], "the last one is older than what was read already"


def at(bot: Bot, second: int) -> dict[str, Any]:
    """Return a message of a second."""
    moment = f"2026-11-28T10:00:0{second}.000Z"
    return activities.personal(text="no", timestamp=moment, serviceUrl=bot.connector.url)
