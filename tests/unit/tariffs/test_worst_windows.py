from datetime import timedelta

import pytest

from depotlib.errors import AllocationError
from depotlib.tariffs.worst_windows import bills_without_worst
from tests.tariff_cases import JUNE_START, golden, line, schedule, tariff
from tests.use_cases import june_case, june_kw


def test_the_bill_without_the_worst_windows_is_billed_again():
    case = june_case(golden(), june_kw(400.0, 100.0, 300.0, 200.0, rest=100.0))

    one, two = bills_without_worst(case, (1, 2))

    # Capped at 300 and at 200 kW: 15 $/kW less 100 and 200 kW, and at 0.10 $/kWh
    # (100 x 0.25 = 25 kWh), ((200 + 100) x 0.25 = 75 kWh) that are not drawn.
    assert (one.cap_kw, two.cap_kw) == (300.0, 200.0)
    assert one.saving == 1500 + 25 * one.bill.lines[0].unit_price
    assert two.saving == 3000 + 75 * one.bill.lines[0].unit_price
    assert one.windows == (JUNE_START,)
    assert two.windows == (JUNE_START, JUNE_START + timedelta(minutes=30))
    assert line(two.bill, "Flat demand").quantity == 200


def test_windows_of_one_line_are_ranked_by_what_it_counts():
    # 400 kW at midnight does not count on-peak (10:00 to 11:00): there it is 90, 80, 70.
    case = june_case(
        tariff(
            demandratestructure=[[{"rate": 0}], [{"rate": 20}]],
            demandweekdayschedule=schedule(range(10, 11)),
            demandweekendschedule=schedule(range(10, 11)),
        ),
        june_kw(400.0, *[0.0] * 39, 90.0, 80.0, 70.0),
    )

    (one, two) = bills_without_worst(case, (1, 2, 30), component="TOU demand, period 2")

    assert (one.cap_kw, two.cap_kw) == (80.0, 70.0)
    assert line(two.bill, "TOU demand, period 2").quantity == 70


def test_a_window_finer_than_its_readings_is_capped_as_a_whole():
    case = june_case(golden(demandwindow=30), june_kw(300.0, 100.0, 120.0, 120.0))

    (one,) = bills_without_worst(case, (1,))

    # Half-hours of 200 and 120 kW: the first is brought to 120, its quarter-hours to 180 and 60.
    assert (one.cap_kw, line(one.bill, "Flat demand").quantity) == (120.0, 120)


def test_more_windows_than_there_are_give_no_bill():
    assert bills_without_worst(june_case(golden(), june_kw(400.0, 100.0)), (2, 3)) == ()


@pytest.mark.parametrize(
    ("counts", "component"), [((), None), ((0,), None), ((1,), "Energy"), ((1,), "TOU demand")]
)
def test_what_cannot_be_capped_is_refused(counts, component):
    with pytest.raises(AllocationError):
        bills_without_worst(june_case(golden(), june_kw(400.0)), counts, component=component)
