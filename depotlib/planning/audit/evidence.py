"""What the audit looks at: the plan's setpoints laid beside the dwells and the depot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan, Violation
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.problem import FloatArray, IntArray

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

POWER_TOLERANCE_KW: Final = 1e-3
ENERGY_TOLERANCE_KWH: Final = 1e-3
MONEY_TOLERANCE_SHARE: Final = 1e-6
MONEY_TOLERANCE_AMOUNT: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Setpoint:
    """One row of a plan, with the dwell and the station that it belongs to.

    Parameters
    ----------
    vehicle_id : str
    connector_id : str or None
    interval : int
        In the plan's grid; may lie outside it.
    start : datetime
    power_kw : float
    dwell : int or None
        Index of the dwell whose stay holds the interval.
    station : ChargingStation or None
    connector : Connector or None
    """

    vehicle_id: str
    connector_id: str | None
    interval: int
    start: datetime
    power_kw: float
    dwell: int | None
    station: ChargingStation | None
    connector: Connector | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A plan beside what it was made for.

    Parameters
    ----------
    plan : Plan
    dwells : tuple of Dwell
    depot : Depot
    prices : PriceTerms
    base_load_kw : ndarray
        (intervals,).
    solar_kw : ndarray
        Forecast, (intervals,).
    setpoints : tuple of Setpoint
    interval, dwell, station : ndarray of int
        Of every setpoint, (setpoints,); -1 where it has no dwell or station.
    power_kw : ndarray
        Of every setpoint, (setpoints,).
    """

    plan: Plan
    dwells: tuple[Dwell, ...]
    depot: Depot
    prices: PriceTerms
    base_load_kw: FloatArray
    solar_kw: FloatArray
    setpoints: tuple[Setpoint, ...]
    interval: IntArray
    dwell: IntArray
    station: IntArray
    power_kw: FloatArray

    @property
    def is_assigned(self) -> bool:
        """Return whether the plan gives every vehicle its own connector."""
        return self.plan.header.occupancy == "assigned"

    def charging_kw(self, rows: BoolArray | None = None) -> FloatArray:
        """Return the power of all or some setpoints in every interval [kW], (intervals,)."""
        count = self.plan.grid.count
        on_grid = (self.interval >= 0) & (self.interval < count)
        chosen = on_grid if rows is None else on_grid & rows
        return np.bincount(
            self.interval[chosen], weights=self.power_kw[chosen], minlength=count
        ).astype(np.float64)

    def assets_kw(self, *asset_ids: str) -> FloatArray:
        """Return what all or some of the other assets draw [kW], negative what they give."""
        total_kw = np.zeros(self.plan.grid.count)
        for asset in self.plan.assets:
            if not asset_ids or asset.asset_id in asset_ids:
                total_kw += np.array(asset.power_kw)
        return total_kw

    def site_kw(self) -> FloatArray:
        """Return the site's power [kW], negative where it feeds back, (intervals,)."""
        return self.base_load_kw + self.charging_kw() + self.assets_kw()

    def delivered_kwh(self) -> FloatArray:
        """Return what every dwell is given and keeps [kWh], (dwells,)."""
        held = self.dwell >= 0
        total_kw = np.bincount(
            self.dwell[held], weights=self.power_kw[held], minlength=len(self.dwells)
        )
        given_kwh = total_kw.astype(np.float64) * self.plan.grid.interval_h
        for index, dwell in enumerate(self.dwells):
            if dwell.battery is not None:
                lost_kwh = self._fed_kwh(dwell) / dwell.battery.round_trip_share
                given_kwh[index] -= max(0.0, lost_kwh - dwell.battery.spare_kwh)
        return given_kwh

    def above(self, power_kw: FloatArray, limit_kw: FloatArray | float) -> Iterator[int]:
        """Yield the intervals in which a power is above a limit."""
        yield from np.flatnonzero(power_kw > limit_kw + POWER_TOLERANCE_KW).tolist()

    def at(self, interval: int) -> datetime:
        """Return the start of an interval."""
        return self.plan.grid.start + interval * self.plan.grid.step

    def _fed_kwh(self, dwell: Dwell) -> float:
        """Return what a dwell's vehicle feeds back while it stays [kWh], in whatever parts."""
        fed_kw = sum(
            -power_kw
            for asset in self.plan.assets
            if (asset.kind, asset.asset_id) == ("vehicle", dwell.vehicle_id)
            for interval, power_kw in enumerate(asset.power_kw)
            if dwell.arrival <= self.at(interval) < dwell.departure
        )
        return fed_kw * self.plan.grid.interval_h


Rule = Callable[[Evidence], Iterator[Violation]]


def evidence_of(
    plan: Plan,
    dwells: Sequence[Dwell],
    *,
    depot: Depot,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    solar_kw: FloatArray,
) -> Evidence:
    """Return a plan beside what it was made for."""
    laid = _laid(plan, dwells, depot=depot)
    number = {station.station_id: index for index, station in enumerate(depot.stations)}
    return Evidence(
        plan=plan,
        dwells=tuple(dwells),
        depot=depot,
        prices=prices,
        base_load_kw=base_load_kw,
        solar_kw=solar_kw,
        setpoints=laid,
        interval=np.array([row.interval for row in laid], dtype=np.int64),
        dwell=np.array([-1 if row.dwell is None else row.dwell for row in laid], dtype=np.int64),
        station=np.array(
            [number[row.station.station_id] if row.station else -1 for row in laid],
            dtype=np.int64,
        ),
        power_kw=np.array([row.power_kw for row in laid], dtype=np.float64),
    )


def _laid(plan: Plan, dwells: Sequence[Dwell], *, depot: Depot) -> tuple[Setpoint, ...]:
    places = {
        connector.connector_id: (station, connector)
        for station in depot.stations
        for connector in station.connectors()
    }
    stays: dict[str, list[tuple[int, datetime, datetime]]] = {}
    for index, dwell in enumerate(dwells):
        # Instants in one zone are compared without asking either for its offset.
        stay = (index, dwell.arrival.astimezone(UTC), dwell.departure.astimezone(UTC))
        stays.setdefault(dwell.vehicle_id, []).append(stay)
    step = plan.grid.step
    rows = plan.setpoints.select(
        "vehicle_id",
        "connector_id",
        pl.col("interval_start").dt.convert_time_zone("UTC").dt.replace_time_zone(None),
        "power_kw",
    ).iter_rows()
    laid: list[Setpoint] = []
    for interval, (vehicle_id, connector_id, at, power_kw) in zip(
        plan.intervals(), rows, strict=True
    ):
        start = at.replace(tzinfo=UTC)
        dwell = _stay_of(stays.get(vehicle_id, ()), start, end=start + step)
        place = places.get(connector_id, (None, None))
        laid.append(Setpoint(vehicle_id, connector_id, interval, start, power_kw, dwell, *place))
    return tuple(laid)


def _stay_of(
    stays: Sequence[tuple[int, datetime, datetime]], start: datetime, *, end: datetime
) -> int | None:
    """Return the first of some stays that holds a span."""
    for index, arrival, departure in stays:
        if arrival <= start and end <= departure:
            return index
    return None
