from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.errors import AllocationError
from depotlib.model.allocation import AllocationRules
from depotlib.model.attribution import BASE_LOAD
from depotlib.tariffs.allocation import allocate_bill
from depotlib.tariffs.value_added_tax import ValueAddedTax
from tests.tariff_cases import golden, schedule, tariff
from tests.use_cases import june_case, june_kw, june_use

VAT = ValueAddedTax(Decimal("0.20"))
ONE_HOUR = 4
NINE, TEN = 36, 40
"""Quarter-hours of 09:00 and 10:00."""


def allocated(case, power_kw, *, distance_km=None, **rules):
    return allocate_bill(
        case,
        june_use(case, power_kw),
        rules=AllocationRules(**rules),
        distance_by_party_km=distance_km or {},
    )


def split_of(allocation, component):
    (line,) = [line for line in allocation.lines if line.component == component]
    return dict(line.amount_by_party)


def test_energy_is_owned_at_the_price_of_the_hour_in_which_it_was_drawn():
    # 0.30 $/kWh from 10:00 to 11:00, else 0.10. a draws 40 kWh before, b 10 kWh in that hour.
    case = june_case(
        tariff(
            energyratestructure=[[{"rate": 0.10}], [{"rate": 0.30}]],
            energyweekdayschedule=schedule(range(10, 11)),
            energyweekendschedule=schedule(range(10, 11)),
        ),
        june_kw(*[0.0] * NINE, *[40.0] * ONE_HOUR, *[10.0] * ONE_HOUR),
    )
    drawn = {("a", None): [0.0] * NINE + [40.0] * ONE_HOUR, ("b", None): [0.0] * TEN + [10.0] * 4}

    by_use = allocated(case, drawn)
    by_energy = allocated(case, drawn, energy="by_energy")

    assert [cost.party for cost in by_use.parties] == ["a", "b"]
    assert [cost.total for cost in by_use.parties] == [4, 3]
    # 7.00 over 50 kWh: 0.14 each.
    assert {cost.party: cost.total for cost in by_energy.parties} == {
        "a": Decimal("5.60"),
        "b": Decimal("1.40"),
    }


def test_energy_in_tiers_goes_by_energy_for_nobody_owns_a_tier():
    # 100 kWh: 60 at 0.20 and 40 at 0.10 = 16.00; a drew 75 of them.
    case = june_case(
        tariff(energyratestructure=[[{"rate": 0.20, "max": 60}, {"rate": 0.10}]]),
        june_kw(400.0),
    )

    allocation = allocated(case, {("a", None): [300.0]})

    assert split_of(allocation, "Energy, tier 1") == {"a": 9, BASE_LOAD: 3}
    assert split_of(allocation, "Energy, tier 2") == {"a": 3, BASE_LOAD: 1}
    assert {"no party owns a tier" in line.rule for line in allocation.lines} == {True}


def test_the_peak_is_owned_by_those_who_made_it_or_as_the_rule_says():
    # The peak of 100 kW is a's alone; b draws 50 kW twice as long: 25 kWh each.
    case = june_case(golden(), june_kw(100.0, 50.0, 50.0))
    drawn = {("a", None): [100.0], ("b", None): [0.0, 50.0, 50.0]}

    by_peak = allocated(case, drawn)
    by_energy = allocated(case, drawn, demand="by_energy")
    equally = allocated(case, drawn, demand="equally")

    assert split_of(by_peak, "Flat demand") == {"a": 1500}
    assert split_of(by_energy, "Flat demand") == {"a": 750, "b": 750}
    assert split_of(equally, "Flat demand") == {"a": 750, "b": 750}


def test_equal_parts_are_for_named_parties_and_energy_counts_base_load():
    # 100 $/month; 30 kWh of a, 10 of b, 60 of nobody.
    case = june_case(golden(), june_kw(400.0))
    drawn = {("a", None): [120.0], ("b", None): [40.0]}

    equally = allocated(case, drawn, fixed="equally")
    by_energy = allocated(case, drawn)

    assert split_of(equally, "Fixed charge") == {"a": 50, "b": 50}
    assert split_of(by_energy, "Fixed charge") == {"a": 30, "b": 10, BASE_LOAD: 60}


def test_the_base_load_alone_bears_everything():
    allocation = allocated(june_case(golden(), june_kw(400.0)), {}, fixed="equally")

    assert [(cost.party, cost.total) for cost in allocation.parties] == [
        (BASE_LOAD, allocation.bill.total)
    ]


def test_a_party_that_drives_has_its_cost_per_distance():
    # 0.25 h x 100 kW x 0.10 = 2.50
    case = june_case(tariff(), june_kw(100.0))

    (cost,) = allocated(case, {("a", None): [100.0]}, distance_km={"a": 50.0}).parties

    # 2.50 / 50 km; 50 km are 31.0686 miles.
    assert (cost.cost_per_km, cost.cost_per_mile) == (Decimal("0.0500"), Decimal("0.0805"))


def test_every_line_says_by_which_rule_it_was_split():
    allocation = allocated(june_case(golden(), june_kw(100.0)), {("a", None): [60.0]})

    assert [(line.component, line.rule) for line in allocation.lines] == [
        ("Energy", "by each party's own energy at the prices of its own hours"),
        ("Flat demand", "by each party's part of the peak"),
        ("Fixed charge", "by each party's energy of the whole period"),
    ]


@settings(max_examples=15, deadline=None)
@given(
    powers=st.lists(st.lists(st.floats(0, 90), min_size=8, max_size=8), min_size=1, max_size=5),
    base_kw=st.floats(0.01, 300),
    demand=st.sampled_from(["by_peak", "by_energy", "equally"]),
    fixed=st.sampled_from(["by_energy", "equally"]),
)
def test_every_line_and_the_whole_bill_are_split_exactly(powers, base_kw, demand, fixed):
    tou = tariff(
        energyratestructure=[[{"rate": 0.1234}], [{"rate": 0.3217}]],
        energyweekdayschedule=schedule(range(1)),
        energyweekendschedule=schedule(range(1)),
        flatdemandstructure=[[{"rate": 7.77, "max": 100}, {"rate": 11.13}]],
        fixedchargefirstmeter=3.21,
        fixedchargeunits="$/day",
        mincharge=600,
    )
    case = june_case(tou, [base_kw + sum(at) for at in zip(*powers, strict=True)])
    drawn = {(f"van-{number}", None): series for number, series in enumerate(powers)}

    allocation = allocated(case, drawn, demand=demand, fixed=fixed)

    assert sum(cost.total for cost in allocation.parties) == allocation.bill.total
    for line in allocation.lines:
        assert sum(line.amount_by_party.values()) == line.amount
    for cost in allocation.parties:
        assert sum(cost.amount_by_family.values()) == cost.total


def test_a_tax_goes_by_what_each_party_bears_of_the_lines_above():
    # 5.00 of energy for a and b alike, 1,500 of demand for a alone, 20 % on 1,505.
    taxed = replace(golden(fixedchargefirstmeter=0), components=(*golden().components[:2], VAT))
    case = june_case(taxed, june_kw(100.0, 50.0, 50.0))
    drawn = {("a", None): [100.0], ("b", None): [0.0, 50.0, 50.0]}

    allocation = allocated(case, drawn)

    # 20 % of 1,502.50 and of 2.50
    assert dict(allocation.lines[-1].amount_by_party) == {
        "a": Decimal("300.50"),
        "b": Decimal("0.50"),
    }


def test_a_bill_of_nothing_drawn_has_no_owner():
    with pytest.raises(AllocationError):
        allocated(june_case(golden(), june_kw()), {})
