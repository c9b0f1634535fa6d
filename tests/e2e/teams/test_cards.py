"""Every golden card given to Microsoft's own Adaptive Cards kit in Chromium: valid, and read as meant."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Page

from adapters.teams.render import VERB
from tests.adapters.contract import squeezed
from tests.e2e.browser import chromium, picture, window
from tests.teams import reading

pytestmark = pytest.mark.browser

KIT = Path(__file__).parents[1] / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"
GOLDEN = Path(__file__).parents[2] / "teams" / "golden"
CARDS = sorted(path.stem for path in GOLDEN.glob("*.json"))
#: what Teams looks like, as far as the kit's own settings go: colours, spaces, six buttons at most
_LIGHT = {"page": "#f5f5f5", "card": "#ffffff", "text": "#242424", "subtle": "#616161", "box": "#ebebeb"}
_DARK = {"page": "#1f1f1f", "card": "#292929", "text": "#ffffff", "subtle": "#adadad", "box": "#3d3d3d"}
#: pictures are made of these; the others are checked without
PICTURED = (
    "card-case-card",
    "card-receipt",
    "card-repeat",
    "card-tone-caution",
    "card-hostile-markdown",
    "card-hostile-teams",
    "card-buttons",
    "card-attachment",
    "card-every-intent",
    "card-long",
    "form-report-page",
    "form-leader-form",
    "form-errors",
    "form-back",
    "form-hostile-markdown",
    "form-trouble",
)

SHOW = """
([card, look]) => {
  const AC = window.AdaptiveCards;
  AC.GlobalSettings.useMarkdownInRadioButtonAndCheckbox = true;
  const markdown = [];
  AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
    markdown.push(text);
    result.outputHtml = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    result.didProcess = true;
  };
  const colours = (text, subtle) => Object.fromEntries(
    ["default", "accent", "good", "warning", "attention", "dark", "light"].map(
      name => [name, {default: text, subtle}]));
  const style = (background) => ({
    backgroundColor: background, foregroundColors: colours(look.text, look.subtle)});
  const shown = new AC.AdaptiveCard();
  shown.hostConfig = new AC.HostConfig({
    fontFamily: "Liberation Sans, Arial, sans-serif",
    supportsInteractivity: true,
    actions: {maxActions: 6, actionsOrientation: "horizontal", spacing: "default", buttonSpacing: 8,
              showCard: {actionMode: "inline", inlineTopMargin: 8}, actionAlignment: "left"},
    containerStyles: {
      default: style(look.card), emphasis: style(look.box), good: style(look.good),
      warning: style(look.warning), attention: style(look.attention), accent: style(look.box)},
    inputs: {label: {inputSpacing: "small", requiredInputs: {}, optionalInputs: {}}},
  });
  const context = new AC.SerializationContext(AC.Versions.v1_5);
  shown.parse(card, context);
  const faults = [];
  for (let i = 0; i < context.eventCount; i++) faults.push(context.getEventAt(i).message);
  for (const event of shown.validateProperties().validationEvents) faults.push(event.message);
  const pressed = [];
  shown.onExecuteAction = (action) => pressed.push(
    {type: action.getJsonTypeName(), verb: action.verb, data: action.data});
  document.body.innerHTML = "";
  document.body.style.cssText = `margin:12px;background:${look.page};color:${look.text}`;
  const frame = document.createElement("div");
  frame.style.cssText = `max-width:640px;background:${look.card};border-radius:6px;overflow:hidden`;
  frame.appendChild(shown.render());
  document.body.appendChild(frame);
  window.pressed = pressed;
  const foreign = [...document.body.querySelectorAll("a,img,script,iframe,strong,em,h1,h2,h3,table,code")];
  return {faults, markdown, foreign: foreign.map(one => one.outerHTML.slice(0, 120)),
          text: document.body.innerText, wide: document.documentElement.scrollWidth > innerWidth,
          cut: [...document.querySelectorAll("button")].filter(
            one => one.getBoundingClientRect().right > frame.getBoundingClientRect().right)
            .map(one => one.innerText),
          boxes: [...document.querySelectorAll("input,textarea,select")].map(
            one => (one.value ?? "") + " " + (one.placeholder ?? "")),
          options: [...document.querySelectorAll("option,datalist option")].map(one => one.text + one.value),
          unnamed: [...document.querySelectorAll("input,textarea,select")].filter(
            one => !(one.labels?.length || one.getAttribute("aria-label")
                     || one.getAttribute("aria-labelledby"))).length};
}
"""


def look(scheme: str) -> dict[str, str]:
    """Return the colours of a light or dark Teams."""
    if scheme == "light":
        return {**_LIGHT, "good": "#e7f2da", "warning": "#fff4ce", "attention": "#fcf0f0"}
    return {**_DARK, "good": "#1e3a1e", "warning": "#463100", "attention": "#4c1d20"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages() -> AsyncIterator[dict[tuple[str, bool], Page]]:
    """Give a page for light and dark, each wide and as narrow as a phone, with the kit in it."""
    async with chromium() as browser:
        made: dict[tuple[str, bool], Page] = {}
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            for phone in (False, True):
                page = await (await window(browser, scheme=scheme, phone=phone)).new_page()
                await page.set_content(
                    "<!doctype html><html lang=en><title>A card</title><body></body></html>"
                )
                await page.add_script_tag(path=KIT)
                made[scheme, phone] = page
        yield made


def card(name: str) -> Any:
    """Return a golden card."""
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CARDS)
async def test_the_kit_takes_every_card(name: str, pages: dict[tuple[str, bool], Page]) -> None:
    """Microsoft's kit finds no fault in a card, shows every word of it, and makes nothing of them."""
    given = card(name)
    seen = await pages["light", False].evaluate(SHOW, [given, look("light")])
    assert seen["faults"] == []
    assert seen["foreign"] == []
    assert seen["unnamed"] == 0
    assert not [text for text in seen["markdown"] if set(text) & set("*_`[]<>~#|\\&\n")]
    shown = squeezed(" ".join([seen["text"], *seen["boxes"], *seen["options"]]))
    hidden = {part["title"] for part in reading.parts(given) if part["type"] == "Action.ShowCard"}
    words = [text for text in reading.texts(given) if not _only_spoken(given, text) and text not in hidden]
    assert [text for text in words if squeezed(text) not in shown] == []


def _only_spoken(given: Any, text: str) -> bool:
    """Return whether words are a button's tooltip, or stand in a question that is not open yet."""
    asked = [part["card"] for part in reading.parts(given) if part["type"] == "Action.ShowCard"]
    spoken = [part.get("tooltip") for part in reading.parts(given)]
    return text in spoken or any(text in reading.texts(one) for one in asked)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PICTURED)
async def test_pictures(name: str, pages: dict[tuple[str, bool], Page]) -> None:
    """A card is shown light and dark, wide and on a phone, and never wider than the screen."""
    for (scheme, phone), page in pages.items():
        seen = await page.evaluate(SHOW, [card(name), look(scheme)])
        await picture(page, f"teams-{name}-{scheme}{'-phone' if phone else ''}", whole=True)
        assert not seen["wide"]
        assert seen["cut"] == [] or "hostile" in name


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_filled_in_comes_back_as_we_read_it(pages: dict[tuple[str, bool], Page]) -> None:
    """The kit sends inputs under the names and in the shapes that ``parse`` reads."""
    page = pages["light", False]
    await page.evaluate(SHOW, [card("form-report-page"), look("light")])
    await page.get_by_label("What does the posting say?").fill("They said, “no”")
    await page.get_by_role("radio", name="Not sure").first.check()
    await page.get_by_role("button", name="Continue").click()
    (pressed,) = await page.evaluate("window.pressed")
    assert (pressed["type"], pressed["verb"]) == ("Action.Execute", VERB)
    assert pressed["data"]["v.words"] == "They said, “no”"
    assert pressed["data"]["v.danger"] == "not_sure"
    assert pressed["data"]["m.targets"] == "staff,pupil"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_kit_would_have_found_fault(pages: dict[tuple[str, bool], Page]) -> None:
    """A card that is not valid, and Markdown that is live, are seen by the same reading."""
    bad = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {"type": "TextBlock", "text": "**live**"},
            {"type": "Input.Text"},
            {"type": "NoSuchThing"},
            {"type": "Image", "url": "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="},
        ],
    }
    seen = await pages["light", False].evaluate(SHOW, [bad, look("light")])
    assert seen["faults"]
    assert seen["markdown"] == ["**live**"]
    assert seen["foreign"]
    assert seen["unnamed"]
