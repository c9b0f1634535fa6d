"""The bot, the Microsoft 365 Agents Playground, and somebody in front of it in Chromium."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Locator, Page

from tests.e2e.browser import chromium, window

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLAYGROUND = HERE.parent / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
TENANT = "00000000-0000-0000-0000-000000000001"
CASES = "19:cases@thread.tacv2"
PATIENCE = 20.0

#: What somebody ticks, by the words of the option: a parent's abusive posting about the school.
NONE, NOBODY = "None of these", "Nobody"
ABUSE = (
    NONE,
    "The school as a whole",
    "I'd rather not say",
    "No, it doesn't say that",
    "A parent or carer",
    "They wrote or made it",
    "People could think badly of the school, or of a person, because of it",
    "Abusive: rude, cruel or bullying about a person or the school",
    "Facebook",
    "Skip this",
    NOBODY,
)


def free_port() -> int:
    """Return a port nobody uses, below those that outgoing connections take."""
    for port in range(21_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no free port")


def account(name: str) -> str:
    """Return somebody's id in Entra, as ``playground.yml`` has it, if they are in that team."""
    ids = {
        "ash": "a1", "brook": "b1", "bryn": "b2", "cam": "c1", "dee": "d1", "ellis": "e1", "fay": "f1",
        "fern": "f2", "gale": "a2",
    }  # fmt: skip
    return f"00000000-0000-0000-0000-0000000000{ids[name]}"


class Stage:
    def __init__(self, folder: Path, page: Page, session: aiohttp.ClientSession) -> None:
        """Keep the parts; nothing runs yet."""
        self.folder = folder
        self.page = page
        self.session = session
        self.bot_port, self.port = free_port(), 0
        self._bot: Process | None = None
        self._playground: Process | None = None
        self.restarts = False

    # -- processes --------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start the bot, the Playground before it, and look at the personal chat."""
        await self.start_bot()
        await self.play()
        await self.until(self._greeted, "the bot greets")

    async def play(self, people: Path = HERE / "playground.yml") -> None:
        """Start the Playground before whatever listens where the bot does, and look at the personal chat."""
        self.port = free_port()
        node = shutil.which("node") or "node"
        self._playground = await asyncio.create_subprocess_exec(
            *(node, str(PLAYGROUND), "start", "-c", "msteams", "--disable-telemetry"),
            *("-e", f"http://127.0.0.1:{self.bot_port}/api/messages", "-p", str(self.port)),
            env={
                **os.environ,
                "TEAMSAPPTESTER_BROWSER": "none",
                "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(people),
                "M365_AGENTS_PLAYGROUND_LOGFILE": str(self.folder / "playground.log"),
            },
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        await self.until(self._awake, "the Playground answers")
        await self.page.goto(f"http://localhost:{self.port}/", wait_until="domcontentloaded")
        await self.page.get_by_role("textbox").first.wait_for()

    async def start_bot(self) -> None:
        """Start the bot; return when it listens."""
        self._bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.teams.served", str(self.bot_port), str(self.folder)),
            cwd=ROOT,
            stdout=PIPE,
        )
        if self._bot.stdout is None or (await self._bot.stdout.readline()).strip() != b"ready":
            raise RuntimeError("the bot did not start")

    async def stop_bot(self) -> None:
        """Kill the bot as it stands."""
        if self._bot is not None:
            self._bot.kill()
            await self._bot.wait()

    async def restart(self) -> None:
        """Kill the bot as it stands, and start it again."""
        await self.stop_bot()
        await self.start_bot()

    async def between(self) -> None:
        """Restart the bot, if this is a test of that."""
        if self.restarts:
            await self.restart()

    async def close(self) -> None:
        """End both; the bot as a host ends it."""
        if self._bot is not None and self._bot.returncode is None:
            self._bot.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self._bot.wait(), PATIENCE)
        if self._playground is not None:
            self._playground.kill()
            await self._playground.wait()

    async def later(self, seconds: float) -> None:
        """Put the bot's clock forward and let it look."""
        (self.folder / "later").write_text(str(seconds))
        if self._bot is not None:
            self._bot.send_signal(signal.SIGUSR1)

    async def until(self, true: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until something is true. Raises AssertionError after a while."""
        end = time.monotonic() + PATIENCE
        while not await true():
            if time.monotonic() > end:
                raise AssertionError(f"not seen: {what}\n" + "\n---\n".join(await self.cards()))
            await asyncio.sleep(0.1)

    async def _awake(self) -> bool:
        try:
            async with self.session.get(f"http://127.0.0.1:{self.port}/_debug/ping") as response:
                return "pong" in await response.text()
        except aiohttp.ClientError:
            return False

    async def _greeted(self) -> bool:
        return bool(await self.cards())

    # -- what stands there ------------------------------------------------------------------------

    async def cards(self) -> list[str]:
        """Return what each card of the chat or channel says now, oldest first."""
        return await self.page.locator(".ac-adaptiveCard").all_inner_texts()

    async def sees(self, words: str, *, times: int = 1) -> None:
        """Wait until so many cards say these words."""

        async def there() -> bool:
            return sum(words in card for card in await self.cards()) == times

        await self.until(there, f"{words!r}, {times} times")

    def asked(self) -> Locator:
        """Return the last card that has something to press."""
        return self.page.locator(".ac-adaptiveCard:has(button)").last

    def card(self, words: str) -> Locator:
        """Return the first card that says these words and has something to press."""
        return self.page.locator(".ac-adaptiveCard:has(button)").filter(has_text=words).first

    async def look_at(self, place: str) -> None:
        """Open a chat or a channel by its name."""
        await self.page.get_by_role("treeitem", name=place).click()

    # -- what somebody does -----------------------------------------------------------------------

    async def say(self, text: str) -> None:
        """Type and send."""
        await self.between()
        box = self.page.get_by_role("textbox").last
        await box.click()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")

    async def press(self, label: str, card: Locator | None = None) -> None:
        """Press a button of a card, and wait until the card has changed or something was said."""
        await self.between()
        card = card or self.asked()
        await card.get_by_role("button", name=label, exact=True).first.click()

    async def tick(self, answers: tuple[str, ...] = ABUSE) -> None:
        """Answer every question on the last card."""
        card = self.asked()
        for group in await card.get_by_role("radiogroup").all():
            await self._choose(group, answers)
        boxes = {await _label(box): box for box in await card.get_by_role("checkbox").all()}
        meant = [label for label in boxes if label.startswith(answers)]
        several = [one for one in meant if one not in (NONE, NOBODY)]
        for label in several or meant:
            await boxes[label].check()

    async def fill(self, label: str, words: str) -> None:
        """Write into a box of the last card."""
        await self.asked().get_by_label(label).fill(words)

    async def act_on_message(self, words: str, command: str) -> None:
        """Open a message's menu and run one of our actions on it."""
        message = self.page.get_by_text(words, exact=True).last
        await message.hover()
        await self.page.get_by_role("button", name="Show more information").last.click()
        await self.page.get_by_role("menuitem", name="Action Command").click()
        await self.page.get_by_placeholder("Input command id or leave blanks").fill(command)
        await self.page.get_by_role("dialog").get_by_role("button").last.click()

    def typed_answer(self, asked: str) -> str:
        """Return what somebody types to the question that a card has come to."""
        lines = asked.partition("or just type the answer:")[2].splitlines()
        choices = [line.partition(" · ")[2].partition(" – ")[0] for line in lines]
        otherwise = "not sure" if "Not sure" in choices else "skip"
        return next((choice for choice in choices if choice in ABUSE or choice == "No"), otherwise)

    async def until_changed(self, before: str) -> None:
        """Wait until the last card says something else."""
        await self.until(lambda: self._changed(before), "another card")

    async def _choose(self, group: Locator, answers: tuple[str, ...]) -> None:
        for label in (*answers, "No", "Yes"):
            radio = group.get_by_role("radio", name=label, exact=True)
            if await radio.count():
                await radio.check()
                return
        await group.get_by_role("radio").last.check()

    async def walk(self, answers: tuple[str, ...] = ABUSE) -> None:
        """Answer page after page until the report can be sent."""
        for _ in range(14):
            before = await self.asked().inner_text()
            if "Send the report" in before:
                return
            await self.tick(answers)
            await self.press("Next")
            await self.until_changed(before)
        raise AssertionError("the report never ended")

    async def _changed(self, before: str) -> bool:
        return await self.asked().inner_text() != before

    # -- what others do, who are not in front of the Playground -------------------------------------

    async def inject(self, activity: dict[str, Any]) -> None:
        """Have the Playground deliver an activity of anybody's."""
        url = f"http://127.0.0.1:{self.port}/_internal/v1/customActivities"
        async with self.session.post(url, json=activity) as response:
            assert response.status == 200

    def activity(self, who: str, conversation: str, id_: str, **rest: Any) -> dict[str, Any]:
        """Return an activity of somebody's."""
        kind = "channel" if conversation.startswith("19:") else "personal"
        return {
            "type": "message",
            "id": id_,
            "channelId": "msteams",
            "serviceUrl": f"http://localhost:{self.port}/_connector",
            "from": {"id": f"user-{who}", "aadObjectId": account(who), "name": who},
            "recipient": {"id": "28:report-posting", "name": "Report a posting"},
            "conversation": {"id": conversation, "conversationType": kind, "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            **rest,
        }


async def _label(box: Locator) -> str:
    """Return what stands beside a tick box."""
    said = await box.evaluate("box => box.labels?.[0]?.innerText ?? box.closest('div').innerText")
    return str(said).strip()


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Give an open stage, closed when left."""
    async with chromium() as browser, aiohttp.ClientSession() as session:
        page = await (await window(browser)).new_page()
        made = Stage(folder, page, session)
        try:
            await made.open()
            yield made
        finally:
            await made.close()
