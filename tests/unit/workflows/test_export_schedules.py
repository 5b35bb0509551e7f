"""A plan's schedules as files: valid requests, the whole night, nowhere more than the plan."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from ocpp.messages import MessageType, get_validator

from depotlib.errors import PlanNotPushableError, UnwritableFileError
from depotlib.store.plans import save_plan
from depotlib.units import ac_power_kw, w_to_kw
from depotlib.workflows.export_schedules import (
    COLUMNS,
    export_schedules,
    schedule_archive,
    schedule_files,
)
from tests.unit.conftest import AFTERNOON

VERSIONS = {"ocpp16": "1.6", "ocpp201": "2.0.1"}


@pytest.fixture(scope="module")
def table(demo_plan):
    tonight, plan = demo_plan
    (file,) = schedule_files(tonight, plan, form="csv").files
    return list(csv.DictReader(io.StringIO(file.text, newline="")))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def requests_of(demo_plan, form: str) -> dict[str, list[dict]]:
    exported = schedule_files(*demo_plan, form=form)
    return {file.name.partition(".")[0]: json.loads(file.text) for file in exported.files}


def test_the_table_covers_the_whole_night_of_every_connector_without_a_gap(demo_plan, table):
    _, plan = demo_plan
    by_connector: dict[str, list[dict[str, str]]] = {}
    for row in table:
        by_connector.setdefault(row["connector_id"], []).append(row)

    assert tuple(table[0]) == COLUMNS
    assert by_connector.keys() == {window.connector_id for window in plan.windows}
    for rows in by_connector.values():
        starts = [instant(row["start_utc"]) for row in rows]
        ends = [instant(row["end_utc"]) for row in rows]
        assert (starts[0], ends[-1]) == (plan.grid.start, plan.grid.end)
        assert starts[1:] == ends[:-1]


def test_the_table_permits_each_vehicle_what_the_plan_gives_it(demo_plan, table):
    _, plan = demo_plan
    permitted_kwh: dict[str, float] = {}
    for row in table:
        hours = (instant(row["end_utc"]) - instant(row["start_utc"])) / timedelta(hours=1)
        vehicle_id = row["vehicle_id"]
        permitted_kwh[vehicle_id] = (
            permitted_kwh.get(vehicle_id, 0.0) + float(row["limit_kw"]) * hours
        )
    permitted_kwh.pop("")

    # Each setpoint is the mean power of 0.25 h; limits are setpoints in whole steps of 0.1 kW.
    planned_kwh = plan.setpoints["power_kw"].sum() * 0.25
    assert sum(permitted_kwh.values()) == pytest.approx(planned_kwh, rel=1e-3)


@pytest.mark.parametrize("form", VERSIONS)
def test_every_request_is_valid_against_the_schema_of_its_version(demo_plan, form):
    stations = requests_of(demo_plan, form)

    # 48 connectors, each a station (data/reference_night/README.md): its safe limit and its night.
    assert [len(payloads) for payloads in stations.values()] == [2] * 48
    validator = get_validator(
        MessageType.Call, "SetChargingProfile", VERSIONS[form], parse_float=Decimal
    )
    for payload in (one for payloads in stations.values() for one in payloads):
        validator.validate(json.loads(json.dumps(payload), parse_float=Decimal))


def test_no_request_permits_more_than_the_table_at_any_change(demo_plan, table):
    tonight, _ = demo_plan
    stations = requests_of(demo_plan, "ocpp16")
    checked = 0
    for row in table:
        station = tonight.depot.station_of(row["connector_id"])
        profile = stations[station.station_id][1]["csChargingProfiles"]
        schedule = profile["chargingSchedule"]
        offset_s = (instant(row["start_utc"]) - instant(schedule["startSchedule"])).total_seconds()
        limit = [
            period["limit"]
            for period in schedule["chargingSchedulePeriod"]
            if period["startPeriod"] <= offset_s
        ][-1]
        limit_kw = (
            ac_power_kw(limit, station.voltage_v, phases=station.phases)
            if schedule["chargingRateUnit"] == "A"
            else w_to_kw(limit)
        )
        assert limit_kw <= float(row["limit_kw"]) + 1e-9
        checked += 1
    assert checked > 48


def test_the_safe_limit_lies_below_and_never_expires_and_the_night_ends(demo_plan):
    _, plan = demo_plan
    for safe, night in requests_of(demo_plan, "ocpp16").values():
        low, high = safe["csChargingProfiles"], night["csChargingProfiles"]
        assert (safe["connectorId"], low["stackLevel"], "validTo" in low) == (0, 0, False)
        assert (night["connectorId"], high["stackLevel"]) == (1, 1)
        assert instant(high["validTo"]) == plan.grid.end
        assert {low["chargingProfileKind"], high["chargingProfileKind"]} == {"Absolute"}


def test_what_rounding_and_few_periods_cost_is_said(demo_plan):
    _, plan = demo_plan

    exported = schedule_files(*demo_plan, form="ocpp16")

    planned_kwh = plan.setpoints["power_kw"].sum() * 0.25
    assert 0.0 < exported.lost_kwh < 0.1 * planned_kwh


def test_an_export_is_written_and_packed_alike(demo, demo_plan, tmp_path):
    from_store, taken = tmp_path / "out", tmp_path / "taken"
    taken.write_text("a file")

    packed = zipfile.ZipFile(io.BytesIO(schedule_archive(schedule_files(*demo_plan, form="csv"))))
    with pytest.raises(UnwritableFileError, match="cannot be written"):
        export_of(demo, demo_plan, taken)
    export_of(demo, demo_plan, from_store)

    assert packed.namelist() == [path.name for path in from_store.iterdir()] == ["schedules.csv"]
    assert packed.read("schedules.csv") == (from_store / "schedules.csv").read_bytes()


def export_of(settings, demo_plan, out):
    save_plan(settings.warehouse_path, demo_plan[1])
    return export_schedules(
        settings, demo_plan[1].header.plan_id, form="csv", out=out, now=AFTERNOON
    )


def test_a_plan_that_no_station_can_follow_is_not_exported(demo_plan):
    tonight, plan = demo_plan
    relaxed = replace(plan, header=replace(plan.header, occupancy="relaxed"))

    with pytest.raises(PlanNotPushableError):
        schedule_files(tonight, relaxed, form="csv")
