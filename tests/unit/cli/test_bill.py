import json
import subprocess
import sys

import pytest

from depotlib.cli.main import run_command
from tests.places import DATA, ROOT

REFERENCE = DATA / "reference_night" / "tariff.json"
# One night of 40 kW, 20:00 to 22:00 local: on-peak until 21:00.
NIGHT = "interval_start,power_kw\n" + "".join(
    f"2026-06-{day:02d}T{hour}:{minute:02d},40\n"
    for day in (1, 2)
    for hour in (20, 21)
    for minute in (0, 15, 30, 45)
)


@pytest.fixture
def load_path(tmp_path):
    path = tmp_path / "load.csv"
    path.write_text(NIGHT, encoding="utf-8")
    return path


def run(capsys, *arguments):
    code = run_command(["bill", *map(str, arguments)])
    return code, json.loads(capsys.readouterr().out)


def test_a_load_is_billed_line_by_line(capsys, load_path):
    code, answer = run(
        capsys,
        *("--tariff", REFERENCE, "--load", load_path, "--time-zone", "America/New_York"),
        *("--from", "2026-06-01", "--to", "2026-07-01", "--json"),
    )

    assert code == 0
    (period,) = answer["periods"]
    assert (period["from"], period["to"]) == (
        "2026-06-01T00:00:00-04:00",
        "2026-07-01T00:00:00-04:00",
    )
    # Two nights, an hour of 40 kW at 0.10 and one at 0.30: 8 + 24; 40 x 15 = 600.
    assert [(line["quantity"], line["price"], line["amount"]) for line in period["lines"]] == [
        (80.0, 0.1, 8.0),
        (80.0, 0.3, 24.0),
        (40.0, 15.0, 600.0),
    ]
    assert period["total"] == 632.0
    assert period["lines"][2]["set_by"] == "2026-06-01T20:00:00-04:00"
    # 30 days x 96 readings, of which 16 are there.
    assert period["warnings"][0].startswith("2864 readings (716 h) are missing")
    assert period["assumptions"] == ["no day counts as a holiday"]


def test_without_dates_the_calendar_months_of_the_load_are_billed(capsys, tmp_path):
    path = tmp_path / "load.csv"
    path.write_text(
        "interval_start,energy_kwh\n2026-06-30T23:00,5\n2026-07-01T00:00,7\n", encoding="utf-8"
    )

    code, answer = run(
        capsys,
        *("--tariff", REFERENCE, "--load", path, "--time-zone", "America/New_York"),
        *("--interval-minutes", "60"),
    )

    assert code == 0
    assert [period["lines"][0]["quantity"] for period in answer["periods"]] == [5.0, 7.0]


def test_end_stamps_move_readings_to_the_interval_before(capsys, tmp_path):
    path = tmp_path / "load.csv"
    path.write_text(
        "interval_start,power_kw\n2026-06-30T23:45,5\n2026-07-01T00:00,7\n", encoding="utf-8"
    )

    _, answer = run(
        capsys,
        *("--tariff", REFERENCE, "--load", path, "--time-zone", "America/New_York"),
        *("--stamps", "end"),
    )

    assert len(answer["periods"]) == 1


def test_meter_reads_make_one_period_and_a_longer_span_months(capsys, tmp_path):
    path = tmp_path / "load.csv"
    readings = [f"2026-{month:02d}-{day:02d}T12:00,9" for month in (1, 2) for day in range(1, 29)]
    path.write_text("\n".join(["interval_start,power_kw", *readings]), encoding="utf-8")
    options = ("--tariff", REFERENCE, "--load", path, "--time-zone", "America/New_York")
    options += ("--interval-minutes", "60")

    _, reads = run(capsys, *options, "--from", "2026-01-17", "--to", "2026-02-16")
    _, months = run(capsys, *options, "--from", "2026-01-01", "--to", "2026-03-01T00:00")
    _, rest = run(capsys, *options, "--from", "2026-02-10T00:00-05:00")

    assert [len(answer["periods"]) for answer in (reads, months, rest)] == [1, 2, 1]


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (["--history", "peaks.csv"], "peaks.csv"),
        (["--power-factor", "1.9"], "power factor"),
        (["--holidays", "US-ZZ"], "holidays"),
        (["--system-peak", "noon"], "--system-peak"),
        (["--prices", "prices.csv"], "prices.csv"),
        (["--interval-minutes", "0.001"], "--interval-minutes"),
        (["--from", "June"], "--from"),
        (["--time-zone", "Mars/Olympus"], "time_zone"),
        (["--stamps", "middle"], "depot bill"),
        (["--from", "2026-07-01", "--to", "2026-06-01"], ""),
    ],
)
def test_what_is_asked_beyond_the_room_is_refused_by_name(capsys, load_path, options, where):
    code, answer = run(
        capsys,
        *("--tariff", REFERENCE, "--load", load_path),
        *([] if "--time-zone" in options else ["--time-zone", "America/New_York"]),
        *options,
    )

    assert code == 2
    assert answer["error"]["where"] == where
    assert answer["error"]["what"]


@pytest.mark.parametrize("content", ["", "{", '{"energyratestructure": [[{"sell": 1}]]}'])
def test_a_tariff_that_cannot_be_billed_is_an_answer_too(capsys, tmp_path, load_path, content):
    tariff_path = tmp_path / "tariff.json"
    tariff_path.write_text(content, encoding="utf-8")

    code, answer = run(capsys, "--tariff", tariff_path, "--load", load_path)

    assert code == 2
    assert set(answer["error"]) == {"what", "where", "hint"}


def test_the_command_runs_as_a_process_of_its_own(load_path):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "depotlib", "bill", "--tariff", str(REFERENCE)),
            *("--load", str(load_path), "--time-zone", "America/New_York"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    # The load's own span is part of June: the same three lines as above.
    assert json.loads(done.stdout)["periods"][0]["total"] == 632.0
    assert "missing" in done.stderr


RATCHETED = {
    "label": "ratcheted",
    "name": "a ratchet, kVA and weekend prices",
    "demandwindow": 15,
    "energyratestructure": [[{"rate": 0.1}], [{"rate": 0.3}]],
    "energyweekdayschedule": [[1] * 24] * 12,
    "energyweekendschedule": [[0] * 24] * 12,
    "flatdemandstructure": [[{"rate": 10}]],
    "flatdemandunit": "kVA",
    "lookbackpercent": 0.5,
    "lookbackmonths": [True] * 12,
}


@pytest.fixture
def ratcheted_path(tmp_path):
    path = tmp_path / "tariff.json"
    path.write_text(json.dumps({"items": [RATCHETED, RATCHETED | {"label": "other"}]}), "utf-8")
    return path


def lines_of(answer):
    return {line["component"]: line for line in answer["periods"][0]["lines"]}


def test_history_power_factor_holidays_and_label_are_heeded(
    capsys, tmp_path, load_path, ratcheted_path
):
    history_path = tmp_path / "history.csv"
    history_path.write_text("month,peak_kw\n2025-12,160\n", encoding="utf-8")

    code, answer = run(
        capsys,
        *("--tariff", ratcheted_path, "--label", "other", "--load", load_path),
        *("--time-zone", "America/New_York", "--history", history_path),
        *("--power-factor", "0.8", "--holidays", "US-NY"),
    )

    assert code == 0
    demand = lines_of(answer)["Flat demand"]
    # Half of 160 kW is 80 kW, above the 40 of the load; 80 / 0.8 = 100 kVA.
    assert (demand["quantity"], demand["unit"], demand["amount"]) == (100.0, "kVA", 1000.0)
    assert demand["note"] == "ratchet: set by the peak of 2025-12"
    assert demand["set_by"] is None
    (period,) = answer["periods"]
    assert any("10 of which no peak is known" in warning for warning in period["warnings"])
    assert any("holidays, 2026-01-01 to 2026-12-" in entry for entry in period["assumptions"])
    # 1 and 2 June 2026 are no holidays: 160 kWh of a weekday.
    assert lines_of(answer)["TOU energy, period 2"]["quantity"] == 160.0


def test_a_document_with_several_records_asks_which(capsys, load_path, ratcheted_path):
    code, answer = run(capsys, "--tariff", ratcheted_path, "--load", load_path)

    assert code == 2
    assert "ratcheted (a ratchet" in answer["error"]["hint"]


def test_metered_reactive_energy_and_sliding_windows_are_heeded(capsys, tmp_path, ratcheted_path):
    # Minute readings: 30 kW and 40 kvar all through, but 15 minutes of 60 kW from 00:08 on.
    path = tmp_path / "load.csv"
    rows = [
        f"2026-06-01T00:{minute:02d},{60 if 8 <= minute < 23 else 30},{40 / 60}"
        for minute in range(60)
    ]
    path.write_text("\n".join(["interval_start,power_kw,reactive_kvarh", *rows]), encoding="utf-8")

    options = ("--tariff", ratcheted_path, "--label", "other", "--load", path)
    _, block = run(capsys, *options, "--time-zone", "America/New_York")
    _, sliding = run(capsys, *options, "--time-zone", "America/New_York", "--windows", "sliding")

    # Blocks: 8 of 15 minutes at 60 kW are 46 kW, with 40 kvar 60.959 kVA; sliding: 60 and 40.
    assert lines_of(block)["Flat demand"]["quantity"] == pytest.approx((46**2 + 40**2) ** 0.5)
    assert lines_of(sliding)["Flat demand"]["quantity"] == pytest.approx((60**2 + 40**2) ** 0.5)


def test_the_systems_peak_hour_is_heeded(capsys, tmp_path, load_path):
    tariff_path = tmp_path / "tariff.json"
    tariff_path.write_text(
        json.dumps({"name": "CP", "coincidentratestructure": [[{"rate": 7}]]}), encoding="utf-8"
    )
    options = ("--tariff", tariff_path, "--load", load_path, "--time-zone", "America/New_York")

    code, answer = run(capsys, *options, "--system-peak", "2026-06-01T20:30")
    refused, error = run(capsys, *options)

    assert code == 0
    assert lines_of(answer)["Coincident peak"]["amount"] == 280.0
    assert refused == 2
    assert error["error"]["where"] == "coincident peak"
