"""The seven places of a VDV 463 message, read and written. Pure.

References
----------
.. [1] VDV, "VDV 463", JSON schemas MessageStructure and ErrorResponse.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter, ValidationError

MessageAction = Literal["BootNotification", "ProvideChargingRequests", "ProvideChargingInformation"]
MessageType = Literal[1, 2, 3]

SUBPROTOCOL: Final = "v1.463.vdv.de"
REQUEST: Final = 1
CONFIRMATION: Final = 2
FAULT: Final = 3
SOURCE: Final = "LMS"
"""What we call ourselves; the schema leaves it open."""
NOBODY_ASKED: Final = str(UUID(int=0))
"""Message id of an error where the message's own could not be read."""
MOST_BYTES: Final = 1_048_576
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message.

    Parameters
    ----------
    message_type : {1, 2, 3}
        Request, confirmation, error.
    source, presystem_id : str
    at : datetime
    message_id : str
    action : MessageAction
    payload : mapping of str to object
    """

    message_type: MessageType
    source: str
    presystem_id: str
    at: datetime
    message_id: str
    action: MessageAction
    payload: Mapping[str, object]

    def text(self) -> str:
        """Return the message as it is sent."""
        places = [
            self.message_type,
            self.source,
            self.presystem_id,
            stamp(self.at),
            self.message_id,
            self.action,
            self.payload,
        ]
        return json.dumps(places)

    def confirmed(self, payload: Mapping[str, object], *, at: datetime) -> "Envelope":
        """Return the answer to this message."""
        return self._answered(CONFIRMATION, payload, at=at)

    def refused(self, message: str, *, at: datetime) -> "Envelope":
        """Return the error that answers this message."""
        return self._answered(FAULT, {"errorMessage": message}, at=at)

    def _answered(
        self, message_type: MessageType, payload: Mapping[str, object], *, at: datetime
    ) -> "Envelope":
        return Envelope(
            message_type, SOURCE, self.presystem_id, at, self.message_id, self.action, payload
        )


_PLACES: Final = TypeAdapter(
    tuple[
        MessageType,
        str,
        str,
        AwareDatetime,
        str,
        MessageAction,
        dict[str, object],
    ]
)


def read_envelope(text: str) -> Envelope | str:
    """Return a message, or why it is none.

    Parameters
    ----------
    text : str
        A whole frame.
    """
    try:
        kind, source, presystem_id, at, message_id, action, payload = _PLACES.validate_json(text)
        UUID(message_id)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][:2])
        return f"no VDV 463 message: {first['msg']}" + (f" (place {place})" if place else "")
    except (ValueError, RecursionError):
        return "no VDV 463 message: its message id is no UUID"
    if not (0 < len(presystem_id) <= LONGEST and len(source) <= LONGEST):
        return "no VDV 463 message: presystemId is empty or too long"
    return Envelope(kind, source, presystem_id, at, message_id, action, payload)


def stray_fault(message: str, *, at: datetime) -> Envelope:
    """Return the error that answers what could not be read."""
    payload = {"errorMessage": message}
    return Envelope(FAULT, SOURCE, "", at, NOBODY_ASKED, "ProvideChargingRequests", payload)


def stamp(instant: datetime) -> str:
    """Return an instant as messages write it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
