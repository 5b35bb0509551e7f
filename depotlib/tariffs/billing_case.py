"""One bill as a question that can be asked again: of another load, period or tariff."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.bill import Bill, BillLine
from depotlib.model.calendar import BillingPeriod
from depotlib.tariffs.bill import bill_period, bills_of_parts
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.tariff import Tariff


@dataclass(frozen=True, slots=True)
class BillingCase:
    """All that one bill depends on.

    Parameters
    ----------
    tariff : Tariff
    load : polars.DataFrame
        `LoadFrame`: interval_start, power_kw [kW].
    period : BillingPeriod
    interval_s : int
        Length of the load's intervals [s].
    time_zone : ZoneInfo
        Zone of the meter.
    inputs : BillingInputs
        History, power factor, holidays and the kind of demand window.
    """

    tariff: Tariff
    load: pl.DataFrame
    period: BillingPeriod
    interval_s: int
    time_zone: ZoneInfo
    inputs: BillingInputs = NO_INPUTS

    def bill(self) -> Bill:
        """Return the bill.

        Raises
        ------
        LoadError
            If the load cannot be billed, or has no reading in the period.
        """
        return bill_period(
            self.tariff,
            self.load,
            period=self.period,
            interval_s=self.interval_s,
            time_zone=self.time_zone,
            inputs=self.inputs,
        )

    def of_energy(self, bill: Bill) -> "BillingCase":
        """Return a smaller case with the same lines of energy, or the case itself.

        Without charges that count demand, and on the period's readings alone; not where energy is
        priced by hours of use, which look at the demand, and by a ratchet at that of months before.

        Parameters
        ----------
        bill : Bill
            Of the case.
        """
        at, period = pl.col("interval_start"), self.period
        smaller = replace(
            self,
            tariff=self.tariff.without_demand(),
            load=self.load.filter(at.is_between(period.start, period.end, closed="left")),
        )
        return smaller if _energy_of(smaller.bill()) == _energy_of(bill) else self

    def bills_of(self, parts: pl.DataFrame) -> tuple[Bill, ...]:
        """Return the bills of parts of the load, each as if it was alone; see `bills_of_parts`."""
        return bills_of_parts(
            self.tariff,
            parts,
            period=self.period,
            interval_s=self.interval_s,
            time_zone=self.time_zone,
            inputs=self.inputs,
        )

    def window_end(self, start: datetime) -> datetime:
        """Return the end of the demand window that begins at an instant.

        Readings coarser than the tariff's window are windows themselves.
        """
        return start + timedelta(seconds=max(self.interval_s, self.tariff.demand_window_s))


def _energy_of(bill: Bill) -> tuple[BillLine, ...]:
    return tuple(line for line in bill.lines if line.family == "energy")
