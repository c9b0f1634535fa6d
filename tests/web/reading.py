"""Reads a page of the workspace as a person and a browser would: words, controls, what would run."""

from __future__ import annotations

from html.parser import HTMLParser

#: Everything a page of ours is made of. A tag that is not here came from somebody's words.
TAGS = frozenset(
    (
        *(
            "html",
            "head",
            "body",
            "title",
            "meta",
            "link",
            "script",
            "main",
            "header",
            "footer",
            "aside",
            "nav",
        ),
        *("section", "h1", "h2", "h3", "p", "div", "span", "strong", "time", "hr", "a", "img", "svg", "path"),
        *("ol", "ul", "li", "dl", "dt", "dd", "figure", "figcaption", "blockquote", "details", "summary"),
        *("form", "fieldset", "legend", "label", "input", "textarea", "button", "progress", "dialog"),
    )
)
#: Attributes that carry words a person reads or hears.
SPOKEN = ("placeholder", "value", "aria-label", "alt")
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Reading(HTMLParser):
    """What is on a page."""

    def __init__(self, html: str) -> None:
        """Read it."""
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.live: list[str] = []
        self.intents: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.actions: list[str] = []
        self.ids: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag: a control, words, or something that must not be there."""
        values = {name: value or "" for name, value in attrs}
        self._inspect(tag, values)
        if tag not in _VOID:
            self._inside.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("name") == "intent":
            self.intents.append(values.get("value", ""))
        if tag == "form":
            self.actions.append(values.get("action", ""))
        if tag in ("input", "button", "textarea") and values.get("name"):
            self.fields.append((values["name"], values.get("value", "")))
        if tag != "input" or values.get("type") not in ("hidden", "radio", "checkbox"):
            self.words.extend(values[name] for name in SPOKEN if values.get(name) and tag != "button")

    def _inspect(self, tag: str, values: dict[str, str]) -> None:
        if tag not in TAGS:
            self.live.append(f"<{tag}>")
        self.live.extend(f"{tag} {name}" for name in values if name.startswith("on") or name == "style")
        for name in ("href", "src", "action", "formaction"):
            address = values.get(name, "#")
            if not address.startswith(("/", "#", "https://school.example/", "tel:", "mailto:")):
                self.live.append(f"{tag} {name}={address}")
        if tag == "script" and not values.get("src"):
            self.live.append("script in the page")

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag; a tag closed out of turn was closed by somebody's words."""
        if tag in _VOID:
            return
        if not self._inside or self._inside[-1] != tag:
            self.live.append(f"</{tag}> out of turn")
            return
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Keep words. What a person is still writing is theirs, to the last character."""
        self.words.append(data)
        if self._inside[-1:] != ["textarea"] and ("\u202e" in data or "\u2066" in data):
            self.live.append("words that turn other words round")

    def close(self) -> None:
        """Note what was opened and never closed."""
        super().close()
        self.live.extend(f"<{tag}> never closed" for tag in self._inside)

    @property
    def text(self) -> str:
        """All words, joined."""
        return " ".join(" ".join(self.words).split())
