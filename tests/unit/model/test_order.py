"""What an order takes out of service, as a plan sees it, and back."""

from dataclasses import replace
from datetime import timedelta

from depotlib.model.depot import Derating
from depotlib.model.order import Order, OrderKind, with_orders, without_deratings, without_orders
from tests.unit.exchange import samples


def order(kind: OrderKind, **facts) -> Order:
    return replace(samples.order(kind=kind), **facts)


def spans(depot) -> list[tuple[Derating, ...]]:
    return [station.deratings for station in depot.stations]


def test_what_is_held_excluded_or_shut_is_out_of_service_in_a_plan_and_nothing_else_is():
    depot = samples.depot()
    until = samples.EVENING + timedelta(hours=1)
    first = [Derating(samples.EVENING, until, 0.0)]

    for kind in ("hold", "exclude", "out_of_service"):
        assert spans(with_orders(depot, [order(kind)]))[0] == tuple(first)
    for kind in ("charge_now", "prioritise", "reset", "unlock", "end"):
        assert with_orders(depot, [order(kind)]) == depot


def test_the_other_connectors_of_a_station_stay_in_the_plan():
    depot = samples.depot()
    station = depot.stations[0]
    (evse,) = station.evses
    second = replace(evse.connectors[0], connector_id="AC-01/2", number=2)
    both = replace(station, evses=(replace(evse, connectors=(*evse.connectors, second)),))
    depot = replace(depot, stations=(both, *depot.stations[1:]))

    assert with_orders(depot, [order("hold")]) == depot
    assert spans(with_orders(depot, [order("out_of_service", connector_id=None)]))[0] != ()


def test_what_orders_put_in_is_taken_out_again_and_the_rest_stays():
    depot = samples.depot()
    planned = Derating(samples.EVENING, samples.MORNING, 3.0)
    first, *others = depot.stations
    depot = replace(depot, stations=(replace(first, deratings=(planned,)), *others))
    orders = [order("hold")]

    assert without_orders(with_orders(depot, orders), orders) == depot
    assert without_orders(depot, [order("charge_now")]) == depot
    assert set(spans(without_deratings(depot))) == {()}
