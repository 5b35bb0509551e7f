"""``depot plan`` from files: what it reads, what it answers, what it refuses and where."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import DepotError, PlanFileError, TariffTermsError, TimeZoneNeededError
from depotlib.model.depot import GridConnection
from depotlib.planning.knobs.preference import Preference
from depotlib.workflows.plan_archive import read_plan
from depotlib.workflows.plan_files import PlanFiles, plan_files
from depotlib.workflows.plan_tables import depot_of
from tests.places import ROOT
from tests.planning_cases import MADE_AT

TARIFF = ROOT / "data" / "reference_night" / "tariff.json"
DWELLS = """vehicle_id,arrival_local,departure_local,energy_wall_kwh,pool,priority
van-1,2026-11-02T18:00,2026-11-03T06:00,20,ac,1
van-2,2026-11-02T19:00,2026-11-03T06:00,30,,
"""
STATIONS = """station_id,connector_id,pool,max_kw,min_kw,circuit
S1,1,ac,7.2,1.5,panel
S2,1,ac,7.2,1.5,panel
"""


class Files:
    """The files of a small night, with an answer for any change to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = {"dwells": DWELLS, "stations": STATIONS}

    def paths(self, **texts: str) -> dict[str, Path]:
        for name, text in (self.texts | texts).items():
            (self.folder / f"{name}.csv").write_text(text)
        return {name: self.folder / f"{name}.csv" for name in self.texts | texts}

    def order(self, *, options: dict[str, Any] | None = None, **texts: str) -> PlanFiles:
        paths = {f"{name}_path": path for name, path in self.paths(**texts).items()}
        asked = {"site_limit_kw": 20.0, "time_zone": "America/New_York", "tariff_path": TARIFF}
        return PlanFiles(**(asked | paths | (options or {})))

    def plan(self, *, options: dict[str, Any] | None = None, **texts: str):
        return plan_files(self.order(options=options, **texts), now=MADE_AT, timer=lambda: 0.0)

    def refused(self, *, options: dict[str, Any] | None = None, **texts: str) -> DepotError:
        with pytest.raises(DepotError) as caught:
            self.plan(options=options, **texts)
        return caught.value


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_night_under_market_prices_is_charged_in_its_cheapest_hours(files: Files, tmp_path: Path):
    # 3 November 2026, 02:00 to 05:00 in New York (07:00 to 10:00 UTC) cost 0.01, all else 0.20.
    hours = [f"2026-11-{day:02d}T{hour:02d}:00Z" for day in (2, 3) for hour in range(24)]
    cheap = {f"2026-11-03T{hour:02d}:00Z" for hour in (7, 8, 9)}
    prices = tmp_path / "prices.csv"
    prices.write_text(
        "start,price,unit\n"
        + "".join(f"{hour},{0.01 if hour in cheap else 0.20},EUR/kWh\n" for hour in hours)
    )
    tariff = tmp_path / "tariff.toml"
    tariff.write_text(
        'form = "depotlib tariff 1"\ntariff_id = "spot"\nname = "spot"\nutility = ""\n'
        'currency = "EUR"\ndemand_window_s = 900\n'
        '[[component]]\nkind = "spot_energy"\nseries = ""\ncurrency = "EUR"\n'
    )

    made = files.plan(options={"tariff_path": tariff, "prices_path": prices})
    refused = files.refused(options={"tariff_path": tariff})

    # 3 h x 7.2 kW = 21.6 kWh a van at 0.01: 20 + 21.6 of the 50 kWh; 8.4 kWh at 0.20.
    assert made.plan.header.bill_amount == pytest.approx(41.6 * 0.01 + 8.4 * 0.20, abs=1e-3)
    assert isinstance(refused, TariffTermsError)
    assert "none are given" in refused.what


def test_a_small_night_is_planned_within_windows(files: Files):
    made = files.plan()

    header = made.plan.header
    assert (header.vehicles, header.ready, header.pushable) == (2, 2, True)
    # Level over 12 h at 50 / 12 kW for 15 a kW: 62.5; 12.5 kWh before 21:00 at 0.3, the rest at
    # 0.1: 7.5. In whole steps of 0.1 kW the peak is 4.2 kW: at most 0.5 more.
    assert header.bound_amount == pytest.approx(70.0, abs=1e-3)
    assert 70.0 - 1e-3 <= header.bill_amount <= 70.5
    assert made.assumptions == (
        "the night stands once in the bill: no --days-per-month is given",
        "nothing but charging draws power: no --base-load is given",
    )


def test_circuits_without_a_table_are_unlimited_and_with_one_they_hold(files: Files):
    free = files.plan(options={"service_kw": 25.0}).plan
    held = files.plan(circuits="circuit,parent,limit_kw\npanel,,5\n").plan

    assert free.header.unmet_kwh == held.header.unmet_kwh == 0
    short = files.plan(circuits="circuit,parent,limit_kw\npanel,,4\n").plan
    # 12 h at 4 kW are 48 kWh; 50 are wanted.
    assert short.header.unmet_kwh == pytest.approx(2.0, abs=1e-3)
    assert "circuit panel is used up" in short.shortfalls[0].reason


def test_the_base_load_is_averaged_onto_the_quarter_hours(files: Files):
    hours = [f"2026-11-02T{h:02}:00" for h in range(17, 24)]
    hours += [f"2026-11-03T{h:02}:00" for h in range(7)]
    load = "interval_start,power_kw\n" + "".join(f"{hour},8\n" for hour in hours)

    made = files.plan(base_load=load)

    # 12 kW are left above 8: the peak is at least 8 + 50/12.
    assert made.plan.header.peak_kw >= 8 + 50 / 12
    # 12 h of 8 kW, 3 of them at 0.3 (18:00 to 21:00), and 50 kWh at 0.1 if all is off peak.
    assert made.plan.header.energy_amount >= 8 * (3 * 0.3 + 9 * 0.1) + 50 * 0.1 - 1e-9


def test_a_base_load_with_a_hole_is_refused(files: Files):
    load = "interval_start,power_kw\n2026-11-02T18:00,8\n2026-11-02T18:15,8\n"

    error = files.refused(base_load=load)

    assert isinstance(error, PlanFileError)
    assert "no reading for the 15 minutes from 2026-11-02T23:30" in error.what


def test_a_kept_plan_reads_back_whole(files: Files, tmp_path: Path):
    made = files.plan(options={"out_path": tmp_path / "plan.parquet"})

    kept = read_plan(tmp_path / "plan.parquet")

    assert kept.plan.header == made.plan.header
    assert kept.plan.windows == made.plan.windows
    assert kept.plan.setpoints.equals(made.plan.setpoints)
    assert [stay.vehicle_id for stay in kept.stays] == ["van-1", "van-2"]


def test_a_plan_that_cannot_be_kept_is_an_error_and_leaves_nothing(files: Files, tmp_path: Path):
    error = files.refused(options={"out_path": tmp_path / "nowhere" / "plan.parquet"})

    assert "cannot be written" in error.what
    assert not list(tmp_path.glob(".plan*"))


def test_what_is_no_plan_is_refused(tmp_path: Path):
    (tmp_path / "x.parquet").write_text("no parquet")

    for name in ("x.parquet", "missing.parquet"):
        with pytest.raises(PlanFileError, match="this is no plan"):
            read_plan(tmp_path / name)


@pytest.mark.parametrize(
    ("texts", "what", "where"),
    [
        ({"dwells": "vehicle_id,arrival_local\na,b\n"}, "no column 'departure_local'", "dwells.csv"),
        ({"dwells": ""}, "", "dwells.csv"),
        ({"dwells": DWELLS.split("van-1", maxsplit=1)[0]}, "the table holds no rows", "dwells.csv"),
        ({"dwells": DWELLS.replace("20,ac", "x,ac")}, "energy_wall_kwh is 'x'", "line 2"),
        ({"dwells": DWELLS.replace("30,", ",")}, "are needed", "line 3"),
        ({"dwells": DWELLS.replace("20,ac", "-20,ac")}, "needs -20", "line 2"),
        ({"dwells": DWELLS.replace("2026-11-03T06:00,20", "2026-11-01T06:00,20")}, "departs", "line 2"),
        ({"dwells": DWELLS.replace("2026-11-02T18:00", "tonight")}, "'tonight'", "line 2"),
        ({"dwells": DWELLS.replace(",ac,1", ",ac,1.5")}, "priority is 1.5", "line 2"),
        ({"dwells": DWELLS.replace(",ac,1", ",ac")}, "5 fields for 6 columns", "line 2"),
        ({"dwells": DWELLS.replace("van-2", "van-1")}, "before it has left", "dwells.csv"),
        ({"dwells": DWELLS.replace(",ac,", ",dc,")}, "pool 'dc'", "dwell of van-1"),
        ({"stations": "station_id\nS1\n"}, "no column 'connector_id', 'max_kw'", "stations.csv"),
        ({"stations": STATIONS.replace("S1,1", "S1,left")}, "not a number from 1", "line 2"),
        ({"stations": STATIONS.replace("7.2,1.5", ",1.5")}, "max_kw is empty", "line 2"),
        ({"stations": STATIONS.replace("7.2,1.5", "7.2,9")}, "9 to 7.2 kW", "line 2"),
        ({"stations": STATIONS.replace("S2,1", "S1,1")}, "share the id 'S1/1'", "stations.csv"),
        (
            {"stations": STATIONS.replace("S2,1,ac", "S1,2,dc")},
            "different pools or circuits",
            "stations.csv",
        ),
        ({"circuits": "circuit,limit_kw\nother,5\n"}, "does not have", "circuits.csv"),
        ({"circuits": "circuit,limit_kw\npanel,-5\n"}, "limit of -5", "line 2"),
        ({"circuits": "circuit,limit_kw\npanel,\n"}, "limit_kw is empty", "line 2"),
        (
            {"circuits": "circuit,parent,limit_kw\npanel,panel,5\n"},
            "hangs on itself",
            "circuits.csv",
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(
    files: Files, texts: dict[str, str], what: str, where: str
):
    error = files.refused(**texts)

    assert what in error.what
    assert where in error.where
    assert error.hint


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"site_limit_kw": 0.0}, "an operating limit of 0 kW"),
        ({"service_kw": 10.0}, "does not fit a service of 10 kW"),
        ({"running_peak_kw": -1.0}, "a running peak of -1.0 kW"),
        ({"target_kw": float("nan")}, "a target of nan kW"),
        ({"is_explained": True, "solar_path": ROOT / "sun.csv"}, "solar power is not explained"),
        ({"days_per_month": 0.0}, "0 nights a month"),
        ({"policy": "guess"}, "there is no policy 'guess'"),
        ({"time_zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"tariff_path": ROOT / "no_such_tariff.json"}, "no such file"),
    ],
    ids=str,
)
def test_options_that_cannot_be_are_refused(files: Files, options: dict[str, Any], what: str):
    assert what in files.refused(options=options).what


def test_local_times_need_a_zone(files: Files):
    error = files.refused(options={"time_zone": None})

    assert isinstance(error, TimeZoneNeededError)
    assert "--time-zone" in error.hint


def test_times_with_offsets_need_no_zone_and_the_tariffs_hours_are_an_assumption(files: Files):
    dwells = DWELLS.replace(":00,2026", ":00-05:00,2026").replace("06:00,", "06:00-05:00,")

    made = files.plan(dwells=dwells, options={"time_zone": None})

    assert "the tariff's hours are UTC: no time zone is given" in made.assumptions


def test_the_command_answers_with_one_object_and_its_exit_code(
    files: Files, capsys: pytest.CaptureFixture[str]
):
    paths = files.paths()
    arguments = ["plan", "--dwells", str(paths["dwells"]), "--stations", str(paths["stations"])]
    arguments += ["--tariff", str(TARIFF), "--time-zone", "America/New_York", "--json"]

    code = run_command([*arguments, "--site-limit", "20"])
    answer = json.loads(capsys.readouterr().out)
    short_code = run_command([*arguments, "--site-limit", "3", "--ignore-occupancy"])
    out, err = capsys.readouterr()
    bad_code = run_command([*arguments, "--site-limit", "-3"])
    error = json.loads(capsys.readouterr().out)["error"]

    assert code == 0
    assert {
        "status", "currency", "bill", "energy", "demand", "bound", "gap", "peak_kw",
        "billed_peak_kw", "unmet_kwh", "unmet", "swaps", "moves", "pushable", "bindings", "build_s",
        "solve_s", "audit",
    } <= set(answer)  # fmt: skip
    assert answer["audit"]["violations"] == []
    # 3 kW for 12 h are 36 kWh of 50.
    assert short_code == 3
    assert json.loads(out)["unmet_kwh"] == pytest.approx(14.0, abs=1e-3)
    assert "lack 14.0 kWh" in err
    assert bad_code == 2
    assert set(error) == {"what", "where", "hint"}


def series(power_kw: float) -> str:
    """Return a power that is the same from 18:00 to 06:00."""
    hours = [f"2026-11-02T{hour}:00" for hour in range(18, 24)]
    hours += [f"2026-11-03T0{hour}:00" for hour in range(6)]
    return "interval_start,power_kw\n" + "".join(f"{hour},{power_kw}\n" for hour in hours)


def test_a_target_counts_as_a_peak_that_is_billed_already(files: Files):
    aimed = files.plan(options={"target_kw": 15.0}).plan.header
    billed = files.plan(options={"running_peak_kw": 15.0}).plan.header

    assert aimed.bill_amount == billed.bill_amount
    assert aimed.billed_peak_kw == 15.0


def test_storage_and_sun_make_a_night_cheaper_and_are_in_the_answer(files: Files, tmp_path: Path):
    storage, solar = tmp_path / "storage.csv", tmp_path / "solar.csv"
    storage.write_text("storage_id,capacity_kwh,max_charge_kw,max_discharge_kw\nS,20,5,5\n")
    solar.write_text(series(1.0))

    plain = files.plan().plan
    helped = files.plan(options={"storage_path": storage, "solar_path": solar}).plan

    # 1 kW for 12 h are 12 kWh that need not be bought.
    assert helped.header.energy_amount < plain.header.energy_amount
    assert helped.header.bill_amount < plain.header.bill_amount
    assert helped.audit.passed
    assert {asset.kind for asset in helped.assets} == {"storage", "solar"}


def test_a_van_that_feeds_back_is_an_option_of_its_row(files: Files):
    head, first, second = DWELLS.splitlines()
    fed = "\n".join(
        [
            f"{head},battery_kwh,arrival_soc,discharge_max_kw,wear_per_kwh",
            f"{first},60,0.6,7,0.01",
            f"{second},,,,",
        ]
    )

    # The month's peak is paid already: only the dear hours until 21:00 count.
    paid = {"running_peak_kw": 20.0}
    plain = files.plan(base_load=series(8.0), options=paid).plan
    made = files.plan(base_load=series(8.0), dwells=fed, options=paid).plan
    error = files.refused(dwells=fed.replace(",60,0.6,7", ",60,,7"))

    assert made.audit.passed, made.audit.violations
    assert [asset.asset_id for asset in made.assets if asset.kind == "vehicle"] == ["van-1"]
    assert made.header.bill_amount < plain.header.bill_amount
    assert made.header.unmet_kwh == 0
    # Stations are told what to give, not what to take.
    assert not made.header.pushable
    assert isinstance(error, PlanFileError)
    assert "discharge_max_kw, wear_per_kwh needs battery_kwh and arrival_soc" in error.what


def test_phases_of_vans_and_stations_are_columns_of_their_tables(files: Files):
    stations = STATIONS.replace("circuit", "circuit,phases").replace("panel", "panel,3")
    paths = files.paths(stations=stations)

    depot = depot_of(
        paths["stations"],
        circuits_path=None,
        grid=GridConnection(service_kw=20.0, operating_limit_kw=20.0),
        time_zone="America/New_York",
    )
    error = files.refused(stations=stations.replace("panel,3", "panel,2"))

    assert [one.phases for one in depot.stations] == [3, 3]
    assert "phases is 2, not 1 or 3" in error.what


def test_a_storage_that_cannot_be_is_refused_with_its_line(files: Files, tmp_path: Path):
    storage = tmp_path / "storage.csv"
    storage.write_text("storage_id,capacity_kwh,max_charge_kw,max_discharge_kw\nS,-1,5,5\n")

    error = files.refused(options={"storage_path": storage})

    assert isinstance(error, PlanFileError)
    assert error.where == f"{storage}, line 2"


def test_a_storage_on_a_circuit_that_is_not_there_is_refused(files: Files, tmp_path: Path):
    storage = tmp_path / "storage.csv"
    storage.write_text(
        "storage_id,capacity_kwh,max_charge_kw,max_discharge_kw,circuit\nS,9,5,5,attic\n"
    )

    error = files.refused(options={"storage_path": storage})

    assert isinstance(error, PlanFileError)
    assert "attic" in error.what


def test_with_slack_a_night_is_done_before_its_departures(files: Files):
    setpoints = files.plan(options={"preference": Preference(slack_s=3600)}).plan.setpoints

    # Both leave at 06:00, an hour after 05:00.
    done = datetime(2026, 11, 3, 10, tzinfo=UTC)
    late = setpoints.filter(setpoints["interval_start"] >= done)
    assert setpoints.height > late.height
    assert late["power_kw"].sum() == pytest.approx(0.0, abs=1e-6)


def test_a_plan_is_explained_where_that_is_asked_for(
    files: Files, capsys: pytest.CaptureFixture[str]
):
    paths = files.paths()
    arguments = ["plan", "--dwells", str(paths["dwells"]), "--stations", str(paths["stations"])]
    arguments += ["--tariff", str(TARIFF), "--time-zone", "America/New_York"]

    code = run_command([*arguments, "--site-limit", "20", "--explain"])
    explained = json.loads(capsys.readouterr().out)
    run_command([*arguments, "--site-limit", "20", "--swap-price", "inf", "--timing", "latest"])
    plain = json.loads(capsys.readouterr().out)

    assert code == 0
    assert plain["explanation"] is None
    assert {chance["vehicle_id"] for chance in explained["explanation"]["chances"]} == {
        "van-1",
        "van-2",
    }
    assert explained["explanation"]["repairs"] == []
    assert explained["explanation"]["sentences"]
