"""Every source has a name that people know it by."""

import polars as pl

from depotlib.ingest.sources import SOURCES
from depotlib.ui.source_words import SOURCE_WORDS, source_column, source_words


def test_every_source_of_the_registry_has_words_and_nothing_else_has():
    assert set(SOURCE_WORDS) == {source.name for source in SOURCES}
    assert len(set(SOURCE_WORDS.values())) == len(SOURCE_WORDS)


def test_a_source_that_is_gone_keeps_its_own_name():
    assert source_words("old_export") == "old export"
    assert source_words("vdv463") == "VDV 463"


def test_a_column_of_sources_is_told_in_words():
    told = pl.DataFrame({"source": ["urdb", "ocpi"]}).select(source_column("source"))

    assert told["source"].to_list() == ["URDB tariff", "OCPI"]
