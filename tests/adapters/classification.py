"""What every platform must make of an answer: each is one of the closed set, unknown ones too.

A platform's tests subclass :class:`ClassificationContract`, give the platform's own answers for each row of
``flows.delivery.follows`` – or say why it never answers so – and how to have the adapter hear one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

import pytest
from msgspec import Struct

from flows.errors import PlatformError, Response


class To(StrEnum):
    """What was being done when the answer came."""

    PERSON = "a message to a person"
    CHANNEL = "a message to a channel"
    THREAD = "a reply in a thread"
    EDIT = "a change of a message"


class Said(Struct, frozen=True):
    """What a platform says: an HTTP answer, a connection that breaks (``status`` 0) or is not made (-1)."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = {}
    to: To = To.PERSON


#: What is no answer: it comes by itself, hours later.
LATER = {Response.CAME_BACK}


class ClassificationContract(ABC):
    """Every row has its answers, and each of them is classified as that row."""

    #: the platform's real answers, by the row they belong to
    answers: ClassVar[Mapping[Response, Sequence[Said]]]
    #: rows this platform never says, and why
    never: ClassVar[Mapping[Response, str]]

    @abstractmethod
    async def deliver(self, said: Said) -> None:
        """Have the adapter do what ``said.to`` says, while the platform answers so."""

    async def heard(self, said: Said) -> Response:
        """Return what the adapter makes of an answer."""
        try:
            await self.deliver(said)
        except PlatformError as error:
            return error.response
        return Response.TAKEN

    def test_no_row_is_forgotten(self) -> None:
        """For each row there are answers, or a reason why there are none."""
        assert self.answers.keys() | self.never.keys() == set(Response) - LATER
        assert not self.answers.keys() & self.never.keys()

    @pytest.mark.parametrize("response", Response)
    async def test_each_answer_is_its_row(self, response: Response) -> None:
        """What the platform says is classified as what it means; nothing raises what is no answer."""
        wrong = {}
        for said in self.answers.get(response, ()):
            heard = await self.heard(said)
            if heard is not response:
                wrong[repr(said)] = heard
        assert not wrong, wrong
