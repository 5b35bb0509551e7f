"""Who must not be paused: it slept on after a pause before."""

from collections.abc import Sequence
from dataclasses import replace

from depotlib.dispatch.night import LiveNight
from depotlib.model.dwell import Dwell


def as_slept(stays: Sequence[Dwell], night: LiveNight) -> tuple[Dwell, ...]:
    """Return stays, with one start only for those that did not wake from a pause before.

    Whether its class says so or not: it will not wake from the next one either.

    Parameters
    ----------
    stays : sequence of Dwell
    night : LiveNight
    """
    slept = _slept(night)
    return tuple(
        replace(stay, most_starts=1) if stay.vehicle_id in slept else stay for stay in stays
    )


def _slept(night: LiveNight) -> frozenset[str]:
    """Return whoever slept on in a session that is over, or in the present one."""
    here = {one.session_id: name for name, one in night.guests().items()}
    over = {name: one.vehicle_id for name, one in night.ended.items()}
    return frozenset((over | here)[name] for name in night.slept if name in over or name in here)
