"""Stays of the past planned anew: as arrays the same as one by one in a depot of their own."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from depotlib.errors import ProblemError
from depotlib.model.calendar import BillingPeriod
from depotlib.model.depot import ChargingStation, Connector, Depot, Evse, GridConnection
from depotlib.model.dwell import Dwell
from depotlib.model.frames import SessionFrame
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.history import dwells_from_sessions, load_at_plug_in
from depotlib.needs.past_stays import past_stays
from depotlib.planning.budget import Budget
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.solve import solve_problem
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.terms import price_terms
from depotlib.workflows.stays_anew import load_planned_anew

ZONE = ZoneInfo("Europe/London")
MAX_KW = 7.2
START = datetime(2020, 8, 27, 12, tzinfo=UTC)
GRID = grid_over(START, START + timedelta(days=10), interval_s=900)


def tariff(*, per_kw: float) -> Tariff:
    """Return a tariff with a dear evening, and a price for the month's peak."""
    day = [0] * 17 + [1] * 4 + [0] * 3
    return tariff_from_document(
        json.dumps(
            {
                "label": "test",
                "name": "test",
                "utility": "Test",
                "energyratestructure": [[{"rate": 0.10}], [{"rate": 0.30}]],
                "energyweekdayschedule": [day] * 12,
                "energyweekendschedule": [[0] * 24] * 12,
                "flatdemandstructure": [[{"rate": per_kw}]],
                "flatdemandmonths": [0] * 12,
            }
        ).encode(),
        where="test.json",
    )


def sessions(rows: Sequence[tuple[str | None, float, float, float | None]]) -> pl.DataFrame:
    """Return sessions: vehicle, plug-in and plug-out in hours from the start, energy in kWh."""
    empty = SessionFrame.create_empty()
    found = pl.DataFrame(
        [
            {
                "session_key": f"{number:03d}",
                "source": "test",
                "station_id": f"CP-{number % 7}",
                "vehicle_id": vehicle_id,
                "plug_start": START + timedelta(hours=begin_h),
                "plug_end": START + timedelta(hours=end_h),
                "energy_wall_kwh": energy_kwh,
                "is_estimated": False,
                "src_file": "test.csv",
                "src_row": number,
            }
            for number, (vehicle_id, begin_h, end_h, energy_kwh) in enumerate(rows)
        ],
        schema_overrides=empty.schema,
    )
    return SessionFrame.validate(pl.concat([empty, found], how="diagonal"), cast=True)


def some_nights() -> pl.DataFrame:
    """Return nine nights of six vans; some of them are there for less than their energy takes."""
    random = np.random.default_rng(8)
    return sessions(
        [
            (
                None if van == 5 else f"van-{van}",
                24 * day + float(random.uniform(4, 7)),
                24 * day + float(random.uniform(8, 18)),
                float(random.uniform(5, 50)),
            )
            for day in range(9)
            for van in range(6)
        ]
    )


def one_by_one_kw(tariff: Tariff, stays: Sequence[Dwell], grid: TimeGrid) -> np.ndarray:
    """Return the load of the general way: every stay a dwell, every dwell a plug of its own."""

    def has_room(stay: Dwell) -> bool:
        whole = grid.interval_of(stay.departure) - grid.first_whole_interval(stay.arrival)
        return whole * grid.interval_h * MAX_KW > stay.energy_target_kwh

    total_kw = MAX_KW * len(stays)
    plugs = [
        Evse(number, (Connector(f"plug/{number}", number, MAX_KW, 0.0),))
        for number in range(1, len(stays) + 1)
    ]
    station = ChargingStation("plugs", None, "plugs", "AC", total_kw, 0.0, tuple(plugs))
    depot = Depot(
        *("plugs", "plugs", "UTC", ""),
        grid=GridConnection(service_kw=total_kw, operating_limit_kw=total_kw),
        circuits=(),
        stations=(station,),
    )
    fixed_kw = load_at_plug_in([s for s in stays if not has_room(s)], grid=grid, max_kw=MAX_KW)
    problem = relaxed_problem(
        [stay for stay in stays if has_room(stay)],
        depot,
        grid=grid,
        prices=price_terms(tariff, grid, time_zone=ZONE),
        base_load_kw=fixed_kw,
    )
    return fixed_kw + solve_problem(problem).powers.by_interval_kw()


def total(tariff: Tariff, load: pl.DataFrame) -> float:
    bills = bill_months(tariff, load, interval_s=900, time_zone=ZONE)
    return float(sum(bill.total for bill in bills))


@pytest.mark.parametrize("per_kw", [0.0, 12.0])
def test_a_plan_of_arrays_costs_what_the_plan_of_dwells_costs(per_kw: float):
    found, charged_by = some_nights(), tariff(per_kw=per_kw)
    dwells = dwells_from_sessions(found, night=BillingPeriod(GRID.start, GRID.end))

    anew = load_planned_anew(
        charged_by, past_stays(found), grid=GRID, time_zone=ZONE, max_kw=MAX_KW
    )

    expected_kw = one_by_one_kw(
        charged_by, [replace(dwell, max_kw=MAX_KW) for dwell in dwells], GRID
    )
    load = anew.load
    expected = load.with_columns(power_kw=pl.Series(expected_kw))
    assert (anew.interval_s, anew.gap_share) == (900, 0.0)
    # Each kWh of the log is charged, and no cent more is paid; ties may stand at other times.
    assert load["power_kw"].sum() / 4 == pytest.approx(found["energy_wall_kwh"].sum(), abs=1e-3)
    assert total(charged_by, load) == pytest.approx(total(charged_by, expected), abs=0.011)


def test_who_is_there_twice_at_once_is_not_planned():
    found = sessions([("van-1", 0, 10, 5.0), ("van-1", 9, 12, 5.0), (None, 0, 9, 5.0)])

    with pytest.raises(ProblemError, match="'van-1' arrives at 2020-08-27 21:00"):
        load_planned_anew(
            tariff(per_kw=0), past_stays(found), grid=GRID, time_zone=ZONE, max_kw=MAX_KW
        )


def test_two_that_nobody_named_may_be_there_at_once():
    found = sessions([(None, 0, 10, 5.0), (None, 0, 10, 5.0), (None, 0, 10, None)])

    anew = load_planned_anew(
        tariff(per_kw=0), past_stays(found), grid=GRID, time_zone=ZONE, max_kw=MAX_KW
    )

    assert anew.load["power_kw"].sum() / 4 == pytest.approx(10.0)


def test_a_plan_that_ran_out_of_time_says_how_far_above_the_cheapest_it_may_be():
    found, charged_by = some_nights(), tariff(per_kw=12.0)
    facts = {"grid": GRID, "time_zone": ZONE, "max_kw": MAX_KW}
    over = Budget(end_s=0.0, timer=lambda: 1.0)

    early = load_planned_anew(charged_by, past_stays(found), **facts, budget=over)

    proven = load_planned_anew(charged_by, past_stays(found), **facts)
    above = total(charged_by, early.load) - total(charged_by, proven.load)
    assert early.gap_share > 0
    # The bound lies below the cheapest plan, so the gap is at least what the early one is above it.
    assert 0 <= above <= early.gap_share * total(charged_by, early.load) + 0.02
    assert early.load["power_kw"].sum() == pytest.approx(proven.load["power_kw"].sum(), abs=1e-2)
