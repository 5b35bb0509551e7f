"""Drills shows what each drill proves and came of, and runs them in a process of their own."""

from dataclasses import replace

import pandas as pd
import pytest

from depotlib.drills.drill import at_most
from depotlib.drills.progress import drills_folder, is_playing, playing, read_progress
from depotlib.drills.registry import DRILLS
from depotlib.drills.report import write_report
from depotlib.drills.results import kept_reports
from tests.app.pages.opened import opened, shown, sound, words
from tests.app.whole_night import wait_for
from tests.unit.drills.test_progress import NOW, verdict


@pytest.fixture
def reported(empty):
    """Return a depot that keeps reports of both kinds."""
    folder = drills_folder(empty)
    offline = verdict("offline", trouble="the gateway ended with code 1")
    figure = at_most("vans that missed it", 0, bound=1, unit="vans")
    sleepers = replace(verdict("sleepers"), figures=(figure,))
    write_report(folder, [sleepers, offline], made_at=NOW)
    write_report(folder, [verdict("offline", not_judged="quiet")], made_at=NOW, mode="shadow")
    return empty


def test_before_any_drill_was_played_every_drill_is_there_with_what_it_proves(empty):
    app = opened("Drills")

    table = shown(app, "Passes when").set_index("Drill")
    assert list(table.index) == [one.name for one in DRILLS]
    assert set(table["Last result"]) == {"never played"}
    assert (table["In shadow"] == "cannot be judged").sum() == 3
    assert "what a van's charge really is nobody knows" in words(app)
    assert "No drill has been played here yet." in words(app)


def test_the_last_result_of_each_drill_is_told_and_its_report_can_be_taken_away(reported):
    app = opened("Drills")

    table = shown(app, "Passes when").set_index("Drill")
    assert table.loc["sleepers", "Last result"] == "passed"
    assert table.loc["offline", "Last result"] == "failed"
    assert table.loc["offline", "In shadow"] == "not judged"
    # 06:30 UTC, and there is no depot whose zone it could be told in
    assert table.loc["sleepers", "Played"] == pd.Timestamp("2026-11-21 06:30")
    app.selectbox(key="drill_report").set_value(
        next(one for one in kept_reports(drills_folder(reported)) if one.told.mode == "virtual")
    ).run()
    assert shown(app, "Measured")[["Measured", "Bound"]].to_numpy().tolist() == [[0.0, 1.0]]
    assert "offline: failed: the gateway ended with code 1" in words(sound(app)).replace("*", "")


def test_drills_run_in_a_process_of_their_own_and_the_page_goes_on(running):
    app = opened("Drills")
    app.radio(key="drill_mode").set_value("shadow")
    app.selectbox(key="drill_name").set_value("all")

    submit = next(one for one in app.button if one.label == "Run")
    sound(submit.click().run())

    folder = drills_folder(running)
    wait_for(lambda: bool(kept_reports(folder)), within_s=120, what="the report")
    wait_for(lambda: not is_playing(folder), within_s=120, what="the end of its process")
    (report,) = kept_reports(folder)
    assert report.told.mode == "shadow"
    assert [one.name for one in report.told.drills] == [one.name for one in DRILLS]
    app = opened("Drills")
    assert set(shown(app, "Passes when")["In shadow"]) <= {
        "cannot be judged", "not judged", "passed", "failed",
    }  # fmt: skip


def test_while_drills_are_played_the_page_tells_how_far_they_are_and_can_stop_them(empty):
    folder = drills_folder(empty)
    drills = [one for one in DRILLS if one.name in {"offline", "sleepers"}]

    with playing(folder, drills) as progress:
        progress.watch(drills[0], None)
        progress.watch(drills[0], verdict(drills[0].name))
        progress.watch(drills[1], None)
        app = opened("Drills")

    assert any(one.label == "Stop" for one in app.button)
    # The page that is drawn after their death says so.
    assert read_progress(folder).ended_at is None
    assert "The last drills were ended before they were done" in words(opened("Drills"))
