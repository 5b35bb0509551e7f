"""The night's script: which vehicle stands on which connector when, and which station misbehaves.

A TOML text (docs/night-script.md). Pure: text in, dataclasses out, and back.
"""

import tomllib
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from depotlib.errors import NightScriptError

Misconduct = Literal[
    "rejects",
    "ignores",
    "stubborn",
    "silent",
    "slow",
    "mute",
    "forgets",
    "unleashed",
    "replays",
    "nameless",
    "garbles",
    "skewed",
    "doubles",
    "gaps",
    "amperes",
    "watts",
    "opaque",
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScriptedVehicle(_Table):
    """A vehicle's battery, as it arrives.

    Energies at the battery, powers at the wall; `full_soc` is the vehicle's own charge limit. One
    that does not wake from a pause sleeps through the offer that ends it; a second offer, after
    another pause, wakes it if it `wakes_by_ritual`.
    """

    vehicle_id: str
    id_tag: str
    usable_kwh: float = Field(gt=0)
    wall_efficiency_share: float = Field(default=0.9, gt=0, le=1)
    max_kw: float = Field(gt=0)
    arrival_soc: float = Field(ge=0, le=1)
    full_soc: float = Field(default=1.0, gt=0, le=1)
    taper_share: float = Field(default=0.0, ge=0, le=1)
    wakes_from_pause: bool = True
    wakes_by_ritual: bool = True


class Stay(_Table):
    """The half-open span in which a vehicle's cable is in a connector."""

    vehicle_id: str
    connector_id: str
    plug_in: datetime
    unplug: datetime


class Misbehaviour(_Table):
    """What a station does wrong within a half-open span; docs/night-script.md describes each kind.

    Parameters
    ----------
    delay_s : float
        Of ``slow`` and ``doubles``.
    skew_s : float
        Of ``skewed``: how far its clock is ahead.
    """

    station_id: str
    kind: Misconduct
    start: datetime | None = None
    end: datetime | None = None
    delay_s: float = Field(default=10.0, ge=0)
    skew_s: float = 0.0

    def holds_at(self, instant: datetime) -> bool:
        """Return whether it misbehaves at an instant."""
        return (self.start is None or self.start <= instant) and (
            self.end is None or instant < self.end
        )


class BaseLoad(_Table):
    """What everything but charging draws from an instant on, until the next."""

    start: datetime
    power_kw: float = Field(ge=0)


class MeterFault(_Table):
    """What is wrong with the site's meter within a half-open span.

    ``frozen``: it repeats what it last said; ``silent``: it says nothing.
    """

    kind: Literal["frozen", "silent"]
    start: datetime
    end: datetime

    def holds_at(self, instant: datetime) -> bool:
        """Return whether it is wrong at an instant."""
        return self.start <= instant < self.end


class NightScript(_Table):
    """Everything people and vehicles do in one night, the base load beside them, and its meter."""

    seed: int = 1
    vehicle: tuple[ScriptedVehicle, ...] = ()
    stay: tuple[Stay, ...] = ()
    misbehaviour: tuple[Misbehaviour, ...] = ()
    base_load: tuple[BaseLoad, ...] = ()
    meter_fault: tuple[MeterFault, ...] = ()

    def base_load_kw(self, instant: datetime) -> float:
        """Return the base load at an instant [kW]: 0 before its first step."""
        begun = [one for one in self.base_load if one.start <= instant]
        return max(begun, key=lambda one: one.start).power_kw if begun else 0.0


def night_from_toml(text: str, *, where: str) -> NightScript:
    """Return the script that a TOML text describes.

    Parameters
    ----------
    text : str
    where : str
        File name, for the error.

    Raises
    ------
    NightScriptError
        If it is not TOML, holds an unknown or wrong field, a stay of an unknown vehicle, or two
        vehicles on one connector at once.
    """
    try:
        script = NightScript.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise NightScriptError(f"not a TOML file: {error}", where=where) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise NightScriptError(
            f"{field}: {first['msg']}", where=where, hint="see docs/night-script.md"
        ) from error
    _refuse_impossible_stays(script, where)
    return script


def night_to_toml(script: NightScript) -> str:
    """Return a script as the text that `night_from_toml` reads."""
    lines = [f"seed = {script.seed}"]
    for name, tables in (
        ("vehicle", script.vehicle),
        ("stay", script.stay),
        ("misbehaviour", script.misbehaviour),
        ("base_load", script.base_load),
        ("meter_fault", script.meter_fault),
    ):
        for table in tables:
            lines.append(f"\n[[{name}]]")
            lines += [
                f"{key} = {_toml(value)}"
                for key, value in table.model_dump().items()
                if value is not None
            ]
    return "\n".join(lines) + "\n"


def _toml(value: str | float | datetime) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)


def _refuse_impossible_stays(script: NightScript, where: str) -> None:
    known = {vehicle.vehicle_id for vehicle in script.vehicle}
    last_on: dict[str, Stay] = {}
    for stay in sorted(script.stay, key=lambda one: one.plug_in):
        if stay.vehicle_id not in known:
            raise NightScriptError(
                f"a stay names vehicle {stay.vehicle_id!r}, which the script does not have",
                where=where,
                hint="add a [[vehicle]] table for it",
            )
        if stay.plug_in.tzinfo is None or stay.unplug <= stay.plug_in:
            raise NightScriptError(
                f"the stay of {stay.vehicle_id!r} needs instants with offset, unplug after plug_in",
                where=where,
            )
        before = last_on.get(stay.connector_id)
        if before is not None and before.unplug > stay.plug_in:
            raise NightScriptError(
                f"{before.vehicle_id!r} and {stay.vehicle_id!r} stand on {stay.connector_id!r} at "
                f"{stay.plug_in} at once",
                where=where,
                hint="end the first stay before the second begins",
            )
        last_on[stay.connector_id] = stay
