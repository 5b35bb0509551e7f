"""The journal is a chain: what is changed, taken out, put in or cut off shows."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from depotlib.errors import MailboxDamagedError, ModelError
from depotlib.exchange.chain import START_HASH, chained_hash, row_of
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.exchange import samples

COUNT = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "exchange.sqlite"
    with open_mailbox(path) as mailbox:
        mailbox.append([samples.entry(number) for number in range(COUNT)])
    return path


def outside(path: Path, sql: str, *values) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(sql, values)
    connection.close()


def test_entries_get_rising_numbers_and_come_back_as_written(tmp_path: Path):
    entries = [samples.entry(0), samples.entry(1, kind="boot")]

    with open_mailbox(tmp_path / "m") as mailbox:
        numbers = mailbox.append(entries)
        records = mailbox.journal()

    assert numbers == [1, 2]
    assert [record.entry for record in records] == entries
    assert [record.seq for record in records] == [1, 2]


def test_each_hash_covers_the_row_and_the_hash_before_it(path: Path):
    with open_mailbox(path) as mailbox:
        first, second = mailbox.journal(0, 2)

    assert first.hash == chained_hash(START_HASH, row_of(samples.entry(0), 1))
    assert second.hash == chained_hash(first.hash, row_of(samples.entry(1), 2))


def test_a_page_can_be_asked_by_number_and_by_kind(path: Path):
    with open_mailbox(path) as mailbox:
        mailbox.append([samples.entry(COUNT, kind="boot")])

        assert [record.seq for record in mailbox.journal(10, 3)] == [11, 12, 13]
        assert [record.seq for record in mailbox.journal(kinds=["boot", "status"])] == [COUNT + 1]
        assert mailbox.journal(kinds=["boo"]) == []
        assert mailbox.journal_head().seq == COUNT + 1


def test_an_untouched_journal_is_whole(path: Path):
    with open_mailbox(path) as mailbox:
        verdict = mailbox.verify_journal()

    assert (verdict.ok, verdict.first_bad_seq, verdict.count) == (True, None, COUNT)


def test_an_empty_journal_is_whole(tmp_path: Path):
    with open_mailbox(tmp_path / "m") as mailbox:
        assert mailbox.verify_journal().ok


def changed_energy(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "UPDATE journal SET payload = '{}' WHERE seq = ?", (seq,), seq


def changed_time(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "UPDATE journal SET at = replace(at, '2026', '2025') WHERE seq = ?", (seq,), seq


def changed_station(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "UPDATE journal SET station_id = NULL WHERE seq = ?", (seq,), seq


def changed_hash(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "UPDATE journal SET hash = lower(hex(randomblob(32))) WHERE seq = ?", (seq,), seq


def taken_out(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "DELETE FROM journal WHERE seq = ?", (seq,), seq


def cut_off(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(1, COUNT)
    return "DELETE FROM journal WHERE seq >= ?", (seq,), seq


def put_in_front(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(-9, 0)
    return "INSERT INTO journal VALUES (?, '2026', 'boot', NULL, NULL, '{}', '00')", (seq,), 1


def put_at_the_end(rng: random.Random) -> tuple[str, tuple, int]:
    seq = rng.randint(COUNT + 1, COUNT + 9)
    values = (seq,)
    return "INSERT INTO journal VALUES (?, '2026', 'boot', NULL, NULL, '{}', '00')", values, 0


WAYS = [
    changed_energy,
    changed_time,
    changed_station,
    changed_hash,
    taken_out,
    cut_off,
    put_in_front,
    put_at_the_end,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(5))
def test_tampering_is_found_where_it_happened(path: Path, way: Callable, seed: int):
    sql, values, first_bad = way(random.Random(seed))
    outside(path, sql, *values)

    with open_mailbox(path) as mailbox:
        verdict = mailbox.verify_journal()

    assert not verdict.ok
    assert verdict.first_bad_seq == (first_bad or COUNT + 1)
    assert str(verdict.first_bad_seq) in verdict.note or "end" in verdict.note


def test_a_chain_written_anew_after_a_change_is_found_by_the_head_file(path: Path):
    with open_mailbox(path) as mailbox:
        records = mailbox.journal()
    before = START_HASH
    for record in records:
        entry = samples.entry(99) if record.seq == COUNT else record.entry
        row = row_of(entry, record.seq)
        before = chained_hash(before, row)
        outside(
            path,
            "UPDATE journal SET at = ?, payload = ?, hash = ? WHERE seq = ?",
            *(row.at, row.payload, before, row.seq),
        )

    with open_mailbox(path) as mailbox:
        verdict = mailbox.verify_journal()

    assert (verdict.ok, verdict.first_bad_seq) == (False, COUNT)


@pytest.mark.parametrize("content", [None, b"", b"no head\n"])
def test_a_journal_without_a_readable_head_is_not_whole(path: Path, content: bytes | None):
    head = path.with_name("exchange.sqlite.head")
    head.unlink() if content is None else head.write_bytes(content)

    with open_mailbox(path) as mailbox:
        assert not mailbox.verify_journal().ok


def test_a_head_that_lags_behind_is_no_fault_and_catches_up(path: Path):
    head = path.with_name("exchange.sqlite.head")
    older = head.read_bytes()
    with open_mailbox(path) as mailbox:
        mailbox.append([samples.entry(COUNT)])
        head.write_bytes(older)  # as after a kill between commit and head

        assert mailbox.verify_journal().ok
        mailbox.append([samples.entry(COUNT + 1)])

    assert int(head.read_text().split()[0]) == COUNT + 2


def test_a_failed_transaction_leaves_no_record_and_the_chain_goes_on(path: Path):
    def fails(mailbox: Mailbox) -> None:
        with mailbox.transaction():
            mailbox.append([samples.entry(77)])
            raise ZeroDivisionError

    with open_mailbox(path) as mailbox:
        with pytest.raises(ZeroDivisionError):
            fails(mailbox)
        assert mailbox.append([samples.entry(COUNT)]) == [COUNT + 1]

        assert mailbox.verify_journal().count == COUNT + 1


def test_an_entry_without_offset_is_refused(path: Path):
    naive = JournalEntry(at=samples.EVENING.replace(tzinfo=None), kind="boot")

    with open_mailbox(path) as mailbox:
        with pytest.raises(ModelError):
            mailbox.append([samples.entry(), naive])
        assert mailbox.journal_head().seq == COUNT


def test_a_record_that_cannot_be_read_any_more_says_which(path: Path):
    outside(path, "UPDATE journal SET payload = '{' WHERE seq = 7")

    with open_mailbox(path) as mailbox, pytest.raises(MailboxDamagedError) as caught:
        mailbox.journal()

    assert caught.value.where == "journal 7"
