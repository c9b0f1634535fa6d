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
