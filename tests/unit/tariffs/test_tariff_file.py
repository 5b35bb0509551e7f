"""Our own file form of a tariff."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from depotlib.errors import TariffError, TariffFormatError
from depotlib.tariffs.tariff_file import (
    KINDS,
    tariff_from_document,
    tariff_from_toml,
    tariff_to_toml,
)
from tests.european_cases import ONE_OF_EACH, tariff_of
from tests.places import DATA, TEST_DATA
from tests.tariff_cases import golden

RECORDS = sorted((TEST_DATA / "tariffs" / "urdb").glob("*.json"))
SHIPPED = sorted((DATA / "tariffs").glob("*.toml"))
SMALL = """
form = "depotlib tariff 1"
tariff_id = "small"
name = "small"
utility = "nobody"
currency = "EUR"
demand_window_s = 900

[[component]]
kind = "fixed_charge"
price = 12.50
cycle = "month"
"""


def same(found, wanted):
    return replace(found, source_digest="") == replace(wanted, source_digest="")


def through_a_file(tariff):
    return tariff_from_document(tariff_to_toml(tariff).encode(), where="file")


def test_every_record_that_loads_is_the_same_through_a_file():
    loaded = []
    for path in RECORDS:
        try:
            loaded.append(tariff_from_document(path.read_bytes(), where=path.name))
        except TariffError:
            continue

    different = [each.tariff_id for each in loaded if not same(through_a_file(each), each)]

    # At most three of the 51 sample records may be refused.
    assert len(loaded) >= len(RECORDS) - 3 >= 48
    assert different == []


@pytest.mark.parametrize("component", ONE_OF_EACH, ids=lambda each: type(each).__name__)
def test_every_charge_of_europe_is_the_same_through_a_file(component):
    tariff = tariff_of(component)

    assert same(through_a_file(tariff), tariff)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_is_read_and_is_the_same_when_written(path):
    tariff = tariff_from_document(path.read_bytes(), where=path.name)

    assert len(tariff.source_digest) == 64
    assert same(through_a_file(tariff), tariff)


def test_versions_dates_holidays_and_odd_text_survive():
    begins = datetime(2026, 6, 11, 5, tzinfo=UTC)
    later = replace(golden(), valid_from=begins, source_digest="")
    tariff = replace(
        golden(),
        name='a "quoted" name \\ with\nlines, a tab\t, öre and \x7f',
        comments=("first: x" * 30, "second: y"),
        holiday_region="US-NY",
        valid_to=datetime(2026, 12, 31, tzinfo=UTC),
        versions=(later,),
    )

    assert same(through_a_file(tariff), tariff)


def test_prices_keep_every_digit():
    # 0.1 + 0.2 would show a float; so would this.
    text = SMALL.replace("12.50", "12.100000000000000005")

    (charge,) = tariff_from_toml(text, where="file").components

    assert charge.price == Decimal("12.100000000000000005")


def test_a_version_takes_the_name_and_currency_of_its_tariff():
    text = SMALL + (
        "[[version]]\nvalid_from = 2026-06-11T00:00:00Z\n"
        '[[version.component]]\nkind = "fixed_charge"\nprice = 14\ncycle = "month"\n'
    )

    (version,) = tariff_from_toml(text, where="file").versions

    assert (version.name, version.currency, version.demand_window_s) == ("small", "EUR", 900)
    assert version.components[0].price == Decimal(14)


def test_a_kind_is_the_name_of_its_class():
    assert {"fixed_charge", "tou_demand", "utilisation_price", "value_added_tax"} <= set(KINDS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("form = ", "shape = "), "does not begin with form"),
        (('kind = "fixed_charge"', 'kind = "toll"'), "no charge of kind 'toll'.*fixed_charge"),
        (("price = 12.50\n", ""), "'price' is missing.*component 1 .fixed_charge"),
        (("price = 12.50", "price = 12.50\nprize = 3"), "'prize' is not known here.*use price"),
        (("price = 12.50", 'price = "12.50"'), "'12.50' is not a number.*price"),
        (("price = 12.50", "price = true"), "True is not a number"),
        (('cycle = "month"', 'cycle = "week"'), "'week' is not one of day, month, year"),
        (('cycle = "month"', "cycle = 3"), "3 is not one of"),
        (("[[component]]", "[[components]]"), "holds no charge"),
        (("[[component]]", "[component]"), None),
        (("demand_window_s = 900", "demand_window_s = 900.5"), "not a whole number"),
        (("demand_window_s = 900", ""), "'demand_window_s' is missing"),
        (('currency = "EUR"', "currency = ["), "neither a URDB record nor a whole TOML file"),
        (("demand_window_s = 900", "demand_window_s = 900\nversion = 3"), "version is no list"),
        (("demand_window_s = 900", "demand_window_s = 900\nvalid_from = 2026"), "not a date with time"),
        (("demand_window_s = 900", "demand_window_s = 900\ncomments = 1"), "is not a list"),
    ],
)  # fmt: skip
def test_what_a_file_should_not_hold_is_refused_by_name(change, says):
    text = SMALL.replace(*change)
    if says is None:
        # One table instead of a list of one is as clear.
        assert tariff_from_document(text, where="file").components
        return

    with pytest.raises(TariffFormatError, match=says):
        tariff_from_document(text, where="file")


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("", "'valid_from' is missing"),
        ('valid_from = 2026-06-11T00:00:00Z\ncurrency = "USD"', "another currency"),
        ("valid_from = 2026-06-11T00:00:00Z\ndemand_window_s = 1800", "another demand window"),
    ],
)
def test_a_version_that_is_another_tariff_is_refused(version, says):
    charge = '[[version.component]]\nkind = "fixed_charge"\nprice = 1\ncycle = "day"\n'

    with pytest.raises(TariffFormatError, match=says):
        tariff_from_toml(f"{SMALL}\n[[version]]\n{version}\n{charge}", where="file")


@pytest.mark.parametrize(
    ("bands", "says"),
    [
        ('[{name = "red", price = 1, windows = [{start = 16:00:00}]}]', "does not hold at all"),
        ('[{name = "red", price = 1, windows = [{months = [13]}]}]', "a window in the months"),
        ("[3]", "3 is not a table"),
    ],
)
def test_bands_that_leave_an_hour_without_a_price_are_refused(bands, says):
    text = SMALL + f'[[component]]\nkind = "banded_energy"\nname = "x"\nbands = {bands}\n'

    with pytest.raises(TariffFormatError, match=says):
        tariff_from_document(text, where="file")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ('kind = "capacity_price"\nsignificance_share = 0.2', "a significance of 0.2 with 0 windows"),
        ('kind = "top_peaks"\ncount = 0', "a mean over 0 peaks"),
    ],
)  # fmt: skip
def test_charges_that_cannot_be_are_refused(fields, says):
    text = SMALL + f'[[component]]\n{fields}\nname = "x"\nprice = 1\n'

    with pytest.raises(TariffFormatError, match=says):
        tariff_from_document(text, where="file")
