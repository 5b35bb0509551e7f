"""Twelve AC stations that together could draw twice what their site may, and pushes to them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from depotlib.exchange.preview import preview_release
from depotlib.model.live import PushResult, RequestStatus
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.virtual.script import Misbehaviour, NightScript, ScriptedVehicle, Stay
from depotlib.workflows.push_plan import Operator, PushDraft, commit_push
from tests.chaos.depot_processes import EVENING, DepotProcesses, wait_until

COUNT: Final = 12
STATIONS: Final = tuple(f"AC-{number:02d}" for number in range(1, COUNT + 1))
FIRST_HALF: Final = STATIONS[: COUNT // 2]
SECOND_HALF: Final = STATIONS[COUNT // 2 :]
MAX_KW: Final = 7.2
SAFE_KW: Final = 1.44
"""6 A at 240 V, the least that a pilot can signal."""
SERVICE_KW: Final = 55.0
"""Half the stations at `HALF_KW`, the others at their safe limits: (39.6 + 8.64) x 1.1 + 1 kW fit."""
OPERATING_KW: Final = 40.0
MARGIN_KW: Final = 1.0
HALF_KW: Final = 6.6
"""Six at this power are 39.6 kW: two such halves at once are 79.2 kW, far over the site's 55."""
MORNING: Final = EVENING + timedelta(hours=8)

_SITE: Final = f"""
[depot]
depot_id = "small"
name = "Small yard"
time_zone = "America/New_York"

[grid]
service_kw = {SERVICE_KW}
operating_limit_kw = {OPERATING_KW}
margin_kw = {MARGIN_KW}
"""
_STATION: Final = """
[[station]]
station_id = "{station_id}"
max_kw = {max_kw}
safe_limit_kw = {safe_kw}
voltage_v = 240.0

[[identity]]
token = "TAG-{station_id}"
vehicle_id = "van-{station_id}"
"""


def site_toml() -> str:
    return _SITE + "".join(station_toml(name) for name in STATIONS)


def station_toml(station_id: str) -> str:
    return _STATION.format(station_id=station_id, max_kw=MAX_KW, safe_kw=SAFE_KW)


def connector_of(station_id: str) -> str:
    return f"{station_id}/1"


def night(*, plug_in: datetime | None, misbehaviours: tuple[Misbehaviour, ...] = ()) -> NightScript:
    """Return a night in which every station has its van from an instant on, or never."""
    vans = tuple(
        ScriptedVehicle(
            vehicle_id=f"van-{name}",
            id_tag=f"TAG-{name}",
            usable_kwh=100.0,  # never full within a test
            max_kw=MAX_KW,
            arrival_soc=0.1,
        )
        for name in STATIONS
    )
    stays = tuple(
        Stay(
            vehicle_id=f"van-{name}",
            connector_id=connector_of(name),
            plug_in=plug_in,
            unplug=MORNING,
        )
        for name in STATIONS
        if plug_in is not None
    )
    return NightScript(vehicle=vans, stay=stays, misbehaviour=misbehaviours)


def release_of(
    limits_kw: Mapping[str, float], *, at: datetime, until: datetime = MORNING
) -> Release:
    """Return a release that holds one limit on each station until an instant."""
    content = f"{sorted(limits_kw.items())} {at.isoformat()}"
    return Release(
        release_id=f"push-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        plan_id="plan-by-hand",
        origin="push",
        brief_version=1,
        made_at=at,
        valid_from=EVENING,
        valid_to=until,
        schedules=tuple(
            ConnectorSchedule(
                connector_id=connector_of(name),
                vehicle_id=f"van-{name}",
                steps=(LimitStep(EVENING, limit_kw),),
                valid_to=until,
                departure=MORNING,
                energy_target_kwh=50.0,
            )
            for name, limit_kw in limits_kw.items()
        ),
        pushable=True,
    )


def half_and_half(favoured: tuple[str, ...]) -> dict[str, float]:
    """Return limits that give everything to one half of the stations and pause the other [kW]."""
    return {name: HALF_KW if name in favoured else 0.0 for name in STATIONS}


def push(
    processes: DepotProcesses, limits_kw: Mapping[str, float], *, until: datetime = MORNING
) -> str:
    """Return the id of the request with which an operator pushed limits, as the workbench does."""
    now = processes.clock.now()
    release = release_of(limits_kw, at=now, until=until)
    with processes.mailbox() as mailbox:
        mailbox.add_release(release)
        preview = preview_release(
            release,
            in_force=mailbox.current_release(),
            stations=mailbox.station_states(),
            leases=mailbox.leases(),
        )
    return commit_push(
        processes.settings,
        PushDraft(preview=preview, sheet=processes.sheet),
        operator=Operator(name="test", token=processes.operator_token),
        now=now,
    )


def status_of(processes: DepotProcesses, request_id: str) -> RequestStatus:
    with processes.mailbox() as mailbox:
        status = mailbox.request(request_id)
    assert status is not None
    return status


def results_of(processes: DepotProcesses, request_id: str) -> dict[str, PushResult]:
    """Return where each station of a push stands."""
    with processes.mailbox() as mailbox:
        return {result.station_id: result for result in mailbox.push_results(request_id)}


def wait_for_end(processes: DepotProcesses, request_id: str) -> RequestStatus:
    """Return the status of a push that is over."""
    wait_until(
        lambda: status_of(processes, request_id).state not in {"queued", "running"},
        f"the end of {request_id}",
    )
    return status_of(processes, request_id)


def draws_about(processes: DepotProcesses, limits_kw: Mapping[str, float]) -> bool:
    """Return whether every plug draws its limit, as its own meter says.

    Within a tenth: the gateway takes a raise that is nearly whole, and leaves out a small one.
    """
    _, powers_kw = processes.newest_meter()
    return all(
        abs(powers_kw.get(connector_of(name), 0.0) - limit_kw) <= 0.1 * limit_kw
        for name, limit_kw in limits_kw.items()
    )


def await_stations(processes: DepotProcesses) -> None:
    """Return once every station is connected with its safe limit in place."""
    wait_until(lambda: processes.armed_count() == COUNT, "every station connected and armed")


def start_yard(
    processes: DepotProcesses, *misbehaviours: Misbehaviour, ocpp: str = "1.6"
) -> datetime:
    """Return when every van plugged in: once gateway and stations ran and all were armed.

    A station that nobody has armed yet gives full power; so no van comes before that.
    """
    processes.start_gateway(is_awaited=False)
    processes.start_virtual(night(plug_in=None, misbehaviours=misbehaviours), ocpp=ocpp)
    processes.await_gateway()
    await_stations(processes)
    now = processes.clock.now().replace(microsecond=0)
    processes.play(night(plug_in=now, misbehaviours=misbehaviours))
    wait_until(lambda: len(processes.journal("session_started")) == COUNT, "every van plugged in")
    return now
