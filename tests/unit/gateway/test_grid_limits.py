"""Limits from outside at the gateway: obeyed as hard limits, recorded minute by minute."""

from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.book import Book
from depotlib.gateway.control import Heritage
from depotlib.gateway.grid_limits import site_under
from depotlib.model.depot import Circuit
from depotlib.model.grid_limit import GridLimit, GridLimitSource
from tests.gateway_cases import at, site, small_site
from tests.unit.gateway.test_site_watch import BASE_KW, PLAN, Yard, metered

BEGIN_S, END_S = 600, 1500
FULL_KW = 69.8
"""Three vans of 20 kW, in whole tenths of an ampere, and 10 kW of base load."""
SETTLED_S = 120
"""A limit that holds at once: decreases are answered, followed, and measured within it."""


def limited(
    node_id: str,
    limit_kw: float,
    *,
    begin_s: float = BEGIN_S,
    end_s: float = END_S,
    source: GridLimitSource = "utility",
) -> GridLimit:
    return GridLimit(
        limit_id=f"{node_id}-{limit_kw:g}",
        node_id=node_id,
        start=at(begin_s),
        end=at(end_s),
        limit_kw=limit_kw,
        source=source,
        reference="DSO-7",
        given_by="key grid",
        given_at=at(0),
    )


def most_kw(yard: Yard, since_s: float, until_s: float) -> float:
    return max(total_kw for second, total_kw in yard.totals if since_s <= second < until_s)


def test_a_limit_on_the_site_holds_from_its_first_second_to_its_last():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("site", 50.0),))

    yard.live(2700)

    # The base load's rise is not proven: 30 kW of it count, of the 10 kW that there are. A tenth
    # of the other 20 kW is kept free, for amperes at a high voltage.
    assert most_kw(yard, 300, 500) == pytest.approx(FULL_KW, abs=0.1)
    assert 27.0 < most_kw(yard, BEGIN_S, END_S) <= BASE_KW + 20.0 / 1.1
    assert most_kw(yard, END_S + 600, 2700) == pytest.approx(FULL_KW, abs=0.1)


def test_a_limit_that_holds_at_once_is_obeyed_as_soon_as_stations_have_answered():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.live(300)
    assert yard.total_kw() == pytest.approx(FULL_KW, abs=0.1)

    yard.site.control.take_grid_limits((limited("site", 45.0, begin_s=200.0),))
    yard.live(900)

    assert most_kw(yard, 300 + SETTLED_S, END_S) <= 45.0


def test_a_group_of_devices_is_limited_without_the_base_load():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("charging", 33.0, source="enwg_14a"),))

    yard.live(END_S)

    # Told amperes, stations draw a tenth more at a high voltage: 30 kW are asked for at the most.
    drawn_kw = most_kw(yard, BEGIN_S, END_S) - BASE_KW
    assert 25.0 < drawn_kw <= 30.0 + 1e-6
    names = {node.node_id for node in yard.site.control.site.nodes}
    assert "charging" in names


def test_a_limit_on_a_circuit_binds_what_hangs_below_it():
    circuits = (Circuit("panel", None, 100.0),)
    yard = Yard(metered(service_kw=200.0, circuits=circuits, circuit_id="panel"), PLAN)
    yard.site.control.take_grid_limits((limited("panel", 22.0),))

    yard.live(END_S)

    assert most_kw(yard, BEGIN_S, END_S) - BASE_KW <= 22.0


def test_a_limit_below_the_safe_limits_gives_everybody_as_little_as_can_be_told():
    yard = Yard(metered(service_kw=200.0), PLAN)
    # Three safe limits of 4.14 kW and a base load of 10 kW are more than that.
    yard.site.control.take_grid_limits((limited("site", 15.0),))

    yard.live(END_S)

    drawn_kw = most_kw(yard, BEGIN_S + 60, END_S) - BASE_KW
    assert drawn_kw == pytest.approx(0.0)


def test_a_limit_that_is_withdrawn_is_obeyed_no_more():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("site", 45.0),))
    yard.live(900)
    assert yard.total_kw() <= 45.0

    yard.site.control.take_grid_limits(())
    yard.live(600)

    assert yard.total_kw() == pytest.approx(FULL_KW, abs=0.1)


def test_a_gateway_that_starts_again_obeys_what_stands_from_its_first_look_on():
    brief = small_site()

    there = site(brief, heritage=Heritage(grid_limits=(limited("site", 15.0),)))

    nodes = {node.node_id: node for node in there.control.site.nodes}
    assert nodes["site"].limit.at(at(BEGIN_S).timestamp()) == 15.0
    assert nodes["site"].limit.at(at(END_S).timestamp()) == 40.0  # the service: it ends by itself


def test_a_new_brief_of_the_same_depot_keeps_what_is_limited_from_outside():
    there = site(small_site())
    there.control.take_grid_limits((limited("site", 15.0),))

    there.control.apply_brief(small_site(unknown_policy="require_known"))

    assert there.control.site.nodes[0].limit.at(at(BEGIN_S).timestamp()) == 15.0


def test_of_two_limits_on_a_node_the_lower_counts_at_every_instant():
    limits = (limited("site", 30.0), limited("site", 20.0, begin_s=900, end_s=1000))

    line = site_under(small_site(), limits).nodes[0].limit

    assert [line.at(at(s).timestamp()) for s in (599, 600, 900, 1000, END_S)] == [
        *(40.0, 30.0, 20.0, 30.0, 40.0)
    ]


def test_a_limit_on_a_node_that_the_depot_no_longer_has_changes_nothing():
    brief = small_site()

    assert site_under(brief, (limited("attic", 1.0),)).nodes == site_under(brief, ()).nodes


def test_every_minute_of_a_limit_is_recorded_with_what_the_sites_meter_said():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("site", 50.0),))

    yard.live(2000)

    minutes = [one.payload for one in yard.site.journal if one.kind == "grid_limit_minute"]
    # From minute 10 to minute 25.
    assert [one["start"] for one in minutes] == [
        at(60 * n).isoformat() for n in range(BEGIN_S // 60, END_S // 60)
    ]
    assert {one["measured_by"] for one in minutes} == {"site_meter"}
    assert all(one["watched_s"] == 60.0 for one in minutes[1:])
    assert all(one["limit_kw"] == 50.0 and one["most_kw"] <= 50.0 for one in minutes)
    drawn_kw = yard.totals[160][1]  # second 805
    assert all(one["mean_kw"] == pytest.approx(drawn_kw, abs=1e-3) for one in minutes)


def test_without_a_fresh_meter_the_record_counts_the_most_that_the_base_load_can_be():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("site", 80.0),))
    yard.has_meter = False

    yard.live(900)

    minutes = [one.payload for one in yard.site.journal if one.kind == "grid_limit_minute"]
    # 30 kW of base load at the most: 50 kW are left, 45.4 of them to be asked for in amperes.
    assert minutes
    assert {one["measured_by"] for one in minutes} == {"stations"}
    assert all(70.0 < one["mean_kw"] <= 80.0 for one in minutes[1:])


def test_what_nobody_looked_at_for_long_is_a_gap_in_the_record():
    yard = Yard(metered(service_kw=200.0), PLAN)
    yard.site.control.take_grid_limits((limited("site", 50.0),))
    yard.live(BEGIN_S + 90)

    yard.site.now = at(BEGIN_S + 400)
    yard.live(100)

    minutes = [one.payload for one in yard.site.journal if one.kind == "grid_limit_minute"]
    # Minute 10, the first half of minute 11; nothing until second 1005, in minute 16, then minute
    # 17 up to second 1100.
    watched_s = [one["watched_s"] for one in minutes]
    assert watched_s[0] > 50.0
    assert watched_s[1] == pytest.approx(30.0, abs=5.0)
    assert [one["start"] for one in minutes[2:]] == [at(960).isoformat(), at(1020).isoformat()]
    assert minutes[2]["watched_s"] == pytest.approx(15.0)


def test_a_limit_withdrawn_in_the_middle_of_a_minute_closes_its_record():
    yard = Yard(metered(service_kw=200.0), PLAN)
    limit = limited("site", 50.0)
    yard.site.control.take_grid_limits((limit,))
    yard.live(BEGIN_S + 90)

    yard.site.control.take_grid_limits((replace(limit, withdrawn_at=yard.site.now),))
    yard.live(120)

    minutes = [one.payload for one in yard.site.journal if one.kind == "grid_limit_minute"]
    assert len(minutes) == 2
    assert minutes[1]["watched_s"] == pytest.approx(30.0, abs=5.0)


def test_what_stands_in_the_mailbox_is_obeyed_and_what_is_withdrawn_there_no_more(tmp_path: Path):
    limit = limited("site", 15.0)
    path = tmp_path / "exchange.sqlite"
    with open_mailbox(path) as mailbox, open_mailbox(path) as door:
        there = site(small_site())
        book = Book(mailbox, mailbox.claim_generation(at(0)))
        door.grid_limits.put(limit)

        book.heard(there.control, now=at(0))
        held = there.control.grid_limits
        door.grid_limits.put(replace(limit, withdrawn_at=at(1)))
        book.heard(there.control, now=at(2))

    assert held == (limit,)
    assert there.control.grid_limits == ()
    assert there.control.site.nodes[0].limit.at(at(BEGIN_S).timestamp()) == 40.0
