"""What a station understands of a SetChargingProfile frame, read from the standard alone.

Written without a line of the gateway's own: OCPP 1.6 section 7.8 and 2.0.1 part 2 section 2.10
(ChargingProfileType, ChargingScheduleType), in exact tenths and microseconds since 1970.
"""

import bisect
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

MICRO = 1_000_000
MOST_DC_V = 1000  # IEC 61851-23: what a DC station may put out; amperes say nothing of it


@dataclass(frozen=True)
class Reading:
    """The profile of one frame, as the station that got it holds it."""

    connector: int
    unit: str
    level: int
    from_s: int
    to_s: int | None
    start_s: int
    duration_s: int | None
    starts_s: tuple[int, ...]
    limits: tuple[Fraction, ...]
    phases: tuple[int, ...]

    def amount(self, at_us: int) -> Fraction | None:
        """The limit then, in the frame's unit; None: the profile does not speak of that instant."""
        period = self._period(at_us)
        return None if period is None else self.limits[period]

    def limit_w(self, at_us: int, *, voltage_v: float, is_dc: bool) -> Fraction | None:
        """The most the station may then draw, at the supply's nominal voltage."""
        period = self._period(at_us)
        if period is None:
            return None
        if self.unit == "W":
            return self.limits[period]
        if is_dc:
            return self.limits[period] * MOST_DC_V
        return self.limits[period] * Fraction(voltage_v) * self.phases[period]

    def _period(self, at_us: int) -> int | None:
        if at_us < self.from_s * MICRO or (self.to_s is not None and at_us >= self.to_s * MICRO):
            return None
        elapsed_us = at_us - self.start_s * MICRO
        if self.duration_s is not None and elapsed_us >= self.duration_s * MICRO:
            return None
        # Offsets are whole seconds, so whole elapsed seconds decide as exactly.
        begun = bisect.bisect_right(self.starts_s, elapsed_us // MICRO)
        return begun - 1 if begun else None


def read_profile(text: str) -> Reading:
    """Read the frame of a call as a station does; whatever a strict one refuses is an error."""
    kind, _, action, payload = json.loads(text, parse_float=Fraction)
    assert (kind, action) == (2, "SetChargingProfile")
    if "csChargingProfiles" in payload:
        connector, body = payload["connectorId"], payload["csChargingProfiles"]
        schedule = body["chargingSchedule"]
    else:
        connector, body = payload["evseId"], payload["chargingProfile"]
        (schedule,) = body["chargingSchedule"]
    assert body["chargingProfileKind"] == "Absolute"
    assert "recurrencyKind" not in body
    periods = schedule["chargingSchedulePeriod"]
    starts_s = tuple(period["startPeriod"] for period in periods)
    limits = tuple(Fraction(period["limit"]) for period in periods)
    assert starts_s[0] == 0
    assert all(earlier < later for earlier, later in itertools.pairwise(starts_s))
    assert all(limit >= 0 and limit * 10 == int(limit * 10) for limit in limits)
    from_s = _seconds(body["validFrom"])
    return Reading(
        connector=connector,
        unit=schedule["chargingRateUnit"],
        level=body["stackLevel"],
        from_s=from_s,
        to_s=_seconds(body["validTo"]) if "validTo" in body else None,
        start_s=_seconds(schedule["startSchedule"]),
        duration_s=schedule.get("duration"),
        starts_s=starts_s,
        limits=limits,
        # Where a frame does not say, three phases are meant (both standards).
        phases=tuple(period.get("numberPhases", 3) for period in periods),
    )


def _seconds(text: str) -> int:
    instant = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return int(instant.timestamp())
