"""From the slots of a place to windows, drives and the number of swaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.planning.yard.sharing import Slot
from depotlib.planning.yard.stays import Place, Stay, YardClock


@dataclass(frozen=True, slots=True)
class Turns:
    """What happens at one place.

    Parameters
    ----------
    windows : tuple of ConnectorWindow
    moves : tuple of YardMove
    swaps : int
    """

    windows: tuple[ConnectorWindow, ...]
    moves: tuple[YardMove, ...]
    swaps: int


def turns_at(
    place: Place, slots: Sequence[Slot], *, stays: Sequence[Stay], clock: YardClock
) -> Turns:
    """Return the windows, drives and swaps of the slots of a place, in their order.

    Parameters
    ----------
    place : Place
    slots : sequence of Slot
    stays : sequence of Stay
        All stays, in the order of the dwells.
    clock : YardClock
    """
    windows: list[ConnectorWindow] = []
    moves: list[YardMove] = []
    for slot in slots:
        dwell = stays[slot.stay].dwell
        connector = place.connector_for(dwell)
        assert connector is not None, "the search puts a stay only where it can charge"
        plug = connector.connector_id
        windows.append(
            ConnectorWindow(dwell.vehicle_id, plug, clock.edges[slot.first], clock.edges[slot.last])
        )
        if slot.drive_in is not None:
            moves.append(YardMove(dwell.vehicle_id, None, plug, slot.drive_in))
        if slot.drive_out is not None:
            moves.append(YardMove(dwell.vehicle_id, plug, None, slot.drive_out))
    swaps = sum(
        before.drive_out is not None or after.drive_in is not None
        for before, after in pairwise(slots)
    )
    return Turns(tuple(windows), tuple(moves), swaps)
