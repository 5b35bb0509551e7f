"""What is known beyond fleet, duties and the last readings: the hour, the weather, past days."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from depotlib.needs.consumption import LearnedConsumption
from depotlib.needs.returns import ReturnHistory
from depotlib.needs.soc_band import SocHistory


@dataclass(frozen=True, slots=True)
class Known:
    """What may make a need more exact; each part may be unknown.

    Parameters
    ----------
    now : datetime or None
        From here the age of readings counts; None: they count as fresh.
    time_zone : tzinfo
        For weekdays and for words.
    temperature_c : float or None
        Outside, on the next duties.
    consumption : LearnedConsumption or None
    soc_history : SocHistory or None
        Readings under the fleet's own vehicle ids.
    returns : ReturnHistory or None
    """

    now: datetime | None = None
    time_zone: tzinfo = UTC
    temperature_c: float | None = None
    consumption: LearnedConsumption | None = None
    soc_history: SocHistory | None = None
    returns: ReturnHistory | None = None


NOTHING_MORE: Final = Known()
