"""Drills in a process of their own: one at a time, watched by a file, whatever becomes of them."""

import fcntl
import json
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.drills.drill import Drill, Verdict
from depotlib.drills.progress import (
    LOCK,
    LOG,
    PROGRESS,
    drills_folder,
    is_playing,
    last_words,
    playing,
    read_progress,
    start_drills,
    stop_drills,
)
from depotlib.drills.report import write_report
from depotlib.drills.results import kept_reports, last_results
from depotlib.errors import ProcessError
from depotlib.settings import Settings

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
SHORT, LONG = (Drill(name, "It happens", "it holds", "care", minutes, lambda _: ())
               for name, minutes in (("short", 2), ("long", 8)))  # fmt: skip


def verdict(name: str, *, trouble: str = "", not_judged: str = "") -> Verdict:
    return Verdict(name, "It happens", "it holds", NOW, NOW, (), trouble, not_judged)


def test_progress_is_told_by_what_each_drill_takes(tmp_path):
    assert read_progress(tmp_path) is None

    with playing(tmp_path, (SHORT, LONG)) as progress:
        progress.watch(SHORT, None)
        progress.watch(SHORT, verdict("short", trouble="it broke"))
        progress.watch(LONG, None)
        seen = read_progress(tmp_path)

    assert seen.is_alive
    assert (seen.now, dict(seen.outcomes)) == ("long", {"short": "failed"})
    # 2 of 10 minutes are done; 4 of 8 minutes into the second, 6; an hour into it, 2 + 95 % of 8
    assert seen.share(seen.now_since) == pytest.approx(0.2)
    assert seen.share(seen.now_since + timedelta(minutes=4)) == pytest.approx(0.6)
    assert seen.share(seen.now_since + timedelta(hours=1)) == pytest.approx(0.96)


def test_who_ends_before_it_is_done_is_told_from_who_is_done(tmp_path):
    with playing(tmp_path, (SHORT,)):
        pass
    ended = read_progress(tmp_path)
    with playing(tmp_path, (SHORT,)) as progress:
        progress.watch(SHORT, verdict("short"))
        progress.end()
    done = read_progress(tmp_path)

    assert (ended.is_alive, ended.ended_at) == (False, None)
    assert not done.is_alive
    assert done.ended_at is not None
    assert done.share(NOW) == 1.0


def test_only_one_process_plays_drills_for_a_folder(tmp_path):
    settings = Settings(home=tmp_path)
    folder = drills_folder(settings)
    folder.mkdir()

    with (folder / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert is_playing(folder)
        with pytest.raises(ProcessError, match="being played already"):
            start_drills(settings, "sleepers", mode="virtual")
        with pytest.raises(ProcessError, match="being played already"), playing(folder, (SHORT,)):
            pass

    assert not is_playing(folder)
    assert read_progress(folder) is None


def test_who_is_no_longer_alive_is_not_ended_by_its_number(tmp_path):
    settings = Settings(home=tmp_path)
    with playing(drills_folder(settings), (SHORT,)):
        pass

    stop_drills(settings)

    # Its number is this very process's: it would be over now.
    assert not read_progress(drills_folder(settings)).is_alive


def test_a_damaged_file_is_no_progress_and_the_log_is_cut(tmp_path):
    (tmp_path / PROGRESS).write_text("{")
    assert last_words(tmp_path) == ""
    (tmp_path / LOG).write_text("x" * 5000 + "the end\n")

    assert read_progress(tmp_path) is None
    assert last_words(tmp_path).endswith("the end")
    assert len(last_words(tmp_path)) < 1000


def test_the_newest_verdict_of_each_drill_is_found_in_both_ways_of_judging(tmp_path):
    later = NOW + timedelta(days=1)
    write_report(tmp_path, [verdict("short"), verdict("long", trouble="no")], made_at=NOW)
    write_report(tmp_path, [verdict("short", trouble="it broke")], made_at=later)
    write_report(tmp_path, [verdict("long", not_judged="quiet")], made_at=later, mode="shadow")
    (tmp_path / "drills-20270101T000000Z.json").write_text("no report")

    reports = kept_reports(tmp_path)

    assert len(reports) == 3
    played, shadowed = (last_results(reports, mode=mode) for mode in ("virtual", "shadow"))
    assert {name: one.word for name, one in played.items()} == {"short": "failed", "long": "failed"}
    assert played["short"].trouble == "it broke"
    assert {name: one.word for name, one in shadowed.items()} == {"long": "not judged"}
    assert all(one.page_path.exists() for one in reports)


def test_a_report_of_before_shadow_mode_is_read_all_the_same(tmp_path):
    written = write_report(tmp_path, [verdict("short")], made_at=NOW)
    told = json.loads(written.json_path.read_text())
    del told["mode"]
    for drill in told["drills"]:
        del drill["outcome"], drill["not_judged"]
    written.json_path.write_text(json.dumps(told))

    (report,) = kept_reports(tmp_path)

    assert (report.told.mode, report.told.drills[0].word) == ("virtual", "passed")
