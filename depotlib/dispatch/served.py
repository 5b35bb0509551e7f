"""Who has what it needs and is still plugged in when its time there is over.

Its connector stays blocked until somebody comes for it; power beside the plan it needs none.
"""

from collections.abc import Iterable, Sequence

from depotlib.dispatch.night import LiveNight
from depotlib.model.dwell import Dwell
from depotlib.model.release import ConnectorSchedule


def served_of(
    night: LiveNight, stays: Sequence[Dwell], *, schedules: Iterable[ConnectorSchedule]
) -> tuple[str, ...]:
    """Return the vehicles that are plugged in, need nothing more, and have no time any more.

    Parameters
    ----------
    night : LiveNight
    stays : sequence of Dwell
        With what each still needs.
    schedules : iterable of ConnectorSchedule
        Of the new release.
    """
    guests, planned = night.guests(), {one.vehicle_id for one in schedules}
    return tuple(
        sorted(
            stay.vehicle_id
            for stay in stays
            if stay.energy_target_kwh <= 0.0
            and stay.vehicle_id in guests
            and stay.vehicle_id not in planned
        )
    )
