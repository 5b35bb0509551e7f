"""Day-ahead prices as ENTSO-E's transparency platform gives them: XML, document type A44.

References
----------
.. [1] ENTSO-E, "Transparency Platform, Data Extraction Process Implementation Guide": a curve of
   type A03 leaves out a point whose value is that of the point before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final
from xml.etree import ElementTree as ET

import polars as pl

from depotlib.errors import SpotPriceError
from depotlib.model.frames import PriceFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.tariffs.spot.reading import SpotReading, text_of, without_duplicates
from depotlib.units import minutes_to_s, per_mwh_to_per_kwh

DOCUMENT: Final = "Publication_MarketDocument"
ACKNOWLEDGEMENT: Final = "Acknowledgement_MarketDocument"
FILLS_FORWARD: Final = "A03"
RESOLUTION: Final = re.compile(r"PT([1-9]\d{0,3})M")
LONGEST_PERIOD: Final = timedelta(days=366)
"""The platform answers a request of at most a year."""
UNIT: Final = "MWH"
SEQUENCE: Final = "classificationSequence_AttributeInstanceComponent.position"
FIRST_AUCTION: Final = "1"


@dataclass(frozen=True, slots=True)
class _Price:
    series: str
    interval_start: datetime
    interval_s: int
    price_per_kwh: float
    currency: str
    src_row: int


@dataclass(slots=True)
class _Account:
    points: int = 0
    filled: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class _Curve:
    """What the prices of one period of one series share."""

    series: str
    currency: str
    start: datetime
    interval_s: int
    count: int
    is_filled: bool

    def price(self, position: int, price_per_kwh: float, *, row: int) -> _Price:
        """Return the price at a position, counted from 1."""
        return _Price(
            series=self.series,
            interval_start=self.start + timedelta(seconds=(position - 1) * self.interval_s),
            interval_s=self.interval_s,
            price_per_kwh=price_per_kwh,
            currency=self.currency,
            src_row=row,
        )


def is_mine(head: str) -> bool:
    """Return whether the head of a document is that of such a document, or of a refusal."""
    return DOCUMENT in head or ACKNOWLEDGEMENT in head


def read(document: bytes, *, where: str) -> SpotReading:
    """Return the prices of a document, each period in its own resolution.

    Points that a curve of type A03 leaves out repeat the price before them; in any other curve a
    point that is not there is missing, never filled.

    Raises
    ------
    SpotPriceError
        If it is no such document, or the platform's refusal instead of one.
    """
    root = _root(text_of(document, where), where)
    account = _Account()
    found: list[_Price] = []
    rejections: list[Rejection] = []
    for time_series in _all(root, "TimeSeries"):
        for period in _all(time_series, "Period"):
            curve = _curve(time_series, period, where=where)
            found.extend(_prices(period, curve, account=account, rejections=rejections))
    prices, duplicates = without_duplicates(_frame(found))
    return SpotReading(
        prices=prices,
        values_in=account.points,
        filled=account.filled,
        duplicates=duplicates,
        rejections=tuple(rejections),
        findings=_absent_found(account.absent),
    )


def _root(text: str, where: str) -> ET.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SpotPriceError(
            "the document declares a type of its own, which no price document does",
            where=where,
            hint="fetch the document again from the platform",
        )
    try:
        root = ET.fromstring(text)  # noqa: S314 - a document with entities was refused above
    except ET.ParseError as error:
        raise SpotPriceError(
            f"this is not complete XML: {error}",
            where=where,
            hint="the file may be cut off; download it again",
        ) from error
    name = _local(root.tag)
    if name == ACKNOWLEDGEMENT:
        reason = " ".join(_text(each, "text") for each in _all(root, "Reason"))
        raise SpotPriceError(
            f"the platform refused the request: {reason}", where=where, hint="ask for other days"
        )
    if name != DOCUMENT:
        raise SpotPriceError(
            f"the document is a {name}, not a {DOCUMENT}",
            where=where,
            hint="give day-ahead prices, document type A44",
        )
    return root


def _curve(time_series: ET.Element, period: ET.Element, *, where: str) -> _Curve:
    unit = _text(time_series, "price_Measure_Unit.name")
    if unit.upper() != UNIT:
        raise SpotPriceError(
            f"the prices are per {unit or 'an unnamed unit'}",
            where=where,
            hint="give day-ahead prices per MWh",
        )
    resolution = RESOLUTION.fullmatch(_text(period, "resolution"))
    interval = next(_all(period, "timeInterval"), None)
    try:
        ends = [datetime.fromisoformat(_text(interval, name)) for name in ("start", "end")]
    except ValueError as error:
        raise SpotPriceError(
            f"a period without its times: {error}",
            where=where,
            hint="fetch the document again from the platform",
        ) from error
    has_zone = all(end.tzinfo is not None for end in ends)
    if resolution is None or not has_zone or not timedelta() < ends[1] - ends[0] <= LONGEST_PERIOD:
        raise SpotPriceError(
            f"a period from {ends[0]} to {ends[1]} in steps of {_text(period, 'resolution')!r}",
            where=where,
            hint="prices by day or longer are not read",
        )
    interval_s = int(minutes_to_s(int(resolution.group(1))))
    sequence = _text(time_series, SEQUENCE) or FIRST_AUCTION
    zone = _text(time_series, "in_Domain.mRID")
    return _Curve(
        series=zone if sequence == FIRST_AUCTION else f"{zone}, auction {sequence}",
        currency=_text(time_series, "currency_Unit.name"),
        start=ends[0],
        interval_s=interval_s,
        count=(ends[1] - ends[0]) // timedelta(seconds=interval_s),
        is_filled=_text(time_series, "curveType") == FILLS_FORWARD,
    )


def _prices(
    period: ET.Element, curve: _Curve, *, account: _Account, rejections: list[Rejection]
) -> Iterator[_Price]:
    by_position: dict[int, tuple[float, int]] = {}
    for point in _all(period, "Point"):
        account.points += 1
        raw = (_text(point, "position"), _text(point, "price.amount"))
        try:
            position, price = int(raw[0]), float(raw[1])
        except ValueError:
            position, price = 0, 0.0
        has_place = 1 <= position <= curve.count and position not in by_position
        if not has_place or not isfinite(price):
            rejections.append(
                Rejection(
                    row=account.points,
                    reason="bad_point",
                    detail=f"position {raw[0]!r} with price {raw[1]!r} has no place in its period",
                    raw=f"{curve.series} {curve.start.isoformat()} {raw[0]} {raw[1]}",
                )
            )
            continue
        by_position[position] = (per_mwh_to_per_kwh(price), account.points)
    last: tuple[float, int] | None = None
    for position in range(1, curve.count + 1):
        here = by_position.get(position)
        if here is None and curve.is_filled and last is not None:
            here = last
            account.filled += 1
        if here is None:
            account.absent += 1
            continue
        last = here
        yield curve.price(position, here[0], row=here[1])


def _frame(prices: list[_Price]) -> pl.DataFrame:
    columns = {
        name: [getattr(price, name) for price in prices] for name in _Price.__dataclass_fields__
    }
    return PriceFrame.validate(pl.DataFrame(columns), cast=True)


def _absent_found(count: int) -> tuple[Finding, ...]:
    if count == 0:
        return ()
    return (Finding("gap", count, f"intervals without a price: {count}"),)


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in element if _local(child.tag) == name)


def _text(element: ET.Element | None, name: str) -> str:
    if element is None:
        return ""
    found = next(_all(element, name), None)
    return "" if found is None or found.text is None else found.text.strip()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
