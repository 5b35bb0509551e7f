"""SpiceEV's table of trips: local times, a charge at the return, no distance."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "spice_ev"
FILE = "rotations.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "duties": {"vehicle_id": None, "departure": 0, "return_at": 0},
}

_ZONE = ZoneInfo("America/New_York")


def write(night: SimpleNamespace) -> bytes:
    """Return the duties as trips."""
    lines = ["departure_time,arrival_time,vehicle_type,soc,vehicle_id"]
    lines += [
        f"{duty.departure.astimezone(_ZONE):%Y-%m-%d %H:%M:%S},"
        f"{duty.return_at.astimezone(_ZONE):%Y-%m-%d %H:%M:%S},transit,0.4,{duty.vehicle_id}"
        for duty in night.duties
    ]
    return ("\n".join(lines) + "\n").encode()
