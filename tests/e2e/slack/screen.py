"""A person in front of Slack: types, presses, fills in windows, and reads what is there.

What they do reaches the bot as Slack would deliver it, signed over HTTP or through the socket; what they
read comes from the emulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.e2e.slack.front import Front
from tests.e2e.slack.line import Line
from tests.slack.reading import dicts, texts

Json = dict[str, Any]
_numbers = count(1)


class Screen:
    """One person's Slack."""

    def __init__(self, name: str, account: str, token: str, *, team: str, front: Front, line: Line) -> None:
        """Sit down in front of it."""
        self.name, self.account, self.token, self.team = name, account, token, team
        self.front, self.line = front, line
        self.direct = ""
        self.private: Json = {}

    # -- doing ----------------------------------------------------------------------------------------

    async def trigger(self, view: str = "") -> str:
        """Return a real trigger: it lives for three seconds and works once."""
        extra = {"view_id": view} if view else {}
        made = await self.front.as_person(BOT_TOKEN, "views.generateTriggerId", user_id=self.account, **extra)
        self.front.triggers[made["trigger_id"]] = self.account
        return str(made["trigger_id"])

    async def command(self, text: str = "", *, trigger: str = "") -> Json:
        """Type ``/report-posting``; return what came back at once."""
        payload = {
            "command": "/report-posting",
            "text": text,
            "team_id": self.team,
            "team_domain": "school",
            "channel_id": "C0ANY",
            "user_id": self.account,
            "trigger_id": trigger or await self.trigger(),
            "api_app_id": "A000000001",
        }
        status, answer = await self.line.deliver("slash_commands", payload)
        assert status == 200, (status, answer)
        self.private = answer
        if "blocks" in answer:
            self.front.judge(answer)
        return answer

    async def say(self, text: str) -> None:
        """Write to the bot; the emulator delivers it."""
        await self.front.as_person(self.token, "chat.postMessage", channel=await self.open(), text=text)

    async def open(self) -> str:
        """Open the direct messages with the bot."""
        if not self.direct:
            found = await self.front.as_person(self.token, "conversations.open", users=BOT_ACCOUNT)
            self.direct = found["channel"]["id"]
        return self.direct

    async def press(
        self, message: Json, label: str, *, channel: str, typed: Mapping[str, Any] | None = None
    ) -> None:
        """Press a button of a message."""
        block, button = _button(message["blocks"], label)
        await self._interact(
            {
                "type": "block_actions",
                "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
                "channel": {"id": channel},
                "message": {k: v for k, v in message.items() if k in ("ts", "thread_ts")},
                "state": {"values": state(message["blocks"], typed or {})},
                "trigger_id": await self.trigger(),
                "actions": [_pressed(block, button)],
            }
        )

    async def press_here(
        self, label: str, *, home: bool = False, typed: Mapping[str, Any] | None = None
    ) -> None:
        """Press a button of the topmost window, or of the home tab."""
        shown = self.front.homes[self.account] if home else self.window
        block, button = _button(shown["blocks"], label)
        await self._interact(
            {
                "type": "block_actions",
                "container": {"type": "view", "view_id": shown["id"]},
                "view": _sent(shown, typed or {}),
                "trigger_id": await self.trigger("" if home else shown["id"]),
                "actions": [_pressed(block, button)],
            }
        )

    async def submit(self, answers: Mapping[str, Any], *, files: tuple[Json, ...] = ()) -> Json:
        """Fill in the topmost window and send it; what comes back is on the screen."""
        shown = self.window
        payload = {
            "type": "view_submission",
            "view": _sent(shown, answers, files=files),
            "trigger_id": await self.trigger(shown["id"]),
        }
        answer = await self._interact(payload)
        match answer.get("response_action"):
            case "update":
                # Slack gives the window a new hash whenever it is drawn anew
                self.front.judge(answer["view"])
                view = {**answer["view"], "id": shown["id"], "hash": f"h{next(_numbers)}"}
                self.front.windows[self.account][-1] = view
            case "clear":
                self.front.windows[self.account].clear()
            case _:
                pass
        return answer

    async def close(self) -> None:
        """Close the topmost window."""
        shown = self.front.windows[self.account].pop()
        if shown.get("notify_on_close"):
            await self._interact({"type": "view_closed", "view": _sent(shown, {}), "is_cleared": False})

    async def shortcut(self, callback: str, message: Json, *, channel: str) -> None:
        """Use a message shortcut."""
        await self._interact(
            {
                "type": "message_action",
                "callback_id": callback,
                "channel": {"id": channel},
                "message": message,
                "trigger_id": await self.trigger(),
            }
        )

    async def look_home(self) -> None:
        """Open the home tab."""
        await self.event({"type": "app_home_opened", "user": self.account, "tab": "home", "channel": "D0"})

    async def event(self, inner: Json) -> tuple[int, Json]:
        """Let Slack deliver an event."""
        number = next(_numbers)
        payload = {
            "type": "event_callback",
            "team_id": self.team,
            "api_app_id": "A000000001",
            "event_id": f"EvS{number}",
            "event_time": number,
            "event": inner,
        }
        return await self.line.deliver("events_api", payload)

    async def _interact(self, payload: Json) -> Json:
        common = {
            "team": {"id": self.team, "domain": "school"},
            "user": {"id": self.account, "team_id": self.team},
            "api_app_id": "A000000001",
        }
        status, answer = await self.line.deliver("interactive", {**common, **payload})
        assert status == 200, (status, answer)
        return answer

    # -- reading ----------------------------------------------------------------------------------------

    @property
    def window(self) -> Json:
        """The topmost window."""
        return self.front.windows[self.account][-1]

    @property
    def windows(self) -> list[Json]:
        """The windows on the screen, the topmost last."""
        return self.front.windows[self.account]

    @property
    def has_window(self) -> bool:
        """Whether there is a window on the screen."""
        return bool(self.front.windows[self.account])

    def reads_window(self) -> str:
        """Return the words of the topmost window."""
        return "\n".join(texts(self.window))

    async def messages(self, channel: str, *, thread: str = "") -> list[Json]:
        """Return a channel's messages, or a thread's, oldest first."""
        if thread:
            found = await self.front.as_person(
                self.token, "conversations.replies", channel=channel, ts=thread, limit=200
            )
            return list(found["messages"])
        found = await self.front.as_person(self.token, "conversations.history", channel=channel, limit=200)
        return sorted(found["messages"], key=lambda m: float(m["ts"]))

    async def reads(self, channel: str, *, thread: str = "") -> str:
        """Return the words of a channel or a thread."""
        found = await self.messages(channel, thread=thread)
        return "\n\n".join("\n".join(texts(m.get("blocks") or [{"text": m["text"]}])) for m in found)


#: the bot's token and account in the emulator's workspace
BOT_TOKEN, BOT_ACCOUNT = "xoxb-emu-bot", "U0POSTBOT"


def labels(shown: Json) -> list[str]:
    """Return the labels of every button."""
    return [part["text"]["text"] for part in dicts(shown["blocks"]) if part.get("type") == "button"]


def inputs(shown: Json) -> dict[str, Json]:
    """Return the inputs of a window or message, by field."""
    found = (block for block in shown["blocks"] if block["type"] == "input")
    return {block["block_id"].removeprefix("field:"): block["element"] for block in found}


def state(blocks: list[Json], answers: Mapping[str, Any], *, files: tuple[Json, ...] = ()) -> Json:
    """Return what stands in the inputs once somebody has filled them in."""
    values: Json = {}
    for name, element in inputs({"blocks": blocks}).items():
        values[f"field:{name}"] = {element["action_id"]: _given(element, answers.get(name), files)}
    return values


def _given(element: Json, answer: Any, files: tuple[Json, ...]) -> Json:
    kind = element["type"]
    offered = [
        *element.get("options", ()),
        *(o for g in element.get("option_groups", ()) for o in g["options"]),
    ]
    match kind:
        case "radio_buttons" | "static_select":
            chosen = element.get("initial_option") if answer is None else _option(offered, answer)
            return {"type": kind, "selected_option": chosen}
        case "checkboxes" | "multi_static_select":
            wanted = [o["value"] for o in element.get("initial_options", ())] if answer is None else answer
            return {"type": kind, "selected_options": [_option(offered, value) for value in wanted]}
        case "datepicker":
            return {"type": kind, "selected_date": answer or element.get("initial_date")}
        case "file_input":
            return {"type": kind, "files": list(files)}
        case _:
            return {"type": kind, "value": element.get("initial_value") if answer is None else answer}


def _option(offered: list[Json], value: str) -> Json:
    return next(option for option in offered if option["value"] == value)


def _button(blocks: list[Json], label: str) -> tuple[Json, Json]:
    for block in blocks:
        for element in block.get("elements", ()):
            if element.get("type") == "button" and label in element["text"]["text"]:
                return block, element
    raise AssertionError(f"no button {label!r} among {labels({'blocks': blocks})}")


def _pressed(block: Json, button: Json) -> Json:
    return {
        "type": "button",
        "block_id": block.get("block_id", "b"),
        "action_id": button["action_id"],
        "value": button["value"],
        "action_ts": f"{next(_numbers)}.1",
    }


def _sent(shown: Json, answers: Mapping[str, Any], *, files: tuple[Json, ...] = ()) -> Json:
    return {
        **{name: value for name, value in shown.items() if name != "blocks"},
        "blocks": shown["blocks"],
        "state": {"values": state(shown["blocks"], answers, files=files)},
    }
