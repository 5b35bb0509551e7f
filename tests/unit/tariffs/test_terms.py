from datetime import UTC, datetime

import pytest

from depotlib.errors import TariffTermsError
from depotlib.model.calendar import zone
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.urdb import tariff_from_urdb
from tests.places import DATA
from tests.tariff_cases import JUNE, STANDARD_TIME, golden, schedule, tariff

NEW_YORK = zone("America/New_York")
REFERENCE = tariff_from_urdb(
    (DATA / "reference_night" / "tariff.json").read_bytes(), where="reference night"
)
# 17:00 to 07:30 local, standard time: the night of data/reference_night.
NIGHT = grid_over(
    datetime(2026, 11, 2, 22, tzinfo=UTC), datetime(2026, 11, 3, 12, 30, tzinfo=UTC), interval_s=900
)
# The last night of June, 20:00 to 04:00 local.
MONTH_END = TimeGrid(start=datetime(2026, 7, 1, 1, tzinfo=UTC), interval_s=900, count=32)
WHOLE_JUNE = grid_over(JUNE.start, JUNE.end, interval_s=900)


def test_the_reference_night_has_two_prices_and_one_peak():
    terms = price_terms(REFERENCE, NIGHT, time_zone=NEW_YORK, nights_per_month=22, sunk_kw=280.0)

    # 17:00 to 21:00 is on-peak: 16 quarter-hours of 58.
    assert terms.energy[0].price_per_kwh == (0.30,) * 16 + (0.10,) * 42
    (peak,) = terms.peaks
    assert (peak.price_per_kw, peak.sunk_kw, len(peak.intervals)) == (15.0, 280.0, 58)
    assert (terms.fixed_amount, terms.energy_factor, terms.currency) == (0.0, 22, "USD")


def test_a_night_across_two_months_has_peaks_and_prices_of_both():
    seasonal = golden(
        flatdemandstructure=[[{"rate": 5}], [{"rate": 20}]],
        flatdemandmonths=[0] * 6 + [1] * 6,
        fueladjustmentsmonthly=[0.0] * 6 + [0.05] * 6,
    )

    terms = price_terms(seasonal, MONTH_END, time_zone=STANDARD_TIME, sunk_kw=70.0)

    first, second = terms.peaks
    assert (first.name, first.price_per_kw, first.sunk_kw) == ("Flat demand, 2026-06", 5.0, 70.0)
    # A new billing period begins at 0.
    assert (second.name, second.price_per_kw, second.sunk_kw) == ("Flat demand, 2026-07", 20.0, 0.0)
    assert first.intervals + second.intervals == tuple(range(32))
    assert terms.energy[0].price_per_kwh == pytest.approx((0.10,) * 16 + (0.15,) * 16)
    # Only the month of the start is charged: 100 $.
    assert terms.fixed_amount == 100.0


def test_fixed_charges_count_every_month_that_is_covered_whole():
    quarter = grid_over(JUNE.start, datetime(2026, 9, 10, 5, tzinfo=UTC), interval_s=3600)
    daily = golden(fixedchargefirstmeter=3, fixedchargeunits="$/day")

    terms = price_terms(daily, quarter, time_zone=STANDARD_TIME)

    # June, July, August: 92 days; September is in part.
    assert terms.fixed_amount == 92 * 3


def test_peak_terms_name_only_periods_that_occur():
    evening = tariff(
        demandratestructure=[[{"rate": 5}], [{"rate": 20}], [{"rate": 99}]],
        demandweekdayschedule=schedule(range(16, 21)),
        demandweekendschedule=schedule(range(16, 21)),
    )

    terms = price_terms(evening, NIGHT, time_zone=NEW_YORK, sunk_kw={"TOU demand, period 2": 40.0})

    assert [(term.name, term.price_per_kw, term.sunk_kw) for term in terms.peaks] == [
        ("TOU demand, period 1", 5.0, 0.0),
        ("TOU demand, period 2", 20.0, 40.0),
    ]
    assert terms.peaks[1].intervals == tuple(range(16))


def test_rising_demand_tiers_are_steps_above_their_edges():
    rising = tariff(flatdemandstructure=[[{"rate": 0, "max": 15}, {"rate": 9}]])

    terms = price_terms(rising, NIGHT, time_zone=NEW_YORK)

    (peak,) = terms.peaks
    assert (peak.name, peak.price_per_kw, peak.floor_kw) == ("Flat demand, tier 2", 9.0, 15.0)
    # What the floor of 15 kW would cost is taken back.
    assert terms.fixed_amount == -135.0


def test_falling_demand_tiers_are_one_term_that_meets_at_its_edges():
    falling = tariff(flatdemandstructure=[[{"rate": 9, "max": 15}, {"rate": 5}]])

    (term,) = price_terms(falling, NIGHT, time_zone=NEW_YORK).peaks

    # 10 kW: 10 x 9; 40 kW: 15 x 9 + 25 x 5
    assert [term.amount_of(peak_kw) for peak_kw in (10.0, 15.0, 40.0)] == [90.0, 135.0, 260.0]


def test_energy_tiers_are_a_block_term_above_the_first_price():
    tiered = tariff(energyratestructure=[[{"rate": 0.12, "max": 20_000}, {"rate": 0.08}]])

    terms = price_terms(tiered, WHOLE_JUNE, time_zone=STANDARD_TIME, used_kwh=500.0)

    (block,) = terms.blocks
    assert set(terms.energy[0].price_per_kwh) == {0.12}
    assert block.edges_kwh == (20_000.0,)
    assert block.prices_per_kwh == pytest.approx((0.0, -0.04))
    assert block.start_kwh == 500.0


def test_energy_tiers_that_differ_by_hour_are_refused():
    mixed = tariff(
        energyratestructure=[[{"rate": 0.12, "max": 500}, {"rate": 0.08}], [{"rate": 0.3}]],
        energyweekdayschedule=schedule(range(16, 21)),
        energyweekendschedule=schedule(range(16, 21)),
    )

    with pytest.raises(TariffTermsError, match="tiers differ"):
        price_terms(mixed, NIGHT, time_zone=NEW_YORK)


def test_the_minimum_charge_is_told_beside_the_terms():
    terms = price_terms(
        golden(mincharge=250), WHOLE_JUNE, time_zone=STANDARD_TIME, nights_per_month=1
    )

    assert terms.minimum_amount == 250.0


def test_a_grid_finer_than_the_demand_window_is_refused():
    hourly = golden(demandwindow=60)

    with pytest.raises(TariffTermsError, match="3600 s"):
        price_terms(hourly, NIGHT, time_zone=NEW_YORK)


@pytest.mark.parametrize("arguments", [{"nights_per_month": 0.0}, {"sunk_kw": {"Demand": 3.0}}])
def test_what_the_terms_cannot_mean_is_refused(arguments):
    with pytest.raises(TariffTermsError):
        price_terms(REFERENCE, NIGHT, time_zone=NEW_YORK, **arguments)
