"""Vehicle classes from the specifications that are shipped; what somebody knows better stays."""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from depotlib.errors import ModelError
from depotlib.model.fleet import Fleet, VehicleClass

SPECS: Final = Path(__file__).resolve().parents[2] / "data" / "vehicles" / "fleet_ev_specs.csv"
USUAL_EFFICIENCY_SHARE: Final = 0.9
"""From the wall into the battery, until the depot's own sessions say otherwise."""


@dataclass(frozen=True, slots=True)
class VehicleModel:
    """A model as its published specification has it.

    Parameters
    ----------
    name : str
        Make, variant and year.
    usable_kwh : float
    is_gross : bool
        Only the gross battery was published.
    ac_max_kw, dc_max_kw : float or None
        None: it cannot, or nobody has said.
    ac_phases : int or None
        None: nobody has said.
    source : str
    """

    name: str
    usable_kwh: float
    is_gross: bool
    ac_max_kw: float | None
    dc_max_kw: float | None
    ac_phases: int | None
    source: str


@cache
def vehicle_models() -> tuple[VehicleModel, ...]:
    """Return every model of the library, by name."""
    with SPECS.open(encoding="utf-8", newline="") as lines:
        models = [_model(row) for row in csv.DictReader(lines)]
    return tuple(sorted(models, key=lambda one: one.name))


def with_class_of(
    fleet: Fleet, model: VehicleModel, *, class_id: str, consumption_kwh_per_km: float
) -> Fleet:
    """Return a fleet with a class of a model: a new one, or what the model says of a known one.

    Of a class that is known only battery and powers are taken from the model, as far as it says
    them; its consumption, efficiency and all else stay as they are.

    Parameters
    ----------
    fleet : Fleet
    model : VehicleModel
    class_id : str
    consumption_kwh_per_km : float
        Of a new class; no specification says it.

    Raises
    ------
    ModelError
        If the class has no name, or cannot be.
    """
    if not class_id.strip():
        raise ModelError("a class needs a name", where="vehicle class", hint="such as: e-transit")
    known = next((one for one in fleet.classes if one.class_id == class_id), None)
    if known is None:
        made = VehicleClass(
            class_id=class_id.strip(),
            usable_kwh=model.usable_kwh,
            consumption_kwh_per_km=consumption_kwh_per_km,
            wall_efficiency_share=USUAL_EFFICIENCY_SHARE,
            ac_max_kw=model.ac_max_kw or 0.0,
            dc_max_kw=model.dc_max_kw or 0.0,
            ac_phases=model.ac_phases or 1,
        )
        return replace(fleet, classes=(*fleet.classes, made))
    filled = replace(
        known,
        usable_kwh=model.usable_kwh,
        ac_max_kw=known.ac_max_kw if model.ac_max_kw is None else model.ac_max_kw,
        dc_max_kw=known.dc_max_kw if model.dc_max_kw is None else model.dc_max_kw,
        ac_phases=known.ac_phases if model.ac_phases is None else model.ac_phases,
    )
    return replace(fleet, classes=tuple(filled if one is known else one for one in fleet.classes))


def _model(row: dict[str, str]) -> VehicleModel:
    words = f"{row['make']} {row['variant'] or row['model']}".replace("_", " ")
    return VehicleModel(
        name=f"{words[:1].upper()}{words[1:]} ({row['year']})",
        usable_kwh=float(row["usable_kwh"]),
        is_gross=row["is_gross"] == "yes",
        ac_max_kw=_known(row["ac_max_kw"]),
        dc_max_kw=_known(row["dc_max_kw"]),
        ac_phases=int(row["ac_phases"]) if row["ac_phases"] else None,
        source=row["source"],
    )


def _known(text: str) -> float | None:
    return float(text) if text else None
