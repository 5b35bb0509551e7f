"""Fixed charges: per day (actual days), per month, per year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Final, Literal, Self, cast
from zoneinfo import ZoneInfo

from depotlib.model.bill import BillLine
from depotlib.model.calendar import BillingPeriod, local_days
from depotlib.tariffs.component import ComponentTerms, amount_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord

Cycle = Literal["day", "month", "year"]
CYCLES: Final = {"$/day": "day", "$/month": "month", "$/year": "year"}
MEAN_MONTH_DAYS: Final = Decimal("30.4375")
SHARE_STEP: Final = Decimal("0.000000001")


@dataclass(frozen=True, slots=True)
class FixedCharge:
    """What is due whatever is drawn.

    Parameters
    ----------
    price : Decimal
        Per cycle.
    cycle : str
        ``day``, ``month`` or ``year``.
    additional_meter : Decimal
        Price of every further meter: not billed, this is the bill of one.
    """

    price: Decimal
    cycle: Cycle
    additional_meter: Decimal = Decimal(0)

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {
            "fixedchargefirstmeter",
            "fixedchargeeaaddl",
            "fixedchargeunits",
            "fixedmonthlycharge",
        }
    )

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return that one meter is billed, where further ones would cost."""
        if self.additional_meter == 0:
            return ()
        return (f"one meter; every further one costs {self.additional_meter} a {self.cycle}",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the fixed charge of a record, None if it has none."""
        monthly = record.number("fixedmonthlycharge")
        price = record.number("fixedchargefirstmeter")
        if price and monthly:
            raise record.malformed(
                "fixedmonthlycharge", "stands beside fixedchargefirstmeter, its newer name"
            )
        if not price:
            return cls(price=monthly, cycle="month") if monthly else None
        return cls(
            price=price,
            cycle=cycle_of(record, "fixedchargeunits"),
            additional_meter=record.number("fixedchargeeaaddl") or Decimal(0),
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line: cycles in the period x price."""
        del before
        quantity = cycles_in(metered.period, self.cycle, time_zone=metered.time_zone)
        return (
            BillLine(
                component="Fixed charge",
                quantity=quantity,
                unit=self.cycle,
                unit_price=self.price,
                amount=amount_of(quantity, self.price),
                family="fixed",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the charge of the calendar months that belong to the grid."""
        quantity = sum(
            (
                cycles_in(month, self.cycle, time_zone=horizon.time_zone)
                for month in horizon.billed_months()
            ),
            Decimal(0),
        )
        return ComponentTerms(fixed_amount=float(quantity * self.price))


def cycle_of(record: UrdbRecord, field: str) -> Cycle:
    """Return what a charge is per; a record without a unit means a month.

    Raises
    ------
    TariffRefusedError
        If the unit is none of day, month and year.
    """
    unit = record.text(field) or "$/month"
    if unit.lower() not in CYCLES:
        raise record.refused(field, f"we do not know the unit {unit!r}")
    return cast("Cycle", CYCLES[unit.lower()])


def cycles_in(period: BillingPeriod, cycle: Cycle, *, time_zone: ZoneInfo) -> Decimal:
    """Return how many days, months or years a billing period counts.

    Days are actual local days. A read period of any usual length is one month, a longer one its
    days over the mean month, rounded. Years are days over the days of their own year, so that
    the bills of a year sum to one.
    """
    days = local_days(period.start, period.end, time_zone=time_zone)
    if cycle == "day":
        return Decimal(days)
    if cycle == "month":
        return Decimal(max(1, round(days / MEAN_MONTH_DAYS)))
    first = period.start.astimezone(time_zone).date()
    dates = [first + timedelta(days=offset) for offset in range(days)]
    share = sum((1 / Decimal(_days_in_year(day)) for day in dates), Decimal(0))
    return share.quantize(SHARE_STEP)


def _days_in_year(day: date) -> int:
    return (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
