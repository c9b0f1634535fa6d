"""Fetching a file somebody handed in: from Slack's own host only, with our token, up to a size.

A private file's address is given to whoever holds a token, so the token goes nowhere else: another
host or a redirect is refused. Slack's limits and types are advice, not proof: the size is counted
here, and the type is found out by whoever keeps the file. https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp

from flows.errors import InvalidAnswer, Retryable
from flows.ui.inbound import Upload
from flows.words import say

#: where Slack keeps files
ORIGINS = ("https://files.slack.com",)
_OK = 200
_TOO_MANY, _THEIR_FAULT = 429, 500
_CHUNK = 65_536
_MEGA = 1_000_000


def address(file: dict[str, Any], origins: tuple[str, ...] = ORIGINS) -> str:
    """Return where a file may be fetched; "" if Slack names another host than its own."""
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    try:
        parts = urlsplit(url)
    except ValueError:  # whoever wrote the message may have written the address
        return ""
    return url if f"{parts.scheme}://{parts.netloc}" in origins else ""


def claimed(file: dict[str, Any]) -> int:
    """Return how big a file claims to be; 0 if that is no number."""
    size = file.get("size")
    return size if isinstance(size, int) else 0


async def fetch(session: aiohttp.ClientSession, token: str, file: dict[str, Any], *, most: int) -> Upload:
    """Return a file's name and bytes; ``file`` holds ``url`` (already checked), ``name``, ``size``.

    Raises InvalidAnswer (too big, or not to be had) or Retryable (Slack's fault).
    """
    if int(file.get("size") or 0) > most:
        raise _too_big(most)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(file["url"], headers=headers, allow_redirects=False) as answer:
            if answer.status == _TOO_MANY or answer.status >= _THEIR_FAULT:
                raise Retryable("slack-file", "Slack did not give the file.", after=5.0)
            # a sign-in page in place of the file: the scope is missing or the file is gone
            if answer.status != _OK or (answer.content_type == "text/html" and not _is_page(file)):
                raise InvalidAnswer("", say("slack.trouble.file_gone"), reference="file-gone")
            return Upload(str(file.get("name") or "file"), await _body(answer, most))
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise Retryable("slack-file", "Slack did not give the file.", after=5.0) from None


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > most:
            raise _too_big(most)
    return bytes(content)


def _is_page(file: dict[str, Any]) -> bool:
    return str(file.get("mimetype", "")) == "text/html"


def _too_big(most: int) -> InvalidAnswer:
    return InvalidAnswer("", say("slack.trouble.file_too_big", most=most // _MEGA), reference="file-too-big")
