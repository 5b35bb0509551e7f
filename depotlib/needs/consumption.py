"""What a kilometre takes, learned from days that were driven.

A row is a vehicle's day. Its scale is what the class's figure and the weather's curve say of the
distance; learned is by how much the class, the vehicle, the weekday, the cold and the heat differ
from that.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.fleet import Fleet, VehicleClass
from depotlib.needs.driving import CURVE_C, Driving, class_driving
from depotlib.needs.effects import FloatArray, Outcomes
from depotlib.needs.learned import History, Learned, Question, learned

TEN_DEGREES_C: Final = 10.0


@dataclass(frozen=True, slots=True)
class Outing:
    """A duty to come, as far as it bears on consumption.

    Parameters
    ----------
    vehicle_id : str
    vehicle_class : VehicleClass
    distance_km : float
    weekday : int
        Local, Monday 0.
    temperature_c : float or None
        Outside; None: not known.
    payload_share : float
    """

    vehicle_id: str
    vehicle_class: VehicleClass
    distance_km: float
    weekday: int
    temperature_c: float | None = None
    payload_share: float = 0.0


@dataclass(frozen=True, slots=True)
class LearnedConsumption:
    """What past days teach of the consumption of the next ones."""

    learned: Learned

    def driving(self, outing: Outing) -> Driving:
        """Return what the kilometres of an outing take, and how far that may be off."""
        plain = class_driving(
            outing.vehicle_class,
            temperature_c=outing.temperature_c,
            payload_share=outing.payload_share,
        )
        scale_kwh = max(1e-6, plain.consumption_kwh_per_km * outing.distance_km)
        temperature_c = np.array(
            [np.nan if outing.temperature_c is None else outing.temperature_c], dtype=np.float64
        )
        expected = self.learned.expected(
            Question(
                party=outing.vehicle_id,
                group=outing.vehicle_class.class_id,
                weekday=outing.weekday,
                scale_kwh=scale_kwh,
                facts_factor=tuple(_facts_factor(temperature_c)[0].tolist()),
            )
        )
        factor = expected.energy_kwh / scale_kwh
        days = f"{expected.own_rows} days" if expected.own_rows else "other vehicles' days"
        return Driving(
            consumption_kwh_per_km=plain.consumption_kwh_per_km * factor,
            spread_share=expected.sigma_kwh / max(1e-6, expected.energy_kwh),
            how=f"{plain.how} x {factor:.2f} learned from {days}",
            source=f"{plain.source}; its own past days",
        )


def learned_consumption(drives: pl.DataFrame, fleet: Fleet) -> LearnedConsumption | None:
    """Return what past days teach of consumption.

    None where they are too few, or where on held-out days the class mean or same-weekday history
    came closer: then the figure of the class stands.

    Parameters
    ----------
    drives : polars.DataFrame
        `drives.DRIVES_SCHEMA`.
    fleet : Fleet
    """
    found = learned(drive_history(drives, fleet))
    return LearnedConsumption(found) if found is not None and found.beats_plain_beliefs else None


def drive_history(drives: pl.DataFrame, fleet: Fleet) -> History:
    """Return days that were driven as rows to learn from; parameters as above."""
    parties = tuple(sorted(drives["vehicle_id"].unique().to_list()))
    classes = {one.class_id: one for one in fleet.classes}
    groups = tuple(sorted(classes))
    scale_kwh = [
        row["distance_km"]
        * class_driving(
            classes[row["class_id"]], temperature_c=row["temperature_c"]
        ).consumption_kwh_per_km
        for row in drives.iter_rows(named=True)
    ]
    party = {name: code for code, name in enumerate(parties)}
    group = {name: code for code, name in enumerate(groups)}
    day = drives["day"].to_numpy().astype(np.int64)
    rows = Outcomes(
        party=np.array([party[one] for one in drives["vehicle_id"]], dtype=np.int64),
        group=np.array([group[one] for one in drives["class_id"]], dtype=np.int64),
        weekday=drives["weekday"].to_numpy().astype(np.int64),
        day=day,
        done_day=day,
        scale_kwh=np.array(scale_kwh, dtype=np.float64),
        facts_factor=_facts_factor(drives["temperature_c"].cast(pl.Float64).to_numpy()),
        energy_kwh=drives["energy_kwh"].to_numpy().astype(np.float64),
    )
    return History(rows=rows, parties=parties, groups=groups)


def _facts_factor(temperature_c: FloatArray) -> FloatArray:
    """Return tens of degrees below and above mild weather, 0 where not known, (rows, 2)."""
    known_c = np.nan_to_num(temperature_c.astype(np.float64), nan=CURVE_C[1])
    cold = np.clip(CURVE_C[1] - known_c, 0.0, None) / TEN_DEGREES_C
    hot = np.clip(known_c - CURVE_C[2], 0.0, None) / TEN_DEGREES_C
    return np.stack([cold, hot], axis=1)
