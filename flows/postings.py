"""By what a posting is found, and whether two reports are about one: link, account, words, made alike first.

That two are one is a hint for people who may read both, never a finding: nothing is merged because of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct
from rapidfuzz import fuzz, utils
from yarl import URL

from flows.model.reports import Posting
from flows.questions.keywords import LOOKS_LIKE

#: From how many words on, and how much alike (of 100), two reports in people's own words are taken for one.
LEAST_WORDS, ALIKE = 8, 88
#: Where the account is the same, words that are half alike are enough.
HALF_ALIKE = 55
#: Texts that are so much alike have at least one word in so many: looked at before anything is opened.
_SHARED = 2
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
#: Names in front of a host that lead to the same page.
_FRONTS = ("www.", "m.", "mobile.", "mbasic.", "old.", "new.", "web.", "en-gb.")
#: Hosts that are one and the same.
_SAME = {"twitter.com": "x.com", "fb.com": "facebook.com", "youtube-nocookie.com": "youtube.com"}
#: What only says where somebody came from, or who shared it.
_TRACKS = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|twclid|ttclid|igsh|igshid|mibextid|rdid|share_\w+|sharer?|si|feature|ref|"
    r"ref_\w+|refsrc|s|t|_rdr|_rdc|__\w+(?:\[\d+\])?|cft|tn|hl|lang|locale|context|is_from_webapp|sender_device|"
    r"web_id|_[rtd]|paipv|eav|source|fs|notif_\w+|extid|vh|d|wa_status_inline",
    re.IGNORECASE,
)
#: Pages of theirs that lead to another, and where that stands.
_LEADS_ON = {"l.facebook.com": "u", "lm.facebook.com": "u", "l.instagram.com": "u", "google.com": "url"}

#: A word as it is searched, with its apostrophe.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
#: So many bytes stand for a word: among a million, one more that is found by chance is rare, and harmless.
BLIND = 5
#: A plural has more letters than this before its s.
_SINGULAR = 3


class Why(StrEnum):
    """Why two reports look like one posting, from the surest."""

    LINK = "link"
    WORDS = "words"
    ACCOUNT = "account"


def normal_link(text: str) -> str:
    """Return the address in a text without what differs from one reader to the next ("" = there is none).

    A page that is nobody's posting, such as a site's first page, is none.
    """
    found = _ADDRESS.search(text)
    return _normal(found[0].rstrip(".,;:!?)]}>\"'”’")) if found else ""


def _normal(address: str, *, followed: bool = False) -> str:
    try:
        url = URL(address if "://" in address else f"https://{address}")
        host, path, query = (url.host or "").rstrip("."), url.path, url.query
    except ValueError:
        return ""
    for front in _FRONTS:
        host = host.removeprefix(front)
    onward = query.get(_LEADS_ON.get(host, ""), "")
    if onward and not followed:
        return _normal(onward, followed=True)
    host = _SAME.get(host, host)
    kept = sorted((name, value) for name, value in query.items() if not _TRACKS.fullmatch(name))
    if host == "youtu.be":
        host, path, kept = "youtube.com", "/watch", [("v", path.strip("/"))]
    path = path.rstrip("/")
    if not host or not (path or kept):
        return ""
    return f"{host}{path}?{'&'.join(f'{name}={value}' for name, value in kept)}".rstrip("?")


def normal_account(name: str) -> str:
    """Return an account's name as it is compared: no capitals, no sign in front, no spaces to spare."""
    flat = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    bare = normal_link(flat).rpartition("/")[2] if normal_link(flat) else flat
    return bare.removeprefix("u/").strip("@ .,'\"“”‘’")


def alike(one: str, other: str) -> float:
    """Return how much two texts say the same, of 100; what is too short to say is 0."""
    first, second = (utils.default_process(text) for text in (one, other))
    if min(len(first.split()), len(second.split())) < LEAST_WORDS:
        return 0.0
    return fuzz.token_set_ratio(first, second)


def link_mark(posting: Posting) -> str:
    """Return by what a posting's link is found ("" = it has none): no link can be read off it."""
    link = normal_link(posting.link) or normal_link(posting.words)
    return _mark("link", link)


def account_mark(posting: Posting) -> str:
    """Return by what a posting's account is found ("" = none was named)."""
    return _mark("account", normal_account(posting.account_name))


def marks(posting: Posting) -> tuple[str, ...]:
    """Return by what postings are found that may be the same, or of the same account."""
    return tuple(mark for mark in (link_mark(posting), account_mark(posting)) if mark)


def blinded(text: str) -> bytes:
    """Return by what a text's words are found, a few bytes each: no word can be read off them.

    Capitals, accents, letters that look alike, and an s at the end make no difference.
    """
    return b"".join(sorted(_blinds(text)))


def _blinds(text: str) -> set[bytes]:
    flat = text.casefold()
    if not flat.isascii():
        flat = unicodedata.normalize("NFKD", flat).translate(LOOKS_LIKE)
        flat = "".join(char for char in flat if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return {_blind(word) for word in set(_WORD.findall(flat))}


@lru_cache(maxsize=8192)  # people use the same few thousand words
def _blind(word: str) -> bytes:
    bare = word.removesuffix("'s").replace("'", "")
    if len(bare) > _SINGULAR and bare.endswith("s") and not bare.endswith("ss"):
        bare = bare[:-1]
    return blake2b(bare.encode(), digest_size=BLIND).digest()


def joined(found_by: bytes, texts: Iterable[str]) -> bytes:
    """Return by what something is found once these texts belong to it too."""
    return b"".join(sorted({*each_blind(found_by), *_blinds("\n".join(texts))}))


def each_blind(wanted: bytes) -> list[bytes]:
    """Return the words that are looked for, each by itself, blinded."""
    return [wanted[at : at + BLIND] for at in range(0, len(wanted), BLIND)]


def holds(found_by: bytes, word: bytes) -> bool:
    """Return whether a word, blinded, is among those that something is found by."""
    at = found_by.find(word)
    while at >= 0 and at % BLIND:
        at = found_by.find(word, at + 1)
    return at >= 0


def searched(posting: Posting) -> tuple[bytes, int]:
    """Return by what a posting is found in a search for words, blinded; and how many of them it says itself.

    It is never found by who captured it.
    """
    about = (posting.platform_other, posting.account_name, posting.audience, posting.first_seen)
    files = (file.name for file in posting.files if not (file.gone or file.locked))
    said = _blinds(posting.words)
    return b"".join(sorted(said | _blinds("\n".join((*about, *files))))), len(said)


class Sought(Struct, frozen=True):
    """A posting whose like is looked for, by what can be told without opening another."""

    marks: frozenset[str]
    words: frozenset[bytes]

    def may_be(self, marks: Iterable[str], words: bytes, said: int) -> bool:
        """Return whether another may be the same: then it is worth opening, and :func:`same` says so.

        Two texts that are alike letter by letter, in which more than every other word is written in two ways,
        are not found; nobody writes like that.
        """
        if not self.marks.isdisjoint(marks):
            return True
        shared = len(self.words.intersection(each_blind(words)))
        return shared > 0 and shared * _SHARED >= min(len(self.words), said)


def sought(posting: Posting) -> Sought:
    """Return a posting as its like is looked for."""
    return Sought(frozenset(marks(posting)), frozenset(_blinds(posting.words)))


def same(one: Posting, other: Posting) -> Why | None:
    """Return why two look like one posting; None = nothing says so."""
    if link_mark(one) and link_mark(one) == link_mark(other):
        return Why.LINK
    likeness = alike(one.words, other.words)
    if likeness >= ALIKE:
        return Why.WORDS
    account = account_mark(one)
    if account and account == account_mark(other) and likeness >= HALF_ALIKE:
        return Why.ACCOUNT
    return None


def _mark(kind: str, value: str) -> str:
    return f"{kind}:{blake2b(value.encode(), digest_size=8).hexdigest()}" if value else ""
