"""The yard by script: who stands where at each second, and every station's step. No I/O."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from depotlib.model.depot import Depot
from depotlib.units import SECONDS_PER_MINUTE
from depotlib.virtual.script import NightScript, Stay
from depotlib.virtual.station import VirtualStation
from depotlib.virtual.vehicle import VirtualVehicle

STEP = timedelta(seconds=1)
_OFFSET_STRIDE = 7
"""Coprime to 60: samples of neighbouring stations fall on different seconds of the minute."""


@dataclass(slots=True)
class VirtualYard:
    """All virtual stations of a depot and the vehicles that visit them.

    Parameters
    ----------
    depot : Depot
    script : NightScript
        Replaced by `follow` when the people in the yard get a new sheet.
    """

    depot: Depot
    script: NightScript
    stations: dict[str, VirtualStation] = field(init=False)
    vehicles: dict[str, VirtualVehicle] = field(init=False)
    _station_of: dict[str, tuple[str, int]] = field(init=False)
    _next_change: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Build the stations; vehicles come with the script."""
        self.stations = {
            traits.station_id: VirtualStation(
                traits=traits,
                misbehaviours=tuple(
                    one for one in self.script.misbehaviour if one.station_id == traits.station_id
                ),
                meter_offset_s=index * _OFFSET_STRIDE % SECONDS_PER_MINUTE,
            )
            for index, traits in enumerate(self.depot.stations)
        }
        self._station_of = {
            connector.connector_id: (station.station_id, connector.number)
            for station in self.depot.stations
            for connector in station.connectors()
        }
        self.vehicles = {}
        self.follow(self.script)

    def follow(self, script: NightScript) -> None:
        """Take over a new sheet: from the next second on, vehicles stand where it says."""
        self.script = script
        for traits in script.vehicle:
            if traits.vehicle_id not in self.vehicles:
                draw = random.Random(f"{script.seed} {traits.vehicle_id}")  # noqa: S311 - a night
                self.vehicles[traits.vehicle_id] = VirtualVehicle(traits=traits, draw=draw)
        for station in self.stations.values():
            station.misbehaviours = tuple(
                one for one in script.misbehaviour if one.station_id == station.traits.station_id
            )
        self._next_change = None

    def step(self, at: datetime) -> dict[str, float]:
        """Move the yard by one second and return each plug's power in it [kW]."""
        if self._next_change is None or at >= self._next_change:
            self._rearrange(at)
        powers: dict[str, float] = {}
        for station in self.stations.values():
            station.step(at, duration_s=STEP.total_seconds())
            for connector in station.connectors.values():
                powers[connector.traits.connector_id] = connector.power_kw
        return powers

    def _rearrange(self, at: datetime) -> None:
        wanted = {
            stay.connector_id: stay
            for stay in self.script.stay
            if stay.plug_in <= at < stay.unplug and stay.connector_id in self._station_of
        }
        for connector_id in self._station_of:
            self._pull_if_elsewhere(connector_id, wanted.get(connector_id), at=at)
        for connector_id, stay in wanted.items():
            station_id, number = self._station_of[connector_id]
            station = self.stations[station_id]
            if station.connectors[number].vehicle is None:
                station.plug_in(number, self.vehicles[stay.vehicle_id], at=at)
        ahead = [
            instant
            for stay in self.script.stay
            for instant in (stay.plug_in, stay.unplug)
            if instant > at
        ]
        self._next_change = min(ahead, default=datetime.max.replace(tzinfo=at.tzinfo))

    def _pull_if_elsewhere(self, connector_id: str, stay: Stay | None, *, at: datetime) -> None:
        station_id, number = self._station_of[connector_id]
        station = self.stations[station_id]
        vehicle = station.connectors[number].vehicle
        if vehicle is not None and (stay is None or stay.vehicle_id != vehicle.traits.vehicle_id):
            station.unplug(number, at=at)
