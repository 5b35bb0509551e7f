"""What a station tells of its safe limit after its boot, against what it was sent."""

import pytest

from depotlib.gateway.messages import Booted, Replied
from depotlib.gateway.profiles import Period
from tests.gateway_cases import SAFE_KW, night, site, small_site


def read_back(there, *amps):
    """Let S0 tell its composite schedule; return what is known of its safe limit then."""
    periods = tuple(Period(900 * at, round(limit_a * 10)) for at, limit_a in enumerate(amps))
    outcome = "accepted" if periods else "rejected"
    there.say("S0", Replied("verify-arm S0/1", outcome, "Accepted", periods=periods, unit="A"))
    return there.control.stations["S0"].plugs[1].safe_limit_told


@pytest.mark.parametrize(
    ("amps", "told"),
    [((6.0,), "as sent"), ((0.0,), "as sent"), ((16.0,), "higher"), ((6.0, 32.0), "higher"),
     ((), "nothing")],
)  # fmt: skip
def test_what_is_told_of_the_safe_limit_is_compared_with_it(amps, told):
    there = site(small_site(stations=1)).come_up()

    assert read_back(there, *amps) == told

    note = [one for one in there.journal if one.kind == "read_back"][-1]
    assert note.payload["safe_limit_kw"] == SAFE_KW
    assert note.payload.get("is_as_sent") == {"as sent": True, "higher": False}.get(told)


@pytest.mark.parametrize(("amps", "told"), [(15.9, "as sent"), (20.0, "higher")])
def test_where_a_lease_is_in_force_it_is_the_lease_that_is_told(amps, told):
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [11.0] * 8}))  # 15.9 A on three phases
    there.pump()

    assert read_back(there, amps) == told


def test_a_boot_begins_anew():
    there = site(small_site(stations=1)).come_up()
    read_back(there, 6.0)
    there.says = lambda _station, _call: "silence"

    there.say("S0", Booted("b", "maker", "model"))

    assert there.control.stations["S0"].plugs[1].safe_limit_told == ""
