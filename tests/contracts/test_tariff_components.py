"""What every tariff component promises, whoever wrote it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.tariffs.bill import bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.component import CENT
from depotlib.tariffs.tariff import COMPONENTS
from depotlib.tariffs.tariff_file import tariff_from_toml, tariff_to_toml
from depotlib.tariffs.urdb_record import UrdbRecord
from tests.european_cases import ONE_OF_EACH, market
from tests.tariff_cases import (
    JUNE,
    JUNE_START,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    golden,
    load,
)

FROM_A_RECORD = golden(
    energyratestructure=[[{"rate": 0.10, "sell": 0.03}]],
    demandratestructure=[[{"rate": 2.345, "adj": 0.111}]],
    coincidentratestructure=[[{"rate": 7.33}]],
    demandreactivepowercharge=0.5,
    mincharge=1_000_000,
    annualmincharge=9_000_000,
)
EVERYTHING = replace(
    FROM_A_RECORD,
    components=tuple(
        sorted(
            (*FROM_A_RECORD.components, *ONE_OF_EACH),
            key=lambda component: COMPONENTS.index(type(component)),
        )
    ),
)
PRICES = market([0.09, -0.02] * 360, start=JUNE_START, interval_s=3600, currency="USD")


def test_no_two_components_claim_one_field():
    claims = Counter(field for kind in COMPONENTS for field in kind.urdb_fields)

    assert [field for field, count in claims.items() if count > 1] == []


@pytest.mark.parametrize("kind", COMPONENTS, ids=lambda kind: kind.__name__)
def test_a_record_without_its_fields_holds_no_component(kind):
    assert kind.from_urdb(UrdbRecord(fields={}, where="empty record")) is None


@pytest.mark.parametrize("kind", COMPONENTS, ids=lambda kind: kind.__name__)
def test_the_case_of_this_file_holds_every_component(kind):
    assert any(isinstance(component, kind) for component in EVERYTHING.components)


def test_every_component_has_a_file_form():
    text = tariff_to_toml(EVERYTHING)

    assert replace(tariff_from_toml(text, where="file"), source_digest="") == replace(
        EVERYTHING, source_digest=""
    )


def test_every_line_is_its_quantity_times_its_price():
    # One quarter-hour in 97 feeds back.
    power_kw = [float(step % 97) / 7 - 1 for step in range(QUARTERS_IN_JUNE)]

    bill = bill_period(
        EVERYTHING,
        load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=BillingInputs(
            prices=PRICES, power_factor_share=0.9, system_peaks=(JUNE_START + timedelta(days=9),)
        ),
    )

    assert len(bill.lines) >= len(COMPONENTS)
    for line in bill.lines:
        assert abs(line.quantity * line.unit_price - line.amount) <= CENT / 2
        assert line.amount == line.amount.quantize(CENT)
    assert bill.total == sum(line.amount for line in bill.lines)
    assert {line.family for line in bill.lines} == {
        *("energy", "demand", "fixed", "export", "minimum", "tax")
    }
    assert all(
        line.set_by is None or JUNE.start <= line.set_by < datetime(2026, 7, 1, 5, tzinfo=UTC)
        for line in bill.lines
    )
