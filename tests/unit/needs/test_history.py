"""Past sessions as stays that can be planned again."""

from datetime import UTC, datetime, timedelta

import polars as pl

from depotlib.model.calendar import BillingPeriod
from depotlib.model.frames import SessionFrame
from depotlib.needs.history import dwells_from_sessions

EVENING = datetime(2020, 8, 3, 17, 0, tzinfo=UTC)
NIGHT = BillingPeriod(start=EVENING, end=EVENING + timedelta(hours=14))


def session(
    key: str,
    *,
    begin_h: float,
    end_h: float | None,
    energy_kwh: float | None,
    vehicle_id: str | None = None,
) -> dict[str, object]:
    return {
        "session_key": key,
        "source": "leeds_depot",
        "station_id": "UK-HBN-EB99B",
        "vehicle_id": vehicle_id,
        "plug_start": EVENING + timedelta(hours=begin_h),
        "plug_end": None if end_h is None else EVENING + timedelta(hours=end_h),
        "energy_wall_kwh": energy_kwh,
        "is_estimated": False,
        "src_file": "leeds.csv",
        "src_row": 1,
    }


def sessions(*rows: dict[str, object]) -> pl.DataFrame:
    empty = SessionFrame.create_empty()
    return SessionFrame.validate(
        pl.concat([empty, pl.DataFrame(list(rows), schema_overrides=empty.schema)], how="diagonal"),
        cast=True,
    )


def test_what_was_delivered_becomes_must_and_target():
    (dwell,) = dwells_from_sessions(
        sessions(session("a", begin_h=1.0, end_h=12.0, energy_kwh=11.964, vehicle_id="van-1")),
        night=NIGHT,
        pool="ac",
    )

    # 11.964 kWh is the first session of the Leeds log.
    assert (dwell.energy_must_kwh, dwell.energy_target_kwh) == (11.964, 11.964)
    assert (dwell.vehicle_id, dwell.pool) == ("van-1", "ac")


def test_a_session_without_vehicle_is_named_after_station_and_start():
    (dwell,) = dwells_from_sessions(
        sessions(session("a", begin_h=1.0, end_h=12.0, energy_kwh=8.0)), night=NIGHT
    )

    assert dwell.vehicle_id == "UK-HBN-EB99B 03 Aug 18:00"


def test_sessions_that_cannot_be_planned_are_left_out():
    found = dwells_from_sessions(
        sessions(
            session("open", begin_h=1.0, end_h=None, energy_kwh=8.0),
            session("nothing", begin_h=1.0, end_h=12.0, energy_kwh=0.0),
            session("unknown", begin_h=1.0, end_h=12.0, energy_kwh=None),
            session("no time", begin_h=1.0, end_h=1.0, energy_kwh=8.0),
            session("before", begin_h=-1.0, end_h=12.0, energy_kwh=8.0),
            session("after", begin_h=14.0, end_h=20.0, energy_kwh=8.0),
        ),
        night=NIGHT,
    )

    assert found == ()
