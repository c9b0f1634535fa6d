"""Every number Teams sets us, or that we set ourselves there, each with its source."""

from __future__ import annotations

#: A card as JSON, in bytes as it goes over the wire. Teams takes messages of about 100 KB (older pages
#: say 28 or 40 KB, mentions and UTF-16 included), so we stay below all of them.
#: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
CARD_BYTES = 25_000
#: The newest version of Adaptive Cards that Teams documents for universal actions.
#: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/overview
CARD_VERSION = "1.5"
#: Buttons in one row. Teams shows six at most and drops the rest; five leave room on a phone.
#: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/design-effective-cards
ROW_BUTTONS = 5
#: Letters of a row's buttons together, each counted as four more, so that a phone shows them whole. Ours.
ROW_CHARACTERS = 40
#: More options than this become a menu instead of a list to tick. Ours.
TICKS = 12
#: A text longer than this is shown, but not put into a box to be changed: a box would cut it. Ours.
INPUT = 6_000
#: The shortest that words are cut to before whole paragraphs are left out. Ours.
SHORTEST = 200

#: Messages to one conversation: how many in how many seconds, for sending and creating.
#: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
CONVERSATION_RATES = ((7, 1.0), (8, 2.0), (60, 30.0), (1_800, 3_600.0))
#: We wait this long for our own turn at most, in seconds; then the worker is told to come back. Ours.
PACE_SECONDS = 3.0
#: Conversations whose pace we remember at once. Ours.
PACED = 2_000
#: How long to rest where Teams says "too many requests" and does not say how long, in seconds. Ours.
REST_SECONDS = 10.0

#: Connections to Teams at once, and seconds until a request counts as unanswered. Ours.
CONNECTIONS = 32
REQUEST_SECONDS = 15.0
#: Cards under way to the wire at once. Ours: far more than there are connections.
HELD = 2_000
#: How long a list of members may be relied on, in seconds (``flows.ports.Chat.members``: a minute at most).
ROSTER_SECONDS = 50.0
#: Members on one page of a list. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
ROSTER_PAGE = 500
#: Pages read before we give up. Ours: 25,000 people.
ROSTER_PAGES = 50

#: A token is fetched anew when it has less than this left, in seconds; it lives for an hour or more.
TOKEN_AHEAD_SECONDS = 600.0
#: Our signing keys' list is read again after this long, in seconds: a day, as Microsoft asks.
#: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
KEYS_SECONDS = 86_400.0
#: ... and no sooner than this when a token names a key that is not in the list. Ours.
KEYS_AGAIN_SECONDS = 300.0
#: How far a token's clock may be off, in seconds. Same page.
CLOCK_SECONDS = 300

#: The largest request body we read. Ours: Teams' own messages stay below 100 KB.
BODY_BYTES = 400_000
#: The largest file taken in, in bytes; a school's own limit is asked afterwards. Ours.
FILE_BYTES = 25_000_000
#: Files in one message. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
FILES = 10
#: Seconds until a download counts as failed, and how often it may be sent on to another address. Ours.
FILE_SECONDS = 12.0
#: seconds between tries to fetch what cannot be had just now
FILE_PAUSES = (5.0, 15.0, 30.0)
FILE_HOPS = 3
#: How many conversation references are kept in memory beside the store. Ours.
REFERENCES = 5_000
#: Typed answers that may stand below a card before it is posted again where it can be seen. Ours.
TYPED_BELOW = 2

#: Manifest: https://learn.microsoft.com/microsoft-365/extensibility/schema/
NAME_SHORT = 30
NAME_FULL = 100
DESCRIPTION_SHORT = 80
DESCRIPTION_FULL = 4_000
COMMAND_LISTS = 3
COMMANDS = 10
COMMAND_TITLE = 32
COMMAND_DESCRIPTION = 128
ACTION_TITLE = 32
ACTION_DESCRIPTION = 128
ICON_COLOUR = 192
ICON_OUTLINE = 32
