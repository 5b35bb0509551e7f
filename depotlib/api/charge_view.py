"""A vehicle's state of charge as the door shows it: telematics, station and meters laid together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.charge import ChargeBelief, ChargeSource, as_metered
from depotlib.model.live import ConnectorState
from depotlib.units import energy_kwh

METER_PERIOD_S: Final = 120.0
"""A meter speaks once a minute; one that has been silent for longer leaves open what flows [s]."""


@dataclass(frozen=True, slots=True)
class ChargeView:
    """What is believed of a vehicle's state of charge.

    Parameters
    ----------
    soc, low_soc, high_soc : float
        0-1, with the band that holds the truth in 95 of 100 cases.
    at : datetime
        When the meter last spoke.
    source : {'telematics', 'station', 'meter', 'expected'}
        What it rests on; the last two are estimates.
    is_estimated : bool
    doubt : str
        Which sources disagree; empty: none.
    """

    soc: float
    low_soc: float
    high_soc: float
    at: datetime
    source: ChargeSource
    is_estimated: bool
    doubt: str


def charge_view(
    charge: ChargeBelief, state: ConnectorState | None = None, *, now: datetime
) -> ChargeView:
    """Return a belief as the door shows it.

    Parameters
    ----------
    charge : ChargeBelief
    state : ConnectorState or None
        Where it is plugged in with this session, if anywhere: a station that has gone silent may
        go on as its limit permits, and the band holds that.
    now : datetime
    """
    unmetered_kwh = 0.0
    if state is not None and state.measured_at is not None:
        charge = as_metered(charge, energy_kwh=state.energy_kwh, at=state.measured_at)
        silent_s = (now - state.measured_at) / timedelta(seconds=1) - METER_PERIOD_S
        unmetered_kwh = energy_kwh(state.limit_kw, max(0.0, silent_s))
    low_soc, high_soc = charge.band(unmetered_kwh=unmetered_kwh)
    return ChargeView(
        soc=charge.soc,
        low_soc=low_soc,
        high_soc=high_soc,
        at=charge.at,
        source=charge.source,
        is_estimated=charge.is_estimated,
        doubt=charge.doubt,
    )
