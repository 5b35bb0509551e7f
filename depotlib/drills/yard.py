"""The yards that drills are played in: AC points in a row, a van for each, and what is pushed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Figure, at_most
from depotlib.drills.meters import MeteredSecond, highest_site_kw
from depotlib.drills.processes import EVENING, DrillDepot
from depotlib.exchange.preview import preview_release
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import PushResult
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.virtual.script import BaseLoad, Misbehaviour, NightScript, ScriptedVehicle, Stay
from depotlib.workflows.push_plan import Operator, PushDraft, commit_push

POINT_KW: Final = 7.2
"""30 A at 240 V."""
SAFE_KW: Final = 1.44
"""6 A at 240 V, the least that a pilot can signal."""
VAN_KWH: Final = 100.0
NIGHT: Final = timedelta(hours=10)
MORNING: Final = EVENING + NIGHT
OPERATOR: Final = "drill"
OVER: Final = frozenset({"finished", "abandoned", "refused"})
RELEASE_ID_LENGTH: Final = 12
ENOUGH_KWH: Final = 50.0


@dataclass(frozen=True, slots=True)
class YardPlan:
    """A yard of equal AC points.

    Parameters
    ----------
    count : int
    service_kw, operating_kw, margin_kw : float
        Limits of the site.
    base_max_kw : float
        The most that everything but charging draws.
    extra : str
        Further tables of the site file.
    strangers : tuple of str
        Points whose van has no token in the site file.
    """

    count: int
    service_kw: float
    operating_kw: float
    margin_kw: float = 1.0
    base_max_kw: float = 0.0
    extra: str = ""
    strangers: tuple[str, ...] = ()

    def stations(self) -> tuple[str, ...]:
        """Return the points' names."""
        return tuple(f"AC-{number:02d}" for number in range(1, self.count + 1))

    def held(self, seconds: Iterable[MeteredSecond]) -> Figure:
        """Return the most that all stations drew, judged by what the service leaves them."""
        return at_most(
            "highest power of the site",
            highest_site_kw(seconds),
            bound=self.service_kw - self.margin_kw,
            unit="kW",
        )

    def site_toml(self) -> str:
        """Return the yard as a site file."""
        lines = [
            '[depot]\ndepot_id = "drill"\nname = "Drill yard"\ntime_zone = "UTC"',
            f"[grid]\nservice_kw = {self.service_kw}\noperating_limit_kw = {self.operating_kw}",
            f"margin_kw = {self.margin_kw}\nbase_load_max_kw = {self.base_max_kw}",
        ]
        for name in self.stations():
            lines.append(
                f'[[station]]\nstation_id = "{name}"\nmax_kw = {POINT_KW}\n'
                f"safe_limit_kw = {SAFE_KW}\nvoltage_v = 240.0"
            )
            if name not in self.strangers:
                lines.append(
                    f'[[identity]]\ntoken = "{tag_of(name)}"\nvehicle_id = "{van_of(name)}"'
                )
        return "\n".join([*lines, self.extra]) + "\n"


def connector_of(station_id: str) -> str:
    """Return a point's one connector."""
    return f"{station_id}/1"


def van_of(station_id: str) -> str:
    """Return the van that is planned on a point."""
    return f"van-{station_id}"


def tag_of(station_id: str) -> str:
    """Return the tag of the van that is planned on a point."""
    return f"TAG-{station_id}"


def van(station_id: str, *, tag: str | None = None, wakes: bool = True) -> ScriptedVehicle:
    """Return a point's van: never full within a drill."""
    return ScriptedVehicle(
        vehicle_id=van_of(station_id),
        id_tag=tag_of(station_id) if tag is None else tag,
        usable_kwh=VAN_KWH,
        max_kw=POINT_KW,
        arrival_soc=0.1,
        wakes_from_pause=wakes,
    )


def stay(station_id: str, plug_in: datetime, *, unplug: datetime = MORNING) -> Stay:
    """Return a stay of a point's van there."""
    return Stay(
        vehicle_id=van_of(station_id),
        connector_id=connector_of(station_id),
        plug_in=plug_in,
        unplug=unplug,
    )


def dwell(
    station_id: str, arrival: datetime, *, departure: datetime, need_kwh: float, priority: int = 0
) -> Dwell:
    """Return a stay that dispatch plans for; its need is at the wall."""
    return Dwell(
        vehicle_id=van_of(station_id),
        arrival=arrival,
        departure=departure,
        energy_must_kwh=need_kwh,
        energy_target_kwh=need_kwh,
        max_kw=POINT_KW,
        priority=priority,
    )


def schedule(
    station_id: str,
    steps: Sequence[tuple[datetime, float]],
    *,
    valid_to: datetime = MORNING,
    need_kwh: float = ENOUGH_KWH,
) -> ConnectorSchedule:
    """Return the setpoints of a point's van, (start, kW) by start."""
    return ConnectorSchedule(
        connector_id=connector_of(station_id),
        vehicle_id=van_of(station_id),
        steps=tuple(LimitStep(start, limit_kw) for start, limit_kw in steps),
        valid_to=valid_to,
        departure=valid_to,
        energy_target_kwh=need_kwh,
    )


def flat(limits_kw: Mapping[str, float]) -> list[ConnectorSchedule]:
    """Return one setpoint a point for the whole night."""
    return [schedule(name, [(EVENING, limit_kw)]) for name, limit_kw in limits_kw.items()]


def push(depot: DrillDepot, schedules: Sequence[ConnectorSchedule]) -> str:
    """Return the id of the request with which an operator pushed schedules, as a person does."""
    now = depot.clock.now()
    content = f"{schedules!r} {now.isoformat()}"
    release = Release(
        release_id=f"drill-{hashlib.sha256(content.encode()).hexdigest()[:RELEASE_ID_LENGTH]}",
        plan_id="drill",
        origin="push",
        brief_version=1,
        made_at=now,
        valid_from=EVENING,
        valid_to=max(one.valid_to for one in schedules),
        schedules=tuple(schedules),
        pushable=True,
    )
    with depot.mailbox() as mailbox:
        mailbox.add_release(release)
        preview = preview_release(
            release,
            in_force=mailbox.current_release(),
            stations=mailbox.station_states(),
            leases=mailbox.leases(),
        )
    return commit_push(
        depot.settings,
        PushDraft(preview=preview, sheet=depot.sheet),
        operator=Operator(name=OPERATOR, token=depot.operator_token),
        now=now,
    )


def push_and_wait(
    depot: DrillDepot, schedules: Sequence[ConnectorSchedule]
) -> tuple[PushResult, ...]:
    """Return where each connector stands once the gateway is done with a push."""
    request_id = push(depot, schedules)
    depot.wait_for(lambda: push_state(depot, request_id) in OVER, f"the end of {request_id}")
    with depot.mailbox() as mailbox:
        return mailbox.push_results(request_id)


def push_state(depot: DrillDepot, request_id: str) -> str:
    """Return where a push stands."""
    with depot.mailbox() as mailbox:
        status = mailbox.request(request_id)
    return "" if status is None else status.state


def plug_all_in(
    depot: DrillDepot,
    plan: YardPlan,
    *,
    brief: Brief | None = None,
    vans: Sequence[ScriptedVehicle] = (),
    base_load: tuple[BaseLoad, ...] = (),
    misbehaviours: tuple[Misbehaviour, ...] = (),
) -> NightScript:
    """Return the sheet by which every point has its van, once every session has begun.

    Gateway and stations are started; nobody plugs in before every station has its safe limit,
    since one that nobody has armed yet gives full power.

    Parameters
    ----------
    depot : DrillDepot
    plan : YardPlan
    brief : Brief, optional
        Default: what the site file says.
    vans : sequence of ScriptedVehicle
        Default: the point's own van on each.
    base_load : tuple of BaseLoad
    misbehaviours : tuple of Misbehaviour
    """
    depot.publish(brief)
    depot.start_gateway()
    come = tuple(vans) or tuple(van(name) for name in plan.stations())
    empty = NightScript(vehicle=come, base_load=base_load, misbehaviour=misbehaviours)
    depot.start_virtual(empty)
    await_armed(depot, plan.count)
    begun = soon(depot)
    stays = tuple(stay(name, begun) for name in plan.stations())
    sheet = empty.model_copy(update={"stay": stays})
    depot.play(sheet)
    await_sessions(depot, plan.count)
    return sheet


def await_armed(depot: DrillDepot, count: int) -> None:
    """Return once so many stations are connected with their safe limit in place."""
    depot.wait_for(lambda: depot.armed_count() >= count, f"{count} stations connected and armed")


def await_sessions(depot: DrillDepot, count: int) -> None:
    """Return once so many sessions have begun."""
    depot.wait_for(lambda: len(depot.journal("session_started")) >= count, f"{count} sessions")


def soon(depot: DrillDepot, seconds: float = 0.0) -> datetime:
    """Return the depot's whole second so many seconds from now."""
    return depot.clock.now().replace(microsecond=0) + timedelta(seconds=seconds)
