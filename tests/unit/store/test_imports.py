from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from dataframely.exc import ValidationError

from depotlib.model.frames import ImportHistoryFrame, RejectionFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.store.connection import reading
from depotlib.store.imports import (
    has_digest,
    import_history,
    recorded_report,
    rejections,
    write_import,
)
from depotlib.store.sessions import sessions
from tests.unit.store.samples import (
    MIDNIGHT,
    NOON,
    after,
    batch,
    everything,
    import_meter,
    import_sessions,
    import_telematics,
    meter_frame,
    meter_row,
    reading_of,
    session,
    sessions_frame,
    telematics_frame,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def account(report) -> tuple[int, int, int]:
    return report.stored, report.duplicates, len(report.rejections)


def test_a_file_is_stored_with_its_account_closed(path: Path):
    bad = Rejection(row=2, reason="bad_time", detail="'yesterday' is no time", raw="a;yesterday")
    odd = Finding(kind="zero_energy", count=1, sentence="1 session has no energy")
    given = batch(
        "d1",
        rows_in=4,  # rows 1 and 4 stored, 2 rejected, 3 repeats 1
        duplicates_within=1,
        rejections=(bad,),
        findings=(odd,),
        sessions=sessions_frame(session("a", row=1), session("b", row=4)),
    )

    report = write_import(path, given, imported_at=NOON)

    assert account(report) == (2, 1, 1)
    assert (report.rejections, report.findings, report.is_repeat) == ((bad,), (odd,), False)
    assert sessions(path)["session_key"].to_list() == ["a", "b"]
    assert RejectionFrame.validate(rejections(path, "d1")).rows() == [
        ("d1", "d1.csv", 2, "bad_time", "'yesterday' is no time", "a;yesterday")
    ]
    history = ImportHistoryFrame.validate(import_history(path))
    assert history.select("import_no", "rows_in", "stored", "duplicates", "rejected").rows() == [
        (1, 4, 2, 1, 1)
    ]
    assert history["imported_at"].to_list() == [NOON]


def test_the_same_bytes_again_change_nothing_and_say_so(path: Path):
    bad = Rejection(row=2, reason="blank", detail="an empty row", raw="")
    given = batch("d1", rows_in=2, rejections=(bad,), sessions=sessions_frame(session()))
    write_import(path, given, imported_at=NOON)
    before = everything(path)

    report = write_import(path, given, imported_at=after(days=3))

    assert report.is_repeat
    assert account(report) == (0, 1, 1)
    assert report.rejections == (bad,)
    assert everything(path) == before
    assert recorded_report(path, "d1") == report


def test_a_digest_is_known_only_after_its_import(path: Path):
    assert not has_digest(path, "d1")
    import_sessions(path, session(), digest="d1")
    assert has_digest(path, "d1")
    assert not has_digest(path, "d2")
    assert recorded_report(path, "d2") is None


def test_overlapping_exports_store_each_session_once(path: Path):
    import_sessions(path, session("a", row=1), session("b", row=2), digest="monday")

    report = import_sessions(
        path, session("b", row=1), session("c", row=2), session("d", row=3), digest="tuesday"
    )

    assert account(report) == (2, 1, 0)
    assert sessions(path)["session_key"].to_list() == ["a", "b", "c", "d"]


def test_a_later_version_of_a_session_replaces_the_earlier_one(path: Path):
    import_sessions(path, session("a", plug_end=None, energy_wall_kwh=3.0), digest="1")

    report = import_sessions(path, session("a", energy_wall_kwh=21.0), digest="2")

    assert account(report) == (1, 0, 0)
    assert [finding.kind for finding in report.findings] == ["later_version"]
    assert sessions(path)["energy_wall_kwh"].to_list() == [21.0]


def test_an_older_export_does_not_open_a_session_again(path: Path):
    import_sessions(path, session("a", energy_wall_kwh=21.0), digest="2")

    report = import_sessions(path, session("a", plug_end=None, energy_wall_kwh=3.0), digest="1")

    assert account(report) == (0, 1, 0)
    assert sessions(path)["energy_wall_kwh"].to_list() == [21.0]


def test_of_versions_in_one_file_the_last_one_with_an_end_counts(path: Path):
    report = import_sessions(
        path,
        session("a", row=1, energy_wall_kwh=1.0),
        session("a", row=2, energy_wall_kwh=2.0),
        session("a", row=3, energy_wall_kwh=3.0, plug_end=None),
    )

    assert account(report) == (1, 2, 0)
    assert sessions(path).select("energy_wall_kwh", "src_row").rows() == [(2.0, 2)]


def test_readings_of_one_instant_are_one_row_and_each_source_row_counts(path: Path):
    report = import_telematics(
        path,
        reading_of("v1", minute=0, row=1, soc=0.5),
        reading_of("v1", minute=0, row=2, odometer_km=100.0),
        reading_of("v1", minute=0, row=3, soc=0.5),  # says nothing new
        reading_of("v1", minute=1, row=4, is_plugged=True),
    )

    assert account(report) == (3, 1, 0)
    assert [(row[0], row[2], row[3], row[6]) for row in everything(path)["telematics"]] == [
        ("v1", 0.5, 100.0, None),
        ("v1", None, None, True),
    ]


def test_what_a_known_reading_lacked_is_filled_in_and_what_it_had_is_kept(path: Path):
    import_telematics(path, reading_of("v1", minute=0, row=1, soc=0.5), digest="1")

    report = import_telematics(
        path,
        reading_of("v1", minute=0, row=1, soc=0.6),  # contradicts
        reading_of("v1", minute=0, row=2, power_kw=-7.0),  # adds
        reading_of("v1", minute=0, row=3, soc=0.5),  # repeats
        digest="2",
    )

    assert account(report) == (1, 2, 0)
    assert [(finding.kind, finding.count) for finding in report.findings] == [
        ("conflicting_reading", 1)
    ]
    row = everything(path)["telematics"][0]
    assert (row[2], row[4], row[9], row[10]) == (0.5, -7.0, "t.json", 1)


def test_a_restated_meter_reading_replaces_and_the_same_one_does_not(path: Path):
    import_meter(
        path, meter_row(minute=0, power_kw=10, row=1), meter_row(minute=1, power_kw=11, row=2),
        digest="1",
    )  # fmt: skip

    report = import_meter(
        path,
        meter_row(minute=0, power_kw=10, row=1),
        meter_row(minute=1, power_kw=12, row=2),
        meter_row(minute=2, power_kw=13, row=3),
        digest="2",
    )

    assert account(report) == (2, 1, 0)
    assert [(finding.kind, finding.count) for finding in report.findings] == [
        ("restated_reading", 1)
    ]
    assert [row[3] for row in everything(path)["meter"]] == [10.0, 12.0, 13.0]


def test_one_source_row_may_give_several_frame_rows(path: Path):
    given = batch(
        "d1",
        rows_in=1,
        sessions=sessions_frame(session("a", row=1)),
        telematics=telematics_frame(
            reading_of("v1", minute=0, row=1, soc=0.2), reading_of("v1", minute=9, row=1, soc=0.8)
        ),
        meter=meter_frame(meter_row(minute=0, power_kw=7, row=1)),
    )

    assert account(write_import(path, given, imported_at=NOON)) == (1, 0, 0)


def test_rows_merged_into_another_share_its_fate(path: Path):
    def log(digest: str):
        # start, meter value and stop of session a are rows 1 to 3; of session b rows 4 and 5
        return batch(
            digest,
            rows_in=5,
            sessions=sessions_frame(session("a", row=1), session(f"b of {digest}", row=4)),
            merged_rows=pl.DataFrame({"src_row": [2, 3, 5], "into_row": [1, 1, 4]}),
        )

    first = write_import(path, log("d1"), imported_at=NOON)
    second = write_import(path, log("d2"), imported_at=NOON)

    assert account(first) == (5, 0, 0)
    assert account(second) == (2, 3, 0)


@pytest.mark.parametrize("rows_in", [1, 3])
def test_a_source_that_loses_or_invents_a_row_is_a_defect(rows_in: int):
    rows = sessions_frame(session("a", row=1), session("b", row=2))

    with pytest.raises(AssertionError, match="gave 2 a place"):
        batch("d1", rows_in=rows_in, sessions=rows)


def test_a_row_that_counts_from_zero_is_a_defect():
    with pytest.raises(AssertionError, match="from 1"):
        batch("d1", rows_in=1, sessions=sessions_frame(session(row=0)))


def test_a_frame_against_its_schema_is_not_stored(path: Path):
    import_sessions(path, session(), digest="good")
    before = everything(path)

    with pytest.raises(ValidationError):
        import_telematics(path, reading_of("v1", minute=0, row=1, soc=1.5))

    assert everything(path) == before


def test_imports_are_listed_the_latest_first(path: Path):
    for number in range(3):
        import_sessions(
            path, session(f"s{number}", plug_start=MIDNIGHT - timedelta(days=number)),
            digest=f"d{number}",
        )  # fmt: skip

    assert import_history(path)["digest"].to_list() == ["d2", "d1", "d0"]
    assert rejections(path).is_empty()


def test_a_large_file_is_stored_to_its_last_row_whatever_tables_stay_empty(path: Path):
    # DuckDB 2.0.0 loses the rows of a large INSERT … SELECT that follows an empty one into the
    # same table within a transaction; below two row groups of 122,880 it never shows.
    rows = 300_000
    numbers = pl.int_range(rows, eager=True)
    readings = pl.concat(
        [telematics_frame(), pl.DataFrame({"vehicle_id": ["v1"]})], how="diagonal"
    ).select(
        pl.all().exclude("at", "soc", "source", "src_file", "src_row").repeat_by(rows).explode(),
        at=pl.lit(MIDNIGHT) + pl.duration(seconds=numbers),
        soc=pl.lit(0.5),
        source=pl.lit("telematics"),
        src_file=pl.lit("t.csv"),
        src_row=numbers + 1,
    )

    report = write_import(path, batch("d1", rows_in=rows, telematics=readings), imported_at=NOON)

    assert account(report) == (rows, 0, 0)
    with reading(path) as connection:
        assert connection.execute("SELECT count(soc) FROM telematics").fetchall() == [(rows,)]
