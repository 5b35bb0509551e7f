"""The utility's own bill as somebody entered it: TOML or CSV (docs/utility-bill.md)."""

import csv
import io
import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from depotlib.errors import UtilityBillError
from depotlib.model.utility_bill import KINDS, LineKind, MeterRead, UtilityBill, UtilityLine

COLUMNS: Final = ("kind", "name", "quantity", "unit", "price", "amount")
THOUSANDS: Final = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _LineTable(_Table):
    kind: LineKind
    name: str
    amount: Decimal
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    component: str = ""


class _ReadTable(_Table):
    register_name: str = Field(alias="register")
    previous: Decimal
    current: Decimal
    multiplier: Decimal = Decimal(1)
    estimated: bool = False


class _BillTable(_Table):
    first_day: date = Field(alias="from")
    end_day: date = Field(alias="to")
    currency: str = "USD"
    total: Decimal | None = None
    estimated: bool = False


class _Document(_Table):
    bill: _BillTable
    line: tuple[_LineTable, ...]
    read: tuple[_ReadTable, ...] = ()


def utility_bill_from_toml(text: str, *, where: str) -> UtilityBill:
    """Return the bill that a TOML text holds.

    Raises
    ------
    UtilityBillError
        If it is not TOML, a field is missing or unknown, or the bill cannot be.
    """
    try:
        found = _Document.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise UtilityBillError(
            f"this is not TOML: {error}", where=where, hint="see docs/utility-bill.md"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UtilityBillError(
            f"{field}: {first['msg']}", where=where, hint="see docs/utility-bill.md"
        ) from error
    return _checked(
        UtilityBill(
            first_day=found.bill.first_day,
            end_day=found.bill.end_day,
            currency=found.bill.currency,
            lines=tuple(UtilityLine(**line.model_dump()) for line in found.line),
            reads=tuple(
                MeterRead(
                    register=read.register_name,
                    previous=read.previous,
                    current=read.current,
                    multiplier=read.multiplier,
                    is_estimated=read.estimated,
                )
                for read in found.read
            ),
            total=found.bill.total,
            is_estimated=found.bill.estimated,
        ),
        where,
    )


def utility_bill_from_csv(
    text: str, *, where: str, first_day: date, end_day: date, currency: str = "USD"
) -> UtilityBill:
    """Return the bill whose lines a CSV text holds: kind, name, quantity, unit, price, amount.

    Parameters
    ----------
    text : str
        With a header. A row of kind ``total`` holds the printed total, others are lines; an
        empty quantity or price was not printed.
    where : str
        What to call the document in an error.
    first_day, end_day : date
        Days of the two reads, as in `UtilityBill`.
    currency : str

    Raises
    ------
    UtilityBillError
        If a column is missing, or a row cannot be read; names its line.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UtilityBillError(
            f"the column {missing[0]!r} is missing",
            where=f"{where}, line 1",
            hint=f"a bill has the columns {', '.join(COLUMNS)}",
        )
    bill = UtilityBill(first_day=first_day, end_day=end_day, currency=currency, lines=())
    for row in reader:
        place = f"{where}, line {reader.line_num}"
        if (row["kind"] or "").strip().lower() == "total":
            bill = replace(bill, total=_needed(row, "amount", where=place))
        else:
            bill = replace(bill, lines=(*bill.lines, _line(row, place)))
    return _checked(bill, where)


def _line(row: dict[str, str | None], where: str) -> UtilityLine:
    kind = (row["kind"] or "").strip().lower()
    if kind not in KINDS:
        raise UtilityBillError(
            f"{row['kind']!r} is no kind of line",
            where=where,
            hint=f"the kinds are {', '.join(KINDS)} and total",
        )
    return UtilityLine(
        kind=cast("LineKind", kind),
        name=(row["name"] or "").strip(),
        amount=_needed(row, "amount", where=where),
        quantity=_number(row, "quantity", where=where),
        unit=(row["unit"] or "").strip(),
        price=_number(row, "price", where=where),
        component=(row.get("component") or "").strip(),
    )


def _needed(row: dict[str, str | None], column: str, *, where: str) -> Decimal:
    found = _number(row, column, where=where)
    if found is None:
        raise UtilityBillError(f"the {column} is missing", where=where, hint="enter it as printed")
    return found


def _number(row: dict[str, str | None], column: str, *, where: str) -> Decimal | None:
    text = (row[column] or "").strip().lstrip("$€£").strip()
    if not text:
        return None
    if THOUSANDS.match(text):
        text = text.replace(",", "")
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise UtilityBillError(
            f"{column} {text!r} is not a number", where=where, hint="write 1234.56"
        ) from error
    if not found.is_finite():
        raise UtilityBillError(f"{column} {text!r} is not a number", where=where)
    return found


def _checked(bill: UtilityBill, where: str) -> UtilityBill:
    if bill.end_day <= bill.first_day:
        raise UtilityBillError(
            f"the period from {bill.first_day} to {bill.end_day} is empty",
            where=where,
            hint="give the day of the earlier read, then that of the later one",
        )
    if not bill.lines:
        raise UtilityBillError("the bill has no lines", where=where, hint="enter a line a charge")
    return bill
