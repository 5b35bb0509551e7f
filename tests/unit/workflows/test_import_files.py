"""Importing joins ingest and store: whole or not at all, once, with the raw bytes kept."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from depotlib.errors import (
    EmptyFileError,
    MissingFileError,
    TruncatedFileError,
    UnknownSourceError,
)
from depotlib.settings import Settings
from depotlib.store.catalogue import tariff_record
from depotlib.store.imports import import_history, rejections
from depotlib.store.raw import raw_file
from depotlib.store.sessions import sessions
from depotlib.workflows.import_files import GivenFile, ImportChoices, import_files
from tests.places import DATA, ROOT, TEST_DATA

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
SAMPLES = TEST_DATA / "ingest"
TARIFF = DATA / "tariffs" / "pge_b19_secondary_2020.json"
EXPORTS = [
    LEEDS,
    SAMPLES / "geotab" / "charge_events.json",
    SAMPLES / "geotab" / "status_data_and_trips.json",
    SAMPLES / "samsara" / "stats_history.json",
    SAMPLES / "meter_csv" / "energy_at_end.csv",
    SAMPLES / "journal" / "night.jsonl",
    TARIFF,
]


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def imported(files, settings: Settings, **choices):
    return import_files(files, settings=settings, now=NOW, choices=ImportChoices(**choices))


def accounts(files, settings: Settings, **choices):
    reports = [file.report for file in imported(files, settings, **choices)]
    return [
        (report.rows_in, report.stored, report.duplicates, len(report.rejections))
        for report in reports
    ]


def test_every_kind_of_file_is_stored_with_its_account_and_its_bytes(settings):
    done = imported(EXPORTS, settings)

    assert [file.error for file in done] == [None] * len(EXPORTS)
    for file, path in zip(done, EXPORTS, strict=True):
        assert file.report.stored > 0
        kept = raw_file(settings.raw_path, file.report.digest)
        assert kept.read_bytes() == path.read_bytes()
    # Leeds 432, Geotab 2, the journal 2
    assert sessions(settings.warehouse_path).height == 432 + 2 + 2
    assert tariff_record(settings.warehouse_path, "5e17b27c5457a3556573e3af") == TARIFF.read_text()


def test_a_dry_run_says_what_an_import_then_does_and_leaves_nothing(settings):
    tried = accounts(EXPORTS, settings, is_dry_run=True)

    assert not settings.home.exists()
    assert tried == accounts(EXPORTS, settings)


def test_a_dry_run_finds_what_its_own_files_repeat(settings):
    files = [LEEDS, LEEDS, SAMPLES / "leeds_depot" / "log.csv"]

    assert accounts(files, settings, is_dry_run=True) == accounts(files, settings)


def test_the_same_files_again_change_nothing(settings):
    first = imported(EXPORTS, settings)
    before = settings.warehouse_path, sessions(settings.warehouse_path)
    history = import_history(settings.warehouse_path)

    again = imported(EXPORTS, settings)

    assert all(file.report.is_repeat and file.report.stored == 0 for file in again)
    assert [file.report.rows_in for file in again] == [file.report.rows_in for file in first]
    assert sessions(settings.warehouse_path).equals(before[1])
    assert import_history(settings.warehouse_path).equals(history)


def test_an_export_that_overlaps_an_earlier_one_stores_each_session_once(settings):
    lines = LEEDS.read_bytes().splitlines(keepends=True)
    first = GivenFile("july.csv", b"".join(lines[:101]))
    second = GivenFile("august.csv", lines[0] + b"".join(lines[51:201]))

    # 100 sessions, then 150 of which 50 were there
    assert accounts([first, second], settings) == [(100, 100, 0, 0), (150, 100, 50, 0)]


def test_rejected_rows_are_kept_with_file_and_line(settings):
    imported([SAMPLES / "leeds_depot" / "log.csv"], settings)

    kept = rejections(settings.warehouse_path)

    assert kept["row"].to_list() == [6, 7, 8, 9, 10]
    assert set(kept["src_file"]) == {str(SAMPLES / "leeds_depot" / "log.csv")}


def test_a_bad_file_among_others_is_named_and_the_others_are_stored(settings, tmp_path):
    cut = tmp_path / "cut.csv"
    cut.write_bytes(LEEDS.read_bytes()[:5000])
    empty = tmp_path / "empty.json"
    empty.touch()

    done = imported([tmp_path / "nowhere", cut, empty, ROOT / "LICENSE", LEEDS], settings)

    assert [type(file.error) for file in done] == [
        MissingFileError, TruncatedFileError, EmptyFileError, UnknownSourceError, type(None),
    ]  # fmt: skip
    assert done[-1].report.stored == 432
    assert import_history(settings.warehouse_path).height == 1
    assert len(list(settings.raw_path.rglob("*.csv"))) == 1


def test_local_times_are_read_in_the_zone_that_is_given(settings):
    meter = DATA / "meter" / "steel_plant_15min_2018_01.csv"

    without, given = (
        imported([meter], settings),
        imported([meter], settings, time_zone="Asia/Seoul"),
    )

    assert "--time-zone" in without[0].error.hint
    assert given[0].report.stored == 31 * 96


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import depotlib.store.imports, depotlib.store.merge.everything, depotlib.store.raw
import depotlib.workflows.import_files as workflow
import depotlib.workflows.stored_file
from depotlib.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

room, step = sys.argv[1].rsplit(".", 1)
rooms = {
    "workflow": workflow, "stored": depotlib.workflows.stored_file, "raw": depotlib.store.raw,
    "imports": depotlib.store.imports, "merge": depotlib.store.merge.everything,
}
setattr(rooms[room], step, die)
workflow.import_files(
    [Path(sys.argv[2])], settings=Settings(home=Path(sys.argv[3])), now=datetime(2026, 11, 2, tzinfo=UTC)
)
"""


@pytest.mark.parametrize(
    "step",
    [
        "workflow.opened", "stored.keep_raw", "raw._check", "stored.write_import",
        "merge.merge_replacing", "merge._stored_rows", "imports._record",
    ],
)  # fmt: skip
def test_an_import_killed_at_a_step_leaves_the_store_as_before_and_can_be_repeated(
    settings, step: str
):
    imported([SAMPLES / "leeds_depot" / "log.csv"], settings)
    before = sessions(settings.warehouse_path)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(LEEDS), str(settings.home)],
        cwd=ROOT, check=False, capture_output=True, timeout=60,
    )  # fmt: skip

    assert killed.returncode == -9, killed.stderr.decode()
    assert sessions(settings.warehouse_path).equals(before)
    assert accounts([LEEDS], settings) == [(432, 432, 0, 0)]


def test_a_log_that_was_rotated_within_a_session_is_mended_by_joining_its_files(settings):
    def log(*frames: list) -> bytes:
        return b"".join(
            json.dumps({"station": "CP1", "time": "2026-11-01T23:00:00Z", "message": one}).encode()
            + b"\n"
            for one in frames
        )

    start = {
        "connectorId": 1,
        "idTag": "A",
        "meterStart": 1000,
        "timestamp": "2026-11-01T22:00:00Z",
    }
    stop = {"transactionId": 7, "meterStop": 9500, "timestamp": "2026-11-02T04:00:00Z"}
    first = log([2, "s", "StartTransaction", start],
                [3, "s", {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}])  # fmt: skip
    second = log([2, "e", "StopTransaction", stop])

    halves = imported([GivenFile("day1.jsonl", first), GivenFile("day2.jsonl", second)], settings)
    (joined,) = imported([GivenFile("both.jsonl", first + second)], settings)

    assert halves[0].report.stored == 1
    assert halves[1].report.rejected_by_reason() == {"no_start": 1}
    assert joined.error is None
    # one session, ended: 9,500 - 1,000 Wh
    assert sessions(settings.warehouse_path)["energy_wall_kwh"].to_list() == [8.5]
