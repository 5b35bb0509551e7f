"""Several meters together."""

from pathlib import Path

from depotlib.store.meter import meters_load
from tests.unit.store.samples import MIDNIGHT, after, import_meter, meter_row


def test_meters_are_summed_and_an_interval_that_one_of_them_lacks_is_unknown(tmp_path: Path):
    path = tmp_path / "warehouse.duckdb"
    # Half-hour readings hold in both of their quarter-hours; the second meter has one only.
    rows = [
        meter_row(minute=0, power_kw=10.0, row=1, interval_s=1800),
        meter_row(minute=30, power_kw=20.0, row=2, interval_s=1800),
        {**meter_row(minute=0, power_kw=3.0, row=3, interval_s=900), "meter_id": "second"},
        {**meter_row(minute=15, power_kw=5.0, row=4, interval_s=900), "meter_id": "second"},
        {**meter_row(minute=30, power_kw=7.0, row=5, interval_s=900), "meter_id": "second"},
        {**meter_row(minute=0, power_kw=99.0, row=6, interval_s=900), "meter_id": "third"},
    ]
    import_meter(path, *rows)

    load = meters_load(path, ["main", "second"], start=MIDNIGHT, end=after(hours=1))

    assert load["power_kw"].to_list() == [13.0, 15.0, 27.0, None]
