"""A tariff's year in one figure: working days above, weekends below, in the same colours."""

import polars as pl

from depotlib.charts.finish import alt_text
from depotlib.charts.price_map import HOURS, MONTHS, price_map

PRICES = pl.DataFrame(
    [
        {"month_index": month, "hour": hour, "is_weekend": is_weekend, "price_per_kwh": price}
        for month, hour, is_weekend, price in [
            (0, 17, False, 0.30),
            (0, 17, True, 0.10),
            (11, 0, False, 0.12),
            (11, 0, True, None),
        ]
    ]
)


def test_each_month_has_a_row_of_working_days_and_one_of_weekends_under_their_headings():
    figure = price_map(PRICES, value="price_per_kwh", unit="USD/kWh")

    (field,) = figure.data
    rows = dict(zip(field.y, field.z, strict=True))
    assert len(rows) == 2 * (1 + len(MONTHS))
    assert {len(row) for row in rows.values()} == {len(HOURS)}
    assert (rows["Jan, working days"][17], rows["Jan, weekends"][17]) == (0.30, 0.10)
    assert (rows["Dec, working days"][0], rows["Dec, weekends"][0]) == (0.12, None)
    # The rows of the headings are empty, and nothing is told of where there is no price.
    assert set(rows["Working days"]) == set(rows["Weekends"]) == {None}
    assert field.hoverongaps is False
    assert [one.text for one in figure.layout.annotations] == ["Working days", "Weekends"]
    assert list(figure.layout.yaxis.ticktext) == ["", *MONTHS, "", *MONTHS]


def test_its_words_tell_the_span_of_both():
    said = alt_text(price_map(PRICES, value="price_per_kwh", unit="USD/kWh"))

    assert said == (
        "Working days: from 0.1200 to 0.3000 USD/kWh by month and hour. "
        "Weekends: from 0.1000 to 0.1000 USD/kWh by month and hour."
    )
