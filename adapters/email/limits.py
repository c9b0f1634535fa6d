"""Every number e-mail sets us, or that we set ourselves there, each with its source."""

from __future__ import annotations

import datetime as dt

#: Conversations with the server at once. Microsoft's takes three of one mailbox.
#: https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
AT_ONCE = 3
#: Seconds to reach the server and agree on TLS, and for its answer to a command. Ours: far below RFC 5321,
#: 4.5.3.2, which waits minutes; whoever is to be told in a hurry is told another way meanwhile.
CONNECT_SECONDS, COMMAND_SECONDS = 10.0, 20.0
#: Seconds for the answer to a whole message: after that it may have been taken.
TAKEN_SECONDS = 60.0
#: How long to rest where a server says "later", in seconds. Greylisting lets through what comes again after a
#: few minutes (RFC 6647, 2.1); a message that presses should not wait longer than it must.
LATER_SECONDS = 60.0
#: How long it is believed that the server lets us in, or does not, in seconds: who knocks with a wrong
#: password every few seconds is locked out.
LOOK_SECONDS = 600.0
#: How wide the page is, in points, where there is room.
WIDTH = 600
#: The largest message that is read as one that came back, in bytes, and parts of it.
BOUNCE_BYTES, BOUNCE_PARTS = 1_000_000, 200
#: Seconds between two looks for what came back.
BOUNCES_SECONDS = 10.0
#: How many of them are read at once.
BOUNCES_AT_ONCE = 200
#: How long it is remembered which send an e-mail is. Servers give up after five days (RFC 5321, 4.5.4.1).
KNOWN_FOR = dt.timedelta(days=30)
#: Seconds between two looks for what is too old.
FORGET_SECONDS = 24 * 3600.0
