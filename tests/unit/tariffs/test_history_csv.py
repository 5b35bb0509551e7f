from decimal import Decimal

import pytest

from depotlib.errors import HistoryError
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.history_csv import history_from_csv

JULY_2025 = 2025 * 12 + 6


def read(*lines):
    return history_from_csv("\n".join(lines).encode(), where="history.csv")


def test_months_are_read_with_what_is_known_of_them():
    history = read(
        'month,peak_kw,energy_kwh,amount,"TOU demand, period 2"',
        "2025-08,280,,,",
        "2025-07,300.5,72000,8800.00,120",
    )

    assert history == BillingHistory(
        (
            EarlierMonth(
                JULY_2025,
                peak_kw=300.5,
                energy_kwh=72_000.0,
                amount=Decimal("8800.00"),
                peaks_by_line_kw={"TOU demand, period 2": 120.0},
            ),
            EarlierMonth(JULY_2025 + 1, peak_kw=280.0),
        )
    )


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([""], "no table"),
        (["month", "2025-07"], "tell of no earlier month"),
        (["peak_kw", "3"], "tell of no earlier month"),
        (["month,peak_kw", "July,3"], "no month"),
        (["month,peak_kw", "2025-13,3"], "no month"),
        (["month,peak_kw", "2025-07,3", "2025-07,4"], "twice"),
        (["month,peak_kw", "2025-07,three"], "not a number"),
        (["month,peak_kw", "2025-07,-3"], "below 0"),
        (["month,amount", "2025-07,NaN"], "not a number"),
    ],
)
def test_a_history_that_cannot_be_is_refused(lines, word):
    with pytest.raises(HistoryError, match=word) as caught:
        read(*lines)

    assert caught.value.where.startswith("history.csv")
    assert caught.value.hint


def test_what_is_stated_holds_over_what_a_load_tells():
    stated = BillingHistory((EarlierMonth(JULY_2025, peak_kw=300.0),))
    from_load = [
        EarlierMonth(JULY_2025, peak_kw=250.0, energy_kwh=10.0),
        EarlierMonth(JULY_2025 + 1, peak_kw=99.0),
    ]

    merged = stated.merged(from_load)

    assert merged.months[0] == EarlierMonth(JULY_2025, peak_kw=300.0, energy_kwh=10.0)
    assert merged.last(1, before=JULY_2025 + 2) == (from_load[1],)
    assert [month.month_index for month in merged.of_year(JULY_2025 + 5)] == [6, 7]
