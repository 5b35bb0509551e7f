"""Arming: before anything else a station gets its safe limit, so that silence is never full power.

It lies below the leases at level 0, on the station as a whole. A 2.x station that keeps one level
only takes no default on an EVSE above one on the station (OCPP 2.0.1 K01.FR.52 and 53), so there
it lies on each EVSE, where a lease takes its place and gives it back. What lies in the way is
cleared only while the station as a whole is held to its safe limit.

What a station tells of itself may come after its safe limit was said. Where it belongs elsewhere
then, or in another unit, it is said again, and until that is accepted the station is not armed: a
limit in a unit that it does not obey is none.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from depotlib.gateway.calls import ClearProfiles
from depotlib.gateway.messages import (
    AskFor,
    Call,
    ChangeConfiguration,
    InstallProfile,
    ReadComposite,
    ReadConfiguration,
    Replied,
)
from depotlib.gateway.profiles import evse_fallback_profile, fallback_profile, maximum_profile
from depotlib.gateway.quirks import CAPABILITY_KEYS, Dialect, dialect_of
from depotlib.gateway.ranks import RANK_ARM
from depotlib.model.depot import ChargingStation
from depotlib.model.live import DialectFound, Scalar

ADOPT_AFTER_S: Final = 3.0
"""Stations often reconnect without a word (OCPP-J 1.6 section 5.4): do not wait for a boot.

With the next look at the clock (1 s) and the station's answer they are armed within 5 s.
"""
RETRY_S: Final = 60.0
MOST_DOUBLED: Final = 6
"""A station that does not say how it takes limits is asked again after 1, 2, 4 … 64 min."""
METER_INTERVAL_S: Final = 30
"""Half of the minute in which the site has to be back under its limit when a station disobeys.

Sampled every minute, a station that begins just after a sample would be seen only as it ends.
"""
COMPOSITE_S: Final = 86_400
REFERENCE_ARM: Final = "arm"
REFERENCE_MAXIMUM: Final = "maximum"
REFERENCE_CAP: Final = "cap"
DUPLICATE: Final = "Duplicate"
"""Why a default is refused where another has its level (K01.FR.52 and 53)."""
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


Stage = Literal["arm", "again", "cap", "clear", "uncap"]


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
        When to go on next; None: nothing to do, or under way.
    version : str
        Of OCPP, that its connection speaks.
    stage : {'arm', 'again', 'cap', 'clear', 'uncap'}
        What is next.
    is_whole : bool
        Whether the safe limit stays on the station as a whole, whatever its dialect.
    make : (vendor, model)
    firmware : str
    found : dict
        Fields of its dialect that it was found to need, beside its make's.
    reported : dict
        Configuration it told, by key: what cannot be read once is not forgotten.
    """

    station: ChargingStation
    dialect: Dialect
    is_armed: bool = False
    due_at: datetime | None = None
    version: str = "1.6"
    stage: Stage = "arm"
    is_whole: bool = False
    make: tuple[str, str] = ("", "")
    firmware: str = ""
    found: dict[str, Scalar] = field(default_factory=dict[str, Scalar])
    reported: dict[str, str] = field(default_factory=dict[str, str])
    _waiting: set[str] = field(default_factory=set[str])
    _is_on_evses: bool = False
    _is_capped: bool = False
    _said_to: Dialect | None = None
    _ask_at: datetime | None = None
    _asked: int = 0

    @property
    def is_by_evse(self) -> bool:
        """Return whether the safe limit belongs on each EVSE."""
        is_one_level = self.version != WITHOUT_EVSES and not self.dialect.can_expire
        return is_one_level and not self.is_whole

    def is_made_by(self, vendor: str, model: str, *, firmware: str) -> None:
        """Take in its make; what was found of another firmware is forgotten."""
        if (*self.make, self.firmware) != (vendor, model, firmware):
            self.found, self.reported = {}, {}
        self.make, self.firmware = (vendor, model), firmware
        self._derive()

    def restore(self, found: DialectFound) -> None:
        """Take over what an earlier process found out."""
        self.make, self.firmware = (found.vendor, found.model), found.firmware
        self.found, self.reported = dict(found.changes), dict(found.reported)
        self._derive()

    def learn(self, **changes: Scalar) -> None:
        """Note fields of its dialect that it was found to need."""
        self.found |= changes
        self._derive()

    def unlearn(self, name: str) -> None:
        """Forget a field of its dialect that did not help."""
        self.found.pop(name, None)
        self._derive()

    def _derive(self) -> None:
        self.dialect = dialect_of(
            self.station, make=self.make, reported=self.reported, found=self.found
        )

    def connected(self, now: datetime, *, version: str = "1.6") -> None:
        """Plan to arm, even if the station says nothing."""
        self.version = version
        self._begin(now + timedelta(seconds=ADOPT_AFTER_S))

    def disconnected(self) -> None:
        """Stop planning; what is in place stays in place."""
        self._waiting.clear()
        self.due_at = self._ask_at = None

    def booted(self, now: datetime) -> None:
        """Begin again: whatever it held may be gone."""
        self.is_armed = False
        self._begin(now)

    def calls(self, now: datetime) -> list[Call]:
        """Return the calls that are due: the safe limit first, then what we want to know of it."""
        if self._ask_at is not None and now >= self._ask_at:
            self._ask_at = None
            return [*self._due(now), ReadConfiguration(REFERENCE_CAPABILITIES, CAPABILITY_KEYS)]
        return self._due(now)

    def replied(self, event: Replied, *, now: datetime) -> None:
        """Take in how the station answered one of these calls."""
        if event.reference == REFERENCE_CAPABILITIES:
            self._told(event, now=now)
        if event.reference == REFERENCE_MAXIMUM and event.outcome == "rejected":
            self.learn(takes_station_maximum=False)
        if event.reference == REFERENCE_CAP:
            self._capped(event, now=now)
        if is_of_arming(event.reference):
            self._answered(event, now=now)

    # --- what is said -----------------------------------------------------------------------

    def _due(self, now: datetime) -> list[Call]:
        if self._is_said_otherwise() and self.due_at is None and not self._waiting:
            self._begin(now)
            self.stage, self.is_armed = "again", False
        if self.due_at is None or now < self.due_at:
            return []
        self.due_at = None
        stage, self.stage = self.stage, "arm"
        match stage:
            case "cap":
                # Nothing is cleared before the station as a whole is held to its safe limit.
                cap = maximum_profile(self.station.safe_limit_kw, self.dialect, now=now)
                return [InstallProfile(REFERENCE_CAP, cap, rank=RANK_ARM)]
            case "clear":
                self.is_armed = False
                every = ClearProfiles(UNASKED, purpose="default", stack_level=0, rank=RANK_ARM)
                return [every, *self._fallbacks(now)]
            case "uncap":
                self._is_capped = False
                return self._maxima(now)
            case "again":
                return [*self._fallbacks(now), *self._maxima(now), *self._verifications()]
            case "arm":
                return self._first_calls(now)

    def _begin(self, at: datetime) -> None:
        self._waiting.clear()
        self.stage, self.due_at, self.is_whole = "arm", at, False
        self._asked = 0

    def _is_said_otherwise(self) -> bool:
        """Return whether the safe limit lies elsewhere than it should, or in other words."""
        if not self.is_armed or self._said_to is None:
            return False
        is_elsewhere = self.is_by_evse and not self._is_on_evses
        return is_elsewhere or self._said_to.of_safe_limits != self.dialect.of_safe_limits

    def _first_calls(self, now: datetime) -> list[Call]:
        fallbacks = self._fallbacks(now)
        places = [0] if self.version == WITHOUT_EVSES else self._numbers()
        return [
            *fallbacks,
            *(() if self._is_capped else self._maxima(now)),
            *self._verifications(),
            ReadConfiguration(REFERENCE_CAPABILITIES, keys=CAPABILITY_KEYS),
            *(
                ChangeConfiguration(UNASKED, key, value)
                for key, value in SETTINGS.get(self.version, SETTINGS_2X)
            ),
            *(AskFor(UNASKED, "StatusNotification", connector=place) for place in places),
            *(AskFor(UNASKED, "MeterValues", connector=place) for place in places),
        ]

    def _fallbacks(self, now: datetime) -> list[Call]:
        """Return the calls that put the safe limit where it belongs."""
        numbers = self._numbers()
        share_kw = self.station.safe_limit_kw / len(numbers)
        if not self.is_by_evse:
            whole = fallback_profile(share_kw, self.dialect, now=now)
            calls = [InstallProfile(REFERENCE_ARM, whole, rank=RANK_ARM)]
        else:
            # A lease that was there is overwritten: until this is answered nothing else goes out.
            self.is_armed = False
            calls = [
                InstallProfile(
                    f"{REFERENCE_ARM} {number}",
                    evse_fallback_profile(share_kw, self.dialect, connector=number, now=now),
                    rank=RANK_ARM,
                )
                for number in numbers
            ]
        self._is_on_evses, self._said_to = self.is_by_evse, self.dialect
        self._waiting = {call.reference for call in calls}
        return [*calls]

    def _verifications(self) -> list[Call]:
        return [
            ReadComposite(
                f"{REFERENCE_VERIFY_ARM} {connector.connector_id}",
                connector=connector.number,
                duration_s=COMPOSITE_S,
                unit=self.dialect.unit,
            )
            for connector in self.station.connectors()
        ]

    def _maxima(self, now: datetime) -> list[Call]:
        if not self.dialect.takes_station_maximum:
            return []
        maximum = maximum_profile(self.station.max_kw, self.dialect, now=now)
        return [InstallProfile(REFERENCE_MAXIMUM, maximum, rank=RANK_ARM)]

    def _numbers(self) -> list[int]:
        return [connector.number for connector in self.station.connectors()]

    # --- what is answered -------------------------------------------------------------------

    def _answered(self, event: Replied, *, now: datetime) -> None:
        if event.reference not in self._waiting:
            return  # of a round that is over
        self._waiting.discard(event.reference)
        if event.outcome == "accepted":
            self.is_armed = not self._waiting
            if "unit" in self.found and self.is_armed:
                self.found["unit"] = self.dialect.unit
            if self.is_armed and self._is_capped:
                self.stage, self.due_at = "uncap", now
            return
        self.is_armed = False
        self._waiting.clear()
        is_in_the_way = self._is_on_evses or DUPLICATE in event.note
        can_clear = not (self._is_capped or self.is_whole)
        if event.outcome == "rejected" and is_in_the_way and can_clear:
            self.stage, self.due_at = "cap", now
            return
        self.stage, self.due_at = "arm", now + timedelta(seconds=RETRY_S)
        if event.outcome == "rejected":
            # The unit is what stations most often refuse (quirks 10 and 11).
            self.learn(unit="W" if self.dialect.unit == "A" else "A")

    def _told(self, event: Replied, *, now: datetime) -> None:
        """Take in its configuration; a silence is asked again, ever more rarely."""
        if event.outcome == "unknown":
            self._ask_at = now + timedelta(seconds=RETRY_S * 2**self._asked)
            self._asked = min(self._asked + 1, MOST_DOUBLED)
        if event.outcome == "accepted":
            told = {key: event.facts[key] for key in CAPABILITY_KEYS if event.facts.get(key)}
            self.reported |= told
            self._derive()

    def _capped(self, event: Replied, *, now: datetime) -> None:
        """Go on once the station is held; one that will not be held keeps what it has."""
        self._is_capped = event.outcome == "accepted"
        self.is_whole = event.outcome == "rejected"
        self.stage = "clear" if self._is_capped else "arm"
        pause_s = RETRY_S if event.outcome == "unknown" else 0.0
        self.due_at = now + timedelta(seconds=pause_s)


def is_of_arming(reference: str) -> bool:
    """Return whether a call of this reference brought a safe limit."""
    return reference.partition(" ")[0] == REFERENCE_ARM
