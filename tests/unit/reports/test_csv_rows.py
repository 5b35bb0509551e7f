"""CSV that a spreadsheet opens without running anything in it."""

from datetime import UTC, datetime

import polars as pl
import pytest

from depotlib.reports.csv_rows import safe_csv, safe_text


@pytest.mark.parametrize("evil", ["=1+1", "+1+1", "-1-1", "-x", "@SUM(A1)", "\t=1", "\uff1d1+1"])
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(evil):
    lines = safe_csv(pl.DataFrame({"van": [evil]})).decode()

    # RFC 4180 quotes a field that holds a tab nowhere, so the apostrophe is its first character.
    assert lines == f"van\n'{evil}\n"


@pytest.mark.parametrize("text", ["=1+1", "-x", "\t=1", "-1", "+1,234.50", "van-01", ""])
def test_a_single_cell_is_disarmed_as_a_whole_table_is(text):
    table = safe_csv(pl.DataFrame({"van": [text]})).decode().splitlines()[1]

    # RFC 4180: a field with a comma, and an empty one beside a missing one, are quoted.
    assert safe_text(text) == table.strip('"')


def test_a_heading_that_a_file_brought_is_disarmed_too():
    assert safe_csv(pl.DataFrame({"=1+1": [1]})) == b"'=1+1\n1\n"


@pytest.mark.parametrize("number", ["-1", "+1", "-1,234.50"])
def test_a_number_written_as_text_runs_nothing_and_stays_one(number):
    # RFC 4180: a field with a comma is quoted.
    assert (
        safe_csv(pl.DataFrame({"amount": [number]})).decode().splitlines()[1].strip('"') == number
    )


def test_a_negative_number_stays_a_number():
    assert safe_csv(pl.DataFrame({"power_kw": [-1.5]})) == b"power_kw\n-1.5\n"


def test_ordinary_texts_and_gaps_stay_as_they_are():
    frame = pl.DataFrame({"van": ["van-01", None], "note": ['say "x"', ""]})

    assert safe_csv(frame).decode().splitlines()[1] == 'van-01,"say ""x"""'


def test_an_instant_keeps_its_offset():
    frame = pl.DataFrame({"at": [datetime(2026, 11, 2, 21, 45, tzinfo=UTC)]})

    assert safe_csv(frame) == b"at\n2026-11-02T21:45:00+00:00\n"


def test_a_list_is_one_cell_and_disarmed_too():
    frame = pl.DataFrame({"vans": [["=a", "b"]]})

    assert safe_csv(frame) == b"vans\n'=a; b\n"
