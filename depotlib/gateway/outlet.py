"""A connector as the ledger knows it, and what its limit may put on a node, whatever the voltage.

A station that is told amperes draws more power at a higher voltage, and one that is told watts
draws more amperes at a lower one. Powers that stand for limits and amperes are at nominal voltage.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from depotlib.gateway.steps import FloatArray, StepLine
from depotlib.model.live import LimitUnit

HIGHEST_VOLTAGE_FACTOR: Final = 1.1
LOWEST_VOLTAGE_FACTOR: Final = 0.9
"""Mains voltage by its nominal one (EN 50160: within 10 %)."""

Measure = Literal["power", "current", "phase", "told"]
"""What of a connector counts on a node: its power; its current, as power at nominal voltage; that of
one phase; or its limit as it was told, where the node is the station's own."""


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
        Whether it loads its phases alike whatever the vehicle is, and draws the power it is told
        whatever the voltage is (DC).
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

    def load_kw(
        self, limit_kw: FloatArray, *, unit: LimitUnit, measure: Measure = "power"
    ) -> FloatArray:
        """Return the most that a limit in a unit may put on a node [kW].

        Amperes hold for each phase; watts a vehicle may take from one phase alone, up to what
        the hardware lets through.
        """
        is_in_amperes = unit == "A" and not self.is_even
        if measure == "told" or (measure == "power" and not is_in_amperes):
            return limit_kw
        if measure == "power":
            return limit_kw * HIGHEST_VOLTAGE_FACTOR
        share = self.phase_share if measure == "phase" else 1.0
        if is_in_amperes:
            return limit_kw * share
        current_kw = limit_kw / LOWEST_VOLTAGE_FACTOR
        if self.is_even:
            return current_kw * share
        return np.minimum(current_kw, self._most_kw(measure))

    def limit_kw(
        self, load_kw: FloatArray, *, unit: LimitUnit, measure: Measure = "power"
    ) -> FloatArray:
        """Return the limit in a unit that puts no more than so much on a node [kW]."""
        is_in_amperes = unit == "A" and not self.is_even
        if measure == "told" or (measure == "power" and not is_in_amperes):
            return load_kw
        if measure == "power":
            return load_kw / HIGHEST_VOLTAGE_FACTOR
        share = self.phase_share if measure == "phase" else 1.0
        if is_in_amperes:
            return load_kw / share
        limit_kw = load_kw * LOWEST_VOLTAGE_FACTOR
        if self.is_even:
            return limit_kw / share
        return np.where(load_kw >= self._most_kw(measure), math.inf, limit_kw)

    def worst_kw(self, measured_kw: float, *, measure: Measure = "told") -> float:
        """Return the most that it may put on a node whatever it is told [kW].

        Parameters
        ----------
        measured_kw : float
            More than that it was never seen to draw, where that is above its hardware.
        measure : Measure
        """
        # The hardware of AC is a current: told amperes or watts, it lets that through.
        hardware = np.array([self.hardware_kw])
        worst_kw = float(self.load_kw(hardware, unit="A", measure=measure)[0])
        if not measured_kw > self.hardware_kw:
            return worst_kw
        is_power = measure in {"power", "told"}
        return max(worst_kw, measured_kw if is_power else measured_kw / LOWEST_VOLTAGE_FACTOR)

    def _most_kw(self, measure: Measure) -> float:
        return self.phase_kw if measure == "phase" else self.phase_kw / self.phase_share


def loads(outlet: Outlet, line: StepLine, *, unit: LimitUnit, measure: Measure) -> StepLine:
    """Return the most that a connector's limit in a unit puts on a node, over time [kW]."""
    values_kw = outlet.load_kw(line.values_kw, unit=unit, measure=measure)
    return line if values_kw is line.values_kw else StepLine(line.starts_s, values_kw)
