"""The journal read to its end, page by page: memory for one page, however long the night was."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from depotlib.exchange.mailbox import Mailbox
from depotlib.model.live import JournalKind, JournalRecord

PAGE: Final = 5000
PROBE: Final = 20
"""So many records in a row are not all told late."""


def records_after(
    mailbox: Mailbox, seq: int = 0, *, kinds: Sequence[JournalKind] | None = None
) -> Iterator[JournalRecord]:
    """Yield every journal record after a number, oldest first, of all kinds or of some.

    What is appended meanwhile is read, too. The mailbox must stay open until the last one.
    """
    while page := mailbox.journal(seq, PAGE, kinds=kinds):
        yield from page
        seq = page[-1].seq


def seq_before(mailbox: Mailbox, instant: datetime) -> int:
    """Return a record's number after which everything lies that the journal tells from an instant on.

    Found by halving, so that a night's question does not read a year's journal.
    """
    low, high = 0, mailbox.journal_head().seq
    while high - low > PROBE:
        middle = (low + high) // 2
        probe = mailbox.journal(middle, PROBE)
        # A record that was told late is older than those about it, and says nothing of them.
        if max(one.entry.at for one in probe) < instant:
            low = middle
        else:
            high = middle
    return low
