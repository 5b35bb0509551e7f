"""Readers of market prices: each value of a file is accounted for, each instant is right."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from depotlib.errors import SpotPriceError, TimeZoneNeededError
from depotlib.model.frames import PriceFrame
from depotlib.tariffs.spot.document import prices_from_document
from depotlib.tariffs.spot.mapped_table import PriceColumns
from tests.places import TEST_DATA

SMARD = (TEST_DATA / "prices" / "smard_2025-03-30.csv").read_bytes()
CAISO_HEAD = (
    "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,"
    "MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP"
)


def stamps(prices):
    return prices["interval_start"].to_list()


def entsoe(*periods, curve="A03", unit="MWH", zone="10Y1001A1001A82H"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Publication_MarketDocument '
        'xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3"><type>A44</type>'
        f"<TimeSeries><in_Domain.mRID>{zone}</in_Domain.mRID>"
        "<currency_Unit.name>EUR</currency_Unit.name>"
        f"<price_Measure_Unit.name>{unit}</price_Measure_Unit.name>"
        f"<curveType>{curve}</curveType>{''.join(periods)}</TimeSeries>"
        "</Publication_MarketDocument>"
    ).encode()


def period(start, end, *, resolution, prices):
    points = "".join(
        f"<Point><position>{position}</position><price.amount>{price}</price.amount></Point>"
        for position, price in prices.items()
    )
    return (
        f"<Period><timeInterval><start>{start}</start><end>{end}</end></timeInterval>"
        f"<resolution>{resolution}</resolution>{points}</Period>"
    )


def caiso_row(hour, part, price):
    return (
        f"2026-03-08T{hour:02d}:00:00-00:00,2026-03-08T{hour + 1:02d}:00:00-00:00,2026-03-08,1,0,"
        f"N,N,N_1,DAM,{part},LMP_PRC,N,ALL,0,{price},1"
    )


def test_smard_reads_every_zone_of_the_spring_day():
    reading = prices_from_document(SMARD, where="smard")

    # 46 rows x 17 zones; DE/AT/LU ended in 2018 and is "-" in all of them.
    assert reading.values_in == 46 * 17
    assert (reading.missing, reading.duplicates, reading.rejections) == (46, 0, ())
    assert reading.prices.height == 46 * 16
    PriceFrame.validate(reading.prices)
    german = reading.prices.filter(reading.prices["series"] == "Deutschland/Luxemburg")
    steps = german["interval_start"].diff().drop_nulls().dt.total_seconds().unique().to_list()
    assert steps == [3600]
    # "30.03.2025 03:00" follows "01:00" on the clock: 01:00 UTC follows 00:00 UTC.
    row = german.filter(german["interval_start"] == datetime(2025, 3, 30, 1, tzinfo=UTC))
    assert row["price_per_kwh"].to_list() == [pytest.approx(0.00510)]
    assert german["price_per_kwh"].min() == pytest.approx(-0.02607)


def test_smard_says_that_an_end_is_wrong():
    # The row of 30 March, 01:00 ends on 29 March, 02:00.
    (finding,) = prices_from_document(SMARD, where="smard").findings
    assert (finding.kind, finding.count) == ("wrong_interval_end", 1)


def test_smard_tells_the_repeated_hour_apart():
    text = (
        "Datum von;Datum bis;Polen [€/MWh] Originalauflösungen\n"
        "26.10.2025 01:00;26.10.2025 02:00;1,00\n"
        "26.10.2025 02:00;26.10.2025 03:00;2,00\n"
        "26.10.2025 02:00;26.10.2025 03:00;1.003,50\n"
        "26.10.2025 03:00;26.10.2025 04:00;zwei\n"
        "30.03.2025 02:30;30.03.2025 03:30;5,00\n"
    )

    reading = prices_from_document(text.encode(), where="autumn")

    # 02:00 is 00:00 UTC in summer time and 01:00 UTC in winter time.
    assert stamps(reading.prices) == [
        datetime(2025, 10, 25, 23, tzinfo=UTC),
        datetime(2025, 10, 26, 0, tzinfo=UTC),
        datetime(2025, 10, 26, 1, tzinfo=UTC),
    ]
    assert reading.prices["price_per_kwh"].to_list() == pytest.approx([0.001, 0.002, 1.0035])
    assert [(each.row, each.reason) for each in reading.rejections] == [
        (6, "bad_time"),
        (5, "bad_price"),
    ]


def test_entsoe_fills_forward_what_a03_leaves_out():
    document = entsoe(
        period(
            "2026-01-14T23:00Z", "2026-01-15T05:00Z",
            resolution="PT60M", prices={1: "50.0", 3: "-4.5", 4: "60"},
        )
    )  # fmt: skip

    reading = prices_from_document(document, where="a44")

    assert reading.prices["price_per_kwh"].to_list() == pytest.approx(
        [0.05, 0.05, -0.0045, 0.06, 0.06, 0.06]
    )
    assert (reading.values_in, reading.filled) == (3, 3)
    assert stamps(reading.prices)[0] == datetime(2026, 1, 14, 23, tzinfo=UTC)


def test_entsoe_does_not_fill_another_curve():
    document = entsoe(
        period("2026-01-14T23:00Z", "2026-01-15T02:00Z", resolution="PT60M", prices={1: 50, 3: 60}),
        curve="A01",
    )

    reading = prices_from_document(document, where="a44")

    assert reading.prices.height == 2
    assert [(each.kind, each.count) for each in reading.findings] == [("gap", 1)]


def test_entsoe_keeps_each_resolution():
    # Day-ahead trading went from hours to quarter-hours on 1 October 2025.
    document = entsoe(
        period(
            "2025-09-29T22:00Z", "2025-09-30T22:00Z", resolution="PT60M", prices={1: 100}
        ),
        period(
            "2025-09-30T22:00Z", "2025-09-30T23:00Z", resolution="PT15M", prices={1: 1, 4: 4}
        ),
    )  # fmt: skip

    reading = prices_from_document(document, where="a44")

    assert reading.prices["interval_s"].to_list() == [3600] * 24 + [900] * 4
    assert reading.prices["price_per_kwh"].to_list()[-4:] == pytest.approx([0.001] * 3 + [0.004])


def test_entsoe_days_of_a_clock_change_have_23_and_25_hours():
    document = entsoe(
        period("2026-03-28T23:00Z", "2026-03-29T22:00Z", resolution="PT60M", prices={1: 1}),
        period("2026-10-24T22:00Z", "2026-10-25T23:00Z", resolution="PT60M", prices={1: 2}),
    )

    prices = prices_from_document(document, where="a44").prices

    assert prices.group_by("price_per_kwh").len().sort("price_per_kwh")["len"].to_list() == [23, 25]


def test_entsoe_rejects_a_point_outside_its_period_and_goes_on():
    document = entsoe(
        period(
            "2026-01-15T00:00Z", "2026-01-15T02:00Z",
            resolution="PT60M", prices={1: 5, 2: "n/e", 9: 7},
        )
    )  # fmt: skip

    reading = prices_from_document(document, where="a44")

    assert [each.reason for each in reading.rejections] == ["bad_point", "bad_point"]
    assert (reading.values_in, reading.filled, reading.prices.height) == (3, 1, 2)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"<Acknowledgement_MarketDocument><Reason><text>No matching data</text></Reason>"
         b"</Acknowledgement_MarketDocument>", "No matching data"),
        (b"<Publication_MarketDocument><TimeSeries>", "not complete XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><Publication_MarketDocument/>', "type of its own"),
        (entsoe(period("2026-01-15T00:00Z", "2026-01-15T02:00Z", resolution="P1D", prices={1: 5})),
         "P1D"),
        (entsoe(period("x", "y", resolution="PT60M", prices={1: 5})), "without its times"),
        (entsoe(period("2026-01-15T00:00Z", "2026-01-15T02:00Z", resolution="PT60M", prices={}),
                unit="KWH"), "per KWH"),
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"Datum von;Datum bis;X [EUR]\n", "no row"),
        (b"Datum von;Y;Polen [\xe2\x82\xac/MWh]\n1;2;3\n", "Datum bis"),
        (b"INTERVALSTARTTIME_GMT,LMP_TYPE\n1,2\n", "INTERVALENDTIME_GMT"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_used_is_refused_in_words(document, says):
    with pytest.raises(SpotPriceError, match=says):
        prices_from_document(document, where="document")


def test_caiso_takes_the_whole_price_from_its_column_mw():
    rows = [
        caiso_row(hour, part, price)
        for hour in range(23)
        for part, price in (("LMP", 30 + hour), ("MCC", 0.5), ("MCE", 29), ("MCL", 0.5))
    ]
    document = "\n".join([CAISO_HEAD, *rows, rows[0], caiso_row(5, "LMP", "?")]).encode()

    reading = prices_from_document(document, where="oasis")

    # 8 March 2026 has 23 hours in California; 23 x 4 parts, one again, one unreadable.
    assert reading.values_in == 23 * 4 + 2
    assert (reading.other, reading.duplicates) == (23 * 3, 1)
    assert [each.reason for each in reading.rejections] == ["bad_price"]
    assert reading.prices["price_per_kwh"].to_list() == pytest.approx(
        [(30 + hour) / 1000 for hour in range(23)]
    )
    assert set(reading.prices["series"]) == {"N_1"}
    assert set(reading.prices["currency"]) == {"USD"}


@pytest.mark.parametrize(
    ("unit", "price", "expected", "currency"),
    [
        # 1 MWh is 1000 kWh; a cent, a penny and an öre are hundredths.
        ("EUR/MWh", "81.5", 0.0815, "EUR"),
        ("ct/kWh", "8.15", 0.0815, "EUR"),
        ("p/kWh", "-2", -0.02, "GBP"),
        ("öre/kWh", "45", 0.45, "SEK"),
        ("$/MWh", "30", 0.03, "USD"),
        ("NOK/kWh", "0.5", 0.5, "NOK"),
    ],
)
def test_a_table_states_its_unit(unit, price, expected, currency):
    document = (
        f"start,price,unit\n2026-01-01T00:00Z,{price},{unit}\n2026-01-01T00:30Z,{price},{unit}\n"
    )

    reading = prices_from_document(document.encode(), where="table")

    assert reading.prices["price_per_kwh"].to_list() == pytest.approx([expected] * 2)
    assert reading.prices["currency"].to_list() == [currency] * 2
    assert reading.prices["interval_s"].to_list() == [1800] * 2


def test_a_table_with_decimal_commas_and_local_times_is_mapped():
    document = (
        "Leverering;Elspotpris\n2026-10-25 02:00;1.234,5\n2026-10-25 02:00;-10,0\n"
        "2026-10-25 03:00;\n2026-03-29 02:30;1,0\nx;1,0\n2026-10-25 03:00;y\n"
    )
    columns = PriceColumns(
        start="Leverering", price="Elspotpris", unit="DKK/MWh", interval_s=3600,
        time_zone=ZoneInfo("Europe/Copenhagen"), series="DK1",
    )  # fmt: skip

    reading = prices_from_document(document.encode(), where="table", columns=columns)

    assert stamps(reading.prices) == [
        datetime(2026, 10, 25, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
    ]
    assert reading.prices["price_per_kwh"].to_list() == pytest.approx([1.2345, -0.01])
    assert reading.missing == 1
    assert [each.reason for each in reading.rejections] == ["bad_time", "bad_time", "bad_price"]
    assert set(reading.prices["series"]) == {"DK1"}


def test_local_times_without_a_zone_are_not_guessed():
    with pytest.raises(TimeZoneNeededError):
        prices_from_document(b"start,price,unit\n2026-01-01T00:00,1,ct/kWh\n", where="table")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("when,price\n2026-01-01T00:00Z,1\n", "no column interval_start"),
        ("start,price\n2026-01-01T00:00Z,1\n", "no unit"),
        ("start,price,unit\n2026-01-01T00:00Z,1,EUR/MW\n", "no unit of a price"),
        ("start,price_per_kwh\n2026-01-01T00:00Z,1\n", "no currency"),
        ("start,price,unit\n2026-01-01T00:00Z,1,ct/kWh\n", "how long"),
        (
            "start,price,unit\n2026-01-01T00:00Z,1,ct/kWh\n2026-01-01T01:00Z,1,p/kWh\n",
            "2 different",
        ),
    ],
)
def test_a_table_that_does_not_say_enough_is_refused(document, says):
    with pytest.raises(SpotPriceError, match=says):
        prices_from_document(document.encode(), where="table")


@pytest.mark.parametrize(
    ("true_text", "false_text"),
    [
        ("2025-11-01T04:00Z", "2025-11-01T04:00"),  # an end without a zone
        ("2025-11-01T04:00Z", "2525-11-01T04:00Z"),  # five centuries of hours
        ("PT60M", "PT0M"),
    ],
)
def test_a_period_that_cannot_be_is_refused_and_not_walked_through(true_text, false_text):
    document = (TEST_DATA / "ingest" / "market_prices" / "entsoe.xml").read_text()

    with pytest.raises(SpotPriceError, match="a period from"):
        prices_from_document(document.replace(true_text, false_text).encode(), where="a44")


def test_a_price_that_is_no_number_has_no_place():
    document = (TEST_DATA / "ingest" / "market_prices" / "entsoe.xml").read_text()

    reading = prices_from_document(document.replace("52.10", "nan").encode(), where="a44")

    assert [each.reason for each in reading.rejections] == ["bad_point", "bad_point"]
