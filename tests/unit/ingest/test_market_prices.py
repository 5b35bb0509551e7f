import pytest

from depotlib.errors import TimeZoneNeededError, TruncatedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.market_prices import MarketPrices
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "market_prices"
PLAIN = "start,price,unit\n2026-11-01 00:00,30,EUR/MWh\n2026-11-01 01:00,x,EUR/MWh\n"


def read(text: str, **options):
    return MarketPrices().read(content_of("prices", text.encode()), ReadOptions(**options))


def test_every_zone_of_a_line_is_a_series_and_the_wrong_end_is_told():
    rows = MarketPrices().read(read_content(SAMPLES / "smard.csv"), ReadOptions())

    # 30 March 2025: 01:00 in Berlin is 00:00 UTC, and 05:00 is 03:00 UTC; 1 EUR/MWh = 0.001/kWh
    shown = [
        (series, start.strftime("%d %H:%M"), round(price, 6))
        for series, start, price in rows.prices.select(
            "series", "interval_start", "price_per_kwh"
        ).iter_rows()
    ]
    assert shown == [
        ("Belgien", "29 23:00", 0.01062), ("Belgien", "30 03:00", 0.0071),
        ("Deutschland/Luxemburg", "29 23:00", 1.10216),
        ("Deutschland/Luxemburg", "30 00:00", -0.00325),
        ("Deutschland/Luxemburg", "30 03:00", 0.0),
    ]  # fmt: skip
    assert {each.kind: each.count for each in rows.findings}["wrong_interval_end"] == 1


def test_a_line_with_one_unreadable_price_is_kept_whole_for_mending():
    rows = MarketPrices().read(read_content(SAMPLES / "smard.csv"), ReadOptions())

    bad = next(each for each in rows.rejections if each.reason == "bad_price")
    assert (bad.row, bad.raw) == (4, "30.03.2025 03:00;30.03.2025 04:00;n/a;8,38")


def test_local_times_of_a_plain_table_need_a_zone():
    with pytest.raises(TimeZoneNeededError):
        read(PLAIN)

    assert read(PLAIN, is_trial=True).kept == 1
    assert read(PLAIN, time_zone="Europe/Paris").prices["price_per_kwh"].to_list() == [0.03]


def test_a_price_that_may_have_been_cut_is_told_and_a_cut_line_refused():
    line = "30.03.2025 06:00;30.03.2025 07:00;12"
    text = (SAMPLES / "smard.csv").read_text()

    with pytest.raises(TruncatedFileError):
        read(text + line)

    found = {each.kind for each in read(text + line + ";1").findings}
    assert "no_final_newline" in found
