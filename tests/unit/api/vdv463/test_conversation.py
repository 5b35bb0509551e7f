"""What a depot system asks by VDV 463 and is told, over a real socket."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from websockets.exceptions import ConnectionClosed

from depotlib.model.fleet import Fleet
from depotlib.model.news import DepartureChange
from tests.unit.api.vdv463.conftest import EARLY, door_to, key, listed, request, system
from tests.unit.exchange import samples
from tests.unit.exchange.charge_sample import charge
from tests.unit.exchange.samples import EVENING, MORNING

ASK = "ProvideChargingRequests"
# 68 kWh usable, 0.9 from wall to battery: from 30 % to 50 % and to 80 % of charge.
LEAST_KWH = 0.2 * 68.0 / 0.9
MOST_KWH = 0.5 * 68.0 / 0.9


def changes(mailbox):
    return {one.vehicle_id: one for one in mailbox.departures()}


# --- requests ---------------------------------------------------------------------------------


def test_a_request_becomes_departure_energy_and_priority_of_the_stay(address, mailbox):
    with system(address) as bms:
        answer = bms.ask(ASK, listed(request(departure=EARLY, priority=7)))

    change = changes(mailbox)["van-1"]
    assert (answer[0], answer[5], answer[6]) == (2, ASK, {})
    assert (change.departure, change.priority) == (EARLY, 7)
    assert change.must_kwh == pytest.approx(LEAST_KWH)
    assert change.energy_kwh == pytest.approx(MOST_KWH)


def test_manual_preconditioning_is_energy_just_before_the_departure(address, mailbox):
    manual = {
        "hvacPreconditioningStartTime": (EARLY - timedelta(minutes=30)).isoformat(),
        "hvacAuxiliaryConsumerPower": 8,
        "systemPreconditioningStartTime": (EARLY - timedelta(minutes=15)).isoformat(),
        "systemAuxiliaryConsumerPower": 4,
    }
    with system(address) as bms:
        bms.ask(ASK, listed(request(departure=EARLY, manualPreconditioning=manual)))

    change = changes(mailbox)["van-1"]
    # 8 kW for half an hour and 4 kW for a quarter are 5 kWh on top of the battery's.
    assert (change.precondition_kwh, change.precondition_s) == (pytest.approx(5.0), 1800)
    assert change.energy_kwh == pytest.approx(MOST_KWH + 5.0)
    assert change.must_kwh == pytest.approx(LEAST_KWH + 5.0)


def test_what_the_next_list_lacks_is_withdrawn_and_what_it_repeats_is_left(address, mailbox):
    with system(address) as bms:
        bms.ask(ASK, listed(request(), request("van-2", request_id="r2")))
        first = changes(mailbox)
        bms.ask(ASK, listed(request("van-2", request_id="r2")), at=EVENING + timedelta(minutes=1))

    assert set(first) == {"van-1", "van-2"}
    assert changes(mailbox) == {"van-2": first["van-2"]}
    actions = [one.entry.payload["action"] for one in mailbox.journal(kinds=["operator_action"])]
    assert actions == ["change_departure", "change_departure", "withdraw_departure"]


def test_a_later_word_of_somebody_else_outlives_the_withdrawal(address, mailbox):
    with system(address) as bms:
        bms.ask(ASK, listed(request()))
        mailbox.put_departure(
            DepartureChange("van-1", changed_at=EVENING, priority=9, source="operator")
        )
        bms.ask(ASK, listed(), at=EVENING + timedelta(minutes=1))

    assert changes(mailbox)["van-1"].priority == 9


def test_a_request_that_was_carried_out_is_neither_withdrawn_nor_rejected(
    served, address, path, mailbox
):
    leaves = EVENING + timedelta(hours=1)
    with system(address) as bms:
        bms.ask(ASK, listed(request(departure=leaves)))
    served[0].state.door = door_to(path, at=EVENING + timedelta(hours=2))

    with system(address) as bms:
        bms.ask(ASK, listed(request(departure=leaves)), at=EVENING + timedelta(hours=2))
        told = bms.next_told()
        bms.ask(ASK, listed(), at=EVENING + timedelta(hours=2, minutes=1))

    assert "rejectedChargingRequestInfoList" not in told
    assert changes(mailbox)["van-1"].departure == leaves


def test_requests_that_cannot_be_are_told_as_rejected_and_the_others_count(address, mailbox):
    late = {"hvacPreconditioningStartTime": MORNING.isoformat(),
            "systemPreconditioningStartTime": EVENING.isoformat()}  # fmt: skip
    bad = {
        "no vehicle 'van-9'": request("van-9"),
        "minTargetSoc is above": request(least=90.0, most=80.0),
        "is past": request(departure=EVENING - timedelta(hours=1)),
        "no charging point": request(chargingPointId="DC-99/1"),
        "priority is beyond": request(priority=5000),
        "begins after its departure": request(departure=EARLY, manualPreconditioning=late),
    }
    asked = [{**one, "chargingRequestId": reason} for reason, one in bad.items()]

    with system(address) as bms:
        answer = bms.ask(ASK, listed(*asked, request("van-2", request_id="r2")))
        rejected = bms.next_told()["rejectedChargingRequestInfoList"]

    assert answer[0] == 2
    assert {one["chargingRequestId"] for one in rejected} == set(bad)
    assert all(one["chargingRequestId"] in one["reason"] for one in rejected)
    assert {one["presystemId"] for one in rejected} == {"bms-1"}
    assert set(changes(mailbox)) == {"van-2"}


def test_a_vehicle_may_have_another_name_there(address, mailbox):
    fleet = samples.fleet()
    vans = tuple(
        replace(one, telematics_ids=(f"vdv463:bus {one.vehicle_id}",)) for one in fleet.vehicles
    )
    brief = replace(samples.brief(), fleet=Fleet(classes=fleet.classes, vehicles=vans))
    mailbox.publish_brief(brief, at=EVENING)
    mailbox.put_station_state(samples.station_state())

    with system(address) as bms:
        bms.ask(ASK, listed(request("bus van-1")))
        told = bms.next_told()

    point = told["depotInfoList"][0]["chargingStationInfoList"][0]["chargingPointInfoList"][0]
    assert set(changes(mailbox)) == {"van-1"}
    assert point["vehicleInfo"]["vehicleId"] == "bus van-1"


def test_an_older_list_does_not_undo_a_newer_one_after_a_reconnect(address, mailbox):
    with system(address) as bms:
        bms.ask(ASK, listed(request(priority=5)), at=EVENING + timedelta(minutes=2))
    with system(address) as bms:
        late = bms.ask(ASK, listed(), at=EVENING + timedelta(minutes=1))
        again = bms.ask(ASK, listed(request(priority=6)), at=EVENING + timedelta(minutes=3))

    assert (late[0], "older" in late[6]["errorMessage"], again[0]) == (3, True, 2)
    assert changes(mailbox)["van-1"].priority == 6


def test_a_list_of_the_future_is_refused_and_shuts_out_no_later_one(address, mailbox):
    with system(address) as bms:
        ahead = bms.ask(ASK, listed(request(priority=5)), at=EVENING + timedelta(days=60))
        right = bms.ask(ASK, listed(request(priority=6)))

    assert (ahead[0], "of the future" in ahead[6]["errorMessage"], right[0]) == (3, True, 2)
    assert changes(mailbox)["van-1"].priority == 6


def test_two_systems_keep_their_own_lists(address, path, mailbox):
    one_key = key(path, "one", "fleet:write")
    two_key = key(path, "two", "fleet:write")
    # The same presystemId, but other keys: nobody can withdraw another's requests.
    with system(address, secret=one_key) as one, system(address, secret=two_key) as two:
        one.ask(ASK, listed(request()))
        two.ask(ASK, listed(request("van-2", request_id="r2")))
        one.ask(ASK, listed(), at=EVENING + timedelta(minutes=1))

    assert set(changes(mailbox)) == {"van-2"}


# --- information ------------------------------------------------------------------------------


def test_a_system_that_boots_is_told_of_every_point(address, mailbox):
    mailbox.put_station_state(samples.station_state())

    with system(address) as bms:
        bms.boot()
        (depot,) = bms.next_told()["depotInfoList"]

    stations = {one["chargingStationId"]: one for one in depot["chargingStationInfoList"]}
    (point,) = stations["AC-01"]["chargingPointInfoList"]
    silent = stations["AC-02"]
    assert (depot["depotId"], depot["name"]) == ("north", "North yard")
    assert point["chargingPointId"] == "AC-01/1"
    assert (point["chargingPointStatus"], point["presentPowerLimit"]) == ("Occupied", 7.4)
    assert point["vehicleInfo"]["vehicleChargingStatus"] == "Charging"
    assert point["chargingProcessInfo"]["processStatus"] == "Charging"
    assert point["chargingProcessInfo"]["deliveredEnergy"] == pytest.approx(3600.0)
    assert silent["chargingPointInfoList"][0]["chargingPointStatus"] == "Unavailable"
    assert silent["chargingStationFaultInfo"]["chargingStationFaultCode"] == "CommunicationFailure"


def test_charge_and_estimates_are_told_of_a_vehicle_with_a_request(address, mailbox):
    mailbox.put_station_state(samples.station_state())
    mailbox.charges.put("van-1", replace(charge(), gain_factor=1.0))
    mailbox.add_release(samples.release())
    mailbox.set_current_release(samples.release().release_id, at=EVENING)

    with system(address) as bms:
        bms.ask(ASK, listed(request(least=50.0, most=55.0)))
        told = bms.next_told()

    point = told["depotInfoList"][0]["chargingStationInfoList"][0]["chargingPointInfoList"][0]
    process = point["chargingProcessInfo"]
    foreseen = process["chargingPredictionData"]
    assert point["vehicleInfo"]["tractionBatteryInfo"] == {"stateOfCharge": 45.0}
    assert (process["presystemId"], process["chargingRequestId"]) == ("bms-1", "r1")
    assert foreseen["chargingPredictionDataStatus"] == "Ongoing"
    assert foreseen["chargingPredictionDataMinTargetSoc"]["requestedMinTargetSoc"] == 50.0
    least_at = foreseen["chargingPredictionDataMinTargetSoc"]["predictedTime"]
    most_at = foreseen["chargingPredictionDataMaxTargetSoc"]["predictedTime"]
    assert least_at < most_at
    # From 45 % the limits of 7.4 kW until 22:00 permit more than 55 %: it leaves with that.
    departing = foreseen["chargingPredictionDataDepartureTime"]
    assert departing["predictedDepartureTimeSoc"] == 55.0


def test_a_planned_vehicle_that_is_not_there_yet_stands_as_scheduled(address, mailbox):
    mailbox.add_release(samples.release())
    mailbox.set_current_release(samples.release().release_id, at=EVENING)

    with system(address) as bms:
        bms.ask(ASK, listed(request()))
        told = bms.next_told()

    point = told["depotInfoList"][0]["chargingStationInfoList"][0]["chargingPointInfoList"][0]
    (scheduled,) = point["scheduledChargingProcessList"]
    assert (scheduled["vehicleId"], scheduled["chargingRequestId"]) == ("van-1", "r1")
    assert "chargingPredictionData" in scheduled


def test_a_connector_that_was_caught_is_told_as_faulty(address, mailbox):
    mailbox.put_station_state(samples.station_state())
    mailbox.put_distrust(samples.distrust())

    with system(address) as bms:
        bms.boot()
        told = bms.next_told()

    points = [
        point
        for station in told["depotInfoList"][0]["chargingStationInfoList"]
        for point in station["chargingPointInfoList"]
    ]
    (fault,) = [one["chargingPointFaultInfo"] for one in points if "chargingPointFaultInfo" in one]
    assert fault["chargingPointFaultCode"] == "OtherChargingPointFailure"
    assert "were permitted" in fault["faultText"]


def test_a_complaint_about_our_information_is_kept_for_people(address, mailbox):
    with system(address) as bms:
        bms.boot()
        bms.next_told()
        bms.send(json.dumps(
            bms.message("ProvideChargingInformation", {"errorMessage": "no such depot"}, kind=3)
        ))  # fmt: skip
        bms.boot()  # answered after the complaint was heard

    assert "no such depot" in mailbox.feeds.get("vdv463 this machine/bms-1").note


# --- wrong messages ---------------------------------------------------------------------------


def test_wrong_messages_are_answered_with_errors_and_the_talk_goes_on(address, mailbox):
    with system(address) as bms:
        bms.send("nonsense")
        stray = bms.until(lambda _got: True)
        wrong = bms.ask(ASK, listed(request(least=-1.0)))
        ours = bms.ask("ProvideChargingInformation", {"depotInfoList": []})
        after = bms.boot()

    assert (stray[0], wrong[0], ours[0], after[0]) == (3, 3, 3, 2)
    assert "no VDV 463 message" in stray[6]["errorMessage"]
    assert "minTargetSoc" in wrong[6]["errorMessage"]
    assert "only the charging side" in ours[6]["errorMessage"]
    assert changes(mailbox) == {}


def test_one_connection_is_one_system(address, mailbox):
    with system(address) as bms:
        bms.boot()
        foreign = bms.message(ASK, listed(request()))
        foreign[2] = "bms-2"
        bms.send(json.dumps(foreign))
        answer = bms.until(lambda got: got[4] == foreign[4])

    assert answer[0] == 3
    assert changes(mailbox) == {}


def test_who_goes_on_sending_nonsense_is_put_out(address, mailbox):
    with system(address) as bms, pytest.raises(ConnectionClosed) as caught:
        _babble(bms)

    assert caught.value.rcvd.code == 1008


def test_a_message_of_two_megabytes_ends_the_connection(address, mailbox):
    with system(address) as bms:
        # Its end may come while the message is still being sent.
        with suppress(ConnectionClosed):
            bms.send("[" + "1," * 1_048_576 + "1]")
        with pytest.raises(ConnectionClosed):
            bms.until(lambda _got: False)

    with system(address) as bms:
        assert bms.boot()[0] == 2


def _babble(bms) -> None:
    for _ in range(30):
        bms.send("nonsense")
        bms.until(lambda _got: True)
