from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from depotlib.errors import ModelError, RecordMissingError, StoreMissingError
from depotlib.model.brief import NeedPolicy
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.store import catalogue
from depotlib.store.connection import reading
from tests.unit.store.samples import NOON, a_depot, after


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    catalogue.save_depot(path, a_depot(), saved_at=NOON)
    return path


VAN = VehicleClass("van", 68.0, 0.3, 0.9, ac_max_kw=7.4, dc_max_kw=0.0)
FLEET = Fleet((VAN,), (Vehicle("van-1", "van", "ac", "W" * 17, ("geotab:b1",), 2),))
TOKENS = IdentityMap(
    (IdentityToken("04a1", "tag", "van-1", valid_from=NOON), IdentityToken("ff", "mac", "van-2"))
)
DUTIES = (Duty("d1", "van-1", after(hours=6), after(hours=15), distance_km=180.0),)


def test_a_depot_comes_back_as_it_was(path: Path):
    assert catalogue.load_depot(path, "leeds") == a_depot()


def test_fleet_tokens_duties_and_policy_come_back_as_they_were(path: Path):
    policy = NeedPolicy(must_reserve_share=0.07, target_reserve_share=0.2)

    catalogue.save_fleet(path, FLEET, depot_id="leeds", saved_at=NOON)
    catalogue.save_identities(path, TOKENS, depot_id="leeds", saved_at=NOON)
    catalogue.save_duties(path, DUTIES, depot_id="leeds", saved_at=NOON)
    catalogue.save_policy(path, policy, depot_id="leeds", saved_at=NOON)

    assert catalogue.load_fleet(path, "leeds") == FLEET
    assert catalogue.load_identities(path, "leeds") == TOKENS
    assert catalogue.load_duties(path, "leeds") == DUTIES
    assert catalogue.load_policy(path, "leeds") == policy


def test_a_duty_in_local_time_is_the_same_instant_after_loading(path: Path):
    summer = timezone(timedelta(hours=2))
    local = tuple(replace(one, departure=one.departure.astimezone(summer)) for one in DUTIES)

    catalogue.save_duties(path, local, depot_id="leeds", saved_at=NOON)

    assert catalogue.load_duties(path, "leeds") == DUTIES


def test_a_depot_without_documents_has_their_defaults(path: Path):
    assert catalogue.load_identities(path, "leeds") == IdentityMap()
    assert catalogue.load_duties(path, "leeds") == ()
    assert catalogue.load_policy(path, "leeds") == NeedPolicy()


def test_a_change_is_a_new_version_and_no_change_is_none(path: Path):
    larger = replace(a_depot(), changeover_s=900)

    versions = [
        catalogue.save_depot(path, depot, saved_at=NOON)
        for depot in (a_depot(), larger, larger, a_depot())
    ]

    assert versions == [1, 2, 2, 3]
    assert catalogue.load_depot(path, "leeds") == a_depot()
    with reading(path) as connection:
        assert connection.execute("SELECT count(*) FROM document").fetchall() == [(3,)]


def test_depots_are_listed_by_id(path: Path):
    catalogue.save_depot(path, a_depot("aarhus"), saved_at=NOON)

    assert [depot.depot_id for depot in catalogue.depots(path)] == ["aarhus", "leeds"]


def test_a_tariff_record_is_kept_word_for_word_and_chosen_for_a_depot(path: Path):
    text = '{"label": "539f",\n "fixed": 1.10}'

    catalogue.save_tariff_record(path, text, tariff_id="539f", saved_at=NOON)
    before = catalogue.chosen_tariff_id(path, "leeds")
    catalogue.choose_tariff(path, "leeds", tariff_id="539f")

    assert catalogue.tariff_record(path, "539f") == text
    assert catalogue.tariff_ids(path) == ["539f"]
    assert (before, catalogue.chosen_tariff_id(path, "leeds")) == (None, "539f")


def test_the_depot_worked_on_is_remembered(path: Path):
    catalogue.save_depot(path, a_depot("aarhus"), saved_at=NOON)

    before = catalogue.chosen_depot_id(path)
    catalogue.choose_depot(path, "leeds")
    catalogue.choose_depot(path, "aarhus")

    assert (before, catalogue.chosen_depot_id(path)) == (None, "aarhus")


@pytest.mark.parametrize(
    "ask",
    [
        lambda path: catalogue.load_depot(path, "york"),
        lambda path: catalogue.load_fleet(path, "york"),
        lambda path: catalogue.tariff_record(path, "york"),
        lambda path: catalogue.choose_depot(path, "york"),
        lambda path: catalogue.choose_tariff(path, "leeds", tariff_id="york"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(path: Path, ask):
    with pytest.raises(RecordMissingError) as caught:
        ask(path)

    assert "'york'" in caught.value.what
    assert caught.value.hint.startswith("known: ")


def test_without_a_warehouse_there_is_no_catalogue(tmp_path: Path):
    with pytest.raises(StoreMissingError):
        catalogue.depots(tmp_path / "none.duckdb")


def test_a_document_that_cannot_exist_is_refused_when_loaded(path: Path):
    text = catalogue.document(path, "depot", document_id="leeds")
    assert text is not None
    impossible = text.replace('"operating_limit_kw":300.0', '"operating_limit_kw":999.0')
    assert impossible != text
    catalogue.save_document(path, "depot", document_id="leeds", text=impossible, saved_at=NOON)

    with pytest.raises(ModelError, match="operating limit of 999 kW"):
        catalogue.load_depot(path, "leeds")
