"""A site on a bad day, event by event, from a seed; it drives the shipped control as it is.

Losses, delays to 400 s, frames that outlive their connection, refusals, reboots, crashes of the
gateway before, between and after writing and sending, clocks wrong by up to 10 s, vehicles that
follow 1 to 5 s late, a base load that rises as fast as it was ever seen to, plug-ins and
unpluggings, new plans. Every change of a power is looked at, at its own instant.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from heapq import heappop
from typing import TYPE_CHECKING

from depotlib.gateway.bounds import SiteBounds
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
)
from depotlib.gateway.meters.site_meter import Charging, SiteMeter
from depotlib.gateway.versions.ocpp16 import OCPP16, profile_payload
from depotlib.model.site_meter import MeterReading
from tests.chaos.simulated_plans import (
    MAKES,
    METER,
    MODELS,
    STEP_S,
    STORM_SLOT_S,
    Seen,
    plan_of,
    storm_plan,
)
from tests.chaos.simulated_station import SimulatedStation
from tests.chaos.simulated_yard import Faults, SimulatedYard

if TYPE_CHECKING:
    from depotlib.gateway.transactions import Transaction
    from depotlib.model.live import Lease
    from depotlib.model.release import Release

CALL_TIMEOUT_S = 30.0
LOOK_S, TICK_S = 1.7, 10.0


@dataclass
class Link:
    """The gateway's end of one connection."""

    queue: list[Call] = field(default_factory=list)
    pending: Call | None = None
    arrival_s: float = 0.0
    """When the last frame arrives: none overtakes another on its connection, as TCP has it."""


class SimulatedSite(SimulatedYard):
    """Gateway and wires, with the yard they serve."""

    def __init__(
        self,
        seed: int,
        *,
        duration_s: int,
        timing: Timing | None = None,
        faults: Faults | None = None,
        stops_when_over: bool = False,
        is_night: bool = False,
        has_meter: bool = True,
    ) -> None:
        super().__init__(
            seed,
            duration_s=duration_s,
            faults=faults,
            stops_when_over=stops_when_over,
            is_night=is_night,
        )
        self.has_meter = has_meter
        self.over_operating: list[tuple[float, float]] = []
        self.timing = timing or Timing()
        self.leases: dict[tuple[str, int], Lease] = {}
        self.seqs: dict[str, int] = {}
        self.armed: set[str] = set()
        self.makes: dict[str, tuple[str, str]] = {}
        self.started: dict[str, list[Transaction]] = {}
        self.links: dict[str, Link] = {}
        self.release: Release | None = None
        self.plan_due_s = 30.0
        self.control: SiteControl | None = None
        self.meter = self._new_meter()
        self.meter_silent_until_s = -1.0
        self.crashes = 0

    def _new_meter(self) -> SiteMeter:
        return SiteMeter(METER, grid=self.brief.depot.grid)

    # --- the run --------------------------------------------------------------------------

    def run(self) -> "SimulatedSite":
        self._start_gateway()
        self._expect_day()
        for station in self.yard.values():
            self._later(self.rng.uniform(0.0, 20.0), lambda s=station: self._connect(s))
            self._again(self.faults.drops_per_h, lambda s=station: self._drop(s.station.station_id))
            self._again(self.faults.reboots_per_h, lambda s=station: self._reboot(s))
        self._again(self.faults.crashes_per_h, self._crash)
        self._again(self.faults.meter_gaps_per_h, self._silence_meter)
        if self.faults.away is not None:
            self._at(self.faults.away[0], self._all_away)
        self._later(0.5, self._look)
        self._later(1.0, self._tick)
        self._later(2.0, self._read_meter if self.has_meter else self._judge_leases)
        while self.heap and self.heap[0][0] < self.duration_s:
            self.truth.pass_until(self.heap[0][0])
            self.t, _, action = heappop(self.heap)
            action()
            if self.stops_when_over and self.truth.over:
                return self
        self.t = float(self.duration_s)
        self.truth.pass_until(self.t)
        for plug in self._plugs():
            plug.count(self.t)
        return self

    def _all_away(self) -> None:
        for station_id in list(self.links):
            self._drop(station_id)

    def _silence_meter(self) -> None:
        self.meter_silent_until_s = self.t + self.rng.uniform(10.0, 600.0)

    def _is_away(self) -> bool:
        away = self.faults.away
        return away is not None and away[0] <= self.t < away[1]

    # --- the wires ------------------------------------------------------------------------

    def _connect(self, station: SimulatedStation) -> None:
        """Connect, or try again in a while."""
        name = station.station.station_id
        if self.control is None or self._is_away() or station.boots_until_s is not None:
            self._later(self.rng.uniform(2.0, 25.0), lambda: self._connect(station))
            return
        if name in self.links:
            return
        self.links[name] = Link()
        self._event(name, Connected("1.6"))
        if self.rng.random() < 0.5 or not station.store.profiles:
            booted = Booted("c", MAKES.get(name, "sim"), MODELS.get(name, "sim"))
            self._event(name, booted)

    def _drop(self, station_id: str) -> None:
        if self.links.pop(station_id, None) is not None:
            self._event(station_id, Disconnected("dropped"))
            station = self.yard[station_id]
            self._later(self.rng.expovariate(1 / 15), lambda: self._connect(station))

    def _say(
        self, station: SimulatedStation, event: Event, *, until: Callable[[], bool] | None = None
    ) -> None:
        """A station's own message; it is repeated until it arrives."""
        link = self.links.get(station.station.station_id)
        if until is not None and until():
            return
        if link is None or self.control is None:
            self._later(20.0, lambda: self._say(station, event, until=until))
            return
        self._later(self.rng.uniform(0.0, 3.0), lambda: self._arrive(station, link, event, until))

    def _arrive(
        self, station: SimulatedStation, link: Link, event: Event, until: Callable[[], bool] | None
    ) -> None:
        if self.links.get(station.station.station_id) is not link:
            self._later(20.0, lambda: self._say(station, event, until=until))
            return
        self._event(station.station.station_id, event)
        if until is not None:  # the answer may be lost
            self._later(30.0, lambda: self._say(station, event, until=until))
        if self.is_night:
            self.plan_due_s = min(self.plan_due_s, self.t + 2.0)

    def _next_call(self, station_id: str, link: Link) -> None:
        """Send what waits, most urgent first, one at a time."""
        if link.pending is not None or not link.queue or self.links.get(station_id) is not link:
            return
        call = min(link.queue, key=lambda one: one.rank)
        link.queue.remove(call)
        link.pending = call
        self._later(CALL_TIMEOUT_S, lambda: self._time_out(station_id, link, call))
        roll = self.rng.random()
        if roll < self.faults.loss_share:
            self._drop(station_id)
            return
        delay_s = self._delay_s(slow_share=self.faults.slow_share)
        if roll < self.faults.loss_share + self.faults.stall_share:
            # A stalled frame arrives long after its connection has closed.
            delay_s = self.rng.uniform(30.0, 400.0)
            self._later(min(delay_s, 40.0), lambda: self._drop_if(station_id, link))
        payload = profile_payload(call.profile) if isinstance(call, InstallProfile) else {}
        link.arrival_s = max(link.arrival_s, self.t + delay_s)
        self._at(link.arrival_s, lambda: self._at_station(station_id, link, call, payload))

    def _drop_if(self, station_id: str, link: Link) -> None:
        if self.links.get(station_id) is link:
            self._drop(station_id)

    def _at_station(self, station_id: str, link: Link, call: Call, payload: dict) -> None:
        station = self.yard[station_id]
        answer = {"status": "Rejected"}
        if isinstance(call, InstallProfile):
            is_lease = call.reference.startswith("lease")
            if self.faults.is_relative and is_lease:
                self._make_relative(payload, station)
            reject_share = self.faults.reject_share if is_lease else 0.0
            answer = {"status": station.install(payload, rng=self.rng, reject_share=reject_share)}
            self._settle(station)
        if self.rng.random() < self.faults.loss_share:
            return  # the answer is lost: the gateway will run into its timeout
        self._later(self._delay_s(), lambda: self._answered(station_id, link, call, answer))

    def _make_relative(self, payload: dict, station: SimulatedStation) -> None:
        """A schedule that begins when it arrives, as if it said how long and not when."""
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        at = self.now + timedelta(seconds=station.clock_error_s - 60.0)
        schedule["startSchedule"] = at.isoformat()

    def _answered(self, station_id: str, link: Link, call: Call, answer: dict) -> None:
        if self.links.get(station_id) is not link or link.pending is not call:
            return
        link.pending = None
        if isinstance(call, InstallProfile):
            self._event(station_id, OCPP16.read_reply(call, answer))
        else:
            self._event(station_id, Replied(call.reference, "rejected", "Rejected"))
        self._next_call(station_id, link)

    def _time_out(self, station_id: str, link: Link, call: Call) -> None:
        if self.links.get(station_id) is not link or link.pending is not call:
            return
        link.pending = None
        outcome = "accepted" if self.faults.silence_is_consent else "unknown"
        self._event(station_id, Replied(call.reference, outcome, "no answer in time"))
        self._next_call(station_id, link)

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
        self.meter = self._new_meter()
        self.control.apply_release(self.release)

    def _crash(self) -> None:
        if self.control is None:
            return
        self.control = None
        for station_id in list(self.links):
            del self.links[station_id]
            station = self.yard[station_id]
            self._later(self.rng.uniform(2.0, 40.0), lambda s=station: self._connect(s))
        self.crashes += 1
        self._later(self.rng.uniform(5.0, 60.0), self._start_gateway)

    def _event(self, station_id: str, event: Event) -> None:
        if self.control is not None:
            self._carry_out(self.control.handle(station_id, event, now=self.now))

    def _look(self) -> None:
        self._later(LOOK_S, self._look)
        if self.control is None:
            return
        if self.t >= self.plan_due_s:
            self._plan()
        self._carry_out(self.control.pump(self.now))

    def _tick(self) -> None:
        self._later(TICK_S, self._tick)
        if self.control is not None:
            self._carry_out(self.control.tick(self.now))

    def _plan(self) -> None:
        """Plan for whoever is known to be there; and again at the next quarter of an hour."""
        control = self.control
        assert control is not None
        if not self.is_night:
            self.plan_due_s = (self.t // STORM_SLOT_S + 1) * STORM_SLOT_S
            self.release = storm_plan(self.brief, self.rng, at_s=self.t, base_kw=self.truth.base_kw)
            control.apply_release(self.release)
            return
        guests = control.limits.guests()
        seen = [
            Seen(plug.connector_id, plug.stay.max_kw, plug.left_kwh, plug.stay.end_s)
            for plug in self._plugs()
            if plug.stay is not None and plug.connector_id in guests and plug.stay.end_s > self.t
        ]
        self.plan_due_s = (self.t // STEP_S + 1) * STEP_S
        self.release = plan_of(self.brief, seen, at_s=self.t, base_kw=self.truth.base_kw)
        control.apply_release(self.release)

    def _judge_leases(self) -> None:
        """Hold what is drawn above safe limits against the operating limit, base load forecast."""
        self._later(LOOK_S, self._judge_leases)
        if self.control is None:
            return
        leased_kw = sum(
            plug.power_kw
            for plug in self._plugs()
            if plug.power_kw > self.control.ledger.outlets[plug.connector_id].safe_kw + 1e-6
        )
        if not leased_kw <= self.control.site.operating.at(self.now.timestamp()) + 1e-6:
            self.over_operating.append((self.t, leased_kw))

    def _read_meter(self) -> None:
        """The building's own meter; the bounds go to the ledger as the daemon gives them."""
        self._later(METER.period_s, self._read_meter)
        if self.t >= self.meter_silent_until_s:
            reading = MeterReading(self.truth.base_kw, self.now, self.now)
            self.meter.take(reading, charging=Charging(0.0, 0.0, 0.0))
        if self.control is not None:
            ledger = self.control.ledger
            ledger.measured_kw = {plug.connector_id: plug.power_kw for plug in self._plugs()}
            operating = self.meter.operating_line(self.control.site.operating, now=self.now)
            bounds = SiteBounds(base=self.meter.base_line(self.now), operating=operating)
            self.control.limits.take_bounds(bounds, now=self.now)

    def _carry_out(self, effects: Effects) -> None:
        """Durable first, then the wire; a crash may come before, between or after."""
        if not (effects.leases or effects.commands or effects.journal):
            return
        point = self._fatal_point(effects)
        if point != 0:
            self._persist(effects)
        sent = {0: 0, 1: 0, 2: len(effects.commands) // 2}.get(point, len(effects.commands))
        for station_id, command in effects.commands[:sent]:
            self._command(station_id, command)
        if point is not None:
            self._crash()

    def _fatal_point(self, effects: Effects) -> int | None:
        """Return where the process ends now: 0 before a write, 1 behind it, 2 while sending; or None."""
        is_fatal = bool(effects.leases) and self.rng.random() < self.faults.crash_share
        return self.rng.randrange(3) if is_fatal else None

    def _command(self, station_id: str, command: object) -> None:
        link = self.links.get(station_id)
        if link is None:
            return
        if isinstance(command, AnswerStart):
            self._later(1.0, lambda: self._accept_start(station_id, command))
        elif isinstance(command, Call):
            link.queue.append(command)
            self._next_call(station_id, link)

    def _accept_start(self, station_id: str, answer: AnswerStart) -> None:
        control = self.control
        if control is None:
            return
        session = control.stations[station_id].transactions.get(answer.transaction_id)
        for plug in self.yard[station_id].plugs:
            is_meant = session is not None and plug.number == session.connector
            if is_meant and plug.wants_answer and plug.started_at == session.started_at:
                plug.transaction_id, plug.wants_answer = answer.transaction_id, False

    def _persist(self, effects: Effects) -> None:
        for lease in effects.leases:
            key = (lease.connector_id, lease.seq)
            self.seqs[lease.connector_id] = max(self.seqs.get(lease.connector_id, 0), lease.seq)
            if lease.state == "released":
                self.leases.pop(key, None)
            else:
                self.leases[key] = lease
        if self.control is not None:
            for name in {*effects.stations, *(lease.station_id for lease in effects.leases)}:
                station = self.control.stations[name]
                (self.armed.add if station.arming.is_armed else self.armed.discard)(name)
                self.makes[name] = (station.vendor, station.model)
                self.started[name] = [replace(one) for one in station.transactions.all_running()]
