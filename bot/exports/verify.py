"""Whether an export is as it was made, and what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count

import msgspec
from msgspec import Struct

from bot.exports import archive
from bot.exports.archive import EVENTS, MANIFEST, SIGNATURE, File, Manifest, sha256
from bot.exports.signing import signed


class Verdict(Struct, frozen=True):
    """What was found: the manifest as far as it can be read, and what was changed; nothing = unchanged."""

    manifest: Manifest | None
    changed: tuple[str, ...]


def verify(content: bytes, *, key: str = "") -> Verdict:
    """Return whether an export is unchanged; ``key`` = the public key it must be signed with."""
    files, whole = archive.files_in(content)
    held = dict(files)
    manifest = _manifest(held.get(MANIFEST, b""))
    found = [*_proof(held, manifest, key)]
    if manifest is not None:
        found += [*_files(files, manifest), *_events(held.get(EVENTS, b""), manifest)]
    if not files:
        return Verdict(None, ("This is no export, or its beginning was changed.",))
    if not whole:
        found.insert(0, f"Behind {files[-1][0]} it was cut, or changed so that nothing more can be read.")
    if not found and (made := archive.build(files)) != content:
        found.append(_beside(made, content))
    return Verdict(manifest, tuple(found))


def _manifest(written: bytes) -> Manifest | None:
    try:
        manifest = msgspec.json.decode(written, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return manifest if manifest.format == archive.FORMAT else None


def _proof(held: dict[str, bytes], manifest: Manifest | None, key: str) -> Iterator[str]:
    """Yield what is wrong with the manifest and its signature."""
    if manifest is None:
        yield f"{MANIFEST} was removed or changed, or is of another version: what was in it cannot be told."
        return
    if SIGNATURE not in held:
        yield f"{SIGNATURE} was removed: nothing proves who made it."
        return
    signature = held[SIGNATURE].decode("ascii", "replace").removesuffix("\n")
    if not signed(held[MANIFEST], signature, manifest.public_key):
        yield f"{MANIFEST} or its signature was changed: the one does not fit the other."
    elif key and key.lower() != manifest.public_key:
        yield "It was signed with another key than the one you gave: it was not made by that school's bot."


def _files(files: Sequence[File], manifest: Manifest) -> Iterator[str]:
    """Yield which files were changed, removed, added, doubled or moved."""
    listed = {one.name: one for one in manifest.files}
    wanted = [*listed, MANIFEST, SIGNATURE]
    names = Counter(name for name, _ in files)
    yield from (f"{name} was removed." for name in wanted if name not in names)
    yield from (f"{name} was added." for name in names if name not in wanted)
    yield from (f"{name} is there {n} times." for name, n in names.items() if n > 1)
    for name, content in files:
        if name in listed and (len(content), sha256(content)) != (listed[name].size, listed[name].sha256):
            yield f"{name} was changed."
    there = [name for name in dict.fromkeys(name for name, _ in files) if name in wanted]
    if there != [name for name in wanted if name in names]:
        yield "The files stand in another order."


def _events(written: bytes, manifest: Manifest) -> Iterator[str]:
    """Yield which events were changed, removed, added or moved, by their line."""
    were, now = list(manifest.events), [sha256(line) for line in archive.lines(written)]
    if were != now and Counter(were) == Counter(now):
        moved = [str(line) for line, old, new in zip(count(1), were, now, strict=False) if old != new]
        yield f"Events stand in another order: lines {', '.join(moved)}."
        return
    for kind, start, end, first, last in SequenceMatcher(None, were, now, autojunk=False).get_opcodes():
        match kind:
            case "replace":
                yield f"Events were changed: {_span(start, end)} of the {len(were)} that were written."
            case "delete":
                yield f"Events were removed: {_span(start, end)} of the {len(were)} that were written."
            case "insert":
                yield f"Events were added: {_span(first, last)} as they stand now."
            case _:
                pass


def _span(start: int, end: int) -> str:
    return f"line {end}" if end == start + 1 else f"lines {start + 1} to {end}"


def _beside(expected: bytes, content: bytes) -> str:
    """Return that something was changed which is no file: names, dates, the list at the end, or behind it."""
    pairs = zip(count(), expected, content, strict=False)
    at = next((place for place, one, other in pairs if one != other), min(len(expected), len(content)))
    if at == len(content):
        return f"It was cut at its end, at byte {at:,}: all its files are there."
    if at == len(expected):
        return f"Something was added behind its end, at byte {at:,}."
    return f"What stands around the files was changed, at byte {at:,}."
