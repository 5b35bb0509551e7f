"""What a report says, before anybody decides how it is written: figures, and tables with sums."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.display import Display

Value = str | int | float | Decimal | datetime | date | None
ChartKind = Literal["bars", "stacked bars", "line"]
"""``line``: over time, from instants."""
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
    is_printed : bool
        Whether a page lists its rows; a workbook always does.

    Raises
    ------
    ModelError
        If a row has more or fewer values than there are columns, or a difference names no column.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    is_printed: bool = True

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
        return summed(self.column(heading))

    def column(self, heading: str) -> list[Value]:
        """Return the values under a heading."""
        place = self.headings.index(heading)
        return [row[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Chart:
    """A table of the report as a picture.

    Parameters
    ----------
    name : str
        What it says; its title, and the words of who cannot see it.
    table : str
        The first table of that name.
    along : str
        Heading of what each mark is named by, or of the instants of a line.
    values : tuple of str
        Headings of the numbers, one series each.
    unit : str
        Of the values.
    kind : str
    """

    name: str
    table: str
    along: str
    values: tuple[str, ...]
    unit: str
    kind: ChartKind = "bars"


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
    charts : tuple of Chart
    display : Display or None
        How its reader writes numbers and days; None: numbers in English, days by ISO 8601.

    Raises
    ------
    ModelError
        If a chart draws what no table holds.
    """

    title: str
    question: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    time_zone: str
    charts: tuple[Chart, ...] = ()
    display: Display | None = None

    def __post_init__(self) -> None:
        """Refuse a chart of what is not there."""
        for chart in self.charts:
            table = next((one for one in self.tables if one.name == chart.table), None)
            held = table.headings if table is not None else ()
            if not {chart.along, *chart.values} <= set(held):
                raise ModelError(
                    f"the chart draws {chart.values} along {chart.along!r}, which are no columns "
                    f"of {chart.table!r}",
                    where=chart.name,
                    hint=f"name some of {list(held)}",
                )

    @property
    def pictures(self) -> tuple[tuple[Chart, Table], ...]:
        """Return each chart that has anything to draw, with its table."""
        tables = {one.name: one for one in reversed(self.tables)}
        drawn = [(one, tables[one.table]) for one in self.charts]
        return tuple((chart, table) for chart, table in drawn if table.rows)


def summed(values: Sequence[Value]) -> Decimal | float:
    """Return the sum of what is a number: exact where all are Decimal."""
    exact = [one for one in values if isinstance(one, Decimal)]
    rough = [one for one in values if isinstance(one, int | float)]
    return float(sum(exact)) + sum(rough) if rough else sum(exact, Decimal(0))
