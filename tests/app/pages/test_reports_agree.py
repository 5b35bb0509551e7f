"""Page, command, programs' door, notebook and files say the same of the same question."""

import json
from pathlib import Path

import fastexcel
import nbformat
import pytest
from nbclient import NotebookClient
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.cli.main import run_command
from depotlib.exchange.operator import ensure_operator_token
from depotlib.workflows.notebook_now import tonight_recipe
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.push_plan import preview_push
from depotlib.workflows.report_now import tonight_report
from depotlib.workflows.tonight import gather_tonight
from depotlib.workflows.write_report import write_report
from tests.app.pages.opened import numbers, opened, shown, sound

HQ = "Knowsthorpe HQ"
B19 = "5e17b27c5457a3556573e3af"


@pytest.fixture
def asked(capsys, tmp_path):
    """Return what asks a command with a report, and gives its answer and the report's path."""

    def ask(*words: str, ending: str) -> tuple[dict, Path]:
        path = tmp_path / f"report{ending}"
        capsys.readouterr()
        assert run_command([*words, "--report", str(path)]) in {0, 3}
        return json.loads(capsys.readouterr().out), path

    return ask


def figures_of_workbook(path: Path) -> dict[str, str]:
    sheet = fastexcel.read_excel(path).load_sheet(
        "Figures", header_row=4, schema_sample_rows=None, dtypes="string"
    )
    return {row["Figure"]: row["Value"] for row in sheet.to_polars().to_dicts()}


def run_notebook(path: Path, folder: Path) -> dict[str, str]:
    """Return the figures that a notebook says once it has run to its end, its own check included."""
    found = nbformat.read(path, as_version=4)
    found.cells.append(
        nbformat.v4.new_code_cell(
            "import json\nprint(json.dumps({one.name: f'{one.value}' for one in report.figures}))"
        )
    )
    NotebookClient(
        found, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return json.loads(found.cells[-1].outputs[0]["text"])


def through_the_door(settings) -> dict:
    """Return what the API says of the releases, to an operator."""
    ensure_operator_token(settings.operator_token_path)
    app = api_app(
        Door(
            settings.mailbox_path,
            settings.depot_clock(),
            operator_token_path=settings.operator_token_path,
        )
    )
    client = TestClient(app, base_url="http://127.0.0.1:9221")
    token = settings.operator_token_path.read_text().strip()
    answer = client.get("/v1/releases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.slow
@pytest.mark.full
def test_a_planned_night_is_one_night_on_page_command_door_and_in_a_notebook(
    planned, demo, asked, tmp_path, monkeypatch
):
    now = demo.depot_clock().now()
    on_page = numbers(planned)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)

    answer, path = asked("night", ending=".ipynb")
    header = answer["plan"]
    ran = run_notebook(path, tmp_path)
    plan = stored_plan(demo, header["plan_id"])
    draft = preview_push(demo, gather_tonight(demo, now=now), plan=plan, now=now)
    released = through_the_door(demo)["releases"]

    # The plan's id is a digest of problem, policy and every setpoint.
    assert ran["Plan"] == header["plan_id"]
    assert header["plan_id"] in {one["plan_id"] for one in released}
    assert draft.preview.refusals == ()
    for name, key in (
        ("Bill a month", "bill_amount"),
        ("Demand charges", "demand_amount"),
        ("Peak", "peak_kw"),
        ("Vans ready", "ready"),
    ):
        assert float(ran[name]) == header[key], name
    assert on_page["Bill"] == f"{header['bill_amount']:,.2f} {header['currency']}"
    assert on_page["Peak"] == f"{header['peak_kw']:,.1f} kW"
    assert on_page["Vans ready"] == f"{header['ready']} of {header['vehicles']}"


@pytest.mark.full
@pytest.mark.slow
def test_demand_charges_are_one_bill_on_page_command_notebook_and_in_the_workbook(
    leeds, asked, tmp_path, monkeypatch
):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    words = ("demand", "--site", HQ, "--tariff", B19, "--time-zone", "Europe/London")
    page = opened("Demand charges")
    page.selectbox(key="zone").select("Europe/London").run()
    on_page = numbers(sound(page))

    answer, path = asked(*words, ending=".ipynb")
    _, book = asked(*words, ending=".xlsx")
    ran, cells = run_notebook(path, tmp_path), figures_of_workbook(book)

    # 6,764.94 USD stands in notebook 01, asserted there.
    assert ran["All bills"] == cells["All bills"] == "6764.94"
    assert answer["total"] == 6764.94
    assert float(ran["Demand charges"]) == answer["demand"]
    assert float(cells["Demand charges"]) == answer["demand"]
    assert float(ran["Highest 15-minute mean"]) == answer["peak_kw"]
    assert on_page["All bills"] == "6,764.94 USD"
    assert on_page["Highest 15-minute mean"] == f"{answer['peak_kw']:,.1f} kW"


@pytest.mark.full
@pytest.mark.slow
def test_a_scenario_and_what_tonight_asks_for_are_the_same_on_page_command_and_in_a_notebook(
    demo, asked, tmp_path, monkeypatch
):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    text = "More: vehicles=70"
    page = opened("Scenarios", {"relaxed": "true", "scenario": [text]})
    table = shown(page, "Figure").set_index("Figure")

    answer, path = asked("scenario", text, "--ignore-occupancy", ending=".ipynb")
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


def test_a_kind_of_file_that_is_none_is_refused_with_the_kinds_there_are(leeds, tmp_path, capsys):
    path = tmp_path / "report.docx"

    assert run_command(["sessions", "--site", HQ, "--report", str(path)]) == 2

    assert "end its name with .html, .pdf, .xlsx" in capsys.readouterr().err
    assert not path.exists()
    assert leeds.home.exists()
