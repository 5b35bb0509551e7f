from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from depotlib.errors import ModelError
from depotlib.model.frames import LoadFrame
from depotlib.store.load import ChargingAssumption, load_profile, use_profile
from depotlib.store.meter import meter_ids, meter_load
from depotlib.store.sessions import session_sites, sessions
from tests.unit.store.samples import (
    MIDNIGHT,
    after,
    import_meter,
    import_sessions,
    meter_row,
    session,
)

AT_PLUG_IN = ChargingAssumption(max_kw=7.0)
SPREAD = ChargingAssumption(max_kw=7.0, shape="spread")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def load_kw(path: Path, assumption: ChargingAssumption, *, hours: float = 2.0) -> list[float]:
    found = load_profile(path, assumption=assumption, start=MIDNIGHT, end=after(hours=hours))
    return [round(power_kw, 6) for power_kw in LoadFrame.validate(found)["power_kw"]]


def test_at_plug_in_a_session_draws_the_assumed_power_until_its_energy_is_drawn(path: Path):
    import_sessions(path, session(plug_start=after(minutes=10), energy_wall_kwh=7.0))

    # 7 kWh at 7 kW last from 00:10 to 01:10: 5, 15, 15, 15 and 10 minutes of four intervals
    assert load_kw(path, AT_PLUG_IN) == [
        round(7 * 5 / 15, 6),
        7,
        7,
        7,
        round(7 * 10 / 15, 6),
        0,
        0,
        0,
    ]


def test_spread_a_session_draws_evenly_over_its_stay(path: Path):
    import_sessions(path, session(plug_end=after(hours=1.5), energy_wall_kwh=3.0))

    assert load_kw(path, SPREAD) == [2, 2, 2, 2, 2, 2, 0, 0]  # 3 kWh in 1.5 h


@pytest.mark.parametrize("assumption", [AT_PLUG_IN, SPREAD])
def test_known_charging_times_need_no_assumption(path: Path, assumption: ChargingAssumption):
    import_sessions(
        path,
        session(charge_start=after(minutes=30), charge_end=after(minutes=60), energy_wall_kwh=3.0),
    )

    assert load_kw(path, assumption) == [0, 0, 6, 6, 0, 0, 0, 0]  # 3 kWh in 0.5 h


def test_a_stay_too_short_for_its_energy_draws_it_all_the_same(path: Path):
    import_sessions(path, session(plug_end=after(minutes=30), energy_wall_kwh=11.0))

    assert load_kw(path, AT_PLUG_IN) == [22, 22, 0, 0, 0, 0, 0, 0]  # 11 kWh in 0.5 h


@pytest.mark.parametrize(("peak_kw", "drawn_kw"), [(3.5, 3.5), (11.0, 7.0), (0.0, 7.0)])
def test_a_lower_peak_from_the_log_is_used(path: Path, peak_kw: float, drawn_kw: float):
    import_sessions(path, session(energy_wall_kwh=1.75, peak_kw=peak_kw))

    assert load_kw(path, AT_PLUG_IN)[0] == drawn_kw


@pytest.mark.parametrize("plug_end", [None, MIDNIGHT, after(minutes=-5)])
@pytest.mark.parametrize("assumption", [AT_PLUG_IN, SPREAD])
def test_a_session_without_a_usable_end_draws_at_the_assumed_power(
    path: Path, plug_end: datetime | None, assumption: ChargingAssumption
):
    import_sessions(path, session(plug_end=plug_end, energy_wall_kwh=3.5))

    assert load_kw(path, assumption) == [7, 7, 0, 0, 0, 0, 0, 0]  # 3.5 kWh at 7 kW: half an hour


def test_sessions_add_up_and_those_without_energy_add_nothing(path: Path):
    import_sessions(
        path,
        session("a", row=1, energy_wall_kwh=3.5),
        session("b", row=2, energy_wall_kwh=1.75),
        session("c", row=3, energy_wall_kwh=None),
        session("d", row=4, energy_wall_kwh=0.0),
    )

    assert load_kw(path, AT_PLUG_IN) == [14, 7, 0, 0, 0, 0, 0, 0]


def test_only_the_part_within_the_span_counts(path: Path):
    import_sessions(path, session(plug_start=after(hours=-1), energy_wall_kwh=14.0))

    assert load_kw(path, AT_PLUG_IN) == [7, 7, 7, 7, 0, 0, 0, 0]  # 23:00 to 01:00


def test_a_load_is_asked_by_site(path: Path):
    import_sessions(
        path,
        session("a", row=1, site="Leeds", energy_wall_kwh=3.5),
        session("b", row=2, site="York", energy_wall_kwh=3.5),
        session("c", row=3, site=None, energy_wall_kwh=3.5),
    )

    found = load_profile(
        path, assumption=AT_PLUG_IN, start=MIDNIGHT, end=after(minutes=15), site="York"
    )

    assert found.rows() == [(MIDNIGHT, 7.0)]
    assert session_sites(path) == ["Leeds", "York"]


@pytest.mark.parametrize(
    ("day", "hours", "intervals"),
    # Europe/London: the local days of the clock changes of 2026 have 23 and 25 hours
    [
        (datetime(2026, 3, 29, tzinfo=UTC), 23, 92),
        (datetime(2026, 10, 24, 23, tzinfo=UTC), 25, 100),
    ],
)
def test_the_clock_change_neither_loses_nor_doubles_energy(
    path: Path, day: datetime, hours: int, intervals: int
):
    end = day + timedelta(hours=hours)
    import_sessions(path, session(plug_start=day, plug_end=end, energy_wall_kwh=50.0))

    found = load_profile(path, assumption=SPREAD, start=day, end=end)

    assert len(found) == intervals
    assert found["interval_start"].is_unique().all()
    assert found["power_kw"].sum() / 4 == pytest.approx(50.0)  # four intervals an hour


def test_an_assumption_says_itself_in_words():
    assert "7 kW" in AT_PLUG_IN.sentence
    assert "evenly over the stay" in SPREAD.sentence


def test_an_assumption_at_which_nothing_charges_is_refused():
    with pytest.raises(ModelError, match="0 kW"):
        ChargingAssumption(max_kw=0)


def test_sessions_are_asked_by_the_half_open_span_they_touch(path: Path):
    import_sessions(
        path,
        session("left before", row=1, plug_start=after(hours=-9), plug_end=MIDNIGHT),
        session("still there", row=2, plug_start=after(hours=-8), plug_end=None),
        session("over midnight", row=3, plug_start=after(hours=-1), plug_end=after(hours=1)),
        session("within", row=4, plug_start=after(hours=1), plug_end=after(hours=1)),
        session("after", row=5, plug_start=after(hours=2), plug_end=after(hours=3)),
    )

    found = sessions(path, start=MIDNIGHT, end=after(hours=2))

    assert found["session_key"].to_list() == ["still there", "over midnight", "within"]


def meter_kw(path: Path, *, hours: float = 1.0) -> list[float | None]:
    found = meter_load(path, "main", start=MIDNIGHT, end=after(hours=hours))
    return LoadFrame.validate(found)["power_kw"].to_list()


def test_minutes_are_averaged_over_the_interval(path: Path):
    import_meter(path, *(meter_row(minute=n, power_kw=float(n), row=n + 1) for n in range(30)))

    # means of 0 to 14 and of 15 to 29; nothing was read after
    assert meter_kw(path) == [7.0, 22.0, None, None]
    assert meter_ids(path) == ["main"]


def test_a_missing_minute_is_not_a_zero(path: Path):
    import_meter(
        path,
        meter_row(minute=0, power_kw=10.0, row=1),
        meter_row(minute=5, power_kw=20.0, row=2, interval_s=600),
    )

    assert meter_kw(path)[0] == pytest.approx((10 * 1 + 20 * 10) / 11)  # 11 minutes were read


def test_a_long_reading_holds_in_every_interval_it_covers(path: Path):
    import_meter(path, meter_row(minute=-15, power_kw=12.0, row=1, interval_s=3600))

    assert meter_kw(path) == [12.0, 12.0, 12.0, None]


def test_an_empty_span_is_refused(path: Path):
    import_meter(path, meter_row(minute=0, power_kw=1.0, row=1))

    with pytest.raises(ModelError):
        meter_load(path, "main", start=MIDNIGHT, end=MIDNIGHT)


def test_profiles_are_utc_frames(path: Path):
    import_meter(path, meter_row(minute=0, power_kw=1.0, row=1))

    found = meter_load(path, "main", start=MIDNIGHT, end=after(hours=1))

    assert found.schema == {"interval_start": pl.Datetime("us", "UTC"), "power_kw": pl.Float64}


def test_who_drew_the_load_sums_to_it(path: Path):
    import_sessions(
        path,
        session("a", row=1, vehicle_id="van-1", energy_wall_kwh=10.5),
        session("b", row=2, vehicle_id="van-2", station_id="cp2", energy_wall_kwh=3.5),
        session("c", row=3, station_id=None, energy_wall_kwh=1.75),
    )
    span = {"assumption": AT_PLUG_IN, "start": MIDNIGHT, "end": after(hours=8)}

    load = load_profile(path, **span)
    uses = use_profile(path, **span)

    # At 7 kW: 1.5 h, half an hour and a quarter of an hour from midnight on.
    by_quarter = (
        uses.group_by("interval_start").agg(pl.col("power_kw").sum()).sort("interval_start")
    )
    assert by_quarter["power_kw"].to_list() == [21.0, 14.0, 7.0, 7.0, 7.0, 7.0]
    assert load["power_kw"].to_list()[:6] == by_quarter["power_kw"].to_list()
    assert (None, "unknown station", 7.0) in [row[1:] for row in uses.rows()]
    assert set(uses.select("vehicle_id", "station_id").rows()) == {
        ("van-1", "cp1"),
        ("van-2", "cp2"),
        (None, "unknown station"),
    }
