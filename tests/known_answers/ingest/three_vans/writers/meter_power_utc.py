"""A meter's table: watts at the start of intervals, UTC, with a name of the meter."""

from types import SimpleNamespace

SOURCE = "meter_csv"
FILE = "power.csv"
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's powers in whole watts."""
    lines = ["meter;interval_start;power_w"]
    lines += [
        f"{row.meter_id};{row.interval_start:%Y-%m-%dT%H:%M:%S+00:00};{row.power_kw * 1000:.0f}"
        for row in night.meter
    ]
    return ("\n".join(lines) + "\n").encode()
