"""What a night asks for: from duties and telematics, from past days, or from sessions alone."""

import json
import shutil
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from depotlib.cli.main import run_command
from depotlib.errors import RecordMissingError
from depotlib.model.brief import NeedPolicy
from depotlib.model.frames import TripFrame
from depotlib.settings import Settings
from depotlib.store.batch import ImportBatch
from depotlib.store.catalogue import save_policy
from depotlib.store.imports import write_import
from depotlib.workflows.import_files import import_files
from depotlib.workflows.plan_tonight import plan_of
from depotlib.workflows.show_needs import NeedsShown, needs_from_sessions, needs_tonight
from depotlib.workflows.tonight import gather_tonight
from tests.places import DATA
from tests.unit.conftest import AFTERNOON

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
TUESDAY = date(2020, 9, 22)
CLASS_KWH_PER_KM = 0.30  # data/demo/fleet.json


def factor_of(number: int) -> float:
    """Return what a made-up van takes over its class: 0.9 to 1.2 from van to van."""
    return 0.9 + 0.3 * number / 60


def write_trips(settings: Settings) -> None:
    """Store forty days of made-up trips: each van has its own consumption, days scatter by 5 %."""
    random = np.random.default_rng(11)
    rows = []
    for day in range(1, 41):
        start = AFTERNOON - timedelta(days=day, hours=8)
        for number in range(1, 61):
            km = float(random.uniform(80, 180))
            kwh = km * CLASS_KWH_PER_KM * factor_of(number) * random.normal(1, 0.05)
            rows.append(
                {
                    "vehicle_id": f"van-{number:02d}",
                    "start": start,
                    "end": start + timedelta(hours=6),
                    "distance_km": km,
                    "energy_battery_kwh": float(kwh),
                    "start_odometer_km": None,
                    "end_odometer_km": None,
                    "source": "made_up",
                    "src_file": "trips.csv",
                    "src_row": len(rows) + 1,
                }
            )
    trips = TripFrame.validate(pl.DataFrame(rows), cast=True)
    batch = ImportBatch(
        file="trips.csv", source="made_up", digest="0" * 64, rows_in=len(rows), trips=trips
    )
    write_import(settings.warehouse_path, batch, imported_at=AFTERNOON)


@pytest.fixture(scope="module")
def taught(loaded_demo, tmp_path_factory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("taught") / "demo")
    shutil.copytree(loaded_demo.home, settings.home)
    write_trips(settings)
    return settings


@pytest.fixture(scope="module")
def learned(taught) -> NeedsShown:
    return needs_tonight(taught, now=AFTERNOON)


def test_with_too_few_past_days_the_figures_of_the_classes_stand(loaded_demo):
    shown = needs_tonight(loaded_demo, now=AFTERNOON)

    assert shown.held_out is None
    assert shown.learning.endswith(
        "too few past days to learn from, figures of the vehicle classes"
    )
    # data/reference_night/README.md: every van needs 43 kWh at the wall.
    assert {round(need.dwell.energy_target_kwh, 1) for need in shown.needs} == {43.0}


def test_cold_makes_duties_dearer_and_says_what_no_battery_holds(loaded_demo):
    mild, cold = (
        needs_tonight(loaded_demo, now=AFTERNOON, temperature_c=temperature_c).needs
        for temperature_c in (10.0, 0.0)
    )

    assert {round(need.dwell.energy_target_kwh, 1) for need in mild} == {43.0}
    for warm, chilly in zip(mild, cold, strict=True):
        duty, lines = warm.lines[0], {line.what: line.energy_kwh for line in chilly.lines}
        # needs/driving.py: straight from 1.00 at 10 °C to 1.85 at -15 °C, so 1.34 at 0 °C
        assert lines["next duty"] == pytest.approx(1.34 * duty.energy_kwh)
        # The vans hold 68 kWh: what duty and reserve (a tenth) take beyond that cannot be charged.
        beyond_kwh = max(0.0, lines["next duty"] + 6.8 - 68.0)
        assert lines.get("more than it can take", 0.0) == pytest.approx(-beyond_kwh, abs=0.01)


def test_past_days_make_each_vans_need_its_own_and_the_switch_takes_that_back(taught, learned):
    of_van = {one.dwell.vehicle_id: one for one in learned.needs}

    plain = needs_tonight(taught, now=AFTERNOON, learns=False)

    assert {round(need.dwell.energy_target_kwh, 1) for need in plain.needs} == {43.0}
    for number in (1, 30, 60):
        need = of_van[f"van-{number:02d}"]
        class_kwh = need.lines[0].energy_kwh / factor_of(number)
        # Forty days of 5 % scatter tell a van's consumption to 1 %; the weekday adds a little.
        km = float(need.lines[0].how.split(" km")[0])
        assert class_kwh == pytest.approx(km * CLASS_KWH_PER_KM, rel=0.02)
        assert "learned from 40 days" in need.lines[0].how
        # 5 % of about 50 kWh, at the wall.
        assert need.dwell.energy_sigma_kwh == pytest.approx(0.05 * 50 / 0.9, rel=0.5)


def test_what_was_learned_states_its_error_on_held_out_days(learned):
    error = learned.held_out

    assert error is not None
    assert error.model_kwh < min(error.class_mean_kwh, error.weekday_mean_kwh)
    assert 0.85 <= error.coverage_share <= 0.95
    assert f"mean absolute error was {error.model_kwh:.2f} kWh" in learned.learning


def test_a_night_of_learned_needs_is_planned_and_audited_unless_the_policy_leaves_them_out(
    taught, tmp_path
):
    tonight = gather_tonight(taught, now=AFTERNOON)
    without = Settings(home=tmp_path / "without")
    shutil.copytree(taught.home, without.home)
    save_policy(
        without.warehouse_path, NeedPolicy(learns=False), depot_id="demo", saved_at=AFTERNOON
    )

    plan = plan_of(tonight, now=AFTERNOON)
    plain = gather_tonight(without, now=AFTERNOON)

    assert plan.audit.passed
    assert tonight.known.consumption is not None
    assert plain.known.consumption is None
    assert {round(dwell.energy_target_kwh, 1) for dwell in plain.dwells} == {43.0}


@pytest.fixture(scope="module")
def leeds(tmp_path_factory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("leeds"))
    (file,) = import_files([LEEDS], settings=settings, now=datetime.fromisoformat("2020-10-01T00Z"))
    assert file.error is None
    return settings


def test_a_session_log_alone_tells_who_is_expected_and_for_how_much(leeds):
    shown = needs_from_sessions(leeds, site=None, time_zone="Europe/London", evening=TUESDAY)

    assert shown.needs
    for need in shown.needs:
        assert need.dwell.energy_sigma_kwh > 0
        assert need.missing[0].startswith("no duty: expected since it came on")
        assert sum(one.energy_kwh for one in need.lines if not one.is_total) == pytest.approx(
            need.dwell.energy_target_kwh
        )
    assert shown.held_out is not None
    assert shown.held_out.model_kwh < shown.held_out.class_mean_kwh


def test_a_log_of_a_few_days_is_refused_with_what_it_takes(leeds):
    with pytest.raises(RecordMissingError, match="too few to expect anything from") as refused:
        needs_from_sessions(leeds, site=None, time_zone="Europe/London", evening=date(2020, 8, 1))

    assert "three weeks" in refused.value.hint


def test_the_command_prints_needs_line_by_line(leeds, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(leeds.home))

    code = run_command(
        [
            "needs",
            "--from-sessions",
            *("--time-zone", "Europe/London", "--evening", str(TUESDAY)),
            *("--text", "--json"),
        ]
    )

    printed = capsys.readouterr()
    assert code == 0
    answer = json.loads(printed.out)
    assert answer["needs"][0]["lines"][-1]["what"] == "at the wall"
    assert answer["held_out"]["model_kwh"] < answer["held_out"]["class_mean_kwh"]
    assert "= " in printed.err
    assert "at the wall: 90 of 100 between" in printed.err
