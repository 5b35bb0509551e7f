"""Data quality: what the page says is the workflow's answer; an empty depot is told what to do."""

from depotlib.workflows.data_quality import data_quality
from tests.app.pages.opened import opened, shown, words


def test_an_empty_depot_is_told_to_import(empty):
    app = opened("Data quality")

    assert "There is no data here yet" in words(app)


def test_each_source_has_its_score_and_its_worst_findings(leeds):
    app = opened("Data quality")

    known = data_quality(leeds, now=leeds.depot_clock().now())
    table = shown(app, "Score (of 100)")
    assert table["Score (of 100)"].to_list() == [one.score for one in known]
    assert "Leeds depot log" in set(table["Source"])
    log = next(one for one in known if one.source == "leeds_depot")
    # 432 rows: wc -l of the file, less its header; 40 of them drew nothing (count_quirks.py).
    assert table.set_index("Source").loc["Leeds depot log", "Records"] == 432
    assert log.worst
    assert all(sentence.rstrip(".")[1:] in words(app) for sentence in log.worst)
