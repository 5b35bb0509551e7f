"""Bills with one error each, and bills without: the audit names the error, or none."""

from datetime import date

import pytest

from depotlib.tariffs.bill_audit import audit_bill
from depotlib.tariffs.utility_bill import utility_bill_from_toml
from tests import sown_bills
from tests.bill_seeding import lines_of, printed
from tests.sown_bills import (
    CLEAN,
    INDEPENDENCE_DAY,
    JULY_READS,
    MARCH,
    MEMORIAL_DAY,
    PLANT,
    SHOP,
    SOWN,
    Sown,
)
from tests.tariff_samples import index_rows, tariff_of

NOT_HERE = {
    "539f6dfcec4f024411ecbcbf.json",  # billed at the utility's own peak hours, an input
    "5d1d16f45457a3ec14a745b6.json",  # refused, with its reason (docs/tariffs.md)
}


def audited(sown):
    return audit_bill(
        utility_bill_from_toml(sown.text, where="a sown bill"),
        sown.case,
        former_tariffs=sown.former_tariffs,
        public_holidays=sown.public_holidays,
    )


@pytest.mark.parametrize(("sow", "kind"), SOWN, ids=[sow.__name__ for sow, _ in SOWN])
def test_a_sown_error_is_the_first_cause(sow, kind):
    sown = sow(seed=len(sow.__name__))

    audit = audited(sown)

    assert not audit.is_clean
    assert audit.variance != 0
    assert [cause.kind for cause in audit.causes][:1] == [kind]
    assert audit.unexplained == 0


@pytest.mark.parametrize(("number", "bill"), list(enumerate(CLEAN)))
def test_a_right_bill_raises_no_alarm(number, bill):
    site, file, days = bill
    case = site.case(tariff_of(file), days)
    text = printed(lines_of(case), days, seed=number)

    audit = audited(Sown(text, case, public_holidays=frozenset({MEMORIAL_DAY, INDEPENDENCE_DAY})))

    assert audit.is_clean
    assert audit.causes == ()
    # Whole kWh and tenths of a kW: half of each at the dearest prices, over a handful of lines.
    assert abs(audit.variance) < 5


def test_at_least_twenty_of_either_are_audited_and_the_errors_are_of_many_kinds():
    assert min(len(SOWN), len(CLEAN)) >= 20
    assert len({kind for _, kind in SOWN}) >= 12


@pytest.mark.full
@pytest.mark.parametrize(
    "file", [row["file"] for row in index_rows() if row["file"] not in NOT_HERE]
)
def test_a_right_bill_of_any_sample_tariff_raises_no_alarm(file):
    for site, days in ((PLANT, MARCH), (SHOP, JULY_READS)):
        case = site.case(tariff_of(file), days)
        lines = lines_of(case)

        assert not lines or audited(Sown(printed(lines, days, seed=days[0].month), case)).is_clean


# Other months than those above: what is sown must not depend on the month it was tried on.
MONTHS = [
    (date(2018, 2, 5), date(2018, 3, 6)),
    (date(2018, 4, 1), date(2018, 5, 1)),
    (date(2018, 6, 2), date(2018, 7, 3)),
    (date(2018, 8, 14), date(2018, 9, 13)),
    (date(2018, 10, 10), date(2018, 11, 12)),
]
OF_ANY_MONTH = [
    (sow, kind)
    for sow, kind in SOWN
    if not any(word in sow.__name__ for word in ("holiday", "clock", "ratchet"))
]


@pytest.mark.full
@pytest.mark.parametrize("days", MONTHS, ids=str)
@pytest.mark.parametrize(("sow", "kind"), OF_ANY_MONTH, ids=str)
def test_a_sown_error_is_found_in_other_months_too(monkeypatch, sow, kind, days):
    for name in ("MAY_READS", "JULY_READS", "MARCH", "FEBRUARY_READS"):
        monkeypatch.setattr(sown_bills, name, days)

    audit = audited(sow(seed=days[0].month))

    # In some months an error changes nothing: 30 days of a month that has 30.
    assert audit.is_clean or [cause.kind for cause in audit.causes][:1] == [kind]
