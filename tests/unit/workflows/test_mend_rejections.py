"""Rejected records come out in a file that can be imported as it is once somebody mended them."""

import gzip
import io
import json
from datetime import UTC, datetime

import pytest
import xlsxwriter

from depotlib.cli.main import run_command
from depotlib.errors import RawFileError, RejectionsError
from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.store.raw import raw_file
from depotlib.workflows.import_files import GivenFile, ImportChoices, import_files
from depotlib.workflows.mend_rejections import rejected_file
from tests.places import TEST_DATA

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SAMPLES = TEST_DATA / "ingest"
LOG = (SAMPLES / "leeds_depot" / "log.csv").read_bytes()
METER = b"Meter of the depot\r\nstart;kWh\r\n2026-11-01T10:00Z;1,5\r\n2026-11-01T10:15Z;x\r\n\r\n" \
        b"2026-11-01T10:30Z;2,5\r\n2026-11-01T10:45Z;3,5\r\n2026-11-01T11:00Z;4,5\r\n" \
        b"2026-11-01T11:15Z;5,5\r\n"  # fmt: skip


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def imported(settings: Settings, name: str, data: bytes):
    (file,) = import_files(
        [GivenFile(name, data)],
        settings=settings,
        now=NOW,
        choices=ImportChoices(time_zone="Europe/London"),
    )
    assert file.error is None
    return file.report


def events() -> bytes:
    return (SAMPLES / "geotab" / "charge_events.json").read_bytes()


def as_lines(data: bytes) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in json.loads(data)) + b"\n"


def as_workbook(data: bytes) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(data.decode().splitlines()):
            for column, field in enumerate(line.split(";")):
                sheet.write_string(row, column, field)
    return target.getvalue()


MENDED = {
    # Each file with what is wrong in it, what is right, and how many records that mends.
    "meter.csv": (METER, ";x", ";2", 1),
    "meter.xlsx": (as_workbook(METER), ",x", ",2", 1),
    "meter.csv.gz": (gzip.compress(METER), ";x", ";2", 1),
    "events.json": (events(), '"energyConsumedKwh": -', '"energyConsumedKwh": ', 1),
    "events.jsonl": (as_lines(events()), '"energyConsumedKwh":-', '"energyConsumedKwh":', 1),
    "stats.json": (
        (SAMPLES / "samsara" / "stats_history.json").read_bytes(), '"value": 250000', '"value": 95000', 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MENDED))
def test_mended_records_are_imported_as_they_are_given_out(settings, name: str):
    data, wrong, right, mended = MENDED[name]
    first = imported(settings, name, data)
    filled = [each for each in first.rejections if each.reason != "blank"]

    given = rejected_file(settings, named=name)
    assert (given.count, given.rejected) == (len(filled), len(first.rejections))
    again = imported(settings, "again", given.text.encode())
    assert (again.source, again.stored, len(again.rejections)) == (first.source, 0, len(filled))

    assert given.text.count(wrong) == mended
    better = imported(settings, "mended", given.text.replace(wrong, right).encode())
    assert (better.stored, len(better.rejections)) == (mended, len(filled) - mended)


def test_what_stands_above_and_the_sound_rows_beside_stay_and_empty_rows_do_not(settings):
    imported(settings, "meter.csv", METER)

    given = rejected_file(settings, named="meter.csv")

    assert given.name == "meter.rejected.csv"
    assert given.text == (
        "Meter of the depot\nstart;kWh\n"
        "2026-11-01T10:00Z;1,5\n2026-11-01T10:15Z;x\n"
        "2026-11-01T10:30Z;2,5\n2026-11-01T10:45Z;3,5\n2026-11-01T11:00Z;4,5\n"
    )
    assert [(each.row, each.reason) for each in given.reasons] == [(4, "bad_number"), (5, "blank")]


def test_an_import_is_named_by_its_file_or_the_start_of_its_digest(settings):
    report = imported(settings, "here/log.csv", LOG)

    found = {
        rejected_file(settings, named=named).text
        for named in ("here/log.csv", "log.csv", report.digest[:6], report.digest)
    }

    assert len(found) == 1
    for unknown in ("other.csv", report.digest[:3]):
        with pytest.raises(RejectionsError, match="nothing was imported"):
            rejected_file(settings, named=unknown)


def test_a_file_without_anything_to_mend_says_so(settings):
    imported(settings, "clean.csv", METER.replace(b";x", b";2"))

    with pytest.raises(RejectionsError, match="none was rejected but empty rows"):
        rejected_file(settings, named="clean.csv")


def test_records_that_are_no_rows_and_no_objects_are_mended_in_their_file(settings):
    imported(settings, "feed.xml", (SAMPLES / "green_button" / "feed.xml").read_bytes())

    with pytest.raises(RejectionsError, match="cannot be taken out"):
        rejected_file(settings, named="feed.xml")


def test_a_raw_file_that_is_gone_is_missed(settings):
    report = imported(settings, "log.csv", LOG)
    raw_file(settings.raw_path, report.digest).unlink()

    with pytest.raises(RawFileError, match="not kept"):
        rejected_file(settings, named="log.csv")


def test_the_command_writes_the_file_and_says_why_each_was_rejected(
    settings, tmp_path, monkeypatch, capsys
):
    imported(settings, "meter.csv", METER)
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))

    assert run_command(["rejections", "meter.csv", "--out", str(tmp_path)]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (tmp_path / "meter.rejected.csv").read_text().startswith("Meter of the depot\n")
    assert (told["records"], told["rejected"]) == (1, 2)
    assert told["reasons"][0] == {"row": 4, "reason": "bad_number", "detail": "kWh is 'x'"}
    assert import_history(settings.warehouse_path).height == 1
