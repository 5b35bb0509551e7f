"""Past sessions as stays that can be planned again."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from depotlib.model.calendar import BillingPeriod
from depotlib.model.frames import SessionFrame
from depotlib.model.timegrid import grid_over
from depotlib.needs.history import dwells_from_sessions, load_at_plug_in

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


def test_two_that_began_in_one_minute_at_one_station_have_names_of_their_own():
    first, second = dwells_from_sessions(
        sessions(
            session("a", begin_h=1.0, end_h=12.0, energy_kwh=8.0),
            session("b", begin_h=1.0, end_h=11.0, energy_kwh=3.0),
        ),
        night=NIGHT,
    )

    assert first.vehicle_id == "UK-HBN-EB99B 03 Aug 18:00"
    assert second.vehicle_id == "UK-HBN-EB99B 03 Aug 18:00 (2)"


def test_who_stood_at_a_station_of_the_depot_must_stand_there_again():
    found = sessions(session("a", begin_h=1.0, end_h=12.0, energy_kwh=8.0))

    (here,) = dwells_from_sessions(found, night=NIGHT, stations=["UK-HBN-EB99B"])
    (anywhere,) = dwells_from_sessions(found, night=NIGHT, stations=["another"])

    assert (here.station_id, anywhere.station_id) == ("UK-HBN-EB99B", None)


def test_the_load_of_the_past_begins_at_plug_in_and_ends_with_the_energy():
    grid = grid_over(EVENING, EVENING + timedelta(hours=2), interval_s=900)
    stays = dwells_from_sessions(
        sessions(
            # 3.6 kWh at 7.2 kW: half an hour from 17:05, so 10 of its minutes until 17:15,
            # 15 until 17:30, 5 after.
            session("a", begin_h=1 / 12, end_h=1.5, energy_kwh=3.6),
            # 3.6 kWh in a quarter-hour from 18:00 need 14.4 kW: its whole stay, above 7.2 kW.
            session("b", begin_h=1.0, end_h=1.25, energy_kwh=3.6),
        ),
        night=NIGHT,
    )

    load_kw = load_at_plug_in(stays, grid=grid, max_kw=7.2)

    assert load_kw == pytest.approx([4.8, 7.2, 2.4, 0, 14.4, 0, 0, 0])
