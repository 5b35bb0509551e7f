import json

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.urdb import Urdb
from tests.places import DATA, TEST_DATA

RECORDS = sorted((DATA / "tariffs").glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_shipped_record_is_kept_word_for_word(path):
    rows = Urdb().read(read_content(path), ReadOptions())

    assert [document.text for document in rows.documents] == [path.read_text("utf-8-sig")]


def test_a_record_with_a_field_that_may_mean_money_is_rejected_by_the_fields_name():
    path = TEST_DATA / "ingest" / "urdb" / "three_records.json"

    rows = Urdb().read(read_content(path), ReadOptions())

    assert [(each.row, each.reason) for each in rows.rejections] == [(2, "not_billable")]
    assert "moonphasecharge" in rows.rejections[0].detail
    assert [document.name for document in rows.documents] == ["flat-1"]


def test_what_is_no_record_is_counted():
    rows = Urdb().read(content_of("list", json.dumps([5, {}]).encode()), ReadOptions())

    assert (rows.rows_in, len(rows.rejections)) == (2, 2)
