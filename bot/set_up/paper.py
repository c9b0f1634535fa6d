"""The policy's page as HTML: the few marks that ``policy_page`` writes, every word of it escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

_ITEM = re.compile(r"(- |\d+\. )")


def html_of(text: str) -> Markup:
    """Return the page as HTML: headings, lists, quotes, tables and paragraphs, bold and stressed words."""
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    made: list[Markup] = []
    for kind, lines in groupby(text.split("\n"), key=_kind):
        made += _block(kind, [*lines])
    return Markup("\n").join(made)


def _kind(line: str) -> str:
    """Return what a line belongs to."""
    stripped = line.strip()
    if not stripped:
        return ""
    if found := re.match(r"#+", stripped):
        return f"h{len(found[0])}"
    if _ITEM.match(stripped):
        return "ol" if stripped[0].isdigit() else "ul"
    return {">": "blockquote", "|": "table"}.get(stripped[0], "p")


def _block(kind: str, lines: list[str]) -> Iterator[Markup]:
    """Yield what lines of one kind become."""
    match kind:
        case "":
            return
        case "p":
            yield Markup("<p>{}</p>").format(_words(" ".join(map(str.strip, lines))))
        case "ul" | "ol":
            items = Markup("").join(
                Markup("<li>{}</li>").format(_words(_ITEM.sub("", one.strip(), 1))) for one in lines
            )
            yield _in(kind, items)
        case "blockquote":
            yield Markup("<blockquote>{}</blockquote>").format(
                _words(" ".join(one.strip("> ") for one in lines))
            )
        case "table":
            yield _table(lines)
        case _:
            for one in lines:
                yield _in(kind, _words(one.strip("# ")))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head, body = rows[0], rows[2:]
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(_words(cell)) if cell else Markup("<td></td>")
        for cell in head
    )
    cells = [Markup("").join(Markup("<td>{}</td>").format(_words(cell)) for cell in row) for row in body]
    trs = Markup("").join(Markup("<tr>{}</tr>").format(row) for row in cells)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(heads, trs)


def _in(tag: str, inside: Markup) -> Markup:
    """Return what stands in an element of ours."""
    return Markup(f"<{tag}>") + inside + Markup(f"</{tag}>")  # noqa: S704 - one of our own tags


def _words(text: str) -> Markup:
    """Return words with what is bold or stressed as such."""
    safe = str(escape(text))
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return Markup(re.sub(r"\*(.+?)\*", r"<em>\1</em>", safe))  # noqa: S704 - escaped above
