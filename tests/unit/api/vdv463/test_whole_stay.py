"""What a request means for the whole stay, and whose word stands on it when one is withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.model.live import JournalEntry
from depotlib.model.news import DepartureChange, VehicleReading
from tests.unit.api.vdv463.conftest import EARLY, key, listed, request, system
from tests.unit.exchange import samples
from tests.unit.exchange.charge_sample import charge
from tests.unit.exchange.samples import EVENING, MORNING

ASK = "ProvideChargingRequests"
A_MINUTE = timedelta(minutes=1)
# The vans' class: 68 kWh usable, 0.9 from wall to battery.


def changes(mailbox):
    return {one.vehicle_id: one for one in mailbox.departures()}


def test_a_charge_that_is_known_better_counts_from_the_plug_in(address, mailbox):
    mailbox.put_station_state(samples.station_state())
    mailbox.charges.put("van-1", charge())

    with system(address) as bms:
        bms.ask(ASK, listed(request()))

    # It held 45 % after 3.6 kWh of this session: what they brought is of the stay.
    start_soc = charge().soc_at(0.0)
    assert changes(mailbox)["van-1"].energy_kwh == pytest.approx((0.8 - start_soc) * 68.0 / 0.9)


def session_over(mailbox, session_id, *, energy_kwh, at):
    facts = {"session_id": session_id, "energy_kwh": energy_kwh, "vehicle_id": "van-1"}
    mailbox.append([JournalEntry(at, "session_ended", "AC-02", "AC-02/1", facts)])


def test_what_earlier_sessions_of_the_stay_have_brought_counts_for_the_whole_of_it(
    address, mailbox
):
    mailbox.put_station_state(samples.station_state())
    mailbox.charges.put("van-1", charge())
    session_over(mailbox, "before", energy_kwh=30.0, at=EVENING - timedelta(hours=1))
    session_over(mailbox, "last night", energy_kwh=20.0, at=EVENING - timedelta(hours=13))

    with system(address) as bms:
        bms.ask(ASK, listed(request()))

    # Dispatch takes 30 kWh off the stay's energy: they are no part of what is still missing.
    missing_kwh = (0.8 - charge().soc_at(0.0)) * 68.0 / 0.9
    assert changes(mailbox)["van-1"].energy_kwh == pytest.approx(30.0 + missing_kwh)


def test_an_earlier_stay_of_the_night_is_no_part_of_this_one(address, mailbox):
    brief = samples.brief()
    (dwell,) = [one for one in brief.dwells if one.vehicle_id == "van-1"]
    back = EVENING + timedelta(hours=2)
    first = replace(dwell, arrival=dwell.arrival - timedelta(hours=1), departure=EVENING - A_MINUTE,
                    arrival_soc=0.1)  # fmt: skip
    second = replace(dwell, arrival=back, arrival_soc=0.4)
    others = [one for one in brief.dwells if one.vehicle_id != "van-1"]
    mailbox.publish_brief(replace(brief, dwells=(first, second, *others)), at=EVENING)
    session_over(mailbox, "first", energy_kwh=30.0, at=EVENING - timedelta(minutes=2))
    asked = request()
    del asked["chargingRequestData"]["expectedSocAtArrival"]

    with system(address) as bms:
        bms.ask(ASK, listed(asked))

    # It is to come back with 40 %: what the stay that is over has brought was driven.
    assert changes(mailbox)["van-1"].energy_kwh == pytest.approx(0.4 * 68.0 / 0.9)


def test_a_reading_counts_with_what_was_brought_before_it(address, mailbox):
    told_at = EVENING - timedelta(minutes=30)
    reading = VehicleReading("van-1", at=told_at, soc=0.6, odometer_km=None, source="telematics")
    mailbox.put_reading(reading)
    session_over(mailbox, "before", energy_kwh=30.0, at=told_at - timedelta(minutes=1))
    session_over(mailbox, "since", energy_kwh=5.0, at=told_at + timedelta(minutes=1))
    asked = request()
    del asked["chargingRequestData"]["expectedSocAtArrival"]

    with system(address) as bms:
        bms.ask(ASK, listed(asked))

    # From 60 % to 80 %; what came after the reading is a part of that.
    expected_kwh = 30.0 + 0.2 * 68.0 / 0.9
    assert changes(mailbox)["van-1"].energy_kwh == pytest.approx(expected_kwh)


def test_what_another_system_wished_stands_again_after_the_withdrawal(address, mailbox):
    wish = DepartureChange("van-1", EVENING, departure=MORNING, energy_kwh=31.0, source="key tms")
    mailbox.put_departure(wish)

    with system(address) as bms:
        bms.ask(ASK, listed(request(departure=EARLY)))
        bms.ask(ASK, listed(request(departure=EARLY, priority=3)), at=EVENING + A_MINUTE)
        over = changes(mailbox)["van-1"]
        bms.ask(ASK, listed(), at=EVENING + 2 * A_MINUTE)

    assert (over.departure, over.priority) == (EARLY, 3)
    assert changes(mailbox) == {"van-1": wish}


def test_a_withdrawn_wish_does_not_come_back_when_the_system_above_it_withdraws(
    address, path, mailbox
):
    below, above = key(path, "one", "fleet:write"), key(path, "two", "fleet:write")
    with system(address, secret=below) as one, system(address, secret=above) as two:
        one.ask(ASK, listed(request(priority=5)))
        two.ask(ASK, listed(request(request_id="r2", departure=EARLY)))
        both = changes(mailbox)["van-1"]
        one.ask(ASK, listed(), at=EVENING + A_MINUTE)
        alone = changes(mailbox)["van-1"]
        two.ask(ASK, listed(), at=EVENING + A_MINUTE)

    assert (both.departure, both.priority) == (EARLY, 5)
    assert (alone.departure, alone.priority) == (EARLY, None)
    assert changes(mailbox) == {}
