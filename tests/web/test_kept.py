"""What somebody wrote, and what went wrong: kept, named, and of the last press alone. Without script."""

from __future__ import annotations

import msgspec
import pytest

from adapters.web.render import missing, phone
from flows.ui.cards import Callout, Facts, Tone
from flows.ui.forms import Choice, Form, Many, OnlyIf, Option, TextField
from flows.ui.inbound import Pressed, Receipt, Refuse, Show, Uploaded
from flows.ui.intents import AnswerPage, Discard, GoTo, SendReport, encode
from tests.adapters.samples import INTENTS, RECEIPT
from tests.web.conftest import Visitor
from tests.web.reading import Reading

YES_NO = (Option("yes", "Yes"), Option("no", "No"))


def page_of(name: str, *fields: object, draft: str = "D1") -> Form:
    """Return a page of a report."""
    return Form(
        id=f"report.{name}",
        title=name.capitalize(),
        submit=AnswerPage(draft, 1, name),
        submit_label="Next",
        fields=fields,  # type: ignore[arg-type]
    )


SAFETY = Many(name="safety", label="Is it one of these?", options=(Option("hate", "Hateful"),))
SURE = Choice(name="hate", label="Are you sure?", options=YES_NO, shown=OnlyIf("safety", ("hate",)))
LINK = TextField(name="link", label="A link")


async def shown(visit: Visitor, *replies: Show | Refuse | Receipt, intent: str = "") -> None:
    """Have the door answer so, press after press."""
    for reply in replies:
        visit.door.replies.append(reply)
        await visit.post("press", intent=intent or encode(INTENTS["begin"]))


async def filled(
    visit: Visitor, form: Form, *replies: Show | Refuse | Receipt, **fields: str | list[str]
) -> str:
    """Send a form, the door answering so; return the page it leads to."""
    visit.door.replies.extend(replies)
    answer = await visit.post("fill", intent=encode(form.submit), form=form.id, **fields)
    page = await visit.get(answer.headers["Location"])
    return f"{answer.headers['Location']}\n{await page.text()}"


async def test_a_page_that_comes_back_says_what_is_missing(visit: Visitor) -> None:
    """The first time, by name, and the address leads to it."""
    form = page_of("safety", SAFETY, SURE)
    await shown(visit, Show(form))
    held = msgspec.structs.replace(SAFETY, value=("hate",))
    text = await filled(visit, form, Show(page_of("safety", held, SURE)), many__safety=["", "hate"])
    assert text.startswith("/w/kit/dm?page=report.safety#f-report.safety-hate\n")
    assert "Are you sure?: Please choose an answer." in Reading(text).text
    assert Reading(text).text.count("Please choose an answer.") == 2
    text = await filled(visit, form, Show(page_of("next", LINK)), one__hate="yes")
    assert "Please choose" not in text


@pytest.mark.parametrize(
    ("fields", "before", "lacks"),
    [
        ((SAFETY, SURE), None, {"safety": "Please tick at least one."}),
        (
            (msgspec.structs.replace(SAFETY, value=("hate",)), SURE),
            None,
            {"hate": "Please choose an answer."},
        ),
        ((msgspec.structs.replace(SAFETY, value=("hate",)), SURE), (SAFETY,), {"hate": "One more question"}),
        ((msgspec.structs.replace(SAFETY, required=False), SURE, LINK), None, {}),
    ],
)
def test_what_is_missing_is_what_is_asked(
    fields: tuple[object, ...], before: tuple[object, ...] | None, lacks: dict[str, str]
) -> None:
    """What is hidden, or may be left out, is not missing; a question that is new says so."""
    found = missing(page_of("x", *fields), page_of("x", *(before or fields)))
    assert set(found) == set(lacks)
    for name, words in lacks.items():
        assert found[name].startswith(words)


async def test_an_error_is_of_its_own_press(visit: Visitor) -> None:
    """A second refusal stands alone; nothing of the first is left."""
    form = page_of("where", SAFETY, LINK)
    await shown(visit, Show(form))
    await filled(visit, form, Refuse("First.", field="safety"))
    text = Reading(await filled(visit, form, Refuse("Second.", field="link"))).text
    assert "Second." in text
    assert "First." not in text
    text = Reading(await filled(visit, form, Refuse("Third, of nothing on this page."))).text
    assert "Third" in text
    assert "Second." not in text


async def test_a_bad_file_takes_no_good_one_along(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many files the good ones are kept, and each other one is named with its reason and the limit."""
    monkeypatch.setattr("adapters.web.limits.FILE_BYTES", 1000)
    monkeypatch.setattr("adapters.web.limits.FILES", 3)
    form = page_of("where", LINK)
    await shown(visit, Show(form))
    visit.door.replies.extend(
        [Show(form, note="Kept."), Refuse("b.txt was not kept: not that kind."), Show(form)]
    )
    files = {
        f"file.{n}": (n, b"x" * (1001 if n == "huge.png" else 9)) for n in ("a.png", "b.txt", "huge.png")
    }
    files |= {f"file.{n}": (n, b"y") for n in ("c.png", "d.png")}
    await visit.post("fill", intent=encode(form.submit), files=files, text__link="my link")
    names = [one.files[0].name for one in visit.door.times if isinstance(one, Uploaded)]
    assert names == ["a.png", "b.txt", "c.png"]
    html = await (await visit.get("/w/kit/dm")).text()
    for words in (
        "huge.png was not kept: It is too large",
        "b.txt was not kept",
        "d.png was not kept: Only 3",
    ):
        assert words in html
    assert "a.png" not in html
    assert "my link" in html


async def test_what_is_written_is_kept_until_it_is_sent(visit: Visitor) -> None:
    """Kept by report and field, on a page that is opened again too; gone once it was taken in."""
    form = page_of("where", LINK)
    await shown(visit, Show(form))
    kept = await visit.post("keep", intent=encode(form.submit), form=form.id, text__link="half a li")
    assert kept.status == 204
    assert 'value="half a li"' in await (await visit.get("/w/kit/dm")).text()
    await shown(visit, Show(page_of("other", SAFETY)), Show(form))
    html = await (await visit.get("/w/kit/dm")).text()
    assert 'value="half a li"' in html
    assert '<span class="kept">' in html
    text = await filled(visit, form, Show(form), text__link="half a link")
    assert "half a li" not in text
    assert '<span class="kept" hidden>' in text
    other = page_of("where", LINK, draft="D2")
    await visit.post("keep", intent=encode(form.submit), form=form.id, text__link="of the first")
    await shown(visit, Show(other))
    assert "of the first" not in await (await visit.get("/w/kit/dm")).text()


async def test_what_stands_in_the_box_is_kept(visit: Visitor) -> None:
    """The box at the foot holds what was typed, until it was sent or cleared."""
    await visit.post("keep", text="half a sentence")
    assert "half a sentence</textarea>" in await (await visit.get("/w/kit/dm")).text()
    await visit.post("keep", text=" ")
    assert "half a sentence" not in await (await visit.get("/w/kit/dm")).text()


async def test_keeping_needs_a_key_of_ours(visit: Visitor) -> None:
    """Nobody writes into somebody else's page."""
    assert (await visit.post("keep", key=visit.keys.mint("ash"), text="x")).status == 403


@pytest.mark.parametrize(
    ("end", "reply", "words"),
    [
        (SendReport("D1", 2), Receipt(RECEIPT), "This report has been sent already"),
        (Discard("D1", 2), Show(RECEIPT), "This report was thrown away in another window"),
    ],
)
async def test_a_window_of_a_report_that_ended_says_what_happened(
    visit: Visitor, end: SendReport | Discard, reply: Show | Receipt, words: str
) -> None:
    """Plainly, with the way on; what was still being written there is not kept."""
    form = page_of("where", LINK)
    await shown(visit, Show(form))
    await visit.post("keep", intent=encode(form.submit), text__link="left over")
    await shown(visit, reply, intent=encode(end))
    await visit.post("keep", intent=encode(form.submit), text__link="left over")
    assert visit.chat.written("kit\nD1") == {}
    text = await filled(visit, form, Refuse("Sent or thrown away.", reference="draft-gone"), text__link="x")
    assert words in text
    assert "My reports" in text
    assert "Sent or thrown away." not in text


async def test_the_address_goes_back_a_page(visit: Visitor) -> None:
    """Each page has its own address; to open an earlier one goes back there, if there is a report."""
    await shown(visit, Show(page_of("first", SAFETY)), Show(page_of("second", LINK)))
    visit.door.replies.append(Show(page_of("first", SAFETY)))
    text = await (await visit.get("/w/kit/dm?page=report.first")).text()
    assert "Is it one of these?" in text
    went = visit.door.times[-1]
    assert isinstance(went, Pressed)
    assert went.intent == GoTo("D1", 1, "first")
    asked = len(visit.door.times)
    for page in ("report.first", "report.never", ""):
        await visit.get(f"/w/kit/dm?page={page}")
    assert len(visit.door.times) == asked


async def test_urgent_advice_stands_at_its_answer(visit: Visitor) -> None:
    """Where an answer calls for advice it stands below it, with numbers that can be dialled."""
    advice = (Callout(Tone.DANGER, "Ring 999 now."), Facts((("Cam", "01632 960003"),)))
    danger = Choice(name="d", label="Danger?", options=(Option("yes", "Yes", advice=advice), *YES_NO[1:]))
    await shown(visit, Show(page_of("danger", danger)))
    html = await (await visit.get("/w/kit/dm")).text()
    assert html.count('<div class="advice">') == 1
    assert 'href="tel:01632960003"' in html


@pytest.mark.parametrize(
    ("text", "dials"),
    [("01632 960003", "01632960003"), ("+44 (0)1632 960", "+4401632960"), ("101", ""), ("by e-mail", "")],
)
def test_only_a_number_can_be_dialled(text: str, dials: str) -> None:
    """A line that is a telephone number is a link, any other is not."""
    assert dials == phone(text)


def room_left(value: str) -> str:
    """Return a page with a text of at most ten characters."""
    from adapters.web.render import form_html  # noqa: PLC0415 - read together
    from tests.web.test_render import desk  # noqa: PLC0415 - likewise

    return form_html(page_of("x", TextField(name="t", label="T", most=10, value=value)), desk())


def test_a_limit_is_spoken_of_only_near_it() -> None:
    """What nobody asks is not said: how much room there is stands there when little is left."""
    assert "hidden>Up to 10 characters." in room_left("1234567")
    assert ">Up to 10 characters." in room_left("12345678")
    assert "hidden>Up to" not in room_left("12345678")
