"""A second window for a vehicle, where that saves more than the swap it takes.

Two vehicles on one connector may not both fit into the cheap hours. Then one of them charges for
a part on a third vehicle's connector: before that one takes it, or after that one has left it.
Three vehicles on two connectors have more cheap hours each; it costs one swap more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from depotlib.planning.yard.search import BAY, Yard
from depotlib.planning.yard.sharing import Sharing, Slot
from depotlib.planning.yard.stays import Stay

_PAIR: Final = 2
_PARTS: Final = 6
"""A vehicle's energy is divided over its two windows in multiples of one of so many parts."""
_HELPERS: Final = 8
"""Places that are asked to take a guest, of those whose own vehicle has the most time."""
_NOTICEABLE_SHARE: Final = 1e-3
"""Guide prices are not exact: a saving below this share of the cost is none."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Two places with one vehicle on both.

    Parameters
    ----------
    sharings : dict of int to Sharing
        By place.
    gain_amount : float
        What it saves at guide prices, swaps apart.
    noise_amount : float
        What a saving must exceed to be one.
    """

    sharings: dict[int, Sharing]
    gain_amount: float
    noise_amount: float


def relays_worth(yard: Yard, swap_amount: float) -> dict[int, Sharing]:
    """Return the sharings of the places at which relays save more than a swap costs.

    Parameters
    ----------
    yard : Yard
        Filled and improved; not changed.
    swap_amount : float
        What one more swap a night costs over the horizon of the price terms; infinite: more than
        all money, but not more than readiness.
    """
    one_swap_amount = yard.rules.costs.weights.swap_amount
    worthwhile_amount = min(swap_amount, one_swap_amount)
    found: dict[int, Sharing] = {}
    for place in yard.places_by_loss():
        if place == BAY or place in found or len(yard.at[place]) != _PAIR:
            continue
        if yard.loss(place) - one_swap_amount <= worthwhile_amount:
            continue
        options = [
            relay
            for helper in _helpers(yard, place, taken=found)
            for relay in _relays(yard, place, helper=helper)
        ]
        best = max(options, key=lambda relay: relay.gain_amount, default=None)
        if best is not None and best.gain_amount > max(worthwhile_amount, best.noise_amount):
            found |= best.sharings
    return found


def _helpers(yard: Yard, place: int, *, taken: dict[int, Sharing]) -> Iterator[int]:
    """Yield places that one vehicle has to itself and has most time to spare at, one of a kind."""
    spare: dict[tuple[object, ...], tuple[float, int]] = {}
    for other, members in yard.at.items():
        if other in {BAY, place} or other in taken or len(members) != 1:
            continue
        (host,) = yard.members(other)
        need_h = host.dwell.energy_target_kwh / host.max_kw[other]
        spare_h = (host.last - host.first) * yard.rules.clock.grid.interval_h - need_h
        spare.setdefault(yard.likeness(other), (-spare_h, other))
    yield from (other for _, other in sorted(spare.values())[:_HELPERS])


def _relays(yard: Yard, place: int, *, helper: int) -> Iterator[Relay]:
    """Yield the relays of a pair with a helper: the second comes early or the first goes late."""
    here = yard.sharing(place)
    first, second = (yard.stay(slot.stay) for slot in here.slots)
    (host,) = yard.members(helper)
    before_amount = here.amount + yard.sharing(helper).amount
    for there, kept in _parts(second, helper):
        early = replace(there, last=max(there.first, here.slots[1].first))
        pair = yard.rules.in_order((first, kept), place)
        guest = yard.rules.in_order((early, host), helper)
        if pair.slots and guest.slots and _follows(guest.slots[0], pair.slots[1]):
            yield _relay(yard, {place: pair, helper: guest}, before_amount=before_amount)
    for there, kept in _parts(first, helper):
        late = replace(there, first=min(there.last, here.slots[0].last + yard.rules.clock.gap))
        pair = yard.rules.in_order((kept, second), place)
        guest = yard.rules.in_order((host, late), helper)
        if pair.slots and guest.slots and _follows(pair.slots[0], guest.slots[1]):
            yield _relay(yard, {place: pair, helper: guest}, before_amount=before_amount)


def _relay(yard: Yard, sharings: dict[int, Sharing], *, before_amount: float) -> Relay:
    after_amount = sum(sharing.amount for sharing in sharings.values())
    one_swap_amount = yard.rules.costs.weights.swap_amount
    energy_amount = abs(before_amount - one_swap_amount)
    return Relay(
        sharings,
        gain_amount=before_amount - after_amount + one_swap_amount,
        noise_amount=_NOTICEABLE_SHARE * energy_amount,
    )


def _parts(stay: Stay, helper: int) -> Iterator[tuple[Stay, Stay]]:
    """Yield a stay as two, with its energy divided: at the helper, and where it is."""
    if stay.max_kw[helper] <= 0:
        return
    for part in range(1, _PARTS):
        share = part / _PARTS
        yield _with_energy(stay, share), _with_energy(stay, 1.0 - share)


def _with_energy(stay: Stay, share: float) -> Stay:
    dwell = stay.dwell
    part = replace(
        dwell,
        energy_must_kwh=dwell.energy_must_kwh * share,
        energy_target_kwh=dwell.energy_target_kwh * share,
    )
    return replace(stay, dwell=part)


def _follows(before: Slot, after: Slot) -> bool:
    """Return whether a vehicle is driven away from its first plug before it comes to the second."""
    return (
        before.drive_out is not None
        and after.drive_in is not None
        and before.drive_out <= after.drive_in
    )
