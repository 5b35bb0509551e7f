"""Bills that others published, as tests/data/tariffs/known_answers.json states them."""

import csv
import json
from decimal import Decimal

import numpy as np
import pytest

from depotlib.tariffs.bill import bill_months
from tests.bill_comparison import CENT, TOLERANCE, amounts_of, bills_of_year
from tests.tariff_cases import STANDARD_TIME, tariff
from tests.tariff_samples import COMMERCIAL, DAYS, FOLDER, interval_s, year_kw, year_load

HOURS = 24


@pytest.fixture(scope="module")
def published():
    answers = json.loads((FOLDER / "known_answers.json").read_text(encoding="utf-8"))
    return {answer["id"]: answer for answer in answers}


def test_tiered_demand_by_the_hour_costs_what_ssc_publishes(published):
    with (FOLDER / "ssc_commercial_demand_expected.csv").open(encoding="utf-8") as file:
        months = list(csv.DictReader(file))

    bills = bills_of_year("ssc_commercial_demand_rate.json", year_kw(COMMERCIAL))

    answer = published["ssc_commercial_demand"]["published"]
    total = sum(bill.total for bill in bills)
    assert abs(total - Decimal(str(answer["annual_total_usd"]))) <= Decimal(
        str(answer["tolerance"])
    )
    for bill, month in zip(bills, months, strict=True):
        found = amounts_of(bill)
        for name, column in {
            "energy": "energy_usd",
            "fixed": "fixed_usd",
            "demand": "tou_demand_usd",
            "total": "total_usd",
        }.items():
            assert abs(found[name] - Decimal(month[column])) <= TOLERANCE, (month["month"], name)
        peaks = [line.quantity for line in bill.lines if line.unit == "kW"]
        assert max(peaks).quantize(CENT) <= Decimal(month["peak_kw"]) + CENT


def test_a_ratchet_of_35_percent_costs_what_reopt_publishes(published):
    answer = published["reopt_ratchet_35pct"]
    seasonal = tariff(
        flatdemandstructure=[[{"rate": 10.50}], [{"rate": 11.50}]],
        # 10.50 in January to April, November and December; 11.50 in May to October.
        flatdemandmonths=[0] * 4 + [1] * 6 + [0] * 2,
        lookbackpercent=0.35,
        lookbackmonths=[1] * 12,
        lookbackrange=0,
        demandwindow=60,
    )
    power_kw = np.ones(DAYS * HOURS)
    power_kw[8] = 100.0

    bills = bill_months(
        seasonal, year_load(power_kw), interval_s=interval_s(power_kw), time_zone=STANDARD_TIME
    )

    demand = [[line for line in bill.lines if line.family == "demand"] for bill in bills]
    billed_kw = [sum(line.quantity for line in lines) for lines in demand]
    assert billed_kw == answer["billing_demand_kw"]
    assert sum(bill.family_total("demand") for bill in bills) == Decimal(
        str(answer["published"]["annual_demand_usd"])
    )


def test_monthly_energy_tiers_cost_what_reopt_publishes(published):
    # 0-1,000 kWh a month at 0.07531 + 0.0119 $/kWh, above at 0.09613 + 0.0119; 24,000 kWh a year.
    tiered = tariff(
        energyratestructure=[
            [{"rate": 0.07531, "adj": 0.0119, "max": 1000}, {"rate": 0.09613, "adj": 0.0119}]
        ]
    )
    power_kw = np.full(DAYS * HOURS, 24_000 / (DAYS * HOURS))

    bills = bill_months(
        tiered, year_load(power_kw), interval_s=interval_s(power_kw), time_zone=STANDARD_TIME
    )

    annual = Decimal(str(published["reopt_tiered_energy"]["published"]["annual_energy_usd"]))
    # Each line of each month is rounded to the cent.
    assert abs(sum(bill.total for bill in bills) - annual) <= 24 * CENT / 2
