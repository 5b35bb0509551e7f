"""Samsara's feed against a server that hands out pages of stats, and routes."""

from datetime import timedelta

import pytest

from depotlib.errors import FeedCredentialError, FeedDownError
from depotlib.feeds.samsara import SamsaraFeed
from depotlib.model.position import Position
from tests.unit.exchange.samples import EVENING, MORNING, change
from tests.unit.feeds.site import follower, published, readings
from tests.unit.feeds.vendors import TOKEN, Samsara, serving

NOW = EVENING + timedelta(minutes=30)


def stat(minutes: float, value: float) -> dict:
    return {"time": at(minutes).isoformat(), "value": value}


def at(minutes: float):
    return EVENING + timedelta(minutes=minutes)


def fix(minutes: float, latitude: float, longitude: float) -> dict:
    return {"time": at(minutes).isoformat(), "latitude": latitude, "longitude": longitude,
            "headingDegrees": 120, "speedMilesPerHour": 0}  # fmt: skip


def route(departure, *, vehicle: str = "281", state: str = "scheduled") -> dict:
    return {"id": "r", "vehicle": {"id": vehicle},
            "scheduledRouteStartTime": departure.isoformat(), "stops": [{"state": state}]}  # fmt: skip


@pytest.fixture
def vendor():
    samsara = Samsara()
    with serving(samsara):
        yield samsara


@pytest.fixture
def mailbox(tmp_path):
    with published(tmp_path) as opened:
        yield opened


def feed(vendor: Samsara) -> SamsaraFeed:
    return SamsaraFeed(vendor.address, TOKEN)


def test_pages_are_followed_by_their_cursor_after_a_restart_too(vendor, mailbox):
    vendor.pages = [
        [{"id": "281", "evStateOfChargeMilliPercent": [stat(1, 41_500)],
          "obdOdometerMeters": [stat(3, 18_234_500)], "evChargingStatus": [stat(3, 2)]}],
        [{"id": "282", "evStateOfChargeMilliPercent": [stat(2, 100_000), stat(1, 99_000)],
          "evChargingStatus": [stat(2, 4)]}],
    ]  # fmt: skip
    first, _ = follower(mailbox, feed(vendor))
    waits_s = [first.step(NOW)]

    second, _ = follower(mailbox, feed(vendor))
    waits_s.append(second.step(NOW))

    found = readings(mailbox)
    # 41 500 thousandths of a percent and 18 234 500 m; a status of 4 is named nowhere
    assert (found["van-1"].soc, found["van-1"].odometer_km) == (0.415, 18_234.5)
    assert found["van-1"].is_plugged is True
    assert (found["van-2"].soc, found["van-2"].is_plugged) == (1.0, None)
    assert waits_s == [SamsaraFeed.page_pause_s, SamsaraFeed.period_s]
    stats = [call for call in vendor.calls if call.query.get("types", "").startswith("ev")]
    assert [call.query.get("after") for call in stats] == [None, "1"]
    assert {call.headers["Authorization"] for call in vendor.calls} == {f"Bearer {TOKEN}"}


def test_places_come_by_a_cursor_of_their_own_and_keep_their_own_time(vendor, mailbox):
    vendor.pages = [[{"id": "281", "evStateOfChargeMilliPercent": [stat(9, 41_500)]}]]
    vendor.places = [
        [{"id": "281", "gps": [fix(4, 40.7003, -74.0105), fix(3, 40.6, -74.1)]},
         {"id": "282", "gps": [fix(4, 0.0, 0.0), fix(4, 91.0, 0.0)]}],
        [{"id": "281", "gps": [fix(5, 40.7004, -74.0106)]}],
    ]  # fmt: skip
    step, _ = follower(mailbox, feed(vendor))

    step.step(NOW)
    first = readings(mailbox)["van-1"]
    step.step(NOW)

    # the later of two fixes, true at minute 4 beside a state of charge of minute 9
    assert (first.position, first.position_at) == (Position(40.7003, -74.0105), at(4))
    assert (first.soc, first.at) == (0.415, at(9))
    van = readings(mailbox)["van-1"]
    assert (van.position, van.position_at) == (Position(40.7004, -74.0106), at(5))
    # a receiver without a fix says nought and nought; there is no latitude of 91
    assert "van-2" not in readings(mailbox)
    places = [call.query for call in vendor.calls if call.query.get("types") == "gps"]
    assert [query.get("after") for query in places] == [None, "1"]


def test_a_route_that_moves_moves_the_departure_once_and_is_journalled(vendor, mailbox):
    earlier = MORNING - timedelta(minutes=90)
    vendor.routes = [route(earlier), route(MORNING, vehicle="282"),
                     route(MORNING, vehicle="999")]  # fmt: skip
    step, _ = follower(mailbox, feed(vendor))

    step.step(NOW)
    step.step(NOW + timedelta(minutes=1))

    # that of van-2 is as the site expects it; nobody knows 999
    assert [(one.vehicle_id, one.departure) for one in mailbox.departures()] == [("van-1", earlier)]
    told = mailbox.journal(0, 100, kinds=("operator_action",))
    assert [one.entry.payload["source"] for one in told] == ["samsara"]
    assert mailbox.feeds.get("samsara").unknown_ids == ("999",)


def test_what_a_person_changed_since_stands_until_the_route_moves_again(vendor, mailbox):
    vendor.routes = [route(MORNING - timedelta(minutes=90))]
    step, _ = follower(mailbox, feed(vendor))
    step.step(NOW)
    by_hand = MORNING - timedelta(minutes=30)
    mailbox.put_departure(change(departure=by_hand))

    step.step(NOW + timedelta(minutes=1))
    kept = mailbox.departures()[0].departure
    vendor.routes = [route(MORNING - timedelta(minutes=60))]
    step.step(NOW + timedelta(minutes=2))

    assert kept == by_hand
    assert mailbox.departures()[0].departure == MORNING - timedelta(minutes=60)


def test_a_route_that_has_begun_or_is_of_another_day_moves_nothing(vendor, mailbox):
    vendor.routes = [
        route(MORNING - timedelta(hours=2), state="departed"),
        route(MORNING + timedelta(hours=13), vehicle="282"),
    ]

    follower(mailbox, feed(vendor))[0].step(NOW)

    assert mailbox.departures() == ()


def test_what_cannot_be_is_refused_and_counted(vendor, mailbox):
    vendor.pages = [[
        {"id": "281", "evStateOfChargeMilliPercent": [stat(1, 100_001), {"time": "soon"}],
         "obdOdometerMeters": [stat(1, -1)]},
        {"id": None, "obdOdometerMeters": [stat(1, 1)]},
    ]]  # fmt: skip

    follower(mailbox, feed(vendor))[0].step(NOW)

    assert mailbox.feeds.get("samsara").refused == 4
    assert readings(mailbox) == {}


def test_a_token_that_is_not_taken_is_told_without_itself(vendor):
    vendor.refusals = [(401, {}, b"{}")]

    with pytest.raises(FeedCredentialError) as caught:
        feed(vendor).look({}, now=NOW)
    assert TOKEN not in str(caught.value)


def test_a_page_without_a_cursor_is_an_outage(vendor):
    vendor.refusals = [(200, {}, b'{"data": []}')]

    with pytest.raises(FeedDownError, match="no cursor"):
        feed(vendor).look({}, now=NOW)
