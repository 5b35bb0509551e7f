"""The page's question asked once more: by a command, and by its notebook run to the end."""

import json
from pathlib import Path

import fastexcel
import nbformat
import pytest
from nbclient import NotebookClient

from depotlib.cli.main import run_command


def ask(
    *words: str, ending: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> tuple[dict, Path]:
    """Return what a command answers, and the report that it wrote beside."""
    path = folder / f"report{ending}"
    capsys.readouterr()
    assert run_command([*words, "--report", str(path)]) in {0, 3}
    return json.loads(capsys.readouterr().out), path


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
