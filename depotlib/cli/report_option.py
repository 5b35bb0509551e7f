"""The option of every command whose answer can be written as a report."""

from pathlib import Path
from typing import Annotated

import typer

ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="write the answer as a file: .html, .pdf, .xlsx or .ipynb"),
]
