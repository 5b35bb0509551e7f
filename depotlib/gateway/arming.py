"""Arming: before anything else a station gets its safe limit, so that silence is never full power."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.messages import (
    AskFor,
    Call,
    ChangeConfiguration,
    InstallProfile,
    ReadComposite,
    ReadConfiguration,
    Replied,
)
from depotlib.gateway.profiles import fallback_profile, maximum_profile
from depotlib.gateway.quirks import CAPABILITY_KEYS, Dialect, dialect_of_capabilities
from depotlib.gateway.ranks import RANK_ARM
from depotlib.model.depot import ChargingStation

ADOPT_AFTER_S: Final = 3.0
"""Stations often reconnect without a word (OCPP-J 1.6 section 5.4): do not wait for a boot.

With the next look at the clock (1 s) and the station's answer they are armed within 5 s.
"""
RETRY_S: Final = 60.0
METER_INTERVAL_S: Final = 60
COMPOSITE_S: Final = 86_400
REFERENCE_ARM: Final = "arm"
REFERENCE_MAXIMUM: Final = "maximum"
REFERENCE_CAPABILITIES: Final = "capabilities"
REFERENCE_VERIFY_ARM: Final = "verify-arm"
UNASKED: Final = "setting"
WITHOUT_EVSES: Final = "1.6"
METER_SETTING: Final = ("MeterValueSampleInterval", str(METER_INTERVAL_S))
SETTINGS: Final = {WITHOUT_EVSES: (METER_SETTING,)}
SETTINGS_2X: Final = (
    METER_SETTING,
    ("TxUpdatedMeasurands", "Energy.Active.Import.Register,Power.Active.Import,SoC"),
    # So that a restart of ours does not bring every station back in the same second.
    ("RetryBackOffWaitMinimum", "5"),
    ("RetryBackOffRandomRange", "20"),
    ("RetryBackOffRepeatTimes", "3"),
)


@dataclass(slots=True)
class Arming:
    """Where a station's fallback stands.

    Parameters
    ----------
    station : ChargingStation
    dialect : Dialect
    is_armed : bool
        Whether the safe limit is known to be in place.
    due_at : datetime or None
        When to arm next; None: nothing to do, or under way.
    version : str
        Of OCPP, that its connection speaks.
    """

    station: ChargingStation
    dialect: Dialect
    is_armed: bool = False
    due_at: datetime | None = None
    version: str = "1.6"

    def connected(self, now: datetime, *, version: str = "1.6") -> None:
        """Plan to arm, even if the station says nothing."""
        self.version = version
        self.due_at = now + timedelta(seconds=ADOPT_AFTER_S)

    def disconnected(self) -> None:
        """Stop planning; what is in place stays in place."""
        self.due_at = None

    def booted(self, now: datetime) -> None:
        """Begin again: whatever it held may be gone."""
        self.is_armed = False
        self.due_at = now

    def calls(self, now: datetime) -> list[Call]:
        """Return the calls that are due: the safe limit first, then what we want to know of it."""
        if self.due_at is None or now < self.due_at:
            return []
        self.due_at = None
        station, dialect = self.station, self.dialect
        count = sum(1 for _ in station.connectors())
        fallback = fallback_profile(station.safe_limit_kw / count, dialect, now=now)
        calls: list[Call] = [InstallProfile(REFERENCE_ARM, fallback, rank=RANK_ARM)]
        if dialect.takes_station_maximum:
            maximum = maximum_profile(station.max_kw, dialect, now=now)
            calls.append(InstallProfile(REFERENCE_MAXIMUM, maximum, rank=RANK_ARM))
        calls += [
            ReadComposite(
                f"{REFERENCE_VERIFY_ARM} {connector.connector_id}",
                connector=connector.number,
                duration_s=COMPOSITE_S,
                unit=dialect.unit,
            )
            for connector in station.connectors()
        ]
        places = [0] if self.version == WITHOUT_EVSES else self._numbers()
        return [
            *calls,
            ReadConfiguration(REFERENCE_CAPABILITIES, keys=CAPABILITY_KEYS),
            *(
                ChangeConfiguration(UNASKED, key, value)
                for key, value in SETTINGS.get(self.version, SETTINGS_2X)
            ),
            *(AskFor(UNASKED, "StatusNotification", connector=place) for place in places),
            *(AskFor(UNASKED, "MeterValues", connector=place) for place in places),
        ]

    def _numbers(self) -> list[int]:
        return [connector.number for connector in self.station.connectors()]

    def replied(self, event: Replied, *, now: datetime) -> None:
        """Take in how the station answered one of these calls."""
        if event.reference == REFERENCE_CAPABILITIES and event.outcome == "accepted":
            self.dialect = dialect_of_capabilities(self.dialect, event.facts)
        if event.reference != REFERENCE_ARM:
            return
        self.is_armed = event.outcome == "accepted"
        if event.outcome == "accepted":
            return
        self.due_at = now + timedelta(seconds=RETRY_S)
        if event.outcome == "rejected":
            # The unit is what stations most often refuse (quirks 10 and 11).
            self.dialect = replace(self.dialect, unit="W" if self.dialect.unit == "A" else "A")
