from datetime import timedelta

import pytest

from depotlib.errors import AllocationError, LoadError
from depotlib.tariffs.use_csv import parties_from_csv, uses_from_csv
from tests.tariff_cases import JUNE_START, QUARTER_S, STANDARD_TIME

USES = """interval_start,vehicle_id,station_id,power_kw
2026-06-01T00:00,a,s1,7
2026-06-01T00:15,a,s1,
2026-06-01T00:00,b,s1,3.5
2026-06-01T00:15,,,20
"""
PARTIES = """id,party,distance_km
a,north,120
b,north,80.5
c,south,
"""


def uses(text):
    return uses_from_csv(
        text.encode(), where="uses.csv", interval_s=QUARTER_S, time_zone=STANDARD_TIME
    )


def test_uses_are_read_with_what_belongs_to_nobody():
    assert uses(USES).sort("power_kw").rows() == [
        (JUNE_START, "b", "s1", 3.5),
        (JUNE_START, "a", "s1", 7.0),
        (JUNE_START + timedelta(minutes=15), None, None, 20.0),
    ]


def test_energy_is_power_over_the_interval_and_one_id_is_enough():
    text = "interval_start,station_id,energy_kwh\n2026-06-01T00:00,s1,2\n"

    # 2 kWh in a quarter of an hour
    assert uses(text).rows() == [(JUNE_START, None, "s1", 8.0)]


@pytest.mark.parametrize(
    "text",
    [
        "interval_start,power_kw\n2026-06-01T00:00,7\n",
        "interval_start,vehicle_id,power_kw\n",
        "interval_start,vehicle_id,power_kw\n2026-06-01T00:00,a,-7\n",
        "interval_start,vehicle_id,power_kw\n2026-06-01T00:00,a,seven\n",
        "interval_start,vehicle_id,power_kw\n2026-06-01T00:00,a\n,,,,\n",
    ],
)
def test_what_is_no_table_of_uses_is_refused(text):
    with pytest.raises(LoadError):
        uses(text)


def test_parties_are_read_with_the_distance_of_all_their_vehicles():
    table = parties_from_csv(PARTIES, where="parties.csv")

    assert table.party_by_id == {"a": "north", "b": "north", "c": "south"}
    assert table.distance_by_party_km == {"north": 200.5}


@pytest.mark.parametrize(
    ("old", "new"),
    [("party,", "group,"), ("b,north", "a,north"), ("south", ""), ("80.5", "far"), ("80.5", "-1")],
)
def test_a_table_that_contradicts_itself_is_refused(old, new):
    with pytest.raises(AllocationError):
        parties_from_csv(PARTIES.replace(old, new), where="parties.csv")
