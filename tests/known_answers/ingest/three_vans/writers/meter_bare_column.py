"""A bare column of kW, one a line: a person says when it begins and how long an interval is."""

from types import SimpleNamespace

SOURCE = "meter_column"
FILE = "kw.txt"
OPTIONS = {"series_start": "2026-11-01T04:00:00Z", "interval_s": 900}
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's powers."""
    return "".join(f"{row.power_kw}\n" for row in night.meter).encode()
