"""What a log was gathered into: transactions, messages outside of them, and what went wrong."""

from dataclasses import dataclass, field

from depotlib.ingest.ocpp_log.frames import Message
from depotlib.ingest.ocpp_log.samples import Sample
from depotlib.ingest.ocpp_log.transaction import Transaction
from depotlib.model.import_report import Rejection


@dataclass(frozen=True, slots=True)
class Metering:
    """The samples of one message, and whose they are.

    Parameters
    ----------
    message : Message
    place : str
        Station and connector, which names the meter.
    samples : tuple of Sample
    transaction : Transaction or None
        None outside of any.
    """

    message: Message
    place: str
    samples: tuple[Sample, ...]
    transaction: Transaction | None = None


@dataclass(slots=True)
class Gathered:
    """The transactions of a log and the account of its messages.

    Parameters
    ----------
    transactions : list of Transaction
    metered : list of Metering
    duplicates : int
        Messages that say what another said.
    rejections : list of Rejection
    repeated_starts, repeated_stops : int
        Of the duplicates, those that a station sent again in other words.
    """

    transactions: list[Transaction] = field(default_factory=list[Transaction])
    metered: list[Metering] = field(default_factory=list[Metering])
    duplicates: int = 0
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    repeated_starts: int = 0
    repeated_stops: int = 0


def place_of(station_id: str | None, connector_id: str | None) -> str:
    """Return the name of a connector's meter."""
    return f"{station_id or 'station'}/{connector_id or '0'}"
