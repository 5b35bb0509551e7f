"""What really flows: every node of the site, judged at each instant at which something changes."""

from collections.abc import Sequence

import numpy as np

from depotlib.model.depot import Depot
from tests.chaos.simulated_station import SimulatedStation

TOLERANCE_KW = 1e-6
SAME_INSTANT_S = 0.002


class Truth:
    """Powers of all nodes, kept apart from the gateway's own sums."""

    def __init__(self, depot: Depot, yard: Sequence[SimulatedStation]) -> None:
        self.over: list[tuple[float, str, float]] = []
        self.base_kw = 0.0
        self._changed_s: float | None = None
        self._row = {one.station.station_id: row for row, one in enumerate(yard)}
        self._kw = np.zeros((len(yard), 4))  # all of it, and on each phase
        self._told_kw = [(0.0, 0.0, 0.0, 0.0)] * len(yard)
        names = ["site", *(circuit.circuit_id for circuit in depot.circuits)]
        self._names = [f"{name}{end}" for end in ("", " L1", " L2", " L3") for name in names]
        above = [
            {"site", *(one.circuit_id for one in depot.path_to_site(station.station.circuit_id))}
            for station in yard
        ]
        self._below = np.array([[float(name in path) for path in above] for name in names])
        grid = depot.grid
        limits = [grid.service_kw, *(circuit.limit_kw for circuit in depot.circuits)]
        phases = [grid.phase_limit_kw, *(circuit.phase_limit_kw for circuit in depot.circuits)]
        phase_kw = [np.inf if one is None else one for one in phases]
        self._limit_kw = np.array([limits, phase_kw, phase_kw, phase_kw])
        self._base = np.zeros_like(self._limit_kw)
        # Breakers and phases carry amperes: what flows there is judged as power at nominal voltage.
        self._is_current = np.ones_like(self._limit_kw, dtype=np.bool_)
        self._is_current[0] = [False, *(circuit.is_in_amperes for circuit in depot.circuits)]
        self._per_flow = np.ones_like(self._limit_kw)

    def set_base(self, base_kw: float, *, at_s: float) -> None:
        self.base_kw = base_kw
        self._base[:, 0] = (base_kw, base_kw / 3.0, base_kw / 3.0, base_kw / 3.0)
        self._changed_s = at_s

    def set_voltage(self, voltage_share: float, *, at_s: float) -> None:
        self._per_flow = np.where(self._is_current, 1.0 / voltage_share, 1.0)
        self._changed_s = at_s

    def set_station(self, station: SimulatedStation, *, at_s: float) -> None:
        row = self._row[station.station.station_id]
        first, second, third = zip(
            *(station.on_phases(plug) for plug in station.plugs), strict=True
        )
        all_kw = sum(plug.power_kw for plug in station.plugs)
        values_kw = (all_kw, sum(first), sum(second), sum(third))
        if values_kw != self._told_kw[row]:
            self._told_kw[row] = values_kw
            self._kw[row] = values_kw
            self._changed_s = at_s

    def node_kw(self) -> np.ndarray:
        """Return what flows through every node [kW], (whole and phases, nodes)."""
        return (self._below @ self._kw).T * self._per_flow + self._base

    def pass_until(self, at_s: float) -> None:
        """Judge what flowed since the last change, if it flowed for any time at all.

        Where one vehicle falls and another one rises in the same instant, their order is none.
        """
        if self._changed_s is not None and at_s > self._changed_s + SAME_INSTANT_S:
            self._judge(self._changed_s)
            self._changed_s = None

    def _judge(self, at_s: float) -> None:
        power_kw = self.node_kw()
        # Written so that a power that is not a number is found too.
        is_over = ~(power_kw <= self._limit_kw + TOLERANCE_KW)
        if is_over.any():
            flat_kw, flat = power_kw.ravel(), is_over.ravel()
            self.over += [
                (at_s, name, float(kw))
                for name, kw, bad in zip(self._names, flat_kw, flat, strict=True)
                if bad
            ]
