"""What a platform had taken and could not deliver after all: hours later, a message comes back."""

from __future__ import annotations

from bot.context import AppContext
from bot.log import note
from bot.outbox.aftermath import Aftermath
from flows.errors import Permanent, Response
from flows.model import Send, SendState, Way
from flows.school import SchoolId

#: of an e-mail that an older version sent: which school's it is was not written down
UNKNOWN = SchoolId("")
#: What may have gone out; anything else has had its answer.
_OUT = (SendState.SENT, SendState.ATTEMPTED)


class CameBack:
    def __init__(self, context: AppContext, after: Aftermath) -> None:
        self.context = context
        self.after = after

    async def heard(self, key: str, school: SchoolId = UNKNOWN) -> None:
        """See to the send with this key, of this school; of whichever it is where that was not written down.

        What follows on a notice and comes back says of the notice that nobody reads there.
        """
        for one in [school] if school else list(self.context.directory.schools):
            send = await self.context.store.send(one, key)
            if send is None or send.state not in _OUT:
                continue
            note("send.came_back", kind=send.message)
            if send.way is Way.REPLY:
                await self.after.over(send, SendState.FAILED, "came-back")
                send = await self.context.store.send(one, send.root)
            if send is not None and send.state in _OUT:
                await self._follow(send)

    async def _follow(self, send: Send) -> None:
        case = await self.context.store.case(send.school, send.case) if send.case else None
        error = Permanent("came-back", "It could not be delivered.", response=Response.CAME_BACK)
        await self.after.answered(send, case, error)
