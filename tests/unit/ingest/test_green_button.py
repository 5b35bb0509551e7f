import pytest

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.green_button import GreenButton
from tests.places import TEST_DATA

SAMPLE = TEST_DATA / "ingest" / "green_button" / "feed.xml"
TYPE = (
    "<ReadingType><uom>{uom}</uom><flowDirection>{flow}</flowDirection>"
    "<powerOfTenMultiplier>{power}</powerOfTenMultiplier>"
    "<intervalLength>3600</intervalLength></ReadingType>"
)
READING = (
    "<IntervalReading><timePeriod><start>1762000200</start></timePeriod>"
    "<value>{value}</value></IntervalReading>"
)


def feed(*, value: object = 12, uom: object = 72, flow: object = 1, power: object = 3) -> str:
    parts = TYPE.format(uom=uom, flow=flow, power=power) + READING.format(value=value)
    return f"<Batch xmlns='http://naesb.org/espi'>{parts}</Batch>"


def read(text: str):
    return GreenButton().read(content_of("usage.xml", text.encode()), ReadOptions())


def test_delivered_is_positive_and_received_is_a_meter_of_its_own():
    rows = GreenButton().read(read_content(SAMPLE), ReadOptions())

    # tenths of a Wh: 125,000 are 12.5 kWh in a quarter of an hour, 50 kW; 1762000200 is
    # 2025-11-01 12:30 UTC (date -u -d @1762000200)
    shown = rows.meter.select("meter_id", "power_kw", "interval_s").rows()
    assert shown == [
        ("4711", 50.0, 900), ("4711", 53.0, 900), ("4711", 51.0, 900), ("4711", 48.0, 900),
        ("4711 received", -10.0, 900),
    ]  # fmt: skip
    assert [at.strftime("%d %H:%M") for at in rows.meter["interval_start"]] == [
        "01 12:30", "01 12:45", "01 13:15", "01 13:30", "01 12:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "power_kw"),
    [
        ({}, 12.0),  # 12 x 10^3 Wh in an hour
        ({"power": 0, "value": 12_500}, 12.5),
        ({"uom": 38, "power": 0, "value": 7_400}, 7.4),  # W, whatever the interval
        ({"flow": 19}, -12.0),
        ({"flow": 4, "value": -3}, -3.0),  # net, as the feed has it
    ],
)
def test_a_value_counts_in_its_unit_times_a_power_of_ten(changes, power_kw):
    rows = read(feed(**changes))

    assert rows.meter["power_kw"].to_list() == pytest.approx([power_kw])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uom": 71}, "not_used"),  # VAh is no energy that is paid by kWh
        ({"uom": 169}, "not_used"),  # gas
        ({"value": "1e3"}, "bad_number"),
        ({"power": 99}, "bad_number"),
        ({"value": ""}, "missing_field"),
    ],
)
def test_what_is_no_energy_is_rejected_with_its_reason(changes, reason):
    rows = read(feed(**changes))

    assert [each.reason for each in rows.rejections] == [reason]
    assert "IntervalReading" in rows.rejections[0].raw


def test_readings_without_a_type_are_not_guessed_at():
    text = f"<Batch xmlns='http://naesb.org/espi'>{READING.format(value=1)}</Batch>"

    rows = read(text)

    assert [each.reason for each in rows.rejections] == ["no_reading_type"]


def test_a_feed_that_stops_is_refused_as_a_whole():
    text = feed()

    with pytest.raises(TruncatedFileError, match="before its elements close") as refused:
        read(text[: len(text) - 12])

    assert refused.value.where == "usage.xml"


def test_entities_are_never_expanded():
    bomb = "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]>" + feed(value="&c;")

    with pytest.raises(MalformedFileError, match="no need of what it declares"):
        read(bomb)
