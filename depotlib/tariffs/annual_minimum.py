"""Annual minimum: the least that the bills of a calendar year come to, settled in December."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Final, Self

from depotlib.model.bill import BillLine
from depotlib.model.local_time import MONTHS_PER_YEAR
from depotlib.tariffs.component import CENT, ComponentTerms
from depotlib.tariffs.fixed_charge import cycle_of
from depotlib.tariffs.history import BillingHistory, month_number_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord

DECEMBER_INDEX: Final = MONTHS_PER_YEAR - 1


@dataclass(frozen=True, slots=True)
class AnnualMinimum:
    """The least that a year's bills come to; it looks at the lines above and the earlier bills.

    Parameters
    ----------
    price : Decimal
        Per calendar year.
    """

    price: Decimal

    urdb_fields: ClassVar[frozenset[str]] = frozenset({"annualmincharge"})

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return when the year is settled."""
        return (f"the annual minimum of {self.price} is settled in the bill that ends in December",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the annual minimum of a record, None if it has none."""
        annual, price = record.number("annualmincharge"), record.number("mincharge")
        is_yearly = bool(price) and cycle_of(record, "minchargeunits") == "year"
        if annual and is_yearly:
            raise record.malformed("annualmincharge", "stands beside mincharge per year")
        found = annual or (price if is_yearly else None)
        return cls(price=found) if found else None

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line that raises the year to its minimum, in the year's last bill."""
        earlier = _earlier_amount(metered.history, _last_month(metered))
        if earlier is None:
            return ()
        missing = self.price - earlier - sum((line.amount for line in before), Decimal(0))
        top_up = missing.quantize(CENT)
        if top_up <= 0:
            return ()
        return (
            BillLine(
                component="Annual minimum top-up",
                quantity=Decimal(1),
                unit="bill",
                unit_price=top_up,
                amount=top_up,
                family="minimum",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that the year cannot be settled, where some of its bills are not known."""
        last = _last_month(metered)
        if last % MONTHS_PER_YEAR != DECEMBER_INDEX:
            return ()
        if _earlier_amount(metered.history, last) is not None:
            return ()
        return (
            f"the annual minimum of {self.price} is not settled: not all amounts of the year's "
            "earlier bills are known; give them as history",
        )

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return what is left of the year's minimum, on a grid in December or over the year."""
        months = horizon.months()
        last = months[-1]
        if last % MONTHS_PER_YEAR != DECEMBER_INDEX:
            return ComponentTerms()
        earlier = Decimal(0)
        if months[0] > last - DECEMBER_INDEX:
            known = _earlier_amount(horizon.inputs.history, last, first_on_grid=months[0])
            if known is None:
                return ComponentTerms()
            earlier = known
        return ComponentTerms(minimum_amount=float(self.price - earlier))


def _last_month(metered: MeteredPeriod) -> int:
    last = metered.period.end - timedelta(microseconds=1)
    return month_number_of(last, metered.time_zone)


def _earlier_amount(
    history: BillingHistory, december: int, *, first_on_grid: int | None = None
) -> Decimal | None:
    """Return the sum of a year's bills before its last, None if some are not known or due."""
    if december % MONTHS_PER_YEAR != DECEMBER_INDEX:
        return None
    before = december if first_on_grid is None else first_on_grid
    wanted = before % MONTHS_PER_YEAR
    amounts = [month.amount for month in history.of_year(before) if month.amount is not None]
    return sum(amounts, Decimal(0)) if len(amounts) == wanted else None
