"""Agreed capacity: a daily price per kVA that is agreed, and another on what exceeds it (GB)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.calendar import BillingPeriod, local_days
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord
from depotlib.tariffs.year_to_date import days_in_month, highest_in

EXCESS: Final = "Exceeded capacity"


@dataclass(frozen=True, slots=True)
class AgreedCapacity:
    """What is paid for capacity held available, and for taking more.

    Parameters
    ----------
    agreed_kva : Decimal
        Capacity that is agreed with the network [kVA].
    price : Decimal
        Per agreed kVA and day.
    excess_price : Decimal
        Per kVA above it and day, for every day of the billing period.
    """

    agreed_kva: Decimal
    price: Decimal
    excess_price: Decimal

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return for how long an excess is charged."""
        return ("capacity above the agreed one is charged for every day of the billing period",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: URDB has no such charge."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the line of the agreed capacity, and one of the excess where there is any."""
        del before
        days = local_days(metered.period.start, metered.period.end, time_zone=metered.time_zone)
        agreed = BillLine(
            component="Agreed capacity",
            quantity=self.agreed_kva * days,
            unit="kVA-day",
            unit_price=self.price,
            amount=amount_of(self.agreed_kva * days, self.price),
            family="fixed",
        )
        highest_kva, at = highest_in(
            metered.window_kva, np.ones(metered.window_kw.size, dtype=np.bool_)
        )
        excess = quantity_of(highest_kva) - self.agreed_kva
        if excess <= 0 or at is None:
            return (agreed,)
        return (
            agreed,
            BillLine(
                component=EXCESS,
                quantity=excess * days,
                unit="kVA-day",
                unit_price=self.excess_price,
                amount=amount_of(excess * days, self.excess_price),
                set_by=instant_of(int(metered.window_start_us[at])),
                family="demand",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that apparent power is that of power factor 1, where nothing else is known."""
        if metered.window_kvar is not None or metered.inputs.power_factor_share is not None:
            return ()
        return ("kVA are taken as kW: neither reactive energy nor a power factor is given",)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month of the grid, that counts from the agreed capacity on.

        At the power factor of the horizon's inputs, 1 where none is given.
        """
        power_factor_share = horizon.inputs.power_factor_share or 1.0
        agreed_kw = float(self.agreed_kva) * power_factor_share
        terms = [
            PeakTerm(
                name=(name := horizon.name_in_month(EXCESS, number)),
                intervals=horizon.demand_intervals(horizon.local.month_number == number),
                price_per_kw=float(self.excess_price)
                * days_in_month(*divmod(number, MONTHS_PER_YEAR))
                / power_factor_share,
                sunk_kw=horizon.sunk_of(name, number),
                floor_kw=agreed_kw,
            )
            for number in horizon.months()
        ]
        agreed = float(self.agreed_kva * self.price)
        days = sum(_days(month, horizon) for month in horizon.billed_months())
        return ComponentTerms(
            peaks=tuple(terms),
            # The floor is what the excess counts from: it is not charged itself.
            fixed_amount=agreed * days - sum(term.price_per_kw * agreed_kw for term in terms),
        )


def _days(month: BillingPeriod, horizon: Horizon) -> int:
    return local_days(month.start, month.end, time_zone=horizon.time_zone)
