"""A report goes the whole way on Slack, over HTTP and through a socket, against a counterpart not ours."""

from __future__ import annotations

import datetime as dt

from adapters.slack import parse
from tests.e2e.slack.reporting import SCHOOL_ABUSED, finish, report, talk
from tests.e2e.slack.screen import labels
from tests.e2e.slack.workspace import Workspace
from tests.slack.reading import texts


async def test_a_report_by_window(school: Workspace) -> None:
    """Command, pages, check, receipt: the card stands in the leadership channel, the reporter is told."""
    await report(school.brook, SCHOOL_ABUSED)
    assert "HPS-2026-001" in school.brook.reads_window()
    await school.settle()
    card = await school.ash.reads(school.channel)
    assert "HPS-2026-001" in card
    for secret in ("ashamed", "evil.example", "Brook", "social.example"):
        assert secret not in card, "a channel holds no words, names or links"
    root = await school.root()
    assert root["text"]
    assert "abusive" not in root["text"], "a lock screen says that, not what"
    assert "HPS-2026-001" in await school.brook.reads(await school.brook.open())
    assert "You lead this case" in await school.ash.reads(await school.ash.open())


async def test_a_report_by_direct_message(school: Workspace) -> None:
    """The same conversation with buttons and typed words, in one message that turns into the next."""
    brook = school.brook
    channel = await brook.open()
    await brook.say("report")
    await school.front.until(lambda: school.front.asked("chat.postMessage"))
    await school.app.hear.finish(5)
    await brook.say("no")  # typed: the first question, is anybody in danger
    await school.front.until(lambda: len(school.front.asked("chat.postMessage")) > 1)
    await school.app.hear.finish(5)
    await talk(school, brook, SCHOOL_ABUSED)
    await school.settle()
    assert "HPS-2026-001" in await school.ash.reads(school.channel)
    assert "HPS-2026-001" in await brook.reads(channel)


async def test_a_closed_window_goes_on_in_the_conversation(school: Workspace) -> None:
    """Closed half-way: *Continue* in the direct message, the same page, and nothing answered twice."""
    brook = school.brook
    await brook.command()
    await school.front.until(lambda: brook.has_window)
    await brook.submit({"immediate_danger": "no"})
    await brook.submit({"safety": ["none_of_these"]})
    assert "Who is it about?" in brook.reads_window()
    await brook.close()
    assert not brook.has_window
    await school.app.hear.finish(5)
    channel = await brook.open()
    (left,) = [m for m in await brook.messages(channel) if m.get("blocks")]
    assert "not sent yet" in "\n".join(texts(left["blocks"]))
    await brook.press(left, "Continue", channel=channel)
    await school.front.until(lambda: brook.has_window)
    if "Who is it about?" not in brook.reads_window():
        await brook.press_here("Continue")  # the offer: go on, or begin anew
        await school.app.hear.finish(5)
    assert "Who is it about?" in brook.reads_window()
    await finish(brook, SCHOOL_ABUSED)
    assert "HPS-2026-001" in brook.reads_window()


async def test_back_keeps_what_was_chosen(school: Workspace) -> None:
    """A page half filled in, then Back and forth: the choice is still there."""
    brook = school.brook
    await brook.command()
    await school.front.until(lambda: brook.has_window)
    await brook.submit({"immediate_danger": "no"})
    await brook.press_here("Back", typed={"safety": ["none_of_these"]})
    await school.app.hear.finish(5)
    assert "danger right now" in brook.reads_window()
    await brook.submit({"immediate_danger": "no"})
    kept = [b["element"] for b in brook.window["blocks"] if b.get("block_id") == "field:safety"]
    assert not kept or [o["value"] for o in kept[0]["initial_options"]] == ["none_of_these"]


async def test_the_leaders_work(school: Workspace) -> None:
    """Taken on, noted, decided, contacted, closed: replies in the thread, one card edited in place."""
    ash, brook = school.ash, school.brook
    await report(brook, SCHOOL_ABUSED)
    await school.settle()
    root = await school.root()
    await school.leader(ash, "Take this on")
    assert "Taken on" in await ash.reads(school.channel)
    words = {
        "type": "message",
        "ts": "1.2",
        "thread_ts": root["ts"],
        "text": "rang the <https://x.example|office>",
    }
    await ash.shortcut(parse.ADD_TO_CASE, words, channel=school.channel)
    await school.settle()
    say = {"text": "Spoke to <!here> *Zebedee*.", "why": "Not needed.", "when": "2026-11-24", "how": "phone"}
    await school.leader(ash, "Decide on Legal", {**say, "contacted": "no"})
    await school.leader(ash, "Add a note", say)
    await school.leader(ash, "Hold all contact", say)
    await school.leader(ash, "Clear the hold", say)
    await school.leader(ash, "Record contact", say)
    await school.leader(ash, "Record a meeting", {**say, "who": "The parent"})
    await school.leader(
        ash, "Correct an answer", {**say, "still_online": "removed", "reason_for_correction": "It is gone."}
    )
    await school.leader(ash, "Close the case", {**say, "outcome": "supported"})
    thread = await ash.messages(school.channel, thread=root["ts"])
    assert len(thread) > 6
    for message in thread:
        assert "Zebedee" not in "\n".join(texts(message["blocks"])), "no words of a note in the channel"
    assert (await school.root())["ts"] == root["ts"], "one card, edited in place"
    assert "losed" in "\n".join(texts((await school.root())["blocks"]))
    assert "Re-open" in " ".join(labels(await school.root()))
    await school.leader(ash, "Re-open", say)
    assert "Take this on" in " ".join(labels(await school.root()))
    told = await brook.reads(await brook.open())
    assert told.count("HPS-2026-001") > 2, "the reporter hears how it goes"
    assert "Not needed." not in told


async def test_a_conflict_takes_the_card_away(school: Workspace) -> None:
    """*I have a conflict*: whoever pressed it can do no more, and the case leaves the channel they are in."""
    ash = school.ash
    await report(school.brook, SCHOOL_ABUSED)
    await school.settle()
    root = await school.root()
    await school.leader(ash, "I have a conflict", {"why": "A friend wrote it.", "text": "A friend wrote it."})
    assert "HPS-2026-001" not in "\n".join(texts((await school.root())["blocks"]))
    ash.windows.clear()
    await ash.press(root, "Open the record", channel=school.channel)
    await school.settle()
    assert "ashamed" not in ash.reads_window()
    assert "HPS-2026-001" in await school.ellis.reads(await school.ellis.open())


async def test_the_digest_goes_once(school: Workspace) -> None:
    """Monday at eight: one digest in the channel, naming nobody, and no second one."""
    await report(school.brook, SCHOOL_ABUSED)
    await school.settle()
    await school.worker.digest.plan()
    school.clock.pass_by(dt.timedelta(days=7))
    for _ in range(2):
        await school.settle()
    said = [m for m in await school.ash.messages(school.channel) if "digest" in m["text"].lower()]
    assert len(said) == 1
    assert "Brook" not in "\n".join(texts(said[0]["blocks"]))


async def test_questions_and_home(school: Workspace) -> None:
    """Commands are answered in private, the home tab is drawn, and each person sees their own."""
    await report(school.brook, SCHOOL_ABUSED)
    await school.settle()
    for text, words in {
        "cases": "HPS-2026-001",
        "case HPS-2026-001": "HPS-2026-001",
        "digest": "Not taken on yet",
        "help": "report",
        "status": "not reported",
    }.items():
        answer = await school.ash.command(text)
        assert answer["response_type"] == "ephemeral"
        assert words in "\n".join(texts(answer["blocks"])), text
    refused = "\n".join(texts((await school.jo.command("case HPS-2026-001"))["blocks"]))
    unknown = "\n".join(texts((await school.jo.command("case HPS-2026-999"))["blocks"]))
    assert refused.replace("001", "999") == unknown, "no such case, whether or not there is one"
    await school.brook.look_home()
    await school.ash.look_home()
    await school.app.hear.finish(5)
    homes = school.front.homes
    assert "HPS-2026-001" in "\n".join(texts(homes[school.brook.account]))
    assert "HPS-2026-001" in "\n".join(texts(homes[school.ash.account]))
    await school.jo.look_home()
    await school.app.hear.finish(5)
    assert "HPS-2026-001" not in "\n".join(texts(homes[school.jo.account]))
    await school.jo.press_here("eport", home=True)
    await school.front.until(lambda: school.jo.has_window)
