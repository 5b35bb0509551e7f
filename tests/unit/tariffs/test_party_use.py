from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from depotlib.errors import LoadError
from depotlib.model.attribution import BASE_LOAD, UNNAMED
from depotlib.tariffs.party_use import party_use, use_by
from tests.tariff_cases import JUNE, JUNE_START, QUARTER_S, golden, load
from tests.use_cases import june_case, june_kw, june_use, uses


def test_what_nobody_claims_is_base_load():
    case = june_case(golden(), june_kw(100.0, rest=40.0))

    use = june_use(case, {("a", "s1"): [60.0], ("b", "s2"): [10.0, 30.0]})

    assert use.parties == ("a", "b", BASE_LOAD)
    assert use.power_kw[:, :3].T.tolist() == [[60, 10, 30], [0, 30, 10], [0, 0, 40]]
    # 60 x 0.25, 40 x 0.25 kWh
    assert use.energy_kwh(JUNE)[:2].tolist() == [15.0, 10.0]


def test_stations_and_groups_are_parties_too():
    case = june_case(golden(), june_kw(100.0))
    drawn = {("a", "s1"): [60.0], ("b", "s1"): [10.0], (None, "s2"): [5.0], (None, None): [7.0]}

    by_station = june_use(case, drawn, column="station_id")
    by_centre = june_use(case, drawn, parties={"a": "parcels", "x": "other"})

    assert by_station.parties == ("s1", "s2", BASE_LOAD)
    assert by_station.power_kw[:, 0].tolist() == [70, 5, 25]
    # b is in no centre, and the session at s2 names no vehicle.
    assert by_centre.parties == ("parcels", UNNAMED, BASE_LOAD)
    assert by_centre.power_kw[:, 0].tolist() == [60, 15, 25]


def test_parties_that_claim_more_than_the_meter_are_scaled_to_it():
    case = june_case(golden(), june_kw(50.0, 50.0))

    use = june_use(case, {("a", None): [75.0], ("b", None): [25.0]})

    assert use.power_kw[:, 0].tolist() == [37.5, 12.5, 0.0]
    assert use.warnings[0].startswith("in 1 intervals the parties claim more")


def test_use_where_the_load_has_a_gap_is_left_out_and_said():
    case = june_case(golden(), [50.0, None, 50.0])

    use = june_use(case, {("a", None): [8.0, 8.0, 8.0]})

    # The middle quarter-hour: 8 x 0.25.
    assert use.warnings == ("2.0 kWh of the parties fall where the load has no reading: left out",)
    assert use.power_kw.tolist() == [[8.0, 8.0], [42.0, 42.0]]


def test_the_loads_of_parties_stand_beside_each_other():
    case = june_case(golden(), june_kw(50.0, 50.0))
    use = june_use(case, {("a", None): [8.0], ("interval_start", None): [0.0, 4.0]})

    loads = use.loads_of(np.array([True, True, False]))

    assert loads.columns[0] == "interval_start"
    assert [power[:2].to_list() for power in loads.get_columns()[1:]] == [[8.0, 0.0], [0.0, 4.0]]


def test_a_use_between_the_intervals_is_refused():
    shifted = uses({("a", None): [8.0]}).with_columns(
        pl.col("interval_start") + timedelta(minutes=5)
    )

    with pytest.raises(LoadError, match="between the load's intervals"):
        party_use(load([50.0]), use_by("vehicle_id", shifted), interval_s=QUARTER_S)


def test_a_load_without_readings_has_no_parties():
    with pytest.raises(LoadError):
        party_use(
            load([None], start=JUNE_START), use_by("vehicle_id", uses({})), interval_s=QUARTER_S
        )
