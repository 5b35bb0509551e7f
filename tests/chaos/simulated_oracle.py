"""What could have been delivered by somebody who knows everything and is obeyed at once."""

from collections.abc import Sequence

from depotlib.model.brief import Brief
from tests.chaos.simulated_plans import Stay

LOOK_S = 60.0


def oracle_kwh(
    brief: Brief, stays: Sequence[Stay], *, base: Sequence[tuple[float, float]], duration_s: int
) -> float:
    """Return the energy of an oracle [kWh].

    It knows every vehicle, its phases and its departure, and the base load of every minute; no
    clock, wire or vehicle is late, no limit is reserved for anybody. Whoever leaves first goes
    first. Limits of single phases do not bind it, so it is nowhere below what is possible.
    """
    depot = brief.depot
    paths = {
        connector.connector_id: [
            "site",
            *(circuit.circuit_id for circuit in depot.path_to_site(station.circuit_id)),
            station.station_id,
        ]
        for station in depot.stations
        for connector in station.connectors()
    }
    limits_kw = {"site": depot.grid.operating_limit_kw - depot.grid.margin_kw}
    limits_kw |= {circuit.circuit_id: circuit.limit_kw for circuit in depot.circuits}
    limits_kw |= {station.station_id: station.max_kw for station in depot.stations}
    ordered = sorted(stays, key=lambda stay: (stay.end_s, stay.connector_id))
    left_kwh = {stay: stay.need_kwh for stay in ordered}
    at, total_kwh, hours = 0, 0.0, LOOK_S / 3600.0
    for look in range(int(duration_s / LOOK_S)):
        at_s = look * LOOK_S
        while at + 1 < len(base) and base[at + 1][0] <= at_s + LOOK_S / 2.0:
            at += 1
        room = dict(limits_kw)
        room["site"] -= base[at][1]
        for stay in ordered:
            # A minute in which it comes or goes counts whole or not at all.
            if not stay.start_s <= at_s + LOOK_S / 2.0 < stay.end_s:
                continue
            nodes = paths[stay.connector_id]
            power_kw = min(stay.max_kw, left_kwh[stay] / hours, *(room[node] for node in nodes))
            for node in nodes:
                room[node] -= power_kw
            left_kwh[stay] -= power_kw * hours
            total_kwh += power_kw * hours
    return total_kwh
