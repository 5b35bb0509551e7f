"""A report as a file: the ending of its name says which kind."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from depotlib.errors import InputError
from depotlib.reports.html_page import html_page
from depotlib.reports.notebook import NotebookRecipe, notebook
from depotlib.reports.report import Report
from depotlib.reports.workbook import workbook
from depotlib.settings import Settings
from depotlib.workflows.print_pdf import pdf_of
from depotlib.workflows.review_store import shown_in

ENDINGS: Final = (".html", ".pdf", ".xlsx", ".ipynb")


def report_bytes(report: Report, *, ending: str, recipe: NotebookRecipe | None = None) -> bytes:
    """Return a report as the content of a file.

    Parameters
    ----------
    report : Report
    ending : str
        One of `ENDINGS`.
    recipe : NotebookRecipe, optional
        How it is made again; without one there is no notebook of it.

    Raises
    ------
    InputError
        If it cannot be written so.
    ProcessError
        If a PDF is asked for and no browser prints it.
    """
    match ending.lower():
        case ".html":
            return html_page(report).encode()
        case ".pdf":
            return pdf_of(html_page(report))
        case ".xlsx":
            return workbook(report)
        case ".ipynb" if recipe is not None:
            return notebook(report, recipe)
        case _:
            raise InputError(
                f"this report cannot be written as {ending or 'a file without an ending'}",
                where="report",
                hint=f"end its name with {', '.join(ENDINGS if recipe else ENDINGS[:3])}",
            )


def write_report(
    path: Path,
    report: Report,
    *,
    recipe: NotebookRecipe | None = None,
    settings: Settings | None = None,
) -> None:
    """Write a report, whole or not at all.

    Parameters
    ----------
    path : Path
        Its ending says which kind of file.
    report : Report
    recipe : NotebookRecipe, optional
    settings : Settings, optional
        Of the depot whose numbers and days it is written in; None: of no depot.

    Raises
    ------
    InputError, ProcessError
        As `report_bytes`.
    """
    display = report.display if settings is None else shown_in(settings)
    written = replace(report, display=display)
    content = report_bytes(written, ending=path.suffix, recipe=recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
