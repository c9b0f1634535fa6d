"""A chart as SVG: for each line two bars, this term and the one before, as far as a step says.

What is certain is solid, and as far as it may go is hatched. Words stand in it as text, and all that it shows
stands in the table below it too: its text alternative says so, and what is most.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from xml.sax.saxutils import escape

from msgspec import Struct

from flows.figures.steps import STEP, told
from flows.words import say

WIDTH = 640
_LEFT, _ROOM, _BAR, _GAP, _LINE = 250, 290, 13, 3, 44
_TOP = 34


class Bars(Struct, frozen=True, kw_only=True):
    """What is drawn: the two terms' names, and of each line what it is called and where each term stands."""

    title: str
    this: str
    before: str
    lines: tuple[tuple[str, int, int], ...]

    @property
    def alternative(self) -> str:
        """What the chart shows, in a sentence."""
        most = max(self.lines, key=lambda line: line[1])
        return say(
            "report.chart",
            title=self.title,
            this=self.this,
            before=self.before,
            most=most[0],
            count=told(most[1]),
            then=told(most[2]),
        )


def svg(bars: Bars, key: str) -> str:
    """Return the chart; ``key`` tells its parts from those of others in one page.

    Colours are set in place, and in a page by its classes: see ``governors.html``.
    """
    height = _TOP + _LINE * len(bars.lines)
    most = max(max(this, before) for _, this, before in bars.lines) + STEP - 1
    parts = [
        _OPENS.format(width=WIDTH, height=height),
        _hatches(key),
        *_legend(bars),
    ]
    for number, (called, *lows) in enumerate(bars.lines):
        top = _TOP + _LINE * number
        parts += _wrapped(called, top)
        for place, (low, name) in enumerate(zip(lows, ("this", "before"), strict=True)):
            parts += _bar(low, most, top + place * (_BAR + _GAP), (name, key))
    return "".join([*parts, "</svg>"])


def _legend(bars: Bars) -> Sequence[str]:
    found = []
    for name, called, x in (("this", bars.this, _LEFT), ("before", bars.before, _LEFT + 170)):
        found.append(f'<rect class="{name}" x="{x}" y="6" width="13" height="13" fill="{_FILL[name]}"/>')
        found.append(_text(called, x + 19, 17))
    return found


def _bar(low: int, most: int, y: int, names: tuple[str, str]) -> Sequence[str]:
    name, key = names
    hatch = f"url(#{name}-{key})"
    solid, end = low * _ROOM // most, (low + STEP - 1) * _ROOM // most
    return (
        f'<rect class="{name}" x="{_LEFT}" y="{y}" width="{solid}" height="{_BAR}" fill="{_FILL[name]}"/>',
        f'<rect x="{_LEFT + solid}" y="{y}" width="{end - solid}" height="{_BAR}" fill="{hatch}"/>',
        _text(told(low), _LEFT + end + 6, y + 11),
    )


#: So many characters of a name stand on one line, and two lines beside two bars.
_LETTERS = 34


def _wrapped(called: str, top: int) -> Sequence[str]:
    first, *rest = wrap(called, _LETTERS)
    if not rest:
        return (_text(first, _LEFT - 10, top + 19, end=True),)
    second = f"{rest[0][: _LETTERS - 1]}…" if rest[1:] else rest[0]
    return _text(first, _LEFT - 10, top + 12, end=True), _text(second, _LEFT - 10, top + 27, end=True)


def _text(words: str, x: int, y: int, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}"{anchor} fill="#1f2933">{escape(words)}</text>'


_OPENS = (
    '<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" viewBox="0 0 {width} {height}" '
    'font-family="Libertinus Serif, Georgia, serif" font-size="14">'
)
_FILL = {"this": "#0b5fa5", "before": "#8a5a00"}
_HATCH = (
    '<pattern id="{name}-{key}" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<path class="{name}-line" d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="{fill}" stroke-width="1.4"/></pattern>'
)


def _hatches(key: str) -> str:
    patterns = (_HATCH.format(name=name, key=key, fill=fill) for name, fill in _FILL.items())
    return f"<defs>{''.join(patterns)}</defs>"
