from dataclasses import replace
from datetime import time

from depotlib.model.depot import Circuit, StaffHours
from tests.yard_cases import at, depot_of, prices_of, spans_of, stay, yard_of

FLAT = prices_of(*(0.1,) * 16)


def test_as_many_vehicles_as_connectors_each_have_one_for_their_whole_stay():
    dwells = [stay("a", 0, 16, 10.0), stay("b", 2.5, 14.2, 10.0)]

    yard = yard_of(dwells, depot_of(10.0, 10.0), FLAT)

    # whole intervals of the stay from 2.5 to 14.2: 3 to 14
    assert sorted(span[1:] for span in spans_of(yard).values()) == [(0.0, 16.0), (3.0, 14.0)]
    assert (yard.swaps, yard.moves, yard.unplaced) == (0, (), ())


def test_two_vehicles_share_a_connector_with_a_changeover_between():
    dwells = [stay("a", 0, 16, 10.0), stay("b", 0, 16, 10.0)]

    yard = yard_of(dwells, depot_of(10.0), FLAT)

    (_, _, first_end), (_, second_start, _) = sorted(spans_of(yard).values(), key=lambda s: s[1])
    # 10 minutes unpowered, on a grid of 15: one whole interval
    assert second_start - first_end == 1
    assert yard.swaps == 1
    leaver, taker = yard.moves
    assert (leaver.from_connector_id, leaver.to_connector_id) == ("S0/1", None)
    assert (taker.from_connector_id, taker.to_connector_id) == (None, "S0/1")
    assert leaver.at == taker.at == at(first_end)


def test_the_split_gives_each_the_cheap_hours_it_needs():
    # cheap in 6..10 only; each needs two quarter-hours at 10 kW, so 6..8 and 9..11 or 5..7 and
    # 8..10: one of the two must pay one dear quarter-hour either way
    prices = prices_of(*(0.5,) * 6, *(0.1,) * 4, *(0.5,) * 6)

    yard = yard_of([stay("a", 0, 16, 5.0), stay("b", 0, 16, 5.0)], depot_of(10.0), prices)

    ends = sorted(span[1:] for span in spans_of(yard).values())
    assert ends[0][1] in {7.0, 8.0}


def test_a_move_waits_for_the_people_who_make_it():
    # people from 19:00 (interval 4) to 20:00 (interval 8) only; each needs 3 quarter-hours
    staff = StaffHours(time(19), time(20))

    yard = yard_of(
        [stay("a", 0, 16, 7.5), stay("b", 0, 16, 7.5)], depot_of(10.0, staff=staff), FLAT
    )

    assert yard.swaps == 1
    assert all(at(4) <= move.at < at(8) for move in yard.moves)


def test_nobody_there_leaves_the_second_vehicle_unplaced_with_a_reason():
    staff = StaffHours(time(12), time(13))

    yard = yard_of(
        [stay("a", 0, 16, 5.0), stay("b", 0, 16, 5.0)], depot_of(10.0, staff=staff), FLAT
    )

    assert len(yard.windows) == 1
    assert yard.swaps == 0
    ((_, reason),) = yard.unplaced
    assert "people" in reason


def test_who_plugs_in_on_arrival_after_a_departure_is_no_swap():
    yard = yard_of([stay("a", 0, 6, 5.0), stay("b", 6, 16, 5.0)], depot_of(10.0), FLAT)

    # the changeover of 10 minutes after the departure at 6 leaves whole intervals from 7 on
    assert spans_of(yard) == {"a": ("S0/1", 0.0, 6.0), "b": ("S0/1", 7.0, 16.0)}
    assert (yard.swaps, yard.moves) == (0, ())


def test_waiting_for_a_departure_is_a_swap_of_one_drive():
    yard = yard_of([stay("a", 0, 6, 15.0), stay("b", 4, 16, 5.0)], depot_of(10.0), FLAT)

    # a needs all of its six quarter-hours; b waits in a bay from 4 to 6
    assert yard.swaps == 1
    (drive,) = yard.moves
    assert (drive.vehicle_id, drive.to_connector_id, drive.at) == ("b", "S0/1", at(6))


def test_three_vehicles_share_one_connector_in_two_swaps():
    dwells = [stay(name, 0, 16, 7.5) for name in "abc"]

    yard = yard_of(dwells, depot_of(10.0), FLAT)

    # 3 x 3 quarter-hours + 2 changeovers = 11 of 16
    assert yard.swaps == 2
    assert yard.unplaced == ()


def test_wishes_for_pool_station_and_connector_are_obeyed():
    depot = depot_of(10.0, 10.0, 10.0, 10.0, pools="abbb")
    dwells = [
        stay("any", 0, 16, 5.0),
        stay("pool", 0, 16, 5.0, pool="b"),
        stay("station", 0, 16, 5.0, station_id="S2"),
        stay("connector", 0, 16, 5.0, connector_id="S3/1"),
    ]

    spans = spans_of(yard_of(dwells, depot, FLAT))

    assert {vehicle: span[0] for vehicle, span in spans.items()} == {
        "any": "S0/1", "pool": "S1/1", "station": "S2/1", "connector": "S3/1",
    }  # fmt: skip


def test_every_vehicle_without_window_is_named_with_its_reason():
    dwells = [
        stay("full", 0, 16, 0.0),
        stay("brief", 1.2, 1.8, 5.0),
        stay("picky", 0, 16, 5.0, min_kw=30.0),
        stay("fine", 0, 16, 5.0),
    ]

    yard = yard_of(dwells, depot_of(10.0), FLAT)

    assert [window.vehicle_id for window in yard.windows] == ["fine"]
    assert [vehicle for vehicle, _ in yard.unplaced] == ["full", "brief", "picky"]
    assert [reason.split()[-1] for _, reason in yard.unplaced] == ["energy", "plan", "powers"]


def test_shared_connectors_are_spread_over_the_circuits():
    # four stations on two panels, six vehicles: two pairs, one on each panel
    plain = depot_of(10.0, 10.0, 10.0, 10.0)
    stations = tuple(
        replace(station, circuit_id=f"panel-{n // 2}") for n, station in enumerate(plain.stations)
    )
    circuits = (Circuit("panel-0", None, 15.0), Circuit("panel-1", None, 15.0))
    depot = replace(plain, circuits=circuits, stations=stations)

    yard = yard_of([stay(f"v{n}", 0, 16, 5.0) for n in range(6)], depot, FLAT)

    on_first_panel = [w for w in yard.windows if w.connector_id in {"S0/1", "S1/1"}]
    assert len(on_first_panel) == 3
    assert yard.swaps == 2


def test_the_more_important_vehicle_has_the_time_it_needs():
    # one connector, four quarter-hours at 10 kW less a changeover: 7.5 kWh in all
    dwells = [stay("a", 0, 4, 5.0, priority=1), stay("b", 0, 4, 5.0)]

    yard = yard_of(dwells, depot_of(10.0), prices_of(*(0.1,) * 4))

    first, last = spans_of(yard)["a"][1:]
    assert last - first == 2
