"""A study from its file to its answer."""

from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.errors import MissingFileError, StudyError
from depotlib.studies.runner import Progress
from depotlib.studies.stopping import Sureness
from depotlib.workflows.compare_points import Comparison, compare_points, find_break_even
from depotlib.workflows.run_study import StudyOrder, run_study, show_study, workers_of
from tests.study_files import STUDY, write_study


@pytest.fixture
def order(tmp_path: Path) -> StudyOrder:
    return StudyOrder(path=write_study(tmp_path), folder=tmp_path / "rows", jobs=0)


def test_a_study_runs_once_and_says_which_points_nobody_beats(order: StudyOrder):
    ended = run_study(order)
    again = run_study(order)
    state = show_study(order.path, order.folder)

    # Two numbers of stations, two limits, two seeds.
    assert (ended, again) == (Progress(total=8, done=8), Progress(total=8, found=8))
    assert (state.total, state.found, state.failed, state.reasons) == (8, 8, 0, ())
    assert state.means["seeds"].to_list() == [2, 2, 2, 2]
    assert state.means["operating_limit_kw"].to_list() == [20.0, 60.0, 20.0, 60.0]
    # The smallest of everything is beaten by nobody in size.
    assert state.best.row(0)[:0] == ()
    assert (3, 20.0) in set(
        zip(state.best["ac_stations"], state.best["operating_limit_kw"], strict=True)
    )


def test_an_assumption_is_no_size(tmp_path: Path, order: StudyOrder):
    text = STUDY.replace("[3, 4]", "[4]").replace("[20.0, 60.0]", "[60.0]")
    text += "late_share = [0.0, 0.9]\nany_station = [false, true]\n"
    write_study(tmp_path, text=text)
    run_study(order)

    best = show_study(order.path, order.folder).best

    # Whatever is better on punctual nights, late ones have their own best points.
    assert set(best["late_share"]) == {0.0, 0.9}


def test_a_study_is_shown_while_parts_of_it_are_missing(order: StudyOrder):
    before = show_study(order.path, order.folder)
    run_study(StudyOrder(path=order.path, folder=order.folder, jobs=0, shard=(1, 4)))

    state = show_study(order.path, order.folder)

    assert (before.total, before.found, before.means.height) == (8, 0, 0)
    assert (state.total, state.found) == (8, 2)


def test_a_point_that_cannot_be_is_told_with_its_reason(tmp_path: Path, order: StudyOrder):
    write_study(tmp_path, text=STUDY.replace("[20.0, 60.0]", "[60.0, 500.0]"))

    ended = run_study(order)
    state = show_study(order.path, order.folder)

    assert (ended.done, ended.failed) == (8, 4)
    assert (state.found, state.failed) == (8, 4)
    assert ["500 kW does not fit" in reason for reason in state.reasons] == [True]


def test_points_of_equal_content_are_one_scenario(tmp_path: Path, order: StudyOrder):
    text = STUDY.replace("[20.0, 60.0]", '[60.0, 500.0]\ntariff = ["same", "again"]').replace(
        "[tariffs]", '[tariffs]\nagain = "tariff.json"'
    )
    write_study(tmp_path, text=text)

    ended = run_study(order)
    again = run_study(order)
    state = show_study(order.path, order.folder)

    # At 60 kW two numbers of stations with two seeds, whichever name the tariff has; the eight
    # points at 500 kW cannot be, each for itself.
    assert (ended.total, ended.done, ended.failed) == (12, 12, 8)
    assert (again.found, again.failed) == (12, 8)
    assert (state.total, state.found, state.failed) == (12, 12, 8)


def test_a_tornado_shows_its_swings(tmp_path: Path, order: StudyOrder):
    text = STUDY.replace('name = "small"', 'name = "small"\ndesign = "tornado"').replace(
        'policy = "fcfs"', 'policy = "fcfs"\nac_stations = 3\noperating_limit_kw = 60.0'
    )
    write_study(tmp_path, text=text)

    # The base and one other value of each axis, with two seeds.
    assert run_study(order).done == 6
    swings = show_study(order.path, order.folder, measures=["peak_kw"]).swings["peak_kw"]

    # 20 kW instead of 60 kW for 53.6 kW of stations cuts the peak; a fourth AC station adds 7.2.
    assert swings[0].axis == "operating_limit_kw"
    assert swings[0].effects[0][1].band.high_value < 0


@pytest.mark.parametrize("base_kw", [60.0, 500.0])
def test_a_tornado_is_shown_though_parts_of_it_failed(
    tmp_path: Path, order: StudyOrder, base_kw: float
):
    text = (
        STUDY.replace('name = "small"', 'name = "small"\ndesign = "tornado"')
        .replace("ac_stations = [3, 4]\n", "")
        .replace('policy = "fcfs"', f'policy = "fcfs"\noperating_limit_kw = {base_kw}')
        .replace("[20.0, 60.0]", "[20.0, 600.0]" if base_kw == 60 else "[400.0, 600.0]")
    )
    write_study(tmp_path, text=text)
    run_study(order)

    wide, narrow = (show_study(order.path, order.folder, share=share) for share in (0.95, 0.5))

    # Above the service of 80 kW nothing can be played: one value of two, or all of them.
    assert (wide.total, wide.found, wide.failed) == (6, 6, 2 if base_kw == 60 else 6)
    if base_kw == 60:
        [(value, wider)], [(_, narrower)] = (
            state.swings["bill"][0].effects for state in (wide, narrow)
        )
        assert value == 20.0
        assert wider.band.half_width > narrower.band.half_width > 0
    else:
        assert wide.swings == {}


def test_two_points_are_compared_until_it_is_sure(order: StudyOrder):
    verdict = compare_points(
        order,
        Comparison({"operating_limit_kw": 20.0}, {"operating_limit_kw": 60.0}, measure="peak_kw"),
        sureness=Sureness(indifferent_value=0.1, batch=2, most_seeds=12),
    )

    assert verdict.answer == "more"
    assert verdict.band.low_value > 0


def test_a_break_even_price_is_where_both_bills_are_alike(order: StudyOrder):
    found = find_break_even(
        order,
        Comparison({}, {"tariff": "same"}),
        turned="demand_price_per_kw",
        span=(0.0, 40.0),
    )

    # The same tariff twice: alike where its price is its own, 15 a kW; bills are to the cent.
    assert found.at_value == pytest.approx(15.0, abs=0.04)


def test_a_comparison_of_what_cannot_be_played_is_refused(order: StudyOrder):
    with pytest.raises(StudyError, match="cannot be played"):
        compare_points(
            order, Comparison({}, {"policy": "guess"}), sureness=Sureness(indifferent_value=1.0)
        )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "small"', "name = ", "not TOML"),
        ("seeds = 2", "seeds = 2\nspeed = 3", "speed"),
        ("service_kw = 80.0", "", "depot.service_kw"),
        ("ac_stations = [3, 4]", "ac_stations = []", "no value"),
        ("ac_stations = [3, 4]", "chargers = [3, 4]", "chargers cannot be turned"),
    ],
)
def test_a_file_that_declares_no_study_is_refused(order: StudyOrder, old, new, said: str):
    write_study(order.path.parent, text=STUDY.replace(old, new))

    with pytest.raises(StudyError, match=said):
        run_study(order)


def test_a_file_that_is_not_there_is_told(order: StudyOrder):
    (order.path.parent / "tariff.json").unlink()

    with pytest.raises(MissingFileError):
        run_study(order)


@pytest.mark.parametrize("most_s", [0.0, 60.0])
def test_a_limit_to_patience_is_refused_where_it_would_end_the_runner(
    order: StudyOrder, most_s: float
):
    with pytest.raises(StudyError, match="ended with its process") as caught:
        workers_of(replace(order, jobs=0, most_s=most_s))

    assert caught.value.where == "--most-seconds"


def test_a_cluster_without_dask_is_told(order: StudyOrder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("depotlib.workflows.run_study.CLUSTER_ROOM", "depotlib.studies.nowhere")

    with pytest.raises(StudyError, match="Dask is not installed"):
        run_study(StudyOrder(path=order.path, folder=order.folder, cluster="tcp://127.0.0.1:1"))
