"""Every number the try-out workspace keeps to, with its reason or its source."""

from __future__ import annotations

import datetime as dt

#: The largest file taken in, in bytes: ``School.limits.evidence_mb`` is 10 and may be set up to this.
FILE_BYTES = 25_000_000
#: All files of one upload together, in bytes; they are held in memory until the store has them.
UPLOAD_BYTES = 60_000_000
#: A request that is larger than this is not read to its end. Words are never refused for length here.
REQUEST_BYTES = 120_000_000
#: How long a form may take to come in, files and all; half a form is not waited for longer.
BODY_SECONDS = 300.0
#: Files in one upload.
FILES = 10
#: What a person typed and what was answered, kept in memory per person.
LINES = 60
#: Messages shown in one conversation; older ones are still kept.
MESSAGES = 200
#: Kept-open event streams at once, for all windows together.
STREAMS = 100
#: How long a stream waits before it looks whether its window is still there.
LISTEN_SECONDS = 20.0
#: Host names a browser on this machine may use. Any other name may have been pointed here by somebody
#: else's name server (DNS rebinding).
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: Wrong passwords from one address before the door stays shut to it for :data:`SHUT_SECONDS`.
TRIES = 10
SHUT_SECONDS = 60.0
#: Addresses whose wrong passwords are remembered; more than a school has computers.
ADDRESSES = 10_000
#: A password's form, in bytes: a hundred times what anybody types.
PASSWORD_BYTES = 4_096
#: How long a password's form may take to come in, in seconds.
PASSWORD_WAIT = 20.0
#: How long a password lets one in: a working day. Then it is asked for again.
SESSION_SECONDS = 12 * 3600.0
#: Browsers let in at once.
SESSIONS = 1_000
#: The shortest password that may open the workspace to other computers.
PASSWORD_CHARACTERS = 12
#: How long what somebody was writing is kept without being sent; a report that was begun is kept as long.
WRITING_KEPT = dt.timedelta(days=30)
#: The page behind a link of an e-mail: how long it stays open while nobody does anything, how often it asks
#: whether it may still be shown, and how long before its end it says so (WCAG 2.2, 2.2.1).
IDLE, STILL_SECONDS, WARN_SECONDS = dt.timedelta(minutes=10), 20.0, 60.0
#: A form of that page, in bytes: far more than a leader writes; and what a code is posted in.
SEAT_BYTES, CODE_BYTES = 1_000_000, 4_096
#: Posts of those who are not in yet, from one address, before they wait; a school may share one address.
SEAT_POSTS, SEAT_WAIT = 40, dt.timedelta(minutes=10)
#: How long the answer takes to who is not in yet, whatever is found: what is quicker would tell something.
SEAT_FLOOR_SECONDS = 0.5
