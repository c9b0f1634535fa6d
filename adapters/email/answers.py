"""What a mail server's answers mean, by the step at which they come: the only place that knows.

A three-digit code says whether it is for ever (5) or for now (4); of what, the step says: the login and the
sender are ours, the address is the reader's, the message is what it says. Some answers about us come late, at
the address or after the message: they are known by their words. RFC 5321, 4.2 and 4.3.2; RFC 3463.
"""

from __future__ import annotations

import re
import ssl
from enum import StrEnum

import aiosmtplib

from adapters.email import limits
from flows.errors import Ambiguous, Permanent, PlatformError, Response, Retryable


class Step(StrEnum):
    """How far a conversation with a server is."""

    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    ADDRESS = "address"
    MESSAGE = "message"


#: The server ends the conversation, whatever was asked: RFC 5321, 3.8.
_CLOSES = 421
#: It wants a login first: RFC 4954, 6.
_LOGIN_FIRST = frozenset({530, 538})
_TOO_LARGE = 552
_TEMPORARY, _FOR_EVER, _END = 400, 500, 600
#: What servers say where it is us whom they do not let send: relaying, sending in another's name, a login or
#: a proof of the sender that is missing, a sender that is blocked. Whatever the step, it is not the reader.
#: https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online
#: https://support.google.com/a/answer/3726730
_ABOUT_US = re.compile(
    r"\brelay|send ?as\b|send on behalf|authenticat|client host|your (?:ip|host|server|domain)\b"
    r"|\b5\.1\.[78]\b|\b5\.7\.(?:2[356]|30|60|5[01][0-9]|7[05][0-9])\b|\b(?:dmarc|spf|dkim)\b",
    re.IGNORECASE,
)
#: What is said of the address, also where it comes after the message: RFC 3463, 3.2 and 3.3; and Exchange's
#: codes for an address that takes nothing from outside.
_ABOUT_THE_ADDRESS = re.compile(r"\b5\.(?:1\.[01236]|2\.[0-3]|7\.1[23][0-9])\b")


def meant(step: Step, error: Exception) -> PlatformError:
    """Return what a failure at a step means."""
    match error:
        case aiosmtplib.SMTPResponseException() if error.code >= _TEMPORARY:
            return _answered(step, error.code, error.message)
        case aiosmtplib.SMTPConnectError() if _is_tls(error):
            return _no_tls()
        case ssl.SSLError():
            return _no_tls()
        case aiosmtplib.SMTPConnectError():
            return _unreachable()
        case aiosmtplib.SMTPException() | OSError() if step is Step.MESSAGE:
            return Ambiguous("email-no-answer", "The mail server did not say whether it took the message.")
        case aiosmtplib.SMTPTimeoutError() | aiosmtplib.SMTPServerDisconnected() | OSError():
            return _unreachable()
        case _ if step is Step.TLS:
            return _no_tls()
        case aiosmtplib.SMTPResponseException():
            return _unreachable()
        case _:
            return Permanent(
                "email-login", "The mail server takes no login of ours.", response=Response.CONNECTION
            )


def _answered(step: Step, code: int, words: str) -> PlatformError:
    ours = step in (Step.CONNECT, Step.TLS, Step.LOGIN)
    if code == _CLOSES or (code < _FOR_EVER and ours):
        return _unreachable()
    if code < _FOR_EVER:
        return Retryable("email-later", "The mail server says: later.", after=limits.LATER_SECONDS)
    if code >= _END:
        return _unreachable() if step is not Step.MESSAGE else Ambiguous("email-no-answer", "An odd answer.")
    if step is Step.TLS:
        return _no_tls()
    if step is Step.LOGIN:
        return Permanent("email-login", "The mail server refuses our login.", response=Response.CONNECTION)
    if step in (Step.ADDRESS, Step.MESSAGE) and _ABOUT_THE_ADDRESS.search(words):
        return refused_address()
    if code in _LOGIN_FIRST or ours or _ABOUT_US.search(words):
        return Permanent(
            "email-not-let", "The mail server does not let us send.", response=Response.CONNECTION
        )
    if step is Step.SENDER and code != _TOO_LARGE:
        return Permanent("email-sender", "The mail server refuses our sender.", response=Response.CONNECTION)
    if step is Step.ADDRESS:
        return refused_address()
    return Permanent("email-refused", "The mail server refuses this message.", response=Response.MESSAGE)


def refused_address() -> Permanent:
    """Return that nothing goes to this address."""
    return Permanent("email-address", "That address takes no e-mail.", response=Response.ADDRESS)


def _no_tls() -> Permanent:
    what = "The mail server's TLS is missing, or its certificate is not one we may trust."
    return Permanent("email-tls", what, response=Response.CONNECTION)


def _unreachable() -> Retryable:
    return Retryable(
        "email-unreachable",
        "The mail server cannot be reached.",
        after=limits.LATER_SECONDS,
        response=Response.UNREACHABLE,
    )


def _is_tls(error: BaseException) -> bool:
    """Return whether TLS is what a connection failed for."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__
    return False
