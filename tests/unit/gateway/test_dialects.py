"""What a station was found to need is kept; what others left in it is cleared when it shows."""

import pytest

from depotlib.errors import FrameError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.calls import ClearProfiles
from depotlib.gateway.guard import read_frame
from depotlib.gateway.messages import Booted, Connected, Disconnected, InstallProfile, Replied
from depotlib.gateway.profiles import Period
from depotlib.gateway.quirks import KEY_LEVELS, KEY_PERIODS, KEY_UNITS, QUIRKS, dialect_of
from tests.gateway_cases import MAX_KW, SAFE_KW, T0, at, night, site, small_site

STATION = small_site().depot.stations[0]


def refuses_levels(_station_id, call):
    is_high = isinstance(call, InstallProfile) and call.profile.stack_level > 0
    return "Rejected" if is_high else "Accepted"


def found_out():
    """A site whose stations refuse every level above 0, until that is found out."""
    there = site(small_site(stations=1))
    there.says = refuses_levels
    there.come_up()
    there.control.apply_release(night({"S0/1": [11.0] * 40}))
    for _ in range(6):
        there.wait(61)
    return there


def dialect(**found):
    return dialect_of(STATION, make=("", ""), reported={}, found=found)


def test_what_was_found_out_survives_a_restart(tmp_path):
    there = found_out()
    brief = small_site(stations=1)
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        book = Book(mailbox, mailbox.claim_generation(T0))
        assert book.write(as_if_new(there))

        left = heritage_of(mailbox, brief)

    again = site(brief, heritage=left)
    assert [one.changes for one in left.dialects] == [
        {"lease_level": 0, "uses_transaction_profile": False}
    ]
    assert again.control.stations["S0"].arming.dialect.lease_level == 0


def as_if_new(there):
    """The effects by which the control would keep what it knows, as if it were new."""
    there.control.dialects = type(there.control.dialects)(there.control.stations)
    return there.control.dialects.follow(there.control.stations["S0"], now=at(0))


def test_what_was_found_out_is_told_once():
    there = found_out()

    told = [one.payload for one in there.journal if one.kind == "dialect_found"]

    # The other unit was tried first, in vain.
    assert [(one.get("unit"), one.get("lease_level")) for one in told] == [("W", None), (None, 0)]


def test_another_firmware_is_tried_anew():
    there = found_out()

    there.say("S0", Booted("b", "maker", "model", firmware="2"))

    assert there.control.stations["S0"].arming.dialect == dialect()


def test_the_same_firmware_keeps_it():
    there = found_out()

    there.say("S0", Booted("b", "maker", "model"))

    assert there.control.stations["S0"].arming.dialect.lease_level == 0


def test_a_make_goes_before_what_is_told_and_what_was_found_before_the_make():
    told = {KEY_UNITS: "Power", KEY_PERIODS: "6"}

    known = dialect_of(STATION, make=("go-e", "Charger"), reported=told, found={})
    found = dialect_of(STATION, make=("go-e", "Charger"), reported=told, found={"unit": "W"})

    assert (known.unit, known.max_periods) == ("A", 6)
    assert found.unit == "W"


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk.vendor} {quirk.model}")
def test_every_known_make_has_a_source_and_changes_something(quirk):
    known = dialect_of(STATION, make=(quirk.vendor, quirk.model), reported={}, found={})

    assert quirk.source
    assert all(getattr(known, name) == value for name, value in quirk.changes.items())


def test_a_maximum_that_is_refused_is_not_asked_for_again():
    there = site(small_site(stations=1))
    there.says = lambda _id, call: "Rejected" if _is_maximum(call) else "Accepted"
    there.come_up()

    there.say("S0", Disconnected())
    before = len(there.sent)
    there.say("S0", Connected("1.6"))
    there.wait(5)

    assert [call for _, _, call in there.sent[before:] if _is_maximum(call)] == []


def _is_maximum(call):
    return isinstance(call, InstallProfile) and call.profile.purpose == "station_maximum"


def test_a_make_that_forgets_offline_is_reckoned_at_its_maximum_only_then():
    there = site(small_site(stations=1))
    there.say("S0", Connected("1.6"))
    there.say("S0", Booted("b", "go-e", "Charger"))
    trust = there.control.ledger.trust["S0"]
    assert trust.station_class == "A"

    there.say("S0", Disconnected())
    assert trust.station_class == "C"

    there.say("S0", Connected("1.6"))
    assert trust.station_class == "A"


# --- what is learned late -----------------------------------------------------------------


def leased(**facts):
    """A site whose station tells its capabilities only after its first lease was acknowledged."""
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [11.04] * 8}))
    there.pump()
    assert there.held_kw("S0/1") == pytest.approx(11.04, abs=0.07)  # 0.1 A x 3 x 230 V
    there.wait(10)
    before = len(there.sent)
    there.say("S0", Replied("capabilities", "accepted", facts=facts))
    return there, before


def profiles(there, before=0):
    return [call.profile for _, _, call in there.sent[before:]]


def test_a_unit_told_after_the_first_lease_is_spoken_at_once_safe_limit_first():
    there, before = leased(**{KEY_UNITS: ' "Power"'})

    there.pump()

    # 4.14 kW and 22.08 kW of the station, then the plan's 11.04 kW in whole tenths of amperes, in W.
    said = [(one.purpose, one.unit, one.periods[0].limit) for one in profiles(there, before)]
    assert [one[:2] for one in said] == [
        ("default", "W"),
        ("station_maximum", "W"),
        ("default", "W"),
    ]
    assert [one[2] for one in said] == pytest.approx([4140.0, 22_080.0, 11_040.0], abs=70.0)
    assert there.control.held("S0/1", there.now).unit == "W"


def test_until_the_safe_limit_is_accepted_in_the_new_unit_the_station_is_reckoned_at_its_maximum():
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [11.04] * 8}))
    there.pump()
    there.wait(10)
    before, there.says = len(there.sent), lambda _id, _call: "silence"

    there.say("S0", Replied("capabilities", "accepted", facts={KEY_UNITS: "Power"}))
    there.pump()

    ledger = there.control.ledger
    assert ledger.trust["S0"].station_class == "C"
    assert ledger.reserved("S0/1").at(there.now.timestamp()) == MAX_KW
    assert [one.profile_id for one in profiles(there, before)] == [2, 1]  # no lease yet
    there.say("S0", Replied("arm", "accepted", "Accepted"))
    there.pump()
    assert ledger.trust["S0"].station_class == "A"
    assert profiles(there, before)[-1].unit == "W"


def test_both_leases_count_until_the_one_in_the_new_unit_is_accepted_and_settled():
    there, _ = leased(**{KEY_UNITS: "Power"})
    ledger, at_s = there.control.ledger, there.now.timestamp()
    there.says = lambda _id, _call: "silence"
    there.control.apply_release(night({"S0/1": [5.0] * 8}, release_id="r2"))

    there.pump()

    assert [one.unit for one in ledger.leases("S0/1")] == ["A", "W"]
    # The higher of them, once: the station holds the one or the other.
    assert ledger.reserved("S0/1").at(at_s) == pytest.approx(11.04, abs=0.07)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({KEY_PERIODS: "1"}, lambda one: len(one.periods) == 1),
        ({KEY_LEVELS: "0"}, lambda one: one.stack_level == 0 and one.valid_to is None),
    ],
)
def test_fewer_periods_or_levels_told_late_bring_the_lease_again_and_not_the_safe_limit(
    facts, told
):
    there, before = leased(**facts)

    there.pump()

    assert [one.profile_id for one in profiles(there, before)] == [11]
    assert told(profiles(there, before)[0])


def test_what_changes_nothing_is_no_reason_to_say_anything_again():
    there, before = leased(**{KEY_UNITS: "Current,Power", KEY_LEVELS: "3", KEY_PERIODS: "48"})

    there.pump()

    assert profiles(there, before) == []


def test_a_new_unit_that_is_refused_leaves_the_old_one():
    there = site(small_site(stations=1)).come_up()
    there.says = lambda _id, call: "Rejected" if _is_in_watts(call) else "Accepted"

    there.say("S0", Replied("capabilities", "accepted", facts={KEY_UNITS: "Power"}))
    there.wait(61)

    assert there.control.stations["S0"].arming.dialect.unit == "A"
    assert there.control.ledger.trust["S0"].station_class == "A"
    assert profiles(there)[-1].unit == "A"


def _is_in_watts(call):
    return isinstance(call, InstallProfile) and call.profile.unit == "W"


# --- what others left ---------------------------------------------------------------------


def told(there, amps, reference="verify-arm S0/1"):
    """Say what the composite schedule of S0 is; return what is cleared then."""
    calls = []
    says, there.says = there.says, lambda _id, call: (calls.append(call), "silence")[1]
    periods = (Period(0, round(amps * 10)),)
    there.say("S0", Replied(reference, "accepted", "Accepted", periods=periods, unit="A"))
    there.says = says
    return [call for call in calls if isinstance(call, ClearProfiles)]


def armed(levels="3"):
    there = site(small_site(stations=1)).come_up()
    facts = {KEY_LEVELS: levels}
    there.say("S0", Replied("capabilities", "accepted", facts=facts))
    return there


def test_a_limit_above_the_safe_one_is_somebody_elses_and_is_cleared_once_on_a_connection():
    there = armed()

    first, second = told(there, 16.0), told(there, 16.0)

    assert {(one.stack_level, one.connector) for one in first} == {(2, None), (3, None), (0, 1)}
    assert second == []
    there.say("S0", Disconnected())
    there.say("S0", Connected("1.6"))
    assert told(there, 16.0)


def test_the_safe_limit_itself_is_nobody_elses():
    assert told(armed(), 6.0) == []


@pytest.mark.parametrize(("amps", "is_cleared"), [(8.0, True), (15.9, False), (20.0, True)])
def test_a_lease_that_is_told_higher_or_much_lower_is_outranked(amps, is_cleared):
    there = armed()
    there.control.apply_release(night({"S0/1": [11.0] * 8}))  # 15.9 A on three phases
    there.pump()
    there.wait(10)

    assert bool(told(there, amps, reference="verify 1 S0/1")) == is_cleared


def test_after_clearing_nobody_is_trusted_before_the_safe_limit_is_in_place_again():
    there = armed()
    told(there, 16.0)
    before = len(there.sent)
    there.says = lambda _id, _call: "silence"

    there.say("S0", Replied("foreign last", "accepted"))
    assert there.control.ledger.trust["S0"].station_class == "C"
    there.wait(1)

    first = there.sent[before][2].profile
    assert (first.purpose, first.stack_level, first.connector) == ("default", 0, 0)
    assert first.periods[0].limit == 6.0  # A: 4.14 kW / (3 x 230 V)
    assert SAFE_KW == 4.14


# --- blanks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ('[2,"1","A",{"n":,"m":1}]', {"n": None, "m": 1}),
        ('[2,"1","A",{"m":1,"n": }]', {"m": 1, "n": None}),
        ('[2,"1","A",{"t":"x:,y:}","n":,"u":"\\":,"}]', {"t": "x:,y:}", "n": None, "u": '":,'}),
    ],
)
def test_a_blank_value_is_none_and_texts_stay_as_they_are(text, payload):
    assert read_frame(text).payload == payload


@pytest.mark.parametrize("text", ['[2,"1","A",{"n":,,}]', '[2,"1","A",{:,}]', '[2,"1","A",{"n":,]'])
def test_what_is_broken_otherwise_stays_so(text):
    with pytest.raises(FrameError, match="not JSON"):
        read_frame(text)
