"""The simulated site's depot, its vehicles, and plans that just fit it."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Circuit, Connector, Depot, Evse, GridConnection
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.model.site_meter import MeterPoint, SiteMeterSource

START = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
PHASE_KW, LEAST_PHASE_KW = 7.36, 1.38  # 32 A and 6 A at 230 V
SERVICE_KW, OPERATING_KW, BASE_MAX_KW, PHASE_LIMIT_KW = 149.0, 135.0, 24.0, 57.0
RISE_KW_PER_S = 0.05
STEP_S = 900
STORM_SLOTS, STORM_SLOT_S = 8, 600
METER = SiteMeterSource(
    kind="file",
    address="meter.csv",
    points=(MeterPoint("power", "power", "kW"),),
    period_s=8.0,
    stale_s=30.0,
    base_margin_kw=1.0,
    base_rise_kw_per_s=RISE_KW_PER_S,
)
CIRCUITS = (
    Circuit("hall", None, 110.0, phase_limit_kw=44.0),
    Circuit("panel-0", "hall", 66.0, phase_limit_kw=24.0, is_in_amperes=True),
    Circuit("panel-1", "hall", 60.0, phase_limit_kw=23.0),
    Circuit("dc", None, 90.0),
)
MAKES = {"S1": "Delta", "S3": "Delta", "S4": "Huawei", "S6": "ABB", "S8": "Delta"}
"""Who is spoken to in defaults only, in watts, and on one level without expiry (quirks.py)."""
MODELS = {"S6": "Terra AC"}


@dataclass(frozen=True)
class Stay:
    """A vehicle at a connector from one instant to another, as it will really be."""

    connector_id: str
    start_s: float
    end_s: float
    max_kw: float
    phases: int
    need_kwh: float


@dataclass(frozen=True)
class Seen:
    """A session as a plan sees it: who, what is left, and until when."""

    connector_id: str
    max_kw: float
    left_kwh: float
    departure_s: float


def _ac(name: str, circuit_id: str, phases: int, wiring: tuple[int, ...]) -> ChargingStation:
    max_kw, safe_kw = PHASE_KW * phases, LEAST_PHASE_KW * phases
    connector = Connector(f"{name}/1", 1, max_kw, safe_kw)
    return ChargingStation(
        name, circuit_id, "ac", "AC", max_kw, safe_kw, (Evse(1, (connector,)),), phases,
        wiring=wiring,
    )  # fmt: skip


def _dc(name: str, max_kw: float, connectors: int) -> ChargingStation:
    evses = tuple(
        Evse(number, (Connector(f"{name}/{number}", number, max_kw, 5.0),))
        for number in range(1, connectors + 1)
    )
    return ChargingStation(name, "dc", "dc", "DC", max_kw, 0.0, evses, phases=3)


def site_brief(*, operating_kw: float = OPERATING_KW) -> Brief:
    """Return twelve stations on a tree with phases that they could exceed twice over."""
    turns = ((1, 2, 3), (2, 3, 1), (3, 1, 2))
    stations = (
        *(_ac(f"S{n}", "panel-0", 3, turns[n % 3]) for n in range(5)),
        *(_ac(f"S{n}", "panel-1", 1, (n - 4,)) for n in range(5, 8)),
        _ac("S8", "panel-1", 3, ()),
        _ac("S9", "panel-1", 3, turns[0]),
        _dc("S10", 50.0, 1),
        _dc("S11", 60.0, 2),
    )
    depot = Depot(
        depot_id="sim",
        name="Simulated",
        time_zone="UTC",
        currency="EUR",
        grid=GridConnection(
            SERVICE_KW, operating_kw, 0.0, BASE_MAX_KW, phase_limit_kw=PHASE_LIMIT_KW
        ),
        circuits=CIRCUITS,
        stations=stations,
    )
    names = [one.connector_id for one in depot.connectors()]
    tokens = tuple(IdentityToken(f"TAG-{name}", "tag", f"van-{name}") for name in names)
    return Brief(depot=depot, identities=IdentityMap(tokens))


def stays_of(brief: Brief, rng: random.Random, *, duration_s: int) -> list[Stay]:
    """Return who will be where: on each connector one vehicle after the other."""
    stays: list[Stay] = []
    for station in brief.depot.stations:
        for connector in station.connectors():
            at_s = rng.uniform(30.0, 1800.0)
            while at_s < duration_s:
                end_s = at_s + rng.uniform(2400.0, 3.0 * 3600.0)
                # One in eight vehicles uses a single phase of three.
                is_single = station.current_type == "AC" and rng.random() < 1 / 8
                phases = 1 if is_single else station.phases
                share = phases / station.phases if station.current_type == "AC" else 1.0
                max_kw = connector.max_kw * share * rng.uniform(0.8, 1.0)
                need_kwh = max_kw * rng.uniform(0.4, 1.1) * (end_s - at_s) / 3600.0
                stays.append(Stay(connector.connector_id, at_s, end_s, max_kw, phases, need_kwh))
                at_s = end_s + rng.uniform(120.0, 1800.0)
    return stays


def storm_stays(
    brief: Brief, rng: random.Random, *, duration_s: int, single_phase_share: float
) -> list[Stay]:
    """Return vehicles that come and go, take all they can get and are never full."""
    stays: list[Stay] = []
    for station in brief.depot.stations:
        for connector in station.connectors():
            at_s = rng.uniform(30.0, 300.0)
            while at_s < duration_s:
                end_s = at_s + rng.uniform(600.0, 7200.0)
                is_single = station.current_type == "AC" and rng.random() < single_phase_share
                phases = 1 if is_single else station.phases
                stays.append(
                    Stay(connector.connector_id, at_s, end_s, connector.max_kw, phases, 1e6)
                )
                at_s = end_s + rng.uniform(20.0, 300.0)
    return stays


def storm_plan(brief: Brief, rng: random.Random, *, at_s: float, base_kw: float) -> Release:
    """Return setpoints of random height that fill the tree to the brim, others every ten minutes."""
    depot, begin = brief.depot, START + timedelta(seconds=at_s)
    connectors = [(station, one) for station in depot.stations for one in station.connectors()]
    steps: dict[str, list[LimitStep]] = {one.connector_id: [] for _, one in connectors}
    for slot in range(STORM_SLOTS):
        room = _room(depot, base_kw=rng.choice((base_kw, BASE_MAX_KW)))
        for station, one in rng.sample(connectors, len(connectors)):
            path = [*(c.circuit_id for c in depot.path_to_site(station.circuit_id)), "site"]
            path += [station.station_id] if station.station_id in room else []
            safe_kw = station.safe_limit_kw
            above_kw = min(one.max_kw - safe_kw, *(room[node] for node in path))
            above_kw = max(0.0, above_kw) if rng.random() < 0.95 else 0.0
            for node in path:
                room[node] -= above_kw
            limit_kw = 0.0 if rng.random() < 0.03 else safe_kw + above_kw
            at = begin + timedelta(seconds=slot * STORM_SLOT_S)
            steps[one.connector_id].append(LimitStep(at, limit_kw))
    end = begin + timedelta(seconds=STORM_SLOTS * STORM_SLOT_S)
    schedules = tuple(
        ConnectorSchedule(name, f"van-{name}", tuple(limits), end, end, 40.0)
        for name, limits in steps.items()
    )
    return Release(f"r-{at_s:.0f}", "p", "push", 1, begin, begin, end, schedules, pushable=True)


def base_steps(
    rng: random.Random, *, duration_s: int, most_share: float
) -> list[tuple[float, float]]:
    """Return the base load as (instant [s], power [kW]): it rises as fast as it ever may.

    `most_share` of its moves are to the most it can be.
    """
    at_s, power_kw = 0.0, rng.uniform(0.4, 0.9) * BASE_MAX_KW
    steps = [(at_s, power_kw)]
    while at_s < duration_s:
        at_s += rng.uniform(120.0, 1500.0)
        is_most = rng.random() < most_share
        aim_kw = BASE_MAX_KW if is_most else rng.uniform(0.4, 1.0) * BASE_MAX_KW
        while power_kw < aim_kw:
            power_kw = min(aim_kw, power_kw + 2.0 * RISE_KW_PER_S)
            steps.append((at_s, power_kw))
            at_s += 2.0
        if aim_kw < power_kw:
            power_kw = aim_kw
            steps.append((at_s, power_kw))
    return steps


def voltage_steps(seed: int, *, duration_s: int) -> list[tuple[float, float]]:
    """Return the mains voltage by its nominal one as (instant [s], share): within 10 %, often at an end."""
    rng = random.Random(f"{seed} voltage")
    steps: list[tuple[float, float]] = []
    at_s = 0.0
    while at_s < duration_s:
        steps.append((at_s, rng.choice((1.1, 1.1, 0.9, rng.uniform(0.9, 1.1)))))
        at_s += rng.uniform(120.0, 1800.0)
    return steps


def plan_of(brief: Brief, seen: Sequence[Seen], *, at_s: float, base_kw: float) -> Release:
    """Return a release: whoever leaves first is served first, within every limit, until all is full."""
    depot, begin = brief.depot, START + timedelta(seconds=at_s)
    stations = {
        one.connector_id: station for station in depot.stations for one in station.connectors()
    }
    ordered = sorted(seen, key=lambda one: (one.departure_s, one.connector_id))
    end_s = max((one.departure_s for one in ordered), default=at_s) + 60.0
    edges = [
        at_s,
        *(float(s) for s in range(int(at_s // STEP_S + 1) * STEP_S, int(end_s), STEP_S)),
        end_s,
    ]
    left_kwh = {one.connector_id: one.left_kwh for one in ordered}
    steps: dict[str, list[LimitStep]] = {one.connector_id: [] for one in ordered}
    for start_s, stop_s in itertools.pairwise(edges):
        room = _room(depot, base_kw=base_kw)
        for one in ordered:
            name, station = one.connector_id, stations[one.connector_id]
            path = [
                *(c.circuit_id for c in depot.path_to_site(station.circuit_id)),
                "site",
                name[:-2],
            ]
            hours = (stop_s - start_s) / 3600.0
            safe_kw = station.safe_limit_kw / sum(1 for _ in station.connectors())
            wanted_kw = max(0.0, min(one.max_kw, left_kwh[name] / hours))
            most_kw = min(room.get(node, one.max_kw) for node in path) + safe_kw
            power_kw = min(wanted_kw, most_kw) if start_s < one.departure_s else 0.0
            for node in path:
                if node in room:
                    room[node] -= max(0.0, power_kw - safe_kw)
            left_kwh[name] -= power_kw * hours
            # What is left is spread over the step, but not below what can be signalled.
            is_little = 0.0 < power_kw < LEAST_PHASE_KW * station.phases
            limit_kw = LEAST_PHASE_KW * station.phases if is_little else power_kw
            at = START + timedelta(seconds=start_s)
            steps[name].append(LimitStep(at, max(0.0, limit_kw)))
    schedules = tuple(
        ConnectorSchedule(
            one.connector_id,
            f"van-{one.connector_id}",
            tuple(steps[one.connector_id]),
            START + timedelta(seconds=one.departure_s),
            START + timedelta(seconds=one.departure_s),
            max(one.left_kwh, 0.1),
        )
        for one in ordered
    )
    end = START + timedelta(seconds=end_s)
    return Release(f"r-{at_s:.0f}", "p", "dispatch", 1, begin, begin, end, schedules, pushable=True)


def _room(depot: Depot, *, base_kw: float) -> dict[str, float]:
    """Return what every node has left above the safe limits below it [kW]."""
    room = {"site": depot.grid.operating_limit_kw - base_kw}
    room |= {circuit.circuit_id: circuit.limit_kw for circuit in depot.circuits}
    for station in depot.stations:
        room["site"] -= station.safe_limit_kw
        for circuit in depot.path_to_site(station.circuit_id):
            room[circuit.circuit_id] -= station.safe_limit_kw
        if sum(1 for _ in station.connectors()) > 1:
            room[station.station_id] = station.max_kw - station.safe_limit_kw
    return room
