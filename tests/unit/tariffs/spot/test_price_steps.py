"""Market prices asked by interval."""

from datetime import UTC, datetime

import numpy as np
import pytest

from depotlib.errors import SpotPriceError
from depotlib.tariffs.spot.document import prices_from_document
from depotlib.tariffs.spot.price_steps import SECOND_US, price_steps

HOURS = (
    b"start,price,unit,series\n2026-01-01T00:00Z,100,EUR/MWh,a\n2026-01-01T01:00Z,-40,EUR/MWh,a\n"
    b"2026-01-01T03:00Z,60,EUR/MWh,a\n"
)
START_US = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * SECOND_US


def hours():
    return price_steps(prices_from_document(HOURS, where="hours").prices)


def starts(count, *, interval_s, first_s=0):
    return START_US + (first_s + np.arange(count, dtype=np.int64) * interval_s) * SECOND_US


def test_finer_intervals_have_the_price_of_their_hour():
    found = hours().mean_per_kwh(starts(8, interval_s=900), interval_s=900)

    assert found.tolist() == pytest.approx([0.1] * 4 + [-0.04] * 4)


def test_a_coarser_interval_has_the_mean_price():
    found = hours().mean_per_kwh(starts(1, interval_s=7200), interval_s=7200)

    # (100 - 40) / 2 EUR/MWh
    assert found.tolist() == pytest.approx([0.03])


def test_an_interval_that_lacks_a_part_of_its_price_has_none():
    found = hours().mean_per_kwh(starts(3, interval_s=3600, first_s=1800), interval_s=3600)

    # 00:30 to 01:30 is half 100, half -40; from 02:00 to 03:00 there is no price; nor after 04:00.
    assert found[0] == pytest.approx(0.03)
    assert np.isnan(found[1:]).all()
    assert np.isnan(
        hours().mean_per_kwh(starts(1, interval_s=3600, first_s=14_400), interval_s=900)
    )


def test_an_unknown_series_is_refused_with_those_there_are():
    prices = prices_from_document(HOURS, where="hours").prices

    with pytest.raises(SpotPriceError, match="there are spot"):
        price_steps(prices, series="DE-LU")


def test_overlapping_prices_are_refused():
    prices = prices_from_document(HOURS, where="hours").prices
    doubled = prices.vstack(
        prices.with_columns(interval_s=900).cast({"interval_s": int}).cast(dict(prices.schema))
    )

    with pytest.raises(SpotPriceError, match="two prices hold"):
        price_steps(doubled)
