"""What the fleet reads and tells: estimates, distances, vehicles, the site, what does not fit."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from depotlib.api.charge_view import charge_view
from depotlib.api.distance import energy_for_distance_kwh
from depotlib.api.estimate import Taper, completion_of
from depotlib.errors import ModelError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.charge import ChargeBelief
from depotlib.model.position import Position
from depotlib.model.release import LimitStep
from tests.unit.exchange import samples
from tests.unit.exchange.charge_sample import charge
from tests.unit.exchange.samples import EVENING, MORNING

AT_SEVEN = EVENING + timedelta(hours=1)


def plugged(**facts):
    return replace(samples.connector_state(), **facts)


# --- when a session will have its energy ------------------------------------------------------


def test_who_takes_its_whole_limit_is_done_when_the_limits_add_up():
    # 7.4 kW until 22:00. At 19:00 it has 7.4 of 29.6 kWh: 22.2 kWh are 3 h of the 3 h left.
    state = plugged(power_kw=7.4, limit_kw=7.4, energy_kwh=7.4)

    found = completion_of(state, samples.schedule(), remaining_kwh=22.2, now=AT_SEVEN)

    assert found.remaining_kwh == pytest.approx(22.2)
    assert found.completes_at is not None
    assert abs(found.completes_at - (EVENING + timedelta(hours=4))) < timedelta(seconds=1)


def test_who_follows_a_little_below_its_limit_does_so_at_other_limits_too():
    steps = (LimitStep(EVENING, 10.0), LimitStep(EVENING + timedelta(hours=2), 5.0))
    schedule = replace(samples.schedule(), steps=steps)

    found = completion_of(
        plugged(power_kw=9.0, limit_kw=10.0, energy_kwh=9.0),
        schedule,
        remaining_kwh=13.5,
        now=AT_SEVEN,
    )

    # It takes 90 %: 9 kWh until 20:00, and the other 4.5 kWh at 4.5 kW: 21:00.
    assert found.completes_at is not None
    assert abs(found.completes_at - (EVENING + timedelta(hours=3))) < timedelta(seconds=1)


def test_who_takes_clearly_less_takes_no_more_at_a_higher_limit():
    schedule = replace(samples.schedule(), steps=(LimitStep(EVENING, 10.0),))

    found = completion_of(
        plugged(power_kw=4.0, limit_kw=10.0, energy_kwh=2.0),
        schedule,
        remaining_kwh=8.0,
        now=AT_SEVEN,
    )

    # 8 kWh at 4 kW are 2 h.
    assert found.completes_at is not None
    assert abs(found.completes_at - (AT_SEVEN + timedelta(hours=2))) < timedelta(seconds=1)


def test_a_pause_is_waited_for_and_an_end_too_early_is_no_completion():
    four_hours_later = EVENING + timedelta(hours=4)
    paused = (LimitStep(EVENING, 0.0), LimitStep(four_hours_later, 5.0))
    state = plugged(power_kw=0.0, limit_kw=0.0, energy_kwh=0.0)
    schedule = replace(samples.schedule(), steps=paused)

    later = completion_of(state, schedule, remaining_kwh=10.0, now=AT_SEVEN)
    never = completion_of(state, schedule, remaining_kwh=41.0, now=AT_SEVEN)
    done = completion_of(plugged(energy_kwh=10.0), schedule, remaining_kwh=0.0, now=AT_SEVEN)

    # 10 kWh at 5 kW from 22:00 are there at 24:00; until 06:00 there are 8 h x 5 kW = 40 kWh.
    assert later.completes_at == four_hours_later + timedelta(hours=2)
    assert (never.remaining_kwh, never.completes_at) == (41.0, None)
    assert (done.remaining_kwh, done.completes_at) == (0.0, AT_SEVEN)


def test_sessions_say_what_is_missing_and_a_changed_energy_counts(
    client: TestClient, mailbox: Mailbox
):
    mailbox.put_station_state(samples.station_state())
    mailbox.add_release(samples.release())
    mailbox.set_current_release("r1", at=EVENING)

    (before,) = client.get("/v1/sessions").json()["sessions"]
    client.post("/v1/departures", json={"vehicle_id": "van-1", "energy_kwh": 18.0})
    (after,) = client.get("/v1/sessions").json()["sessions"]

    # The stay wants 30 kWh and has 3.6; 4 h at 7.2 of 7.4 kW are 28.8. With 18 kWh, 14.4 are 2 h.
    assert before["energy_remaining_kwh"] == pytest.approx(26.4)
    assert after["energy_remaining_kwh"] == pytest.approx(14.4)
    done = datetime.fromisoformat(after["completes_at"])
    assert abs(done - (EVENING + timedelta(hours=2))) < timedelta(minutes=1)


def test_a_taper_makes_the_end_of_a_charge_slower():
    # 50 kW from 19:00 on at 80 % of 68 kWh with 0.9 of the wall's energy: 10 kWh bring 13.2 %. The
    # taper leaves 1 - 0.6 x 13.2 / 20 = 60 % at the end: between 10/50 h = 12 min and 10/30 = 20.
    schedule = replace(samples.schedule(), steps=(LimitStep(EVENING, 50.0),))
    state = plugged(power_kw=50.0, limit_kw=50.0)
    taper = Taper(soc=0.8, soc_per_kwh_share=0.9 / 68.0, max_kw=50.0, taper_share=0.6)

    plain = completion_of(state, schedule, remaining_kwh=10.0, now=AT_SEVEN)
    slower = completion_of(state, schedule, remaining_kwh=10.0, now=AT_SEVEN, taper=taper)

    # dE/dt = 50 (1 - 0.6 x 0.9/68/0.2 E): E = 10 after ln(1/0.6029)/(50 x 0.03971) h = 15.3 min.
    assert plain.completes_at == AT_SEVEN + timedelta(minutes=12)
    assert slower.completes_at is not None
    assert abs(slower.completes_at - (AT_SEVEN + timedelta(minutes=15.3))) < timedelta(minutes=1)


def test_who_draws_less_because_it_tapers_goes_on_to_taper():
    schedule = replace(samples.schedule(), steps=(LimitStep(EVENING, 50.0),))
    # At 90 % the taper leaves 70 % of 50 kW; without it this would pass for the vehicle's maximum.
    state = plugged(power_kw=35.0, limit_kw=50.0)
    taper = Taper(soc=0.9, soc_per_kwh_share=0.9 / 68.0, max_kw=50.0, taper_share=0.6)

    flat = completion_of(state, schedule, remaining_kwh=7.0, now=AT_SEVEN)
    falling = completion_of(state, schedule, remaining_kwh=7.0, now=AT_SEVEN, taper=taper)

    assert flat.completes_at == AT_SEVEN + timedelta(minutes=12)
    assert falling.completes_at is not None
    assert falling.completes_at > flat.completes_at + timedelta(minutes=2)


# --- what is believed of its charge -----------------------------------------------------------


def belief(**facts) -> ChargeBelief:
    return replace(charge(), **facts)


def test_a_session_shows_its_charge_with_its_band_and_what_it_rests_on(
    client: TestClient, mailbox: Mailbox
):
    mailbox.put_station_state(samples.station_state())
    mailbox.add_release(samples.release())
    mailbox.set_current_release("r1", at=EVENING)
    mailbox.charges.put("van-1", belief(source="meter"))

    (session,) = client.get("/v1/sessions").json()["sessions"]
    seen = client.get("/v1/vehicles").json()["vehicles"][0]["charge"]

    assert session["charge"] == seen
    assert seen["low_soc"] < seen["soc"] < seen["high_soc"]
    assert (seen["source"], seen["is_estimated"]) == ("meter", True)


def test_what_is_missing_follows_from_the_charge_where_it_is_known(
    client: TestClient, mailbox: Mailbox
):
    stay = replace(samples.dwell(), arrival_soc=0.3)
    mailbox.publish_brief(replace(samples.brief(), dwells=(stay,)), at=EVENING)
    mailbox.put_station_state(samples.station_state())
    mailbox.add_release(samples.release())
    mailbox.set_current_release("r1", at=EVENING)
    mailbox.charges.put("van-1", belief(soc=0.5, gain_factor=1.0))

    (session,) = client.get("/v1/sessions").json()["sessions"]

    # 30 kWh x 0.9 / 68 on top of 30 % are 69.7 %; from 50 % these are 19.7 % x 68 / 0.9 = 14.89.
    assert session["energy_remaining_kwh"] == pytest.approx(14.889, abs=1e-3)


def test_the_band_of_a_silent_station_holds_all_that_its_limit_may_have_brought():
    measured_at = EVENING + timedelta(minutes=30)
    state = plugged(energy_kwh=3.6, limit_kw=7.4, measured_at=measured_at)
    quiet_for = timedelta(hours=2)

    now = charge_view(belief(), state, now=measured_at)
    later = charge_view(belief(), state, now=measured_at + quiet_for)

    # 2 h less two minutes at 7.4 kW, 0.98 x 0.9 / 68 of the battery a kWh: 18.9 % more at most.
    assert later.high_soc > now.soc + 0.189
    assert later.low_soc <= now.soc
    assert later.high_soc - later.low_soc > 4 * (now.high_soc - now.low_soc)


def test_a_reading_may_say_where_a_vehicle_is_and_when_it_came(
    client: TestClient, mailbox: Mailbox
):
    told = {
        "vehicle_id": "van-1",
        "at": EVENING.isoformat(),
        "position": {"latitude_degrees": 40.7, "longitude_degrees": -74.0},
        "stopped_at": (EVENING - timedelta(minutes=2)).isoformat(),
    }

    kept = client.post("/v1/readings", json=told)
    nowhere = {**told, "position": {"latitude_degrees": 91.0, "longitude_degrees": 0.0}}

    assert kept.status_code == 200
    (reading,) = mailbox.readings()
    assert reading.position == Position(40.7, -74.0)
    assert reading.stopped_at == EVENING - timedelta(minutes=2)
    assert client.post("/v1/readings", json=nowhere).status_code == 422


# --- a route that grows -----------------------------------------------------------------------


def test_a_longer_route_raises_the_energy_of_the_stay_once(client: TestClient, mailbox: Mailbox):
    longer = {"vehicle_id": "van-1", "distance_km": 122.5}

    answers = [client.post("/v1/departures", json=longer).json() for _ in range(2)]

    # 40 km more than the duty's 82.5 at 0.3 kWh/km, 0.9 of the wall's energy in the battery:
    # 13.33 kWh on top of 30.
    assert [one["change"]["energy_kwh"] for one in answers] == [pytest.approx(30.0 + 40 / 3)] * 2
    (change,) = mailbox.departures()
    assert change.energy_kwh == pytest.approx(43.3333, abs=1e-4)


def test_a_loaded_van_needs_more_for_the_same_way():
    brief = samples.brief()
    assert brief.fleet is not None
    kind = replace(brief.fleet.classes[0], loaded_factor=1.2)
    loaded = replace(
        brief,
        fleet=replace(brief.fleet, classes=(kind,)),
        duties=(replace(brief.duties[0], payload_share=0.5),),
    )

    found_kwh = energy_for_distance_kwh(loaded, "van-1", distance_km=122.5, now=EVENING)

    # Half a load at a factor of 1.2 is 1.1: 40 x 0.3 x 1.1 / 0.9 = 14.67 kWh on top of 30.
    assert found_kwh == pytest.approx(30.0 + 14.6667, abs=1e-4)


def test_a_way_that_is_shortened_to_nothing_needs_nothing():
    short = replace(samples.brief(), dwells=(samples.dwell(target_kwh=5.0),))

    assert energy_for_distance_kwh(short, "van-1", distance_km=0.0, now=EVENING) == 0.0


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"vehicle_id": "van-1", "distance_km": 227}, "cannot drive 227 km on 68 kWh"),
        ({"vehicle_id": "van-2", "distance_km": 10}, "no duty after this stay"),
        ({"vehicle_id": "van-1", "distance_km": 10, "energy_kwh": 1}, "an energy and a distance"),
    ],
)
def test_a_distance_that_says_nothing_or_cannot_be_is_refused(
    client: TestClient, mailbox: Mailbox, wish: dict, word: str
):
    # 227 km x 0.3 kWh/km = 68.1 kWh, above the 68 that are usable.
    answer = client.post("/v1/departures", json=wish)

    assert answer.status_code == 422
    assert word in answer.json()["error"]["what"]
    assert mailbox.departures() == ()


def test_a_stay_that_is_over_or_a_fleet_that_nobody_published_gives_no_distance():
    no_fleet = replace(samples.brief(), fleet=None)

    with pytest.raises(ModelError, match="no stay of 'van-1'"):
        energy_for_distance_kwh(samples.brief(), "van-1", distance_km=90.0, now=MORNING)
    with pytest.raises(ModelError, match="no vehicle class of 'van-1'"):
        energy_for_distance_kwh(no_fleet, "van-1", distance_km=90.0, now=EVENING)


# --- vehicles, the site, what does not fit ----------------------------------------------------


def test_vehicles_show_what_telematics_said_and_where_they_are(
    client: TestClient, mailbox: Mailbox
):
    mailbox.put_station_state(samples.station_state())
    wish = {"vehicle_id": "van-2", "at": EVENING.isoformat(), "soc": 0.4, "is_at_depot": False}
    told = client.post("/v1/readings", json=wish).json()

    first, second = client.get("/v1/vehicles").json()["vehicles"]

    assert told["is_news"] is True
    assert (first["vehicle_id"], first["connector_id"], first["reading"]) == (
        "van-1",
        "AC-01/1",
        None,
    )
    assert (second["connector_id"], second["reading"]["soc"]) == (None, 0.4)
    assert second["reading"]["is_at_depot"] is False


def test_an_older_reading_is_no_news(client: TestClient, mailbox: Mailbox):
    for minutes, soc in ((0, 0.4), (-10, 0.9)):
        at = (EVENING + timedelta(minutes=minutes)).isoformat()
        answer = client.post("/v1/readings", json={"vehicle_id": "van-1", "at": at, "soc": soc})

    assert answer.json()["is_news"] is False
    assert [one.soc for one in mailbox.readings()] == [0.4]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"vehicle_id": "van-9"}, 404),
        ({"at": (EVENING + timedelta(minutes=20)).isoformat()}, 422),
        ({"at": "2026-11-02T18:00:00"}, 422),
        ({"soc": 1.01}, 422),
        ({"odometer_km": -1}, 422),
    ],
)
def test_a_reading_that_cannot_be_is_refused(
    client: TestClient, mailbox: Mailbox, change: dict, status: int
):
    reading = {"vehicle_id": "van-1", "at": EVENING.isoformat(), "soc": 0.5, **change}

    assert client.post("/v1/readings", json=reading).status_code == status
    assert mailbox.readings() == ()


def test_the_site_says_its_limits_and_what_its_meter_measures(client: TestClient, mailbox: Mailbox):
    unmetered = client.get("/v1/site").json()
    mailbox.site_meter.put("site", samples.site_meter())
    metered = client.get("/v1/site").json()

    assert (unmetered["is_metered"], unmetered["power_kw"]) == (False, None)
    assert (metered["is_metered"], metered["power_kw"], metered["target_kw"]) == (True, 42.5, 60.0)
    assert metered["grid"]["operating_limit_kw"] == 50.0
    assert [one["limit_kw"] for one in metered["circuits"]] == [40.0]
    assert "meter.local" not in client.get("/v1/site").text  # an address may hold a secret


def test_exceptions_are_what_does_not_fit_now(client: TestClient, mailbox: Mailbox):
    stranger = samples.connector_state(vehicle_id=None)
    mailbox.put_station_state(replace(samples.station_state(), connectors=(stranger,)))
    mailbox.put_station_state(replace(samples.station_state("AC-02"), is_connected=False))
    mailbox.put_distrust(samples.distrust())

    found = client.get("/v1/exceptions").json()["exceptions"]

    assert [(one["kind"], one["station_id"]) for one in found] == [
        ("distrust", "AC-01"),
        ("unknown_vehicle", "AC-01"),
        ("station_silent", "AC-02"),
    ]
    assert "20.0 kW where 5.0 kW" in found[0]["sentence"]


def test_changes_of_stays_can_be_read_again(client: TestClient, mailbox: Mailbox):
    client.post("/v1/departures", json={"vehicle_id": "van-1", "priority": 3})

    (change,) = client.get("/v1/departures").json()["changes"]

    assert (change["vehicle_id"], change["priority"], change["departure"]) == ("van-1", 3, None)
