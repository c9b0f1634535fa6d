"""What mail servers send back: the forms that they really have, about an invented message."""

from __future__ import annotations

HEAD = "From: reports@school.example\nTo: chair@school.example\nSubject: s\nMessage-ID: {id}\n"


def report(
    action: str = "failed", *, returned: str = "message/rfc822", top: str = "", status: str = "5.1.1"
) -> str:
    """Return a report by RFC 3464; ``returned`` = what of the message it holds ("" = nothing of it)."""
    held = f"--b\nContent-Type: {returned}\n\n{HEAD}\nx\n" if returned else ""
    return (
        "From: MAILER-DAEMON@mail.example\nTo: reports@school.example\nSubject: Undelivered Mail\n"
        f"{top}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain; charset=us-ascii\n\nI'm sorry.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n"
        f"Final-Recipient: rfc822; chair@school.example\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n"
        f"{held}--b--\n"
    )


#: Each with the verdict it means.
REPORTS = {
    "Postfix": (report(), "failed"),
    "Exim, the head alone": (report(returned="text/rfc822-headers"), "failed"),
    "Exchange, which names it at the top": (report(returned="", top="In-Reply-To: {id}\n"), "failed"),
    "by References": (report(returned="", top="References: <a@b.example> {id}\n"), "failed"),
    "for now": (report("delayed", status="4.4.1"), "delayed"),
    "it arrived": (report("delivered", status="2.0.0"), "delivered"),
    "it went on to a server that says nothing": (report("relayed", status="2.0.0"), "delivered"),
    "in capitals": (report("FAILED"), "failed"),
}
#: What is no report on a message of ours.
OTHERS = {
    "an answer": "From: chair@school.example\nIn-Reply-To: {id}\nSubject: Re\n\nWho is this?\n",
    "out of the office": "From: c@b.example\nAuto-Submitted: auto-replied\nReferences: {id}\n\nI am away.\n",
    "a report on another's message": report().replace("{id}", "<123@other.example>"),
    "a report without a verdict": report("maybe"),
    "a sign that it was read": report().replace("/delivery-status\n", "/disposition-notification\n"),
    "nothing": "",
    "no e-mail": "\x00\xff" * 200,
    "a broken one": report()[:320],
    "a verdict in the message that came back": (
        'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\n'
        "Action: failed\nMessage-ID: {id}\n\nx\n--b--\n"
    ),
    "parts in parts without end": "".join(
        f'Content-Type: multipart/report; boundary="b{n}"\n\n--b{n}\n' for n in range(3000)
    ),
}
