"""Where each connector's next lease goes: into its transaction, or into the default below it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from depotlib.gateway.arming import UNASKED
from depotlib.gateway.calls import ClearProfiles
from depotlib.gateway.comparison import compared
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.messages import Call
from depotlib.gateway.pump import NEAR_S
from depotlib.gateway.station import TRANSACTION_SLOT, Station
from depotlib.gateway.wishes import Wish
from depotlib.model.live import DEFAULT_SLOT, Lease

BLOCKING_KW: Final = 0.2
BLOCKING_S: Final = 3600.0


def own_slot(station: Station, connector_id: str) -> str:
    """Return the slot of a connector's running transaction, or else the default."""
    session = station.transactions.running(station.number_of(connector_id))
    dialect = station.arming.dialect
    if session is None or session.transaction_id <= 0 or not dialect.uses_transaction_profile:
        return DEFAULT_SLOT
    return f"{TRANSACTION_SLOT}{session.transaction_id}"


def clearing(station: Station, lease: Lease, *, ledger: Ledger, now: datetime) -> list[Call]:
    """Return the call that clears a transaction's own limit, where an accepted default is to rule.

    That limit was given before the station was found to take no more of them, and would rule until
    the transaction ends. The ledger reckons with it all the same: whether it was cleared is not
    worth a rule.
    """
    number = station.number_of(lease.connector_id)
    session = station.transactions.running(number)
    is_default = lease.slot == own_slot(station, lease.connector_id) == DEFAULT_SLOT
    if session is None or not is_default or lease.state != "accepted":
        return []
    own = ledger.latest(lease.connector_id, f"{TRANSACTION_SLOT}{session.transaction_id}")
    if own is None or own.valid_to <= now:
        return []
    return [ClearProfiles(UNASKED, connector=number, purpose="transaction")]


def slots_of(
    wanted: Mapping[str, Wish],
    *,
    ledger: Ledger,
    stations: Mapping[str, Station],
    now: datetime,
) -> dict[str, str]:
    """Return where each connector's next lease goes.

    During a transaction into it; but where the default below permits more than is wanted soon, that
    is lowered first, since it would come back with the next vehicle. Where it does so only later
    than the transaction is to change, the transaction comes first.

    Parameters
    ----------
    wanted : mapping of str to Wish
        By connector.
    ledger : Ledger
    stations : mapping of str to Station
    now : datetime
    """
    slots: dict[str, str] = {}
    below: dict[str, Lease] = {}
    above: dict[str, Lease] = {}
    for name in wanted:
        pinned = ledger.pinned_slot(name, now=now)
        slots[name] = pinned or own_slot(stations[ledger.outlets[name].station_id], name)
        own, default = ledger.latest(name, slots[name]), ledger.latest(name, DEFAULT_SLOT)
        is_in_one = pinned is None and slots[name] != DEFAULT_SLOT
        if is_in_one and own is not None and own.state == "accepted" and default is not None:
            below[name], above[name] = default, own
    kept_kw = _excess_kw(below, wanted, ledger=ledger, now=now, span_s=BLOCKING_S)
    soon_kw = _excess_kw(below, wanted, ledger=ledger, now=now, span_s=NEAR_S)
    own_kw = _apart_kw(above, wanted, ledger=ledger, now=now)
    for name, kw in kept_kw.items():
        # A default that only later permits more may wait: it must not keep what runs from changing.
        is_waiting = own_kw[name] > BLOCKING_KW >= soon_kw[name]
        if kw > BLOCKING_KW and not is_waiting:
            slots[name] = DEFAULT_SLOT
    return slots


def _excess_kw(
    leases: Mapping[str, Lease],
    wanted: Mapping[str, Wish],
    *,
    ledger: Ledger,
    now: datetime,
    span_s: float,
) -> dict[str, float]:
    """Return by how much leases permit more than is wanted in a span from now, on average [kW]."""
    _, excess_kw = _differences_kw(leases, wanted, ledger=ledger, now=now, span_s=span_s)
    return dict(zip(leases, excess_kw, strict=True))


def _apart_kw(
    leases: Mapping[str, Lease], wanted: Mapping[str, Wish], *, ledger: Ledger, now: datetime
) -> dict[str, float]:
    """Return by how much leases permit more or less than is wanted soon, the greater of both [kW]."""
    both = _differences_kw(leases, wanted, ledger=ledger, now=now, span_s=NEAR_S)
    return {name: max(apart_kw) for name, *apart_kw in zip(leases, *both, strict=True)}


def _differences_kw(
    leases: Mapping[str, Lease],
    wanted: Mapping[str, Wish],
    *,
    ledger: Ledger,
    now: datetime,
    span_s: float,
) -> tuple[list[float], list[float]]:
    """Return by how much leases permit less, and more, than is wanted in a span, on average [kW]."""
    if not leases:
        return [], []
    start_s, end_s = now.timestamp(), now.timestamp() + span_s
    lack_kw, excess_kw, _ = compared(
        [wanted[name].line for name in leases],
        [ledger.permitted(lease) for lease in leases.values()],
        start_s=start_s,
        end_s=end_s,
    ).means_kw(start_s, end_s=end_s)
    return lack_kw.tolist(), excess_kw.tolist()
