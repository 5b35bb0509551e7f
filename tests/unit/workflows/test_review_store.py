"""A store at one look."""

import pytest

from depotlib.errors import StoreMissingError
from depotlib.settings import Settings
from depotlib.workflows.import_files import GivenFile, import_files
from depotlib.workflows.review_store import review_rejections, review_store
from tests.places import DATA
from tests.unit.conftest import AFTERNOON

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"


def test_where_there_is_no_store_there_is_nothing_to_review(tmp_path):
    settings = Settings(home=tmp_path)

    assert review_store(settings) is None
    assert not settings.warehouse_path.exists()
    with pytest.raises(StoreMissingError):
        review_rejections(settings)


def test_the_demo_depot_is_chosen_with_its_tariff(loaded_demo):
    store = review_store(loaded_demo)

    assert store is not None
    assert store.depot is not None
    # data/demo/site.toml: depot_id; the tariff's label is in data/README.md.
    assert store.depot.depot_id == "demo"
    assert store.tariff_id == "5e17b27c5457a3556573e3af"
    # Three exports and the tariff.
    assert store.imports.height == 4


def test_a_store_without_a_depot_still_has_its_imports_and_rejections(tmp_path):
    settings = Settings(home=tmp_path)
    rows = LEEDS.read_bytes().splitlines(keepends=True)[:5]
    rows[1] = rows[1].replace(b"2020", b"20x0")
    import_files(
        [GivenFile(name=LEEDS.name, data=b"".join(rows))], settings=settings, now=AFTERNOON
    )

    store = review_store(settings)

    assert store is not None
    assert (store.depot, store.tariff_id, store.plans) == (None, None, ())
    # Four rows below the header, the first of them spoilt.
    assert store.imports.select("rows_in", "rejected").row(0) == (4, 1)
    digest = store.imports["digest"][0]
    assert review_rejections(settings, digest=digest).height == 1
    assert review_rejections(settings, digest="another").height == 0
