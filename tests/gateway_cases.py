"""A small site for the gateway's tests, and stations that answer as they are told."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from depotlib.gateway.control import Heritage, SiteControl
from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import (
    AnswerStart,
    Booted,
    Call,
    Connected,
    InstallProfile,
    Replied,
    TransactionStarted,
)
from depotlib.model.brief import Brief, UnknownPolicy
from depotlib.model.depot import ChargingStation, Circuit, Connector, Depot, Evse, GridConnection
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.model.live import JournalEntry, Lease
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

T0 = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
MAX_KW, SAFE_KW = 22.08, 4.14  # 32 A and 6 A on three phases of 230 V


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def small_site(
    *,
    stations: int = 3,
    service_kw: float = 40.0,
    operating_kw: float | None = None,
    safe_kw: float = SAFE_KW,
    circuits: tuple[Circuit, ...] = (),
    circuit_id: str | None = None,
    unknown_policy: UnknownPolicy = "accept_all",
    base_load_max_kw: float = 0.0,
) -> Brief:
    """Three AC stations of 22 kW below a service of 40 kW; van-N carries TAG-N."""
    depot = Depot(
        depot_id="d",
        name="Depot",
        time_zone="UTC",
        currency="EUR",
        grid=GridConnection(
            service_kw, operating_kw or service_kw, base_load_max_kw=base_load_max_kw
        ),
        circuits=circuits,
        stations=tuple(
            ChargingStation(
                station_id=f"S{number}",
                circuit_id=circuit_id,
                pool="ac",
                current_type="AC",
                max_kw=MAX_KW,
                safe_limit_kw=safe_kw,
                evses=(Evse(1, (Connector(f"S{number}/1", 1, MAX_KW, SAFE_KW),)),),
                phases=3,
            )
            for number in range(stations)
        ),
    )
    tokens = tuple(IdentityToken(f"TAG-{n}", "tag", f"van-{n}") for n in range(stations))
    return Brief(depot=depot, identities=IdentityMap(tokens), unknown_policy=unknown_policy)


def night(
    limits_kw: dict[str, list[float]], *, release_id: str = "r1", step_s: float = 900.0
) -> Release:
    """A release from T0 on: by connector its limits, each for one step; van-N on SN/1."""
    schedules = tuple(
        ConnectorSchedule(
            connector_id=connector_id,
            vehicle_id=f"van-{connector_id[1]}",
            steps=tuple(LimitStep(at(step_s * n), kw) for n, kw in enumerate(kws)),
            valid_to=at(step_s * len(kws)),
            departure=at(step_s * len(kws)),
            energy_target_kwh=10.0,
        )
        for connector_id, kws in limits_kw.items()
    )
    ends = max(schedule.valid_to for schedule in schedules)
    return Release(release_id, "p", "push", 1, T0, T0, ends, schedules, pushable=True)


@dataclass
class Site:
    """A control with stations that answer; what it did is kept."""

    control: SiteControl
    now: datetime = T0
    says: Callable[[str, Call], str] = lambda _station, _call: "Accepted"
    sent: list[tuple[datetime, str, InstallProfile]] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    leases: dict[tuple[str, int], Lease] = field(default_factory=dict)

    def carry_out(self, effects: Effects) -> None:
        self.journal += effects.journal
        for lease in effects.leases:
            self.leases[lease.connector_id, lease.seq] = lease
        for station_id, command in effects.commands:
            if not isinstance(command, Call):
                self.answers.append(command)
                continue
            if isinstance(command, InstallProfile):
                self.sent.append((self.now, station_id, command))
            word = self.says(station_id, command)
            if word != "silence":
                outcome = {"Accepted": "accepted", "timeout": "unknown"}.get(word, "rejected")
                reply = Replied(command.reference, outcome, word, 0.1)
                self.carry_out(self.control.handle(station_id, reply, now=self.now))

    def say(self, station_id: str, event: object) -> None:
        self.carry_out(self.control.handle(station_id, event, now=self.now))

    def come_up(self) -> "Site":
        for station_id in self.control.stations:
            self.say(station_id, Connected("1.6"))
            self.say(station_id, Booted("b", "maker", "model"))
        return self

    def pump(self) -> list[str]:
        """Return where limits went just now."""
        before = len(self.sent)
        self.carry_out(self.control.tick(self.now))
        self.carry_out(self.control.pump(self.now))
        return [station_id for _, station_id, _ in self.sent[before:]]

    def wait(self, seconds: float) -> list[str]:
        self.now += timedelta(seconds=seconds)
        return self.pump()

    def plug_in(self, station_id: str, token: str) -> int:
        self.say(station_id, TransactionStarted("s", 1, token, 0.0, self.now))
        start = self.answers[-1]
        assert isinstance(start, AnswerStart)
        return start.transaction_id

    def held_kw(self, connector_id: str) -> float:
        lease = self.control.held(connector_id, self.now)
        limit_kw = self.control.ledger.outlets[connector_id].safe_kw
        for step in lease.steps if lease is not None else ():
            limit_kw = step.limit_kw if step.start <= self.now else limit_kw
        return limit_kw


def site(
    brief: Brief | None = None, *, heritage: Heritage | None = None, now: datetime = T0
) -> Site:
    """Return a site whose stations have not connected yet; transaction ids count from 101."""
    numbers = itertools.count(101)
    control = SiteControl(
        brief or small_site(), now=now, draw=lambda: next(numbers), heritage=heritage
    )
    return Site(control, now=now)
