"""Chooses the reader of a document of market prices."""

from typing import Final, Protocol

from depotlib.tariffs.spot import caiso, entsoe, mapped_table, smard
from depotlib.tariffs.spot.mapped_table import USUAL_COLUMNS, PriceColumns
from depotlib.tariffs.spot.reading import SpotReading

HEAD_BYTES: Final = 4000


class _Format(Protocol):
    def is_mine(self, head: str) -> bool:
        """Return whether a document is of this format."""
        ...

    def read(self, document: bytes, *, where: str) -> SpotReading:
        """Return the prices of a document."""
        ...


FORMATS: Final[tuple[_Format, ...]] = (smard, caiso, entsoe)
"""Formats with a mark of their own; anything else is a table whose columns are mapped."""


def prices_from_document(
    document: bytes, *, where: str, columns: PriceColumns = USUAL_COLUMNS
) -> SpotReading:
    """Return the prices that a document holds, whichever market gave it.

    Parameters
    ----------
    document : bytes
        SMARD CSV, ENTSO-E XML (A44), CAISO OASIS CSV, or a CSV with a start and a price.
    where : str
        What to call the document in an error.
    columns : PriceColumns
        For a table that is none of the known ones.

    Raises
    ------
    SpotPriceError
        If the document cannot be read.
    TimeZoneNeededError
        If the times of a table are local and no zone is given.
    """
    head = document[:HEAD_BYTES].decode("utf-8-sig", errors="replace")
    for each in FORMATS:
        if each.is_mine(head):
            return each.read(document, where=where)
    return mapped_table.read(document, where=where, columns=columns)
