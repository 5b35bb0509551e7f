import pytest

from depotlib.errors import TimeZoneNeededError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources.geotab_excel import GeotabExcel
from depotlib.ingest.sources.geotab_tables import GeotabTables
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest"
NEW_YORK = ReadOptions(time_zone="America/New_York")


def table(name: str) -> SourceRows:
    return GeotabTables().read(read_content(SAMPLES / "geotab_tables" / name), ReadOptions())


def report() -> SourceRows:
    return GeotabExcel().read(read_content(SAMPLES / "geotab_excel" / "report.csv"), NEW_YORK)


def test_ticks_are_hundred_nanoseconds():
    # trap 6: 36 000 000 000 ticks are an hour
    session = table("ChargeEvents2.csv").sessions.row(0, named=True)

    assert (session["plug_end"] - session["plug_start"]).total_seconds() == 3600
    # the later of its two versions
    assert (session["energy_wall_kwh"], session["end_soc"]) == (11.0, 0.82)


def test_a_recalculated_trip_replaces_the_one_with_its_start():
    # trap 8: its id has changed
    rows = table("Trips2.csv")

    assert rows.trips.select("distance_km", "end_odometer_km").rows() == [(32.25, 51_000.75)]
    assert rows.telematics["odometer_km"].to_list() == [51_000.75]


def test_a_status_table_gives_readings_in_canonical_units():
    readings = table("StatusData2.csv").telematics

    assert readings["soc"].to_list() == [0.83, None, 0.84]
    assert readings["odometer_km"].to_list() == [42_347.84, None, None]
    # battery power -7200 W is 7.2 kW into the vehicle
    assert readings["power_kw"].to_list() == [None, 7.2, None]


def test_a_diagnostic_by_its_number_says_what_to_export():
    [unknown] = [each for each in table("StatusData2.csv").rejections if each.reason == "not_used"]

    assert "4711" in unknown.detail
    assert "GeotabId" in unknown.detail


def test_the_report_is_read_in_the_units_and_the_zone_of_its_user():
    readings = report().telematics

    # 12 480.4 mi and 50 °F; 20:15 in New York is 00:15 UTC while clocks are on summer time
    assert readings["odometer_km"][0] == pytest.approx(12_480.4 * 1.609344)
    assert readings["temperature_c"][1] == pytest.approx(10.0)
    assert readings["at"][0].strftime("%d %H:%M") == "01 00:15"
    # 04:00 after the change is 09:00 UTC
    assert readings["at"][2].strftime("%d %H:%M") == "01 09:00"


def test_the_report_asks_for_the_zone_of_its_user():
    content = read_content(SAMPLES / "geotab_excel" / "report.csv")

    with pytest.raises(TimeZoneNeededError):
        GeotabExcel().read(content, ReadOptions())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,83,2026-11-02 10:30:00,,DiagnosticStateOfChargeId", "missing_field"),
        ("1,,2026-11-02 10:30:00,7,DiagnosticStateOfChargeId", "missing_field"),
        ("1,far,2026-11-02 10:30:00,7,DiagnosticOdometerId", "bad_number"),
        ("1,-5,2026-11-02 10:30:00,7,DiagnosticOdometerId", "negative_odometer"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(line: str, reason: str):
    text = f"id,Data,DateTime,DeviceId,DiagnosticId\n{line}\n"

    rows = GeotabTables().read(content_of("StatusData2", text.encode()), ReadOptions())

    assert [each.reason for each in rows.rejections] == [reason]


def test_a_status_of_devices_says_who_drives():
    text = (
        "DeviceId,DateTime,IsDriving,IsDeviceCommunicating,Speed\n"
        "7,2026-11-02 10:00:00,t,t,40\n7,2026-11-02 18:00:00,f,t,0\n7,2026-11-02 19:00:00,?,t,0\n"
    )

    rows = GeotabTables().read(content_of("DeviceStatusInfo2", text.encode()), ReadOptions())

    assert rows.telematics.select("is_plugged", "is_charging").rows() == [(False, False)]
    assert [each.reason for each in rows.rejections] == ["not_used", "bad_claim"]
