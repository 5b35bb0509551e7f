"""The yard sheet: who plugs in and out when, as people are told and the virtual yard plays it."""

from datetime import UTC, datetime

from depotlib.model.dwell import Dwell, Need
from depotlib.model.plan import ConnectorWindow
from depotlib.virtual.script import Stay, night_from_toml
from depotlib.workflows.demo_yard import write_demo_sheet
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet, yard_stays
from tests.unit.conftest import AFTERNOON


def at(hour: int, minute: int = 0) -> datetime:
    """Return an instant of the night: hours from noon on belong to its evening."""
    return datetime(2026, 11, 2 if hour >= 12 else 3, hour, minute, tzinfo=UTC)


def need(vehicle_id: str, arrival: datetime, departure: datetime) -> Need:
    dwell = Dwell(
        vehicle_id=vehicle_id,
        arrival=arrival,
        departure=departure,
        energy_must_kwh=10.0,
        energy_target_kwh=20.0,
        pool="ac",
    )
    return Need(dwell=dwell, arithmetic="")


def window(vehicle_id: str, connector_id: str, start: datetime, end: datetime) -> ConnectorWindow:
    return ConnectorWindow(vehicle_id=vehicle_id, connector_id=connector_id, start=start, end=end)


def stay(vehicle_id: str, connector_id: str, plug_in: datetime, unplug: datetime) -> Stay:
    return Stay(vehicle_id=vehicle_id, connector_id=connector_id, plug_in=plug_in, unplug=unplug)


def test_who_has_a_connector_alone_stays_plugged_in_from_arrival_to_departure():
    stays = yard_stays([window("a", "AC-1/1", at(18), at(4))], [need("a", at(17, 5), at(5, 30))])

    assert stays == (stay("a", "AC-1/1", at(17, 5), at(5, 30)),)


def test_who_makes_room_unplugs_with_its_window_and_who_waits_plugs_in_with_its_own():
    needs = [need("a", at(17), at(5)), need("b", at(18), at(6)), need("c", at(19), at(6))]
    windows = [
        window("b", "AC-1/1", at(22, 10), at(2)),
        window("a", "AC-1/1", at(17), at(22)),
        window("c", "AC-2/1", at(20), at(3)),
    ]

    stays = yard_stays(windows, needs)

    assert stays == (
        stay("a", "AC-1/1", at(17), at(22)),
        stay("b", "AC-1/1", at(22, 10), at(6)),
        stay("c", "AC-2/1", at(19), at(6)),
    )


def test_who_changes_the_connector_is_never_plugged_in_twice_at_once():
    needs = [need("a", at(17), at(5)), need("b", at(17), at(5))]
    windows = [window("a", "AC-1/1", at(17), at(22)), window("a", "AC-2/1", at(23), at(4))]

    alone = yard_stays(windows, needs)
    back = yard_stays(
        [*windows[:1], window("b", "AC-1/1", at(22), at(1)), window("a", "AC-1/1", at(2), at(4))],
        needs,
    )

    assert alone == (stay("a", "AC-1/1", at(17), at(22)), stay("a", "AC-2/1", at(23), at(5)))
    assert back == (
        stay("a", "AC-1/1", at(17), at(22)),
        stay("b", "AC-1/1", at(22), at(1)),
        stay("a", "AC-1/1", at(2), at(5)),
    )


def test_the_script_of_a_night_says_what_the_virtual_yard_needs(demo_plan):
    tonight, plan = demo_plan

    script = night_script(tonight, plan)

    assert len(script.vehicle) == len(tonight.needs) == 60
    assert {one.vehicle_id for one in script.stay} == {one.vehicle_id for one in plan.windows}
    soc = {need.dwell.vehicle_id: need.arrival_soc for need in tonight.needs}
    tags = {one.token: one.vehicle_id for one in tonight.identities.tokens}
    for vehicle in script.vehicle:
        assert vehicle.arrival_soc == soc[vehicle.vehicle_id]
        assert tags[vehicle.id_tag] == vehicle.vehicle_id
        assert vehicle.usable_kwh == tonight.fleet.class_of(vehicle.vehicle_id).usable_kwh


def test_a_sheet_is_written_whole_and_replaces_the_one_before(demo_plan, tmp_path):
    tonight, plan = demo_plan
    path = tmp_path / "virtual" / "night.toml"
    write_yard_sheet(path, night_script(tonight, plan).model_copy(update={"stay": ()}))

    write_yard_sheet(path, night_script(tonight, plan))

    assert night_from_toml(path.read_text(), where="night") == night_script(tonight, plan)
    assert [file.name for file in path.parent.iterdir()] == ["night.toml"]


def test_the_demos_first_sheet_is_that_of_the_yards_own_assignment(demo, demo_plan):
    write_demo_sheet(demo, now=AFTERNOON)

    written = night_from_toml(night_sheet_path(demo).read_text(), where="night")
    assert written == night_script(*demo_plan)
