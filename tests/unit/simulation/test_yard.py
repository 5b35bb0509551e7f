"""Plugs, queues and drives in a play."""

from dataclasses import replace
from datetime import time

import numpy as np

from depotlib.model.depot import StaffHours
from depotlib.simulation.scenario import Chances
from tests.simulation_cases import played, plugs, scenario, stay


def test_a_full_vehicle_gives_its_plug_to_one_that_waits():
    # One plug of 10 kW: an hour for the first, a changeover of 15 minutes, an hour for the second.
    depot = replace(plugs(1), changeover_s=900)

    setting = played(scenario([stay("a", 16, 70, 10.0), stay("b", 17, 70, 10.0)], depot))

    charging = np.flatnonzero(setting.charging_kw).tolist()
    assert charging == [16, 17, 18, 19, 21, 22, 23, 24]
    # Two drives: one away from the plug, one to it.
    assert setting.yard.moves == [20, 20]


def test_nobody_drives_while_nobody_is_there():
    depot = replace(plugs(1), staff_hours=StaffHours(time(20), time(6)))

    setting = played(scenario([stay("a", 16, 70, 10.0), stay("b", 17, 70, 10.0)], depot))

    # 20:00 is 32 quarter-hours after noon.
    assert setting.yard.moves == [32, 32]


def test_so_many_drives_an_hour_and_no_more():
    # Three give up their plugs at 17:00; of six drives, two an hour are allowed.
    stays = [stay(f"early-{n}", 16, 70, 10.0) for n in range(3)]
    stays += [stay(f"late-{n}", 17, 70, 10.0) for n in range(3)]

    setting = played(scenario(stays, replace(plugs(3), moves_per_hour=2)))

    assert setting.yard.moves == [20, 20, 24, 24, 28, 28]


def test_who_waits_drives_to_a_plug_that_a_departure_has_freed():
    setting = played(scenario([stay("a", 16, 30, 100.0), stay("b", 17, 70, 10.0)], plugs(1)))

    assert setting.yard.moves == [30]
    assert setting.vehicles[1].charged_kwh == 10.0


def test_the_queue_for_a_plug_is_by_departure_where_that_is_the_rule():
    # The plug is free from 30 on; the third leaves at 36 and needs four intervals.
    stays = [stay("a", 16, 30, 100.0), stay("b", 17, 70, 10.0), stay("c", 18, 36, 10.0)]

    by_arrival = played(scenario(stays, plugs(1), "fcfs")).vehicles
    by_departure = played(scenario(stays, plugs(1), "edf")).vehicles

    assert by_arrival[2].charged_kwh == 5.0
    assert by_departure[2].charged_kwh == 10.0
    assert by_departure[1].charged_kwh == 10.0


def test_a_station_that_fails_gives_nothing_and_a_vehicle_does_not_go_there():
    always = Chances(outage_share=1.0, outage_least_s=86_400, outage_most_s=86_400)
    one = scenario([stay("a", 40, 70, 100.0)], plugs(1), chances=always, seed=2)

    setting = played(one)

    outage = setting.drawn.outages[0].derating
    first = setting.play.grid.interval_of(outage.start)
    assert not setting.charging_kw[first:].any()
