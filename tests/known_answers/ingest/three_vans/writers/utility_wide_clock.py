"""A utility's table with a day in each row: columns named by the local end of each quarter hour.

The hour that clocks repeat has columns of its own, named as the first time.
"""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "meter_wide"
FILE = "days_by_clock.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}

_ZONE = ZoneInfo("America/New_York")
_QUARTERS = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(15, 24 * 60 + 15, 15)]
_REPEATED = ["01:00", "01:15", "01:30", "01:45"]


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's powers on the one day that they are of."""
    first_pass = _QUARTERS.index("02:00")
    labels = [*_QUARTERS[:first_pass], *_REPEATED, *_QUARTERS[first_pass:]]
    cells = [""] * len(labels)
    for row in night.meter:
        end = (row.interval_start + timedelta(seconds=row.interval_s)).astimezone(_ZONE)
        text = f"{end:%H:%M}"
        cells[labels.index(text, first_pass if end.fold else 0)] = f"{row.power_kw:.1f}"
    day = f"{night.meter[0].interval_start.astimezone(_ZONE):%m/%d/%Y}"
    return f"date,{','.join(labels)},unit\n{day},{','.join(cells)},kW\n".encode()
