"""A utility's table with a day in each row: quarters of an hour numbered from local midnight on."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "meter_wide"
FILE = "days.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}

_ZONE = ZoneInfo("America/New_York")
_COLUMNS = 100  # the longest day of a year, 25 hours


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's energies as days of numbered columns, empty where there is no reading."""
    lines = ["Meter,Date," + ",".join(f"kWh {number}" for number in range(1, _COLUMNS + 1))]
    days: dict[str, list[str]] = {}
    for row in night.meter:
        local = row.interval_start.astimezone(_ZONE)
        midnight = local.replace(hour=0, minute=0, fold=0)
        place = round((row.interval_start.timestamp() - midnight.timestamp()) / row.interval_s)
        cells = days.setdefault(f"{row.meter_id},{local:%Y-%m-%d}", [""] * _COLUMNS)
        cells[place] = f"{row.power_kw * row.interval_s / 3600:.3f}"
    lines += [f"{day},{','.join(cells)}" for day, cells in days.items()]
    return ("\n".join(lines) + "\n").encode()
