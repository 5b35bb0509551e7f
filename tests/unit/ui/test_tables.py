"""Tables in a reader's words."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.plan import AuditReport, Violation
from depotlib.ui.live_tables import journal_table, ledger_table, processes_table, results_table
from depotlib.ui.plan_tables import audit_table, delivered_kwh, load_frame, moves_table
from depotlib.ui.tables import local_text, without_empty
from depotlib.workflows.yard_moves import YardRow
from tests.unit.charts.chart_cases import AMSTERDAM, GRID, START, plan
from tests.unit.exchange.samples import EVENING, node

NEW_YORK = ZoneInfo("America/New_York")


def test_columns_that_say_nothing_are_left_out():
    frame = pl.DataFrame({"a": ["", None], "b": ["x", ""], "c": [None, 1.0], "d": [None, None]})

    assert without_empty(frame).columns == ["b", "c"]


def test_local_times_sort_as_they_happened():
    early = datetime(2026, 11, 2, 23, tzinfo=UTC)

    assert local_text(early, NEW_YORK) == "2026-11-02 18:00"
    assert local_text(None, NEW_YORK) == ""


def test_a_plans_energy_is_its_power_times_its_time():
    # chart_cases.plan: 10 kW and 20 kW for an hour each.
    assert delivered_kwh(plan()) == {"van-1": 10.0, "van-2": 20.0}


def test_the_load_of_several_plans_stands_side_by_side():
    frame = load_frame([plan(), plan("edf")])

    assert frame.columns == ["interval_start", "optimal_kw", "edf_kw"]
    assert frame.height == GRID.count
    assert frame["optimal_kw"].to_list() == [10.0] * 4 + [20.0] * 4


def test_a_yard_sheet_is_in_local_time():
    row = YardRow(START, "van-1", "AC-1/1", "waiting bay")

    (shown,) = moves_table([row], time_zone=AMSTERDAM).to_dicts()

    # 17:00 UTC in November.
    assert shown == {
        "When": "2026-11-02 18:00",
        "Van": "van-1",
        "From": "AC-1/1",
        "To": "waiting bay",
    }


def test_a_broken_check_says_what_broke():
    broken = AuditReport(
        violations=(Violation("site_limit", "19:00", "310 kW where 300 are left"),),
        checks=("site_limit", "bill"),
    )

    verdicts = audit_table(replace(plan(), audit=broken))["Verdict"].to_list()

    assert verdicts == ["broken: 310 kW where 300 are left", "holds"]


def test_what_is_left_of_a_node_is_its_limit_less_all_that_is_taken():
    (row,) = ledger_table([node()]).to_dicts()

    one = node()
    assert row["Left (kW)"] == (one.limit_kw - one.margin_kw - one.base_load_kw - one.reserved_kw)


def test_processes_that_were_never_seen_are_listed_too():
    assert processes_table([], now=EVENING)["State"].to_list() == ["never seen", "never seen"]


def test_tables_of_nothing_have_their_headings():
    assert journal_table([], time_zone=NEW_YORK).height == 0
    assert results_table([], time_zone=NEW_YORK).height == 0
