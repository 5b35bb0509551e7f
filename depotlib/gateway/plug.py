"""A connector as its station last described it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from depotlib.gateway.draw import Draw, Reading
from depotlib.gateway.messages import MeterReported
from depotlib.gateway.transactions import Transaction
from depotlib.model.live import SafeLimitTold


@dataclass(slots=True)
class Plug:
    """A connector, and what its meter last showed.

    Parameters
    ----------
    number : int
        As the station counts.
    connector_id, status : str
    over_limit : int
        Samples in a row above its limit.
    over_since : datetime or None
        The first of them.
    power_kw : float
    measured_at : datetime or None
    readings : list of Reading
        Of its register, where no power is told, since the last that proved something.
    draw : Draw or None
        What followed from its register or its currents last.
    safe_limit_told : SafeLimitTold
    """

    number: int
    connector_id: str
    status: str = "Available"
    over_limit: int = 0
    over_since: datetime | None = None
    power_kw: float = 0.0
    measured_at: datetime | None = None
    readings: list[Reading] = field(default_factory=list[Reading])
    draw: Draw | None = None
    safe_limit_told: SafeLimitTold = ""


def metered_plug(
    plugs: Mapping[int, Plug], event: MeterReported, *, known: Transaction | None
) -> Plug | None:
    """Return the connector that a meter speaks of, or None.

    One that leaves its connector out, or names one that is not there, is known by its transaction.

    Parameters
    ----------
    plugs : mapping of int to Plug
    event : MeterReported
    known : Transaction or None
        That the meter names.
    """
    named = plugs.get(event.connector)
    return plugs.get(known.connector) if named is None and known is not None else named
