"""Who is expected where nobody announces duties, and whose energy a session log tells of."""

from datetime import date, datetime, time, timedelta

import polars as pl
import pytest

from depotlib.model.calendar import BillingPeriod, local_instant, zone
from depotlib.model.frames import SessionFrame
from depotlib.needs.expected_stays import expected_stays
from depotlib.needs.learned import Question
from depotlib.needs.stay_energy import learned_stays, party_stays, shared_cards, stay_lines

OSLO = zone("Europe/Oslo")
FIRST = date(2026, 9, 7)  # a Monday; the clock goes back on 25 October
NIGHTS = 50


def session(vehicle_id: str | None, start: datetime, hours: float, energy_kwh: float, **more):
    return {
        "session_key": f"log/{vehicle_id or more.get('station_id')}/{start:%Y%m%dT%H%M}",
        "source": "log",
        "vehicle_id": vehicle_id,
        "id_tag": more.get("id_tag"),
        "station_id": more.get("station_id"),
        "plug_start": start,
        "plug_end": start + timedelta(hours=hours),
        "energy_wall_kwh": energy_kwh,
        "is_estimated": False,
        "src_file": "log.csv",
        "src_row": 1,
    }


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    empty = SessionFrame.create_empty()
    found = pl.concat([empty, pl.DataFrame(rows)], how="diagonal_relaxed").select(empty.columns)
    return SessionFrame.validate(found, cast=True)


def log() -> pl.DataFrame:
    """Return 50 nights: van-1, van-3, van-4 on working days, van-2 on Mondays for 40 kWh."""
    rows = []
    for number in range(NIGHTS):
        day = FIRST + timedelta(days=number)
        if day.weekday() < 5:
            start = local_instant(day, time(18), time_zone=OSLO)
            rows += [
                session("van-1", start, 11.0, 20.0 + number % 3),
                session("van-3", start - timedelta(hours=1), 12.0, 10.0 + number % 3),
                session("van-4", start + timedelta(hours=1), 10.0, 30.0 + number % 3),
            ]
        if day.weekday() == 0:
            start = local_instant(day, time(20, number % 2 * 10), time_zone=OSLO)
            rows.append(session("van-2", start, 9.0, 40.0))
    return frame(rows)


def night_of(day: date) -> BillingPeriod:
    return BillingPeriod(
        start=local_instant(day, time(12), time_zone=OSLO),
        end=local_instant(day + timedelta(days=1), time(12), time_zone=OSLO),
    )


def needs_on(day: date):
    stays = learned_stays(log(), time_zone=OSLO)
    assert stays is not None
    return expected_stays(log(), night=night_of(day), stays=stays)


def test_who_comes_on_a_weekday_is_expected_at_its_usual_hours():
    monday = FIRST + timedelta(days=49)  # 26 October, the day after the clock went back

    first, second, third, fourth = needs_on(monday)

    names = [need.dwell.vehicle_id for need in (first, second, third, fourth)]
    assert names == ["van-1", "van-2", "van-3", "van-4"]
    # 18:00 on the wall clock, though that is an hour later in UTC than the week before.
    assert first.dwell.arrival == local_instant(monday, time(18), time_zone=OSLO)
    assert first.dwell.departure == local_instant(
        monday + timedelta(days=1), time(5), time_zone=OSLO
    )
    assert "came on 7 of the last 7 nights of a Monday" in first.missing[0]
    assert first.dwell.energy_target_kwh == pytest.approx(21.0, abs=1.5)
    assert second.dwell.energy_target_kwh == pytest.approx(40.0, abs=4.0)


def test_who_does_not_come_on_a_weekday_is_not_expected():
    tuesday = needs_on(FIRST + timedelta(days=50))

    assert [need.dwell.vehicle_id for need in tuesday] == ["van-1", "van-3", "van-4"]
    assert needs_on(FIRST + timedelta(days=54)) == ()


def test_the_spread_of_past_arrivals_is_told():
    _, second, *_ = needs_on(FIRST + timedelta(days=49))

    # Mondays alternate between 20:00 and 20:10: seven of them, 4 and 3, scatter by 5.3 min.
    assert second.dwell.arrival_spread_s == pytest.approx(320.7, abs=1.0)


def test_the_lines_of_a_learned_energy_sum_up():
    for need in needs_on(FIRST + timedelta(days=49)):
        parts_kwh = sum(line.energy_kwh for line in need.lines if not line.is_total)
        assert parts_kwh == pytest.approx(need.dwell.energy_target_kwh)
        assert need.arithmetic.endswith("kWh at the wall")
        assert need.dwell.energy_sigma_kwh > 0


def test_plug_ins_without_energy_are_no_needs():
    start = local_instant(FIRST, time(18), time_zone=OSLO)

    stays = party_stays(
        frame([session("van-1", start, 1.0, 0.0), session("van-1", start, 2.0, 5.0)]),
        time_zone=OSLO,
    )

    assert stays["energy_wall_kwh"].to_list() == [5.0]


def test_an_account_used_at_two_stations_at_once_is_no_vehicle():
    start = local_instant(FIRST, time(18), time_zone=OSLO)
    rows = [
        session(None, start + timedelta(days=day, hours=hour), 10.0, 9.0, **place)
        for day in range(10)
        for hour, place in (
            (0, {"id_tag": "ALL", "station_id": "S1"}),
            (1, {"id_tag": "ALL", "station_id": "S2"}),
            (2, {"id_tag": "OWN", "station_id": "S3"}),
        )
    ]

    sessions = frame(rows)

    assert shared_cards(sessions) == ["ALL"]
    found = party_stays(sessions, time_zone=OSLO)
    assert set(found["party"]) == {"S1", "S2", "OWN"}


def test_a_stay_tells_how_long_it_was_away_since_the_one_before():
    start = local_instant(FIRST, time(18), time_zone=OSLO)
    rows = [
        session("van-1", start, 10.0, 9.0),
        session("van-2", start, 3.0, 9.0),
        session("van-1", start + timedelta(hours=16), 2.0, 9.0),
    ]

    found = party_stays(frame(rows), time_zone=OSLO).filter(pl.col("party") == "van-1")

    # Never seen before counts as a day; then 16 h - 10 h.
    assert found["away_h"].to_list() == [24.0, 6.0]
    assert found["clock_h"].to_list() == [18.0, 10.0]


def test_an_energy_that_would_be_negative_shows_the_line_that_stops_it():
    stays = learned_stays(log(), time_zone=OSLO)
    assert stays is not None
    expected = stays.learned.expected(
        # A fact far outside anything seen.
        Question("van-1", "all", 0, 1.0, (-1e6, 1e6, 1e6, 1e6, 1e6, 1e6))
    )

    parts_kwh = sum(line.energy_kwh for line in stay_lines(expected) if not line.is_total)

    assert parts_kwh == pytest.approx(expected.energy_kwh)
