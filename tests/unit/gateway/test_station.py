from dataclasses import replace

from depotlib.gateway.messages import (
    AnswerBoot,
    AnswerEmpty,
    AnswerHeartbeat,
    AnswerStart,
    AnswerToken,
    AskFor,
    Booted,
    Connected,
    HeartbeatAsked,
    InstallProfile,
    MeterReported,
    MeterSample,
    NoticeGiven,
    ReadConfiguration,
    Replied,
    TokenOffered,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.model.live import JournalEntry
from tests.gateway_cases import SAFE_KW, T0, at, site, small_site


def station(brief=None, station_id="S0"):
    there = site(brief)
    return there.control.stations[station_id]


def kinds(outputs):
    return [one.kind for one in outputs if isinstance(one, JournalEntry)]


def started(number=1, tag="TAG-0", meter_kwh=0.0, seconds=0.0, call_id="c"):
    return TransactionStarted(call_id, number, tag, meter_kwh, at(seconds))


def test_a_boot_is_answered_before_the_fallback_goes_out():
    outputs = station().handle(Booted("b", "maker", "model"), T0)

    calls = [one for one in outputs if isinstance(one, InstallProfile)]
    assert isinstance(outputs[0], AnswerBoot)
    assert [call.profile.purpose for call in calls] == ["default", "station_maximum"]


def test_arming_asks_for_capabilities_status_and_meters():
    outputs = station().handle(Booted("b", "maker", "model"), T0)

    asked = [one.message for one in outputs if isinstance(one, AskFor)]
    assert any(isinstance(one, ReadConfiguration) for one in outputs)
    assert asked == ["StatusNotification", "MeterValues"]


def test_a_refused_fallback_is_tried_again_in_the_other_unit():
    one = station()
    one.handle(Connected("1.6"), T0)
    one.handle(Booted("b", "maker", "model"), T0)

    one.handle(Replied("arm", "rejected", "Rejected"), at(1))

    assert not one.arming.is_armed
    again = next(call for call in one.tick(at(61)) if isinstance(call, InstallProfile))
    assert again.profile.unit == "W"
    assert again.profile.periods[0].limit <= SAFE_KW * 1000


def test_a_timeout_of_the_fallback_means_unknown_and_it_is_sent_again():
    one = station()
    one.handle(Connected("1.6"), T0)
    one.handle(Booted("b", "maker", "model"), T0)

    one.handle(Replied("arm", "unknown", "no answer in time"), at(30))

    assert not one.arming.is_armed
    assert one.tick(at(89)) == []
    assert isinstance(one.tick(at(90))[0], InstallProfile)


def test_a_start_is_answered_first_and_names_the_vehicle():
    outputs = station().handle(started(), T0)

    start = outputs[0]
    noted = next(one for one in outputs if isinstance(one, JournalEntry))
    assert start == AnswerStart("c", 101, is_accepted=True)
    assert noted.kind == "session_started"
    assert noted.payload["vehicle_id"] == "van-0"
    assert noted.payload["identity_source"] == "tag"


def test_a_repeated_start_gets_the_same_number_and_is_no_new_session():
    one = station()
    one.handle(started(call_id="first"), T0)

    again = one.handle(started(call_id="second"), at(100))

    assert again == [AnswerStart("second", 101, is_accepted=True)]


def test_two_starts_that_differ_in_their_meter_are_two_transactions():
    one = station()
    one.handle(started(), T0)

    outputs = one.handle(started(meter_kwh=5.0, seconds=60), at(60))

    assert outputs[0] == AnswerStart("c", 102, is_accepted=True)
    assert kinds(outputs) == ["session_ended", "session_started"]  # the first was superseded


def test_a_replayed_old_start_does_not_end_the_session_that_runs():
    one = station()
    one.handle(started(seconds=600), at(600))

    outputs = one.handle(started(meter_kwh=9.0, seconds=10), at(610))

    assert kinds(outputs) == ["session_started"]
    running = one.session(one.plugs[1])
    assert running is not None
    assert running.started_at == at(600)


def test_a_refused_start_ends_nothing_and_is_over_at_once():
    brief = small_site(unknown_policy="require_known")
    one = station(brief)
    one.handle(started(), T0)

    outputs = one.handle(started(tag="STRANGER", seconds=60, call_id="s"), at(60))
    again = one.handle(started(tag="STRANGER", seconds=60, call_id="t"), at(61))

    assert outputs[0] == AnswerStart("s", 102, is_accepted=False)
    assert kinds(outputs) == ["identity_exception"]
    assert again == [AnswerStart("t", 102, is_accepted=False)]
    running = one.session(one.plugs[1])
    assert running is not None
    assert running.transaction_id == 101


def test_a_start_without_a_meter_is_the_same_when_it_is_repeated_after_its_first_sample():
    one = station()
    one.handle(started(meter_kwh=None), T0)
    one.handle(MeterReported("m", 1, 101, (MeterSample(at(60), register_kwh=250.0),)), at(60))

    again = one.handle(started(meter_kwh=None, call_id="d"), at(61))

    assert again == [AnswerStart("d", 101, is_accepted=True)]
    running = one.session(one.plugs[1])
    assert running is not None
    assert running.energy_kwh == 0.0  # the first register that is read is where it began


def test_a_meter_on_a_wrong_connector_counts_for_its_transaction():
    one = station()
    one.handle(started(), T0)

    outputs = one.handle(MeterReported("m", 9, 101, (MeterSample(at(60), 3.0, 1.5),)), at(60))

    assert kinds(outputs) == ["meter"]
    running = one.session(one.plugs[1])
    assert running is not None
    assert running.energy_kwh == 1.5


def test_how_far_a_firmware_has_come_is_journalled():
    outputs = station().handle(NoticeGiven("n", "FirmwareStatusNotification", "Installed"), T0)

    assert outputs[0] == AnswerEmpty("n", "FirmwareStatusNotification")
    assert kinds(outputs) == ["upkeep_status"]


def test_a_start_on_a_connector_that_is_not_there_is_answered_and_listed():
    outputs = station().handle(started(number=7), T0)

    assert outputs[0] == AnswerStart("c", 101, is_accepted=False)
    assert kinds(outputs) == ["identity_exception"]


def test_an_unknown_tag_is_refused_where_only_known_ones_may_charge():
    brief = small_site(unknown_policy="require_known")

    outputs = station(brief).handle(started(tag="STRANGER"), T0)

    assert outputs[0] == AnswerStart("c", 101, is_accepted=False)


def test_energy_is_the_register_less_what_it_was_at_the_start():
    one = station()
    one.handle(started(meter_kwh=100.0), T0)

    sample = MeterSample(at(60), power_kw=7.2, register_kwh=103.5, soc=0.5)
    outputs = one.handle(MeterReported("m", 1, 101, (sample,)), at(61))

    noted = next(one for one in outputs if isinstance(one, JournalEntry))
    assert dict(noted.payload) | {"session_id": ""} == {
        "session_id": "",
        "power_kw": 7.2,
        "energy_kwh": 3.5,
        "soc": 0.5,
    }
    assert noted.at == at(60)


def test_power_is_derived_from_the_register_where_it_is_not_told():
    one = station()
    one.handle(started(), T0)
    for seconds, register_kwh in ((600, 1.0), (1200, 2.0)):
        sample = MeterSample(at(seconds), register_kwh=register_kwh)
        one.handle(MeterReported("m", 1, 101, (sample,)), at(seconds))

    running = one.session(one.plugs[1])
    assert running is not None
    assert running.power_kw == 6.0  # 1 kWh in 10 min


def test_a_running_transaction_nobody_knows_is_taken_over_from_its_meter():
    one = station()

    sample = MeterSample(T0, power_kw=5.0, register_kwh=50.0)
    outputs = one.handle(MeterReported("m", 1, 4711, (sample,)), T0)

    running = one.session(one.plugs[1])
    assert running is not None
    assert running.transaction_id == 4711
    assert "session_started" in kinds(outputs)


def test_a_stop_without_a_number_of_ours_ends_the_one_that_runs():
    one = station()
    one.handle(started(), T0)

    outputs = one.handle(TransactionEnded("e", -1, 4.0, at(600), "Local"), at(600))

    assert outputs[0] == AnswerEmpty("e", "StopTransaction")
    assert kinds(outputs) == ["session_ended"]


def test_an_unknown_stop_is_answered_all_the_same():
    outputs = station().handle(TransactionEnded("e", -1, 4.0, T0, "Local"), T0)

    assert outputs == [AnswerEmpty("e", "StopTransaction")]


def test_a_second_stop_changes_nothing():
    one = station()
    one.handle(started(), T0)
    one.handle(TransactionEnded("e", 101, 4.0, at(600), "Local"), at(600))

    again = one.handle(TransactionEnded("f", 101, 5.0, at(604), "Local"), at(604))

    assert again == [AnswerEmpty("f", "StopTransaction")]


def test_no_station_can_stop_anothers_transaction():
    there = site()
    number = there.plug_in("S0", "TAG-0")

    there.say("S1", TransactionEnded("e", number, 1.0, at(60), "Local"))

    assert there.control.stations["S0"].session(there.control.stations["S0"].plugs[1]) is not None


def test_small_talk_is_answered_in_kind():
    one = station()

    assert one.handle(HeartbeatAsked("h"), T0) == [AnswerHeartbeat("h", T0)]
    assert one.handle(NoticeGiven("d", "DataTransfer"), T0) == [AnswerEmpty("d", "DataTransfer")]
    assert one.handle(TokenOffered("a", "tag-0"), T0) == [AnswerToken("a", is_accepted=True)]


def test_transactions_of_an_earlier_process_go_on():
    first = station()
    first.handle(started(), T0)
    second = station()

    second.restore([replace(one) for one in first.transactions.all_running()])

    assert second.handle(started(call_id="again"), at(50)) == [
        AnswerStart("again", 101, is_accepted=True)
    ]
