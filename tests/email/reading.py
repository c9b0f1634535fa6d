"""An e-mail as a person and a program read it."""

from __future__ import annotations

from email.message import EmailMessage
from html.parser import HTMLParser

#: What a page may hold; anything else was not meant.
_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tr", "td"),
    *("h1", "p", "div", "br", "ul", "ol", "li", "a"),
}
_LINKS = ("https:", "tel:", "mailto:")


class Page(HTMLParser):
    """The words of a page, and what in it is alive."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self.odd: list[str] = []
        self._hidden = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is none of ours, and links."""
        self._hidden += tag in ("style", "title")
        said = dict(attrs)
        if tag == "a":
            self.links.append(said.get("href") or "")
        if tag not in _TAGS or any(name.startswith("on") or name == "src" for name in said):
            self.odd.append(tag)
        if tag == "a" and not (said.get("href") or "").startswith(_LINKS):
            self.odd.append(said.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave what nobody is shown."""
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self._hidden and data.strip():
            self.texts.append(data)


def plain(message: EmailMessage) -> str:
    """Return the words of a message, as a program without HTML shows them."""
    return _part(message, "plain")


def page(message: EmailMessage) -> str:
    """Return the page of a message."""
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content
