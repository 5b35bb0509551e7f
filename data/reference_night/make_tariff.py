"""Writes the tariff of the reference night as a URDB record.

    python data/reference_night/make_tariff.py

The prices are the case's own (`expected.json`): no utility charges them.
"""

import json
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
OFF_PEAK, ON_PEAK = 0, 1
ON_PEAK_HOURS: Final = range(16, 21)


def record() -> dict[str, object]:
    """Return the record: energy by time of use every day, one flat demand charge."""
    day = [ON_PEAK if hour in ON_PEAK_HOURS else OFF_PEAK for hour in range(24)]
    every_month = [day] * 12
    return {
        "label": "depotlib-reference-night",
        "name": "Reference night: time of use with a flat demand charge",
        "utility": "none: the worked case of this project",
        "country": "USA",
        "sector": "Commercial",
        "description": "Made up for the reference night: 0.30 $/kWh from 16:00 to 21:00 every "
        "day, 0.10 $/kWh otherwise; 15 $/kW on the month's highest quarter-hour; nothing fixed.",
        "energyratestructure": [
            [{"rate": 0.10, "unit": "kWh"}],
            [{"rate": 0.30, "unit": "kWh"}],
        ],
        "energyweekdayschedule": every_month,
        "energyweekendschedule": every_month,
        "flatdemandstructure": [[{"rate": 15.0}]],
        "flatdemandmonths": [0] * 12,
        "flatdemandunit": "kW",
        "demandwindow": 15,
    }


def main() -> None:
    """Write the record beside this script."""
    (HERE / "tariff.json").write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
