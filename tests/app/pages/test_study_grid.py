"""Study grid: its figures are the workflow's; a run is a job that the address leads back to."""

import shutil

import pytest

from depotlib.exchange.job_desk import new_job
from depotlib.workflows.background_job import do_job, seen_job
from depotlib.workflows.declare_study import keep_study, kept_studies, results_folder
from depotlib.workflows.run_study import StudyOrder, run_study, show_study
from depotlib.workflows.study_job import study_arguments
from tests.app.pages.opened import numbers, opened, shown, sound, words
from tests.app.whole_night import wait_for
from tests.study_files import STUDY, write_study


@pytest.fixture
def kept(empty, tmp_path):
    """Return a depot's folder without a depot in it that keeps a small study."""
    return keep(empty, tmp_path, text=STUDY)


def keep(settings, folder, *, text):
    source = folder / "given"
    source.mkdir(exist_ok=True)
    write_study(source, text=text)
    files = {path.name: path.read_bytes() for path in source.iterdir()}
    keep_study(settings, "small", files=files)
    return settings


def order_of(settings):
    return StudyOrder(path=kept_studies(settings)["small"], folder=results_folder(settings), jobs=0)


def test_before_anything_was_played_the_shipped_study_stands_there_with_one_button(empty):
    app = opened("Study grid")

    assert app.selectbox(key="study").value == "how_many_chargers"
    # data/studies/how_many_chargers.toml: 2 services, 4 and 3 numbers of stations, 5 draws.
    assert numbers(app)["Scenarios"] == "0 of 120"
    assert "No scenario has a result yet" in words(app)
    assert "There is no depot here yet" in words(app)


def test_the_figures_are_the_workflows(kept):
    run_study(order_of(kept))
    state = show_study(order_of(kept).path, results_folder(kept))

    app = opened("Study grid", {"study": "small"})

    assert numbers(app) == {
        "Scenarios": "8 of 8",
        "Failed": "0",
        "Points beaten by none": str(state.best.height),
    }
    tables = [one.value for one in app.dataframe if "Peak (kW)" in one.value.columns]
    assert [len(one) for one in tables] == [state.best.height, 4]
    assert tables[1]["Bill (USD)"].tolist() == state.means["bill"].to_list()
    assert tables[1]["Peak (kW)"].tolist() == state.means["peak_kw"].to_list()
    assert tables[1]["Ready (%)"].tolist() == [
        100 * share for share in state.means["ready_mean_share"]
    ]


def test_a_tornado_shows_what_each_axis_swings(empty, tmp_path):
    text = STUDY.replace('name = "small"', 'name = "small"\ndesign = "tornado"').replace(
        'policy = "fcfs"', 'policy = "fcfs"\nac_stations = 3\noperating_limit_kw = 60.0'
    )
    keep(empty, tmp_path, text=text)
    run_study(order_of(empty))
    state = show_study(order_of(empty).path, results_folder(empty))

    app = opened("Study grid", {"study": "small"})
    sound(app.selectbox(key="study_measure").set_value("peak_kw").run())

    assert "one after the other" in words(app).lower()
    # The base and one other value of each of two axes.
    assert numbers(app)["Scenarios"] == "6 of 6" == f"{state.found} of {state.total}"
    assert len(shown(app, "Peak (kW)")) == 3
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.full
def test_the_button_runs_the_study_in_a_process_of_its_own_and_the_address_leads_back(kept):
    app = opened("Study grid", {"study": "small"})

    sound(app.button(key="study_run").click().run())
    job_id = app.query_params["job"]
    wait_for(lambda: not seen_job(kept, job_id).is_alive, within_s=120, what="the study's end")
    app = opened("Study grid", {"study": "small", "job": job_id})

    assert seen_job(kept, job_id).job.state == "finished"
    assert "All 8 scenarios have a result." in words(app)
    assert numbers(app)["Scenarios"] == "8 of 8"


def test_a_job_that_died_failed_or_is_nobodys_is_told_as_such(kept):
    order = order_of(kept)
    new_job(kept.home, "lost", kind="study", arguments=study_arguments(order), now=now(kept))
    failing = {**study_arguments(order), "file": str(order.path.with_name("gone.toml"))}
    new_job(kept.home, "failing", kind="study", arguments=failing, now=now(kept))
    do_job(kept, "failing")

    died = words(opened("Study grid", {"study": "small", "job": "lost"}))
    failed = words(opened("Study grid", {"study": "small", "job": "failing"}))
    unknown = words(opened("Study grid", {"study": "small", "job": "nobody"}))

    assert "died before it was done" in died
    assert "This work failed:" in failed
    assert "gone.toml" in failed
    assert "there is no job 'nobody' here" in unknown.lower()


def test_what_a_run_will_take_is_told_before_it(kept):
    app = opened("Study grid", {"study": "small"})

    app.button(key="study_estimate").click().run()

    # One of the eight is played to learn it, and kept.
    assert "7 scenarios of 8 are missing" in words(sound(app))
    assert numbers(opened("Study grid", {"study": "small"}))["Scenarios"] == "1 of 8"


def test_a_new_study_of_the_demo_depot_is_kept_with_its_tables(demo):
    app = opened("Study grid")
    app.text_input(key="study_name").set_value("fewer")
    app.text_input(key="study_values_1").set_value("36, 40, 44")
    app.text_input(key="study_values_2").set_value("300, 350")

    submit = next(one for one in app.button if one.label == "Keep this study")
    sound(submit.click().run())

    assert app.selectbox(key="study").value == "fewer"
    # 3 numbers of stations, 2 services, 4 draws of chance.
    assert numbers(app)["Scenarios"] == "0 of 24"
    folder = kept_studies(demo)["fewer"].parent
    assert len((folder / "dwells.csv").read_text().splitlines()) == 1 + 60
    assert len((folder / "stations.csv").read_text().splitlines()) == 1 + 48
    shutil.rmtree(folder)
    assert "fewer" not in kept_studies(demo)


def now(settings):
    return settings.depot_clock().now()
