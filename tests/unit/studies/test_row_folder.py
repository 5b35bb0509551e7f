"""Results on the disk: whole or not there, and equal rows in equal bytes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from depotlib.studies.row_folder import REASON, RowFolder, encoded_row

ID, OTHER = "ab" + "0" * 62, "cd" + "1" * 62


@pytest.fixture
def folder(tmp_path: Path) -> RowFolder:
    return RowFolder(tmp_path / "rows")


def test_equal_rows_are_equal_bytes():
    row = {"bill_amount": 9476.84, "ready": 60, "policy": "edf", "is_final": True, "co2_kg": None}

    assert encoded_row(ID, row) == encoded_row(ID, dict(row))
    assert encoded_row(ID, row) != encoded_row(OTHER, row)


def test_what_was_written_is_read_in_the_order_asked_for(folder: RowFolder):
    folder.write(ID, encoded_row(ID, {"bill_amount": 1.5, "co2_kg": None}))
    folder.write(OTHER, encoded_row(OTHER, {"bill_amount": 2.5, "co2_kg": 7.0}))

    read = folder.read([OTHER, "ee" + "2" * 62, ID])

    assert read["scenario_id"].to_list() == [OTHER, ID]
    assert read["bill_amount"].to_list() == [2.5, 1.5]
    assert read["co2_kg"].to_list() == [7.0, None]
    assert read[REASON].to_list() == [None, None]


def test_a_result_without_its_end_counts_as_missing(folder: RowFolder):
    whole = encoded_row(ID, {"bill_amount": 1.5})

    for content in (b"", b"PAR1", whole[:-1], whole[:40], bytes(len(whole))):
        folder.write(ID, content)
        assert not folder.is_whole(ID)
        assert folder.read([ID]).is_empty()
    folder.write(ID, whole)

    assert folder.is_whole(ID)
    assert not folder.is_whole(OTHER)


def test_a_failure_is_told_from_a_result(folder: RowFolder):
    folder.write(ID, encoded_row(ID, {REASON: "no night"}))
    folder.write(OTHER, encoded_row(OTHER, {"bill_amount": 2.5}))

    assert folder.failed([ID, OTHER]) == [ID]
    folder.remove(ID)
    folder.remove(ID)
    assert folder.failed([ID, OTHER]) == []
    assert folder.read([ID, OTHER])["bill_amount"].to_list() == [2.5]


def test_nothing_but_results_is_left_in_the_folder(folder: RowFolder):
    folder.write(ID, encoded_row(ID, {"bill_amount": 1.5}))

    assert [path.name for path in folder.path.rglob("*") if path.is_file()] == [f"{ID}.parquet"]


def test_two_writers_of_one_process_do_not_share_an_unfinished_file(folder: RowFolder):
    # A process has one number for all its threads, and machines on a shared folder may share it.
    content = encoded_row(ID, {"bill_amount": 1.5})

    with ThreadPoolExecutor(4) as threads:
        written = [threads.submit(folder.write, ID, content) for _ in range(80)]

    assert [one.exception() for one in written] == [None] * 80
    assert folder.is_whole(ID)
