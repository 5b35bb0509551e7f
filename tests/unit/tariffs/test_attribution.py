from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.model.attribution import BASE_LOAD, NOT_KNOWN
from depotlib.model.bill import Bill, BillLine
from depotlib.tariffs.attribution import attribute_peaks
from tests.tariff_cases import JUNE, JUNE_START, golden, schedule, tariff
from tests.use_cases import june_case, june_kw, june_use

TEN = 40
"""Quarter-hour of 10:00."""


def test_a_peak_is_shared_by_what_each_drew_while_it_was_set():
    # The peak is the second quarter-hour: 120 kW, of which a drew 60, b 40, nobody 20.
    case = june_case(golden(), june_kw(100.0, 120.0, rest=50.0))
    use = june_use(case, {("a", "s1"): [100.0, 60.0], ("b", "s2"): [0.0, 40.0]})

    (peak,) = attribute_peaks(case.bill(), use, case=case)

    # 120 x 15 = 1,800
    assert (peak.component, peak.quantity, peak.amount) == ("Flat demand", 120, 1800)
    assert [(share.party, share.quantity, share.amount) for share in peak.shares] == [
        ("a", 60, 900),
        ("b", 40, 600),
        (BASE_LOAD, 20, 300),
    ]
    assert not peak.is_from_earlier


def test_every_demand_line_has_its_own_window():
    # On-peak 10:00 to 11:00 at 20 $/kW: 80 kW there, by b; at all other hours 5 $/kW: 100, by a.
    case = june_case(
        tariff(
            demandratestructure=[[{"rate": 5}], [{"rate": 20}]],
            demandweekdayschedule=schedule(range(10, 11)),
            demandweekendschedule=schedule(range(10, 11)),
        ),
        june_kw(100.0, *[0.0] * (TEN - 1), 80.0),
    )
    use = june_use(case, {("a", None): [100.0], ("b", None): [0.0] * TEN + [80.0]})

    peaks = attribute_peaks(case.bill(), use, case=case)

    assert [(peak.shares[0].party, peak.shares[0].amount) for peak in peaks] == [
        ("a", 500),
        ("b", 1600),
    ]


def test_a_window_of_several_intervals_is_shared_by_their_mean():
    case = june_case(golden(demandwindow=30), june_kw(100.0, 60.0))
    use = june_use(case, {("a", None): [100.0, 0.0], ("b", None): [0.0, 60.0]})

    (peak,) = attribute_peaks(case.bill(), use, case=case)

    # The half-hour's mean is 80: a's is 50, b's 30.
    assert {share.party: share.quantity for share in peak.shares} == {"a": 50, "b": 30}


def test_tiers_of_one_peak_are_shared_alike():
    case = june_case(
        tariff(flatdemandstructure=[[{"rate": 10, "max": 40}, {"rate": 20}]]), june_kw(100.0)
    )
    use = june_use(case, {("a", None): [75.0]})

    peaks = attribute_peaks(case.bill(), use, case=case)

    assert [peak.quantity for peak in peaks] == [40, 60]
    assert [share.quantity for peak in peaks for share in peak.shares] == [30, 10, 45, 15]


@settings(max_examples=40)
@given(powers=st.lists(st.floats(0.001, 400), min_size=1, max_size=60))
def test_shares_sum_exactly_to_the_billed_peak_and_its_amount(powers):
    case = june_case(golden(), [sum(powers) + 0.37, 1.0])
    use = june_use(case, {(f"van-{n}", None): [power] for n, power in enumerate(powers)})

    (peak,) = attribute_peaks(case.bill(), use, case=case)

    assert sum(share.quantity for share in peak.shares) == peak.quantity
    assert sum(share.amount for share in peak.shares) == peak.amount


def bill_of(line):
    return Bill(period=JUNE, currency="USD", lines=(line,))


def demand_line(**fields):
    known = {
        "component": "Flat demand",
        "quantity": Decimal(240),
        "unit": "kW",
        "unit_price": Decimal(15),
        "amount": Decimal("3600.00"),
        "family": "demand",
    }
    return BillLine(**(known | fields))


def test_a_ratchet_goes_to_those_who_drew_in_the_earlier_month():
    case = june_case(golden(), june_kw(300.0, 100.0))
    use = june_use(case, {("a", None): [200.0]})
    later = june_case(golden(), case.load["power_kw"].to_list())
    july = later.__class__(
        tariff=case.tariff,
        load=case.load,
        period=type(JUNE)(start=JUNE.end, end=JUNE.end.replace(month=8)),
        interval_s=case.interval_s,
        time_zone=case.time_zone,
    )

    # 80 % of June's 300 kW is billed in July.
    (peak,) = attribute_peaks(bill_of(demand_line(set_by=JUNE_START)), use, case=july)

    assert peak.is_from_earlier
    assert "earlier month" in peak.sentence
    assert {share.party: share.quantity for share in peak.shares} == {"a": 160, BASE_LOAD: 80}


def test_a_peak_that_nobody_covers_is_not_pinned_on_anybody():
    case = june_case(golden(), june_kw(100.0))
    use = june_use(case, {("a", None): [80.0]})

    before_all = attribute_peaks(
        bill_of(demand_line(set_by=JUNE_START.replace(month=2))), use, case=case
    )
    by_no_interval = attribute_peaks(bill_of(demand_line()), use, case=case)

    for (peak,) in (before_all, by_no_interval):
        assert [(share.party, share.quantity) for share in peak.shares] == [(NOT_KNOWN, 240)]
    assert "not known" in before_all[0].sentence
    assert "no single interval" in by_no_interval[0].sentence


def test_a_mean_of_several_peaks_goes_to_those_who_made_them():
    case = june_case(golden(), june_kw(100.0, 60.0))
    use = june_use(case, {("a", None): [100.0, 0.0], ("b", None): [0.0, 60.0]})
    second = JUNE_START + timedelta(minutes=15)

    mean = demand_line(quantity=Decimal(80), amount=Decimal("1200.00"), set_by=JUNE_START,
                       also_set_by=(second,))  # fmt: skip
    (peak,) = attribute_peaks(bill_of(mean), use, case=case)

    # (100 + 60) / 2, of which a has 50 and b 30.
    assert {share.party: share.quantity for share in peak.shares} == {"a": 50, "b": 30}


def test_a_ratchet_whose_month_is_only_history_is_said_to_be_one():
    case = june_case(golden(), june_kw(100.0))
    use = june_use(case, {("a", None): [80.0]})

    (peak,) = attribute_peaks(
        bill_of(demand_line(note="ratchet: set by the peak of 2025-09")), use, case=case
    )

    assert peak.is_from_earlier
    assert peak.shares[0].party == NOT_KNOWN
    assert "who drew then is not known" in peak.sentence
