"""Debian's Postfix on this computer: its own folders, its own port, mailboxes to be read, and no way out.

It asks a policy service, as it would ask one for greylisting: :class:`Policy`, which answers as told. Postfix
is started by root and gives that up itself; ``make e2e`` leaves it out where either is missing, and says so.
"""

from __future__ import annotations

import asyncio
import pwd
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from tempfile import mkdtemp

from aiohttp.test_utils import unused_port

from tests.email.server import read, server_files

POSTFIX = Path("/usr/sbin/postfix")
DOMAIN = "school.example"
#: Who has a mailbox; and whose mail is taken and cannot be put anywhere.
BOXES, GONE = ("chair", "grey", "slow", "late", "picky", "bounces"), "gone"
HANG = "hang"
_MAIN = """\
compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
maillog_file = {at}/log
maillog_file_prefixes = {at}
myhostname = mail.{domain}
mydestination =
mynetworks =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost =
default_transport = error:nothing leaves this computer
relay_transport = error:nothing leaves this computer
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {at}/boxes
virtual_mailbox_maps = texthash:{at}/etc/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
transport_maps = texthash:{at}/etc/transport
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:127.0.0.1:{policy}
smtpd_end_of_data_restrictions = check_policy_service inet:127.0.0.1:{policy}
smtpd_peername_lookup = no
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
gone unix - n n - - pipe
  user=nobody argv=/bin/false
"""


class Policy:
    """What Postfix asks before it takes an address (RCPT) and a message (END-OF-MESSAGE).

    ``answers`` is what it says, in turn, to a step of an address; after that nothing is against it.
    """

    def __init__(self) -> None:
        """Have nothing to say yet."""
        self.answers: dict[tuple[str, str], list[str]] = {}
        self.go_on = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer each question of a conversation."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                asked = (await reader.readuntil(b"\n\n")).decode()
                said = await self._said(dict(line.split("=", 1) for line in asked.split("\n") if line))
                writer.write(f"action={said}\n\n".encode())
                await writer.drain()
        writer.close()

    async def _said(self, asked: Mapping[str, str]) -> str:
        waiting = self.answers.get((asked["recipient"].partition("@")[0], asked["protocol_state"]), [])
        said = waiting.pop(0) if waiting else "dunno"
        if said != HANG:
            return said
        await self.go_on.wait()
        return "dunno"


class Postfix:
    """A Postfix that runs: where it listens, what lies in its mailboxes, and what it wrote down."""

    def __init__(self, at: Path, port: int, policy: Policy) -> None:
        self.at, self.port, self.policy = at, port, policy

    def box(self, name: str) -> list[EmailMessage]:
        """Return what lies in a mailbox, oldest first."""
        files = [*(self.at / "boxes" / name / "new").glob("*")]
        return [read(file.read_bytes()) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    async def comes(self, name: str, count: int = 1) -> list[EmailMessage]:
        """Return what lies in a mailbox once there are so many: a moment after they were taken."""
        async with asyncio.timeout(20):
            while True:
                if len(found := self.box(name)) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def writes(self, words: str) -> None:
        """Wait until it has written that down: it has another program do so, a moment after it answered."""
        async with asyncio.timeout(20):
            while True:
                if words in (self.at / "log").read_text("utf-8"):
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running() -> AsyncIterator[Postfix]:
    """Run it; end it, and all that it wrote, when left."""
    at, policy, port = Path(mkdtemp(prefix="postfix-")), Policy(), unused_port()
    asked = await asyncio.start_server(policy.talk, "127.0.0.1", 0)
    _written(at, port, asked.sockets[0].getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        POSTFIX,
        "-c",
        str(at / "etc"),
        "start-fg",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listens(process, port, at / "log")
        yield Postfix(at, port, policy)
    finally:
        policy.go_on.set()
        process.terminate()
        await process.wait()
        asked.close()
        shutil.rmtree(at, ignore_errors=True)


def _written(at: Path, port: int, policy: int) -> None:
    """Write down how it is to be."""
    at.chmod(0o755)
    owner = pwd.getpwnam("nobody")
    for name in ("etc", "queue", "boxes", "data"):
        (at / name).mkdir()
    shutil.chown(at / "boxes", owner.pw_uid, owner.pw_gid)
    shutil.chown(at / "data", "postfix")
    certificate, key = server_files("localhost")
    main = _MAIN.format(
        at=at,
        domain=DOMAIN,
        user=owner.pw_uid,
        group=owner.pw_gid,
        certificate=certificate,
        key=key,
        policy=policy,
    )
    boxes = "".join(f"{name}@{DOMAIN} {name}/\n" for name in (*BOXES, GONE))
    (at / "etc" / "main.cf").write_text(main)
    (at / "etc" / "master.cf").write_text(_MASTER.format(port=port))
    (at / "etc" / "boxes").write_text(boxes)
    (at / "etc" / "transport").write_text(f"{GONE}@{DOMAIN} gone:\n")


async def _listens(process: Process, port: int, log: Path) -> None:
    """Wait until it takes a connection; it says in its log why it does not."""
    async with asyncio.timeout(30):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"Postfix ended at once: {_wrote(log)}")


def _wrote(log: Path) -> str:
    return log.read_text("utf-8") if log.exists() else "it wrote nothing"
