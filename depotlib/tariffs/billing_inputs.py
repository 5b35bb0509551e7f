"""What a bill needs beside the tariff and the load: history, power factor, holidays, windows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

import polars as pl

from depotlib.errors import LoadError
from depotlib.tariffs.history import BillingHistory

WindowKind = Literal["block", "sliding"]


@dataclass(frozen=True, slots=True)
class BillingInputs:
    """The facts of a bill that neither the tariff nor the load holds.

    Parameters
    ----------
    history : BillingHistory
        Earlier months, for ratchets and sums over a year. Months that the load itself covers
        before the period need not be given.
    power_factor_share : float, optional
        Power factor of the load (0 to 1], where its reactive energy is not metered.
    holidays : frozenset of date
        Local dates that are billed as a weekend; none: those of the tariff's own region, if it
        names one.
    are_holidays_stated : bool
        `holidays` are all there are, whatever the tariff says.
    windows : {'block', 'sliding'}
        Demand windows on the fixed clock, or from every reading on.
    system_peaks : tuple of datetime
        Instants in the hours of the utility's system peak, one or more a month.
    prices : polars.DataFrame, optional
        Market prices, for a tariff that follows them.
    """

    history: BillingHistory = field(default_factory=BillingHistory)
    power_factor_share: float | None = None
    holidays: frozenset[date] = frozenset()
    are_holidays_stated: bool = False
    windows: WindowKind = "block"
    system_peaks: tuple[datetime, ...] = ()
    prices: pl.DataFrame | None = None

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return which days and windows a bill with these inputs is about."""
        sliding = ("demand windows slide: the highest mean from any reading on",)
        days = sorted(self.holidays)
        holidays = "no day counts as a holiday"
        if len(days) == 1:
            holidays = f"billed as a weekend: 1 holiday, {days[0]}"
        elif days:
            holidays = f"billed as a weekend: {len(days)} holidays, {days[0]} to {days[-1]}"
        return (*(sliding if self.windows == "sliding" else ()), holidays)

    def __post_init__(self) -> None:
        """Refuse a power factor that no load has."""
        if self.power_factor_share is not None and not 0 < self.power_factor_share <= 1:
            raise LoadError(
                f"a power factor of {self.power_factor_share:g} is none",
                where="power factor",
                hint="give a fraction above 0 and up to 1, such as 0.95",
            )


NO_INPUTS: Final = BillingInputs()
