"""Every notebook runs from top to bottom, as a reader would run it; its last cell checks its text."""

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.places import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ALWAYS = {"01_quickstart", "02_sixty_vans", "08_plan_versus_actual"}
"""The start, the worked case and the morning after; `make test-full` runs all."""
RUN = [
    pytest.param(one, marks=[] if one.stem in ALWAYS else [pytest.mark.full], id=one.stem)
    for one in NOTEBOOKS
]
MOST_S = 120
"""A notebook is promised to end within two minutes (docs of the workbench)."""


def run(notebook: Any, *, folder: Path) -> None:
    client = NotebookClient(
        notebook,
        timeout=MOST_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(autouse=True)
def nothing_but_the_install_tells_where_depotlib_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    # A notebook that touched the reader's own store would find this one, and leave files in it.
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # What a notebook that is stopped half-way leaves behind goes with the test's own folder.
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("path", RUN)
def test_a_notebook_runs_and_its_figures_hold(path: Path):
    notebook = nbformat.read(path, as_version=4)

    run(notebook, folder=FOLDER)

    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert not Path(os.environ["DEPOT_HOME"]).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_asks_first_and_checks_last(path: Path):
    cells = code_cells(path)

    assert [cell["metadata"].get("tags") for cell in cells if cell["metadata"].get("tags")] == [
        ["parameters"],
        ["check"],
    ]
    assert cells[0]["metadata"]["tags"] == ["parameters"]
    assert cells[-1]["metadata"]["tags"] == ["check"]
    assert "".join(cells[-1]["source"]).count("assert ") >= 10


def test_there_are_ten_and_three_of_them_always_run():
    names = [path.stem for path in NOTEBOOKS]

    assert [name[:2] for name in names] == [f"{number:02d}" for number in range(1, 11)]
    assert len(ALWAYS & set(names)) == 3


def test_a_figure_that_does_not_hold_is_caught(tmp_path: Path):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import depotlib\nassert depotlib is None")]
    )

    with pytest.raises(CellExecutionError, match="AssertionError"):
        run(notebook, folder=tmp_path)
