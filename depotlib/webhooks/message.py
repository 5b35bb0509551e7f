"""An event in the words in which a webhook is told of it."""

import json
import math
from datetime import UTC
from typing import Final

from depotlib.model.journal_kind import JournalKind
from depotlib.model.live import JournalRecord, Scalar
from depotlib.model.webhook import KINDS_OF, EventFamily

ID_LENGTH: Final = 16
FAMILY_OF: Final[dict[JournalKind, EventFamily]] = {
    kind: family for family, kinds in KINDS_OF.items() for kind in kinds
}


def message_id_of(record: JournalRecord) -> str:
    """Return what names an event: the same however often it is sent, and for every webhook.

    Its number alone would come again where a depot's journal is begun anew; the chain does not.
    """
    return f"{record.seq}-{record.hash[:ID_LENGTH]}"


def body_of(record: JournalRecord, *, depot: str) -> bytes:
    """Return the JSON document that tells an event."""
    entry = record.entry
    document = {
        "id": message_id_of(record),
        "seq": record.seq,
        "depot": depot,
        "family": FAMILY_OF[entry.kind],
        "event": entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(),
        "station_id": entry.station_id,
        "connector_id": entry.connector_id,
        "facts": {name: _spoken(value) for name, value in entry.payload.items()},
    }
    return json.dumps(document, allow_nan=False).encode()


def _spoken(value: Scalar) -> Scalar:
    # JSON has no infinity; "nothing limits it" is said by leaving the number out.
    return None if isinstance(value, float) and not math.isfinite(value) else value
