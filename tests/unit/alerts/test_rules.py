"""The rules of alerts: what of a night a person is told, and in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.alerts.contacts import AlertLimits
from depotlib.alerts.facts import (
    CaughtFact,
    LimitFact,
    NightFacts,
    PeakFact,
    RestlessFact,
    SignalFact,
    StationFact,
    StrangerFact,
    VanFact,
)
from depotlib.alerts.rules import findings_of
from depotlib.model.alert import RULES

NOW = datetime(2026, 11, 2, 22, tzinfo=UTC)
VAN = VanFact(
    "van-1", NOW + timedelta(hours=8), 5.0, missing_kwh=12.0, is_due=True, is_planned_short=False
)
LIMITS = AlertLimits.model_validate({})
# One fact for each rule that it alone finds.
CASES = {
    "van_at_risk": {"vans": (replace(VAN, slack_h=0.2),)},
    "station_silent": {"stations": (StationFact("AC-01", is_silent=True, last_seen=NOW),)},
    "peak_near_target": {"peak": PeakFact(45.0, 50.0, is_metered=True)},
    "unknown_identity": {"strangers": (StrangerFact("AC-01/1", NOW, 1.4),)},
    "limit_from_outside": {"limits": (LimitFact("panel", NOW, NOW + timedelta(hours=2), 20.0),)},
    "process_down": {"silent_processes": ("dispatch",)},
    "station_disobeys": {"caught": (CaughtFact("AC-01/1", 9.0, 1.4, "person"),)},
    "signal_not_understood": {"signals": (SignalFact("openadr", ("units",), "event e1"),)},
    "station_restless": {"restless": (RestlessFact("AC-01", NOW),)},
}


def found(**facts: object):
    return findings_of(NightFacts(at=NOW, time_zone="Europe/London", **facts), LIMITS)


def test_every_rule_finds_its_fact_and_only_that():
    for rule in RULES:
        assert [one.rule for one in found(**CASES[rule])] == [rule]


def test_a_quiet_night_has_no_findings():
    calm = found(
        vans=(VAN,),
        stations=(StationFact("AC-01", is_silent=False, last_seen=NOW),),
        peak=PeakFact(44.9, 50.0, is_metered=True),  # 90 % of 50 kW are 45 kW
        caught=(CaughtFact("AC-01/1", 9.0, 1.4, "stop"),),
    )

    assert calm == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slack_h": 0.2}, "12 min would be left over"),  # 0.2 h of 60 min
        ({"slack_h": -0.1}, "not enough even at full power"),
        ({"is_planned_short": True}, "the latest plan does not make it ready"),
        ({"departure": NOW}, "its departure has passed"),
    ],
)
def test_a_van_at_risk_says_why(change, words):
    (finding,) = found(vans=(replace(VAN, **change),))

    assert words in finding.sentence
    assert "12.0 kWh" in finding.sentence


def test_who_is_still_on_the_road_is_not_at_risk_by_its_slack():
    assert found(vans=(replace(VAN, slack_h=0.1, is_due=False),)) == ()


def test_while_the_gateway_is_down_no_station_is_called_silent():
    silent = StationFact("AC-01", is_silent=True, last_seen=None)

    findings = found(stations=(silent,), silent_processes=("gateway",))

    assert [(one.rule, one.subject) for one in findings] == [("process_down", "gateway")]


@pytest.mark.parametrize(("hours", "is_told"), [(12, True), (12.1, False), (-2, False)])
def test_a_limit_is_told_from_twelve_hours_before_it_until_it_ends(hours, is_told):
    start = NOW + timedelta(hours=hours)

    findings = found(limits=(LimitFact("panel", start, start + timedelta(hours=2), 0.0),))

    assert bool(findings) == is_told


def test_a_peak_without_a_meter_must_last_longer():
    (metered,) = found(peak=PeakFact(46.0, 50.0, is_metered=True))
    (reckoned,) = found(peak=PeakFact(46.0, 50.0, is_metered=False))

    assert reckoned.hold_s > metered.hold_s
    assert "forecast" in reckoned.sentence


def test_times_are_told_in_the_depots_zone():
    (finding,) = findings_of(
        NightFacts(at=NOW, time_zone="America/New_York", vans=(replace(VAN, slack_h=0.0),)), LIMITS
    )

    assert "Tue 01:00" in finding.sentence  # 06:00 UTC on 3 November 2026, five hours earlier
