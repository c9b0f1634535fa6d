"""Reading a posted form off the wire: words and files, in memory, never in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Struct

from adapters.web import limits
from flows.ui.inbound import Upload


class Sent(Struct, frozen=True, kw_only=True):
    """What a browser sent: names and words in order, files, and the names of files not taken in."""

    pairs: tuple[tuple[str, str], ...]
    files: tuple[Upload, ...] = ()
    too_large: tuple[str, ...] = ()
    too_many: tuple[str, ...] = ()


#: what the library raises where a form is none
_UNREADABLE = (
    HttpProcessingError,
    web.RequestPayloadError,
    LookupError,
    ValueError,
    RuntimeError,
    AssertionError,
)


@contextmanager
def readable() -> Iterator[None]:
    """Turn what cannot be read in a form – its parts, its boundary, its encoding – into HTTPBadRequest."""
    try:
        yield
    except (
        HttpProcessingError,
        web.RequestPayloadError,
        LookupError,
        ValueError,
        RuntimeError,
        AssertionError,
    ):
        raise web.HTTPBadRequest from None


async def read(request: web.Request) -> Sent:
    """Return what a form holds. A file past its limit is read to its end and dropped, words are kept.

    Raises HTTPBadRequest, HTTPRequestEntityTooLarge, or HTTPLengthRequired for a body that does not say how
    long it is: every browser says.
    """
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_length > limits.REQUEST_BYTES:
        raise web.HTTPRequestEntityTooLarge(limits.REQUEST_BYTES, request.content_length)
    with readable():
        if request.content_type == "multipart/form-data":
            return await _parts(request)
        posted = await request.post()
    return Sent(pairs=tuple((name, value) for name, value in posted.items() if isinstance(value, str)))


async def _parts(request: web.Request) -> Sent:
    """Return what a form in parts holds, read part by part."""
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    too_large: list[str] = []
    too_many: list[str] = []
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        if part.filename is None:
            pairs.append((part.name, await part.text(encoding="utf-8")))
            continue
        content, whole = await _content(part, limits.UPLOAD_BYTES - total)
        total += len(content)
        if not whole:
            too_large.append(_last(part.filename))
        elif len(files) == limits.FILES:
            too_many.append(_last(part.filename))
        elif content or part.filename:
            files.append(Upload(_last(part.filename), content))
    return Sent(pairs=tuple(pairs), files=tuple(files), too_large=tuple(too_large), too_many=tuple(too_many))


def _last(name: str) -> str:
    """Return a file's own name: some browsers send the folders it came from as well."""
    return name.replace("\\", "/").rpartition("/")[2]


async def _content(part: BodyPartReader, room: int) -> tuple[bytes, bool]:
    """Return a file's bytes and True, or nothing and False if it is too large."""
    most = min(limits.FILE_BYTES, room)
    kept = bytearray()
    whole = True
    while chunk := await part.read_chunk(64 * 1024):
        if whole and len(kept) + len(chunk) <= most:
            kept += chunk
        else:
            kept.clear()
            whole = False
    return bytes(kept), whole
