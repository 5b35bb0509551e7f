"""A bill split by vehicle, station, route or cost centre."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from depotlib.ingest.content import read_content
from depotlib.model.allocation import Allocation, AllocationRules
from depotlib.tariffs.allocation import allocate_bill, spans_of_split
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.party_use import party_use, use_by
from depotlib.tariffs.use_csv import PartyTable, parties_from_csv
from depotlib.workflows.billing_cases import CaseFiles, StoredCase, duties_of_store, open_case

SplitBy = Literal["vehicle", "station"]


@dataclass(frozen=True, slots=True)
class Split:
    """Among whom a bill is split, and how.

    Parameters
    ----------
    by : {'vehicle', 'station'}
    rules : AllocationRules
    parties_path : Path or None
        CSV: id, party and, where known, distance_km. The party (route, cost centre) of each vehicle
        or station; without it each is a party of its own.
    """

    by: SplitBy = "vehicle"
    rules: AllocationRules = field(default_factory=AllocationRules)
    parties_path: Path | None = None


@dataclass(frozen=True, slots=True)
class SplitBill:
    """A bill, split.

    Parameters
    ----------
    allocation : Allocation
    time_zone : str
    assumptions : tuple of str
    """

    allocation: Allocation
    time_zone: str
    assumptions: tuple[str, ...]


def split_bill(asked: CaseFiles | StoredCase, split: Split) -> SplitBill:
    """Return a bill split among parties.

    Distances are those of the table of parties; without them, for a bill of the store, those of
    the chosen depot's duties that leave in the period.

    Parameters
    ----------
    asked : CaseFiles or StoredCase
        Whose bill it is.
    split : Split

    Raises
    ------
    InputError
        If a file is missing, damaged, or cannot be billed.
    StoreMissingError, RecordMissingError
        If there is no store, no such tariff in it, or no session of the site.
    """
    opened = open_case(asked)
    case = opened.case
    driven_km = _driven_km(asked, case) if isinstance(asked, StoredCase) else {}
    table = _parties(split)
    # Of the months before, only what the bill still holds against this one matters.
    spans = spans_of_split(case.bill(), case=case, rules=split.rules)
    load, uses = opened.within(spans)
    named = use_by(f"{split.by}_id", uses, parties=None if table is None else table.party_by_id)
    allocation = allocate_bill(
        case,
        party_use(load, named, interval_s=case.interval_s),
        rules=split.rules,
        distance_by_party_km=_distances(split, table, driven_km=driven_km),
    )
    return SplitBill(
        allocation=allocation,
        time_zone=case.time_zone.key,
        assumptions=(*opened.assumptions, *allocation.bill.assumptions),
    )


def _parties(split: Split) -> PartyTable | None:
    if split.parties_path is None:
        return None
    content = read_content(split.parties_path)
    return parties_from_csv(content.text, where=split.parties_path.name)


def _distances(
    split: Split, table: PartyTable | None, *, driven_km: dict[str, float]
) -> dict[str, float]:
    if table is not None and table.distance_by_party_km:
        return dict(table.distance_by_party_km)
    if split.by != "vehicle":
        return {}
    distances_km: dict[str, float] = {}
    for vehicle_id, distance_km in driven_km.items():
        party = vehicle_id if table is None else table.party_by_id.get(vehicle_id)
        if party is not None:
            distances_km[party] = distances_km.get(party, 0.0) + distance_km
    return distances_km


def _driven_km(stored: StoredCase, case: BillingCase) -> dict[str, float]:
    record, driven_km = stored.record, dict[str, float]()
    for duty in duties_of_store(stored.settings) if record is None else record.duties:
        if case.period.start <= duty.departure < case.period.end:
            driven_km[duty.vehicle_id] = driven_km.get(duty.vehicle_id, 0.0) + duty.distance_km
    return driven_km
