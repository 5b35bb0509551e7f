"""A meter's table: kWh at local end stamps, so the hour that clocks repeat stands there twice."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "meter_csv"
FILE = "meter.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}

_ZONE = ZoneInfo("America/New_York")


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's energies by the end of their intervals."""
    lines = ["Interval End,Energy (kWh)"]
    for row in night.meter:
        end = (row.interval_start + timedelta(seconds=row.interval_s)).astimezone(_ZONE)
        lines.append(f"{end:%Y-%m-%d %H:%M},{row.power_kw * row.interval_s / 3600:.3f}")
    return ("\r\n".join(lines) + "\r\n").encode()
