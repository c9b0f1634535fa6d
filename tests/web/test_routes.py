"""What the workspace does with what people do, without script and without a browser."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from flows.errors import StoreError
from flows.model import Action
from flows.ports import Address
from flows.school import Platform
from flows.ui.cards import Button, Buttons, Card, Text
from flows.ui.inbound import (
    Asked,
    Filled,
    Noted,
    Pressed,
    Receipt,
    Refuse,
    Show,
    Started,
    Surface,
    Typed,
    Uploaded,
)
from flows.ui.intents import Ask, ChatCommand, Fill, encode
from tests.adapters.samples import (
    CARDS,
    CASE_CARD,
    FORMS,
    HOSTILE,
    INTENTS,
    LEADER_FORM,
    RECEIPT,
    REPORT_PAGE,
)
from tests.web.conftest import Visitor
from tests.web.places import LEADERSHIP
from tests.web.reading import Reading

LEADERS = "hps.leadership"
CHANNEL = Address(platform=Platform.WEB, channel=LEADERSHIP)
KIT = Address(platform=Platform.WEB, account="kit")


async def show(visit: Visitor, *replies: Show | Refuse | Receipt | StoreError, press: str = "begin") -> None:
    """Have the door answer so to a press of a button, one after the other."""
    for reply in replies:
        visit.door.replies.append(reply)
        await visit.post("press", intent=encode(INTENTS[press]))


async def test_everybody_can_be_chosen(visit: Visitor) -> None:
    """The first page names every person of the school with what they do there."""
    page = await visit.page("/")
    for words in ("Ash Example", "Headteacher", "Cam Placeholder", "Safeguarding lead (DSL)", "Kit Pretend"):
        assert words in page.text
    assert "Stands in for the safeguarding lead (DSL)" in page.text
    assert page.live == []


@pytest.mark.parametrize(
    ("account", "seen", "unseen"),
    [
        ("ash", ["leadership"], ["restricted"]),
        ("ellis", ["restricted: chair of governors"], ["# leadership"]),
        ("kit", [], ["leadership", "restricted"]),
    ],
)
async def test_channels_are_for_their_members(
    visit: Visitor, account: str, seen: list[str], unseen: list[str]
) -> None:
    """The list of conversations holds the channels this person is a member of, and no other."""
    text = (await visit.page(f"/w/{account}/dm")).text
    assert all(words in text for words in seen)
    assert not any(words in text for words in unseen)


@pytest.mark.parametrize(
    "path",
    [
        "/w/kit/hps.leadership",
        "/w/ellis/hps.leadership",
        "/w/ash/hps.chair_of_governors",
        "/w/nobody/dm",
        "/w/kit/x",
    ],
)
async def test_what_one_may_not_see_is_not_there(visit: Visitor, path: str) -> None:
    """A channel one is no member of, a stranger and a channel that does not exist answer alike."""
    await visit.chat.send(CHANNEL, CASE_CARD, key="k")
    answer = await visit.get(path)
    assert answer.status == 404
    assert "There is no such page, or you may not see it." in (await answer.text())
    assert "HPS-2026-014" not in (await answer.text())


async def test_a_card_with_its_thread_is_shown(visit: Visitor) -> None:
    """A member sees the root card, how many replies it has, and the replies."""
    root = await visit.chat.send(CHANNEL, CASE_CARD, key="1")
    await visit.chat.reply(root, RECEIPT, key="2")
    page = await visit.page(f"/w/ash/{LEADERS}")
    assert "HPS-2026-014" in page.text
    assert "1 reply" in page.text
    assert "Thank you. Your report is safe." in page.text
    await visit.chat.reply(root, CARDS["text"], key="3")
    assert "2 replies" in (await visit.page(f"/w/ash/{LEADERS}")).text


@pytest.mark.parametrize("name", CARDS)
async def test_every_card_can_stand_in_a_conversation(visit: Visitor, name: str) -> None:
    """No card breaks the page it stands on."""
    await visit.chat.send(KIT, CARDS[name], key="1")
    page = await visit.page("/w/kit/dm")
    assert page.live == []
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("name", FORMS)
async def test_every_form_can_be_asked(visit: Visitor, name: str) -> None:
    """No form breaks the page it stands on, in the direct message or as a dialog."""
    visit.door.replies.extend([Show(FORMS[name]), Show(FORMS[name])])
    await visit.post("press", intent=encode(INTENTS["begin"]))
    await visit.post("press", account="ash", place=LEADERS, intent=encode(INTENTS["act"]))
    for path in ("/w/kit/dm", f"/w/ash/{LEADERS}"):
        page = await visit.page(path)
        assert page.live == []
        assert len(page.ids) == len(set(page.ids))


async def test_a_button_comes_in_as_its_intent(visit: Visitor) -> None:
    """A press carries who, what, and a key; the answer goes back to the same page."""
    answer = await visit.post("press", account="ash", place=LEADERS, intent=encode(INTENTS["act"]))
    assert (303, f"/w/ash/{LEADERS}#now") == (answer.status, answer.headers["Location"])
    (came,) = visit.door.came
    assert isinstance(came, Pressed)
    assert (came.actor.account, came.actor.platform, came.actor.workspace) == ("ash", Platform.WEB, "")
    assert Surface.MODAL is came.surface
    assert INTENTS["act"] == came.intent


async def test_pressing_twice_is_pressing_once(visit: Visitor) -> None:
    """A double click is one delivery; another button of the same page is another."""
    key = visit.keys.mint("kit")
    await visit.post("press", key=key, intent=encode(INTENTS["begin"]))
    await visit.post("press", key=key, intent=encode(INTENTS["begin"]))
    await visit.post("press", key=key, intent=encode(INTENTS["discard"]))
    assert [INTENTS["begin"], INTENTS["discard"]] == [
        i.intent for i in visit.door.came if isinstance(i, Pressed)
    ]


async def test_a_button_that_is_not_ours_does_nothing(visit: Visitor) -> None:
    """A made-up intent is refused in plain words and reaches nobody."""
    await visit.post("press", intent='{"type":"c","case":1}')
    assert visit.door.times == []
    assert "That button is not one of ours." in (await visit.page("/w/kit/dm")).text


async def test_a_form_comes_in_as_values(visit: Visitor) -> None:
    """Each kind of field comes in as its kind; line ends are as they were typed."""
    await visit.post(
        "fill",
        intent=encode(INTENTS["answer"]),
        one__danger="not_sure",
        many__targets=["", "staff", "pupil"],
        text__words="two\r\nlines",
        date__first_seen="2026-11-24",
        many__none=[""],
    )
    (came,) = visit.door.came
    assert isinstance(came, Filled)
    assert came.values == {
        "danger": "not_sure",
        "targets": ("staff", "pupil"),
        "words": "two\nlines",
        "first_seen": "2026-11-24",
        "none": (),
    }


@pytest.mark.parametrize("name", HOSTILE)
async def test_words_come_in_as_typed(visit: Visitor, name: str) -> None:
    """Nothing is taken away from what somebody typed, whatever it is."""
    words = HOSTILE[name].strip()
    await visit.post("type", text=words)
    await visit.post("fill", intent=encode(INTENTS["answer"]), text__words=words)
    typed, filled = visit.door.came
    assert isinstance(typed, Typed)
    assert isinstance(filled, Filled)
    assert words.replace("\r\n", "\n") == typed.text == filled.values["words"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", Typed),
        ("help", Typed),
        ("/report-posting", Started),
        ("/report-posting They wrote something about us", Started),
        ("/report-posting status", Asked),
        ("/report-posting case HPS-2026-014", Asked),
        ("/report-postings", Typed),
    ],
)
async def test_the_box_knows_the_command(visit: Visitor, text: str, expected: type) -> None:
    """The command people know from the chat platforms works here; all else is an answer."""
    await visit.post("type", text=text)
    (came,) = visit.door.came
    assert isinstance(came, expected)
    if isinstance(came, Started):
        assert text.removeprefix("/report-posting").strip() == came.words
    if isinstance(came, Asked) and came.command is ChatCommand.CASE:
        assert came.argument == "HPS-2026-014"


async def test_a_command_button_asks(visit: Visitor) -> None:
    """A command's button is that command; a word that is none is refused."""
    await visit.post("command", command="status")
    assert [i.command for i in visit.door.came if isinstance(i, Asked)] == [ChatCommand.STATUS]
    await visit.post("command", command="everything")
    assert "That is not something you can ask for." in (await visit.page("/w/kit/dm")).text


async def test_a_note_names_its_thread(visit: Visitor) -> None:
    """Words in a thread come in with the channel and the root they stand under."""
    root = await visit.chat.send(CHANNEL, CASE_CARD, key="1")
    answer = await visit.post("note", account="ash", place=LEADERS, thread=root.message, text="Rang them.")
    assert answer.headers["Location"].endswith(f"#t-{root.message}")
    (came,) = visit.door.came
    assert isinstance(came, Noted)
    assert (LEADERSHIP, root.message, "Rang them.") == (came.channel, came.thread, came.text)


async def test_files_go_ahead_of_their_form(visit: Visitor) -> None:
    """A form with files is two deliveries: the files, then the answers."""
    await visit.post(
        "fill", intent=encode(INTENTS["answer"]), files={"file.files": ("a.png", b"\x89PNG")}, text__words="w"
    )
    files, form = visit.door.came
    assert isinstance(files, Uploaded)
    assert isinstance(form, Filled)
    assert [(f.name, f.content) for f in files.files] == [("a.png", b"\x89PNG")]
    assert (files.case, form.values) == ("", {"words": "w"})


async def test_refused_files_hold_the_form_back(visit: Visitor) -> None:
    """If the files are refused the answers are not sent, and are still in the form."""
    await show(visit, Show(REPORT_PAGE))
    visit.door.replies.append(Refuse("That file cannot be kept.", field="files"))
    await visit.post(
        "fill", intent=encode(INTENTS["answer"]), files={"file.files": ("a", b"x")}, text__words="my words"
    )
    assert not any(isinstance(i, Filled) for i in visit.door.times)
    text = (await visit.page("/w/kit/dm")).text
    assert "That file cannot be kept." in text
    assert "my words" in text


async def test_adding_files_keeps_what_was_typed(visit: Visitor) -> None:
    """Files can be added before the page is sent; the words beside them stay."""
    adding = Fill("01CASE", Action.ADD, 1)
    form = msgspec.structs.replace(REPORT_PAGE, submit=adding)
    await show(visit, Show(form))
    visit.door.replies.append(Show(form, note="1 file kept."))
    await visit.post(
        "upload",
        intent=encode(adding),
        files={"file.files": ("a.png", b"x")},
        text__words="my words",
    )
    (came,) = (i for i in visit.door.times if isinstance(i, Uploaded))
    assert came.case == "01CASE"
    text = (await visit.page("/w/kit/dm")).text
    assert "my words" in text
    assert "1 file kept." in text


async def test_a_file_that_is_too_large_is_refused(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file past the limit is not taken in; the words beside it are kept."""
    monkeypatch.setattr("adapters.web.limits.FILE_BYTES", 1000)
    await show(visit, Show(REPORT_PAGE))
    await visit.post(
        "fill",
        intent=encode(INTENTS["answer"]),
        files={"file.files": ("a.png", b"x" * 1001)},
        text__words="my words",
    )
    assert not any(isinstance(i, Uploaded | Filled) for i in visit.door.times)
    text = (await visit.page("/w/kit/dm")).text
    assert "a.png was not kept: It is too large" in text
    assert "my words" in text


async def test_only_a_files_own_name_is_taken(visit: Visitor) -> None:
    """The folders a file came from are nobody's business; a box that was left empty is no file."""
    await visit.post(
        "upload",
        intent=encode(INTENTS["answer"]),
        files={
            "file.a": (r"C:\Users\kit\a.png", b"x"),
            "file.b": ("../../etc/b.png", b"y"),
            "file.c": ("", b""),
        },
    )
    came = [file.name for one in visit.door.came if isinstance(one, Uploaded) for file in one.files]
    assert came == ["a.png", "b.png"]


async def test_more_than_can_be_held_is_not_read(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is far too large is refused before it is read."""
    monkeypatch.setattr("adapters.web.limits.REQUEST_BYTES", 1000)
    answer = await visit.post("type", text="x" * 1000)
    assert answer.status == 413
    assert "That was too large to take in." in Reading(await answer.text()).text
    assert visit.door.times == []


async def test_a_refused_form_comes_back_filled_in(visit: Visitor) -> None:
    """The reason stands beside its field, and what was typed is still there."""
    await show(visit, Show(REPORT_PAGE))
    visit.door.replies.append(Refuse("Choose one.", "Any will do.", field="danger"))
    await visit.post(
        "fill", intent=encode(INTENTS["answer"]), text__words="my words", many__targets=["", "school"]
    )
    answer = await (await visit.get("/w/kit/dm")).text()
    assert 'id="f-what-danger-error"' in answer
    assert "my words</textarea>" in answer
    assert 'value="school" checked' in answer
    assert 'value="pupil" checked' not in answer


@pytest.mark.feature("nothing-typed-is-lost")
async def test_nothing_is_lost_when_the_store_fails(visit: Visitor) -> None:
    """A clear page with the words still in it; the next try is the same delivery."""
    await show(visit, Show(REPORT_PAGE))
    key = visit.keys.mint("kit")
    visit.door.replies.append(StoreError("disk-full", "The disk is full."))
    answer = await visit.post("fill", key=key, intent=encode(INTENTS["answer"]), text__words="my words")
    html = await answer.text()
    assert answer.status == 503
    assert "Not saved" in Reading(html).text
    assert "my words</textarea>" in html
    assert f'name="key" value="{key}"' in html
    await visit.post("fill", key=key, intent=encode(INTENTS["answer"]), text__words="my words")
    assert [f"web/{key}"] == [i.key for i in visit.door.came if isinstance(i, Filled)]


async def test_typed_words_are_kept_when_the_store_fails(visit: Visitor) -> None:
    """The box at the foot still holds what was typed."""
    visit.door.replies.append(StoreError("disk-full", "The disk is full."))
    answer = await visit.post("type", text="a long answer")
    assert answer.status == 503
    assert "a long answer</textarea>" in (await answer.text())


async def test_what_was_typed_and_answered_is_shown(visit: Visitor) -> None:
    """One's own words and the bot's short word stand in the conversation, then the next question."""
    visit.door.replies.append(Show(REPORT_PAGE, note="I read that as Yes."))
    await visit.post("type", text="<b>yes</b>")
    page = await visit.page("/w/kit/dm")
    assert (
        page.text.index("<b>yes</b>")
        < page.text.index("I read that as Yes.")
        < page.text.rindex("What did you see")
    )
    assert page.live == []


async def test_a_leaders_form_opens_as_a_dialog(visit: Visitor) -> None:
    """In a channel a form stands in a dialog only the one who pressed sees, and can be closed."""
    visit.door.replies.append(Show(LEADER_FORM))
    await visit.post("press", account="ash", place=LEADERS, intent=encode(INTENTS["act"]))
    html = await (await visit.get(f"/w/ash/{LEADERS}")).text()
    assert "<dialog" in html
    assert "Decide on Legal" in html
    assert "Decide on Legal" not in (await visit.page(f"/w/brook/{LEADERS}")).text
    assert "Decide on Legal" not in (await visit.page("/w/ash/dm")).text
    await visit.post("dismiss", account="ash", place=LEADERS)
    assert "Decide on Legal" not in (await visit.page(f"/w/ash/{LEADERS}")).text


async def test_a_receipt_is_not_shown_twice(visit: Visitor) -> None:
    """The receipt shows at once, and gives way to the same card when that arrives as a message."""
    await show(visit, Receipt(RECEIPT))
    assert (await visit.page("/w/kit/dm")).text.count("Thank you. Your report is safe.") == 1
    await visit.chat.send(KIT, RECEIPT, key="receipt")
    assert (await visit.page("/w/kit/dm")).text.count("Thank you. Your report is safe.") == 1


async def test_new_messages_are_counted(visit: Visitor) -> None:
    """The list of conversations says how much is new, until it has been looked at."""
    await visit.chat.send(CHANNEL, CASE_CARD, key="1")
    await visit.chat.send(CHANNEL, RECEIPT, key="2")
    assert "2 new" in (await visit.page("/w/ash/dm")).text
    await visit.page(f"/w/ash/{LEADERS}")
    assert "new" not in (await visit.page("/w/ash/dm")).text.replace("new window", "")


async def test_a_change_is_told_to_those_who_may_see_it(visit: Visitor) -> None:
    """An open window hears of its own conversations, and not of others."""
    async with visit.client.get("/w/kit/events") as stream:
        assert stream.content_type == "text/event-stream"
        await visit.chat.send(CHANNEL, CASE_CARD, key="1")
        await visit.chat.send(Address(platform=Platform.WEB, account="ash"), CASE_CARD, key="2")
        await visit.chat.send(KIT, RECEIPT, key="3")
        heard = b""
        async with asyncio.timeout(5):
            while b"changed" not in heard:
                heard += await stream.content.readany()
    assert b"data: dm" in heard
    assert b"leadership" not in heard


async def test_an_open_window_does_not_keep_the_program_running(visit: Visitor) -> None:
    """Stopping ends every stream at once, however long its window would have waited."""
    async with visit.client.get("/w/kit/events") as stream, asyncio.timeout(5):
        await stream.content.readuntil(b"ready")
        await visit.client.server.close()
        await stream.content.read()


async def test_evidence_is_for_those_the_door_lets(visit: Visitor) -> None:
    """A picture is shown in a page that may run nothing; any other file is only ever saved."""
    visit.door.files["ash", "c1", "aa"] = ("image/png", b"png")
    visit.door.files["ash", "c1", "bb"] = ("text/html", b"<script>alert(1)</script>")
    picture = await visit.get("/w/ash/evidence/c1/aa")
    assert (picture.status, picture.content_type, await picture.read()) == (200, "image/png", b"png")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    page = await visit.get("/w/ash/evidence/c1/bb")
    assert (page.content_type, page.headers["Content-Disposition"]) == (
        "application/octet-stream",
        "attachment",
    )
    assert (await visit.get("/w/kit/evidence/c1/aa")).status == 404


async def test_figures_are_saved_as_files_by_those_the_door_lets(visit: Visitor) -> None:
    """A button for a file is a link to it; it is only ever saved, and others find nothing."""
    buttons = tuple(
        Button(label=what, intent=Ask(ChatCommand.FIGURES, f"HPS-2026-09-03 {what}"))
        for what in ("csv", "report")
    )
    await show(visit, Show(Card(kind="figures", summary="Figures", blocks=(Buttons(buttons),))))
    page = await (await visit.get("/w/kit/dm")).text()
    assert 'href="/w/kit/figures/HPS-2026-09-03/csv"' in page
    assert "HPS-2026-09-03/report" not in page
    assert "HPS-2026-09-03 report" in page
    visit.door.files["kit", "HPS-2026-09-03 csv", ""] = ("text/csv; charset=utf-8", b"school,term")
    found = await visit.get("/w/kit/figures/HPS-2026-09-03/csv")
    assert (found.status, await found.read()) == (200, b"school,term")
    assert found.headers["Content-Disposition"] == 'attachment; filename="figures.csv"'
    for other in ("kit/figures/HPS-2026-09-03/pdf", "ash/figures/HPS-2026-09-03/csv", "nobody/figures/x/csv"):
        assert (await visit.get(f"/w/{other}")).status == 404


async def test_a_long_conversation_stays_quick(visit: Visitor) -> None:
    """Only the newest messages are put on the page."""
    for number in range(230):
        await visit.chat.send(
            KIT, Card(kind="n", summary="s", blocks=(Text(f"Number {number}."),)), key=str(number)
        )
    text = (await visit.page("/w/kit/dm")).text
    assert "Number 229." in text
    assert "Number 30." in text
    assert "Number 29." not in text
