"""A journal longer than a page is read to its end, what came meanwhile included."""

from pathlib import Path

from depotlib.exchange.journal_pages import PAGE, records_after
from depotlib.exchange.mailbox import open_mailbox
from tests.unit.exchange import samples

COUNT = PAGE + 3
"""One page and a piece of the next."""


def test_a_long_journal_is_read_whole_and_what_is_appended_while_reading(tmp_path: Path):
    with open_mailbox(tmp_path / "m") as mailbox:
        mailbox.append([samples.entry(number) for number in range(COUNT)])
        pages = records_after(mailbox)
        first = next(pages)
        mailbox.append([samples.entry(COUNT)])

        rest = list(pages)

    assert [first.seq, *(record.seq for record in rest)] == list(range(1, COUNT + 2))


def test_a_number_and_kinds_leave_out_the_others(tmp_path: Path):
    with open_mailbox(tmp_path / "m") as mailbox:
        mailbox.append([samples.entry(0, kind="boot"), samples.entry(1, kind="boot")])
        mailbox.append([samples.entry(2)])

        assert [record.seq for record in records_after(mailbox, 1, kinds=["boot"])] == [2]
        assert list(records_after(mailbox, 3)) == []
