"""Every conversion between units: the only file in which 1000, 3600 or 60 multiply."""

from datetime import timedelta
from typing import Final

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600
MINUTES_PER_HOUR: Final = 60
HOURS_PER_DAY: Final = 24
SECONDS_PER_DAY: Final = 86_400
W_PER_KW: Final = 1000.0
WH_PER_KWH: Final = 1000.0
MWH_PER_KWH: Final = 1_000_000
"""Milliwatt-hours in a kilowatt-hour: the integer flow unit of the planner."""
MICROWH_PER_KWH: Final = 1e9
METRES_PER_KM: Final = 1000.0
KM_PER_MILE: Final = 1.609344
METRES_PER_FOOT: Final = 0.3048
KW_PER_HP: Final = 0.7457
"""Mechanical horsepower, as tariffs in hp mean it."""
TICKS_PER_SECOND: Final = 10_000_000
"""Ticks of 100 ns, as the .NET world (and so one telematics vendor) counts durations."""


def w_to_kw(power_w: float) -> float:
    """Return a power given in watts as kilowatts."""
    return power_w / W_PER_KW


def kw_to_hp(power_kw: float) -> float:
    """Return a power given in kilowatts as horsepower."""
    return power_kw / KW_PER_HP


def kw_to_w(power_kw: float) -> float:
    """Return a power given in kilowatts as watts."""
    return power_kw * W_PER_KW


def wh_to_kwh(energy_wh: float) -> float:
    """Return an energy given in watt-hours as kilowatt-hours."""
    return energy_wh / WH_PER_KWH


def kwh_to_wh(energy_kwh: float) -> float:
    """Return an energy given in kilowatt-hours as watt-hours."""
    return energy_kwh * WH_PER_KWH


def microwh_to_kwh(energy_microwh: float) -> float:
    """Return an energy given in micro-watt-hours as kilowatt-hours."""
    return energy_microwh / MICROWH_PER_KWH


def kwh_to_mwh(energy_kwh: float) -> int:
    """Return an energy as whole milliwatt-hours (the planner's flow unit), rounded."""
    return round(energy_kwh * MWH_PER_KWH)


def mwh_to_kwh(energy_mwh: float) -> float:
    """Return milliwatt-hours as kilowatt-hours."""
    return energy_mwh / MWH_PER_KWH


def percent_to_soc(percent: float) -> float:
    """Return a state of charge given in percent as a fraction 0-1."""
    return percent / 100.0


def soc_to_percent(soc: float) -> float:
    """Return a state of charge given as a fraction 0-1 in percent."""
    return soc * 100.0


def millipercent_to_soc(millipercent: float) -> float:
    """Return a state of charge given in thousandths of a percent as a fraction 0-1."""
    return millipercent / 100_000.0


def metres_to_km(distance_m: float) -> float:
    """Return a distance given in metres as kilometres."""
    return distance_m / METRES_PER_KM


def km_to_metres(distance_km: float) -> float:
    """Return a distance given in kilometres as metres."""
    return distance_km * METRES_PER_KM


def metres_to_feet(distance_m: float) -> float:
    """Return a distance given in metres as international feet."""
    return distance_m / METRES_PER_FOOT


def feet_to_metres(distance_ft: float) -> float:
    """Return a distance given in international feet as metres."""
    return distance_ft * METRES_PER_FOOT


def miles_to_km(distance_miles: float) -> float:
    """Return a distance given in miles as kilometres."""
    return distance_miles * KM_PER_MILE


def km_to_miles(distance_km: float) -> float:
    """Return a distance given in kilometres as miles."""
    return distance_km / KM_PER_MILE


def millicelsius_to_c(temperature_millic: float) -> float:
    """Return a temperature given in thousandths of a degree as degrees Celsius."""
    return temperature_millic / 1000.0


def fahrenheit_to_c(temperature_f: float) -> float:
    """Return a temperature in degrees Fahrenheit as degrees Celsius."""
    return (temperature_f - 32.0) / 1.8


def c_to_fahrenheit(temperature_c: float) -> float:
    """Return a temperature in degrees Celsius as degrees Fahrenheit."""
    return temperature_c * 1.8 + 32.0


def milliamp_to_a(current_ma: float) -> float:
    """Return a current given in milliamperes as amperes."""
    return current_ma / 1000.0


def millivolt_to_v(voltage_mv: float) -> float:
    """Return a voltage given in millivolts as volts."""
    return voltage_mv / 1000.0


def ticks_to_s(ticks: float) -> float:
    """Return a duration given in 100 ns ticks as seconds."""
    return ticks / TICKS_PER_SECOND


def ms_to_s(duration_ms: float) -> float:
    """Return a duration given in milliseconds as seconds."""
    return duration_ms / 1000.0


def s_to_ms(duration_s: float) -> float:
    """Return a duration given in seconds as milliseconds."""
    return duration_s * 1000.0


def s_to_h(duration_s: float) -> float:
    """Return a duration given in seconds as hours."""
    return duration_s / SECONDS_PER_HOUR


def h_to_s(duration_h: float) -> float:
    """Return a duration given in hours as seconds."""
    return duration_h * SECONDS_PER_HOUR


def minutes_to_s(minutes: float) -> float:
    """Return a duration given in minutes as seconds."""
    return minutes * SECONDS_PER_MINUTE


def duration_h(duration: timedelta) -> float:
    """Return a duration as hours."""
    return duration.total_seconds() / SECONDS_PER_HOUR


def energy_kwh(power_kw: float, duration_s: float) -> float:
    """Return the energy of a constant power held for a duration [kWh]."""
    return power_kw * duration_s / SECONDS_PER_HOUR


def mean_power_kw(energy_kwh: float, duration_s: float) -> float:
    """Return the mean power that moves an energy in a duration [kW]."""
    return energy_kwh * SECONDS_PER_HOUR / duration_s


def ac_power_kw(current_a: float, voltage_v: float, *, phases: int) -> float:
    """Return the power of a current per phase at a line-to-neutral voltage [kW]."""
    return current_a * voltage_v * phases / W_PER_KW


def ac_current_a(power_kw: float, voltage_v: float, *, phases: int) -> float:
    """Return the current per phase of a power at a line-to-neutral voltage [A]."""
    return power_kw * W_PER_KW / (voltage_v * phases)


def per_kwh_to_per_mwh(price_per_kwh: float) -> float:
    """Return a price per kWh as a price per MWh (1 MWh = 1000 kWh)."""
    return price_per_kwh * 1000.0


def per_mwh_to_per_kwh(price_per_mwh: float) -> float:
    """Return a price per MWh as a price per kWh (1 MWh = 1000 kWh)."""
    return price_per_mwh / 1000.0


def hundredths_to_whole(price: float) -> float:
    """Return a price in hundredths of a currency (cents, pence, öre) in the currency itself."""
    return price / 100.0


def megawatts_to_kw(power_megawatts: float) -> float:
    """Return a power given in megawatts as kilowatts."""
    return power_megawatts * 1000.0


def megawatthours_to_kwh(energy_megawatthours: float) -> float:
    """Return an energy given in megawatt-hours as kilowatt-hours."""
    return energy_megawatthours * 1000.0


def feet_to_km(distance_ft: float) -> float:
    """Return a distance given in international feet (0.3048 m) as kilometres."""
    return distance_ft * 0.0003048


def microseconds_to_s(duration_us: float) -> float:
    """Return a duration given in microseconds as seconds."""
    return duration_us / 1_000_000.0
