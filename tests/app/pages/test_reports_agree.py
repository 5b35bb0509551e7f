"""Page, command, programs' door, notebook and files say the same of the same question."""

from functools import partial

import pytest
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.cli.main import run_command
from depotlib.exchange.operator import ensure_operator_token
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.push_plan import preview_push
from depotlib.workflows.tonight import gather_tonight
from tests.app.asked_again import ask, figures_of_workbook, run_notebook
from tests.app.pages.opened import numbers, opened, sound

HQ = "Knowsthorpe HQ"
B19 = "5e17b27c5457a3556573e3af"


@pytest.fixture
def asked(capsys, tmp_path):
    """Return what asks a command with a report, and gives its answer and the report's path."""
    return partial(ask, capsys=capsys, folder=tmp_path)


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


def test_a_kind_of_file_that_is_none_is_refused_with_the_kinds_there_are(leeds, tmp_path, capsys):
    path = tmp_path / "report.docx"

    assert run_command(["sessions", "--site", HQ, "--report", str(path)]) == 2

    assert "end its name with .html, .pdf, .xlsx" in capsys.readouterr().err
    assert not path.exists()
    assert leeds.home.exists()
