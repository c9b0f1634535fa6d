"""An export: what is in it and what is not, who makes it, and that every change of it is found."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader

from bot.__main__ import main
from bot.exports import archive
from bot.exports.archive import EVENTS, MANIFEST, SIGNATURE, File, Manifest
from bot.exports.signing import Signer
from bot.exports.verify import verify
from flows.errors import StoreError
from flows.model import Action, AuditKind, Case, Change, Document
from flows.packs.whole import ARCHIVE, SHEET, files_of
from flows.ui.cards import Attachment, Card
from flows.ui.inbound import Refuse, Show, Upload, Uploaded
from storage.open import Opening, open_store
from storage.seal import signing_seed
from tests.access.test_matrix import PNG
from tests.story.test_story import ABUSE
from tests.town import Town, said

SIGNER = Signer(bytes(32))
ABOUT = Manifest(
    format=archive.FORMAT, case="HPS-2026-001", school="S", made="2026-11-24", by="Head", drill=False
)
FILES: list[File] = [
    ("READ-ME.txt", b"What this is."),
    (EVENTS, b'{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n'),
    ("evidence/01-a.png", PNG),
    ("evidence/02-é.png", b"PK\x05\x06 in a file"),
]
WHOLE = archive.sealed(FILES, ABOUT, SIGNER)


async def exported(person: str = "ash") -> tuple[Town, Case, bytes]:
    """Return a school whose lead has exported a case with a file, a note and a pack; and the ZIP."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {**ABUSE, "words": "Invented words of the posting"})
    await place.settle()
    case = await place.case()
    brought = Uploaded(key="f", actor=place.actor("brook"), files=(Upload("x.png", PNG),), case=case.id)
    await place.service.handle(brought)
    await place.act(person, await place.case(), Action.TAKE_ON)
    await place.act(person, await place.case(), Action.NOTE, {"text": "An invented note\nof two lines"})
    pack = Document(
        id="P",
        of="pack.legal",
        name="p.pdf",
        media_type="x",
        size=1,
        sha256="00",
        added_by="ash",
        added_at=case.opened_at,
    )  # type: ignore[arg-type]
    held = replace(await place.case(), documents=(pack,))
    await place.context.commit(Change(school=case.school, case=held))
    reply = await place.act(person, await place.case(), Action.EXPORT, {"text": "For the governors' hearing"})
    assert isinstance(reply, Show), said(reply)
    assert isinstance(reply.view, Card)
    assert [b.media_type for b in reply.view.blocks if isinstance(b, Attachment)] == [
        "application/pdf",
        "application/zip",
    ]
    case = await place.case()
    made = next(one for one in case.documents if one.of == ARCHIVE)
    found = await place.service.evidence(place.actor(person), case.id, made.sha256)
    assert found is not None
    return place, case, found[1]


@pytest.mark.feature("export-proves-itself")
async def test_an_export_holds_the_record_and_nothing_else() -> None:
    """The record, the story, the evidence; who reported, and packs, do not; on record and audit."""
    place, case, content = await exported()
    assert verify(content, key=Signer(place.context.signing_seed).public).changed == ()
    files = dict(archive.files_in(content)[0])
    assert list(files) == ["READ-ME.txt", "case.pdf", EVENTS, "evidence/01-x.png", MANIFEST, SIGNATURE]
    assert files["evidence/01-x.png"] == PNG
    story = [json.loads(line) for line in files[EVENTS].splitlines()]
    assert [(one["kind"], one["words"]) for one in story][-1] == ("noted", "An invented note\nof two lines")
    assert not any("by" in one or "who" in one for one in story)
    pages = PdfReader(io.BytesIO(files["case.pdf"])).pages
    told = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Invented words of the posting" in told
    assert "An invented note / of two lines" in told
    name = place.school.people["brook"].name
    for part in (told, files[EVENTS].decode(), files[MANIFEST].decode()):
        assert name not in part
        assert "brook" not in part
        assert "p.pdf" not in part
    with zipfile.ZipFile(io.BytesIO(content)) as other:  # any program opens it
        assert other.testzip() is None
        assert other.namelist() == list(files)
    event = (await place.store.events(case.school, case.id))[-1]
    sheet = next(one for one in case.documents if one.of == SHEET)
    assert (event.kind.value, event.words) == ("exported", "For the governors' hearing")
    line = next(one for one in await place.store.audit(case.school) if one.kind is AuditKind.EXPORTED)
    assert (line.by, line.case, line.facts[SHEET]) == ("ash", case.id, sheet.sha256)


async def test_a_leader_who_reported_is_no_reporter_in_it() -> None:
    """Who reported and holds a seat is called by neither: their events say what the record says of them."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("cam", {**ABUSE, "words": "Invented words"})
    await place.settle()
    case = await place.case()
    await place.act("cam", case, Action.ADD, {"text": "More invented words"})
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.EXPORT, {"text": "Invented."})
    case = await place.case()
    made = await place.store.file(case.school, case.documents[-1].sha256)
    assert made is not None
    events = dict(archive.files_in(made)[0])[EVENTS]
    record = said(await place.act("ash", case, Action.OPEN_RECORD))
    for line in map(json.loads, events.splitlines()):
        assert line["what"] in record
        assert line["kind"] not in ("opened", "added") or "Safeguarding" not in line["what"]
    assert b'"cam"' not in events


async def test_the_next_export_holds_no_export() -> None:
    """What was made before stays with the case and is no part of the next one."""
    place, case, content = await exported()
    await place.act("ash", case, Action.EXPORT, {"text": "Again"})
    case = await place.case()
    assert [one.of for one in case.documents].count(ARCHIVE) == 2
    made = await place.store.file(case.school, case.documents[-1].sha256)
    assert made is not None
    assert [n for n, _ in archive.files_in(made)[0]] == [n for n, _ in archive.files_in(content)[0]]


async def test_an_export_needs_a_reason_and_whoever_decides() -> None:
    """Whoever is told and does not decide makes none; nobody makes one without saying what for."""
    place, case, _ = await exported()
    assert isinstance(await place.act("cam", case, Action.EXPORT, {"text": "x"}), Refuse)
    assert isinstance(await place.act("ash", case, Action.EXPORT, {"text": " "}), Refuse)
    assert (await place.case()).version == case.version


async def test_a_picture_that_may_show_a_child_is_in_no_export() -> None:
    """Where it may be such imagery no file is in it; a file that is gone or locked is in none."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    case = await place.case()
    sha = await place.store.put_file(case.school, PNG)
    file = Document(
        id="F",
        of="",
        name="a.png",
        media_type="image/png",
        size=9,
        sha256=sha,
        added_by="brook",
        added_at=case.opened_at,
    )  # type: ignore[arg-type]
    posting = replace(case.report.posting, files=(file, replace(file, gone=True), replace(file, locked=True)))
    with_files = replace(case, report=replace(case.report, posting=posting))
    assert [one.id for one in files_of(with_files)[0]] == ["F"]
    answers = {**case.report.answers, "sexual_imagery_child": "yes"}
    assert files_of(replace(with_files, report=replace(with_files.report, answers=answers)))[0] == ()


async def test_an_export_is_whole_or_there_is_none() -> None:
    """Where a file of the case is not there any more, nothing is made, and that is said."""
    place, case, _ = await exported()
    file = case.report.posting.files[0]
    posting = replace(case.report.posting, files=(replace(file, sha256="ab" * 32),))
    await place.context.commit(
        Change(school=case.school, case=replace(case, report=replace(case.report, posting=posting)))
    )
    with pytest.raises(StoreError, match="is not there"):
        await place.act("ash", await place.case(), Action.EXPORT, {"text": "Invented."})
    assert len((await place.case()).documents) == len(case.documents)


# -- what verify finds ---------------------------------------------------------------------------------


def remade(change: Callable[[list[File]], list[File]]) -> bytes:
    """Return the export with its files changed, as a ZIP that is whole again."""
    return archive.build(change(archive.files_in(WHOLE)[0]))


def _with(name: str, content: bytes) -> Callable[[list[File]], list[File]]:
    return lambda files: [(n, content if n == name else was) for n, was in files]


def _events(*lines: int) -> bytes:
    return b"".join(b'{"n":%d}\n' % n for n in lines)


def _manifest(**changed: object) -> bytes:
    was = msgspec.json.decode(dict(archive.files_in(WHOLE)[0])[MANIFEST], type=Manifest)
    return msgspec.json.encode(msgspec.structs.replace(was, **changed))


CHANGES: dict[str, tuple[bytes, str]] = {
    "edited": (remade(_with("READ-ME.txt", b"What this was")), "READ-ME.txt was changed."),
    "removed": (
        remade(lambda files: [f for f in files if f[0] != "READ-ME.txt"]),
        "READ-ME.txt was removed.",
    ),
    "added": (remade(lambda files: [*files, ("more.txt", b"x")]), "more.txt was added."),
    "added in front": (remade(lambda files: [("more.txt", b"x"), *files]), "more.txt was added."),
    "reordered": (
        remade(lambda files: [files[1], files[0], *files[2:]]),
        "The files stand in another order.",
    ),
    "two swapped": (
        remade(lambda f: [f[0], f[1], (f[2][0], f[3][1]), (f[3][0], f[2][1]), *f[4:]]),
        "evidence/01-a.png was changed.",
    ),
    "renamed": (
        remade(lambda f: [("evidence/x", c) if n == "evidence/01-a.png" else (n, c) for n, c in f]),
        "evidence/x was added.",
    ),
    "event edited": (remade(_with(EVENTS, _events(1, 9, 3, 4))), "line 2 of the 4"),
    "event removed": (remade(_with(EVENTS, _events(1, 2, 4))), "Events were removed: line 3 of the 4"),
    "events removed": (remade(_with(EVENTS, _events(1))), "Events were removed: lines 2 to 4 of the 4"),
    "event added": (
        remade(_with(EVENTS, _events(1, 2, 3, 5, 4))),
        "Events were added: line 4 as they stand now.",
    ),
    "events reordered": (
        remade(_with(EVENTS, _events(1, 3, 2, 4))),
        "Events stand in another order: lines 2, 3.",
    ),
    "manifest edited": (
        remade(_with(MANIFEST, _manifest(by="Somebody"))),
        "manifest.json or its signature was changed",
    ),
    "manifest gone": (
        remade(lambda f: [one for one in f if one[0] != MANIFEST]),
        "manifest.json was removed or changed",
    ),
    "of another version": (
        remade(_with(MANIFEST, _manifest(format="x"))),
        "manifest.json was removed or changed",
    ),
    "signature gone": (remade(lambda f: f[:-1]), "nothing proves who made it"),
    "signature is no hex": (
        remade(_with(SIGNATURE, b"\xff\n")),
        "manifest.json or its signature was changed",
    ),
    "key is none": (
        remade(_with(MANIFEST, _manifest(public_key="zz"))),
        "manifest.json or its signature was changed",
    ),
    "cut": (WHOLE[:-40], "It was cut at its end"),
    "cut in a file": (WHOLE[:150], "Behind events.jsonl it was cut"),
    "something behind": (WHOLE + b"x", "Something was added behind its end"),
    "something in front": (b"x" + WHOLE, "This is no export"),
    "nothing": (b"", "This is no export"),
    "another date": (WHOLE.replace(b"\x21\x00", b"\x22\x00", 1), "What stands around the files was changed"),
}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.feature("export-proves-itself")
def test_every_kind_of_change_is_found_and_said_where(kind: str) -> None:
    """Edited, removed, added, reordered or cut: verify says so, and which file or line."""
    content, finding = CHANGES[kind]
    assert content != WHOLE
    changed = verify(content).changed
    assert any(finding in one for one in changed), changed
    if kind == "cut in a file":
        assert finding in changed[0], "why the rest is missing stands first"


def test_a_file_that_is_there_twice_is_found() -> None:
    """Which of the two a program opens, nobody knows."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = remade(lambda files: [files[0], *files])
    assert "READ-ME.txt is there 2 times." in verify(twice).changed


def test_packed_by_another_program_it_is_not_what_was_made() -> None:
    """Packed anew, with the same files, it is another file."""
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in archive.files_in(WHOLE)[0]:
            packed.writestr(name, content)
    assert verify(other.getvalue()).changed


@pytest.mark.parametrize("at", range(0, len(WHOLE), 7))
def test_no_byte_of_it_can_be_changed(at: int) -> None:
    """Wherever a byte is changed, it is found."""
    assert verify(WHOLE[:at] + bytes([WHOLE[at] ^ 1 + at % 255]) + WHOLE[at + 1 :]).changed


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(("flip", "cut", "grow", "drop", "swap")))
def test_nothing_done_to_its_bytes_passes(seed: int, way: str) -> None:
    """Bytes flipped, cut, put in, taken out, swapped: nothing passes as unchanged, and nothing breaks."""
    rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    a, b = sorted(rng.sample(range(len(WHOLE)), 2))
    made = {
        "flip": WHOLE[:a] + rng.randbytes(b - a) + WHOLE[b:],
        "cut": WHOLE[:a],
        "grow": WHOLE[:a] + rng.randbytes(3) + WHOLE[a:],
        "drop": WHOLE[:a] + WHOLE[b:],
        "swap": WHOLE[:a] + WHOLE[b:] + WHOLE[a:b],
    }[way]
    assert bool(verify(made).changed) is (made != WHOLE)


def test_signed_by_somebody_else_it_is_not_the_schools() -> None:
    """Made anew with another key it is whole, and not signed with the school's: that has to be compared."""
    forged = archive.sealed([("READ-ME.txt", b"Forged."), *FILES[1:]], ABOUT, Signer(b"\1" * 32))
    assert verify(forged).changed == ()
    assert "signed with another key" in verify(forged, key=SIGNER.public).changed[0]
    assert verify(WHOLE, key=SIGNER.public.upper()).changed == ()


def test_the_command_says_what_it_proves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unchanged, with its key, and what that proves; or what was changed, where; or that there is none."""
    file = tmp_path / "e.zip"
    file.write_bytes(WHOLE)
    assert main(["verify", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "Unchanged: HPS-2026-001, S" in shown
    assert f"Signed with the key {SIGNER.public}" in shown
    assert "Anybody can sign with their own key." in shown
    assert "does not prove" in shown
    assert main(["verify", str(file), "--key", SIGNER.public]) == 0
    assert "That is the key you gave." in capsys.readouterr().out
    file.write_bytes(CHANGES["event edited"][0])
    assert main(["verify", str(file)]) == 1
    assert "CHANGED" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "none.zip")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_public_key_is_printed_and_is_of_the_sealing_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is that of the store that the settings name; the seed of the signature is not the key itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(bytes(range(32))).decode())
    store = asyncio.run(open_store("tinydb:var/reports.db", key=bytes(range(32)), opening=Opening.NEW))
    asyncio.run(store.close())
    assert main(["key", "public"]) == 0
    assert capsys.readouterr().out.strip() == Signer(signing_seed(store.root)).public
    assert signing_seed(bytes(32)) != bytes(32)
