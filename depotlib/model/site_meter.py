"""The site's meter: where it is read, what a reading says, and how the live side shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from depotlib.errors import ModelError

MeterKind = Literal["modbus", "mqtt", "http", "ocpp", "file"]
PointOf = Literal["power", "phase_1", "phase_2", "phase_3", "energy", "time"]
PointUnit = Literal["W", "kW", "MW", "Wh", "kWh", "MWh", "iso", "s", "ms"]
RegisterType = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"
]
LEAST_WINDOW_S, MOST_WINDOW_S = 60.0, 3600.0
MOST_DEVICE = 247
MOST_STALE_S = 30.0
"""So long, at the most, a site meter may be silent before nothing it said counts any more."""


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """Where one number of a reading is found, and what it means there.

    Parameters
    ----------
    of : {'power', 'phase_1', 'phase_2', 'phase_3', 'energy', 'time'}
    at : str
        A JSON path (``meter.power`` or ``phases.0``), a column's name, or a register's address
        counted from 0.
    unit : str
        ``W``, ``kW``, ``MW``, ``Wh``, ``kWh``, ``MWh``; of a time ``iso``, ``s`` or ``ms``
        since 1970.
    scale_factor : float
        The number found is multiplied by it first.
    register_type : str
        Modbus only.
    table : {'holding', 'input'}
        Modbus only.
    is_low_word_first : bool
        Modbus only: the order of the registers of one number.
    """

    of: PointOf
    at: str
    unit: PointUnit
    scale_factor: float = 1.0
    register_type: RegisterType = "int32"
    table: Literal["holding", "input"] = "holding"
    is_low_word_first: bool = False

    def __post_init__(self) -> None:
        """Refuse a unit that is none of what is measured, and a scale of 0."""
        units = _UNITS[self.of]
        if self.unit not in units:
            raise ModelError(
                f"the site meter's {self.of} cannot be in {self.unit}",
                where="site_meter.point",
                hint=f"give one of {', '.join(units)}",
            )
        if self.scale_factor == 0.0 or not abs(self.scale_factor) < float("inf"):
            raise ModelError(
                f"the site meter's {self.of} has a scale of {self.scale_factor:g}",
                where="site_meter.point",
                hint="give a finite number other than 0",
            )


_POWER_UNITS = ("W", "kW", "MW")
_UNITS: dict[PointOf, tuple[PointUnit, ...]] = {
    "power": _POWER_UNITS,
    "phase_1": _POWER_UNITS,
    "phase_2": _POWER_UNITS,
    "phase_3": _POWER_UNITS,
    "energy": ("Wh", "kWh", "MWh"),
    "time": ("iso", "s", "ms"),
}


@dataclass(frozen=True, slots=True)
class SiteMeterSource:
    """Where and how the meter of the whole site is read.

    Parameters
    ----------
    kind : {'modbus', 'mqtt', 'http', 'ocpp', 'file'}
    address : str
        ``HOST:PORT`` (modbus, mqtt), an http or https address, a file's path, or the identity of
        the station whose connector 0 is the site's meter (ocpp).
    points : tuple of MeterPoint
        Where the numbers are; with SunSpec and ocpp they are known.
    topic : str
        MQTT only.
    device : int
        Modbus unit, 0 to 247.
    is_sunspec : bool
        The meter tells its own map: models 201 to 204 or 211 to 214.
    positive : {'import', 'export'}
        What the meter counts as positive; here drawn from the grid is.
    period_s : float
        Time from one reading to the next [s].
    stale_s : float
        A meter that says nothing new for so long says nothing at all [s].
    most_kw : float or None
        A reading beyond it is refused; None: four times the service.
    base_margin_kw : float
        On top of the base load that was measured.
    base_rise_kw_per_s : float or None
        Fastest rise of the base load ever seen here; None: not known, so the hard limit reckons
        with the largest base load at all times.
    window_target_kw : float or None
        What the mean of each billing window is held to; None: the operating limit.
    window_s : float
        Length of a billing window [s].
    """

    kind: MeterKind
    address: str
    points: tuple[MeterPoint, ...] = ()
    topic: str = ""
    device: int = 1
    is_sunspec: bool = False
    positive: Literal["import", "export"] = "import"
    period_s: float = 2.0
    stale_s: float = 15.0
    most_kw: float | None = None
    base_margin_kw: float = 1.0
    base_rise_kw_per_s: float | None = None
    window_target_kw: float | None = None
    window_s: float = 900.0

    def __post_init__(self) -> None:
        """Refuse a meter without power or address, and times that cannot be."""
        if not self.address.strip():
            raise ModelError("the site meter has no address", where="site_meter")
        named = [point.of for point in self.points]
        if len(set(named)) < len(named):
            raise ModelError("the site meter has a point twice", where="site_meter.point")
        is_mapped = self.kind == "ocpp" or self.is_sunspec
        if not is_mapped and "power" not in named:
            raise ModelError(
                "the site meter does not say where its power is",
                where="site_meter",
                hint="give a [[site_meter.point]] of = 'power', or sunspec = true",
            )
        if self.is_sunspec and self.kind != "modbus":
            raise ModelError("only a modbus meter speaks SunSpec", where="site_meter")
        if (self.kind == "mqtt") != bool(self.topic):
            raise ModelError("a meter has a topic if it is on mqtt", where="site_meter.topic")
        self._require_numbers()

    def _require_numbers(self) -> None:
        if not 0.0 < self.period_s < self.stale_s <= MOST_STALE_S:
            raise ModelError(
                f"the site meter is read every {self.period_s:g} s and stale after "
                f"{self.stale_s:g} s",
                where="site_meter",
                hint=f"give 0 < period < stale <= {MOST_STALE_S:g}",
            )
        amounts_kw = (
            self.base_margin_kw,
            self.base_rise_kw_per_s or 0.0,
            self.window_target_kw or 0.0,
            self.most_kw or 0.0,
        )
        is_possible = all(0.0 <= one < float("inf") for one in amounts_kw)
        is_window = LEAST_WINDOW_S <= self.window_s <= MOST_WINDOW_S
        if not (is_possible and is_window and 0 <= self.device <= MOST_DEVICE):
            raise ModelError(
                "the site meter has a number that cannot be",
                where="site_meter",
                hint="powers are 0 or more, a window has 60 to 3600 s, a device is 0 to 247",
            )


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What a site meter says once.

    Parameters
    ----------
    power_kw : float
        Drawn from the grid; negative: fed into it.
    at : datetime
        When it came here.
    measured_at : datetime or None
        By the meter's own clock; None: it does not tell.
    phase_kw : tuple of float
        By phase; empty: it does not tell.
    energy_kwh : float or None
        Register of what was ever drawn; None: it does not tell.
    """

    power_kw: float
    at: datetime
    measured_at: datetime | None = None
    phase_kw: tuple[float, ...] = ()
    energy_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class SiteMeterState:
    """The site's meter as the gateway sees it now.

    Parameters
    ----------
    kind, address : str
    is_fresh : bool
        Whether what it says counts.
    power_kw, base_kw : float or None
        Last measured: the whole site, and what of it most likely is no charging; None: never.
    measured_at : datetime or None
        When it last said something new, by the depot's clock.
    target_kw, allowed_kw, window_kw : float or None
        Of the billing window that runs: its target, what is allowed for the rest, and its mean
        so far (None where a part of it was not seen).
    window_ends_at : datetime or None
    trouble : str
        Why it is not fresh, as far as is known.
    at : datetime or None
        When this was written.
    """

    kind: MeterKind
    address: str
    is_fresh: bool
    power_kw: float | None = None
    base_kw: float | None = None
    measured_at: datetime | None = None
    target_kw: float | None = None
    allowed_kw: float | None = None
    window_kw: float | None = None
    window_ends_at: datetime | None = None
    trouble: str = ""
    at: datetime | None = None
