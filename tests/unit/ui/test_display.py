"""What a depot's figures are shown in: units, numbers and dates, there and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pytest
import streamlit as st

from depotlib.model.allocation import Allocation, AllocationRules, PartyCost
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod
from depotlib.model.display import SEPARATORS, Display, measure_of
from depotlib.model.fleet import VehicleClass
from depotlib.model.site_file import tables_from_toml
from depotlib.ui import state
from depotlib.ui.bill_tables import split_table
from depotlib.ui.import_tables import shown_table
from depotlib.ui.language import in_language
from depotlib.ui.sheets import rows_of
from depotlib.ui.study_words import all_of, phrase, value_words
from depotlib.ui.tables import as_written, with_days
from depotlib.ui.wording import (
    clock_words,
    counted,
    heading_of,
    in_units,
    kwh,
    local_time,
    money,
    percent,
    shown_value,
    stored_value,
)

AMERICAN = Display(distance="mi", temperature="F", dates="month_first")
GERMAN = Display(numbers="1.234,5")
FRENCH = Display(numbers="1 234,5", dates="iso")
NEW_YORK = ZoneInfo("America/New_York")
AFTERNOON = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)
VAN = {
    "class_id": "van",
    "usable_kwh": 68.0,
    "consumption_kwh_per_km": 0.1 + 0.2,
    "wall_efficiency_share": 0.9,
    "ac_max_kw": 11.0,
    "dc_max_kw": 0.0,
}


@pytest.fixture
def shown_in(monkeypatch):
    """Return what lets this test's pages be of a depot with its own display."""

    def choose(display: Display) -> None:
        monkeypatch.setattr(state, "get_script_run_ctx", lambda **_: SimpleNamespace())
        monkeypatch.setattr(st, "session_state", {})
        state.set_display(display)

    return choose


def test_distances_and_temperatures_go_there_and_back():
    # 1 mile is 1.609344 km by definition; 20 °C are 68 °F.
    consumption, cold = measure_of("consumption_kwh_per_km", AMERICAN), measure_of("a_c", AMERICAN)
    assert consumption is not None
    assert cold is not None

    assert consumption.shown(1.0) == 1.609344
    assert consumption.stored(1.609344) == 1.0
    assert cold.shown(20.0) == 68.0
    assert cold.stored(68.0) == 20.0
    assert measure_of("distance_km", GERMAN) is None
    assert measure_of("usable_kwh", AMERICAN) is None


def test_distances_within_a_yard_are_feet_where_roads_are_in_miles(shown_in):
    shown_in(AMERICAN)

    # A foot is 0.3048 m by definition: 3.048 m are 10 feet, and 1 m is 3.28 feet.
    assert shown_value("east_m", 3.048) == pytest.approx(10.0)
    assert stored_value("east_m", 10.0) == pytest.approx(3.048)
    assert heading_of("east_m", "East (m)") == "East (ft)"
    assert in_units("A/1 and B/1 are 1.0 m apart") == "A/1 and B/1 are 3.3 ft apart"
    assert in_units("in 15 min and 2 months") == "in 15 min and 2 months"


@pytest.mark.parametrize(
    ("display", "energy", "amount", "share", "many"),
    [
        (Display(), "1,234.6 kWh", "6,764.94 USD", "1.2%", "1,200 vans"),
        (GERMAN, "1.234,6 kWh", "6.764,94 USD", "1,2%", "1.200 vans"),
        (FRENCH, "1 234,6 kWh", "6 764,94 USD", "1,2%", "1 200 vans"),
    ],
)
def test_numbers_are_written_as_the_depot_writes_them(
    shown_in, display, energy, amount, share, many
):
    shown_in(display)

    words = [kwh(1234.56), money(6764.94, "USD"), percent(0.0123), counted(1200, "van")]

    assert [one.replace("\u00a0", " ") for one in words] == [energy, amount, share, many]


@pytest.mark.parametrize(
    ("display", "short", "long"),
    [
        (Display(), "Mon 2 Nov 16:45", "Mon 2 Nov 2026, 16:45:00 (UTC-05:00)"),
        (AMERICAN, "Mon Nov 2 16:45", "Mon Nov 2, 2026, 16:45:00 (UTC-05:00)"),
        (FRENCH, "Mon 2026-11-02 16:45", "Mon 2026-11-02, 16:45:00 (UTC-05:00)"),
    ],
)
def test_dates_are_told_in_the_depots_form(shown_in, display, short, long):
    shown_in(display)

    assert local_time(AFTERNOON, NEW_YORK) == short
    assert clock_words(AFTERNOON, NEW_YORK) == long


def test_headings_and_texts_are_in_miles_and_fahrenheit(shown_in):
    shown_in(AMERICAN)

    assert heading_of("distance_km", "Distance (km)") == "Distance (mi)"
    assert heading_of("usable_kwh", "Usable battery (kWh)") == "Usable battery (kWh)"
    assert shown_value("distance_km", 160.9344) == pytest.approx(100.0)
    assert stored_value("distance_km", 100.0) == pytest.approx(160.9344)
    # 160.9344 km are 100 miles, 0.31 kWh/km are 0.4989 kWh/mi, 5 °C are 41 °F.
    assert in_units("160.9 km x 0.31 kWh/km x 1.20 at 5 °C = 59.9") == (
        "100.0 mi x 0.50 kWh/mi x 1.20 at 41 °F = 59.9"
    )


def test_a_figure_that_was_left_as_it_was_keeps_every_digit(shown_in):
    shown_in(AMERICAN)
    shown = shown_value("consumption_kwh_per_km", VAN["consumption_kwh_per_km"])
    edited = pd.DataFrame({"class_id": ["van", "bus"], "consumption_kwh_per_km": [shown, 3.218688]})

    kept, typed = rows_of(edited, VehicleClass, before=[VAN])

    assert kept["consumption_kwh_per_km"] == 0.1 + 0.2
    # 3.218688 kWh a mile are 2 kWh a kilometre.
    assert typed["consumption_kwh_per_km"] == pytest.approx(2.0)


def test_a_table_shows_the_depots_numbers_and_sorts_by_their_values(shown_in):
    shown_in(GERMAN)
    frame = pl.DataFrame(
        {"kW": [1234.56, None], "Total (EUR)": [7.0, 8.5], "Text": ["1,234.50", ""]}
    )

    written = as_written(frame)

    html = written.to_html()
    assert all(text in html for text in ("1.234,6", "7,00", "8,50", "1.234,50"))
    assert written.data["kW"][0] == 1234.56


def test_the_site_file_says_what_is_shown_and_refuses_what_nobody_reads():
    text = '[depot]\ndepot_id="a"\nname="A"\ntime_zone="UTC"\n[grid]\nservice_kw=9\noperating_limit_kw=9\n'
    station = '[[station]]\nstation_id="S"\nmax_kw=7\nsafe_limit_kw=1\n'

    tables = tables_from_toml(f'{text}{station}[display]\ndistance="mi"\n', where="a site")

    assert tables.display.display() == replace(Display(), distance="mi")
    assert tables_from_toml(text + station, where="a site").display.display() == Display()
    assert set(SEPARATORS) == {"1,234.5", "1.234,5", "1 234,5"}


def test_a_label_without_a_translation_stays_english_and_keeps_its_unit():
    catalogue = {"Distance": "Strecke"}

    assert in_language("Distance (km)", catalogue) == "Strecke (km)"
    assert in_language("Peak (kW)", catalogue) == "Peak (kW)"


def test_money_is_money_where_each_row_has_a_currency_of_its_own(shown_in):
    shown_in(GERMAN)
    frame = pl.DataFrame({"Bill this month": [6102.9], "Currency": ["USD"]})

    assert "6.102,90" in as_written(frame, amounts=("Bill this month",)).to_html()


@pytest.mark.parametrize(
    ("display", "since", "until"),
    [
        (Display(), "2 Nov 2026, 18:00", "2 Nov 2026, 06:00"),
        (AMERICAN, "Nov 2, 2026, 18:00", "Nov 2, 2026, 06:00"),
        (FRENCH, "2026-11-02, 18:00", "2026-11-02, 06:00"),
    ],
)
def test_local_times_of_a_table_are_the_depots_and_sort_as_they_happened(
    shown_in, display, since, until
):
    shown_in(display)
    frame = pl.DataFrame(
        {
            "From": ["2026-11-02 18:00", "", "2026-10-31 18:00"],
            "Until": ["2026-11-02 06:00", "still plugged in", None],
        }
    )

    told = with_days(frame)

    assert told["From"].sort()[-1] == datetime(2026, 11, 2, 18)
    assert since in as_written(told).to_html()
    # Words stand among them: then they are words, too.
    assert told["Until"].to_list() == [until, "still plugged in", None]


def test_an_imports_distances_and_a_bills_costs_by_distance_are_the_depots(shown_in):
    shown_in(AMERICAN)
    rows = pl.DataFrame({"src_row": [1], "distance_km": [160.9344], "temperature_c": [20.0]})
    cost = PartyCost("van-1", 10.0, {}, Decimal(8), 16.0, Decimal("0.5"), Decimal("0.8"))
    november = BillingPeriod(AFTERNOON, AFTERNOON + timedelta(days=30))
    split = Allocation(Bill(november, "USD", ()), AllocationRules(), (), (cost,))

    read, paid = shown_table(rows, time_zone=NEW_YORK), split_table(split)

    # 160.9344 km are 100 miles, 20 °C are 68 °F.
    assert read.to_dicts() == [
        {"Line": 1, "Distance (mi)": pytest.approx(100.0), "Temperature (°F)": 68.0}
    ]
    assert [one for one in paid.columns if one.startswith("Per")] == ["Per mile (USD)"]
    shown_in(GERMAN)
    assert [one for one in split_table(split).columns if one.startswith("Per")] == ["Per km (USD)"]


def test_what_was_written_for_the_depot_is_not_written_for_it_again(shown_in):
    shown_in(GERMAN)
    frame = pl.DataFrame({"Energy needed (times)": [value_words(1.25), value_words(7.0)]})

    html = as_written(frame).to_html()

    assert "1,25" in html
    assert "1.25" not in html


@pytest.mark.parametrize(
    ("display", "one", "both"),
    [
        (Display(), "4.5 °C outside", "-5 and 4.5 °C outside"),
        # 4.5 °C are 40.1 °F, -5 °C are 23 °F.
        (AMERICAN, "40.1 °F outside", "23 and 40.1 °F outside"),
        (replace(GERMAN, temperature="F"), "40,1 °F outside", "23 and 40,1 °F outside"),
    ],
)
def test_a_studys_temperatures_are_the_depots(shown_in, display, one, both):
    shown_in(display)

    assert phrase("temperature_mean_c", 4.5) == one
    assert all_of("temperature_mean_c", (-5.0, 4.5)) == both
