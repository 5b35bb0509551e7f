"""What a reader of market prices hands over: the prices, and every value of the file accounted for."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from depotlib.errors import SpotPriceError
from depotlib.model.import_report import Finding, Rejection

KEY = ("series", "interval_start", "interval_s")


@dataclass(frozen=True, slots=True)
class SpotReading:
    """The prices of one file, and the account of its values.

    ``values_in + filled == prices + missing + other + duplicates + rejections``.

    Parameters
    ----------
    prices : polars.DataFrame
        `PriceFrame`, by series and time.
    values_in : int
        Prices that the file has room for: cells of a table, points of a document.
    filled : int
        Intervals that the file's format leaves out because the price before them repeats.
    missing : int
        Values that the file marks as not there.
    other : int
        Values that are no price of energy (parts of a price, such as congestion).
    duplicates : int
        Values that stand in the file again.
    rejections : tuple of Rejection
    values_per_row : int
        How many values each record of the file has room for.
    unpriced_rows : tuple of int
        Records that hold no price at all: those marked as not there, and other values.
    findings : tuple of Finding
    """

    prices: pl.DataFrame
    values_in: int
    filled: int = 0
    missing: int = 0
    other: int = 0
    duplicates: int = 0
    rejections: tuple[Rejection, ...] = ()
    values_per_row: int = 1
    unpriced_rows: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Hold the account closed: a price lost between the counts is a defect of ours."""
        kept = self.prices.height + self.missing + self.other
        accounted = kept + self.duplicates + len(self.rejections)
        assert self.values_in + self.filled == accounted, f"{accounted} of {self.values_in} values"


def text_of(document: bytes, where: str) -> str:
    """Return a document as text.

    Raises
    ------
    SpotPriceError
        If it is empty or not UTF-8.
    """
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpotPriceError(
            "the prices are not text in UTF-8", where=where, hint="save the file as UTF-8"
        ) from error
    if not text.strip():
        raise SpotPriceError("the prices are empty", where=where, hint="download the file again")
    return text


def table_of(text: str, where: str, *, separator: str) -> pl.DataFrame:
    """Return a table of texts, each row with its line number as ``src_row``.

    Raises
    ------
    SpotPriceError
        If the text is no such table.
    """
    try:
        table = pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise SpotPriceError(
            f"this is no table of prices: {error}",
            where=where,
            hint="the file may be cut off; download it again",
        ) from error
    if table.height == 0:
        raise SpotPriceError(
            "the table of prices has no row", where=where, hint="export it again, with its prices"
        )
    # The header is line 1.
    return table.rename({name: name.strip() for name in table.columns}).with_row_index(
        "src_row", offset=2
    )


def without_duplicates(prices: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return prices with each series and interval once (the first), sorted, and how many went."""
    once = prices.unique(subset=KEY, keep="first", maintain_order=True).sort(KEY)
    return once, prices.height - once.height


def rejected(rows: pl.DataFrame, reason: str, *, detail: Mapping[str, str]) -> list[Rejection]:
    """Return a rejection for each row.

    Parameters
    ----------
    rows : polars.DataFrame
        With ``src_row`` and the columns that `detail` names.
    reason : str
        Machine word.
    detail : mapping of str to str
        Column whose value is shown, and what is said of it.
    """
    (column, sentence), *_ = detail.items()
    return [
        Rejection(
            row=row["src_row"],
            reason=reason,
            detail=f"{row[column]!r} {sentence}",
            raw=";".join(str(value) for name, value in row.items() if name != "src_row"),
        )
        for row in rows.to_dicts()
    ]
