"""Study grid after the code has changed: what was played before is told of, and not mixed in."""

from depotlib.studies import night_row
from depotlib.workflows.run_study import run_study
from tests.app.pages.opened import numbers, opened, words
from tests.app.pages.test_study_grid import keep, order_of
from tests.study_files import STUDY


def test_results_of_before_an_update_are_told_of_and_not_mixed_in(empty, tmp_path, monkeypatch):
    run_study(order_of(keep(empty, tmp_path, text=STUDY)))
    # Another version of the code names its scenarios otherwise.
    monkeypatch.setattr(night_row, "code_digest", lambda: "after the update")

    app = opened("Study grid", {"study": "small"})

    assert numbers(app)["Scenarios"] == "0 of 8"
    assert "8 results of other studies, or of this one before an update" in words(app)
