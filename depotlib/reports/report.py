"""What a report says, before anybody decides how it is written: figures, and tables with sums."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from depotlib.errors import ModelError

Value = str | int | float | Decimal | datetime | date | None
ColumnKind = Literal["text", "number", "money", "price", "energy", "count", "instant"]
"""``price`` and text are never summed; an instant is written in the report's zone."""
CURRENCY: Final = re.compile("[A-Z]{3}")
"""The codes of ISO 4217."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that the report stands for.

    Parameters
    ----------
    name : str
    value : str, int, float, Decimal, datetime or date
    unit : str
        As people write it: ``kW``, ``USD``; empty for a text or a count.
    """

    name: str
    value: Value
    unit: str = ""

    @property
    def kind(self) -> ColumnKind:
        """Return how it is written: an amount of money says its currency."""
        if isinstance(self.value, int):
            return "count"
        if isinstance(self.value, Decimal | float):
            return "money" if CURRENCY.fullmatch(self.unit) else "number"
        return "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    heading : str
        With its unit in brackets.
    kind : str
        How its cells are written.
    is_summed : bool
        Whether the table's last row sums it.
    less : tuple of str
        Two headings: each cell is the first column's less the second's, and stays so in a workbook.
    """

    heading: str
    kind: ColumnKind = "text"
    is_summed: bool = False
    less: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings.

    Parameters
    ----------
    name : str
        Unique in the report.
    columns : tuple of Column
    rows : tuple of tuple
        One value a column.

    Raises
    ------
    ModelError
        If a row has more or fewer values than there are columns, or a difference names no column.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        """Refuse rows that do not fit their headings."""
        headings = self.headings
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(headings):
                raise ModelError(
                    f"row {number} has {len(row)} values under {len(headings)} headings",
                    where=self.name,
                    hint="give one value a column, None for an empty cell",
                )
        missing = {one for column in self.columns for one in column.less or ()} - set(headings)
        if missing:
            raise ModelError(
                f"a difference names {sorted(missing)}, which are no columns",
                where=self.name,
                hint=f"name two of {list(headings)}",
            )

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings."""
        return tuple(column.heading for column in self.columns)

    def total(self, heading: str) -> Decimal | float:
        """Return the sum of a column; empty cells count as nothing."""
        place = self.headings.index(heading)
        return summed([row[place] for row in self.rows])


@dataclass(frozen=True, slots=True)
class Report:
    """A question with its answer, ready to be written.

    Parameters
    ----------
    title, question : str
    figures : tuple of Figure
        What is compared when two ways of asking are to agree.
    tables : tuple of Table
    notes : tuple of str
        What the answer rests on.
    time_zone : str
        IANA name of the zone in which its times are written.
    """

    title: str
    question: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    time_zone: str


def summed(values: Sequence[Value]) -> Decimal | float:
    """Return the sum of what is a number: exact where all are Decimal."""
    exact = [one for one in values if isinstance(one, Decimal)]
    rough = [one for one in values if isinstance(one, int | float)]
    return float(sum(exact)) + sum(rough) if rough else sum(exact, Decimal(0))
