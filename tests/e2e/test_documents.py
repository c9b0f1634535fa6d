"""Each PDF that the bot makes, as veraPDF sees it: to be archived (PDF/A-2a) and read aloud (PDF/UA-1)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from bot.exports import archive
from tests import subject
from tests.bot import test_figures as figures
from tests.bot.turns import test_export as export
from tests.bot.turns import test_packs as packs
from tests.bot.turns import test_subject as requests
from tests.e2e.verapdf import STANDARDS, broken

HELD: dict[str, list[str]] = {standard: [] for standard in STANDARDS}
PACKS = ("legal", "police", "childrens_services")


async def _of_packs() -> dict[str, bytes]:
    place, _ = await packs.town()
    made = {}
    for body in PACKS:
        reader = await packs.document(place, await packs.made(place, "ash", body))
        made[f"pack-{body}.pdf"] = reader.stream.getvalue()
    return made


async def _of_figures() -> dict[str, bytes]:
    return {"governors.pdf": await figures.file(await figures.town(), "pdf")}


async def _of_exports() -> dict[str, bytes]:
    _, _, content = await export.exported()
    return {"case.pdf": dict(archive.files_in(content)[0])["case.pdf"]}


async def _of_requests() -> dict[str, bytes]:
    place, _ = await requests.school()
    _, content, _ = await subject.made(place, "ash", requests.SAM)
    return {"subject.pdf": content}


def _untagged(content: bytes) -> bytes:
    """Return a PDF whose structure nobody finds any more."""
    changed = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    del changed.root_object[NameObject("/StructTreeRoot")]
    out = io.BytesIO()
    changed.write(out)
    return out.getvalue()


@pytest.mark.feature("pdfs-validated")
async def test_each_pdf_keeps_the_rules_it_says_it_keeps(tmp_path: Path) -> None:
    """Packs, the case, what goes to who asks, the governors' report; and one without tags is found out."""
    made = {**await _of_packs(), **await _of_figures(), **await _of_exports(), **await _of_requests()}
    made["untagged.pdf"] = _untagged(made["case.pdf"])
    files = [tmp_path / name for name in made]
    for file in files:
        file.write_bytes(made[file.name])
    found = {Path(name).name: told for name, told in broken(*files).items()}
    rules = [rule.partition(":")[0] for rule in found.pop("untagged.pdf")["PDF/UA-1"]]
    assert "7.1/11" in rules, "there is no structure"
    assert found == dict.fromkeys(made.keys() - {"untagged.pdf"}, HELD)
