"""The page of quirks and the tests behind it: each row is shown, or says why it is not."""

import re
from typing import Final, get_args

from depotlib.model.live import JournalKind
from tests.places import ROOT

ROWS: Final = 30
"""Rows of the list of field quirks that the page was made from."""
PAGE: Final = (ROOT / "docs" / "quirks.md").read_text()
TESTS: Final = "".join(
    path.read_text() for path in (ROOT / "tests" / "conformance").glob("test_quirks_*.py")
)
ROW: Final = r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| (test|reason) \|$"


def rows() -> dict[int, tuple[str, str]]:
    """By number what is done about a quirk, and how that is shown."""
    found = re.findall(ROW, PAGE, flags=re.MULTILINE)
    return {int(number): (done, shown) for number, _, done, shown in found}


def shown() -> set[int]:
    """The rows that a test names; one test may name two of them."""
    names = re.findall(r"^def test_quirk((?:_\d\d)+)_", TESTS, flags=re.MULTILINE)
    return {int(number) for name in names for number in name.strip("_").split("_")}


def test_every_row_is_there_once_and_in_order():
    numbers = [int(one[0]) for one in re.findall(ROW, PAGE, flags=re.MULTILINE)]

    assert numbers == list(range(1, ROWS + 1))


def test_every_row_has_a_test_or_a_reason_and_never_both():
    tested = {number for number, (_, how) in rows().items() if how == "test"}

    assert shown() == tested
    assert all("reason: " in done for done, how in rows().values() if how == "reason")


def test_the_journal_words_of_the_page_exist():
    words = re.findall(r"\(`(\w+)`\)|`(\w+)` in the journal", PAGE)

    assert {one for pair in words for one in pair if one} - {"late_s"} <= set(get_args(JournalKind))
