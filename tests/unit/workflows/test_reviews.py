"""What was charged and what it cost, in totals that can be added up by hand."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from depotlib.errors import ModelError, RecordMissingError, StoreMissingError
from depotlib.settings import Settings
from depotlib.store.catalogue import save_tariff_record
from depotlib.workflows.review_demand import list_tariffs, review_demand, stored_tariff
from depotlib.workflows.review_sessions import list_sites, review_sessions
from tests.tariff_cases import record
from tests.unit.store.samples import MIDNIGHT, after, import_sessions, session

SAVED = datetime(2026, 12, 1, tzinfo=UTC)
# samples.MIDNIGHT is 2 November 2026, 00:00 UTC.


@pytest.fixture
def settings(tmp_path):
    """Return a store of two sites; 10.5 kWh each at 7 kW is 1.5 h from plug-in."""
    settings = Settings(home=tmp_path)
    import_sessions(
        settings.warehouse_path,
        session("a", row=1, plug_end=after(hours=8), energy_wall_kwh=10.5),
        session(
            "b", row=2, plug_start=after(hours=1), plug_end=after(hours=5), energy_wall_kwh=10.5
        ),
        session("open", row=3, plug_start=after(hours=6), plug_end=None, energy_wall_kwh=None),
        session("none", row=4, plug_start=after(hours=7), plug_end=after(hours=8),
                energy_wall_kwh=0.0),
        session("far", row=5, site="York", energy_wall_kwh=99.0),
    )  # fmt: skip
    text = json.dumps(record(utility="Acme", name="flat", flatdemandstructure=[[{"rate": 15}]]))
    save_tariff_record(settings.warehouse_path, text, tariff_id="test", saved_at=SAVED)
    return settings


def leeds(settings, **changes):
    choices = {"site": "Leeds", "tariff_id": "test", "time_zone": "Etc/GMT+5", "max_kw": 7.0}
    return review_demand(settings, **(choices | changes))


def test_sessions_add_up_and_what_they_do_not_say_is_counted(settings):
    review = review_sessions(settings, site="Leeds")

    assert review.count == review.sessions.height == 4
    assert review.energy_kwh == 21.0
    assert review.plugged_h == 8 + 4 + 1
    assert (review.without_end, review.without_energy) == (1, 2)
    assert (review.first, review.last) == (MIDNIGHT, after(hours=7))


def test_a_span_holds_whoever_was_plugged_in_during_it(settings):
    review = review_sessions(settings, site="Leeds", start=after(hours=6), end=after(hours=7))

    # b left at 5 o'clock, and the last one comes at 7, which the span no longer holds.
    assert review.sessions["session_key"].to_list() == ["a", "open"]


def test_a_site_without_sessions_adds_up_to_nothing(settings):
    review = review_sessions(settings, site="nowhere")

    assert (review.count, review.energy_kwh, review.plugged_h) == (0, 0.0, 0.0)
    assert (review.first, review.last) == (None, None)


def test_sites_are_those_with_sessions_and_none_without_a_store(settings, tmp_path):
    assert list_sites(settings) == ["Leeds", "York"]
    assert list_sites(Settings(home=tmp_path / "nothing")) == []
    with pytest.raises(StoreMissingError):
        review_sessions(Settings(home=tmp_path / "nothing"))


def test_demand_is_billed_where_sessions_overlap(settings):
    review = leeds(settings)

    # a draws 7 kW from 00:00 to 01:30 UTC, b from 01:00 to 02:30: 14 kW from 01:00 on
    assert (review.peak_kw, review.peak_at) == (14.0, after(hours=1))
    # 00:00 to 05:00 UTC on 2 November is still the 1st at UTC-5: one November.
    (bill,) = review.bills
    assert review.demand_amount == Decimal(15) * 14
    assert review.energy_amount == pytest.approx(Decimal("2.10"))  # 21 kWh at 0.10
    assert review.total_amount == bill.total
    assert (review.tariff_name, review.currency) == ("Acme: flat", "USD")
    assert "at 7 kW" in review.assumption


def test_energy_spread_over_the_stay_makes_a_lower_peak_and_the_same_energy(settings):
    review = leeds(settings, shape="spread")

    # 10.5 kWh in 8 h and 10.5 kWh in 4 h
    assert review.peak_kw == pytest.approx(10.5 / 8 + 10.5 / 4)
    assert review.energy_amount == pytest.approx(Decimal("2.10"))
    assert "spread evenly" in review.assumption


def test_tariffs_are_listed_by_utility_and_name(settings):
    assert list_tariffs(settings) == {"test": "Acme: flat"}
    assert stored_tariff(settings, "test").name == "flat"


def test_what_cannot_be_reviewed_is_told(settings):
    with pytest.raises(RecordMissingError, match="no sessions of 'nowhere'"):
        leeds(settings, site="nowhere")
    with pytest.raises(RecordMissingError, match="tariff"):
        leeds(settings, tariff_id="nowhere")
    with pytest.raises(ModelError, match="cannot be charged at 0"):
        leeds(settings, max_kw=0.0)
