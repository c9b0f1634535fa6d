"""What is wrong with a file that is no TOML, in the words of somebody who has never heard of TOML.

``tomllib`` says what it expected; here it is said what a person did – Word's curly quotes, a date as it is
spoken, a bracket that is never closed – on the line where they did it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from bot.school_file.toml_lines import TOKEN

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
_CURLY = re.compile("[\u201c\u201d\u201e\u201f\u2018\u2019\u2032\u2033\u00ab\u00bb\u00b4\uff02`]")
_VALUE = re.compile(r"^\s*[\w.\"'-]+\s*=\s*(?P<value>[^#]*)")
_SPOKEN_DATE = re.compile(r"(?<![\d-])(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?![\d-])")
_SHORT_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_AND_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:[a-z]{{2}})? +((?:{'|'.join(_MONTHS)})[a-z]*),? +(\d{{4}})", re.IGNORECASE
)
_NUMBER_AND_MORE = re.compile(r"([0-9]+)\s*[A-Za-z]+")
_DIGITS = re.compile(r"\+?[0-9][0-9 ()./-]{4,}")
_OPENS, _CLOSES = "[{", "]}"
#: How deep brackets go in a file that means something.
_DEEPEST = 20
#: What a file that a person wrote is never longer than, and a line of it (bytes).
_LARGEST, _LONGEST_LINE = 500_000, 4_000


def no_such_file(content: bytes) -> tuple[int, str, str] | None:
    """Return (line, what it is, mend) of a file that nobody wrote for this; None where it may be one."""
    mend = "Look whether this is the right file."
    if len(content) > _LARGEST:
        return 1, f"this file is {len(content) // 1000} kB: none of this kind is as large.", mend
    for number, line in enumerate(content.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            return number, "this line is far longer than anything that belongs here.", mend
    return None


def fault(text: str, error: Exception) -> tuple[int, str, str, str]:
    """Return (line, key, what a person did, how to mend it) for a text that ``tomllib`` refused."""
    found = _PLACE.search(str(error))
    lines = text.split("\n")
    line = int(found[1]) if found and found[1] else len(lines)
    deep = _too_deep(text)
    if deep or isinstance(error, RecursionError):
        return deep or 1, "", "brackets stand inside brackets without end.", "Take the extra ones out."
    for place in (line, line - 1):
        said = _habit(lines[place - 1]) if 0 < place <= len(lines) else None
        if said:
            return place, "", *said
    for place in (line, line - 1):
        if 1 < place <= len(lines) and _ends_without_comma(lines[place - 2], lines[place - 1]):
            return place - 1, "", *_COMMA
    opened = _never_closed(text, line)
    if opened:
        return opened, "", "a bracket is opened here and never closed.", "Close it with ] or }."
    return line, "", *_plainly(_PLACE.sub("", str(error)))


_COMMA = "a comma is missing between two texts.", 'Write ["…", "…"].'


def _ends_without_comma(line: str, after: str) -> bool:
    """Return whether a list's text ends one line, and the next begins, with no comma between them."""
    ends = re.fullmatch(r"\s*(?:[\w.-]+\s*=\s*)?[\[,]?\s*(?:\"[^\"]*\",?\s*)*\"[^\"]*\"\s*", line)
    return ends is not None and after.lstrip().startswith('"')


def _habit(line: str) -> tuple[str, str] | None:
    """Return what to say of one line that is written as people write elsewhere; None if it is not."""
    if not line.replace("\t", " ").isprintable():
        return "a sign that nobody sees stands on this line.", "Take the line out, and type it again."
    bare = re.sub(r'"[^"]*"|\'[^\']*\'', '""', line).partition("#")[0]
    if _CURLY.search(bare):
        return (
            "there are curly quotes here, as Word makes them.",
            'Type the quotes again in a plain editor such as Notepad: "…".',
        )
    value = _VALUE.match(bare)
    written = value["value"].strip() if value else ""
    if date := _date(bare):
        return date
    if part := _part(bare.strip()):
        return part
    if _DIGITS.fullmatch(written):
        return "a phone number needs quotes round it.", f'Write "{written}".'
    if number := _NUMBER_AND_MORE.fullmatch(written):
        return "only the number stands here, without what it counts.", f"Write {number[1]}."
    if told := _quotes(written):
        return told
    if written and re.match(r"[A-Za-z@#]", written) and written.split()[0] not in ("true", "false"):
        return "text needs quotes round it.", 'Write "…" round what stands behind the =.'
    if value and not written:
        return "nothing stands behind the =.", 'Write it on the same line; "" where there is nothing to say.'
    if line.count('"') % 2 and '"""' not in line:
        return "a quote is missing here.", 'Each text begins and ends with ".'
    return None


def _date(bare: str) -> tuple[str, str] | None:
    """Return what to say of a date that is written as people speak it, or of a day that is none."""
    day = month = year = ""
    if found := _SPOKEN_DATE.search(bare):
        day, month, year = found.groups()
    elif found := _DAY_AND_MONTH.search(bare):
        day, year = found[1], found[3]
        month = str(_MONTHS.index(found[2][:3].lower()) + 1)
    elif (found := _SHORT_DATE.search(bare)) and "-".join(found.groups()) != _padded(*found.groups()):
        year, month, day = found.groups()
    elif found:
        try:
            dt.date(*map(int, found.groups()))
        except ValueError:
            return f"there is no day {found[0]}.", "Look at a calendar, and write year-month-day."
    if not day:
        return None
    year = year if len(year) == len("2026") else f"20{year}"
    return "this is not how a date is written here.", f"Write year-month-day: {_padded(year, month, day)}."


def _padded(year: str, month: str, day: str) -> str:
    return f"{year}-{month:0>2}-{day:0>2}"


def _part(bare: str) -> tuple[str, str] | None:
    """Return what to say of the head of a part that lacks a bracket, or has a blank in it."""
    if other := re.fullmatch(r"\[\s*(people)\.\s*([^\[\]\"]+?)\s*\]", bare):
        plain = unicodedata.normalize("NFKD", other[2]).encode("ascii", "ignore").decode().lower()
        if not re.fullmatch(r"[\w. -]*", other[2], re.ASCII) and (plain := re.sub(r"[^a-z0-9]", "", plain)):
            what = "a sign stands in the name of this part that it cannot have."
            return what, f"Write letters and digits: [people.{plain}]."
    name = re.fullmatch(r"(\[*)\s*([A-Za-z_][\w .-]*?)\s*(\]*)", bare)
    if name is None or "=" in bare:
        return None
    if not (name[1] and name[3]) and (name[1] or name[3] or "." in name[2]):
        return "brackets are missing round the name of this part.", f"Write [{name[2]}]."
    if name[1] and " " in name[2]:
        return "a blank stands in the name of this part.", f"Write [{name[2].replace(' ', '.')}], with a dot."
    return None


def _quotes(written: str) -> tuple[str, str] | None:
    """Return what to say of quotes, commas and other signs that stand wrong round a text."""
    if written.startswith("'"):
        return "a quote is missing here.", 'Each text begins and ends with ".'
    if re.search(r'""\w|\w""', written) and not written.startswith(("[", "{")):
        return "there are quotes within the text.", "Take the inner ones out, or write ' for them."
    if re.fullmatch(r'""\s*[;,.]', written):
        return f"a {written[-1]} stands at the end of this line.", "Take it out."
    if re.search(r'""\s*(?:and|or|&|;|/|\+|\||)\s*""', written):
        return _COMMA
    if re.search(r'""\s+[\w-]+\s*=', written):
        return "a comma is missing between two parts of { … }.", "Put a , in front of the second."
    if written.startswith("("):
        return "a list stands in square brackets.", 'Write ["…", "…"].'
    if re.search(r"[\[,]\s*[A-Za-z_]", written) and written.startswith("["):
        return "each text in a list needs quotes round it.", 'Write ["…", "…"].'
    if written.startswith("{") and "}" not in written:
        return "what stands between { and } is on one line.", "Put all of it, and the }, on this line."
    return None


def _too_deep(text: str) -> int:
    """Return the line on which brackets go deeper than they ever need to; 0 if none does."""
    depth = 0
    for match in TOKEN.finditer(text):
        depth += (match["mark"] or "?") in _OPENS
        depth -= (match["mark"] or "?") in _CLOSES
        if depth > _DEEPEST:
            return text.count("\n", 0, match.start()) + 1
    return 0


def _never_closed(text: str, before: int) -> int:
    """Return the line of the last value's bracket that is still open where reading failed; 0 if none is."""
    opened: list[int] = []
    behind_equals = False
    for match in TOKEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if line > before:
            break
        mark = match["mark"] or ""
        if mark == "=":
            behind_equals = True
        elif mark == "\n" and not opened:
            behind_equals = False
        elif mark in ("[", "{") and behind_equals:
            opened.append(line)
        elif mark in ("]", "}") and opened:
            opened.pop()
    return opened[0] if opened else 0


def _plainly(said: str) -> tuple[str, str]:
    """Return ``tomllib``'s complaint in plain words, and the mend."""
    for sign, what, mend in (
        ("overwrite", "this key stands here for the second time.", "Keep one of the two lines."),
        (
            "twice",
            "this part stands here for the second time.",
            "Put the lines of both under one.",
        ),
        ("after a key", "an = is missing between a key and what it is.", 'Write key = "…".'),
        (
            "after a statement",
            "something more stands on this line.",
            "Give it a line of its own.",
        ),
        ("Illegal character", "a closing quote is missing here.", 'Each text begins and ends with ".'),
        ("Unclosed array", "a list is not closed.", "Close it with ]."),
        ("Unclosed inline table", "a bracket { is not closed.", "Close it with }."),
        ("Unescaped", "a \\ stands in this text.", "Write / instead, or \\\\."),
        ("'\\'", "a \\ stands in this text.", "Write / instead, or \\\\."),
    ):
        if sign in said:
            return what, mend
    return "I cannot read this line.", 'Each line is key = "…", a [part] in brackets, or a # comment.'
