"""Every event that our own modules log, and what it means; docs/monitoring.md is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        # what needs a person
        "platform.down": "a platform takes nothing, or does not let us in: everything for it waits",
        "platform.up": "it works again, and what waited goes out",
        "platform.silent": "a platform does not answer, or nothing it sends reaches us as it should",
        "platform.answers": "it answers again",
        "row.set_apart": "something kept does not open: it rests apart, everything else goes on",
        "row.blocked": "something due is about what does not open",
        "send.malformed": "a platform refused a message for its form, which is ours to mend: it went plain",
        "person.gone": "somebody who is told has no account any more: the next person is asked",
        "place.unfit": "a place may hold no case any more: the case has moved",
        "send.stumbled": "delivering a message hit a fault of ours: it is tried again each minute",
        "timer.stumbled": "a timer hit a fault of ours: it is tried again each minute",
        "worker.failed": "the store refused a round of work: it is tried again",
        "backup.failed": "the night's backup did not work: it is tried again in an hour",
        "listener.failed": "a request of Slack was not kept, and Slack was told so",
        "activity.failed": "a request of Teams hit a fault of ours",
        "page.failed": "a page of the workspace hit a fault of ours",
        "nothing.kept": "the store refused what came from Teams, and Teams was told so",
        "socket.dead": "the connection to Slack is dead: a new one is made",
        "thread.broke": "a thread ended by a fault of ours",
        "cleanup.broke": "letting go of something hit a fault of ours",
        # what passes
        "send.came_back": "an e-mail was not delivered after all: another way is taken, or people are told",
        "bounce.waits": "the store did not take that an e-mail came back: it is told again",
        "backup.made": "the night's backup is there and was read back",
        "timer.conflict": "somebody was quicker than a timer",
        "activity.denied": "a request that does not prove where it comes from was refused",
        "request.unreadable": "a request that cannot be read was refused",
        "request.untrusted": "a request that is not signed as it should be was refused",
        "request.unheard": "Slack sent something of a kind that nobody listens to",
        "workspace.gone": "Slack sent something from a workspace that the app was removed from",
        "token.refused": "Slack's token could not be had: what needs it says so itself",
        "socket.again": "the connection to Slack is made again",
        "stop.unfinished": "we stopped before all of Slack's was answered",
        "answer.lost": "an answer could not be shown; nothing that was kept is lost",
        "view.lost": "a view could not be shown in Teams; nothing that was kept is lost",
        "window.lost": "a window could not be opened in Slack",
        "file.waits": "a file could not be fetched yet: it is tried again",
        "staff.unseen": "who is in the staff channel or team could not be read: what was seen last counts",
        "staff.unfit": "the staff channel is shared or not private: it vouches for nobody",
    }
)
