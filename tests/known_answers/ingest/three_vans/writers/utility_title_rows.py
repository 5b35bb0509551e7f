"""A utility's download: title rows, date and times in columns of their own, import and export."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "meter_csv"
FILE = "interval_usage.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}

_ZONE = ZoneInfo("America/New_York")
_EXPORT_KWH = 1.5
"""What a roof fed back in each interval: the committed power is the difference."""


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's imports and exports by the start of their intervals."""
    lines = [
        "Name,Three Vans Depot", 'Address,"1 Quay Road"', "",
        "TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),COST,NOTES",
    ]  # fmt: skip
    for row in night.meter:
        start = row.interval_start.astimezone(_ZONE)
        last = (row.interval_start + timedelta(seconds=row.interval_s - 60)).astimezone(_ZONE)
        imported = row.power_kw * row.interval_s / 3600 + _EXPORT_KWH
        lines.append(
            f"Electric usage,{start:%Y-%m-%d},{start:%H:%M},{last:%H:%M},{imported:.3f},"
            f"{_EXPORT_KWH},$1.00,"
        )
    return ("\n".join(lines) + "\n").encode()
