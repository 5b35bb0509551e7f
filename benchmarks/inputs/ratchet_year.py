"""A year of a fleet under a tariff whose demand charge looks back: 80 % of the last eleven months."""

import json
from typing import Final

from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.urdb import tariff_from_urdb

ZONE_KEY: Final = "UTC"
LOOK_BACK_SHARE: Final = 0.8
LOOK_BACK_MONTHS: Final = 11


def ratchet_tariff() -> Tariff:
    """Return the tariff, in the form in which utilities publish theirs."""
    night = [0] * 6 + [1] * 11 + [2] * 4 + [1] * 1 + [0] * 2
    record = {
        "label": "ratchet-year",
        "name": "Depot with ratchet",
        "utility": "Benchmark",
        "sector": "Commercial",
        "energyratestructure": [[{"rate": 0.11}], [{"rate": 0.19}], [{"rate": 0.34}]],
        "energyweekdayschedule": [night] * 12,
        "energyweekendschedule": [night] * 12,
        "flatdemandstructure": [[{"rate": 12.0}], [{"rate": 16.0}]],
        "flatdemandmonths": [0] * 5 + [1] * 4 + [0] * 3,
        "flatdemandunit": "kW",
        "lookbackmonths": [1] * 12,
        "lookbackpercent": LOOK_BACK_SHARE,
        "lookbackrange": LOOK_BACK_MONTHS,
        "fixedchargefirstmeter": 250.0,
        "fixedchargeunits": "$/month",
    }
    return tariff_from_urdb(json.dumps(record).encode(), where="ratchet_tariff")
