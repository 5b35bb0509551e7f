"""The yard of the simulation: stations, vehicles and people, event by event, from a seed."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappush

from depotlib.gateway.messages import TransactionEnded, TransactionStarted
from depotlib.model.depot import ChargingStation
from tests.chaos.simulated_plans import (
    SERVICE_KW,
    START,
    Stay,
    base_steps,
    site_brief,
    stays_of,
    storm_stays,
    voltage_steps,
)
from tests.chaos.simulated_station import SimulatedPlug, SimulatedStation
from tests.chaos.simulated_truth import Truth


@dataclass
class Faults:
    """How bad the day is, and which defence of the processes around the ledger is taken away."""

    loss_share: float = 0.02
    stall_share: float = 0.02
    reject_share: float = 0.03
    drops_per_h: float = 2.0
    reboots_per_h: float = 0.5
    crashes_per_h: float = 1.0
    crash_share: float = 0.002
    meter_gaps_per_h: float = 2.0
    slow_share: float = 0.0
    single_phase_share: float = 0.05
    voltage_share: float | None = None  # by the nominal one; None: it strays
    away: tuple[float, float] | None = None
    keeps_journal: bool = True
    silence_is_consent: bool = False
    is_relative: bool = False


QUIET = Faults(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Nothing goes wrong but clocks, latencies and vehicles that are late."""


class SimulatedYard:
    """Stations, vehicles and people; wires and gateway are told by `SimulatedSite`."""

    def __init__(
        self,
        seed: int,
        *,
        duration_s: int,
        faults: Faults | None = None,
        stops_when_over: bool = False,
        is_night: bool = False,
    ) -> None:
        self.is_night = is_night
        self.stops_when_over = stops_when_over
        self.rng = random.Random(seed)
        self.duration_s = duration_s
        self.faults = faults or Faults()
        self.t = 0.0
        self.brief = site_brief() if is_night else site_brief(operating_kw=SERVICE_KW)
        people = random.Random(f"{seed} people")
        if is_night:
            self.stays = stays_of(self.brief, people, duration_s=duration_s)
        else:
            self.stays = storm_stays(
                self.brief,
                people,
                duration_s=duration_s,
                single_phase_share=self.faults.single_phase_share,
            )
        self.base = base_steps(people, duration_s=duration_s, most_share=0.0 if is_night else 0.6)
        self.yard = {
            station.station_id: self._station(station) for station in self.brief.depot.stations
        }
        # Nights are held against an oracle that knows nominal voltage only.
        self.voltages = [] if is_night else self._voltages(seed)
        self.truth = Truth(self.brief.depot, list(self.yard.values()))
        self.heap: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()

    def _voltages(self, seed: int) -> list[tuple[float, float]]:
        if self.faults.voltage_share is not None:
            return [(0.0, self.faults.voltage_share)]
        return voltage_steps(seed, duration_s=self.duration_s)

    def _station(self, station: ChargingStation) -> SimulatedStation:
        return SimulatedStation(
            station,
            clock_error_s=self.rng.choice((-10.0, 10.0, self.rng.uniform(-10.0, 10.0))),
            lag_s=self.rng.choice((5.0, 5.0, self.rng.uniform(1.0, 5.0))),
            is_in_watts=station.station_id == "S4",
            phase_offset=self.rng.randrange(3),
            plugs=[SimulatedPlug(one.connector_id, one.number) for one in station.connectors()],
        )

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.t)

    @property
    def over(self) -> list[tuple[float, str, float]]:
        """Return the instants at which a node was above its hard limit."""
        return self.truth.over

    def energy_kwh(self) -> float:
        return sum(plug.energy_kwh for plug in self._plugs())

    def writes_per_day(self) -> float:
        """Return profile writes a station and day: leases as often as here, and all armings."""
        leases = sum(station.writes for station in self.yard.values()) / len(self.yard)
        armings = sum(station.armings for station in self.yard.values()) / len(self.yard)
        # A connection is armed once, however long it lasts; lost ones are as many as here.
        return (leases + max(0.0, armings - 2.0)) / self.duration_s * 86_400.0 + min(armings, 2.0)

    def _plugs(self) -> list[SimulatedPlug]:
        return [plug for station in self.yard.values() for plug in station.plugs]

    def _at(self, at_s: float, action: Callable[[], None]) -> None:
        heappush(self.heap, (at_s, next(self.order), action))

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        self._at(self.t + delay_s, action)

    def _expect_day(self) -> None:
        """Note what will happen whatever the gateway does: vehicles, base load, voltage."""
        for stay in self.stays:
            self._at(stay.start_s, lambda stay=stay: self._plug_in(stay))
        for at_s, base_kw in self.base:
            self._at(at_s, lambda kw=base_kw: self.truth.set_base(kw, at_s=self.t))
        for at_s, share in self.voltages:
            self._at(at_s, lambda share=share: self._set_voltage(share))

    def _again(self, times_per_h: float, action: Callable[[], None]) -> None:
        """Do something now and then, for ever."""
        if times_per_h <= 0.0:
            return

        def strike() -> None:
            action()
            self._later(self.rng.expovariate(times_per_h / 3600.0), strike)

        self._later(self.rng.expovariate(times_per_h / 3600.0), strike)

    def _delay_s(self, *, slow_share: float = 0.0) -> float:
        """Most frames are quick, some are not, and slow ones nearly run into the timeout."""
        if slow_share > 0.0 and self.rng.random() < slow_share:
            return self.rng.uniform(12.0, 25.0)
        is_quick = self.rng.random() < 0.7
        return self.rng.uniform(0.05, 0.4) if is_quick else self.rng.uniform(0.1, 4.0)

    # --- what goes wrong, and what people do ----------------------------------------------

    def _plug_in(self, stay: Stay) -> None:
        station, plug = self._place(stay.connector_id)
        plug.stay, plug.left_kwh = stay, stay.need_kwh
        plug.transaction_id, plug.started_at = None, self.now
        plug.recent.clear()
        self._settle(station)
        start = TransactionStarted("c", plug.number, f"TAG-{stay.connector_id}", 0.0, self.now)
        plug.wants_answer = True
        self._say(station, start, until=lambda: not plug.wants_answer or plug.stay is not stay)
        self._at(stay.end_s, lambda: self._unplug(stay))

    def _unplug(self, stay: Stay) -> None:
        station, plug = self._place(stay.connector_id)
        plug.count(self.t)
        number = plug.transaction_id
        plug.stay, plug.transaction_id, plug.started_at = None, None, None
        station.store.end_transaction(plug.number)
        plug.recent.clear()
        self._settle(station)
        if number is not None:
            event = TransactionEnded("c", number, plug.energy_kwh, self.now, "EVDisconnected")
            self._say(station, event)

    def _place(self, connector_id: str) -> tuple[SimulatedStation, SimulatedPlug]:
        station = self.yard[connector_id.partition("/")[0]]
        return station, next(one for one in station.plugs if one.connector_id == connector_id)

    def _reboot(self, station: SimulatedStation) -> None:
        self._drop(station.station.station_id)
        station.boots_until_s = self.t + self.rng.uniform(20, 90)
        self._settle(station)
        self._at(station.boots_until_s, lambda: self._boot_over(station))

    def _boot_over(self, station: SimulatedStation) -> None:
        if station.boots_until_s is not None and self.t >= station.boots_until_s:
            station.boots_until_s = None
            for plug in station.plugs:
                plug.recent.clear()
            self._settle(station)

    # --- power ----------------------------------------------------------------------------

    def _set_voltage(self, voltage_share: float) -> None:
        self.truth.set_voltage(voltage_share, at_s=self.t)
        for station in self.yard.values():
            station.voltage_share = voltage_share
            self._settle(station)

    def _settle(self, station: SimulatedStation) -> None:
        """Let a station's vehicles do what they may, now and whenever that changes by itself."""
        total_kw = 0.0
        wake_s = station.next_change_s(self.t)
        for plug in station.plugs:
            plug.count(self.t)
            # A cabinet gives what it has, first come, first served.
            power_kw = min(station.follow(plug, at_s=self.t), station.most_kw - total_kw)
            total_kw += power_kw
            plug.power_kw = power_kw
            if len(plug.recent) > 1:
                wake_s = min(wake_s, plug.recent[1][0] + station.lag_s)
            if power_kw > 0.0:
                wake_s = min(wake_s, self.t + plug.left_kwh / power_kw * 3600.0)
        self.truth.set_station(station, at_s=self.t)
        station.version += 1
        if wake_s < self.duration_s:
            version = station.version
            self._at(max(wake_s, self.t + 0.001), lambda: self._wake(station, version))

    def _wake(self, station: SimulatedStation, version: int) -> None:
        if station.version == version:
            self._settle(station)
