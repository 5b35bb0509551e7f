"""What every tariff component promises, whoever wrote it."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from depotlib.tariffs.bill import bill_period
from depotlib.tariffs.component import CENT
from depotlib.tariffs.tariff import COMPONENTS
from depotlib.tariffs.urdb_record import UrdbRecord
from tests.tariff_cases import JUNE, QUARTER_S, QUARTERS_IN_JUNE, STANDARD_TIME, golden, load

EVERYTHING = golden(
    demandratestructure=[[{"rate": 2.345, "adj": 0.111}]],
    demandreactivepowercharge=0.5,
    mincharge=1_000_000,
)


def test_no_two_components_claim_one_field():
    claims = Counter(field for kind in COMPONENTS for field in kind.urdb_fields)

    assert [field for field, count in claims.items() if count > 1] == []


@pytest.mark.parametrize("kind", COMPONENTS, ids=lambda kind: kind.__name__)
def test_a_record_without_its_fields_holds_no_component(kind):
    assert kind.urdb_fields
    assert kind.from_urdb(UrdbRecord(fields={}, where="empty record")) is None


@pytest.mark.parametrize("kind", COMPONENTS, ids=lambda kind: kind.__name__)
def test_the_case_of_this_file_holds_every_component(kind):
    assert any(isinstance(component, kind) for component in EVERYTHING.components)


def test_every_line_is_its_quantity_times_its_price():
    power_kw = [float(step % 97) / 7 for step in range(QUARTERS_IN_JUNE)]

    bill = bill_period(
        EVERYTHING,
        load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    assert len(bill.lines) == len(COMPONENTS)
    for line in bill.lines:
        assert abs(line.quantity * line.unit_price - line.amount) <= CENT / 2
        assert line.amount == line.amount.quantize(CENT)
    assert bill.total == sum(line.amount for line in bill.lines)
    assert {line.family for line in bill.lines} <= {"energy", "demand", "fixed", "minimum"}
    assert all(
        line.set_by is None or JUNE.start <= line.set_by < datetime(2026, 7, 1, 5, tzinfo=UTC)
        for line in bill.lines
    )
