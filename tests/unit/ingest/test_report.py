from datetime import UTC, datetime

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.readings import VehicleReading, joined_readings
from depotlib.ingest.report import TrialStore
from depotlib.ingest.session_rows import SessionRow, session_frame
from depotlib.ingest.source import Conventions, ReadOptions, SourceRows
from depotlib.ingest.sources.leeds_depot import LeedsDepot
from depotlib.ingest.sources.meter_csv import MeterCsv
from depotlib.ingest.sources.urdb import Urdb
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest"
UTC_TIMES = Conventions("UTC", "offsets in the file", "year_month_day", ())
START = datetime(2026, 11, 2, 22, tzinfo=UTC)
END = datetime(2026, 11, 3, 5, tzinfo=UTC)


def session_file(*, end: datetime | None = END, energy_kwh: float = 43.0) -> SourceRows:
    row = SessionRow("k", "journal", START, end, "f", 1, energy_wall_kwh=energy_kwh)
    return SourceRows(rows_in=1, conventions=UTC_TIMES, sessions=session_frame([row]))


def reading_file(**values: float) -> SourceRows:
    joined = joined_readings(
        [
            VehicleReading(vehicle_id="v", at=START, values={name: value}, row=row)
            for row, (name, value) in enumerate(values.items(), 1)
        ],
        source="s",
        file="f",
    )
    return SourceRows(
        rows_in=len(values),
        conventions=UTC_TIMES,
        telematics=joined.telematics,
        merged_rows=joined.merged_rows,
    )


def accounts(*files: SourceRows) -> list[tuple[int, int]]:
    trial = TrialStore()
    reports = [
        trial.account(f"file {number}", ReadRows(f"{number}", "s", rows))
        for number, rows in enumerate(files)
    ]
    return [(report.stored, report.duplicates) for report in reports]


def test_the_same_file_twice_in_a_dry_run_is_a_repeat():
    content = read_content(SAMPLES / "leeds_depot" / "log.csv")
    rows = LeedsDepot().read(content, ReadOptions())
    trial = TrialStore()

    read = ReadRows(content.digest, "leeds_depot", rows)
    first, second = trial.account("a.csv", read), trial.account("b.csv", read)

    # the sample: 10 rows, 4 of them sessions, 1 repeated, 5 rejected
    assert (first.stored, first.duplicates, first.is_repeat) == (4, 1, False)
    assert (second.stored, second.duplicates, second.is_repeat) == (0, 5, True)


def test_a_session_that_changed_is_stored_and_one_that_did_not_is_a_duplicate():
    files = session_file(), session_file(), session_file(energy_kwh=44.0)

    assert accounts(*files) == [(1, 0), (0, 1), (1, 0)]


def test_an_open_session_never_replaces_one_that_has_ended():
    assert accounts(session_file(end=None), session_file(), session_file(end=None)) == [
        (1, 0), (1, 0), (0, 1),
    ]  # fmt: skip


def test_readings_count_as_stored_while_they_say_something_new():
    files = reading_file(soc=0.5), reading_file(soc=0.5), reading_file(soc=0.6, odometer_km=9.0)

    # the third file's two readings are one row, of which the odometer is new
    assert accounts(*files) == [(1, 0), (0, 1), (2, 0)]


def test_overlapping_meter_files_store_each_interval_once():
    text = "interval_start,kw\n2026-11-02T17:00Z,1\n2026-11-02T17:15Z,2\n"
    first = MeterCsv().read(content_of("a", text.encode()), ReadOptions())
    longer = MeterCsv().read(
        content_of("b", (text + "2026-11-02T17:30Z,3\n").encode()), ReadOptions()
    )

    assert accounts(first, longer) == [(2, 0), (1, 2)]


def test_a_tariff_record_is_stored_once():
    content = read_content(SAMPLES / "urdb" / "three_records.json")
    rows = Urdb().read(content, ReadOptions())

    assert accounts(rows, rows) == [(1, 1), (0, 2)]
