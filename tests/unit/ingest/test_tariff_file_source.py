"""Tariffs in our own form as a source."""

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.tariff_file import TariffFile
from tests.places import DATA, TEST_DATA

SHIPPED = sorted((DATA / "tariffs").glob("*.toml"))
HARBOUR = TEST_DATA / "ingest" / "tariff_file" / "harbour.toml"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_tariff_is_kept_word_for_word(path):
    rows = TariffFile().read(read_content(path), ReadOptions())

    assert [document.text for document in rows.documents] == [path.read_text()]


def test_a_tariff_that_cannot_be_billed_is_rejected_with_the_place():
    text = HARBOUR.read_text().replace('kind = "banded_energy"', 'kind = "toll"')

    rows = TariffFile().read(content_of("harbour.toml", text.encode()), ReadOptions())

    (rejection,) = rows.rejections
    assert rejection.reason == "not_billable"
    assert "'toll'" in rejection.detail
    assert "component 2" in rejection.detail
