"""The joint minimum of §14a EnWG: what a group behind one energy manager keeps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import ModelError
from depotlib.model.grid_limit import GridLimit
from depotlib.model.joint_minimum import (
    controllable_devices,
    group_minimum_kw,
    guaranteed_kw,
    joint_minimum_kw,
)
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING


@pytest.mark.parametrize(
    ("devices", "minimum_kw"),
    [
        # 4.2 + (n - 1) x factor x 4.2, factors of annex 1 of BK6-22-300.
        (1, 4.2),
        (2, 7.56),  # 4.2 + 1 x 0.80 x 4.2
        (3, 10.5),  # 4.2 + 2 x 0.75 x 4.2
        (4, 13.02),  # 4.2 + 3 x 0.70 x 4.2
        (5, 15.12),  # 4.2 + 4 x 0.65 x 4.2
        (6, 16.8),  # 4.2 + 5 x 0.60 x 4.2
        (7, 18.06),  # 4.2 + 6 x 0.55 x 4.2
        (8, 18.9),  # 4.2 + 7 x 0.50 x 4.2
        (9, 19.32),  # 4.2 + 8 x 0.45 x 4.2
        (12, 24.99),  # 4.2 + 11 x 0.45 x 4.2
        (40, 77.91),  # 4.2 + 39 x 0.45 x 4.2: the figure of the drill
    ],
)
def test_a_group_keeps_what_the_clause_says(devices: int, minimum_kw: float):
    assert joint_minimum_kw(devices) == pytest.approx(minimum_kw, abs=1e-9)


def test_a_further_device_never_takes_from_the_group():
    minimums_kw = [joint_minimum_kw(devices) for devices in range(1, 200)]

    assert minimums_kw == sorted(minimums_kw)


def test_a_group_of_no_device_is_refused_with_what_to_do():
    with pytest.raises(ModelError, match="0 devices") as caught:
        joint_minimum_kw(0)

    assert "limit_kw" in caught.value.hint


def test_only_charge_points_above_the_threshold_count():
    depot = samples.depot()
    weak = samples.station("AC-03", max_kw=3.7)
    mixed = replace(depot, stations=(*depot.stations, weak))

    # Two stations of 11 kW on the panel, one of 3.7 kW that the rule does not know.
    assert controllable_devices(mixed) == 2
    assert controllable_devices(mixed, "panel") == 2
    assert group_minimum_kw(mixed) == pytest.approx(7.56)


def test_a_limit_of_the_grid_operator_names_what_the_group_keeps():
    limit = GridLimit(
        limit_id="dim",
        node_id="charging",
        start=EVENING,
        end=EVENING + timedelta(hours=1),
        limit_kw=5.0,
        source="enwg_14a",
        reference="",
        given_by="operator",
        given_at=EVENING,
    )

    assert guaranteed_kw(limit, samples.depot()) == pytest.approx(7.56)
    assert guaranteed_kw(replace(limit, source="utility"), samples.depot()) is None
