"""The kit's connectors to each service address, and what a refusal of theirs is a refusal of."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from botframework.connector import BotFrameworkConnectorConfiguration
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import MicrosoftAppCredentials

from adapters.teams.api_call import Pipeline, Wire
from flows.errors import Permanent, Response

#: service addresses whose connector is kept; a tenant has one, a region two or three
_WARM = 16


class Connectors:
    """The kit's connectors, one for each service address."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._warm: OrderedDict[str, ConnectorClient] = OrderedDict()

    def to(self, service_url: str) -> ConnectorClient:
        """Return the connector for a service address. Raises Permanent if its host is not listed."""
        if not self._wire.trust.speaks_to(service_url):
            raise Permanent("unlisted-service-host", "That is no address of Teams that we know.")
        client = self._warm.get(service_url)
        if client is None:
            settings = BotFrameworkConnectorConfiguration(
                MicrosoftAppCredentials.empty(), service_url, pipeline_type=lambda _: Pipeline(self._wire)
            )
            client = ConnectorClient(settings.credentials, custom_configuration=settings)
            self._warm[service_url] = client
        self._warm.move_to_end(service_url)
        while len(self._warm) > _WARM:
            self._warm.popitem(last=False)
        return client


@contextmanager
def means(not_there: Response) -> Iterator[None]:
    """Say what *not there* means here; a channel that is closed to us is an unfit place."""
    try:
        yield
    except Permanent as error:
        if error.response is Response.ADDRESS:
            error.response = not_there if error.reference == "not-there" else Response.PLACE
        raise


def not_added() -> Permanent:
    """Return the refusal where the app is not in a channel."""
    return Permanent("not-installed", "The app has not been added there yet.", response=Response.PLACE)
