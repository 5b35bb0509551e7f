"""What each connector can come to if all are served in the order of their slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from depotlib.gateway.room import Loads, Room
from depotlib.gateway.steps import FloatArray, StepLine, rows_of


@dataclass(frozen=True, slots=True)
class Desire:
    """What a connector should be permitted.

    Parameters
    ----------
    connector_id : str
    slot : str
        Where its lease goes: ``default`` or ``tx-…``.
    line : StepLine
        Wanted limit [kW].
    valid_to : datetime
        From then on its safe limit holds.
    release_id : str
    slack_s : float
        Smaller first: readiness slack [s]; unknown sessions last.
    min_kw : float
        Least power worth permitting; below it, 0.
    is_new : bool
        Whether it is to be sent without regard to pauses (a new session, a push).
    is_below : bool
        Whether it goes into the default below a transaction that has a limit of its own.
    """

    connector_id: str
    slot: str
    line: StepLine
    valid_to: datetime
    release_id: str
    slack_s: float
    min_kw: float = 0.0
    is_new: bool = False
    is_below: bool = False


def targets_of(
    room: Room, desires: Sequence[Desire], *, floors_kw: Mapping[str, float]
) -> dict[str, StepLine]:
    """Return what each desire can come to if all are served in the order of their slack.

    A plan that fits its limits comes out as it went in; where something unforeseen has plugged
    in, or a station must be reckoned with at its hardware maximum, those with the most slack give way.
    """
    grid_s = room.grid_s
    if not desires:
        return {}
    lines_kw = rows_of([desire.line for desire in desires], grid_s)
    wanted = {one.connector_id: kw for one, kw in zip(desires, lines_kw, strict=True)}
    node_left_kw = room.left_kw(floors_kw)
    firsts_kw = {
        desire.connector_id: _first_claim(room, desire, wanted=wanted, floors_kw=floors_kw)
        for desire in desires
    }
    left_kw = room.operating_kw - _unmanaged_kw(room, wanted) - sum(firsts_kw.values())
    targets: dict[str, StepLine] = {}
    for desire in sorted(desires, key=lambda one: one.slack_s):
        name = desire.connector_id
        first_kw = firsts_kw[name]
        floor_load_kw = room.loads_kw(name, np.array([floors_kw[name]]))
        most_kw = room.within_kw(name, node_left_kw, own_kw=floor_load_kw)
        target_kw = np.minimum(wanted[name], first_kw + np.maximum(left_kw, 0.0))
        target_kw = np.maximum(np.minimum(target_kw, most_kw), 0.0)
        is_useless = (target_kw < desire.min_kw) & (target_kw < wanted[name])
        target_kw[is_useless] = 0.0
        left_kw = left_kw - (target_kw - first_kw)
        # Whoever gets less than its safe limit is reckoned with at that all the same.
        load_kw = room.loads_kw(name, np.maximum(target_kw, floors_kw[name]))
        added_kw: Loads = {one: all_kw - floor_load_kw[one] for one, all_kw in load_kw.items()}
        room.take(name, node_left_kw, added_kw=added_kw)
        targets[name] = StepLine(grid_s, target_kw)
    return targets


def _first_claim(
    room: Room,
    desire: Desire,
    *,
    wanted: Mapping[str, FloatArray],
    floors_kw: Mapping[str, float],
) -> FloatArray:
    """Return what a connector has before anybody else [kW]: of a vehicle that is there its safe limit.

    Whoever has plugged in unforeseen is not cut to a silent zero: the planned ones give way.
    """
    if not room.occupied.get(desire.connector_id, False):
        return 0.0 * room.grid_s
    return np.minimum(wanted[desire.connector_id], floors_kw[desire.connector_id])


def _unmanaged_kw(room: Room, wanted: Mapping[str, FloatArray]) -> FloatArray:
    """Return what connectors draw that nobody wants anything of [kW], (grid,)."""
    rows = [row for row, outlet in enumerate(room.outlets) if outlet.connector_id not in wanted]
    return room.expected_kw[rows].sum(axis=0) if rows else 0.0 * room.grid_s
