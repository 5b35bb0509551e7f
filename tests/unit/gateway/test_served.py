"""Who has what it needs and no time any more is given nothing; a visitor is given the least."""

from dataclasses import replace

import pytest

from tests.gateway_cases import SAFE_KW, night, site


@pytest.mark.parametrize(("served", "given_kw"), [((), SAFE_KW), (("van-1",), 0.0)])
def test_who_is_served_holds_still_until_somebody_comes(served: tuple[str, ...], given_kw: float):
    there = site().come_up()
    there.control.apply_release(replace(night({"S2/1": [20.0] * 16}), served=served))
    there.plug_in("S1", "TAG-1")
    for _ in range(8):
        there.wait(20)

    # The release has no time for van-1. 4.1 kW are the 6 A that a connector gives at the least.
    assert there.held_kw("S1/1") == pytest.approx(given_kw, abs=0.069)
