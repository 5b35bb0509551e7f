"""The desk: alerts are raised once, told once, passed on without an answer, and end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.alerts.contacts import AlertFile
from depotlib.alerts.desk import Desk, due, is_past, with_telling
from depotlib.alerts.rules import Finding
from depotlib.model.alert import Alert

T0 = datetime(2026, 11, 2, 22, tzinfo=UTC)
FINDING = Finding("van_at_risk", "van-1", "van-1 lacks 3 kWh", hold_s=30.0)
FILE = AlertFile.model_validate(
    {
        "mail": {"host": "mail.example.org", "sender": "depot@example.org"},
        "limits": {"escalate_after_s": 600},
        "contact": [
            {"name": "desk", "mail": "desk@example.org"},
            {"name": "chief", "mail": "chief@example.org", "level": 1},
            {"name": "screen", "webhook": "https://screen.example.org/a", "rules": ["van_at_risk"]},
        ],
    }
)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


class Played:
    """A desk whose alerts are kept as the exchange keeps them, and where every message arrives."""

    def __init__(self, *, trouble: str = "") -> None:
        self.desk = Desk()
        self.alerts: dict[str, Alert] = {}
        self.sent: list[tuple[str, int]] = []
        self.trouble = trouble

    def look(self, seconds: float, *findings: Finding) -> None:
        now = at(seconds)
        changed = self.desk.changes(tuple(self.alerts.values()), findings, file=FILE, at=now)
        self.alerts |= {one.alert_id: one for one in changed}
        for message in due(tuple(self.alerts.values()), FILE, at=now):
            self.sent.append((message.contact.name, len(message.alerts)))
            for alert in message.alerts:
                told = with_telling(
                    self.alerts[alert.alert_id], message, at=now, trouble=self.trouble
                )
                self.alerts[alert.alert_id] = told

    @property
    def only(self) -> Alert:
        (alert,) = self.alerts.values()
        return alert


def test_what_lasts_less_than_its_hold_is_no_alert():
    played = Played()

    played.look(0, FINDING)
    played.look(29, FINDING)
    played.look(29.5)
    played.look(31, FINDING)

    assert played.alerts == {}


def test_an_alert_is_told_once_to_each_contact_however_long_it_lasts():
    played = Played()

    for seconds in range(0, 590, 10):
        played.look(seconds, FINDING)

    assert sorted(played.sent) == [("desk", 1), ("screen", 1)]


def test_alerts_of_one_look_go_in_one_message():
    played = Played()
    many = [replace(FINDING, subject=f"van-{number}", hold_s=0.0) for number in range(48)]

    played.look(0, *many)

    assert sorted(played.sent) == [("desk", 48), ("screen", 48)]


def test_without_an_acknowledgement_the_next_level_is_told_and_with_one_it_is_not():
    silent, answered = Played(), Played()
    for played in (silent, answered):
        played.look(0, FINDING)
        played.look(30, FINDING)
    alert = answered.only
    answered.alerts[alert.alert_id] = replace(alert, acknowledged_at=at(40), acknowledged_by="ann")

    for played in (silent, answered):
        for seconds in (629, 630, 660):  # raised at 30 s, escalated 600 s later
            played.look(seconds, FINDING)

    assert [name for name, _ in silent.sent if name == "chief"] == ["chief"]
    assert silent.only.level == 1
    assert "chief" not in [name for name, _ in answered.sent]


def test_a_finding_gone_for_a_minute_is_over_and_back_within_half_an_hour_nobody_is_told_again():
    played = Played()
    played.look(0, FINDING)
    played.look(30, FINDING)

    played.look(80)
    assert played.only.is_open  # last seen 50 s ago
    played.look(90)
    assert played.only.over_at == at(90)
    played.look(400, FINDING)
    played.look(430, FINDING)

    assert played.only.is_open
    assert len(played.sent) == 2


def test_what_comes_back_later_is_a_new_alert():
    played = Played()
    for seconds in (0, 30):
        played.look(seconds, FINDING)
    played.look(90)

    for seconds in (3000, 3030):  # over at 90 s: more than 30 min ago
        played.look(seconds, FINDING)

    assert len(played.alerts) == 2


@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_who_was_not_reached_is_tried_again_after_growing_pauses_until_somebody_knows(
    is_acknowledged,
):
    played = Played(trouble="nobody answers")
    played.look(0, FINDING)
    played.look(30, FINDING)
    if is_acknowledged:
        alert = played.only
        played.alerts[alert.alert_id] = replace(alert, acknowledged_at=at(31))

    for seconds in range(31, 590):
        played.look(seconds, FINDING)

    # At 30 s, then 30, 60, 120 and 240 s later; the next would be 480 s after 480 s.
    tries = [name for name, _ in played.sent if name == "desk"]
    assert len(tries) == (1 if is_acknowledged else 5)


def test_a_new_desk_goes_on_with_the_alerts_of_the_one_before():
    played = Played()
    played.look(0, FINDING)
    played.look(30, FINDING)
    played.desk = Desk()

    played.look(100, FINDING)
    played.look(130, FINDING)
    assert len(played.sent) == 2  # nobody is told again
    played.look(140)
    played.look(200)

    assert not played.only.is_open


def test_a_contact_hears_of_its_own_rules_only():
    played = Played()

    played.look(0, replace(FINDING, rule="process_down", hold_s=0.0))

    assert played.sent == [("desk", 1)]


def test_what_has_been_over_for_thirty_days_is_past():
    over = Alert("a", "van_at_risk", "van-1", "s", raised_at=T0, over_at=T0)

    assert not is_past(over, at=T0 + timedelta(days=30))
    assert is_past(over, at=T0 + timedelta(days=30, seconds=1))
    assert not is_past(replace(over, over_at=None), at=T0 + timedelta(days=99))
