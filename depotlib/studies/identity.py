"""What a scenario is called: the digest of its content and of the code that plays it."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Final, cast

import numpy as np

from depotlib.errors import StudyError

ROOMS: Final = (
    "clock.py",
    "errors.py",
    "model",
    "needs",
    "planning",
    "simulation",
    "studies",
    "tariffs",
    "units.py",
)
"""All of depotlib that a scenario's result can depend on."""
LIBRARIES: Final = ("numpy", "ortools", "polars", "tzdata")

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


class Names:
    """Gives scenarios their names; what many of them share is read once.

    Parameters
    ----------
    code : str
        As of `code_digest`.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        # By the object's place in memory, and with the object, so that the place stays its own.
        self._known: dict[int, tuple[object, str]] = {}

    def name_of(self, scenario: object) -> str:
        """Return the name of a scenario's result: SHA-256 over its content and the code's digest.

        Parameters
        ----------
        scenario : object
            A frozen dataclass of dataclasses, mappings, sequences and plain values.

        Raises
        ------
        StudyError
            If something in the scenario has no content of its own.
        """
        if is_dataclass(scenario) and not isinstance(scenario, type):
            said: Plain = {
                one.name: self._part(getattr(scenario, one.name)) for one in fields(scenario)
            }
        else:
            said = _digest(canonical(scenario))
        return _digest({"code": self._code, type(scenario).__qualname__: said})

    def _part(self, part: object) -> str:
        held = self._known.get(id(part))
        if held is None:
            held = self._known[id(part)] = (part, _digest(canonical(part)))
        return held[1]


def _digest(said: Plain) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def code_digest() -> str:
    """Return the digest of all code that a scenario's result can depend on.

    Equal on two machines if and only if both would say the same of every scenario: the sources of
    `ROOMS` and the versions of `LIBRARIES`. It is what a result's name holds, so that a row made
    by other code is never taken for one of ours.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for room in ROOMS:
        place = package / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            # Text mode: line ends may differ between machines, the code does not.
            digest.update(f"{path.relative_to(package).as_posix()}\n{path.read_text()}\0".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()


def canonical(value: object) -> Plain:
    """Return plain values that are equal if and only if two contents are.

    Parameters
    ----------
    value : object

    Raises
    ------
    StudyError
        If the value has no content of its own: a function, an open file, NaN.
    """
    if isinstance(value, np.generic):
        return canonical(cast("object", value.item()))
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal | datetime | date | time | timedelta):
        return _written(value)
    return _composed(value)


def _number(value: float) -> Plain:
    if math.isnan(value):
        raise StudyError("a scenario holds a number that is none (NaN)", where="scenario")
    return {"float": str(value)} if math.isinf(value) else value


def _written(value: Decimal | datetime | date | time | timedelta) -> Plain:
    kind = type(value).__name__
    if isinstance(value, datetime):
        return {kind: value.astimezone(UTC).isoformat()}
    if isinstance(value, timedelta):
        return {kind: value.total_seconds()}
    return {kind: str(value)}


def _composed(value: object) -> Plain:
    if isinstance(value, np.ndarray):
        array = cast("np.ndarray[tuple[int, ...], np.dtype[np.generic]]", value)
        # Arrays may be long: their bytes stand for them.
        said = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        return {"array": f"{array.dtype.str}{array.shape}{said}"}
    if is_dataclass(value) and not isinstance(value, type):
        said = {one.name: canonical(getattr(value, one.name)) for one in fields(value)}
        return {type(value).__qualname__: said}
    if isinstance(value, Mapping):
        pairs = [
            [canonical(key), canonical(held)]
            for key, held in cast("Mapping[object, object]", value).items()
        ]
        return {"mapping": cast("list[Plain]", sorted(pairs, key=json.dumps))}
    if isinstance(value, AbstractSet):
        members = [canonical(held) for held in cast("AbstractSet[object]", value)]
        return {"set": sorted(members, key=json.dumps)}
    if isinstance(value, Sequence):
        return [canonical(held) for held in cast("Sequence[object]", value)]
    named = getattr(value, "key", None)
    # A time zone of the system's tables is its name.
    if isinstance(named, str):
        return {type(value).__qualname__: named}
    raise StudyError(
        f"a {type(value).__name__} has no content that could be compared",
        where="scenario",
        hint="build scenarios from frozen dataclasses and plain values",
    )
