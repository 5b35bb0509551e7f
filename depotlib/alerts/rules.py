"""The rules: what of a night a person should know, each with its subject and one sentence.

A finding says how it is now. It becomes an alert in the desk, once it has held for `hold_s`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.alerts.contacts import AlertLimits
from depotlib.alerts.facts import NightFacts, VanFact
from depotlib.model.alert import AlertRule
from depotlib.model.calendar import zone
from depotlib.units import MINUTES_PER_HOUR

HOLD_S: Final = 30.0
"""What is so for less may be a packet lost or a process started again [s]."""
STATION_HOLD_S: Final = 120.0
"""Stations come back within minutes after the gateway was started again [s]."""
STRANGER_HOLD_S: Final = 5.0
"""The gateway asks for evidence for seconds before it gives up on an identity [s]."""
UNMETERED_HOLD_S: Final = 300.0
"""Without the site's meter only a load that lasts can set a mean [s]."""
AHEAD: Final = timedelta(hours=12)
"""Limits that begin within this time concern the night."""
WHAT_GOES_ON: Final = {
    "gateway": "no station gets a limit; each keeps its lease, then its safe limit",
    "dispatch": "the last release goes on, and nothing is planned anew",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Parameters
    ----------
    rule : AlertRule
    subject : str
        With the rule, what makes it the same finding as before.
    sentence : str
    hold_s : float
        How long it must last before anybody is told [s].
    """

    rule: AlertRule
    subject: str
    sentence: str
    hold_s: float = HOLD_S


def findings_of(facts: NightFacts, limits: AlertLimits) -> tuple[Finding, ...]:
    """Return everything that a person should know of a night, in the order of the rules."""
    return tuple(found for rule in _RULES for found in rule(facts, limits))


def _vans(facts: NightFacts, limits: AlertLimits) -> Iterator[Finding]:
    for van in facts.vans:
        why = _why_at_risk(van, facts.at, least_slack_h=limits.least_slack_h)
        if why:
            yield Finding(
                "van_at_risk",
                van.vehicle_id,
                f"{van.vehicle_id} leaves at {_clock(van.departure, facts)} and lacks "
                f"{van.missing_kwh:.1f} kWh: {why}",
            )


def _why_at_risk(van: VanFact, at: datetime, *, least_slack_h: float) -> str:
    if at >= van.departure:
        return "its departure has passed"
    if van.is_planned_short:
        return "the latest plan does not make it ready"
    if van.is_due and van.slack_h < 0:
        return "its time is not enough even at full power"
    if van.is_due and van.slack_h < least_slack_h:
        minutes = van.slack_h * MINUTES_PER_HOUR
        return f"at full power {minutes:.0f} min would be left over"
    return ""


def _stations(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    if "gateway" in facts.silent_processes:
        return  # nobody listens: that says nothing about the stations
    for station in facts.stations:
        if not station.is_silent:
            continue
        since = f"since {_clock(station.last_seen, facts)}" if station.last_seen else "so far"
        guests = f"; plugged in: {', '.join(station.vehicles)}" if station.vehicles else ""
        yield Finding(
            "station_silent",
            station.station_id,
            f"{station.station_id} has said nothing {since}{guests}",
            hold_s=STATION_HOLD_S,
        )


def _peak(facts: NightFacts, limits: AlertLimits) -> Iterator[Finding]:
    peak = facts.peak
    if peak is None or peak.mean_kw < limits.peak_share * peak.target_kw:
        return
    how = "the billing window so far" if peak.is_metered else "stations and forecast base load"
    yield Finding(
        "peak_near_target",
        "site",
        f"the site is at {peak.mean_kw:.1f} kW of a target of {peak.target_kw:.1f} kW ({how})",
        hold_s=HOLD_S if peak.is_metered else UNMETERED_HOLD_S,
    )


def _strangers(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for stranger in facts.strangers:
        since = f" since {_clock(stranger.started_at, facts)}" if stranger.started_at else ""
        yield Finding(
            "unknown_identity",
            stranger.connector_id,
            f"nobody knows which van is plugged in at {stranger.connector_id}{since}; it draws "
            f"{stranger.power_kw:.1f} kW",
            hold_s=STRANGER_HOLD_S,
        )


def _outside(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for limit in facts.limits:
        if limit.start - AHEAD <= facts.at < limit.end:
            carries = f"at most {limit.limit_kw:.1f} kW" if limit.limit_kw else "nothing"
            yield Finding(
                "limit_from_outside",
                f"{limit.node_id}@{limit.start:%Y%m%dT%H%M}",
                f"{limit.node_id} carries {carries} from {_clock(limit.start, facts)} to "
                f"{_clock(limit.end, facts)}",
                hold_s=0.0,
            )


def _processes(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for name in facts.silent_processes:
        goes_on = WHAT_GOES_ON.get(name, "")
        yield Finding(
            "process_down",
            name,
            f"the {name} gives no sign of life" + (f": {goes_on}" if goes_on else ""),
        )


def _caught(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for one in facts.caught:
        if one.rung == "person":
            yield Finding(
                "station_disobeys",
                one.connector_id,
                f"{one.connector_id} drew {one.power_kw:.1f} kW of {one.limit_kw:.1f} kW and does "
                "not obey: open its breaker",
                hold_s=0.0,
            )


def _restless(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for one in facts.restless:
        yield Finding(
            "station_restless",
            one.station_id,
            f"{one.station_id} connects again and again, last seen so at "
            f"{_clock(one.told_at, facts)}: its line fails, it restarts, or two devices have one "
            "identity",
            hold_s=0.0,
        )


def _signals(facts: NightFacts, _limits: AlertLimits) -> Iterator[Finding]:
    for signal in facts.signals:
        yield Finding(
            "signal_not_understood",
            signal.source,
            f"a grid signal of {signal.source} is not understood ({', '.join(signal.reasons)}): it "
            f"may mean a limit; what it limited before stays{': ' + signal.note if signal.note else ''}",
        )


def _clock(instant: datetime, facts: NightFacts) -> str:
    return f"{instant.astimezone(zone(facts.time_zone)):%a %H:%M}"


_RULES: Final[tuple[Callable[[NightFacts, AlertLimits], Iterator[Finding]], ...]] = (
    _caught,
    _vans,
    _processes,
    _outside,
    _signals,
    _stations,
    _restless,
    _strangers,
    _peak,
)
