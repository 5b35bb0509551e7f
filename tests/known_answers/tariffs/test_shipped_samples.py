"""The samples of Europe and Great Britain, billed from files for a flat 100 kW in March 2025.

March 2025 has 743 hours in Berlin and London (the clocks go forward on the 30th): 74,300 kWh.
"""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from depotlib.workflows.bill_load import BillOptions, BillRequest, bill_load
from tests.places import DATA

PRICES = DATA / "prices" / "smard_germany_2025H1.csv"


def billed(name, folder, *, time_zone="Europe/Berlin"):
    start = datetime(2025, 3, 1, tzinfo=ZoneInfo(time_zone)).timestamp()
    stamps = [datetime.fromtimestamp(start, ZoneInfo("UTC")) + timedelta(minutes=15 * step)
              for step in range(743 * 4)]  # fmt: skip
    load = folder / "load.csv"
    load.write_text(
        "interval_start,power_kw\n" + "".join(f"{at.isoformat()},100\n" for at in stamps)
    )
    (bill,) = bill_load(
        BillRequest(
            tariff_path=DATA / "tariffs" / f"{name}.toml",
            load_path=load,
            time_zone=time_zone,
            options=BillOptions(prices_path=PRICES),
        )
    ).bills
    return bill


def test_german_medium_voltage(tmp_path):
    bill = billed("german_medium_voltage_sample", tmp_path)

    # 74,300 kWh in 31 of 365 days at 100 kW are 8,748 h: the pair from 2,500 h on.
    # x 0.077; x 0.0232; 100 x 70.14 x 31 / 365; x 0.0132; x 0.00378; x 0.00437; x 0.00419;
    # x 0.00003; x 0.0205; 19 % of 11,463.57
    assert [str(line.amount) for line in bill.lines] == [
        "5721.10", "1723.76", "595.71", "980.76", "280.85", "324.69", "311.32", "2.23", "1523.15",
        "2178.08",
    ]  # fmt: skip
    assert bill.total == Decimal("13641.65")


def test_german_peak_windows_have_none_in_march(tmp_path):
    bill = billed("german_peak_windows_sample", tmp_path)

    # 74,300 x 0.077 + 74,300 x 0.0232 = 7,444.86; 0 kW; 19 % = 1,414.52
    assert bill.total == Decimal("8859.38")


def test_flemish_capacity(tmp_path):
    bill = billed("flemish_capacity_sample", tmp_path)

    # 100 x 40.40 x 31 / 365 = 343.12; 74,300 x 0.01; 21 % of 1,086.12
    assert [str(line.amount) for line in bill.lines] == ["343.12", "743.00", "228.09"]


def test_british_high_voltage(tmp_path):
    bill = billed("british_high_voltage_sample", tmp_path, time_zone="Europe/London")

    # 21 weekdays: red 63 h, amber 231 h, green the other 449 h, at 100 kWh each:
    # x 0.065, x 0.009, x 0.001; no reactive energy; 500 x 31 x 0.045; 31 x 2.10; 20 % of 1,424.90
    assert [str(line.amount) for line in bill.lines] == [
        "409.50", "207.90", "44.90", "0.00", "697.50", "65.10", "284.98",
    ]  # fmt: skip
    assert bill.total == Decimal("1709.88")
    assert any("kVA are taken as kW" in each for each in bill.warnings)


def test_german_day_ahead(tmp_path):
    bill = billed("german_day_ahead_sample", tmp_path)

    with PRICES.open(encoding="utf-8-sig") as rows:
        march = [
            Decimal(row[2].replace(",", "."))
            for row in csv.reader(rows, delimiter=";")
            if row[0][3:10] == "03.2025"
        ]
    # 0.1 MWh in each of 743 hours, with 2 % of losses.
    assert len(march) == 743
    market = (sum(march) / 10 * Decimal("1.02")).quantize(Decimal("0.01"))
    amounts = [line.amount for line in bill.lines]
    # x 0.004; 100 x 11; x 0.0232; x 0.0205
    assert amounts[:5] == [
        pytest.approx(market, abs=Decimal("0.01")),
        Decimal("297.20"),
        Decimal("1100.00"),
        Decimal("1723.76"),
        Decimal("1523.15"),
    ]
    assert amounts[5] == (sum(amounts[:5]) * Decimal("0.19")).quantize(Decimal("0.01"))
