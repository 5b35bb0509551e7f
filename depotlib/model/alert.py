"""An alert: what a person should know now, whether anybody has said so, and whom it was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

AlertRule = Literal[
    "van_at_risk",
    "station_silent",
    "peak_near_target",
    "unknown_identity",
    "limit_from_outside",
    "process_down",
    "station_disobeys",
    "station_restless",
    "signal_not_understood",
]
RULES: Final[tuple[AlertRule, ...]] = (
    "van_at_risk",
    "station_silent",
    "peak_near_target",
    "unknown_identity",
    "limit_from_outside",
    "process_down",
    "station_disobeys",
    "station_restless",
    "signal_not_understood",
)
Channel = Literal["mail", "webhook"]


@dataclass(frozen=True, slots=True)
class Telling:
    """One alert, told to one contact by one channel, or tried in vain.

    Parameters
    ----------
    contact : str
        Name of the contact.
    channel : {'mail', 'webhook'}
    tried_at : datetime
        Last.
    tries : int
    told_at : datetime or None
        None: not yet.
    trouble : str
        Why the last try failed; empty: it did not.
    """

    contact: str
    channel: Channel
    tried_at: datetime
    tries: int
    told_at: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person should know, from when it was found until it is over.

    Parameters
    ----------
    alert_id : str
        Made of rule, subject and `raised_at`.
    rule : AlertRule
    subject : str
        The vehicle, station, connector, circuit or process it is about.
    sentence : str
        What is the matter, for a person, as it was when it was raised.
    raised_at : datetime
    over_at : datetime or None
        Since when it is no longer so; None: it is.
    acknowledged_at : datetime or None
        None: nobody has said that they know.
    acknowledged_by, note : str
        Who said so, and what they added.
    level : int
        How far it was escalated: contacts up to this level are told.
    tellings : tuple of Telling
    """

    alert_id: str
    rule: AlertRule
    subject: str
    sentence: str
    raised_at: datetime
    over_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    level: int = 0
    tellings: tuple[Telling, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return whether it is still so."""
        return self.over_at is None

    def telling(self, contact: str, channel: Channel) -> Telling | None:
        """Return how it stands with one contact on one channel, None before the first try."""
        found = [one for one in self.tellings if (one.contact, one.channel) == (contact, channel)]
        return found[0] if found else None
