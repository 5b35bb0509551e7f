"""One transaction as its messages tell it, and the session that it was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.ingest.identity import known_tag
from depotlib.ingest.normalise.quantities import SocScale, soc_share
from depotlib.ingest.ocpp_log.registers import RegisterEnergy, RegisterPoint, gained
from depotlib.ingest.ocpp_log.samples import Sample
from depotlib.ingest.session_rows import SessionRow

CHARGING: Final = "Charging"
_IDLE_KW: Final = 0.05
"""Below this a station powers itself, not a vehicle."""


@dataclass(frozen=True, slots=True)
class State:
    """What a connector said of itself at an instant."""

    at: datetime
    status: str


@dataclass(slots=True)
class Transaction:
    """A transaction, as it is gathered.

    Parameters
    ----------
    key : str
        The same in every log that holds its start.
    station_id, connector_id : str or None
    start : datetime
    row : int
        Of the message that starts it.
    id_tag : str or None
    start_kwh, stop_kwh : float or None
        Register at its ends, where the messages say it beside the samples.
    stop : datetime or None
        None while it runs.
    ids : set of str
        By which other messages call it.
    samples, states : list
    rows : list of int
        Of the other messages that tell of it.
    """

    key: str
    station_id: str | None
    connector_id: str | None
    start: datetime
    row: int
    id_tag: str | None = None
    start_kwh: float | None = None
    stop_kwh: float | None = None
    stop: datetime | None = None
    ids: set[str] = field(default_factory=set[str])
    samples: list[Sample] = field(default_factory=list[Sample])
    states: list[State] = field(default_factory=list[State])
    rows: list[int] = field(default_factory=list[int])

    @property
    def energy(self) -> RegisterEnergy:
        """Return what was delivered, as far as the log knows."""
        points = [
            RegisterPoint(sample.at, sample.register_kwh)
            for sample in sorted(self.samples, key=lambda sample: sample.at)
            if sample.register_kwh is not None
        ]
        if self.start_kwh is not None:
            points.insert(0, RegisterPoint(self.start, self.start_kwh))
        if self.stop is not None and self.stop_kwh is not None:
            points.append(RegisterPoint(self.stop, self.stop_kwh))
        has_both_ends = self.start_kwh is not None and self.stop_kwh is not None
        return gained(points, has_both_ends=has_both_ends)

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in this transaction, which may still run."""
        return self.start <= at and (self.stop is None or at <= self.stop)


def soc_values(transactions: Iterable[Transaction]) -> list[float]:
    """Return all states of charge of a log, to judge their scale by."""
    return [
        float(sample.soc_text)
        for each in transactions
        for sample in each.samples
        if sample.soc_text is not None
    ]


def session_of(transaction: Transaction, *, scale: SocScale, source: str, file: str) -> SessionRow:
    """Return the session that a transaction was.

    Parameters
    ----------
    transaction : Transaction
    scale : SocScale
        Of the log's states of charge.
    source, file : str
        For the row.
    """
    has_ended = transaction.stop is not None
    charge_start, charge_end = _charging_times(transaction)
    powers_kw = [each.power_kw for each in transaction.samples if each.power_kw is not None]
    socs = _socs(transaction.samples, scale)
    return SessionRow(
        session_key=transaction.key,
        source=source,
        station_id=transaction.station_id,
        connector_id=transaction.connector_id,
        id_tag=known_tag(transaction.id_tag),
        plug_start=transaction.start,
        plug_end=transaction.stop,
        charge_start=charge_start,
        charge_end=charge_end if has_ended else None,
        energy_wall_kwh=transaction.energy.energy_kwh,
        peak_kw=max(powers_kw, default=None),
        start_soc=socs[0] if socs else None,
        end_soc=socs[-1] if socs and has_ended else None,
        src_file=file,
        src_row=transaction.row,
    )


def _socs(samples: Sequence[Sample], scale: SocScale) -> list[float]:
    ordered = sorted(samples, key=lambda sample: sample.at)
    shares = [soc_share(float(each.soc_text), scale=scale) for each in ordered if each.soc_text]
    return [share for share in shares if share is not None]


def _charging_times(transaction: Transaction) -> tuple[datetime | None, datetime | None]:
    """Return when power began and ceased to flow: by the stated states, else by the samples."""
    states = sorted(transaction.states, key=lambda state: state.at)
    charging = [place for place, state in enumerate(states) if state.status == CHARGING]
    if charging:
        after = states[charging[-1] + 1 :]
        return states[charging[0]].at, after[0].at if after else transaction.stop
    flowing = sorted(each.at for each in transaction.samples if (each.power_kw or 0.0) > _IDLE_KW)
    return (flowing[0], flowing[-1]) if flowing else (None, None)
