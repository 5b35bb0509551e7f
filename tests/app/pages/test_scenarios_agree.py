"""A scenario, and what tonight asks for, are the same on their page, by command and in a notebook."""

import pytest

from depotlib.workflows.notebook_now import tonight_recipe
from depotlib.workflows.report_now import tonight_report
from depotlib.workflows.tonight import gather_tonight
from depotlib.workflows.write_report import write_report
from tests.app.asked_again import ask, run_notebook
from tests.app.pages.opened import numbers, opened, shown


@pytest.mark.full
@pytest.mark.slow
def test_a_scenario_and_what_tonight_asks_for_are_the_same_on_page_command_and_in_a_notebook(
    demo, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    text = "More: vehicles=70"
    page = opened("Scenarios", {"relaxed": "true", "scenario": [text]})
    table = shown(page, "Figure").set_index("Figure")

    answer, path = ask(
        *("scenario", text, "--ignore-occupancy"), ending=".ipynb", capsys=capsys, folder=tmp_path
    )
    ran = run_notebook(path, tmp_path)

    same, more = (one["plan"] for one in answer["scenarios"])
    for name, header in (("As it is", same), ("More", more)):
        assert float(ran[f"Bill a month, {name}"]) == header["bill_amount"]
        assert float(ran[f"Peak, {name}"]) == header["peak_kw"]
        assert int(ran[f"Vans ready, {name}"]) == header["ready"]
    assert table.loc["Bill", "As it is"] == f"{same['bill_amount']:,.2f} {same['currency']}"
    assert table.loc["Bill", "More"].startswith(f"{more['bill_amount']:,.2f} {more['currency']} (")
    assert table.loc["Vans ready", "More"].startswith(f"{more['ready']} (")

    asks = tmp_path / "tonight.ipynb"
    now = demo.depot_clock().now()
    tonight = tonight_report(gather_tonight(demo, now=now))
    write_report(asks, tonight, recipe=tonight_recipe(demo, now=now))
    told, home = run_notebook(asks, tmp_path), numbers(opened("Home"))

    assert home["Vans tonight"] == told["Vans tonight"]
    assert home["Energy they must have"] == f"{float(told['Energy they must have']):,.1f} kWh"
    assert home["Operating limit"] == f"{float(told['Operating limit']):,.1f} kW"
