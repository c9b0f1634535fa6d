"""What a person sees is what is read: words, labels, names, what is quoted, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack import escape
from adapters.slack.message_reader import ids, read

QUOTE = {"is_share": True, "author_name": "Sam Example", "from_url": "https://x.slack.com/archives/C1/p1"}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a message whose words stand in its blocks only."""
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"text": "", "blocks": [{"type": "rich_text", "elements": [section]}]}


#: as Slack delivers it -> (the words that were seen, the address that was given)
MARKED: dict[str, tuple[str, str]] = {
    "see <https://x.example/1|words of their own>": ("see words of their own", "https://x.example/1"),
    "<tel:+441632960123|01632 960123>": ("01632 960123", ""),
    "ask <mailto:m@x.example|the mother>": ("ask the mother", ""),
    "<mailto:m@x.example>": ("m@x.example", ""),
    "He is so <http://rude.My|rude.My> son": ("He is so rude.My son", ""),
    "<http://x.example/a|x.example/a>": ("x.example/a", "http://x.example/a"),
    "<http://www.x.example|www.x.example>": ("www.x.example", "http://www.x.example"),
    "<https://x.example/|https://x.example>": ("https://x.example", "https://x.example/"),
    "on <!date^1392734382^{date}|Feb 18> <!here> <!subteam^S1|@leads>": ("on Feb 18 @here @leads", ""),
    "<slack://x|open>": ("open", ""),
    "<not a reference>": ("<not a reference>", ""),
    "a &lt;b&gt; &amp;amp;": ("a <b> &amp;", ""),
}


@pytest.mark.parametrize("raw", MARKED)
def test_what_was_seen_is_what_is_kept(raw: str) -> None:
    """A label is words, an address beside it a link; what Slack linked by itself stays a word."""
    said = read({"text": raw})
    assert (said.words, said.link) == MARKED[raw]


def test_further_addresses_are_not_lost() -> None:
    """Only one address is the link; the others stand in the words."""
    said = read({"text": "<https://x.example/1|one> <https://x.example/2|two>"})
    assert (said.words, said.link) == ("one two\nhttps://x.example/2", "https://x.example/1")


def test_names_stand_where_people_typed_names() -> None:
    """Ids become names, in the words and in the blocks; an id nobody explains stays one."""
    names = {"U1": "Jo Example", "C1": "general"}
    raw = {"text": "<@U1> in <#C1|> with <@U2> and <@U3|lee>"}
    assert read(raw, names).words == "@Jo Example in #general with @U2 and @lee"
    assert ids(raw) == {"U1", "C1", "U2"}
    blocks = rich({"type": "user", "user_id": "U1"}, {"type": "channel", "channel_id": "C1"})
    assert read(blocks, names).words == "@Jo Example#general"
    assert ids(blocks) == {"U1", "C1"}
    assert ids({"attachments": [{**QUOTE, "author_id": "U9", "text": "<@U8>"}]}) == {"U8", "U9"}


CELL = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "awful"}]}],
}
EMPTY_TEXT: dict[str, tuple[dict[str, Any], str]] = {
    "rich text": (rich({"type": "text", "text": "They "}, {"type": "text", "text": "said"}), "They said"),
    "an emoji": (rich({"type": "emoji", "name": "smile", "unicode": "1f604"}), "\U0001f604"),
    "an emoji of our own": (rich({"type": "emoji", "name": "ours"}), ":ours:"),
    "a list": (
        {
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_list",
                            "elements": [
                                {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]}
                                for word in ("one", "two")
                            ],
                        }
                    ],
                }
            ]
        },
        "• one\n• two",
    ),
    "a section": (
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a &amp; b"}}]},
        "a & b",
    ),
    "a header": ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Hi"}}]}, "Hi"),
    "a table": (
        {
            "blocks": [
                {
                    "type": "table",
                    "rows": [[{"type": "raw_text", "text": "Tue"}, {"type": "raw_text", "text": ""}], [CELL]],
                }
            ]
        },
        "Tue\nawful",
    ),
    "markdown": ({"blocks": [{"type": "markdown", "text": "# Hi"}]}, "# Hi"),
    "a forward": ({"attachments": [{**QUOTE, "text": "awful"}]}, "Sam Example wrote:\nawful"),
    "a forward in blocks": (
        {
            "attachments": [
                {**QUOTE, "message_blocks": [{"message": rich({"type": "text", "text": "awful"})}]}
            ]
        },
        "Sam Example wrote:\nawful",
    ),
    "a preview": ({"attachments": [{"title": "A page", "title_link": "https://x.example/"}]}, "A page"),
    "a fallback": ({"attachments": [{"fallback": "[x] awful"}]}, "[x] awful"),
}


@pytest.mark.parametrize("name", EMPTY_TEXT)
def test_words_are_read_wherever_they_stand(name: str) -> None:
    """A message without plain text has its words in blocks or attachments."""
    message, words = EMPTY_TEXT[name]
    assert read(message).words.startswith(words)


def test_a_quote_comes_along_and_a_preview_does_not() -> None:
    """What was forwarded is part of what was said; a preview repeats an address that stands there."""
    said = read({"text": "look", "attachments": [{**QUOTE, "text": "awful"}, {"title": "A page"}]})
    assert said.words == "look\nSam Example wrote:\nawful"
    assert said.link == QUOTE["from_url"]


def test_pictures() -> None:
    """A file in Slack comes along; of a picture that lies elsewhere it is said that it was there."""
    inside = {"type": "image", "alt_text": "shot", "slack_file": {"url": "https://files.slack.com/1"}}
    outside = {"type": "image", "alt_text": "a cat", "image_url": "https://evil.example/1"}
    said = read({"blocks": [inside, outside], "files": [{"id": "F1"}]})
    assert said.files == ({"id": "F1"}, {"url_private": "https://files.slack.com/1", "name": "shot"})
    assert "a cat" in said.words
    shared = read({"attachments": [{**QUOTE, "files": [{"id": "F2"}]}]})
    assert shared.files == ({"id": "F2"},)


HOSTILE = ("<", "<a|", "<@", "<!date^", "|", "<a", "<http://x|", "a:", "<@U1|>")


@pytest.mark.parametrize("part", HOSTILE)
def test_reading_takes_time_in_proportion(part: str) -> None:
    """However it is repeated, each character is looked at a bounded number of times.

    A step is a call of the pattern's engine, counted by the size of what it hands on.
    """
    sizes = []
    for count in (1_000, 2_000):
        steps = sum(len(found[0]) for found in escape._REFERENCE.finditer(part * count))  # noqa: SLF001
        read({"text": part * count})
        sizes.append(steps)
    assert sizes[1] <= 2 * sizes[0] + len(part) * 2


def text(words: str) -> dict[str, Any]:
    """Return a piece of rich text."""
    return {"type": "text", "text": words}


def link(url: str, label: str = "") -> dict[str, Any]:
    """Return an address in rich text, with what is seen in its place."""
    return {"type": "link", "url": url, "text": label} if label else {"type": "link", "url": url}


def mrkdwn(words: str) -> dict[str, str]:
    """Return a text object of Slack's own marks."""
    return {"type": "mrkdwn", "text": words}


def deep(depth: int) -> dict[str, Any]:
    """Return words so many lists down."""
    part: dict[str, Any] = {"type": "rich_text_section", "elements": [text("down")]}
    for _ in range(depth):
        part = {"type": "rich_text_list", "elements": [part]}
    return {"blocks": [{"type": "rich_text", "elements": [part]}]}


#: what came -> all its words, and the address it gave
WHOLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "an attachment's every part": (
        {
            "attachments": [
                {
                    "pretext": "Look",
                    "title": "A page",
                    "text": "It says",
                    "fields": [{"title": "Who", "value": "Sam"}, {"title": "When", "value": "now"}],
                }
            ]
        },
        "Look\nA page\nIt says\nWho Sam\nWhen now",
        "",
    ),
    "an address with a label": (
        rich(text("see "), link("https://x.example/1", "their page")),
        "see their page",
        "https://x.example/1",
    ),
    "an address without one": (
        rich(link("http://x.example/1")),
        "http://x.example/1",
        "http://x.example/1",
    ),
    "an address that Slack made of a slip": (rich(link("http://rude.My", "rude.My")), "rude.My", ""),
    "a mail address": (rich(link("mailto:m@x.example")), "m@x.example", ""),
    "two addresses": (
        rich(link("https://x.example/1", "one"), text(" "), link("https://x.example/2", "two")),
        "one two\nhttps://x.example/2",
        "https://x.example/1",
    ),
    "quoted and set apart": (
        {
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_section", "elements": [text("They wrote\n")]},
                        {"type": "rich_text_quote", "elements": [text("awful")]},
                        {"type": "rich_text_preformatted", "elements": [text("and worse")]},
                    ],
                }
            ]
        },
        "They wrote\nawful\nand worse",
        "",
    ),
    "every kind of name": (
        rich(
            {"type": "user", "user_id": "U1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "fallback": "Feb 18"},
            {"type": "color", "value": "#F00"},
            {"type": "something new", "text": "!"},
        ),
        "@U1@S1#C1@hereFeb 18#F00!",
        "",
    ),
    "an emoji of two signs": (rich({"type": "emoji", "name": "flag", "unicode": "1f1ec-1f1e7"}), "🇬🇧", ""),
    "lists in lists, as deep as anybody makes them": (deep(6), "• • • • • • down", ""),
    "lists in lists, deeper": (deep(7), "• • • • • • •", ""),
    "a section with fields": (
        {
            "blocks": [
                {
                    "type": "section",
                    "text": mrkdwn("<https://x.example/1|one>"),
                    "fields": [mrkdwn("a"), mrkdwn("b")],
                }
            ]
        },
        "one\na\nb",
        "https://x.example/1",
    ),
    "a section with fields only": ({"blocks": [{"type": "section", "fields": [mrkdwn("a")]}]}, "a", ""),
    "words as they are": (
        {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "<https://x.example|a>"}}]},
        "<https://x.example|a>",
        "",
    ),
    "small print": (
        {"blocks": [{"type": "context", "elements": [mrkdwn("a"), mrkdwn("b")]}]},
        "a b",
        "",
    ),
    "a film": (
        {
            "blocks": [
                {
                    "type": "video",
                    "title": {"type": "plain_text", "text": "A film"},
                    "description": {"type": "plain_text", "text": "of us"},
                    "title_url": "https://x.example/film",
                }
            ]
        },
        "A film\nof us",
        "https://x.example/film",
    ),
    "a table of rows": (
        {
            "blocks": [
                {
                    "type": "table",
                    "rows": [
                        [{"type": "raw_text", "text": "Mon"}, {"type": "raw_text", "text": "Tue"}],
                        "no row",
                        [None, CELL],
                    ],
                }
            ]
        },
        "Mon\nTue\nawful",
        "",
    ),
    "a table without rows": ({"blocks": [{"type": "table"}, {"type": "markdown", "text": "Hi"}]}, "Hi", ""),
    "an emoji of no sign": (rich({"type": "emoji", "name": "ours", "unicode": "f" * 20}), ":ours:", ""),
    "blocks one below the other": (
        {
            "blocks": [
                {"type": "markdown", "text": " Hi "},
                {"type": "divider"},
                {"type": "markdown", "text": "there"},
            ]
        },
        "Hi\nthere",
        "",
    ),
    "a preview's address before those in it": (
        {"attachments": [{"text": "<https://x.example/2|two>", "title_link": "https://x.example/1"}]},
        "two\nhttps://x.example/2",
        "https://x.example/1",
    ),
    "a forward's own address after those in it": (
        {"attachments": [{**QUOTE, "text": "<https://x.example/2|two>"}]},
        f"Sam Example wrote:\ntwo\n{QUOTE['from_url']}",
        "https://x.example/2",
    ),
    "where it was first": (
        {"attachments": [{"fallback": "a page", "original_url": "https://x.example/1"}]},
        "a page",
        "https://x.example/1",
    ),
    "blocks of an attachment": (
        {"attachments": [{"blocks": [{"type": "section", "text": mrkdwn("<https://x.example/1|one>")}]}]},
        "one",
        "https://x.example/1",
    ),
    "a file alone needs no fallback": (
        {"attachments": [{"is_msg_unfurl": True, "fallback": "[a file]", "files": [{"id": "F1"}]}]},
        "",
        "",
    ),
    "a picture elsewhere": (
        {"attachments": [{"title": "A cat", "image_url": "https://x.example/cat"}]},
        "A cat\nA picture stood here that was not kept, because it is not a file in Slack: A cat.",
        "",
    ),
    "a picture without a name": (
        {"blocks": [{"type": "image", "image_url": "https://x.example/cat"}]},
        "A picture stood here that was not kept, because it is not a file in Slack: without a name.",
        "",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_that_was_seen_is_lost_on_the_way(name: str) -> None:
    """A forwarded message is the evidence: every word of it is read, in order, with the address it gave."""
    message, words, address = WHOLE[name]
    said = read(message)
    assert (said.words, said.link) == (words, address)
