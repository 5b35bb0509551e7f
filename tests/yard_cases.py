"""Small depots and stays for tests of the yard: quarter-hours of one evening in New York."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.model.depot import (
    ChargingStation,
    Connector,
    Depot,
    Evse,
    GridConnection,
    StaffHours,
)
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.yard.assignment import YardAssignment, assign_windows

ZONE: Final = ZoneInfo("America/New_York")
START: Final = datetime(2026, 11, 2, 18, tzinfo=ZONE)
ALWAYS: Final = StaffHours(time(0), time(0))


def at(interval: float) -> datetime:
    """Return the start of an interval; halves are in its middle."""
    return START + interval * timedelta(minutes=15)


def depot_of(
    *powers_kw: float, staff: StaffHours = ALWAYS, changeover_s: int = 600, pools: str = ""
) -> Depot:
    """Return a depot with one single-plug station for each power: S0, S1 …; pools by letter."""
    stations = tuple(
        ChargingStation(
            station_id=f"S{n}",
            circuit_id=None,
            pool=pools[n] if pools else "ac",
            current_type="AC",
            max_kw=max_kw,
            safe_limit_kw=0.0,
            evses=(Evse(1, (Connector(f"S{n}/1", 1, max_kw),)),),
        )
        for n, max_kw in enumerate(powers_kw)
    )
    return Depot(
        "d", "Depot", "America/New_York", "USD",
        GridConnection(service_kw=500.0, operating_limit_kw=400.0), (), stations,
        staff_hours=staff, changeover_s=changeover_s,
    )  # fmt: skip


def stay(vehicle_id: str, first: float, last: float, energy_kwh: float, **wishes) -> Dwell:
    """Return a dwell from one interval to another."""
    return Dwell(vehicle_id, at(first), at(last), energy_kwh, energy_kwh, **wishes)


def prices_of(*price_per_kwh: float, peak_per_kw: float = 0.0) -> PriceTerms:
    """Return an energy price for each interval, and a demand price on all of them."""
    everywhere = tuple(range(len(price_per_kwh)))
    return PriceTerms(
        "USD",
        energy=(EnergyTerm("energy", price_per_kwh),),
        peaks=(PeakTerm("demand", everywhere, peak_per_kw),) if peak_per_kw else (),
    )


def yard_of(dwells: list[Dwell], depot: Depot, prices: PriceTerms, **rest) -> YardAssignment:
    """Return the yard of some stays, without base load, on the grid of the prices."""
    count = len(prices.energy[0].price_per_kwh)
    return assign_windows(
        dwells,
        depot,
        grid=TimeGrid(START, 900, count),
        prices=prices,
        base_load_kw=np.zeros(count),
        **rest,
    )


def spans_of(yard: YardAssignment) -> dict[str, tuple[str, float, float]]:
    """Return the connector and the interval edges of each vehicle's window."""
    return {
        w.vehicle_id: (
            w.connector_id,
            (w.start - START) / timedelta(minutes=15),
            (w.end - START) / timedelta(minutes=15),
        )
        for w in yard.windows
    }
