"""Real exports are told as an independent script counts them, and no row of them is lost.

The cuts in `tests/data/real` are always tried; the whole files where the client's folder lies
beside the checkout.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from depotlib.errors import UnknownSourceError
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.workflows.import_files import ImportChoices, import_files
from tests.known_answers.ingest.real_files.count_quirks import (
    FILES,
    count_file,
    swaps_before_unswapping,
)
from tests.places import DATA, ROOT, TEST_DATA

CUTS = TEST_DATA / "real"
SHARED = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
QUICK = {"barnet_2021Q2_blank_rows.csv", "epfl_dc172kW_sessions_2022-04_09.csv"}
SWAPPED = ("dundee_2018-02_swapped_dates.csv", "perth_kinross_2017-09_2018-08.csv")

whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the whole files are not beside us")
each_whole_file = pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.full) for name in FILES],
)


def reported(path: Path) -> ImportReport:
    settings = Settings(home=Path("never made"))
    choices = ImportChoices(is_dry_run=True)
    (imported,) = import_files([path], settings=settings, now=NOW, choices=choices)
    assert imported.error is None
    assert imported.report is not None
    return imported.report


def cut_of(name: str) -> Path:
    return CUTS / name if (CUTS / name).exists() else DATA / "leeds" / name


def told(report: ImportReport) -> dict[str, object]:
    found = {finding.kind: finding.count for finding in report.findings}
    if report.duplicates:
        found["repeated"] = report.duplicates
    return {"rows": report.rows_in, "refused": report.rejected_by_reason(), "found": found}


@pytest.mark.parametrize("name", FILES)
def test_a_cut_of_a_real_file_is_told_as_it_was_counted(name: str):
    counted = count_file(cut_of(name))

    report = reported(cut_of(name))

    assert told(report) == counted.told


@whole
@each_whole_file
def test_a_whole_real_file_is_told_as_it_was_counted(name: str):
    path = SHARED / "sessions" / name
    counted = count_file(path)

    report = reported(path)

    assert told(report) == counted.told


@pytest.mark.parametrize("name", SWAPPED)
def test_swapped_dates_are_said_with_the_harm_that_they_would_do(name: str):
    # Counted over the cut as it stands: lengths below 0 and above a week.
    harm = swaps_before_unswapping(CUTS / name)

    (finding,) = [one for one in reported(CUTS / name).findings if one.kind == "swapped_date"]

    impossible = harm["ends_before_start"] + harm["longer_than_a_week"]
    assert f"as they stand, {impossible:,} stays end before they start" in finding.sentence


ZONES = {"telematics": "America/Chicago", "load": "Asia/Seoul", "depots": "Europe/Berlin"}
"""Where those files are from that have local times and do not say where (DATASETS.md)."""


@whole
@pytest.mark.full
@pytest.mark.parametrize("folder", ["telematics", "load", "prices", "depots"])
def test_every_other_file_is_recognised_and_no_row_of_it_is_lost(folder: str):
    files = sorted(path for path in (SHARED / folder).rglob("*") if path.is_file())
    choices = ImportChoices(
        time_zone=ZONES.get(folder),
        # The modelled building: 8,760 hourly values of the year 2018 and nothing else.
        series_start="2018-01-01T00:00",
        interval_s=3600,
        is_dry_run=True,
    )

    tried = import_files(
        files, settings=Settings(home=Path("never made")), now=NOW, choices=choices
    )

    assert {one.file: one.error for one in tried if one.error is not None} == {}
    assert all(one.report is not None and one.report.rows_in for one in tried)


@whole
def test_a_data_dictionary_is_no_export_and_is_refused_in_words():
    path = SHARED / "sessions" / "boulder_datadictionary.csv"

    (tried,) = import_files(
        [path], settings=Settings(home=Path("never made")), now=NOW,
        choices=ImportChoices(is_dry_run=True),
    )  # fmt: skip

    assert isinstance(tried.error, UnknownSourceError)
    assert "Column Name,Description" in tried.error.what


@whole
def test_the_vendors_shapes_in_one_file_are_read_each_by_its_own_source():
    path = SHARED / "telematics" / "vendor_shapes_samsara_geotab.json"

    tried = import_files(
        [path], settings=Settings(home=Path("never made")), now=NOW,
        choices=ImportChoices(is_dry_run=True),
    )  # fmt: skip

    # Counted by hand in the file: two states of charge, a status, a counter before any charge,
    # a distance that nothing uses; and two charge events.
    accounts = [(one.report.source, one.report.rows_in, one.report.stored) for one in tried]
    assert accounts == [("samsara", 5, 3), ("geotab", 2, 2)]
