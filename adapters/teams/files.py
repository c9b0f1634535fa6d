"""Files that came with a message, fetched: from listed hosts only, up to a size, never by a redirect unseen.

A file of a personal chat has an address that needs no token; a picture in a message is fetched from
Teams' connector with ours, and our token goes nowhere else.
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from __future__ import annotations

from urllib.parse import urljoin

import aiohttp

from adapters.teams import limits
from adapters.teams.message_reader import Attached
from adapters.teams.tokens import Tokens
from adapters.teams.verify import Trust
from flows.errors import InvalidAnswer, PlatformError, Retryable
from flows.ui.inbound import Lost, Upload
from flows.words import say

_CHUNK = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_MANY, _THEIR_FAULT = 429, 500


async def fetch(
    files: tuple[Attached, ...],
    *,
    session: aiohttp.ClientSession,
    trust: Trust,
    tokens: Tokens | None,
    last: bool = True,
) -> tuple[tuple[Upload, ...], tuple[Lost, ...]]:
    """Return the files' bytes, and those that are too many, too big, or not to be had with the reason.

    Raises InvalidAnswer if not one of them is to be had; Retryable if one is not to be had just now, unless
    this is the ``last`` try.
    """
    found, lost = list[Upload](), list[Lost]()
    for file in files[limits.FILES :]:
        error = _too_many()
        lost.append(Lost(file.name, error.message, error.reference))
    for file in files[: limits.FILES]:
        try:
            found.append(await _one(file, session=session, trust=trust, tokens=tokens))
        except InvalidAnswer as error:
            lost.append(Lost(file.name, error.message, error.reference))
        except PlatformError as error:
            if isinstance(error, Retryable) and not last:
                raise
            lost.append(Lost(file.name, say("teams.trouble.file_gone"), reference="file-gone"))
    if lost and not found:
        words = " ".join(say("file.lost", name=one.name, why=one.why) for one in lost)
        raise InvalidAnswer("files", words, reference=lost[0].reference)
    return tuple(found), tuple(lost)


async def _one(
    file: Attached, *, session: aiohttp.ClientSession, trust: Trust, tokens: Tokens | None
) -> Upload:
    url = file.url
    timeout = aiohttp.ClientTimeout(total=limits.FILE_SECONDS)
    try:
        for _ in range(limits.FILE_HOPS):
            if not trust.fetches(url):
                raise _gone()
            headers = await headers_for(url, trust, tokens)
            async with session.get(url, headers=headers, allow_redirects=False, timeout=timeout) as response:
                if response.status in _REDIRECTS:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status == _TOO_MANY or response.status >= _THEIR_FAULT:
                    raise _not_now()
                if response.status != 200:  # noqa: PLR2004 - the one status with the file in it
                    raise _gone()
                return Upload(file.name, await _bytes(response))
    except ValueError:  # no address at all, or sent on to none
        raise _gone() from None
    except (aiohttp.ClientError, TimeoutError):
        raise _not_now() from None
    raise _gone()


async def headers_for(url: str, trust: Trust, tokens: Tokens | None) -> dict[str, str]:
    """Return the token for Teams' own connector, and nothing for anybody else."""
    if tokens is None or not trust.speaks_to(url):
        return {}
    return {"Authorization": f"Bearer {await tokens.get()}"}


async def _bytes(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, counted as it comes: what a header claims is not believed."""
    whole = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        whole += chunk
        if len(whole) > limits.FILE_BYTES:
            most = limits.FILE_BYTES // 1_000_000
            raise InvalidAnswer(
                "files", say("teams.trouble.file_too_big", most=most), reference="file-too-big"
            )
    return bytes(whole)


def _too_many() -> InvalidAnswer:
    words = say("teams.trouble.too_many_files", most=limits.FILES)
    return InvalidAnswer("files", words, reference="too-many-files")


def _not_now() -> Retryable:
    return Retryable("file-later", "A file could not be fetched just now.", after=limits.FILE_PAUSES[0])


def _gone() -> InvalidAnswer:
    return InvalidAnswer("files", say("teams.trouble.file_gone"), reference="file-gone")
