"""Backups that make themselves: to a folder and to a real S3 server, sealed, read back, told of, let go."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from msgspec.structs import replace
from obstore.store import S3Store

from bot.backups import keep, wrapped
from bot.backups.nightly import Nightly
from bot.backups.places import Bucket, Folder, Place, place_of, tidy
from bot.commands import backup as commands
from bot.commands.look_at_store import _next_backup
from bot.config.load import read_settings
from bot.config.settings import BackupSettings, Secret
from bot.findings import State
from bot.monitoring.status import Status
from flows.errors import SettingsError, StoreError
from flows.model import Audit, AuditKind, Change
from storage.embedded import backup as copies
from storage.embedded.as_left.head import copied, last_copied
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.town import SCHOOL, Town

KEY = bytes(range(32))
SEALER = Sealer(KEY)
#: which school there is, as a backup's folder says it; longer than what stands in sealed bytes by chance
MARK = b"HPS 20"
NOW = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run an S3 that somebody else wrote, on this computer; give its address."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, request: pytest.FixtureRequest) -> BackupSettings:
    """Return the settings of a new bucket."""
    import boto3  # noqa: PLC0415 - the server's own library makes it

    name = f"bucket-{abs(hash(request.node.nodeid))}"
    keys = {"aws_access_key_id": "an-id", "aws_secret_access_key": "a-secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=server, **keys).create_bucket(Bucket=name)
    return BackupSettings(
        place=f"s3://{name}/reports", endpoint=server, access_key="an-id", secret_key=Secret("a-secret")
    )


def stored(settings: BackupSettings) -> S3Store:
    """Return the whole bucket, as whoever keeps it sees it."""
    name = settings.place.split("/")[2]
    return S3Store(
        name,
        endpoint=settings.endpoint,
        region="us-east-1",
        access_key_id="an-id",
        secret_access_key="a-secret",
        client_options={"allow_http": True},
    )


def everything(settings: BackupSettings) -> dict[str, bytes]:
    """Return every object of the bucket."""
    s3 = stored(settings)
    return {one["path"]: bytes(s3.get(one["path"]).bytes()) for some in s3.list() for one in some}


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    """Return a store with something in it, a file too, that nobody has open."""
    path = tmp_path / "store" / "reports.db"
    made = await open_store(f"tinydb:{path}", key=KEY, opening=Opening.NEW)
    line = Audit(school=SCHOOL, at=NOW, kind=AuditKind.FIGURES_SHOWN, by=None, facts={"term": "x"})
    await made.commit(Change(school=SCHOOL, audit=(line,) * 30))
    await made.put_file(SCHOOL, b"An invented file" * 100)
    await made.close()
    return path


NAME = keep.name_at(NOW)


@pytest.mark.feature("nightly-backup")
def test_to_an_s3_and_back(store: Path, bucket: BackupSettings, tmp_path: Path) -> None:
    """One sealed object; fetched and opened again it restores for practice, every row and every audit."""
    place = place_of(bucket)
    rows = place.make(store, SEALER, NAME)
    assert place.names() == [NAME]
    assert list(everything(bucket)) == [f"reports/{NAME}.backup"]
    (tmp_path / "into").mkdir()
    drilled = copies.drill(SEALER, place.fetched(NAME, SEALER, tmp_path / "into"))
    assert (drilled.rows, drilled.wrong) == (rows, ())
    assert list(store.parent.glob(".*")) == [], "nothing of it is left beside the store"
    assert last_copied(store) is not None


def test_nothing_of_it_is_plain(store: Path, bucket: BackupSettings) -> None:
    """Whoever keeps the bucket reads not even which schools there are; a backup's folder alone says that."""
    copies.back_up(store, SEALER, store.parent / "folder")
    plain = b"".join(one.read_bytes() for one in (store.parent / "folder").rglob("*") if one.is_file())
    place_of(bucket).make(store, SEALER, NAME)
    (sealed,) = everything(bucket).values()
    assert MARK in plain
    assert b"SQLite" in plain
    assert MARK not in sealed
    assert b"SQLite" not in sealed


def cut(content: bytes) -> bytes:
    """Cut the last byte."""
    return content[:-1]


def changed(content: bytes) -> bytes:
    """Change a byte in the middle."""
    return (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 1])
        + content[len(content) // 2 + 1 :]
    )


def longer(content: bytes) -> bytes:
    """Put something behind it."""
    return content + b"\0"


def twice(content: bytes) -> bytes:
    """Put its last piece behind it once more."""
    return content + content[len(b"report-posting backup 1\n") :]


def nothing(_: bytes) -> bytes:
    """Leave nothing."""
    return b""


def huge(content: bytes) -> bytes:
    """Say that a piece is longer than any is."""
    begun = len(b"report-posting backup 1\n")
    return content[:begun] + b"\xff" * 4 + content[begun + 4 :]


@pytest.mark.parametrize("harm", [cut, changed, longer, twice, nothing, huge])
def test_one_that_was_harmed_does_not_open(harm: Any, tmp_path: Path) -> None:
    """Cut, changed, longer, doubled, emptied, or lying about its length: said, and nothing comes of it."""
    whole = sealed_in(tmp_path)
    assert b"".join(wrapped.opened([whole], SEALER, NAME))
    with pytest.raises(StoreError) as found:
        list(wrapped.opened([harm(whole)], SEALER, NAME))
    assert found.value.reference == "backup-broken"


@pytest.mark.parametrize(("key", "name"), [(bytes(32), NAME), (KEY, "2026-11-23T020000Z")])
def test_another_key_or_another_name_opens_nothing(key: bytes, name: str, tmp_path: Path) -> None:
    """One put in another's place is no more opened than one of another key."""
    with pytest.raises(StoreError):
        list(wrapped.opened([sealed_in(tmp_path)], Sealer(key), name))


def sealed_in(folder: Path, content: bytes = b"x" * 1000) -> bytes:
    """Return a wrapped folder that holds one file."""
    (folder / "in").mkdir()
    (folder / "in" / "file").write_bytes(content)
    wrapped.wrap(folder / "in", SEALER, NAME, folder / "out")
    return (folder / "out").read_bytes()


def test_in_many_pieces_and_however_they_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Larger than a piece, it comes back the same, in bytes or all at once; pieces cannot change places."""
    monkeypatch.setattr(wrapped, "_PIECE", 1000)
    content = bytes(n % 251 for n in range(5000))
    whole = sealed_in(tmp_path, content)
    for size in (1, 7, 10**6):
        stream = io.BytesIO(whole)
        into = tmp_path / f"out-{size}"
        wrapped.unwrap(iter(lambda stream=stream, size=size: stream.read(size), b""), SEALER, NAME, into)
        assert (into / "file").read_bytes() == content
    head, piece = len(b"report-posting backup 1\n"), 4 + 1000 + 28
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    with pytest.raises(StoreError):
        list(wrapped.opened([whole[:head] + second + first + whole[head + 2 * piece :]], SEALER, NAME))


def test_what_does_not_come_back_as_it_went_is_no_backup(
    store: Path, bucket: BackupSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket gives back something else: it fails, and the last good one is as old as before."""
    place = Bucket(bucket)
    before = place._read  # noqa: SLF001 - what the network does is changed
    monkeypatch.setattr(place, "_read", lambda name: iter([cut(b"".join(before(name)))]))
    with pytest.raises(StoreError) as found:
        place.make(store, SEALER, NAME)
    assert found.value.reference == "backup-broken"
    assert last_copied(store) is None


def test_a_bucket_that_is_not_there(store: Path, bucket: BackupSettings) -> None:
    """It is said in our words what to look at: no key, no address, no answer of the server in it."""
    nowhere = replace(bucket, place="s3://no-such-bucket-of-ours/x")
    with pytest.raises(StoreError) as found:
        place_of(nowhere).make(store, SEALER, NAME)
    assert found.value.reference == "backup-place"
    assert not any(word in str(found.value) for word in ("a-secret", "an-id", "no-such-bucket", "http"))
    assert list(store.parent.glob(".*")) == []
    assert last_copied(store) is None


@pytest.mark.parametrize("kind", [Folder, Bucket])
def test_places_are_alike(kind: type, store: Path, bucket: BackupSettings, tmp_path: Path) -> None:
    """Made, listed, fetched, removed: a folder and a bucket do the same."""
    place: Place = Folder(tmp_path / "backups") if kind is Folder else Bucket(bucket)
    assert place.names() == []
    names = [keep.name_at(NOW + dt.timedelta(days=n)) for n in range(3)]
    for name in names:
        place.make(store, SEALER, name)
    assert sorted(place.names()) == names
    place.remove(names[0])
    assert sorted(place.names()) == names[1:]
    (tmp_path / "into").mkdir()
    assert copies.drill(SEALER, place.fetched(names[1], SEALER, tmp_path / "into")).wrong == ()


# -- which ones are kept --------------------------------------------------------------------------


def test_which_are_kept() -> None:
    """After a year of nights: the last seven, the last of each of eight weeks; what is not ours stays."""
    nights = [NOW - dt.timedelta(days=n) for n in range(365)]
    names = [keep.name_at(night) for night in nights] + ["a-folder-of-somebody", "2026-11-24"]
    gone = set(keep.to_go(names, NOW))
    kept = [night for night in nights if keep.name_at(night) not in gone]
    assert kept[:7] == nights[:7]
    assert len(kept) == 7 + 7
    assert {night.isocalendar()[:2] for night in kept} == {night.isocalendar()[:2] for night in nights[:54]}
    assert not gone & {"a-folder-of-somebody", "2026-11-24"}


def test_the_newest_is_kept_however_old() -> None:
    """Nobody loses the only backup because it is old; what was kept once goes by the rule alone."""
    old = [keep.name_at(NOW - dt.timedelta(days=400 + n)) for n in range(3)]
    assert keep.to_go(old, NOW) == sorted(old[1:])
    assert keep.to_go([], NOW) == []


def test_kept_each_night_is_kept_as_a_whole() -> None:
    """Let go night by night, as it is, the same are left as by one look: none is missed later."""
    have: list[str] = []
    for n in range(120):
        now = NOW + dt.timedelta(days=n)
        have.append(keep.name_at(now))
        gone = keep.to_go(have, now)
        have = [name for name in have if name not in gone]
    weeks = {at.isocalendar()[:2] for name in have if (at := keep.moment_of(name)) is not None}
    assert len(have) in (13, 14)
    assert len(weeks) in (8, 9)


# -- each night -----------------------------------------------------------------------------------


class Night(Nightly):
    """Counts what it would make, and fails when it is told to."""

    made = 0
    trouble: StoreError | None = None

    def _make(self, now: dt.datetime) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.made += 1
        copied(self._store, now)


async def nights(tmp_path: Path) -> tuple[Town, Night]:
    """Return a school at ten on a Tuesday whose backups are due at two."""
    place = Town(await open_store("memory:", key=KEY))
    settings = BackupSettings(place=str(tmp_path / "backups"))
    status = Status(place.context)
    return place, Night(place.context, settings, tmp_path / "reports.db", SEALER, status.tell)


async def test_due_once_a_night(tmp_path: Path) -> None:
    """At once where there is none, then once a night at two by the school's clock, summer or winter."""
    place, night = await nights(tmp_path)
    assert await night.look()
    made = []
    for _ in range(4 * 24 * 4):
        place.clock.pass_by(dt.timedelta(minutes=15))
        if await night.look():
            made.append(f"{place.clock.now():%d %H:%M}")
    assert made == ["25 02:00", "26 02:00", "27 02:00", "28 02:00"]
    place.clock.at = dt.datetime(2027, 7, 1, 0, 30, tzinfo=dt.UTC)
    await night.look()
    place.clock.at = dt.datetime(2027, 7, 1, 1, 0, tzinfo=dt.UTC)
    assert await night.look(), "two o'clock in summer"


async def test_a_missed_night_is_made_up(tmp_path: Path) -> None:
    """A computer that was off at two backs up when it is on again."""
    place, night = await nights(tmp_path)
    await night.look()
    place.clock.pass_by(dt.timedelta(days=3, hours=5))
    assert await night.look()
    assert not await night.look()
    assert night.made == 2


@pytest.mark.feature("status-card")
async def test_a_failure_is_told_and_tried_again(tmp_path: Path) -> None:
    """The administrator hears of it once a day, and that it works again; nobody else hears anything."""
    place, night = await nights(tmp_path)
    night.trouble = StoreError("backup-place", "An invented trouble.", "")
    for _ in range(24 * 4 * 2):
        await night.look()
        await place.settle()
        place.clock.pass_by(dt.timedelta(minutes=15))
    told = place.messages("office", "status")
    assert len(told) == 3, "three days have been seen"
    assert "backup-place" in told[0]
    assert "report-posting check" in told[0]
    night.trouble = None
    place.clock.pass_by(dt.timedelta(hours=1))
    await night.look()
    await place.settle()
    assert "works again" in place.messages("office", "status")[-1]
    for person in ("ash", "cam", "brook", "leadership"):
        assert place.messages(person, "status") == []
    assert night.made == 1


async def test_the_whole_night(store: Path, tmp_path: Path) -> None:
    """The real thing in a folder: made, counted for the digest, old ones gone, somebody's own left."""
    place = Town(await open_store("memory:", key=KEY))
    folder = tmp_path / "backups"
    old = [keep.name_at(NOW - dt.timedelta(days=100 + n)) for n in range(2)]
    for name in (*old, "mine"):
        (folder / name).mkdir(parents=True)
    settings = BackupSettings(place=str(folder))
    nightly = Nightly(place.context, settings, store, SEALER, Status(place.context).tell)
    assert await nightly.look()
    assert sorted(one.name for one in folder.iterdir()) == sorted([NAME, "mine"])
    assert copies.drill(SEALER, folder / NAME).wrong == ()


def test_what_a_cut_off_one_left_is_removed(tmp_path: Path) -> None:
    """Scratch beside the store and in the folder goes at the next start; nothing else does."""
    settings, store = BackupSettings(place=str(tmp_path / "backups")), tmp_path / "store" / "reports.db"
    for folder in (tmp_path / "backups", store.parent):
        (folder / ".backing-up-x" / "copy").mkdir(parents=True)
        (folder / "mine").mkdir()
    tidy(settings, store)
    assert {one.name for folder in (tmp_path / "backups", store.parent) for one in folder.iterdir()} == {
        "mine"
    }


# -- by hand, and settings ------------------------------------------------------------------------


def test_by_hand_to_an_s3_and_restored_from_it(
    store: Path, bucket: BackupSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``backup s3://…``, ``--drill`` of it, and ``restore`` of the newest or of one by its name."""
    import base64  # noqa: PLC0415 - this test alone

    (tmp_path / "school.toml").write_text("")
    for name, value in {
        "REPORT_STORE": f"tinydb:{store}",
        "REPORT_KEY": base64.b64encode(KEY).decode(),
        "AWS_ENDPOINT_URL": bucket.endpoint,
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
    }.items():
        monkeypatch.setenv(name, value)
    said = commands.back_up(tmp_path / "var", bucket.place)
    (name,) = Bucket(bucket).names()
    assert f"{bucket.place}/{name}" in said
    whole, drilled = commands.drill(tmp_path / "var", bucket.place)
    assert whole, drilled
    for named in (bucket.place, f"{bucket.place}/{name}"):
        shutil.rmtree(store.parent)
        restored = commands.restore(tmp_path / "var", named, what_is_there=False)
        assert "Restored from s3://" in restored
        assert store.exists()


WITH = {"REPORT_STORE": "tinydb:/srv/r.db", "REPORT_BACKUP": "s3://bucket/folder"}
KEYS = {"AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({**WITH}, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: an S3 needs both"),
        ({**WITH, **KEYS, "REPORT_BACKUP": "s3:/bucket"}, "REPORT_BACKUP: this names no bucket"),
        ({**WITH, **KEYS, "AWS_ENDPOINT_URL": "http://s3.example"}, "AWS_ENDPOINT_URL: write https://"),
        ({**WITH, **KEYS, "REPORT_BACKUP_AT": "half past two"}, "REPORT_BACKUP_AT: this is no time of day"),
        ({**WITH, "REPORT_BACKUP": "backups"}, "REPORT_BACKUP: write the folder from / on"),
        ({"REPORT_BACKUP_AT": "03:00"}, "REPORT_BACKUP: REPORT_BACKUP_AT is set, this one is missing"),
        (
            {**WITH, **KEYS, "REPORT_STORE": "postgresql://a:b@c/d"},
            "a database is backed up by its own means",
        ),
    ],
)
def test_settings_that_are_wrong(given: dict[str, str], wrong: str) -> None:
    """Each is said at the start, with what to write."""
    with pytest.raises(SettingsError) as found:
        read_settings(given)
    assert wrong in str(found.value)


def test_settings_that_are_right() -> None:
    """An S3 with its keys, and a folder; the secret shows itself nowhere."""
    found = read_settings(
        {**WITH, **KEYS, "REPORT_BACKUP_AT": "3:30", "AWS_ENDPOINT_URL": "https://s3.example"}
    )
    assert found.backup is not None
    assert found.backup.at == dt.time(3, 30)
    assert "'s'" not in repr(found)
    folder = read_settings({**WITH, "REPORT_BACKUP": "/backups"}).backup
    assert folder is not None
    assert folder.place == "/backups"


def test_check_looks_at_where_they_go(store: Path, bucket: BackupSettings) -> None:
    """It says that the place answers and how many are there, or what is wrong with it."""
    place_of(bucket).make(store, SEALER, NAME)
    right = _next_backup(bucket)
    assert (right.state, "at 02:00; their place answers and has 1" in right.what) == (State.PROVED, True)
    wrong = _next_backup(replace(bucket, place="s3://no-such-bucket-of-ours/x"))
    assert (wrong.state, "did not take or give" in wrong.what) == (State.WRONG, True)
