"""Geotab's feed against a server that logs in, ends sessions, limits and fails as Geotab does."""

from datetime import timedelta

import pytest

from depotlib.errors import FeedCredentialError, FeedDownError
from depotlib.feeds.follow import LONGEST_WAIT_S
from depotlib.feeds.geotab import GeotabAccount, GeotabFeed
from depotlib.model.position import Position
from tests.unit.exchange.samples import EVENING
from tests.unit.feeds.site import follower, published, readings
from tests.unit.feeds.vendors import PASSWORD, Geotab, serving


def stamp(minutes: float) -> str:
    return (EVENING + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


def status(diagnostic: str, value: float, *, minutes: float = 0, device: str = "b1") -> dict:
    return {"device": {"id": device}, "diagnostic": {"id": diagnostic},
            "dateTime": stamp(minutes), "data": value}  # fmt: skip


SOC, ODOMETER = "DiagnosticStateOfChargeId", "DiagnosticOdometerId"
CHARGING = "DiagnosticElectricVehicleChargingStateId"
NOW = EVENING + timedelta(minutes=30)


@pytest.fixture
def vendor():
    geotab = Geotab()
    with serving(geotab):
        yield geotab


@pytest.fixture
def mailbox(tmp_path):
    with published(tmp_path) as opened:
        yield opened


def feed(vendor: Geotab, *, password: str = PASSWORD, page: int = 50_000) -> GeotabFeed:
    return GeotabFeed(GeotabAccount(vendor.address, "depot", "feed@depot", password), page=page)


def test_what_comes_at_different_times_stands_side_by_side_with_its_own_times(vendor, mailbox):
    vendor.objects["StatusData"] = [
        status(SOC, 41, minutes=1), status(ODOMETER, 18_234_500, minutes=20),
        status(CHARGING, 2, minutes=19), status("DiagnosticOutsideTemperatureId", 3, minutes=20),
    ]  # fmt: skip
    step, told = follower(mailbox, feed(vendor))

    wait_s = step.step(NOW)

    van = readings(mailbox)["van-1"]
    # 41 % and 18 234 500 m as Geotab writes them; the plug was seen one minute before the newest
    assert (van.soc, van.odometer_km, van.is_plugged) == (0.41, 18_234.5, True)
    assert (van.at, van.soc_at) == (EVENING + timedelta(minutes=20), EVENING + timedelta(minutes=1))
    assert van.source == "geotab"
    assert (wait_s, told) == (GeotabFeed.period_s, [])


def test_trips_unplug_and_charge_events_plug_in(vendor, mailbox):
    vendor.objects["Trip"] = [{"device": {"id": "b1"}, "start": stamp(-60), "stop": stamp(-1),
                               "distance": 41.2, "odometer": 18_000_000}]  # fmt: skip
    vendor.objects["ChargeEvent"] = [
        {"id": "c", "device": {"id": "b2"}, "startTime": stamp(0), "duration": "00:20:00",
         "chargeType": "AC", "startStateOfCharge": 30, "endStateOfCharge": 36.5}
    ]  # fmt: skip
    step, _ = follower(mailbox, feed(vendor))

    step.step(NOW)

    found = readings(mailbox)
    assert (found["van-1"].is_plugged, found["van-1"].odometer_km) == (False, 18_000.0)
    # charging ended after 20 minutes at 36.5 %; the plug of its start is no evidence any more
    assert (found["van-2"].soc, found["van-2"].at) == (0.365, EVENING + timedelta(minutes=20))
    assert found["van-2"].is_plugged is None


def state(
    minutes: float, latitude: float, longitude: float, *, is_driving: bool, device: str = "b1"
):
    return {"device": {"id": device}, "dateTime": stamp(minutes), "latitude": latitude,
            "longitude": longitude, "isDriving": is_driving, "speed": 0}  # fmt: skip


def test_where_a_vehicle_is_comes_of_its_state_its_trip_and_its_charge(vendor, mailbox):
    vendor.objects["Trip"] = [{"device": {"id": "b1"}, "start": stamp(-60), "stop": stamp(-1),
                               "stopPoint": {"x": -74.0105, "y": 40.7003}}]  # fmt: skip
    vendor.objects["DeviceStatusInfo"] = [
        state(3, 40.7004, -74.0106, is_driving=False),
        state(4, 40.5, -74.2, is_driving=True, device="b2"),
    ]
    vendor.objects["ChargeEvent"] = [
        {"device": {"id": "b2"}, "startTime": stamp(6), "location": {"x": -74.01, "y": 40.7}}
    ]
    step, _ = follower(mailbox, feed(vendor))
    trip_only = Geotab(objects={"Trip": vendor.objects["Trip"]})

    step.step(NOW)

    found = readings(mailbox)
    at = EVENING + timedelta(minutes=3)
    assert (found["van-1"].position, found["van-1"].position_at) == (
        Position(40.7004, -74.0106),
        at,
    )
    assert found["van-1"].stopped_at == EVENING - timedelta(minutes=1)
    # x is the longitude; it drove at minute 4 and charged at minute 6
    assert (found["van-2"].position, found["van-2"].is_plugged) == (Position(40.7, -74.01), True)
    with serving(trip_only):
        look = feed(trip_only).look({}, now=NOW)
    assert [one.position for one in look.sightings] == [None, Position(40.7003, -74.0105)]


def test_what_tells_how_it_is_now_is_not_asked_for_a_day_that_is_over(vendor, mailbox):
    step, _ = follower(mailbox, feed(vendor))

    step.step(NOW)

    assert "search" not in vendor.feeds("DeviceStatusInfo")[0]
    assert "search" in vendor.feeds("Trip")[0]


def test_a_state_without_a_place_or_a_vehicle_is_nothing_or_refused(vendor, mailbox):
    vendor.objects["DeviceStatusInfo"] = [
        state(3, 0.0, 0.0, is_driving=False),
        {"device": {"id": "b1"}, "isDriving": True},
    ]
    step, _ = follower(mailbox, feed(vendor))

    step.step(NOW)

    assert readings(mailbox) == {}
    assert mailbox.feeds.get("geotab").refused == 1


def test_each_kind_goes_on_from_its_own_version_after_a_restart_too(vendor, mailbox):
    vendor.objects["StatusData"] = [status(SOC, 41), status(SOC, 42, minutes=2)]
    first, _ = follower(mailbox, feed(vendor))
    first.step(NOW)
    vendor.objects["StatusData"].append(status(SOC, 43, minutes=4))

    second, _ = follower(mailbox, feed(vendor))
    second.step(NOW)

    asked = vendor.feeds("StatusData")
    # the first look goes back a day, the second one on from the two objects that are out
    assert asked[0]["search"] == {"fromDate": "2026-11-01T18:30:00Z"}
    assert asked[1]["fromVersion"] == f"{2:016x}"
    assert vendor.feeds("Trip")[1]["fromVersion"] == f"{0:016x}"
    assert readings(mailbox)["van-1"].soc == 0.43


def test_a_full_page_is_followed_by_the_next_within_the_call_limit(vendor, mailbox):
    vendor.objects["StatusData"] = [status(SOC, 40 + n, minutes=n) for n in range(3)]
    step, _ = follower(mailbox, feed(vendor, page=2))

    waits_s = [step.step(NOW), step.step(NOW)]

    # one call a second and kind is allowed
    assert waits_s == [1.1, GeotabFeed.period_s]
    assert readings(mailbox)["van-1"].soc == 0.42


def test_a_session_that_ended_is_renewed_and_nothing_is_lost(vendor, mailbox):
    vendor.objects["StatusData"] = [status(SOC, 41)]
    step, told = follower(mailbox, feed(vendor))
    step.step(NOW)
    vendor.session += 1  # the server forgets the session
    vendor.objects["StatusData"].append(status(SOC, 44, minutes=3))

    step.step(NOW)

    assert readings(mailbox)["van-1"].soc == 0.44
    assert sum(call.body["method"] == "Authenticate" for call in vendor.calls) == 2
    assert told == []


def test_a_wrong_password_waits_long_and_is_told_nowhere(vendor, mailbox):
    step, told = follower(mailbox, feed(vendor, password="wrong-and-secret"))

    wait_s = step.step(NOW)
    step.step(NOW + timedelta(minutes=5))

    state = mailbox.feeds.get("geotab")
    assert wait_s == LONGEST_WAIT_S
    assert (state.failing_since, state.failures) == (NOW, 2)
    assert len(told) == 1
    assert "wrong-and-secret" not in told[0] + state.note
    assert "wrong-and-secret" not in repr(GeotabAccount("https://a", "d", "u", "wrong-and-secret"))
    with pytest.raises(FeedCredentialError, match="refuses the login"):
        feed(vendor, password="x").look({}, now=NOW)


def test_an_outage_is_waited_out_with_growing_pauses_and_the_marks_stay(vendor, mailbox):
    vendor.objects["StatusData"] = [status(SOC, 41)]
    step, told = follower(mailbox, feed(vendor))
    step.step(NOW)
    marks = mailbox.feeds.get("geotab").marks
    vendor.error = "DbUnavailableException"

    waits_s = [step.step(NOW) for _ in range(3)]

    assert waits_s == [2.0, 4.0, 8.0]
    assert mailbox.feeds.get("geotab").marks == marks
    assert len(told) == 1
    vendor.error = ""
    assert step.step(NOW) == GeotabFeed.period_s
    assert mailbox.feeds.get("geotab").failing_since is None


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    # what it says; at most ten minutes; what cannot be read counts as nothing: the first pause
    [({"Retry-After": "37"}, 37.0), ({"Retry-After": "90000"}, 600.0),
     ({"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}, 2.0), ({"Retry-After": "soon"}, 2.0),
     ({}, 2.0)],
)  # fmt: skip
def test_a_limit_is_waited_out_as_long_as_the_server_says(vendor, mailbox, headers, wait_s):
    step, _ = follower(mailbox, feed(vendor))
    vendor.refusals = [(429, headers, b"{}")]

    assert step.step(NOW) == wait_s


def test_a_limit_by_name_waits_a_minute(vendor, mailbox):
    vendor.error = "OverLimitException"

    # its limits count by the minute
    assert follower(mailbox, feed(vendor))[0].step(NOW) == 60.0


@pytest.mark.parametrize(
    "refusal",
    [(500, {}, b""), (200, {}, b"<html>"), (302, {"Location": "http://127.0.0.1:1/"}, b""),
     (200, {}, b'{"result": {}}'), (200, {}, b"[]"), (200, {}, b"\xff{")],
    ids=["error", "no JSON", "redirect", "no credentials", "a list", "no text"],
)  # fmt: skip
def test_an_answer_that_is_none_is_an_outage(vendor, refusal):
    vendor.refusals = [refusal]

    with pytest.raises(FeedDownError):
        feed(vendor).look({}, now=NOW)


def test_what_cannot_be_is_refused_and_counted_and_the_rest_stands(vendor, mailbox):
    vendor.objects["StatusData"] = [
        status(SOC, 140), status(ODOMETER, -1), {"device": {"id": "b1"}}, {"device": None},
        {**status(SOC, 50), "dateTime": "2026-11-02T18:00:00"},  # of no zone
        status(SOC, 99, minutes=60),  # half an hour ahead of the depot's clock
        status(SOC, 50, minutes=2), status(SOC, 20, device="b9"),
    ]  # fmt: skip
    step, told = follower(mailbox, feed(vendor))

    step.step(NOW)

    state = mailbox.feeds.get("geotab")
    assert readings(mailbox)["van-1"].soc == 0.5
    assert (state.refused, state.unknown_ids) == (6, ("b9",))
    assert told == [
        "feed geotab: 6 records say what cannot be; the fleet does not know b9"
    ]  # fmt: skip


def test_a_silent_server_is_an_outage():
    with serving(Geotab()) as address:
        account = GeotabAccount(address, "depot", "feed@depot", PASSWORD)

    with pytest.raises(FeedDownError, match="no answer"):
        GeotabFeed(account).look({}, now=NOW)
