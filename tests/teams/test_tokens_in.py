"""Who is let in: every wrong token, and the two holes the kit leaves, over the real wire."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from adapters.teams import limits, listen
from adapters.teams.signing_keys import Keys
from adapters.teams.verify import Distrust, Trust, listed, on_this_computer
from bot.directory import SchoolDirectory
from flows.errors import SettingsError
from tests.fakes import FakeClock
from tests.teams import activities
from tests.teams.conftest import RIGHT, Bot
from tests.teams.connector import APP, ISSUER, OTHER_TENANT, TENANT, Connector

OTHER_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)

#: name -> a token that is wrong in one way
WRONG: dict[str, Callable[[Connector], str | None]] = {
    "no token": lambda _: None,
    "an empty one": lambda _: "",
    "garbage": lambda _: "abc",
    "three parts of garbage": lambda _: "a.b.c",
    "for another bot": lambda c: c.token(aud="x"),
    "for nobody": lambda c: c.token(aud=None),
    "from somebody else": lambda c: c.token(iss="https://evil.example"),
    "from nobody": lambda c: c.token(iss=None),
    "from an emulator": lambda c: c.token(
        iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
    ),
    "from a skill": lambda c: c.token(
        iss=f"https://login.microsoftonline.com/{TENANT}/v2.0", ver="2.0", azp="x"
    ),
    "for another service": lambda c: c.token(serviceurl="https://evil.example/"),
    "for no service": lambda c: c.token(serviceurl=None),
    "expired": lambda c: c.token(exp=int(time.time()) - 3_600),
    "not yet good": lambda c: c.token(nbf=int(time.time()) + 3_600),
    "good for ever": lambda c: c.token(exp=None),
    "another key, the same name": lambda c: c.token(key=OTHER_KEY),
    "an unknown key": lambda c: c.token(kid="zz"),
    "no key's name": lambda c: jwt.encode({"iss": ISSUER, "aud": APP, "serviceurl": c.url}, c.key, "RS256"),
    "unsigned": lambda c: jwt.encode({"iss": ISSUER, "aud": APP, "serviceurl": c.url}, "", "none"),
    "signed by a shared secret": lambda c: jwt.encode(
        {"iss": ISSUER, "aud": APP, "serviceurl": c.url, "exp": int(time.time()) + 600},
        "0123456789abcdef0123456789abcdef",
        "HS256",
        headers={"kid": "k1"},
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_token_is_refused(name: str, bot: Bot) -> None:
    """Each wrong token is answered 401, nothing is handed in, and nothing is said."""
    token = WRONG[name](bot.connector)
    status, body = await bot.post(activities.personal(text="hello"), token=token)
    assert (status, body, bot.door.came) == (401, "", [])


async def test_a_right_token_is_let_in(bot: Bot) -> None:
    """A token that is right in every way lets the words in; the answer goes out with our own token."""
    status, _ = await bot.post(activities.personal(text="hello"))
    assert status == 200
    assert [type(came).__name__ for came in bot.door.came] == ["Typed"]
    assert [headers["Authorization"] for _, _, headers in bot.connector.requests] == ["Bearer t1"]


async def test_a_key_must_be_endorsed_for_teams(bot: Bot, connector: Connector) -> None:
    """A key that may not speak for Teams lets nobody in."""
    connector.endorsements = ["directline"]
    await bot.app.stop()
    await bot.app.start()
    assert (await bot.post(activities.personal(text="hello")))[0] == 401


#: name -> what is changed about an activity
HOLES: dict[str, dict[str, Any]] = {
    "no service address": {"serviceUrl": None},
    "an empty service address": {"serviceUrl": ""},
    "another tenant in the conversation": {
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER_TENANT}
    },
    "another tenant in the channel data": {"channelData": {"tenant": {"id": OTHER_TENANT}}},
    "no tenant at all": {"conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {}},
    "a tenant that is no text": {"conversation": {"id": "a:1", "tenantId": 7}, "channelData": {"tenant": []}},
}


@pytest.mark.parametrize("name", HOLES)
async def test_the_holes_are_closed(name: str, bot: Bot) -> None:
    """With a right token: no service address, another tenant, or none, is refused and nothing runs."""
    status, body = await bot.post(activities.personal(text="hello", **HOLES[name]))
    assert (status, body, bot.door.came) == (403, "", [])


async def test_a_swapped_service_address_is_refused(bot: Bot) -> None:
    """The address an activity names must be the token's: ours would be sent there otherwise."""
    status, _ = await bot.post_raw(activities.personal(text="hello", serviceUrl="http://127.0.0.1:9/"))
    assert (status, bot.door.came) == (401, [])


async def test_an_unlisted_host_is_refused(bot: Bot) -> None:
    """A host that is not Teams' is refused even with a token that names it."""
    url = "https://smba.trafficmanager.net.evil.example/"
    activity = activities.personal(text="hello", serviceUrl=url)
    status, _ = await bot.post_raw(activity, token=bot.connector.token(serviceurl=url))
    assert (status, bot.door.came) == (403, [])


@pytest.mark.parametrize("raw", ["", "[]", "7", "{", "null"])
async def test_what_is_no_activity_is_refused(raw: str, bot: Bot) -> None:
    """A body that is no JSON object is answered 400."""
    async with bot.session.post(f"{bot.url}api/messages", data=raw) as response:
        assert response.status == 400


async def test_a_huge_body_is_refused(bot: Bot) -> None:
    """More than Teams ever sends is not read to its end."""
    async with bot.session.post(f"{bot.url}api/messages", data=b"x" * 500_000) as response:
        assert response.status == 400


#: (app id, development, this computer only, whether it starts)
STARTS = [
    ("", False, False, False),
    ("", True, False, False),
    ("", False, True, False),
    ("", True, True, True),
    (APP, False, False, True),
]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080/x", True),
        ("https://[::1]/x", True),
        ("http://localhost", True),
        ("ttp://127.0.0.1", False),
        ("//127.0.0.1", False),
        ("ftp://localhost", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://192.0.2.7", False),
        ("http://[", False),
    ],
)
def test_what_is_on_this_computer(url: str, here: bool) -> None:  # noqa: FBT001 - a table's column
    """In development an address of this computer is trusted too, over the web's own two schemes only."""
    assert on_this_computer(url) is here


@pytest.mark.parametrize("row", STARTS)
async def test_without_an_app_id_nothing_starts_but_a_try_on_this_computer(
    row: tuple[str, bool, bool, bool], bot: Bot, clock: FakeClock
) -> None:
    """Without an app id there is no proof of who speaks: development and loopback both, or not at all."""
    app_id, dev, loopback, starts = row

    def make() -> object:
        return listen.create(
            door=bot.door,
            directory=SchoolDirectory({}),
            store=bot.store,
            clock=clock,
            app_id=app_id,
            secret=RIGHT,
            tenant=TENANT,
            dev=dev,
            loopback=loopback,
        )

    if starts:
        assert make()
    else:
        with pytest.raises(SettingsError):
            make()


HOSTS = {
    "https://smba.trafficmanager.net/emea/": True,
    "https://smba.trafficmanager.net:443/emea/": True,
    "https://smba.infra.teams.microsoft.com/x": True,
    "https://SMBA.trafficmanager.net./emea/": True,
    "http://smba.trafficmanager.net/": False,
    "https://smba.trafficmanager.net:8443/": False,
    "https://smba.trafficmanager.net@evil.example/": False,
    "https://evil.example/smba.trafficmanager.net": False,
    "https://evilteams.microsoft.com/": False,
    "https://evilsmba.trafficmanager.net/": False,  # ends like a listed host that stands for itself alone
    "https://x.smba.trafficmanager.net/": False,
    "https://teams.microsoft.com/": False,
    "https://:secret@smba.trafficmanager.net/": False,
    "https://teams.microsoft.com.evil.example/": False,
    "https://x@smba.trafficmanager.net/": False,
    "https://[::1]:x/": False,
    "https://smba.trafficmanager.net:x/": False,
    "https://": False,
    "ftp://smba.trafficmanager.net/": False,
    "": False,
}


@pytest.mark.parametrize("url", HOSTS)
def test_only_listed_hosts(url: str) -> None:
    """Our token goes to Teams' own hosts, over https, and nowhere that only looks like them."""
    assert HOSTS[url] is listed(url, Trust(app_id=APP, tenant=TENANT).hosts)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost/", "https://[::1]/"])
def test_this_computer_counts_in_development_only(url: str) -> None:
    """Addresses on this computer are spoken to in development, never otherwise."""
    assert Trust(app_id="", tenant="", dev=True).speaks_to(url)
    assert not Trust(app_id=APP, tenant=TENANT).speaks_to(url)


def test_another_channel_is_refused() -> None:
    """A token for Teams does not open the door for another channel's activity."""
    trust = Trust(app_id=APP, tenant=TENANT)
    assert trust.distrusts(activities.personal(channelId="slack")) == Distrust.OTHER_CHANNEL
    assert trust.distrusts(activities.personal()) is None


async def test_unknown_keys_do_not_make_us_ask_again_and_again() -> None:
    """Tokens that name unknown keys lead to one reading of the list, not to one each."""
    reads: list[str] = []
    now = [0.0]

    async def read(url: str) -> Any:
        reads.append(url)
        return {"jwks_uri": "keys"} if url == "meta" else {"keys": []}

    keys = Keys(read, "meta", monotonic=lambda: now[0])
    for _ in range(5):
        with pytest.raises(PermissionError):
            await keys.get("zz")
    assert reads == ["meta", "keys"]
    now[0] = 301.0
    with pytest.raises(PermissionError):
        await keys.get("zz")
    assert len(reads) == 4


async def test_old_keys_stay_where_new_ones_cannot_be_read(signing: Connector) -> None:
    """A day later, with Microsoft out of reach, the keys we know still let Teams in."""
    shown = {
        **json.loads(RSAAlgorithm.to_jwk(signing.key.public_key())),
        "kid": "k1",
        "endorsements": ["msteams"],
    }
    now, reachable = [0.0], [True]

    async def read(url: str) -> Any:
        if not reachable[0]:
            raise TimeoutError
        return {"jwks_uri": "keys"} if url == "meta" else {"keys": [shown]}

    keys = Keys(read, "meta", monotonic=lambda: now[0])
    assert (await keys.get("k1")).endorsements == ["msteams"]
    now[0], reachable[0] = 90_000.0, False
    assert (await keys.get("k1")).endorsements == ["msteams"]


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://evil.example/", "ftp://127.0.0.1/", "http://[::1/", "localhost"]
)
def test_elsewhere_does_not_count_as_this_computer(url: str) -> None:
    """In development, too, our token and a school's files go to no other computer."""
    trust = Trust(app_id="", tenant="", dev=True)
    assert not trust.speaks_to(url)
    assert not trust.fetches(url)


FILES = {
    "https://school.sharepoint.com/x": True,
    "https://eu.svc.ms/x": True,
    "https://eu-api.asm.skype.com/x": True,
    "https://smba.trafficmanager.net/emea/x": True,
    "https://sharepoint.com/x": False,
    "https://evilsharepoint.com/x": False,
    "https://evil.example/x": False,
    "http://127.0.0.1/x": False,
}


@pytest.mark.parametrize("url", FILES)
def test_files_come_from_listed_hosts_only(url: str) -> None:
    """A file that somebody attaches is fetched from Microsoft's stores, not from wherever they say."""
    assert Trust(app_id=APP, tenant=TENANT).fetches(url) is FILES[url]
    assert Trust(app_id="", tenant="", dev=True).fetches("http://127.0.0.1/x")


@pytest.mark.parametrize(
    ("trust", "changed", "why"),
    [
        pytest.param({}, {}, None, id="ours"),
        pytest.param({"tenant": TENANT.upper()}, {}, None, id="ours, written large in the settings"),
        pytest.param({}, {"serviceUrl": ""}, Distrust.NO_SERVICE, id="no address"),
        pytest.param({}, {"serviceUrl": "https://evil.example/"}, Distrust.OTHER_HOST, id="another host"),
        pytest.param({}, {"channelId": "directline"}, Distrust.OTHER_CHANNEL, id="another channel"),
        pytest.param({"tenant": OTHER_TENANT}, {}, Distrust.OTHER_TENANT, id="another tenant"),
        pytest.param({"tenant": ""}, {}, Distrust.OTHER_TENANT, id="no tenant set"),
        pytest.param({"tenant": OTHER_TENANT, "dev": True}, {}, Distrust.OTHER_TENANT, id="one set, in dev"),
        pytest.param({"tenant": "", "dev": True}, {}, None, id="none set, in dev"),
        pytest.param({"dev": True}, {"channelId": "emulator"}, None, id="trying out in an emulator"),
    ],
)
def test_why_an_activity_is_refused(
    trust: dict[str, Any], changed: dict[str, Any], why: Distrust | None
) -> None:
    """Each refusal has its own reason, so that the log tells an administrator what to set right."""
    settings = {"app_id": APP, "tenant": TENANT, **trust}
    url = "https://smba.trafficmanager.net/emea/"
    assert Trust(**settings).distrusts(activities.personal(**{"serviceUrl": url, **changed})) is why


class Microsoft:
    """The list of keys as Microsoft shows it, with a clock; it can be out of reach."""

    def __init__(self, *shown: dict[str, Any]) -> None:
        """Show these keys."""
        self.shown, self.now, self.reachable = list(shown), 0.0, True
        self.reads: list[str] = []
        self.keys = Keys(self.read, "meta", monotonic=lambda: self.now)

    async def read(self, url: str) -> Any:
        """Answer, a moment later."""
        self.reads.append(url)
        await asyncio.sleep(0)
        if not self.reachable:
            raise TimeoutError
        return {"jwks_uri": "keys"} if url == "meta" else {"keys": self.shown}

    async def lets_in(self, kid: str | None) -> bool:
        """Say whether a token of that key is let in."""
        try:
            await self.keys.get(kid)
        except PermissionError:
            return False
        return True


def rsa_key(signing: Connector, kid: str, **changed: Any) -> dict[str, Any]:
    """Return a key as Microsoft lists it."""
    return {**json.loads(RSAAlgorithm.to_jwk(signing.key.public_key())), "kid": kid, **changed}


async def test_one_strange_key_locks_nobody_out(signing: Connector) -> None:
    """A key of another kind, or without a name, stands in Microsoft's list: Teams is let in all the same."""
    listed_keys = [
        {"kty": "EC", "kid": "e1", "crv": "P-256"},
        rsa_key(signing, ""),
        {"kid": "no kind"},
        {"kty": "RSA", "kid": "broken"},
        {"kty": "RSA", "kid": "broken too", "n": "!", "e": 7},
        7,  # type: ignore[list-item]
        rsa_key(signing, "k1", endorsements=["msteams"]),
    ]
    microsoft = Microsoft(*listed_keys)
    assert await microsoft.lets_in("k1")
    for kid in ("e1", "no kind", "broken", "broken too", "", None):
        assert not await microsoft.lets_in(kid), kid


async def test_a_key_without_a_channel_speaks_for_none(signing: Connector) -> None:
    """The kit lets a key speak for everybody where it names nobody; ours speaks for nobody."""
    microsoft = Microsoft(rsa_key(signing, "k1"))
    assert (await microsoft.keys.get("k1")).endorsements == ["none"]


async def test_the_list_is_read_once_a_day_and_once_for_all(signing: Connector) -> None:
    """A hundred activities at once ask Microsoft once; a day later once again, and not a moment before."""
    microsoft = Microsoft(rsa_key(signing, "k1"))
    assert all(await asyncio.gather(*(microsoft.lets_in("k1") for _ in range(100))))
    assert microsoft.reads == ["meta", "keys"]
    microsoft.now = limits.KEYS_SECONDS
    assert await microsoft.lets_in("k1")
    assert len(microsoft.reads) == 2
    microsoft.now += 1
    assert await microsoft.lets_in("k1")
    assert len(microsoft.reads) == 4


async def test_a_new_key_is_found_and_a_made_up_one_costs_little(signing: Connector) -> None:
    """A new key is found after a pause; made-up names cost one reading in five minutes."""
    microsoft = Microsoft(rsa_key(signing, "k1"))
    assert await microsoft.lets_in("k1")
    microsoft.shown.append(rsa_key(signing, "k2"))
    for _ in range(50):
        assert not await microsoft.lets_in("k2")
    microsoft.now = limits.KEYS_AGAIN_SECONDS
    assert not await microsoft.lets_in("k2")
    assert len(microsoft.reads) == 2
    microsoft.now += 1
    assert await microsoft.lets_in("k2")
    assert len(microsoft.reads) == 4


async def test_while_microsoft_is_out_of_reach_it_is_asked_with_pauses(signing: Connector) -> None:
    """With keys in hand a failed reading counts as one; without, nobody is let in and the next one asks."""
    microsoft = Microsoft(rsa_key(signing, "k1"))
    microsoft.reachable = False
    assert not await microsoft.keys.warm()
    assert not await microsoft.lets_in("k1")
    microsoft.reachable = True
    assert await microsoft.lets_in("k1")
    before = len(microsoft.reads)
    microsoft.now, microsoft.reachable = limits.KEYS_SECONDS + 1, False
    for _ in range(20):
        assert await microsoft.lets_in("k1")
    assert len(microsoft.reads) == before + 1


async def test_the_first_request_need_not_wait(signing: Connector) -> None:
    """Read ahead at the start, the keys are there; an empty list says that there are none."""
    microsoft = Microsoft(rsa_key(signing, "k1"))
    assert await microsoft.keys.warm()
    assert microsoft.reads == ["meta", "keys"]
    assert await microsoft.lets_in("k1")
    assert len(microsoft.reads) == 2
    assert not await Microsoft().keys.warm()


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"conversation":' * 20_000, b"\xff\xfe", b"{not json", b"[]"]
)
async def test_what_cannot_be_read_is_refused(
    bot: Bot, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """Too deep, no UTF-8, no JSON, no object: 400, without a trace in the log."""
    async with bot.session.post(f"{bot.url}api/messages", data=content) as response:
        assert response.status == 400
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("packed", ["gzip", "deflate"])
async def test_what_is_said_to_be_packed_and_is_not_is_refused(
    bot: Bot, caplog: pytest.LogCaptureFixture, packed: str
) -> None:
    """A head that lies about its content: 400, and no fault of ours in the log."""
    head = {"Content-Encoding": packed}
    async with bot.session.post(
        f"{bot.url}api/messages", data=b"{}", headers=head, compress=None
    ) as response:
        assert response.status == 400
    ours = [record for record in caplog.records if record.name != "aiohttp.server"]
    assert not [record for record in ours if record.exc_info]


async def test_an_activity_that_is_deep_inside_is_refused(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """What the kit would walk through by calling itself is not walked through."""
    deep: dict[str, Any] = {}
    for _ in range(700):
        deep = {"x": deep}
    status, _ = await bot.post(activities.personal(**{"from": deep}))
    assert status in (200, 400)
    assert not [record for record in caplog.records if record.exc_info]


BROKEN: dict[str, Any] = {
    "a list": [],
    "nothing": None,
    "text": "x",
    "no address": {},
    "no keys": {"jwks_uri": "keys", "keys": None},
}


@pytest.mark.parametrize("name", BROKEN)
async def test_nonsense_in_place_of_keys_lets_nobody_in_and_breaks_nothing(name: str) -> None:
    """A captive network answers with a page of its own: nobody is let in, and the next one asks again."""
    reads: list[str] = []

    async def read(url: str) -> Any:
        reads.append(url)
        return BROKEN[name]

    keys = Keys(read, "meta", monotonic=lambda: 0.0)
    for _ in range(2):
        with pytest.raises(PermissionError, match="no keys can be read"):
            await keys.get("k1")
    assert reads.count("meta") == 2
    assert not await keys.warm()
