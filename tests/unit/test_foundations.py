"""Clock, units, settings, errors."""

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depotlib import units
from depotlib.clock import Clock, parse_clock, real_clock
from depotlib.errors import DepotError, FrameError, SettingsError
from depotlib.settings import read_settings

START = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)


def test_a_clock_runs_faster_than_the_world_by_its_speed():
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    clock = Clock(start=START, speed_factor=30.0, anchor=an_hour_ago)

    # 30 depot hours in the real hour that has passed, and what this test takes.
    assert timedelta(hours=30) <= clock.now() - START < timedelta(hours=31)
    assert clock.real_s(60.0) == 2.0
    assert clock.real_s_until(START) == 0.0
    assert clock.monotonic_s() <= clock.monotonic_s()


def test_a_clock_survives_the_way_to_a_child_process():
    clock = Clock(start=START, speed_factor=60.0, anchor=datetime(2026, 11, 20, tzinfo=UTC))

    assert parse_clock(clock.text()) == clock


def test_without_a_text_the_clock_is_the_machines_own():
    before = datetime.now(UTC)

    assert before <= parse_clock("").now() <= datetime.now(UTC)
    assert real_clock().speed_factor == 1.0
    assert parse_clock("2026-11-02T16:45:00-05:00").now() >= START


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-11-02T16:45:00",
        "2026-11-02T16:45:00-05:00,61",
        "2026-11-02T16:45:00-05:00,x",
    ],
)
def test_a_clock_that_cannot_be_read_is_refused(text: str):
    with pytest.raises(SettingsError) as caught:
        parse_clock(text)
    assert caught.value.where == "DEPOT_CLOCK"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_GATEWAY_PORT", "9999")
    settings = read_settings()

    assert settings.warehouse_path.parent == settings.mailbox_path.parent == tmp_path
    assert settings.gateway_port == 9999


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DEPOT_GATEWAY_PORT", "many")

    with pytest.raises(SettingsError, match="DEPOT_GATEWAY_PORT"):
        read_settings()


def test_an_error_says_what_where_and_what_to_do():
    error = DepotError("no price at 00:00", where="tariff E-20", hint="extend its season table")

    assert str(error) == "no price at 00:00 [tariff E-20]; extend its season table"


def test_an_error_crosses_to_another_process_whole():
    error = FrameError("unknown action", code="NotImplemented", call_id="7")

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (type(again), str(again), again.code, again.call_id) == (
        FrameError,
        str(error),
        "NotImplemented",
        "7",
    )


@pytest.mark.parametrize(
    ("converted", "expected"),
    [
        # Definitions of the units, each once.
        (units.w_to_kw(1500.0), 1.5),
        (units.kw_to_w(1.5), 1500.0),
        (units.wh_to_kwh(250.0), 0.25),
        (units.kwh_to_wh(0.25), 250.0),
        (units.microwh_to_kwh(31_790_000_000), 31.79),
        (units.kwh_to_mwh(0.0000015), 2),
        (units.mwh_to_kwh(1_000_000), 1.0),
        (units.percent_to_soc(85.25), 0.8525),
        (units.millipercent_to_soc(85_250), 0.8525),
        (units.metres_to_km(1250.0), 1.25),
        (units.miles_to_km(1.0), 1.609344),
        (units.fahrenheit_to_c(50.0), 10.0),
        (units.milliamp_to_a(30_000.0), 30.0),
        (units.millivolt_to_v(240_000.0), 240.0),
        (units.ticks_to_s(10_000_000), 1.0),
        (units.ms_to_s(250.0), 0.25),
        (units.s_to_ms(0.25), 250.0),
        (units.s_to_h(5400.0), 1.5),
        (units.h_to_s(1.5), 5400.0),
        (units.minutes_to_s(2.5), 150.0),
        (units.duration_h(timedelta(minutes=90)), 1.5),
        (units.energy_kwh(4.0, 900.0), 1.0),
        (units.mean_power_kw(1.0, 900.0), 4.0),
        (units.ac_power_kw(16.0, 230.0, phases=3), 11.04),
        (units.ac_current_a(11.04, 230.0, phases=3), 16.0),
        (units.per_kwh_to_per_mwh(0.1), 100.0),
        (units.per_mwh_to_per_kwh(100.0), 0.1),
    ],
)
def test_conversions(converted: float, expected: float):
    assert converted == pytest.approx(expected)
