import json
from decimal import Decimal

import pytest

from depotlib.errors import TariffFormatError, TariffRefusedError
from depotlib.tariffs.fixed_charge import FixedCharge
from depotlib.tariffs.flat_demand import FlatDemand
from depotlib.tariffs.urdb import tariff_from_urdb
from tests.places import DATA
from tests.tariff_cases import record, schedule, tariff

TIERS = [{"rate": 0.2, "max": 100}, {"rate": 0.1}]


def read(fields):
    return tariff_from_urdb(json.dumps(fields), where="E-20.json")


def test_field_names_are_read_in_any_letter_case():
    fields = {name.upper(): value for name, value in record(flatdemandstructure=[]).items()}

    assert read(fields).components == read(record()).components


def test_a_record_may_stand_alone_or_in_items():
    assert read({"items": [record()]}).components == read(record()).components


def test_prices_are_kept_as_written():
    # 0.1 + 0.2 is 0.30000000000000004 in binary.
    (energy,) = tariff(energyratestructure=[[{"rate": 0.1, "adj": 0.2}]]).components

    assert energy.tiers[0][0].price == Decimal("0.3")


def test_free_text_is_kept_under_what_people_call_its_field():
    found = tariff(
        demandcomments="Summer ratchet of 60 %, see sheet 4.",
        energycomments=" . ",
        energyattrs=[{"TOU-summer:Peak": "5"}, {"TOU-summer:Off-Peak": "3"}],
    )

    assert found.comments == (
        "Demand: Summer ratchet of 60 %, see sheet 4.",
        "Energy, further facts: TOU-summer:Peak: 5; TOU-summer:Off-Peak: 3",
    )


def test_charges_at_no_price_are_no_components():
    found = tariff(flatdemandstructure=[[{"rate": 0}]], coincidentratestructure=[[{"rate": 0}]])

    assert len(found.components) == 1


def test_a_record_without_a_demand_window_is_billed_by_quarter_hours_and_says_so():
    found = tariff(demandwindow=None, flatdemandstructure=[[{"rate": 1}]])

    assert found.demand_window_s == 900
    assert "demand window of 15 min: the record has none" in found.assumptions


def test_a_window_of_seconds_is_taken_as_a_slip_and_said_to_be():
    # ComStock's record 539f6bcdec4f024411eca15d says 0.15.
    found = tariff(demandwindow=0.15, flatdemandstructure=[[{"rate": 1}]])

    assert found.demand_window_s == 900
    assert "0.15" in found.assumptions[0]


def test_older_records_name_their_monthly_charges_otherwise():
    found = tariff(fixedmonthlycharge=12.5, minmonthlycharge=30)

    assert FixedCharge(price=Decimal("12.5"), cycle="month") in found.components
    assert len(found.components) == 3


def test_one_season_needs_no_months():
    (_, demand) = tariff(flatdemandstructure=[[{"rate": 4}]]).components

    assert isinstance(demand, FlatDemand)
    assert demand.season_by_month == (0,) * 12


def test_shared_tiers_are_an_assumption_only_where_periods_meet_in_a_month():
    both = {"energyratestructure": [TIERS, TIERS]}
    by_hour = both | {
        "energyweekdayschedule": schedule(range(16, 21)),
        "energyweekendschedule": schedule(range(16, 21)),
    }
    by_season = both | {
        "energyweekdayschedule": [[0] * 24] * 6 + [[1] * 24] * 6,
        "energyweekendschedule": [[0] * 24] * 6 + [[1] * 24] * 6,
    }

    assert any("tiers" in entry for entry in tariff(**by_hour).assumptions)
    assert not any("tiers" in entry for entry in tariff(**by_season).assumptions)


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        (
            {"lookbackpercent": 0.8, "flatdemandstructure": [[{"rate": 1}]]},
            "lookbackpercent",
            "which",
        ),
        (
            {
                "demandratchetpercentage": [0.5] * 12,
                "flatdemandstructure": [[{"rate": 1}]],
                "flatdemandunit": "kW daily",
            },
            "lookbackpercent",
            "every day",
        ),
        ({"realtimepricing": True}, "realtimepricing", "market"),
        ({"dgrules": "Barter"}, "dgrules", "Barter"),
        (
            {"flatdemandstructure": [[{"rate": 1}]], "flatdemandunit": "kN"},
            "flatdemandunit",
            "kN",
        ),
        (
            {"demandratestructure": [[{"rate": 1}]], "demandrateunit": "kW weekly"},
            "demandrateunit",
            "kW weekly",
        ),
        (
            {"energyratestructure": [[{"rate": 1, "max": 9, "unit": "therm"}, {"rate": 2}]]},
            "energyratestructure",
            "therm",
        ),
        # Hours of use that begin nowhere: the tiers in kWh above them have no end.
        (
            {
                "energyratestructure": [
                    [{"rate": 1, "max": 9}, {"rate": 2, "max": 200, "unit": "kWh/kW"}]
                ]
            },
            "energyratestructure",
            "before the first",
        ),
        (
            {
                "energyratestructure": [
                    [{"rate": 1, "max": 9, "unit": "kWh/kW"}, {"rate": 2, "max": 9}, {"rate": 3}]
                ]
            },
            "energyratestructure",
            "follows a priced tier",
        ),
        (
            {"energyratestructure": [[{"rate": 1, "sell": 1, "max": 5}, {"rate": 2}]]},
            "energyratestructure.sell",
            "by the tier",
        ),
        ({"energyratestructure": [[{"rte": 1}]]}, "energyratestructure.rte", "do not know"),
        ({"surcharge": 3}, "surcharge", "do not know"),
        ({"country": "CAN"}, "country", "currency"),
        ({"fixedchargefirstmeter": 3, "fixedchargeunits": "$/week"}, "fixedchargeunits", "week"),
    ],
)
def test_what_cannot_be_billed_is_refused_by_name(fields, field, word):
    with pytest.raises(TariffRefusedError) as caught:
        read(record(**fields))

    ((refused, reason),) = caught.value.refusals
    assert refused == field
    assert word in reason
    assert caught.value.where == "E-20.json"


def test_every_reason_of_a_refusal_is_given_at_once():
    with pytest.raises(TariffRefusedError) as caught:
        read(record(realtimepricing=True, surcharge=1, energyratestructure=[[{"rte": 1}]]))

    assert len(caught.value.refusals) == 3


@pytest.mark.parametrize(
    "document",
    [
        "",
        " \n",
        b"\xff\xfe\x00",
        json.dumps(record())[:-9],
        "[]",
        '"tariff"',
        '{"items": []}',
        '{"items": [{}, {}]}',
        '{"items": 3}',
        '{"name": "no charge"}',
        '{"Name": "a", "name": "b"}',
        '{"fixedchargefirstmeter": NaN}',
    ],
)
def test_a_damaged_document_is_named_as_one(document):
    with pytest.raises(TariffFormatError) as caught:
        tariff_from_urdb(document, where="E-20.json")

    assert caught.value.where == "E-20.json"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"energyratestructure": [TIERS, TIERS]}, "energyweekdayschedule"),
        ({"energyweekdayschedule": [[0] * 24] * 11}, "energyweekdayschedule"),
        ({"energyweekdayschedule": [[0] * 23] * 12}, "energyweekdayschedule"),
        (
            {"energyweekdayschedule": [[1] * 24] * 12, "energyweekendschedule": [[0] * 24] * 12},
            "energyweekdayschedule",
        ),
        ({"energyratestructure": [[*reversed(TIERS)]]}, "energyratestructure"),
        ({"energyratestructure": [[{"rate": "0.1"}]]}, "energyratestructure"),
        ({"energyratestructure": [["0.1"]]}, "energyratestructure"),
        ({"energyratestructure": [[], [{"rate": 1}]]}, "energyratestructure"),
        ({"energyratestructure": 0.1}, "energyratestructure"),
        ({"fueladjustmentsmonthly": [0.01] * 11}, "fueladjustmentsmonthly"),
        ({"energyratestructure": [], "fueladjustmentsmonthly": [0.01] * 12}, "fueladjustments"),
        ({"flatdemandstructure": [[{"rate": 1}]], "flatdemandmonths": [0, 1]}, "flatdemandmonths"),
        ({"fixedchargefirstmeter": True}, "fixedchargefirstmeter"),
        ({"fixedchargefirstmeter": 1, "fixedmonthlycharge": 1}, "fixedmonthlycharge"),
        ({"mincharge": 1, "minmonthlycharge": 1}, "minmonthlycharge"),
        (
            {"mincharge": 1, "minchargeunits": "$/year", "annualmincharge": 1},
            "annualmincharge",
        ),
        (
            {
                "flatdemandstructure": [[{"rate": 1}]],
                "lookbackpercent": 0.5,
                "lookbackmonths": [True] * 12,
                "demandratchetpercentage": [0.5] * 12,
            },
            "demandratchetpercentage",
        ),
        (
            {
                "flatdemandstructure": [[{"rate": 1}]],
                "lookbackpercent": 0.5,
                "lookbackmonths": [True],
            },
            "lookbackmonths",
        ),
        (
            {"flatdemandstructure": [[{"rate": 1}]], "demandratchetpercentage": [101] * 12},
            "demandratchetpercentage",
        ),
        (
            {
                "energyratestructure": [
                    [
                        {"rate": 1, "max": 9, "unit": "kWh/kW"},
                        {"rate": 1, "max": 3, "unit": "kWh/kW"},
                        {"rate": 2, "unit": "kWh/kW"},
                    ]
                ]
            },
            "energyratestructure",
        ),
        ({"demandwindow": 7}, "demandwindow"),
        ({"startdate": 10**20}, "startdate"),
    ],
)
def test_a_field_that_contradicts_itself_is_named(fields, field):
    with pytest.raises(TariffFormatError, match=field):
        read(record(**fields))


@pytest.mark.parametrize("path", sorted((DATA / "tariffs").glob("*.json")), ids=lambda p: p.stem)
def test_every_shipped_tariff_loads(path):
    found = tariff_from_urdb(path.read_bytes(), where=path.name)

    assert found.currency == "USD"
    assert found.comments
    assert len(found.source_digest) == 64
