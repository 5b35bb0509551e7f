"""A connector as the ledger knows it, and what it may put on a single phase."""

import math
from dataclasses import dataclass

import numpy as np

from depotlib.gateway.steps import FloatArray, StepLine
from depotlib.model.live import LimitUnit


@dataclass(frozen=True, slots=True)
class Outlet:
    """A connector as the ledger knows it.

    Parameters
    ----------
    connector_id, station_id : str
    safe_kw : float
        Its share of the station's safe limit.
    hardware_kw : float
        Its share of the station's hardware maximum.
    node_ids : tuple of str
        Limit nodes above it: circuits, the site, then phases of these and the station's own power.
    phase_share : float
        Share of its power on each of its phases, where the vehicle uses them alike.
    phase_kw : float
        The most that one phase of it can carry.
    is_even : bool
        Whether it loads its phases alike whatever the vehicle is (DC).
    first_unit : {'A', 'W'}
        In which its safe limit is to be, unless it turns out to take the other one.
    """

    connector_id: str
    station_id: str
    safe_kw: float
    hardware_kw: float
    node_ids: tuple[str, ...]
    phase_share: float = 1.0
    phase_kw: float = math.inf
    is_even: bool = False
    first_unit: LimitUnit = "W"

    def on_phase_kw(self, power_kw: FloatArray, *, unit: LimitUnit) -> FloatArray:
        """Return the most that one phase carries of a limit in a unit [kW].

        Amperes hold for each phase; watts a vehicle may take from one phase alone.
        """
        if unit == "A" or self.is_even:
            return power_kw * self.phase_share
        return np.minimum(power_kw, self.phase_kw)

    def of_phase_kw(self, left_kw: FloatArray, *, unit: LimitUnit) -> FloatArray:
        """Return the limit in a unit that puts no more than so much on one phase [kW]."""
        if unit == "A" or self.is_even:
            return left_kw / self.phase_share
        return np.where(left_kw >= self.phase_kw, math.inf, left_kw)


def on_phase(outlet: Outlet, line: StepLine, *, unit: LimitUnit) -> StepLine:
    """Return the most that one phase carries of a connector's limit in a unit, over time [kW]."""
    return StepLine(line.starts_s, outlet.on_phase_kw(line.values_kw, unit=unit))
