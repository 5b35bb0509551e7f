"""One bill as a question that can be asked again: of another load, period or tariff."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.bill import Bill
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
