"""A tampered journal is found, every time: a thousand random changes to a real mailbox file.

Each change is made in a transaction of its own and taken back, so that every one meets a whole
journal; what verifies is the shipped code, on the same file.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from depotlib.exchange.chain import JournalVerdict
from depotlib.exchange.database import Database, open_database
from depotlib.exchange.journal import Journal
from depotlib.model.live import JournalEntry

COUNT: Final = 60
CASES: Final = 1000
ROW: Final = "SELECT at, kind, station_id, connector_id, payload, hash FROM journal WHERE seq = ?"
SETS: Final = (
    "UPDATE journal SET at = CAST(? AS TEXT) WHERE seq = ?",
    "UPDATE journal SET kind = CAST(? AS TEXT) WHERE seq = ?",
    "UPDATE journal SET station_id = CAST(? AS TEXT) WHERE seq = ?",
    "UPDATE journal SET connector_id = CAST(? AS TEXT) WHERE seq = ?",
    "UPDATE journal SET payload = CAST(? AS TEXT) WHERE seq = ?",
    "UPDATE journal SET hash = CAST(? AS TEXT) WHERE seq = ?",
)
"""One for each field, in the order of `ROW`."""
PLACES: Final = SETS[2:4]
START: Final = datetime(2026, 11, 20, 20, tzinfo=UTC)


class TakenBackError(Exception):
    """Ends a transaction that is not to last."""


def entry(number: int) -> JournalEntry:
    station_id = f"AC-{number % 7:02d}"
    payload = {"power_kw": number / 10.0, "session_id": f"{station_id}/1@{number}", "seq": number}
    at = START + timedelta(seconds=number)
    return JournalEntry(at, "meter", station_id, f"{station_id}/1", payload)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "exchange.sqlite", create=True, busy_timeout_s=5.0)
    yield database
    database.close()


@pytest.fixture
def journal(database: Database, tmp_path: Path) -> Journal:
    journal = Journal(database, tmp_path / "exchange.sqlite.head")
    journal.append([entry(number) for number in range(COUNT)])
    journal.carry_head()
    return journal


def one_character(database: Database, rng: random.Random) -> None:
    """Change a single character of a single field."""
    field, seq = rng.randrange(len(SETS)), rng.randint(1, COUNT)
    row = database.row(ROW, (seq,))
    assert row is not None
    text = str(row[field])
    place = rng.randrange(len(text))
    other = chr((ord(text[place]) + rng.randint(1, 60)) % 0x7F)
    database.write(SETS[field], (text[:place] + other + text[place + 1 :], seq))


def not_text(database: Database, rng: random.Random) -> None:
    """Put bytes that are no text where text was."""
    values = (rng.choice((b"\xff\xfe\x00", b"\xc3(", b"\x80")), rng.randint(1, COUNT))
    database.write(rng.choice(SETS), values)


def forgotten_place(database: Database, rng: random.Random) -> None:
    database.write(rng.choice(PLACES), (None, rng.randint(1, COUNT)))


def other_number(database: Database, rng: random.Random) -> None:
    seq, to = rng.randint(1, COUNT), rng.choice((rng.randint(-9, 0), COUNT + rng.randint(1, 9)))
    database.write("UPDATE journal SET seq = ? WHERE seq = ?", (to, seq))


def taken_out(database: Database, rng: random.Random) -> None:
    database.write("DELETE FROM journal WHERE seq = ?", (rng.randint(1, COUNT),))


def taken_out_and_closed_up(database: Database, rng: random.Random) -> None:
    seq = rng.randint(1, COUNT)
    database.write("DELETE FROM journal WHERE seq = ?", (seq,))
    for later in range(seq + 1, COUNT + 1):
        database.write("UPDATE journal SET seq = ? WHERE seq = ?", (later - 1, later))


def cut_off(database: Database, rng: random.Random) -> None:
    database.write("DELETE FROM journal WHERE seq >= ?", (rng.randint(1, COUNT),))


def cut_in_front(database: Database, rng: random.Random) -> None:
    database.write("DELETE FROM journal WHERE seq <= ?", (rng.randint(1, COUNT),))


def swapped(database: Database, rng: random.Random) -> None:
    one, other = rng.sample(range(1, COUNT + 1), 2)
    for was, to in ((one, -1), (other, one), (-1, other)):
        database.write("UPDATE journal SET seq = ? WHERE seq = ?", (to, was))


def repeated(database: Database, rng: random.Random) -> None:
    """Put a copy of a record somewhere else, in the place of another or at the end."""
    seq = rng.randint(1, COUNT)
    to = rng.choice([one for one in range(1, COUNT + 2) if one != seq])
    database.write(
        "INSERT OR REPLACE INTO journal SELECT ?, at, kind, station_id, connector_id, payload,"
        " hash FROM journal WHERE seq = ?",
        (to, seq),
    )


def other_hash(database: Database, rng: random.Random) -> None:
    digest = f"{rng.getrandbits(256):064x}"
    database.write("UPDATE journal SET hash = ? WHERE seq = ?", (digest, rng.randint(1, COUNT)))


def hash_of_another(database: Database, rng: random.Random) -> None:
    one, other = rng.sample(range(1, COUNT + 1), 2)
    database.write(
        "UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = ?) WHERE seq = ?",
        (other, one),
    )


WAYS: Final[tuple[Callable[[Database, random.Random], None], ...]] = (
    one_character,
    not_text,
    forgotten_place,
    other_number,
    taken_out,
    taken_out_and_closed_up,
    cut_off,
    cut_in_front,
    swapped,
    repeated,
    other_hash,
    hash_of_another,
)


def verdict_after(
    database: Database,
    journal: Journal,
    *,
    way: Callable[[Database, random.Random], None],
    rng: random.Random,
) -> JournalVerdict:
    """Return what verifying says of a tampered journal, and make it whole again."""
    found: list[JournalVerdict] = []

    def tampered() -> None:
        with database.transaction():
            way(database, rng)
            found.append(journal.verify())
            raise TakenBackError

    with pytest.raises(TakenBackError):
        tampered()
    return found[0]


def test_a_thousand_random_changes_are_all_found(database: Database, journal: Journal):
    rng = random.Random(20261120)

    missed = []
    for case in range(CASES):
        way = WAYS[case % len(WAYS)]
        verdict = verdict_after(database, journal, way=way, rng=rng)
        if verdict.ok or verdict.first_bad_seq is None:
            missed.append((case, way.__name__))

    assert missed == []
    assert journal.verify().ok, "each change was taken back"


def test_without_the_second_file_a_cut_at_the_end_could_not_be_shown(
    database: Database, journal: Journal, tmp_path: Path
):
    """Shows that the head file is what finds it: an older head makes the same cut invisible."""
    head = tmp_path / "exchange.sqlite.head"
    last = database.texts("SELECT hash FROM journal WHERE seq = ?", (COUNT - 5,))[0]
    database.write("DELETE FROM journal WHERE seq > ?", (COUNT - 5,))

    with_head = journal.verify()
    head.write_text(f"{COUNT - 5:020d} {last}\n")
    with_older_head = journal.verify()

    assert (with_head.ok, with_head.first_bad_seq) == (False, COUNT - 4)
    assert with_older_head.ok
