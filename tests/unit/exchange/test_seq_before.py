"""A night's question reads the journal from its beginning on, and misses nothing of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.exchange.journal_pages import PROBE, records_after, seq_before
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.exchange.samples import EVENING

A_MINUTE = timedelta(minutes=1)
COUNT = 300


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        yield mailbox


@pytest.fixture
def told(mailbox: Mailbox) -> Mailbox:
    """Return a mailbox with a record a minute, and now and then one that was told an hour late."""
    mailbox.append(
        [JournalEntry(EVENING + (n - 60 * (n % 17 == 0)) * A_MINUTE, "meter") for n in range(COUNT)]
    )
    return mailbox


@pytest.mark.parametrize("minutes", [-1, 0, 1, 19, 150, 298, 299, 400])
def test_what_is_left_out_is_older_and_what_is_read_too_much_is_little(told, minutes: int):
    instant = EVENING + minutes * A_MINUTE

    seq = seq_before(told, instant)

    records = list(records_after(told))
    read = [one for one in records if one.seq > seq]
    wanted = sum(one.entry.at >= instant for one in records)
    assert all(one.entry.at < instant for one in records if one.seq <= seq)
    # The halving ends within a probe, and a probe that reaches beyond is not skipped; a
    # seventeenth of what follows was told late.
    assert len(read) <= wanted * 17 / 16 + 2 * PROBE + 5


def test_an_empty_journal_is_read_from_its_beginning(mailbox: Mailbox):
    assert seq_before(mailbox, EVENING) == 0
