"""The journal read to its end, page by page: memory for one page, however long the night was."""

from collections.abc import Iterator, Sequence
from typing import Final

from depotlib.exchange.mailbox import Mailbox
from depotlib.model.live import JournalKind, JournalRecord

PAGE: Final = 5000


def records_after(
    mailbox: Mailbox, seq: int = 0, *, kinds: Sequence[JournalKind] | None = None
) -> Iterator[JournalRecord]:
    """Yield every journal record after a number, oldest first, of all kinds or of some.

    What is appended meanwhile is read, too. The mailbox must stay open until the last one.
    """
    while page := mailbox.journal(seq, PAGE, kinds=kinds):
        yield from page
        seq = page[-1].seq
