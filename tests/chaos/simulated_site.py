"""A site on a bad day, second by second, from a seed; it drives the shipped control as it is.

Losses, delays to 400 s, frames that outlive their connection, refusals, reboots, crashes of the
gateway before, between and after writing and sending, clocks wrong by up to 10 s, vehicles that
follow 5 s late, a base load that moves up to its bound, plug-ins and unpluggings, new releases.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from depotlib.gateway.control import Heritage, SiteControl
from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Timing
from depotlib.gateway.messages import (
    AnswerStart,
    Booted,
    Call,
    Connected,
    Disconnected,
    Event,
    InstallProfile,
    Replied,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.gateway.versions.ocpp16 import OCPP16
from tests.chaos.simulated_plans import (
    BASE_MAX_KW,
    LEASE_ROOM_KW,
    MAX_KW,
    PANEL_KW,
    SERVICE_KW,
    random_release,
    site_brief,
)
from tests.chaos.simulated_station import SimulatedStation

if TYPE_CHECKING:
    from depotlib.gateway.transactions import Transaction
    from depotlib.model.live import Lease
    from depotlib.model.release import Release

START = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
CALL_TIMEOUT_S = 30.0


@dataclass
class Faults:
    """How bad the day is, and which defence is taken away."""

    loss_share: float = 0.02
    stall_share: float = 0.02
    reject_share: float = 0.03
    drops_per_h: float = 3.0
    reboots_per_h: float = 0.5
    crashes_per_h: float = 3.0
    keeps_journal: bool = True
    silence_is_consent: bool = False


@dataclass
class Link:
    """The gateway's end of one connection."""

    number: int
    queue: list[Call] = field(default_factory=list)
    pending: tuple[Call, float] | None = None


class SimulatedSite:
    """Gateway, wires and yard."""

    def __init__(self, seed: int, *, timing: Timing | None = None, faults: Faults | None = None):
        self.rng = random.Random(seed)
        self.timing, self.faults = timing or Timing(), faults or Faults()
        self.t = 0.0
        self.brief = site_brief()
        self.yard = {
            station.station_id: SimulatedStation(
                station.station_id,
                max_kw=MAX_KW,
                voltage_v=station.voltage_v,
                phases=station.phases,
                clock_error_s=self.rng.uniform(-10.0, 10.0),
                lag_s=5,
            )
            for station in self.brief.depot.stations
        }
        self.leases: dict[tuple[str, int], Lease] = {}
        self.seqs: dict[str, int] = {}
        self.armed: set[str] = set()
        self.makes: dict[str, tuple[str, str]] = {}
        self.started: dict[str, list[Transaction]] = {}
        self.links: dict[str, Link] = {}
        self.wire: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.numbers = itertools.count(1)
        self.release: Release | None = None
        self.control: SiteControl | None = None
        self.restarts_at = 0.0
        self.crashes = 0
        self.over_hard: list[tuple[float, str, float]] = []
        self.over_operating: list[tuple[float, float]] = []
        self.wanted_kwh = 0.0

    # --- the run --------------------------------------------------------------------------

    def run(self, duration_s: int) -> "SimulatedSite":
        for second in range(duration_s):
            self.t = float(second)
            if self.control is None and self.t >= self.restarts_at:
                self._start_gateway()
            self._happen()
            self._deliver()
            self._gateway_second(second)
            self._measure()
        return self

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.t)

    def energy_kwh(self) -> float:
        return sum(station.energy_kwh for station in self.yard.values())

    # --- what goes wrong, and what people do ----------------------------------------------

    def _happen(self) -> None:
        second = int(self.t)
        if second % 600 == 300:
            self._plan_anew()
        for station in self.yard.values():
            if self._strikes(self.faults.drops_per_h):
                self._drop(station.station_id)
            if self._strikes(self.faults.reboots_per_h):
                self._reboot(station)
            self._come_and_go(station)
        if self.control is not None and second > 120 and self._strikes(self.faults.crashes_per_h):
            self._crash()

    def _come_and_go(self, station: SimulatedStation) -> None:
        if station.is_plugged and self._strikes(0.2):
            self._unplug(station)
        elif not station.is_plugged and self.t > 240 and self._strikes(20.0):
            self._plug_in(station)
        is_away = self.control is not None and station.station_id not in self.links
        if is_away and self.rng.random() < 1 / 15:
            self._connect(station)

    def _strikes(self, times_per_h: float) -> bool:
        return self.rng.random() < times_per_h / 3600.0

    def _plan_anew(self) -> None:
        self.release = random_release(self.rng, self.now.replace(second=0))
        if self.control is not None:
            self.control.apply_release(self.release)

    def _plug_in(self, station: SimulatedStation) -> None:
        station.plug_in(self.now)

    def _unplug(self, station: SimulatedStation) -> None:
        number = station.transaction_id
        station.unplug()
        if number is not None:
            event = TransactionEnded("c", number, station.energy_kwh, self.now, "EVDisconnected")
            self._say(station.station_id, event)

    def _reboot(self, station: SimulatedStation) -> None:
        self._drop(station.station_id)
        station.boots_until = self.now + timedelta(seconds=self.rng.uniform(20, 90))

    # --- the wires ------------------------------------------------------------------------

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.wire, (self.t + delay_s, next(self.order), action))

    def _deliver(self) -> None:
        while self.wire and self.wire[0][0] <= self.t:
            heapq.heappop(self.wire)[2]()

    def _connect(self, station: SimulatedStation) -> None:
        if station.boots_until is not None and self.now < station.boots_until:
            return
        link = Link(next(self.numbers))
        self.links[station.station_id] = link
        self._event(station.station_id, Connected("1.6"))
        if station.boots_until is not None or not station.store.profiles:
            station.boots_until = None
            # Half of them are of a make that is only spoken to in defaults (gateway/quirks.py).
            vendor = "Delta" if int(station.station_id[1:]) % 2 else "sim"
            self._event(station.station_id, Booted("c", vendor, "sim"))

    def _drop(self, station_id: str) -> None:
        if self.links.pop(station_id, None) is not None:
            self._event(station_id, Disconnected("dropped"))

    def _say(self, station_id: str, event: Event) -> None:
        """A station's own message; it is repeated until it arrives."""
        link = self.links.get(station_id)
        if link is None or self.control is None:
            self._later(20.0, lambda: self._say(station_id, event))
            return
        self._later(self.rng.uniform(0.0, 3.0), lambda: self._arrive(station_id, link, event))

    def _arrive(self, station_id: str, link: Link, event: Event) -> None:
        if self.links.get(station_id) is link:
            self._event(station_id, event)
        else:
            self._later(20.0, lambda: self._say(station_id, event))

    def _send(self, station_id: str, link: Link, call: Call) -> None:
        """A frame to a station; a stalled one arrives long after its connection has closed."""
        link.pending = (call, self.t)
        roll = self.rng.random()
        if roll < self.faults.loss_share:
            self._drop(station_id)
            return
        delay_s = self._delay_s()
        if roll < self.faults.loss_share + self.faults.stall_share:
            delay_s = self.rng.uniform(30.0, 400.0)
            self._later(min(delay_s, 40.0), lambda: self._drop_if(station_id, link))
        _, payload = OCPP16.write_call(call)
        self._later(delay_s, lambda: self._at_station(station_id, link, call, payload))

    def _delay_s(self) -> float:
        """Most frames are quick, some are not."""
        return (
            self.rng.uniform(0.05, 0.4) if self.rng.random() < 0.7 else self.rng.uniform(0.1, 4.0)
        )

    def _drop_if(self, station_id: str, link: Link) -> None:
        if self.links.get(station_id) is link:
            self._drop(station_id)

    def _at_station(self, station_id: str, link: Link, call: Call, payload: dict) -> None:
        station = self.yard[station_id]
        if isinstance(call, InstallProfile):
            reject_share = self.faults.reject_share if call.reference.startswith("lease") else 0.0
            answer = {"status": station.install(payload, rng=self.rng, reject_share=reject_share)}
        else:
            answer = {"status": "Rejected"}
        if self.rng.random() < self.faults.loss_share:
            return  # the answer is lost: the gateway will run into its timeout
        delay_s = self._delay_s()
        self._later(delay_s, lambda: self._answered(station_id, link, call, answer))

    def _answered(self, station_id: str, link: Link, call: Call, answer: dict) -> None:
        is_current = self.links.get(station_id) is link
        if is_current and link.pending is not None and link.pending[0] is call:
            link.pending = None
            self._event(station_id, OCPP16.read_reply(call, answer))

    # --- the gateway's process ------------------------------------------------------------

    def _start_gateway(self) -> None:
        leases = tuple(sorted(self.leases.values(), key=lambda one: one.seq))
        heritage = Heritage(
            leases=leases if self.faults.keeps_journal else (),
            seqs=dict(self.seqs),
            armed=frozenset(self.armed),
            makes=dict(self.makes),
            transactions={name: [replace(t) for t in ts] for name, ts in self.started.items()},
        )
        self.control = SiteControl(
            self.brief,
            now=self.now,
            draw=lambda: self.rng.randrange(1, 2**31),
            timing=self.timing,
            heritage=heritage,
        )
        self.control.apply_release(self.release)

    def _crash(self) -> None:
        self.control = None
        self.links.clear()
        self.crashes += 1
        self.restarts_at = self.t + self.rng.uniform(5.0, 60.0)

    def _event(self, station_id: str, event: Event) -> None:
        if self.control is not None:
            self._carry_out(self.control.handle(station_id, event, now=self.now))

    def _gateway_second(self, second: int) -> None:
        if self.control is not None and second % 10 == 0:
            self._carry_out(self.control.tick(self.now))
        if self.control is not None:
            self._carry_out(self.control.pump(self.now))
        for station_id, link in list(self.links.items()):
            if link.pending is not None and self.t - link.pending[1] >= CALL_TIMEOUT_S:
                call, link.pending = link.pending[0], None
                outcome = "accepted" if self.faults.silence_is_consent else "unknown"
                self._event(station_id, Replied(call.reference, outcome, "no answer in time"))
            if link.pending is None and link.queue and self.links.get(station_id) is link:
                call = min(link.queue, key=lambda one: one.rank)
                link.queue.remove(call)
                self._send(station_id, link, call)
        for station in self.yard.values():
            if station.wants_answer and station.station_id in self.links:
                station.wants_answer = False
                assert station.transaction_start is not None
                tag = f"TAG-{station.station_id}"
                event = TransactionStarted("c", 1, tag, 0.0, station.transaction_start)
                self._say(station.station_id, event)

    def _carry_out(self, effects: Effects) -> None:
        """Durable first, then the wire; a crash may come before, between or after."""
        if not (effects.leases or effects.commands or effects.journal):
            return
        is_fatal = bool(effects.leases) and self.rng.random() < 0.004
        point = self.rng.randrange(3) if is_fatal else 3
        if point == 0:
            self._crash()
            return
        self._persist(effects)
        sent = len(effects.commands) // 2 if point == 2 else len(effects.commands)
        for station_id, command in effects.commands[: 0 if point == 1 else sent]:
            link = self.links.get(station_id)
            if link is None:
                continue
            if isinstance(command, AnswerStart):
                self._later(1.0, lambda n=station_id, c=command: self._accept_start(n, c))
            elif isinstance(command, Call):
                link.queue.append(command)
        if is_fatal:
            self._crash()

    def _accept_start(self, station_id: str, answer: AnswerStart) -> None:
        station = self.yard[station_id]
        if station.is_plugged and station.transaction_id is None:
            station.transaction_id = answer.transaction_id

    def _persist(self, effects: Effects) -> None:
        for lease in effects.leases:
            key = (lease.connector_id, lease.seq)
            self.seqs[lease.connector_id] = max(self.seqs.get(lease.connector_id, 0), lease.seq)
            if lease.state == "released":
                self.leases.pop(key, None)
            else:
                self.leases[key] = lease
        if self.control is not None:
            for name, station in self.control.stations.items():
                (self.armed.add if station.arming.is_armed else self.armed.discard)(name)
                self.makes[name] = (station.vendor, station.model)
                self.started[name] = [replace(one) for one in station.transactions.all_running()]

    # --- the truth ------------------------------------------------------------------------

    def _measure(self) -> None:
        base_kw = BASE_MAX_KW if int(self.t / 200) % 4 else 0.5 * BASE_MAX_KW
        site_kw = leased_kw = 0.0
        panels = {"panel-0": 0.0, "panel-1": 0.0}
        for index, station in enumerate(self.yard.values()):
            power_kw, is_leased = station.power_kw(self.now)
            station.energy_kwh += power_kw / 3600.0
            site_kw += power_kw
            panels[f"panel-{index // 5}"] += power_kw
            leased_kw += power_kw if is_leased else 0.0
        if site_kw + base_kw > SERVICE_KW + 1e-6:
            self.over_hard.append((self.t, "site", site_kw + base_kw))
        self.over_hard += [
            (self.t, name, kw) for name, kw in panels.items() if kw > PANEL_KW + 1e-6
        ]
        if leased_kw > LEASE_ROOM_KW + 1e-6:
            self.over_operating.append((self.t, leased_kw))
