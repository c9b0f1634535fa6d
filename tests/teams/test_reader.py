"""What a person sees is what is read: one parser for every path, and no time beyond what the text takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import escape, html_reader, parse
from adapters.teams.message_reader import said, told
from adapters.teams.parse import Brought, Changed, Incoming, Unreadable
from flows.ui.inbound import Started, Typed
from tests.teams import activities

SMILE = (
    '<img itemscope itemtype="http://schema.skype.com/Emoji" alt="🙂" src="https://x.cdn.office.net/e.png">'
)


def html(content: str) -> dict[str, Any]:
    """Return the HTML copy of a message."""
    return {"contentType": "text/html", "content": content}


def quote(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return an attachment that holds somebody's message."""
    return {"contentType": kind, "content": json.dumps(content)}


REFERENCE = quote(
    "messageReference",
    {"messagePreview": "awful", "messageSender": {"user": {"displayName": "Sam Example"}}},
)
FORWARD = quote(
    "forwardedMessageReference",
    {
        "originalMessageContent": "<p>awful</p>",
        "originalMessageSender": {"user": {"displayName": "Sam Example"}},
    },
)

READABLE: dict[str, tuple[dict[str, Any], str]] = {
    "HTML only": ({"attachments": [html("<p>They said it</p>")]}, "They said it"),
    "mark-up in the text itself": (
        {"textFormat": "xml", "text": "<p>They <b>said</b> it</p>"},
        "They said it",
    ),
    "an answer in mark-up": (
        {
            "textFormat": "xml",
            "text": '<blockquote itemtype="http://schema.skype.com/Reply">no?</blockquote><p>yes</p>',
        },
        "yes",
    ),
    "a reference that does not open": ({"text": "so", "attachments": [{**REFERENCE, "content": "{"}]}, "so"),
    "a reference of another shape": ({"text": "so", "attachments": [{**REFERENCE, "content": "[1]"}]}, "so"),
    "a forward": ({"attachments": [FORWARD]}, "Sam Example wrote:\nawful"),
    "a reference": ({"attachments": [REFERENCE]}, "Sam Example wrote:\nawful"),
    "words and a forward": ({"text": "look", "attachments": [FORWARD]}, "look\nSam Example wrote:\nawful"),
    "an emoji only": ({"attachments": [html(f"<p>{SMILE}</p>")]}, "🙂"),
    "an emoji that the words lack": ({"text": "so", "attachments": [html(f"<p>so {SMILE}</p>")]}, "so 🙂"),
    "a title for an address": (
        {"text": "A page", "attachments": [html('<a href="https://x.example/1">A page</a>')]},
        "A page",
    ),
    "an answer to what stands there": (
        {
            "attachments": [
                html('<blockquote itemtype="http://schema.skype.com/Reply"><p>no?</p></blockquote><p>yes</p>')
            ]
        },
        "yes",
    ),
    "signs that HTML uses": ({"text": "2 < 3 & <b>"}, "2 < 3 & <b>"),
}


@pytest.mark.parametrize("kind", READABLE)
def test_every_message_is_read(kind: str) -> None:
    """What a person writes in their own chat is read, whatever shape Teams gives it."""
    rest, words = READABLE[kind]
    parsed = parse.parse(activities.personal(**rest))
    assert isinstance(parsed, Incoming)
    assert isinstance(parsed.inbounds[0], Typed)
    assert parsed.inbounds[0].text == words


def test_further_addresses_are_not_lost() -> None:
    """Only one address is the link; another that stands behind a title is put beside the words."""
    content = '<a href="https://x.example/1">one</a> <a href="https://x.example/2">two</a>'
    found = said(activities.personal(text="one two", attachments=[html(content)]), activities.BOT)
    assert (found.words, found.link) == ("one two\nhttps://x.example/2", "https://x.example/1")


def test_a_copy_in_several_pieces_is_one() -> None:
    """Where only the HTML holds the words, every piece of it is read, and what is no HTML is not."""
    other = {"contentType": "text/plain", "content": "not this"}
    attachments = [html("<p>They "), other, html("said it</p>")]
    assert said(activities.personal(attachments=attachments), "").words == "They said it"


@pytest.mark.parametrize(
    ("attached", "words"),
    [
        ({"contentType": "messageReference", "content": {"messagePreview": "awful"}}, "awful"),
        ({"contentType": "messageReference", "content": "no JSON"}, ""),
        ({"contentType": "messageReference", "content": "[1]"}, ""),
        ({"contentType": "something else", "content": {"messagePreview": "awful"}}, ""),
    ],
)
def test_what_is_quoted_is_read_as_far_as_it_can_be(attached: dict[str, Any], words: str) -> None:
    """A quote without its writer's name is words; what is no quote, or does not open, takes nothing along."""
    found = said(activities.personal(text="look", attachments=[attached, REFERENCE]), "")
    assert found.words == "\n".join(filter(None, ("look", words, "Sam Example wrote:", "awful")))


def test_a_file_of_any_name_comes_along() -> None:
    """A file without a name is one all the same; a drawn emoji is none, wherever its address goes on."""
    file = "application/vnd.microsoft.teams.file.download.info"
    attachments = [
        {"contentType": file, "content": {"downloadUrl": "https://x.sharepoint.com/a"}},
        {"contentType": "image/gif", "contentUrl": "https://x.cdn.office.net/e.gif?v=1"},
        {"contentType": "image/gif", "contentUrl": "https://x.example/a.gif?from=x.cdn.office.net/"},
        {"contentType": "image/gif"},
    ]
    found = said(activities.personal(attachments=attachments), "")
    assert [(one.name, one.url) for one in found.files] == [
        ("file", "https://x.sharepoint.com/a"),
        ("picture.gif", "https://x.example/a.gif?from=x.cdn.office.net/"),
    ]


def test_words_of_a_message_that_is_no_html() -> None:
    """An action on a plain message takes its words as they stand, signs and all, without a subject too."""
    found = told({"body": {"contentType": "text", "content": "2 < 3 <b>"}})
    assert (found.words, found.link) == ("2 < 3 <b>", "")


UNREADABLE = (
    "application/vnd.microsoft.card.fluidEmbedCard",
    "application/vnd.microsoft.card.audio",
    "application/vnd.microsoft.card.video",
    "application/vnd.microsoft.card.codesnippet",
    "video/mp4",
    "audio/ogg",
    "something/new",
)


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_is_told_apart(kind: str) -> None:
    """A Loop part, a voice message, a video: there are no words to keep, and that is to be said."""
    attached = {"contentType": kind, "content": {}}
    assert isinstance(parse.parse(activities.personal(attachments=[attached])), Unreadable)


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "{", "5", "\ud800", 5, None, []], ids=lambda c: repr(c)[:9]
)
def test_a_quote_that_is_none_breaks_nothing(content: object) -> None:
    """What a forwarded message holds is somebody else's: whatever it is, the words beside it are kept."""
    attached = {"contentType": "messageReference", "content": content}
    found = said(activities.personal(text="They said it", attachments=[attached]), "28:x")
    assert found.words == "They said it"


def test_an_address_behind_a_title_is_kept() -> None:
    """Teams turns an address into its page's title: the address is the link; schema addresses are none."""
    found = said(
        activities.personal(
            text="A page", attachments=[html(f'<a href="https://x.example/1">A page</a>{SMILE}')]
        ),
        activities.BOT,
    )
    assert found.link == "https://x.example/1"
    assert said(activities.personal(attachments=[html(f"<p>{SMILE}</p>")]), "").link == ""


def test_an_emoji_is_no_picture() -> None:
    """The drawing of an emoji is not fetched, pasted pictures are, and their names tell them apart."""
    attachments = [
        {"contentType": "image/*", "contentUrl": "https://x.cdn.office.net/e.png"},
        {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/a"},
        {"contentType": "image/*", "contentUrl": "https://smba.trafficmanager.net/b"},
        html(f"<p>look {SMILE}</p>"),
    ]
    brought = parse.parse(activities.personal(attachments=attachments))
    assert isinstance(brought, Brought)
    assert [file.name for file in brought.files] == ["picture.png", "picture 2.png"]


def test_words_beside_a_file_take_the_same_path() -> None:
    """The command that begins a report begins one with a picture beside it too."""
    picture = {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/a"}
    brought = parse.parse(activities.personal(text="report-posting they said", attachments=[picture]))
    assert isinstance(brought, Brought)
    assert isinstance(brought.words, Started)
    assert brought.words.words == "they said"


def test_what_an_action_was_taken_on_is_read_whole() -> None:
    """The subject of a post, emoji, names and quotes stay; of a picture it is said that it was there."""
    content = (
        f'<p>They <at id="0">Sam Example</at> said {SMILE}</p>'
        '<blockquote itemtype="http://schema.skype.com/Reply"><p>awful</p></blockquote>'
        '<img src="https://graph.example/hosted">'
    )
    payload = {"subject": "Look at this", "body": {"contentType": "html", "content": content}}
    found = told(payload)
    assert found.words.startswith("Look at this\nThey Sam Example said 🙂\nawful")
    assert "A picture stood here" in found.words
    assert found.link == ""


def test_a_change_is_told_apart() -> None:
    """Somebody changes or takes back a message: what it says now comes along."""
    edited = parse.parse(activities.personal(type="messageUpdate", id="a1", text="Mr Jones"))
    gone = parse.parse(activities.personal(type="messageDelete", id="a1", text="Mr Jones"))
    assert isinstance(edited, Changed)
    assert isinstance(gone, Changed)
    assert (edited.after, gone.after) == ("Mr Jones", "")
    assert edited.key != gone.key


HOSTILE = ("<a ", "<at>", "<at", "<div>", "<", "<!--", "&", "<p", "<b><i>", "<table>", "<a href='", "http://")


@pytest.mark.parametrize("part", HOSTILE)
def test_reading_takes_steps_in_proportion(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the text, at most twice the steps: the parser hands each piece on once and builds no tree."""

    def steps(count: int) -> int:
        called: list[str] = []

        class Counted(html_reader._Reader):  # noqa: SLF001 - what the parser calls
            def start(self, tag: str, attributes: dict[str, str]) -> None:
                called.append(tag)
                super().start(tag, attributes)

            def end(self, tag: str) -> None:
                called.append(tag)
                super().end(tag)

            def words(self, text: str) -> None:
                called.append(text)
                super().words(text)

            data = words

        monkeypatch.setattr(html_reader, "_Reader", Counted)
        html_reader.read(part * count)
        monkeypatch.undo()
        return len(called)

    few, many = steps(2_000), steps(4_000)
    assert many <= 2 * few + 8
    escape.typed(part * 4_000)
    escape.links(part * 4_000)


@given(st.text(alphabet="<>/&;abtdivp \"'=é\x00\n", max_size=60))
def test_no_html_breaks_the_reading(text: str) -> None:
    """Whatever is sent as HTML is read as some words."""
    assert "\x00" not in html_reader.read(text).words
