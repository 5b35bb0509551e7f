"""A virtual station's OCPP 2.1 side: 2.0.1 by the newer schemas, and it answers what it lacks."""

from typing import Final

from ocpp.exceptions import NotImplementedError as NotImplementedHere
from ocpp.messages import Call
from ocpp.v21 import call, call_result
from websockets.typing import Subprotocol

from depotlib.virtual.client201 import StationClient201
from depotlib.virtual.line import Speech

SUBPROTOCOL: Final = Subprotocol("ocpp2.1")


class StationClient21(StationClient201):
    """Answers the central system's calls for one station, over one connection."""

    _call = call
    _call_result = call_result
    _ocpp_version = "2.1"

    async def _handle_call(self, msg: Call) -> object:
        if msg.action not in self.route_map:
            # The package knows nothing to say in 2.1, and silence costs the asker its timeout.
            raise NotImplementedHere(description=f"no {msg.action} here")
        return await super()._handle_call(msg)


SPEECH_21: Final = Speech(SUBPROTOCOL, StationClient21)
