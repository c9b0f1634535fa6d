"""A real mail server on this computer, by aiosmtpd, with a certificate of our own making; it answers as told.

It is told by step to answer otherwise: an answer to give, ``DROP`` to end the conversation there, ``HANG`` to
say nothing, ``TAKE_AND_DROP`` to take the message and end it before the answer.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP, HANG, TAKE_AND_DROP = "drop", "hang", "take and drop"
USER, PASSWORD = "bot@school.example", "correct horse"


class Post:
    """What the server was given, and how it answers."""

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        """Begin with an empty post-bag."""
        self.answers = dict(answers or {})
        self.taken: list[tuple[str, str, bytes]] = []
        #: conversations that were begun, and those that spoke TLS
        self.met, self.secret = 0, 0
        #: passwords that were said, and whether by TLS
        self.logins: list[bool] = []
        #: how many conversations there were at once, at most
        self.talking, self.most = 0, 0

    def to(self, address: str) -> list[EmailMessage]:
        """Return what somebody was sent, oldest first."""
        return [read(content) for _, to, content in self.taken if to == address]

    async def _answer(self, step: str, server: SMTP, usual: str) -> str:
        told = self.answers.get(step, usual)
        if told == HANG:
            await asyncio.sleep(3600)
        if told == DROP:
            assert server.transport is not None
            server.transport.abort()
        return usual if told in (DROP, HANG) else told

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to who sends it."""
        del session
        self.met += 1
        self.secret += _secret(server)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("sender", server, "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to whom it is for."""
        del session, options
        told = await self._answer("address", server, "250 OK")
        if told.startswith("250"):
            envelope.rcpt_tos.append(address)
        return told

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer to the message."""
        del session
        told = self.answers.get("message", "250 OK")
        if told.startswith("250") or told == TAKE_AND_DROP:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append((envelope.mail_from or "", envelope.rcpt_tos[0], content))
        if told == TAKE_AND_DROP:
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        return await self._answer("message", server, "250 OK")

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: Any
    ) -> AuthResult:
        """Let in whoever has the password; say no as told."""
        del session, envelope, mechanism
        self.logins.append(_secret(server))
        told = self.answers.get("login", "")
        right = isinstance(said, LoginPassword) and said.password == PASSWORD.encode()
        return AuthResult(success=right and not told, handled=False, message=told or None)


def _secret(server: SMTP) -> bool:
    """Return whether nobody else can read this conversation."""
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


class Counted(SMTP):
    """A conversation that is counted while it lasts."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, once: TLS makes it anew."""
        post: Post = self.event_handler
        if self.session is None:
            post.talking += 1
            post.most = max(post.most, post.talking)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count it no more."""
        self.event_handler.talking -= 1
        super().connection_lost(error)


def read(content: bytes) -> EmailMessage:
    """Return a message as a program of today reads it."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@asynccontextmanager
async def served(
    post: Post, *, at_once: bool = False, tls: bool = True, login: bool = False, name: str = "localhost"
) -> AsyncIterator[int]:
    """Run the server; yield its port. ``tls`` False = it offers none. ``name`` = whose certificate it has."""
    context = server_side(name) if tls else None

    def conversation() -> SMTP:
        return Counted(
            post,
            hostname="mail.school.example",
            tls_context=None if at_once else context,
            authenticator=post.authenticate,
            auth_required=login and not at_once,
            auth_require_tls=not at_once,
            loop=asyncio.get_running_loop(),
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=context if at_once else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def says(*lines: str) -> AsyncIterator[int]:
    """Run a server that says these lines, one a command, the first unasked; then ends. Yield its port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A school's own authority")])
    return _certificate(name, name, key, key, None), key


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signed_by: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName] | None,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        # From Python 3.13 on a chain is trusted only where each certificate says which key is whose.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False
        )
        .add_extension(_usage(signs=names is None), critical=True)
    )
    if names is not None:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(signed_by, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def authority_file() -> Path:
    """Return a file with the authority's own certificate, as EMAIL_CA_FILE names one."""
    path = Path(mkdtemp()) / "authority.pem"
    path.write_bytes(_authority()[0].public_bytes(serialization.Encoding.PEM))
    return path


@cache
def server_side(name: str) -> ssl.SSLContext:
    """Return what a server of this name shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server_files(name))
    return context


@cache
def server_files(name: str) -> tuple[Path, Path]:
    """Return the files of a server of this name: its certificate and its key."""
    key, (authority, signer) = ec.generate_private_key(ec.SECP256R1()), _authority()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = _certificate(subject, authority.subject, key, signer, names)
    folder = Path(mkdtemp())
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"
