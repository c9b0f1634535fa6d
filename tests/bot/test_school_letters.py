"""A school's own templates of letters: read beside its file, refused by file and line, told by ``check``."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.commands.check import run
from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import load_schools, read_schools
from flows.errors import SchoolFileError
from flows.letters.table import Letter
from flows.letters.values import write
from flows.school import SchoolId
from tests.flows.matter import ABUSE, AT, Matter

SAMPLE = SAMPLE_SCHOOL.read_text("utf-8")


def school_with(folder: Path, template: bytes | None, table: str = 'thanks = "thanks.txt"') -> Path:
    """Return a school's file that names a template, and the template beside it (None = it is not there)."""
    file = folder / "school.toml"
    file.write_text(SAMPLE.replace('# invitation = "our-invitation.txt"', table), "utf-8")
    if template is not None:
        (folder / "thanks.txt").write_bytes(template)
    return file


@pytest.mark.feature("own-letters")
@pytest.mark.parametrize(
    "template",
    [b"Ours\n\nThank you from {school}.", b"\xef\xbb\xbfOurs\r\n\r\nThank you from {school}."],
)
async def test_a_template_of_ones_own_stands_in_place_of_ours(tmp_path: Path, template: bytes) -> None:
    """The file's words are what is offered; every other letter is as it was; ``check`` says which are own."""
    file = school_with(tmp_path, template)
    school = load_schools(file)[SchoolId("HPS")]
    case = Matter(ABUSE, school=school).case
    assert write(Letter.THANKS, case, school, AT).text == f"Ours\n\nThank you from {school.name}."
    assert "campaign" in write(Letter.BRIEFING, case, school, AT).text
    out = io.StringIO()
    await run(file, out=out, environment={}, now=AT)
    assert "its own templates of letters are understood: thanks (thanks.txt)" in out.getvalue()


#: What is in the template, what stands in the table, and what the refusal says.
WRONG: list[tuple[bytes | None, str, list[str]]] = [
    (None, 'thanks = "thanks.txt"', ["thanks.txt", "line 1", "there is no such file"]),
    (b"T\n\n{scool}", 'thanks = "thanks.txt"', ["thanks.txt", "line 3", "{scool}", "Did you mean {school}?"]),
    (b"T\n{words}\n{link}", 'thanks = "thanks.txt"', ["line 2", "{words}", "line 3", "{link}"]),
    (b"PK\x03\x04\xff\xfe", 'thanks = "thanks.txt"', ["UTF-8", "not as a Word file"]),
    (b"", 'thanks = "thanks.txt"', ["empty"]),
    (b"x" * 2001, 'thanks = "thanks.txt"', ["2001 characters"]),
    (b"T", 'thank = "thanks.txt"', ["letters.thank", "Did you mean thanks?"]),
    (b"T", 'thanks = "."', ["cannot be read"]),
    (b"T", "thanks = 3", ["letters.thanks"]),
]


@pytest.mark.parametrize(("template", "table", "says"), WRONG)
async def test_a_template_that_is_wrong_is_refused(
    tmp_path: Path, template: bytes | None, table: str, says: list[str]
) -> None:
    """Nothing starts; the refusal names the file, the line, what is wrong and the mend; so does ``check``."""
    file = school_with(tmp_path, template, table)
    with pytest.raises(SchoolFileError) as refused:
        load_schools(file)
    out = io.StringIO()
    assert await run(file, out=out, environment={}, now=AT) == 2
    for word in says:
        assert word in refused.value.message, word
        assert word in out.getvalue(), word


def test_a_mistake_in_one_school_leaves_the_others(tmp_path: Path) -> None:
    """In a folder of schools only the one with the wrong template is refused."""
    school_with(tmp_path, b"T {nothing}")
    (tmp_path / "other.toml").write_text(SAMPLE.replace('prefix = "HPS"', 'prefix = "OTH"'), "utf-8")
    schools, errors, _ = read_schools(tmp_path)
    assert set(schools) == {"OTH"}
    assert [error.file for error in errors] == ["thanks.txt"]
