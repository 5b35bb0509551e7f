"""A question as a notebook: parameters, the calls that answer it, and a check of the figures."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.reports.cell_text import figure_text
from depotlib.reports.report import Report

Parameter = str | float | int | bool | datetime | date | Path | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NamedParameter:
    """A value that a reader may change.

    Parameters
    ----------
    name : str
        Of the variable.
    value : str, number, bool, instant, day, path, tuple of str or None
    words : str
        What it is.
    """

    name: str
    value: Parameter
    words: str = ""


@dataclass(frozen=True, slots=True)
class NotebookRecipe:
    """How a report is made anew.

    Parameters
    ----------
    parameters : tuple of NamedParameter
    imports : tuple of str
        Whole lines.
    calls : tuple of str
        Lines that use the parameters and leave the answer in ``report``.
    rows : str
        Code that shows the stored rows behind the answer; empty for none.
    is_moving : bool
        Whether the answer is another each minute: then the page's figures stand beside, and
        nothing is asserted.
    """

    parameters: tuple[NamedParameter, ...]
    imports: tuple[str, ...]
    calls: tuple[str, ...]
    rows: str = ""
    is_moving: bool = False


def notebook(report: Report, recipe: NotebookRecipe) -> bytes:
    """Return a report as a notebook that makes it again; its last cell asserts today's figures.

    Of an answer that moves it shows them beside.
    """
    cells = [
        _text(
            f"# {report.title}\n\n{report.question}\n\nMade by depotlib's workbench: the same "
            "question as on the page, asked of the same depot. Change a parameter and run all "
            "cells; the last one then says where the answer differs from the page's."
        ),
        _code(_parameters(recipe.parameters), tag="parameters"),
        _code("\n".join(["import polars as pl", "", *sorted(recipe.imports, key=_place)])),
        _code("\n".join(recipe.calls)),
        _text("## Figures"),
        _code(
            "pl.DataFrame(\n"
            '    [{"figure": one.name, "value": f"{one.value}", "unit": one.unit} '
            "for one in report.figures]\n)"
        ),
    ]
    for number, table in enumerate(report.tables):
        cells += [
            _text(f"## {table.name}"),
            _code(
                f"table = report.tables[{number}]\n"
                "pl.DataFrame(\n    table.rows, schema=list(table.headings), "
                'orient="row", infer_schema_length=None\n)'
            ),
        ]
    if recipe.rows:
        cells += [_text("## The rows behind it, in SQL"), _code(recipe.rows)]
    cells += [_text("## The page's figures"), _code(_check(report, recipe), tag="check")]
    document = {
        "cells": [{"id": f"cell-{at:02d}", **cell} for at, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _parameters(parameters: Sequence[NamedParameter]) -> str:
    kinds = {"datetime": datetime, "Path": Path}
    needed = [name for name, kind in kinds.items() if _holds(parameters, kind)]
    if any(type(one.value) is date for one in parameters):
        needed.append("date")
    lines = [
        *(["from datetime import " + ", ".join(sorted(set(needed) - {"Path"}))]
          if set(needed) - {"Path"} else []),
        *(["from pathlib import Path"] if "Path" in needed else []),
    ]  # fmt: skip
    return "\n".join(
        [
            *([*lines, ""] if lines else []),
            *(
                f"{one.name} = {_literal(one.value)}" + (f"  # {one.words}" if one.words else "")
                for one in parameters
            ),
        ]
    )


def _holds(parameters: Sequence[NamedParameter], kind: type) -> bool:
    return any(isinstance(one.value, kind) for one in parameters)


def _literal(value: Parameter) -> str:
    """Return a value as code; a text from outside can be nothing but a text."""
    if isinstance(value, datetime):
        return f"datetime.fromisoformat({value.isoformat()!r})"
    if isinstance(value, date):
        return f"date.fromisoformat({value.isoformat()!r})"
    if isinstance(value, Path):
        return f"Path({str(value)!r})"
    return repr(value)


def _check(report: Report, recipe: NotebookRecipe) -> str:
    time_zone = ZoneInfo(report.time_zone)
    shown = [
        f"    {one.name!r}: {figure_text(one, time_zone=time_zone)!r},\n" for one in report.figures
    ]
    return (
        "from zoneinfo import ZoneInfo\n\n"
        "from depotlib.reports.cell_text import figure_text\n\n"
        f"on_the_page = {{\n{''.join(shown)}}}\n"
        "here = {\n    one.name: figure_text(one, time_zone=ZoneInfo(report.time_zone))\n"
        "    for one in report.figures\n}\n"
    ) + (_BESIDE if recipe.is_moving else _ASSERTED)


_BESIDE: Final = (
    "pl.DataFrame(\n"
    '    [{"figure": name, "on the page": text, "here": here.get(name)} '
    "for name, text in on_the_page.items()]\n)"
)
_ASSERTED: Final = (
    "assert here == on_the_page, {\n"
    "    name: (here.get(name), text) for name, text in on_the_page.items()\n"
    "    if here.get(name) != text\n}"
)


def _place(line: str) -> tuple[bool, str]:
    """Return where an import line stands: the standard library before our own."""
    return line.startswith("from depotlib"), line


def _text(words: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": words}


def _code(lines: str, *, tag: str = "") -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": [tag]} if tag else {},
        "outputs": [],
        "source": lines,
    }
