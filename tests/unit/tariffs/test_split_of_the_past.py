"""A split needs the past only where a tariff looks back at it.

Two vans share a month; in June, the month before, van a alone drew 300 kW in the first quarter-hour.
July is billed; the load goes on to the first of August.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from depotlib.model.allocation import AllocationRules
from depotlib.model.bill import Bill, BillLine
from depotlib.model.calendar import BillingPeriod
from depotlib.tariffs.allocation import allocate_bill, spans_of_split
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.party_use import PartyUse, party_use, use_by
from tests.tariff_cases import (
    JUNE,
    JUNE_START,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    load,
    schedule,
    tariff,
)

JULY = BillingPeriod(start=JUNE.end, end=datetime(2026, 8, 1, 5, tzinfo=UTC))
BY_USE = AllocationRules()
RATCHET = {"lookbackpercent": 0.8, "lookbackmonths": [True] * 12}
DEMAND = {"flatdemandstructure": [[{"rate": 15}]]}
BY_HOUR = {
    "energyratestructure": [[{"rate": 0.10}], [{"rate": 0.30}]],
    "energyweekdayschedule": schedule(range(10, 11)),
    "energyweekendschedule": schedule(range(10, 11)),
}
HOURS_OF_USE = {
    "energyratestructure": [
        [{"rate": 0.12, "max": 100, "unit": "kWh/kW"}, {"rate": 0.05, "unit": "kWh/kW"}]
    ]
}
JULY_QUARTERS = 31 * 96
AUGUST_KW = [50.0] * 96
A_KW = [300.0, *[0.0] * (QUARTERS_IN_JUNE - 1), *[40.0, 20.0] * (JULY_QUARTERS // 2), *AUGUST_KW]
B_KW = [*[0.0] * QUARTERS_IN_JUNE, *[10.0, 30.0] * (JULY_QUARTERS // 2), *AUGUST_KW]


def july(**fields: object) -> BillingCase:
    both = [one + other for one, other in zip(A_KW, B_KW, strict=True)]
    return BillingCase(
        tariff=tariff(**fields),
        load=load(both),
        period=JULY,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )


def use_of(case: BillingCase, spans=()) -> PartyUse:
    """Return who drew what, as far as it is known of some spans; none: of all."""
    uses = pl.concat(
        load(power_kw).with_columns(vehicle_id=pl.lit(van), station_id=pl.lit(None, pl.String))
        for van, power_kw in (("a", A_KW), ("b", B_KW))
    ).filter(pl.col("power_kw") > 0)
    at = pl.col("interval_start")
    known = pl.any_horizontal(
        [at.is_between(start, end, closed="left") for start, end in spans] or [at.is_not_null()]
    )
    return party_use(
        case.load.filter(known), use_by("vehicle_id", uses.filter(known)), interval_s=QUARTER_S
    )


def split(case: BillingCase, spans):
    return allocate_bill(case, use_of(case, spans), rules=BY_USE)


def energy_of(bill: Bill) -> list[BillLine]:
    return [line for line in bill.lines if line.family == "energy"]


@pytest.mark.parametrize("fields", [DEMAND, DEMAND | BY_HOUR, DEMAND | BY_HOUR | RATCHET])
def test_of_the_past_only_peaks_that_the_bill_still_holds_are_asked_for(fields):
    case = july(**fields)
    earlier = () if RATCHET.keys() - fields.keys() else ((JUNE_START, case.window_end(JUNE_START)),)

    spans = spans_of_split(case.bill(), case=case, rules=BY_USE)

    assert spans == (*earlier, (JULY.start, JULY.end))
    assert split(case, spans) == split(case, ())


def test_all_of_it_is_asked_for_where_energy_is_priced_by_hours_of_an_earlier_peak():
    case = july(**HOURS_OF_USE | RATCHET)

    assert spans_of_split(case.bill(), case=case, rules=BY_USE) == ()
    # Whoever splits by energy needs no hours of anybody.
    by_energy = replace(BY_USE, energy="by_energy")
    assert spans_of_split(case.bill(), case=case, rules=by_energy) == ((JULY.start, JULY.end),)


@pytest.mark.parametrize("fields", [DEMAND, DEMAND | BY_HOUR, DEMAND | BY_HOUR | RATCHET])
def test_each_party_alone_is_billed_the_same_energy_by_less_of_the_load(fields):
    case = july(**fields)
    smaller = case.of_energy(case.bill())
    use = use_of(case)
    everybody = np.ones(len(use.parties), dtype=bool)
    assert smaller is not case

    by_all = case.bills_of(use.loads_of(everybody))
    by_july = smaller.bills_of(use.loads_of(everybody, within=JULY))

    assert [energy_of(bill) for bill in by_july] == [energy_of(bill) for bill in by_all]
    assert use.loads_of(everybody, within=JULY).height == JULY_QUARTERS


def test_a_smaller_case_bills_the_same_energy():
    case = july(**DEMAND | BY_HOUR | RATCHET)
    smaller = case.of_energy(case.bill())

    assert smaller.load.height == JULY_QUARTERS
    assert smaller.bill().lines == tuple(one for one in case.bill().lines if one.family == "energy")
    by_hours = july(**HOURS_OF_USE)
    assert by_hours.of_energy(by_hours.bill()) is by_hours
