"""Charging information of VDV 463 as readings, sessions and meter intervals of charging points.

Every few seconds a message tells the state of every point. A session is one charging process, from
its ``startTime`` to the first message in which the point no longer holds it; it charges from the
first to the last message that says so. Two readings of a point's counter make a meter interval.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeVar

from depotlib.ingest.facts import Fact, Facts, Partner, RegisterReading
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.meter_rows import MeterRow
from depotlib.ingest.readings import VehicleReading
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.soc_column import SocColumn
from depotlib.model.import_report import Finding
from depotlib.units import mean_power_kw, percent_to_soc, wh_to_kwh

SOC: Final = "vehicleInfo.tractionBatteryInfo.stateOfCharge"
_CHARGING: Final = frozenset({"Charging", "ChargingAndPreconditioning"})
_POWER: Final = "chargingProcessInfo.electricData.chargingPower"


_Value = TypeVar("_Value", str, float)


@dataclass(frozen=True, slots=True)
class PointState:
    """One charging point in one message.

    Parameters
    ----------
    place : tuple of str
        Depot, station, point.
    at : datetime
    row : int
    vehicle_id : str or None
    process_start : datetime or None
        Of the charging process at the point, if there is one.
    is_charging : bool
    delivered_kwh, counter_kwh : float or None
        Energy of the process; reading of the point's counter [kWh].
    values : dict of str to float or bool
        Of the vehicle, by measurand.
    """

    place: tuple[str, str, str]
    at: datetime
    row: int
    vehicle_id: str | None
    process_start: datetime | None
    is_charging: bool
    delivered_kwh: float | None
    counter_kwh: float | None
    values: dict[str, float | bool]


def point_state(reader: FieldReader, *, charge: SocColumn) -> PointState | None:
    """Return the state of a point; None where a fault was found."""
    place = (
        reader.needed_text("depotId"),
        reader.text("chargingStationId") or "",
        reader.needed_text("chargingPointId"),
    )
    at = reader.needed_instant("timeStamp")
    start = reader.instant("chargingProcessInfo.startTime")
    reject_backward(reader, start=start, end=at)
    delivered_wh = reader.amount("chargingProcessInfo.deliveredEnergy", reason="negative_energy")
    counter_wh = reader.amount("energyMeterReading", reason="negative_energy")
    is_charging = reader.text("chargingProcessInfo.processStatus") == "Charging"
    values = _values(reader, charge=charge, is_charging=is_charging)
    if at is None or reader.rejection is not None:
        return None
    return PointState(
        place=place,
        at=at,
        row=reader.record.row,
        vehicle_id=reader.text("vehicleInfo.vehicleId"),
        process_start=start,
        is_charging=is_charging,
        delivered_kwh=None if delivered_wh is None else wh_to_kwh(delivered_wh),
        counter_kwh=None if counter_wh is None else wh_to_kwh(counter_wh),
        values=values,
    )


def _values(
    reader: FieldReader, *, charge: SocColumn, is_charging: bool
) -> dict[str, float | bool]:
    status = reader.text("vehicleInfo.vehicleChargingStatus") or ""
    odometer_km = reader.amount("vehicleInfo.mileage", reason="negative_odometer")
    health_percent = reader.amount(
        "vehicleInfo.tractionBatteryInfo.stateOfHealth", reason="negative_health"
    )
    found = {
        "soc": charge.soc(reader, SOC),
        "odometer_km": odometer_km,
        "power_kw": reader.number(_POWER),
        "soh_share": None if health_percent is None else percent_to_soc(health_percent),
        "is_charging": is_charging or status in _CHARGING,
        "is_plugged": reader.text("chargingPointStatus") == "Occupied" or None,
    }
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ToldByPoints:
    """Facts of charging points, and what is worth knowing."""

    facts: Facts
    findings: tuple[Finding, ...]


def point_facts(
    states: Sequence[PointState], *, readers: Sequence[FieldReader], origin: Origin
) -> ToldByPoints:
    """Return readings, sessions and meter intervals; a free point that adds none is a rejection.

    Parameters
    ----------
    states : sequence of PointState
    readers : sequence of FieldReader
        Of all points in all messages.
    origin : Origin
    """
    said: list[Fact] = [
        VehicleReading(state.vehicle_id, state.at, values=state.values, row=state.row)
        for state in states
        if state.vehicle_id
    ]
    resets = 0
    by_place: dict[tuple[str, str, str], list[PointState]] = defaultdict(list)
    for state in states:
        by_place[state.place].append(state)
    for history in by_place.values():
        history.sort(key=lambda state: (state.at, state.row))
        said.extend(_sessions(history, origin=origin))
        intervals, restarted = _intervals(history)
        said.extend(intervals)
        resets += restarted
    text = "times the counter of a point fell: what was drawn in between is unknown"
    return ToldByPoints(
        facts=_accounted(_without_idle_partners(said), readers=readers, origin=origin),
        findings=tuple(counted([("register_reset", resets, text)])),
    )


def _without_idle_partners(said: Sequence[Fact]) -> list[Fact]:
    """Return facts; a record that is a fact itself, or a partner already, needs no (more) partner."""
    known = {_row(fact) for fact in said if not isinstance(fact, Partner)}
    kept: list[Fact] = []
    for fact in said:
        if isinstance(fact, Partner):
            if fact.row in known:
                continue
            known.add(fact.row)
        kept.append(fact)
    return kept


def _row(fact: Fact) -> int:
    has_row = isinstance(fact, VehicleReading | RegisterReading | Partner)
    return fact.row if has_row else fact.src_row


def _accounted(said: Sequence[Fact], *, readers: Sequence[FieldReader], origin: Origin) -> Facts:
    used = set(map(_row, said))
    for reader in readers:
        if reader.record.row not in used:
            reader.reject("free_point", "the point is free and its counter tells no interval")
    return Facts(
        origin=origin,
        said=tuple(said),
        readers={reader.record.row: reader for reader in readers},
        rejections=tuple(reader.rejection for reader in readers if reader.rejection is not None),
    )


def _sessions(history: Sequence[PointState], *, origin: Origin) -> Iterator[Fact]:
    """Yield the sessions of a point, and the message that ends each as its partner."""
    process: list[PointState] = []
    for state in history:
        if process and state.process_start != process[0].process_start:
            yield _session(process, plug_end=state.at, origin=origin)
            yield Partner(state.row, of_row=process[0].row)
            process = []
        if state.process_start is not None:
            process.append(state)
            yield Partner(state.row, of_row=process[0].row)
    if process:
        yield _session(process, plug_end=None, origin=origin)


def _session(
    process: Sequence[PointState], *, plug_end: datetime | None, origin: Origin
) -> SessionRow:
    depot, station, point = process[0].place
    start = process[0].process_start
    assert start is not None, "a process begins with a start"
    charging = [at for at, state in enumerate(process) if state.is_charging]
    after = process[charging[-1] + 1 :] if charging else ()
    charges = [state.values["soc"] for state in process if "soc" in state.values]
    return SessionRow(
        session_key=f"{origin.source}/{depot}/{station}/{point}/{start:%Y-%m-%dT%H:%M:%SZ}",
        source=origin.source,
        site=depot,
        station_id=station or point,
        connector_id=point if station else None,
        vehicle_id=_last(state.vehicle_id for state in process),
        plug_start=start,
        plug_end=plug_end,
        charge_start=process[charging[0]].at if charging else None,
        charge_end=after[0].at if after else (plug_end if charging else None),
        energy_wall_kwh=_last(state.delivered_kwh for state in process),
        peak_kw=max((state.values["power_kw"] for state in process
                     if state.values.get("power_kw", -1.0) >= 0), default=None),
        start_soc=charges[0] if charges else None,
        end_soc=charges[-1] if charges else None,
        src_file=origin.file,
        src_row=process[0].row,
    )  # fmt: skip


def _last(values: Iterable[_Value | None]) -> _Value | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None


def _intervals(history: Sequence[PointState]) -> tuple[list[Fact], int]:
    """Return the meter intervals of a point and how often its counter fell."""
    counters = [state for state in history if state.counter_kwh is not None]
    said: list[Fact] = []
    resets = 0
    for before, now in pairwise(counters):
        interval_s = round((now.at - before.at).total_seconds())
        energy_kwh = (now.counter_kwh or 0.0) - (before.counter_kwh or 0.0)
        resets += energy_kwh < 0
        if interval_s < 1 or energy_kwh < 0:
            continue
        said.append(
            MeterRow(
                meter_id="/".join(filter(None, now.place)),
                interval_start=before.at,
                interval_s=interval_s,
                power_kw=mean_power_kw(energy_kwh, interval_s),
                src_row=now.row,
            )
        )
        said.append(Partner(before.row, of_row=now.row))
    return said, resets
