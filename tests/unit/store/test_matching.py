"""Trap 7: a session that telematics and a charging station both told of is matched, not doubled."""

from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from depotlib.errors import ModelError
from depotlib.model.frames import AssignmentFrame, SessionFrame, VehicleFrame
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.store.catalogue import save_identities
from depotlib.store.imports import write_import
from depotlib.store.load import ChargingAssumption, load_profile
from depotlib.store.matching import MatchRules, save_match_rules, session_matches
from depotlib.store.sessions import sessions
from tests.unit.store.samples import MIDNIGHT, NOON, after, batch, import_sessions, session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def station_told(key: str = "s", **values: object) -> dict[str, object]:
    """Return a stay from 0 h to 10 h with 40 kWh at the wall."""
    known = {"source": "csms", "vehicle_id": "v1", "plug_end": after(hours=10)}
    return session(key, **(known | {"energy_wall_kwh": 40.0} | values))


def telematics_told(key: str = "t", **values: object) -> dict[str, object]:
    """Return charging from 1 h to 6 h with 36 kWh into the battery: 0.9 of the station's 40."""
    known = {
        "source": "geotab", "site": None, "station_id": None, "vehicle_id": "v1",
        "plug_start": after(hours=1), "plug_end": after(hours=6),
        "charge_start": after(hours=1), "charge_end": after(hours=6),
        "energy_wall_kwh": None, "energy_battery_kwh": 36.0, "start_soc": 0.3, "end_soc": 0.9,
    }  # fmt: skip
    return session(key, **(known | values))


def told(path: Path, *rows: dict[str, object]) -> None:
    for number, row in enumerate(rows):
        import_sessions(path, row, digest=f"file {number}")


def verdicts(path: Path) -> list[tuple[str, str, str, float]]:
    return (
        session_matches(path)
        .select("station_key", "telematics_key", "verdict", "confidence_share")
        .rows()
    )


def test_a_session_told_by_both_counts_once_with_both_halves(path: Path):
    told(path, station_told(), telematics_told())

    found = SessionFrame.validate(sessions(path)).row(0, named=True)

    assert sessions(path).height == 1
    assert sessions(path, as_told=True)["session_key"].to_list() == ["s", "t"]
    assert (found["plug_start"], found["plug_end"]) == (MIDNIGHT, after(hours=10))
    assert (found["charge_start"], found["charge_end"]) == (after(hours=1), after(hours=6))
    assert (found["energy_wall_kwh"], found["energy_battery_kwh"]) == (40.0, 36.0)
    assert (found["start_soc"], found["end_soc"]) == (0.3, 0.9)
    assert verdicts(path) == [("s", "t", "matched", 1.0)]
    assert session_matches(path)["efficiency_share"].to_list() == [0.9]


def test_wall_energy_told_twice_is_drawn_once(path: Path):
    told(path, station_told(), telematics_told(energy_wall_kwh=40.0))

    load = load_profile(
        path, assumption=ChargingAssumption(max_kw=10.0), start=MIDNIGHT, end=after(hours=10),
        interval_s=3600,
    )  # fmt: skip

    # 40 kWh evenly over the 5 h in which telematics saw it charge
    assert load["power_kw"].to_list() == pytest.approx([0, 8, 8, 8, 8, 8, 0, 0, 0, 0])


def test_no_order_of_imports_matters(tmp_path: Path):
    rows = [
        station_told(),
        telematics_told(),
        telematics_told("t2", plug_start=after(hours=6), plug_end=after(hours=7), energy_battery_kwh=0.5),
    ]  # fmt: skip

    found = []
    for number, order in enumerate([*permutations(rows)][::2]):
        path = tmp_path / f"{number}.duckdb"
        told(path, *order)
        found.append((verdicts(path), sessions(path).drop("src_row").rows()))

    assert found[0][0] == [("s", "t", "matched", 1.0), ("s", "t2", "matched", 1.0)]
    assert all(one == found[0] for one in found)


def test_several_charge_events_of_one_stay_are_matched_together(path: Path):
    parts = [
        telematics_told(f"t{part}", plug_start=after(hours=2 * part), plug_end=after(hours=2 * part + 1),
                        energy_battery_kwh=12.0, start_soc=0.3 + 0.2 * part, end_soc=0.5 + 0.2 * part)
        for part in range(3)
    ]  # fmt: skip
    told(path, station_told(), *parts)

    found = sessions(path).row(0, named=True)

    # three times 12 kWh are the 36 that 40 at the wall leave
    assert [verdict for _, _, verdict, _ in verdicts(path)] == ["matched"] * 3
    assert (found["energy_battery_kwh"], found["start_soc"]) == (36.0, 0.3)
    assert found["end_soc"] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # 36 / 0.9 = 40 is expected; 10 % of it are 4: 43.9 agree, 44.5 do not
        ({"energy_battery_kwh": 39.5}, [("s", "t", "matched", 1.0)]),
        ({"energy_battery_kwh": 40.1}, [("s", "t", "energy_differs", 0.3)]),
        ({"energy_battery_kwh": None}, [("s", "t", "matched", 0.8)]),
        # 4 of 8 h lie within the stay, then 4 of 9
        ({"plug_start": after(hours=6), "plug_end": after(hours=14)}, [("s", "t", "matched", 1.0)]),
        ({"plug_start": after(hours=6), "plug_end": after(hours=15)}, []),
        ({"vehicle_id": "v2"}, []),
        ({"source": "csms"}, []),
        ({"plug_end": None}, []),
    ],
)
def test_what_belongs_together(path: Path, values: dict[str, object], expected: list):
    told(path, station_told(), telematics_told(**values))

    assert verdicts(path) == expected
    is_one = expected[:1] != [] and expected[0][2] == "matched"
    assert sessions(path).height == (1 if is_one else 2)


def test_the_tolerances_can_be_tuned(path: Path):
    told(path, station_told(), telematics_told(energy_battery_kwh=44.0))
    before = verdicts(path)

    save_match_rules(path, MatchRules(efficiency_share=1.0))

    assert before == [("s", "t", "energy_differs", 0.3)]
    assert verdicts(path) == [("s", "t", "matched", 1.0)]
    with pytest.raises(ModelError, match="cannot be matched"):
        MatchRules(least_overlap_share=0.0)


def test_a_token_of_the_identity_map_names_the_vehicle(path: Path):
    told(path, station_told(vehicle_id=None, id_tag="04aabb"), telematics_told())
    unnamed = verdicts(path)

    tokens = IdentityMap((IdentityToken("04AABB", "tag", "v1", valid_from=MIDNIGHT),))
    save_identities(path, tokens, depot_id="d", saved_at=NOON)

    assert unnamed == [("s", "t", "proposed", 0.5)]
    assert verdicts(path) == [("s", "t", "matched", 1.0)]
    assert sessions(path)["vehicle_id"].to_list() == ["v1"]


def test_who_drove_with_a_card_names_the_vehicle(path: Path):
    told(path, station_told(vehicle_id=None, id_tag="7"), telematics_told())
    drive = {
        "driver_id": "d", "vehicle_id": "v1", "id_tag": "7", "start": after(hours=-9),
        "end": after(minutes=5), "source": "hr", "src_file": "f", "src_row": 1,
    }  # fmt: skip
    frame = pl.DataFrame([drive], schema=AssignmentFrame.create_empty().schema)
    write_import(path, batch("a", rows_in=1, assignments=frame), imported_at=NOON)

    assert verdicts(path) == [("s", "t", "matched", 1.0)]


def test_a_vendors_list_of_vehicles_joins_its_ids_to_names_and_vins(path: Path):
    told(path, station_told(vehicle_id="Van 1"), telematics_told(vehicle_id="b12"))
    vehicle = {
        "vehicle_id": "b12",
        "name": "van 1",
        "source": "geotab",
        "src_file": "f",
        "src_row": 1,
    }
    frame = pl.DataFrame([vehicle], schema=VehicleFrame.create_empty().schema)
    write_import(path, batch("v", rows_in=1, vehicles=frame), imported_at=NOON)

    assert verdicts(path) == [("s", "t", "matched", 1.0)]


def test_what_nobody_identifies_is_proposed_only_where_nothing_else_fits(path: Path):
    told(path, station_told(vehicle_id=None), telematics_told())
    lone = verdicts(path)

    import_sessions(path, telematics_told("t2", vehicle_id="v2"), digest="second van")

    assert lone == [("s", "t", "proposed", 0.5)]
    assert verdicts(path) == []
    assert sessions(path).height == 3
