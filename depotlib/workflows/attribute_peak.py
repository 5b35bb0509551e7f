"""Who caused each billed peak, and what the bill would have been without the worst intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from depotlib.model.attribution import CappedBill, PeakAttribution
from depotlib.model.bill import Bill
from depotlib.tariffs.attribution import attribute_peaks, spans_of_peaks
from depotlib.tariffs.party_use import party_use, use_by
from depotlib.tariffs.worst_windows import USUAL_COUNTS, bills_without_worst
from depotlib.workflows.billing_cases import CaseFiles, StoredCase, open_case


@dataclass(frozen=True, slots=True)
class PeakReview:
    """A bill's peaks, who caused them, and what they cost.

    Parameters
    ----------
    bill : Bill
    time_zone : str
    by_vehicle, by_station : tuple of PeakAttribution
        The same demand lines, shared by vehicle and by station.
    without_worst : tuple of CappedBill
        The bill again with the worst demand windows capped at the next highest.
    component : str or None
        Demand line whose windows are capped; None: the highest of any hour.
    assumptions, warnings : tuple of str
    """

    bill: Bill
    time_zone: str
    by_vehicle: tuple[PeakAttribution, ...]
    by_station: tuple[PeakAttribution, ...]
    without_worst: tuple[CappedBill, ...]
    component: str | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


def attribute_peak(
    asked: CaseFiles | StoredCase,
    *,
    counts: Sequence[int] = USUAL_COUNTS,
    component: str | None = None,
) -> PeakReview:
    """Return who caused the peaks of a bill, and the bill without the worst windows.

    Parameters
    ----------
    asked : CaseFiles or StoredCase
        Whose bill it is.
    counts : sequence of int
        How many of the worst windows to cap.
    component : str, optional
        Demand line whose windows are capped; default: the highest windows at any hour.

    Raises
    ------
    InputError
        If a file is missing, damaged, or cannot be billed; if a count is below 1 or the bill has
        no such demand line.
    StoreMissingError, RecordMissingError
        If there is no store, no such tariff in it, or no session of the site.
    """
    opened = open_case(asked)
    case = opened.case
    bill = case.bill()
    # Of the months before, only the quarter-hours of peaks that they hold against this one matter.
    spans = spans_of_peaks(bill, case=case)
    load, uses = opened.within(spans)
    vehicles, stations = (
        party_use(load, use_by(column, uses), interval_s=case.interval_s)
        for column in ("vehicle_id", "station_id")
    )
    return PeakReview(
        bill=bill,
        time_zone=case.time_zone.key,
        by_vehicle=attribute_peaks(bill, vehicles, case=case),
        by_station=attribute_peaks(bill, stations, case=case),
        without_worst=bills_without_worst(case, counts, component=component),
        component=component,
        assumptions=(*opened.assumptions, *bill.assumptions),
        warnings=(*bill.warnings, *dict.fromkeys((*vehicles.warnings, *stations.warnings))),
    )
