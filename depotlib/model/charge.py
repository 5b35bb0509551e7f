"""What we believe of a vehicle's state of charge while it is plugged in. Pure functions.

A Kalman filter of two states: the state of charge, and the gain, which is how much of it a metered
kWh really brings beside what the vehicle's class says. The meter itself is good; what is wrong in
"start plus metered energy" is the efficiency and the age of the battery, an error that is the same
at every step of a night. A filter of the charge alone would take that for noise and shrink its
band where it must not; with the gain as a state it is learned while telematics is there, and goes
on to serve when it is gone. Both states are linear in what is measured, so the filter is exact.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.fleet import VehicleClass
from depotlib.units import duration_h

ChargeSource = Literal["telematics", "station", "meter", "expected"]
"""What a belief rests on just now; the last two are estimates."""

GAIN_SIGMA_FACTOR: Final = 0.05
"""A class states one efficiency and one capacity; the charge rate and the years move both by
several percent."""
GAIN_DRIFT_FACTOR: Final = 0.02
"""How far the gain moves while a whole battery is charged: chargers lose more at low power."""
IDLE_SIGMA_SOC: Final = 0.002
"""What heaters and electronics may take unseen, for the square root of each hour."""
LEAST_SIGMA_SOC: Final = 0.003
"""A state of charge is told in whole percents: 0.01 / sqrt(12)."""
BALANCE_SOC: Final = 0.99
"""Above, energy goes into evening out the cells: the gain is not learned from it."""
GATE_SIGMAS: Final = 4.0
GATE_SOC: Final = 0.03
"""News further off than both does not fit: somebody is wrong."""
BAND_SIGMAS: Final = 1.96
"""Of a band that holds the truth in 95 of 100 cases."""
LEAST_GAIN_FACTOR: Final = 0.7
MOST_GAIN_FACTOR: Final = 1.3
"""Beyond these it is not the gain that is wrong."""


@dataclass(frozen=True, slots=True)
class ChargeBelief:
    """A vehicle's state of charge when its meter last spoke, and how sure it is.

    Parameters
    ----------
    vehicle_id, session_id : str
    at : datetime
        Of the meter's word.
    energy_kwh : float
        Of the session then.
    soc, sigma_soc : float
        Then, with its standard deviation.
    usable_kwh, wall_efficiency_share : float
        Of its class.
    gain_factor, gain_sigma_factor : float
        What a metered kWh really brings, beside the class's figures.
    covariance_factor : float
        Of state of charge and gain.
    source : ChargeSource
    told_at, station_at : datetime or None
        News of telematics and of the station that was taken last.
    station_soc : float or None
        What the station said then.
    doubt : str
        Which sources disagree; empty: none.
    """

    vehicle_id: str
    session_id: str
    at: datetime
    energy_kwh: float
    soc: float
    sigma_soc: float
    usable_kwh: float
    wall_efficiency_share: float
    gain_factor: float = 1.0
    gain_sigma_factor: float = GAIN_SIGMA_FACTOR
    covariance_factor: float = 0.0
    source: ChargeSource = "expected"
    told_at: datetime | None = None
    station_at: datetime | None = None
    station_soc: float | None = None
    doubt: str = ""

    def __post_init__(self) -> None:
        """Refuse a belief that cannot be held."""
        parts = (self.energy_kwh, self.sigma_soc, self.gain_sigma_factor, self.covariance_factor)
        if not (
            0.0 <= self.soc <= 1.0
            and self.usable_kwh > 0
            and 0 < self.wall_efficiency_share <= 1
            and self.gain_factor > 0
            and all(map(math.isfinite, parts))
        ):
            raise ModelError(
                f"{self.vehicle_id!r} cannot hold {self.soc} of {self.usable_kwh} kWh",
                where=f"vehicle {self.vehicle_id}",
                hint="states of charge are 0 to 1, batteries larger than 0 kWh",
            )

    @property
    def is_estimated(self) -> bool:
        """Return whether neither telematics nor the station has told of it lately."""
        return self.source in {"meter", "expected"}

    def gained_soc(self, energy_kwh: float) -> float:
        """Return how much of a full battery an energy at the wall brings."""
        return self.gain_factor * self._class_soc(energy_kwh)

    def soc_at(self, energy_kwh: float) -> float:
        """Return the state of charge when the session's meter stood or stands at an energy."""
        return min(1.0, max(0.0, self.soc + self.gained_soc(energy_kwh - self.energy_kwh)))

    def wall_kwh(self, gained_soc: float) -> float:
        """Return the energy at the wall that brings so much of a full battery; 0 for less than 0."""
        return (
            max(0.0, gained_soc) * self.usable_kwh / (self.wall_efficiency_share * self.gain_factor)
        )

    def band(self, *, unmetered_kwh: float = 0.0) -> tuple[float, float]:
        """Return the lowest and highest state of charge that hold the truth in 95 of 100 cases.

        Parameters
        ----------
        unmetered_kwh : float
            The most that may have flowed since without the meter's word: anywhere between
            nothing and this is as likely.
        """
        unseen_soc = self.gained_soc(unmetered_kwh)
        sigma_soc = math.hypot(max(self.sigma_soc, LEAST_SIGMA_SOC), unseen_soc / 12**0.5)
        middle_soc = self.soc + unseen_soc / 2
        return (
            max(0.0, middle_soc - BAND_SIGMAS * sigma_soc),
            min(1.0, middle_soc + BAND_SIGMAS * sigma_soc),
        )

    def _class_soc(self, energy_kwh: float) -> float:
        return energy_kwh * self.wall_efficiency_share / self.usable_kwh


def belief_at_plug_in(
    vehicle_class: VehicleClass,
    *,
    vehicle_id: str,
    session_id: str,
    at: datetime,
    soc: float,
    sigma_soc: float,
) -> ChargeBelief:
    """Return the first belief of a session, before its meter has counted anything."""
    return ChargeBelief(
        vehicle_id=vehicle_id,
        session_id=session_id,
        at=at,
        energy_kwh=0.0,
        soc=soc,
        sigma_soc=sigma_soc,
        usable_kwh=vehicle_class.usable_kwh,
        wall_efficiency_share=vehicle_class.wall_efficiency_share,
    )


def as_metered(belief: ChargeBelief, *, energy_kwh: float, at: datetime) -> ChargeBelief:
    """Return a belief carried on to what the session's meter says now.

    Parameters
    ----------
    belief : ChargeBelief
    energy_kwh : float
        Of the session [kWh].
    at : datetime
        When the meter said so; the band widens with the time since, and with the energy.
    """
    if at <= belief.at:
        return belief
    class_soc = (energy_kwh - belief.energy_kwh) * belief.wall_efficiency_share / belief.usable_kwh
    idle_variance = IDLE_SIGMA_SOC**2 * duration_h(at - belief.at)
    gain_variance = belief.gain_sigma_factor**2
    covariance_factor = belief.covariance_factor + class_soc * gain_variance
    variance = (
        belief.sigma_soc**2
        + class_soc * (belief.covariance_factor + covariance_factor)
        + idle_variance
    )
    return replace(
        belief,
        at=at,
        energy_kwh=energy_kwh,
        soc=belief.soc_at(energy_kwh),
        sigma_soc=max(variance, 0.0) ** 0.5,
        gain_sigma_factor=(gain_variance + GAIN_DRIFT_FACTOR**2 * abs(class_soc)) ** 0.5,
        covariance_factor=covariance_factor,
    )


def as_told(
    belief: ChargeBelief, soc: float, *, sigma_soc: float, since_kwh: float, who: str
) -> ChargeBelief:
    """Return a belief after somebody told a state of charge.

    What is too far off to fit is neither believed nor passed over: the belief goes half of the
    way, its band holds both, and `doubt` says who disagrees.

    Parameters
    ----------
    belief : ChargeBelief
    soc, sigma_soc : float
        As told, with its standard deviation.
    since_kwh : float
        What has flowed between then and the belief; negative where the meter is behind.
    who : str
        In words, for the doubt.
    """
    lag_soc = -since_kwh * belief.wall_efficiency_share / belief.usable_kwh
    off_soc = soc - belief.soc_at(belief.energy_kwh - since_kwh)
    news = _News(off_soc, lag_soc=lag_soc, sigma_soc=sigma_soc)
    if abs(off_soc) <= max(GATE_SOC, GATE_SIGMAS * news.expected_variance(belief) ** 0.5):
        return replace(_corrected(belief, news), doubt="")
    has_been_told = belief.told_at is not None or belief.station_at is not None
    # Half way, with both inside the band; the gain need not be what is wrong. The next word decides.
    return replace(
        belief,
        soc=min(1.0, max(0.0, belief.soc + off_soc / 2)),
        sigma_soc=math.hypot(belief.sigma_soc, off_soc / 2),
        covariance_factor=0.0,
        doubt=(
            f"{who} says {soc:.0%}, meter and earlier news say {soc - off_soc:.0%}"
            if has_been_told
            else ""
        ),
    )


def missing_kwh(
    belief: ChargeBelief, arrival_soc: float, *, wanted_kwh: float, energy_kwh: float
) -> float:
    """Return what a vehicle still lacks at the wall [kWh].

    Parameters
    ----------
    belief : ChargeBelief
    arrival_soc : float
        On which the wanted energy rests.
    wanted_kwh : float
        Of the whole stay, at the wall, by the figures of its class.
    energy_kwh : float
        Of the session, at the moment that is asked for.
    """
    class_soc = wanted_kwh * belief.wall_efficiency_share / belief.usable_kwh
    wanted_soc = min(1.0, arrival_soc + class_soc)
    return belief.wall_kwh(wanted_soc - belief.soc_at(energy_kwh))


@dataclass(frozen=True, slots=True)
class _News:
    """How far off a state of charge is that was told, of a moment that lies `lag_soc` ahead."""

    off_soc: float
    lag_soc: float
    sigma_soc: float

    def expected_variance(self, belief: ChargeBelief) -> float:
        """Return the variance of what was to be expected."""
        return (
            belief.sigma_soc**2
            + 2 * self.lag_soc * belief.covariance_factor
            + (self.lag_soc * belief.gain_sigma_factor) ** 2
            + self.sigma_soc**2
        )


def _corrected(belief: ChargeBelief, news: _News) -> ChargeBelief:
    """Return a belief after the filter's step: state += K off, P = (1 - K H) P (1 - K H)' + K R K'.

    With H = [1, lag]. Joseph's form of P stays a variance whatever the rounding.
    """
    lag_soc, expected = news.lag_soc, news.expected_variance(belief)
    soc_variance, gain_variance = belief.sigma_soc**2, belief.gain_sigma_factor**2
    mixed = belief.covariance_factor
    own = (soc_variance + lag_soc * mixed) / expected
    gain = (mixed + lag_soc * gain_variance) / expected if belief.soc < BALANCE_SOC else 0.0
    first, second = (1.0 - own, -own * lag_soc), (-gain, 1.0 - gain * lag_soc)
    told_variance = news.sigma_soc**2

    def product(left: tuple[float, float], right: tuple[float, float]) -> float:
        return (
            left[0] * right[0] * soc_variance
            + (left[0] * right[1] + left[1] * right[0]) * mixed
            + left[1] * right[1] * gain_variance
        )

    return replace(
        belief,
        soc=min(1.0, max(0.0, belief.soc + own * news.off_soc)),
        sigma_soc=(product(first, first) + own**2 * told_variance) ** 0.5,
        gain_factor=min(
            MOST_GAIN_FACTOR, max(LEAST_GAIN_FACTOR, belief.gain_factor + gain * news.off_soc)
        ),
        gain_sigma_factor=(product(second, second) + gain**2 * told_variance) ** 0.5,
        covariance_factor=product(first, second) + own * gain * told_variance,
    )
