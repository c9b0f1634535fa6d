"""A letter as a Word file that can be read aloud: its title a heading, its lists lists, its language said.

The text is data: whatever stands in it comes out as the same characters.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: what no XML may hold, so that Word would refuse the file · https://www.w3.org/TR/xml/#charsets
_NEVER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = "en-GB"
#: characters that what a file says of itself may have
_LONGEST = 255


def letter(text: str, *, title: str, author: str, at: dt.datetime) -> bytes:
    """Return a letter as a Word file. Takes a moment: not for the event loop."""
    from docx import Document as blank  # noqa: N813, PLC0415 - a function of theirs; imported where a letter is made

    made = blank()
    _describe(made, title=title, author=author, at=at)
    _style(made)
    _write(made, _legible(text))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _describe(made: Document, *, title: str, author: str, at: dt.datetime) -> None:
    about = made.core_properties
    title, author = (_legible(said)[:_LONGEST] for said in (title, author))
    about.title, about.author, about.language, about.comments = title, author, _LANGUAGE, ""
    about.last_modified_by, about.created, about.modified = author, at, at


def _legible(text: str) -> str:
    return _NEVER.sub("\ufffd", text)


def _style(made: Document) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415 - as above
    from docx.shared import Cm, Pt, RGBColor  # noqa: PLC0415 - as above

    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.5)
    usual: Any = made.styles["Normal"]  # their types do not say that it has a font
    usual.font.name, usual.font.size = "Arial", Pt(11)
    usual.paragraph_format.space_after = Pt(9)
    title: Any = made.styles["Heading 1"]
    title.font.name, title.font.size, title.font.color.rgb = "Arial", Pt(15), RGBColor(0, 0, 0)
    title.paragraph_format.space_after = Pt(9)
    fonts = title.element.rPr.rFonts
    for theme in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[theme]  # a theme's font would stand before ours
    defaults = made.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for said in defaults.iter(qn("w:lang")):
        said.set(qn("w:val"), _LANGUAGE)


def _write(made: Document, text: str) -> None:
    """Write the title and the paragraphs: a blank line parts them, a line that begins with - is listed."""
    title, _, rest = text.strip().partition("\n")
    made.add_heading(title.strip(), level=1)
    for (blank, listed), lines in groupby(
        rest.splitlines(), key=lambda line: (not line.strip(), _listed(line))
    ):
        if listed:
            for line in lines:
                made.add_paragraph(line.removeprefix("- "), style="List Bullet")
        elif not blank:
            made.add_paragraph("\n".join(lines))


def _listed(line: str) -> bool:
    return line.startswith("- ")
