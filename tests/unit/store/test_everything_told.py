"""Trips, duties, vehicles, assignments, prices and tariffs: told, told again, and read back."""

from pathlib import Path

import polars as pl
import pytest

from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    PriceFrame,
    TripFrame,
    VehicleFrame,
)
from depotlib.store.assignments import assignments
from depotlib.store.catalogue import tariff_record
from depotlib.store.duties import announced_duties
from depotlib.store.imports import import_history, write_import
from depotlib.store.prices import price_series, prices
from depotlib.store.trips import trips
from depotlib.store.vehicles import listed_vehicles
from tests.unit.store.samples import MIDNIGHT, NOON, after, batch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def placed(row: int, **values: object) -> dict[str, object]:
    return {"source": "log", "src_file": "f", "src_row": row} | values


def trip(*, hour: int, row: int = 1, **values: object) -> dict[str, object]:
    known = {"vehicle_id": "v1", "start": after(hours=hour), "end": after(hours=hour + 1)}
    return placed(row, **(known | {"distance_km": 10.0} | values))


def duty(duty_id: str, *, hour: int, row: int = 1, **values: object) -> dict[str, object]:
    known = {"duty_id": duty_id, "vehicle_id": "v1", "departure": after(hours=hour)}
    return placed(row, **(known | {"is_withdrawn": False} | values))


def told(path: Path, digest: str, frame: str, *rows: dict, **parts: object) -> tuple[int, int]:
    schema = {
        "trips": TripFrame,
        "duties": DutyFrame,
        "vehicles": VehicleFrame,
        "assignments": AssignmentFrame,
        "prices": PriceFrame,
    }[frame]
    rows_frame = pl.DataFrame(list(rows), schema=schema.create_empty().schema)
    given = batch(digest, rows_in=len(rows), **{frame: rows_frame}, **parts)
    report = write_import(path, given, imported_at=NOON)
    return report.stored, report.duplicates


def finding_kinds(path: Path) -> list[str]:
    return import_history(path)["findings_json"].str.json_path_match("$[0].kind").to_list()


def test_a_recalculated_trip_replaces_and_one_told_in_the_same_words_is_a_duplicate(path: Path):
    told(path, "d1", "trips", trip(hour=1), trip(hour=3, row=2))

    again = told(path, "d2", "trips", trip(hour=1, distance_km=11.0), trip(hour=3, row=2))

    assert again == (1, 1)
    assert trips(path)["distance_km"].to_list() == [11.0, 10.0]
    assert finding_kinds(path) == ["recalculated_trip", None]


def test_a_trip_that_still_runs_never_replaces_one_that_has_ended(path: Path):
    assert told(path, "d1", "trips", trip(hour=1, end=None)) == (1, 0)
    assert told(path, "d2", "trips", trip(hour=1)) == (1, 0)
    assert told(path, "d3", "trips", trip(hour=1, end=None, distance_km=99.0)) == (0, 1)
    assert trips(path)["end"].to_list() == [after(hours=2)]


def test_trips_are_read_by_span_and_vehicle(path: Path):
    other = trip(hour=5, row=3, vehicle_id="v2")
    told(path, "d1", "trips", trip(hour=1), trip(hour=5, row=2), other)

    found = trips(path, start=after(hours=2), end=after(hours=6), vehicle_ids=["v1"])

    # the first trip ended at 2 h, which the half-open span does not touch
    assert TripFrame.validate(found)["start"].to_list() == [after(hours=5)]


def test_a_duty_missing_from_a_complete_list_is_withdrawn_and_comes_back_when_told(path: Path):
    told(
        path, "d1", "duties", duty("a", hour=1), duty("b", hour=9, row=2), duty("c", hour=10, row=3)
    )

    told(path, "d2", "duties", duty("c", hour=10), duties_complete_at=after(hours=5))
    after_list = announced_duties(path)["duty_id"].to_list()
    back = told(path, "d3", "duties", duty("b", hour=9))

    # a had departed by the time of the list, which says nothing of the past
    assert after_list == ["a", "c"]
    assert finding_kinds(path)[1] == "withdrawn_duty"
    assert back == (1, 0)
    assert announced_duties(path)["duty_id"].to_list() == ["a", "b", "c"]


def test_an_empty_complete_list_withdraws_all_that_is_to_come(path: Path):
    told(path, "d1", "duties", duty("a", hour=9))

    told(path, "d2", "duties", duties_complete_at=MIDNIGHT)

    assert announced_duties(path).is_empty()
    assert DutyFrame.validate(announced_duties(path, with_withdrawn=True)).height == 1


def test_a_list_of_one_source_withdraws_nothing_of_another(path: Path):
    told(path, "d1", "duties", duty("a", hour=9, source="timetable"))

    told(path, "d2", "duties", duty("b", hour=9), duties_complete_at=MIDNIGHT)

    assert announced_duties(path)["duty_id"].to_list() == ["b", "a"]


def test_vehicles_and_assignments_are_known_by_their_source(path: Path):
    van = placed(1, vehicle_id="v1", name="Van 1", battery_kwh=68.0)
    drive = placed(1, driver_id="7", vehicle_id="v1", start=MIDNIGHT, end=None)
    told(path, "d1", "vehicles", van, van | {"source": "other", "src_row": 2})
    told(path, "d2", "assignments", drive)

    renamed = told(path, "d3", "vehicles", van | {"name": "Van One"})
    ended = told(path, "d4", "assignments", drive | {"end": NOON})

    assert (renamed, ended) == ((1, 0), (1, 0))
    assert VehicleFrame.validate(listed_vehicles(path))["name"].to_list() == ["Van One", "Van 1"]
    assert AssignmentFrame.validate(assignments(path))["end"].to_list() == [NOON]
    assert assignments(path, start=after(hours=13)).is_empty()


def test_a_price_that_differs_replaces_and_the_same_of_another_file_is_a_duplicate(path: Path):
    def price(hour: int, price_per_kwh: float, *, row: int) -> dict[str, object]:
        at = after(hours=hour)
        return {
            "series": "DE-LU", "interval_start": at, "interval_s": 3600,
            "price_per_kwh": price_per_kwh, "currency": "EUR", "src_row": row,
        }  # fmt: skip

    told(path, "d1", "prices", price(0, 0.05, row=1), price(1, -0.01, row=2))
    again = told(path, "d2", "prices", price(0, 0.05, row=1), price(1, 0.0, row=2))

    assert again == (1, 1)
    assert price_series(path) == ["DE-LU"]
    found = PriceFrame.validate(prices(path, "DE-LU", start=after(hours=1)))
    assert found["price_per_kwh"].to_list() == [0.0]


def test_tariff_records_stand_in_the_account_of_their_file(path: Path):
    first = batch("d1", rows_in=2, tariffs={"a": "text a", "b": "text b"})
    second = batch("d2", rows_in=2, tariffs={"a": "text a", "b": "changed"})

    reports = [write_import(path, one, imported_at=NOON) for one in (first, second, second)]

    assert [(one.stored, one.duplicates, one.is_repeat) for one in reports] == [
        (2, 0, False), (1, 1, False), (0, 2, True),
    ]  # fmt: skip
    assert tariff_record(path, "b") == "changed"
    assert import_history(path)["rows_in"].to_list() == [2, 2]
