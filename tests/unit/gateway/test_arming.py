"""Where the safe limit of a station lies, and that it never lies nowhere."""

from dataclasses import dataclass, field

import pytest

from depotlib.gateway.arming import Arming
from depotlib.gateway.calls import ClearProfiles, InstallProfile, ReadConfiguration
from depotlib.gateway.messages import Replied
from depotlib.gateway.quirks import KEY_LEVELS, first_dialect
from depotlib.model.depot import ChargingStation, Connector, Evse
from tests.gateway_cases import T0, at

SAFE_KW, MAX_KW = 8.28, 44.16  # 6 A and 32 A on three phases of 230 V, twice
PAIR = ChargingStation(
    station_id="S",
    circuit_id=None,
    pool="ac",
    current_type="AC",
    max_kw=MAX_KW,
    safe_limit_kw=SAFE_KW,
    evses=tuple(Evse(n, (Connector(f"S/{n}", n, MAX_KW / 2),)) for n in (1, 2)),
    phases=3,
)


@dataclass
class StrictStation:
    """A 2.x station with two EVSEs that keeps so many levels, by the letter of K01."""

    top_level: int = 0
    takes_cap: bool = True
    is_silent_to: str = ""
    held: dict[int, tuple[str, int, int, float]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def answer(self, call):
        """Return what it answers; what it is silent to, it has not heard."""
        if call.reference == self.is_silent_to:
            return Replied(call.reference, "unknown", note="no answer in time")
        facts = {}
        note = "Accepted"
        if isinstance(call, InstallProfile):
            self.said.append(call.reference)
            note = self._installed(call.profile)
        elif isinstance(call, ClearProfiles):
            assert (call.purpose, call.stack_level) == ("default", 0)
            self.said.append("clear")
            kept = {i: one for i, one in self.held.items() if one[0] != "default"}
            note, self.held = "Accepted" if len(kept) < len(self.held) else "Unknown", kept
        elif isinstance(call, ReadConfiguration):
            facts = {KEY_LEVELS: str(self.top_level)}
        outcome = "accepted" if note == "Accepted" else "rejected"
        return Replied(call.reference, outcome, note=note, facts=facts)

    def _installed(self, profile):
        if profile.stack_level > self.top_level:
            return "Rejected InvalidStackLevel"
        if profile.purpose == "station_maximum" and not self.takes_cap:
            return "Rejected UnsupportedParam"
        if any(
            (purpose, level) == (profile.purpose, profile.stack_level)
            and number != profile.profile_id
            and (evse == 0) != (profile.connector == 0)
            for number, (purpose, evse, level, _) in self.held.items()
        ):
            return "Rejected Duplicate"  # K01.FR.52 and 53
        place = (profile.connector, profile.stack_level, profile.periods[0].limit)
        self.held[profile.profile_id] = (profile.purpose, *place)
        return "Accepted"

    def limit_a(self, evse):
        """Return what holds on an EVSE: its own default, else the station's, else the cap [A]."""
        mine = [
            limit
            for purpose, place, _, limit in self.held.values()
            if purpose == "default" and place in {0, evse}
        ]
        caps = [limit for purpose, *_, limit in self.held.values() if purpose == "station_maximum"]
        return min([*mine, *caps], default=float("inf"))


def arm(arming, station, *, since_s=0, until_s=30):
    """Carry what arming asks to the station, second by second, and look at its limits."""
    for second in range(since_s, until_s):
        calls = arming.calls(at(second))
        while calls:
            for call in calls:
                was_held = max(station.limit_a(1), station.limit_a(2)) < 64.0
                arming.replied(station.answer(call), now=at(second))
                is_held = max(station.limit_a(1), station.limit_a(2)) < 64.0
                assert is_held or not was_held, f"{call.reference} took the last limit away"
            calls = arming.calls(at(second))


def connected(*, version="2.0.1"):
    arming = Arming(PAIR, first_dialect(PAIR))
    arming.connected(T0, version=version)
    return arming


def test_a_station_of_several_levels_has_its_safe_limit_as_a_whole():
    arming, station = connected(), StrictStation(top_level=3)

    arm(arming, station)

    assert arming.is_armed
    assert station.said == ["arm", "maximum"]


def test_a_station_of_one_level_gets_its_safe_limit_on_each_evse():
    arming, station = connected(), StrictStation()

    arm(arming, station)

    assert arming.is_armed
    # First as a whole, since nothing is known yet; then it is held while that is cleared.
    assert station.said == [
        "arm", "maximum", "arm 1", "arm 2", "maximum", "cap", "clear", "arm 1", "arm 2", "maximum",
    ]  # fmt: skip
    defaults = {number: one[1:] for number, one in station.held.items() if one[0] == "default"}
    # Ids of the leases, which take their place; 8.28 kW / 2 / (3 x 230 V) = 6 A
    assert defaults == {11: (1, 0, 6.0), 12: (2, 0, 6.0)}
    # 44.16 kW / (3 x 230 V) = 64 A: the cap is lifted again
    assert [one[3] for one in station.held.values() if one[0] == "station_maximum"] == [64.0]


def test_a_station_that_comes_back_gets_it_there_at_once():
    arming, station = connected(), StrictStation()
    arm(arming, station)
    arming.disconnected()
    station.said.clear()

    arming.connected(at(60), version="2.0.1")
    arm(arming, station, since_s=60, until_s=90)

    assert arming.is_armed
    assert station.said == ["arm 1", "arm 2", "maximum"]


def test_until_each_evse_has_answered_nothing_is_known_to_be_in_place():
    arming, station = connected(), StrictStation()
    arm(arming, station)
    arming.connected(at(60), version="2.0.1")

    calls = arming.calls(at(63))
    arming.replied(station.answer(calls[0]), now=at(63))

    assert not arming.is_armed
    arming.replied(station.answer(calls[1]), now=at(63))
    assert arming.is_armed


def test_a_station_that_cannot_be_held_keeps_what_it_has():
    arming, station = connected(), StrictStation(takes_cap=False)

    arm(arming, station)

    assert arming.is_armed
    assert "clear" not in station.said
    assert station.limit_a(1) == station.limit_a(2) == 6.0


@pytest.mark.parametrize("reference", ["arm", "arm 1", "arm 2", "cap"])
def test_a_silence_anywhere_is_asked_again_and_never_taken_for_a_yes(reference):
    arming, station = connected(), StrictStation(is_silent_to=reference)

    arm(arming, station)
    assert not arming.is_armed
    station.is_silent_to = ""
    arm(arming, station, since_s=30, until_s=200)

    assert arming.is_armed
    assert {one[1] for one in station.held.values() if one[0] == "default"} == {1, 2}
    assert [one[3] for one in station.held.values() if one[0] == "station_maximum"] == [64.0]


def test_strangers_on_the_evses_are_cleared_only_while_the_station_is_held():
    arming, station = connected(), StrictStation(top_level=3)
    station.held[99] = ("default", 1, 0, 32.0)

    arm(arming, station)

    assert arming.is_armed
    assert 99 not in station.held
    assert station.said[-4:] == ["cap", "clear", "arm", "maximum"]


def test_in_1_6_a_default_on_the_station_stands_beside_one_on_a_connector():
    arming, station = connected(version="1.6"), StrictStation()

    arm(arming, station)

    assert arming.is_armed
    assert station.said == ["arm", "maximum"]
