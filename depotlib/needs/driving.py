"""What a kilometre takes: the vehicle class, the cold or heat, the load; or what was learned."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.model.fleet import VehicleClass

CURVE_C: Final = (-15.0, 10.0, 30.0, 35.0)
CURVE_FACTOR: Final = (1.85, 1.0, 1.0, 1.20)
"""Consumption over that in mild weather.

References
----------
.. [1] Geotab, "To what degree does temperature impact EV range?" (2020), 5.2 million trips of
   4,200 vehicles: the rated range is reached from 10 to 30 °C, 54 % of it at -15 °C; 1 / 0.54 = 1.85.
.. [2] AAA, "Electric vehicle range testing" (2019), five cars with heating or cooling on: range at
   35 °C down by 17 %, 1 / 0.83 = 1.20; at -7 °C down by 41 %, factor 1.69, where this curve has 1.57.
"""


@dataclass(frozen=True, slots=True)
class Driving:
    """What a duty's kilometres take from the battery.

    Parameters
    ----------
    consumption_kwh_per_km : float
        Cold, heat and load included.
    spread_share : float
        Standard deviation of a duty's consumption, as a share of it; 0: not known.
    how : str
        How it came about, in words: ``0.30 kWh/km x 1.34 at 0 °C``.
    source : str
    """

    consumption_kwh_per_km: float
    spread_share: float
    how: str
    source: str


def temperature_factor(temperature_c: float) -> float:
    """Return consumption at an outside temperature over that in mild weather, 1 or more.

    Straight between the points of `CURVE_C`; as at the outermost points beyond them.
    """
    return float(np.interp(temperature_c, CURVE_C, CURVE_FACTOR))


def class_driving(
    vehicle_class: VehicleClass, *, temperature_c: float | None = None, payload_share: float = 0.0
) -> Driving:
    """Return what a class's figure says of a duty.

    ``class consumption x temperature factor x (1 + payload share x (loaded factor - 1))``

    Parameters
    ----------
    vehicle_class : VehicleClass
    temperature_c : float, optional
        Outside, on the duty; not known: as in mild weather.
    payload_share : float
        Share of the permitted load, 0-1.
    """
    consumption_kwh_per_km = vehicle_class.consumption_kwh_per_km
    how = f"{consumption_kwh_per_km:.2f} kWh/km"
    if temperature_c is not None:
        weather_factor = temperature_factor(temperature_c)
        consumption_kwh_per_km *= weather_factor
        how += f" x {weather_factor:.2f} at {temperature_c:.0f} °C"
    load_factor = 1.0 + payload_share * (vehicle_class.loaded_factor - 1.0)
    if load_factor != 1.0:
        consumption_kwh_per_km *= load_factor
        how += f" x {load_factor:.2f} for {payload_share:.0%} of its load"
    return Driving(
        consumption_kwh_per_km=consumption_kwh_per_km,
        spread_share=0.0,
        how=how,
        source=f"vehicle class {vehicle_class.class_id}",
    )
