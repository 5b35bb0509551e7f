"""What a station honours: its dialect, found from what it reports and from known quirks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from depotlib.model.depot import ChargingStation, CurrentType
from depotlib.model.live import Scalar

RateUnit = Literal["A", "W"]

MOST_PERIODS: Final = 24
"""Stations that report no number of periods, or more than this, have been seen to refuse more."""
LEASE_LEVEL: Final = 1
"""Stack level of a lease; the safe limit lies below it at level 0."""

KEY_LEVELS: Final = "ChargeProfileMaxStackLevel"
KEY_UNITS: Final = "ChargingScheduleAllowedChargingRateUnit"
KEY_PERIODS: Final = "ChargingScheduleMaxPeriods"
CAPABILITY_KEYS: Final = (KEY_LEVELS, KEY_UNITS, KEY_PERIODS, "MaxChargingProfilesInstalled")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to speak to a station about limits.

    Parameters
    ----------
    unit : {'A', 'W'}
        Unit of its limits; amperes are per phase.
    phases : int
    voltage_v : float
        Line to neutral.
    current_type : {'AC', 'DC'}
    lease_level : int
        Stack level of leases; 0 where it keeps one level only.
    max_periods : int
    uses_transaction_profile : bool
        Whether a lease travels as TxProfile while a transaction runs.
    takes_station_maximum : bool
        Whether it takes a ChargePointMaxProfile.
    keeps_limits_offline : bool
        False: without a connection it has been seen to charge at full power.
    """

    unit: RateUnit
    phases: int
    voltage_v: float
    current_type: CurrentType
    lease_level: int = LEASE_LEVEL
    max_periods: int = MOST_PERIODS
    uses_transaction_profile: bool = True
    takes_station_maximum: bool = True
    keeps_limits_offline: bool = True

    @property
    def can_expire(self) -> bool:
        """Return whether a lease falls back to the safe limit by itself."""
        return self.lease_level > 0

    @property
    def of_safe_limits(self) -> tuple[str, int, float, str]:
        """Return what the words of a safe limit depend on."""
        return self.unit, self.phases, self.voltage_v, self.current_type

    @property
    def of_leases(self) -> tuple[tuple[str, int, float, str], int, int, bool]:
        """Return what the words of a lease depend on, and where it lies."""
        place = (self.lease_level, self.max_periods, self.uses_transaction_profile)
        return self.of_safe_limits, *place


@dataclass(frozen=True, slots=True)
class Quirk:
    """A known deviation of a make, and how to speak to it.

    Parameters
    ----------
    vendor, model : str
        Beginnings of what its BootNotification says, lower-case; empty: any.
    changes : mapping of str to object
        Fields of `Dialect` that differ.
    source : str
        Where it was reported.
    """

    vendor: str
    model: str
    changes: Mapping[str, bool | int | str]
    source: str


QUIRKS: Final[tuple[Quirk, ...]] = (
    Quirk(
        vendor="abb",
        model="terra ac",
        changes={"lease_level": 0, "uses_transaction_profile": False},
        source="evcc issues 15493 and 28868: reports three levels, refuses every level above 0",
    ),
    Quirk(
        vendor="evbox",
        model="elvi",
        changes={"takes_station_maximum": False},
        source="lbbrhzn/ocpp issue 221: refuses ChargePointMaxProfile",
    ),
    Quirk(
        vendor="huawei",
        model="",
        changes={"unit": "W"},
        source="evcc template forcepowerctrl: amperes are ignored",
    ),
    Quirk(
        vendor="go-e",
        model="",
        changes={"unit": "A", "keeps_limits_offline": False},
        source="goecharger issues 190 and 217: watts are ignored, limits lost with the connection",
    ),
    Quirk(
        vendor="delta",
        model="",
        changes={"uses_transaction_profile": False},
        source="bmw-wallbox-ha pulls 20 and 25: a TxProfile is lost while suspended, or orphaned",
    ),
)


def dialect_of(
    station: ChargingStation,
    *,
    make: tuple[str, str],
    reported: Mapping[str, str],
    found: Mapping[str, Scalar],
) -> Dialect:
    """Return how to speak to a station: what it told, its make's quirks over it, then its own.

    Parameters
    ----------
    station : ChargingStation
    make : (vendor, model)
    reported : mapping of str to str
        Configuration it told, by key.
    found : mapping of str to scalar
        Fields that it was found to need otherwise.
    """
    told = dialect_of_capabilities(first_dialect(station), reported)
    vendor, model = make
    known = dialect_of_make(told, vendor=vendor, model=model)
    fields = {name: value for name, value in found.items() if hasattr(known, name)}
    return replace(known, **fields)  # pyright: ignore[reportArgumentType] - fields by name


def first_dialect(station: ChargingStation) -> Dialect:
    """Return how to speak to a station before it has said anything."""
    return Dialect(
        unit="A" if station.current_type == "AC" else "W",
        phases=station.phases,
        voltage_v=station.voltage_v,
        current_type=station.current_type,
    )


def dialect_of_make(dialect: Dialect, *, vendor: str, model: str) -> Dialect:
    """Return a dialect with the quirks of a make laid over it."""
    for quirk in QUIRKS:
        is_vendor = vendor.strip().lower().startswith(quirk.vendor)
        if is_vendor and model.strip().lower().startswith(quirk.model):
            dialect = replace(dialect, **quirk.changes)  # pyright: ignore[reportArgumentType] - fields by name
    return dialect


def dialect_of_capabilities(dialect: Dialect, reported: Mapping[str, str]) -> Dialect:
    """Return a dialect after the station has told its configuration; silence changes nothing.

    Units are read leniently: ``Current``, ``Power``, ``A`` and ``W`` have all been seen.
    """
    levels = _whole(reported.get(KEY_LEVELS))
    if levels is not None and levels < dialect.lease_level:
        dialect = replace(dialect, lease_level=max(0, levels))
    periods = _whole(reported.get(KEY_PERIODS))
    if periods is not None and periods >= 1:
        dialect = replace(dialect, max_periods=min(periods, MOST_PERIODS))
    takes_a, takes_w = _units(reported)
    if takes_a and not takes_w:
        dialect = replace(dialect, unit="A")
    if takes_w and not takes_a:
        dialect = replace(dialect, unit="W")
    return dialect


def takes_both_units(reported: Mapping[str, str]) -> bool:
    """Return whether nothing that a station told speaks against either unit."""
    takes_a, takes_w = _units(reported)
    return takes_a == takes_w


def _units(reported: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a station told that it takes amperes, and watts."""
    words = {word.strip(" \"'").lower() for word in reported.get(KEY_UNITS, "").split(",")}
    return bool(words & {"current", "a"}), bool(words & {"power", "w"})


def _whole(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None
