"""Every format tells the same three vans and two nights: the canonical rows are the committed ones.

A module of `writers` writes the scenario as one vendor would, and says what its format carries:

``SOURCE``     registry name of the source that must recognise it
``FILE``       a file name (recognition never judges by it)
``OPTIONS``    optional, what a person would say beside the file (`ReadOptions` fields)
``IDENTITY``   optional, ``"vin"`` where the format names vehicles by it
``CARRIES``    frame name → column → tolerance (None: equal); 1 s for times unless the format is coarser
``ALIASES``    optional, frame name → {column: the committed column that stands for it}, where a format
               cannot tell them apart (Geotab knows charging times only)
``ROWS``       optional, frame name → predicate on committed rows, where a format tells fewer of them
``write``      the scenario as the bytes of a file
"""

import importlib
import pkgutil
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from depotlib.ingest.content import content_of
from depotlib.ingest.read_parts import read_parts
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpacked import Allowance
from tests.house.source_tree import imported_modules
from tests.known_answers.ingest.three_vans import scenario as told
from tests.known_answers.ingest.three_vans import writers

COMMITTED = {"telematics": "readings"}
KEYS = {
    "sessions": ("plug_start", "vehicle_id", "station_id"),
    "telematics": ("vehicle_id", "at"),
    "trips": ("vehicle_id", "start"),
    "duties": ("duty_id", "departure"),
    "vehicles": ("vehicle_id",),
    "assignments": ("driver_id", "start"),
    "meter": ("meter_id", "interval_start"),
    "prices": ("series", "interval_start"),
}
WRITERS = sorted(module.name for module in pkgutil.iter_modules(writers.__path__))


def writer(name: str) -> ModuleType:
    return importlib.import_module(f"{writers.__name__}.{name}")


def read(module: ModuleType) -> tuple[str, SourceRows]:
    data = module.write(told.scenario())
    [part] = read_parts(
        content_of(module.FILE, data),
        sources=SOURCES,
        options=ReadOptions(**getattr(module, "OPTIONS", {})),
        allowance=Allowance(module.FILE, given_bytes=len(data)),
    )
    assert part.error is None
    assert part.read is not None
    return part.read.source, part.read.rows


def committed(module: ModuleType, frame: str) -> list[dict[str, Any]]:
    aliases = getattr(module, "ALIASES", {}).get(frame, {})
    keep = getattr(module, "ROWS", {}).get(frame, bool)
    wanted = []
    for row in told.rows(COMMITTED.get(frame, frame)):
        if keep(row):
            shown = {**row, **{column: row[other] for column, other in aliases.items()}}
            if getattr(module, "IDENTITY", None) == "vin" and shown.get("vehicle_id"):
                shown["vehicle_id"] = told.scenario().vin_of[shown["vehicle_id"]]
            wanted.append(shown)
    return wanted


def in_order(rows: list[dict[str, Any]], frame: str, carried: dict[str, Any]) -> list[dict]:
    keys = [key for key in KEYS[frame] if key in carried]
    assert keys, f"{frame}: a format that carries none of {KEYS[frame]} cannot be compared"
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def differs(found: Any, wanted: Any, tolerance: float | None) -> bool:
    if tolerance is None or found is None or wanted is None:
        return found != wanted
    if isinstance(wanted, datetime):
        return abs(found - wanted) > timedelta(seconds=tolerance)
    return not abs(found - wanted) <= tolerance + 1e-9


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_lands_on_the_committed_rows(name: str):
    module = writer(name)

    source, rows = read(module)

    assert source == module.SOURCE
    assert rows.rejections == ()
    for frame, carried in module.CARRIES.items():
        given = rows.frames[frame]
        assert given is not None, f"no {frame}"
        found = in_order(given.to_dicts(), frame, carried)
        wanted = in_order(committed(module, frame), frame, carried)
        assert len(found) == len(wanted)
        wrong = [
            (column, row[column], expected[column])
            for row, expected in zip(found, wanted, strict=True)
            for column, tolerance in carried.items()
            if differs(row[column], expected[column], tolerance)
        ]
        assert wrong == []


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_knows_nothing_of_the_importer(name: str):
    module = writer(name)

    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123 - a module's own text
        imported = imported_modules(file.read())

    assert not {each for each in imported if each.startswith("depotlib")}


def test_every_source_of_what_happened_is_told_the_three_vans():
    told_of = {writer(name).SOURCE for name in WRITERS}
    # A tariff is no night; the depot log of Leeds is held to the real file.
    without = {"urdb", "tariff_file", "leeds_depot"}

    assert {source.name for source in SOURCES} - without <= told_of
