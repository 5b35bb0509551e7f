"""The ratchet: an earlier month's peak that the billing demand may not fall below."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from depotlib.model.local_time import MONTHS_PER_YEAR
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord

FIELDS: Final = frozenset(
    {"lookbackpercent", "lookbackmonths", "lookbackrange", "demandratchetpercentage"}
)
USUAL_RANGE_MONTHS: Final = 11
"""With the month that is billed, a year: what a record without a range of its own means."""
LEAST_PLAUSIBLE_SHARE: Final = Decimal("0.2")
MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class RatchetFloor:
    """What a ratchet asks of one period.

    Parameters
    ----------
    floor_kw : float
        The billing demand is at least this [kW].
    month : EarlierMonth or None
        Whose peak it is; None: no earlier peak is known.
    """

    floor_kw: float = 0.0
    month: EarlierMonth | None = None


@dataclass(frozen=True, slots=True)
class Ratchet:
    """A floor under the billing demand.

    Parameters
    ----------
    share_by_month : tuple of Decimal
        Part of the earlier peak that holds in each month, January first.
    is_counted : tuple of bool
        Months whose peaks count, January first.
    range_months : int
        How many months before the billed one count.
    """

    share_by_month: tuple[Decimal, ...]
    is_counted: tuple[bool, ...] = (True,) * MONTHS_PER_YEAR
    range_months: int = USUAL_RANGE_MONTHS

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return what the ratchet does, and whether its share looks like a typing error."""
        shares = sorted({share for share in self.share_by_month if share})
        percent = " or ".join(f"{(share * PERCENT).normalize():f} %" for share in shares)
        months = [name for name, counts in zip(MONTH_NAMES, self.is_counted, strict=True) if counts]
        of_which = "" if all(self.is_counted) else f", of which {', '.join(months)} count"
        said = (
            f"ratchet: the billing demand is at least {percent} of the highest peak of the "
            f"{self.range_months} months before{of_which}",
        )
        if shares[0] >= LEAST_PLAUSIBLE_SHARE:
            return said
        return (*said, f"a ratchet of {percent} is unusually low: the record may be mistyped")

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the ratchet of a record, None if it has none.

        Raises
        ------
        TariffFormatError
            If a share is not one, or the record has both kinds of ratchet.
        """
        share = record.number("lookbackpercent")
        older = record.numbers_by_month("demandratchetpercentage")
        if share and older is not None and any(older):
            raise record.malformed(
                "demandratchetpercentage", "stands beside lookbackpercent, its newer name"
            )
        if share:
            return cls(
                share_by_month=(_share(record, "lookbackpercent", share=share),) * MONTHS_PER_YEAR,
                is_counted=_counted(record),
                range_months=int(record.number("lookbackrange") or USUAL_RANGE_MONTHS),
            )
        if older is None or not any(older):
            return None
        return cls(
            share_by_month=tuple(
                _share(record, "demandratchetpercentage", share=part) for part in older
            )
        )

    def floor(
        self, history: BillingHistory, month_number: int, *, line: str | None = None
    ) -> RatchetFloor:
        """Return the floor of a month under what is known of the months before.

        Parameters
        ----------
        history : BillingHistory
        month_number : int
        line : str, optional
            Demand line whose own peaks count; default: the peaks at any hour.
        """
        share = float(self.share_by_month[month_number % MONTHS_PER_YEAR])
        best = RatchetFloor()
        for month in self._months(history, month_number):
            peak_kw = month.peak_of(line)
            if peak_kw is not None and share * peak_kw > best.floor_kw:
                best = RatchetFloor(floor_kw=share * peak_kw, month=month)
        return best

    def warnings(
        self, metered: MeteredPeriod, history: BillingHistory, *, line: str | None = None
    ) -> tuple[str, ...]:
        """Return how many of the months that count are not known."""
        if not self.share_by_month[metered.month_number % MONTHS_PER_YEAR]:
            return ()
        known = {
            month.month_number
            for month in self._months(history, metered.month_number)
            if month.peak_of(line) is not None
        }
        first = metered.month_number - self.range_months
        wanted = [
            number
            for number in range(first, metered.month_number)
            if self.is_counted[number % MONTHS_PER_YEAR]
        ]
        missing = len(set(wanted) - known)
        if not missing:
            return ()
        return (
            f"the ratchet{f' of {line}' if line else ''} looks back on {len(wanted)} months, of {missing} of which no peak is "
            "known: the billed demand may be too low; give the earlier peaks as history",
        )

    def _months(self, history: BillingHistory, month_number: int) -> Sequence[EarlierMonth]:
        earlier = history.last(self.range_months, before=month_number)
        return [month for month in earlier if self.is_counted[month.month_index]]


def billing_demand_kw(metered: MeteredPeriod, ratchet: Ratchet | None) -> float:
    """Return the period's highest window at any hour, or the ratchet's floor above it [kW]."""
    measured_kw = float(metered.window_kw.max(initial=0.0))
    if ratchet is None:
        return measured_kw
    return max(measured_kw, ratchet.floor(metered.history, metered.month_number).floor_kw)


def _share(record: UrdbRecord, field: str, *, share: Decimal) -> Decimal:
    if not 0 <= share <= PERCENT:
        raise record.malformed(field, f"{share} is no share of an earlier peak")
    return share if share <= 1 else share / PERCENT


def _counted(record: UrdbRecord) -> tuple[bool, ...]:
    if record.number("lookbackrange"):
        # The field's own documentation: a range makes the months mute.
        return (True,) * MONTHS_PER_YEAR
    counted = record.flags_by_month("lookbackmonths")
    if counted is None or not any(counted):
        raise record.refused(
            "lookbackpercent", "the record does not say which months' peaks the ratchet counts"
        )
    return counted
