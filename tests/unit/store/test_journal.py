import json
from pathlib import Path

import pytest

from depotlib.errors import JournalForkError
from depotlib.model.frames import JournalFrame
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.store.journal import append_journal, journal, last_seq
from tests.unit.store.samples import after, everything


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def record(seq: int, *, kind: str = "meter", digest: str = "") -> JournalRecord:
    entry = JournalEntry(after(minutes=seq), kind, "cp1", "cp1/1", {"power_kw": 7.4, "note": None})
    return JournalRecord(seq, entry, digest or f"hash {seq}")


def test_records_are_kept_in_order_with_their_payload(path: Path):
    added = append_journal(path, [record(2, kind="boot"), record(1)])

    found = JournalFrame.validate(journal(path))
    assert added == 2
    assert found.drop("payload_json").rows() == [
        (1, after(minutes=1), "meter", "cp1", "cp1/1", "hash 1"),
        (2, after(minutes=2), "boot", "cp1", "cp1/1", "hash 2"),
    ]
    assert json.loads(found["payload_json"][0]) == {"power_kw": 7.4, "note": None}


def test_collecting_again_adds_only_what_is_new(path: Path):
    append_journal(path, [record(1), record(2)])

    added = append_journal(path, [record(2), record(3), record(3)])

    assert added == 1
    assert journal(path)["seq"].to_list() == [1, 2, 3]
    assert last_seq(path) == 3


def test_a_journal_can_be_asked_by_kind_and_half_open_span(path: Path):
    append_journal(path, [record(n, kind="boot" if n % 2 else "meter") for n in range(1, 7)])

    by_kind = journal(path, ["boot"])
    by_span = journal(path, start=after(minutes=2), end=after(minutes=4))

    assert by_kind["seq"].to_list() == [1, 3, 5]
    assert by_span["seq"].to_list() == [2, 3]


def test_before_any_record_the_last_one_is_number_zero(path: Path):
    assert last_seq(path) == 0
    assert append_journal(path, []) == 0
    assert not path.exists()


def test_the_journal_of_another_mailbox_is_refused_and_nothing_of_it_kept(path: Path):
    append_journal(path, [record(1), record(2)])
    before = everything(path)

    with pytest.raises(JournalForkError, match="record 2 differs"):
        append_journal(path, [record(2, digest="other"), record(3)])

    assert everything(path) == before
