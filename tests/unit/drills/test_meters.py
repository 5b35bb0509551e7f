"""What the stations' own meters prove: powers, energies, means of windows."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.drills.meters import (
    MeteredSecond,
    added_window_kw,
    between,
    delivered_kwh,
    highest_plug_kw,
    highest_site_kw,
    lowest_plug_kw,
    read_meters,
    read_newest,
    window_means_kw,
)

AT = datetime(2026, 11, 2, 22, tzinfo=UTC)
LINE = '{{"at": "{}", "site_kw": {}, "power_kw": {{"A/1": {}}}, "meter": {}}}'


def second(offset_s: float, kw: float, *, meter_kw: float | None = None) -> MeteredSecond:
    return MeteredSecond(AT + timedelta(seconds=offset_s), kw, {"A/1": kw} if kw else {}, meter_kw)


def test_only_whole_lines_of_a_file_that_is_being_written_count(tmp_path):
    path = tmp_path / "meters.jsonl"
    assert (read_meters(path), read_newest(path)) == ([], None)
    whole = LINE.format(AT.isoformat(), 3.5, 3.5, '{"at": "x", "power_kw": 13.5}')

    path.write_text(f"{whole}\n{whole[:30]}")

    assert read_meters(path) == [MeteredSecond(AT, 3.5, {"A/1": 3.5}, 13.5)]
    assert read_newest(path) == read_meters(path)[0]


def test_powers_and_energies_are_of_the_seconds_that_are_asked_for():
    seconds = [second(0, 0.0), second(1, 7.2), second(2, 3.6), second(3, 1.0)]

    chosen = between(seconds, AT + timedelta(seconds=1), end=AT + timedelta(seconds=3))

    assert (highest_site_kw(chosen), highest_plug_kw(chosen)) == (7.2, 7.2)
    assert highest_plug_kw(chosen, chosen=lambda name: name == "B/1") == 0.0
    assert (lowest_plug_kw(chosen, "A/1"), lowest_plug_kw(chosen, "B/1")) == (3.6, 0.0)
    assert lowest_plug_kw([], "A/1") is None
    # 7.2 kW and 3.6 kW for a second each.
    assert delivered_kwh(chosen) == {"A/1": pytest.approx(10.8 / 3600)}


def test_a_delay_of_a_minute_at_eight_fast_chargers_adds_what_the_requirement_says():
    # Requirement 37: 8 x 50 kW for 60 s add 400 x 60 / 900 = 26.7 kW to the 15-minute mean.
    assert added_window_kw([0.0] * 30 + [400.0] * 60 + [-10.0] * 900) == pytest.approx(
        26.667, abs=0.001
    )
    # The worst of all windows of 900 s: not what lies further apart.
    assert added_window_kw([90.0] * 10 + [0.0] * 900 + [90.0] * 10) == pytest.approx(1.0)
    assert added_window_kw([]) == 0.0


def test_only_windows_that_were_metered_whole_have_a_mean():
    seconds = [
        second(offset, 0.0, meter_kw=90.0 if offset < 450 else 110.0) for offset in range(1000)
    ]

    means_kw = window_means_kw(seconds, power_kw=lambda one: one.meter_kw or 0.0)

    assert means_kw == {AT: pytest.approx(100.0)}
