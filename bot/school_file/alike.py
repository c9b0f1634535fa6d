"""What looks alike to people and is not the same to a program: names, ids, places, examples left in the file.

All but places are doubts: two people may have one name. ``check`` tells them, and nothing is stopped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from bot.school_file.toml_lines import Path
from bot.school_file.toml_table import Source
from flows.school import Platform, School

#: Words that stand where a name is still to come.
_NOBODY = re.compile(
    r"[\W\d_]+|.|tbc|tba|tbd|n/?a|none|nobody|vacan(t|cy)|unknown|x{2,}|name|to be .*", re.IGNORECASE
)
#: Letters of one alphabet: a word of several looks like another word and is not found by it.
_ALPHABETS = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


def check_alike(school: School, source: Source) -> None:
    """Note in ``source`` what stands in the file twice, or only looks like what it should be."""
    _names(school, source)
    _twice(school, source)
    _staff_places(school, source)


def _names(school: School, source: Source) -> None:
    called: dict[str, str] = {}
    ids: dict[str, str] = {}
    for person in school.people.values():
        path: Path = ("people", person.id)
        other = called.setdefault(folded(person.name), person.id) if person.name else person.id
        if other != person.id:
            mend = "Keep one of the two; or tell them apart in their names, as reporters must."
            source.doubt((*path, "name"), f'"{other}" has the same name: is one person here twice?', mend)
        if ids.setdefault(folded(person.id), person.id) != person.id:
            what = f'this id and "{ids[folded(person.id)]}" look the same.'
            source.doubt(path, what, "Give one of the two another.")
        if mixed(person.name):
            what = (
                "a letter of another alphabet stands in this name: it looks like ours and is not found by it."
            )
            source.doubt((*path, "name"), what, "Type the name again.")
        if _NOBODY.fullmatch(person.name):
            mend = "Write who it is; or take this person out until you know."
            source.doubt((*path, "name"), "is this somebody's name?", mend)


def folded(name: str) -> str:
    """Return a name as the eye compares it."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def mixed(name: str) -> bool:
    """Return whether one word of a name has letters of several alphabets."""
    return any(
        len({unicodedata.name(letter, "").split(" ")[0] for letter in word} & _ALPHABETS) > 1
        for word in name.split()
    )


def _twice(school: School, source: Source) -> None:
    lists: list[tuple[Path, tuple[str, ...]]] = [
        *((("seats", seat.value), people) for seat, people in school.seats.items()),
        (("staff", "people"), school.staff.people),
        (("school", "administrator"), school.administrators),
    ]
    for path, people in lists:
        for person, times in Counter(people).items():
            if times > 1:
                source.doubt(path, f'"{person}" stands here twice.', "Take one out.")


def _staff_places(school: School, source: Source) -> None:
    """Refuse a place of cases that all staff are in."""
    staff = {Platform.SLACK: school.staff.slack_channel, Platform.TEAMS: school.staff.teams_team}
    places: list[tuple[Path, Platform, str]] = [
        *((("places", "leadership", on.value), on, place) for on, place in school.leadership.items()),
        *(
            (("places", "restricted", seat.value, on.value), on, place)
            for seat, addresses in school.restricted.items()
            for on, place in addresses.items()
        ),
    ]
    for path, platform, place in places:
        if place == staff.get(platform):
            mend = "Make a private channel of its own for those who may read cases."
            source.wrong(
                path, "this is the place of all staff as well: they would read the cases there.", mend
            )
