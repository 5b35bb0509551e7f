"""The dated report of drills: JSON for programs, a page for people."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.drills.drill import Figure, Mode, Verdict
from depotlib.workflows.yard_moves import write_yard_page

_STYLE: Final = """
  body { font-family: sans-serif; color: #000; background: #fff; margin: 1.5cm; max-width: 26cm; }
  table { border-collapse: collapse; width: 100%; font-size: 11pt; margin-bottom: 1cm; }
  th, td { border: 1px solid #444; padding: 3pt 5pt; text-align: left; }
  td.number { text-align: right; white-space: nowrap; }
  .failed { font-weight: bold; background: #ddd; }
  @page { size: A4; margin: 1.5cm; }
"""
WORDS: Final = {True: "holds", False: "does not hold"}
STEMS: Final[dict[Mode, str]] = {"virtual": "drills", "shadow": "shadow"}
MODES: Final[dict[Mode, str]] = {
    "virtual": "On virtual stations, with the gateway, dispatch and stations as they are shipped. "
    "Powers are those of the stations' own meters, each second.",
    "shadow": "In shadow mode: by what the depot's own stations did, as the journal tells. Nothing "
    "was sent to any of them. Powers are what their meters told the gateway.",
}
STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class DrillReport:
    """What was played, and what came of it.

    Parameters
    ----------
    made_at : datetime
        UTC, on the wall's clock.
    verdicts : tuple of Verdict
    json_path, page_path : Path
    """

    made_at: datetime
    verdicts: tuple[Verdict, ...]
    json_path: Path
    page_path: Path


def write_report(
    folder: Path, verdicts: Sequence[Verdict], *, made_at: datetime, mode: Mode = "virtual"
) -> DrillReport:
    """Return a report that was written as JSON and as a page, named by its date."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{STEMS[mode]}-{made_at.strftime(STAMP)}"
    report = DrillReport(
        made_at=made_at,
        verdicts=tuple(verdicts),
        json_path=folder / f"{stem}.json",
        page_path=folder / f"{stem}.html",
    )
    write_yard_page(report.json_path, report_json(report.verdicts, made_at=made_at, mode=mode))
    write_yard_page(report.page_path, report_page(report.verdicts, made_at=made_at, mode=mode))
    return report


def report_json(verdicts: Sequence[Verdict], *, made_at: datetime, mode: Mode = "virtual") -> str:
    """Return a report as JSON; a number that never came to be is null."""
    told = {
        "made_at": made_at.isoformat(),
        "mode": mode,
        "passed": sum(one.is_passed for one in verdicts),
        "drills": [
            {
                "name": one.name,
                "title": one.title,
                "passes_when": one.passes_when,
                "is_passed": one.is_passed,
                "outcome": one.outcome,
                "not_judged": one.not_judged,
                "trouble": one.trouble,
                "begun_at": one.begun_at.isoformat(),
                "ended_at": one.ended_at.isoformat(),
                "figures": [_figure(figure) for figure in one.figures],
            }
            for one in verdicts
        ],
    }
    return json.dumps(told, indent=2, allow_nan=False) + "\n"


def report_page(verdicts: Sequence[Verdict], *, made_at: datetime, mode: Mode = "virtual") -> str:
    """Return a report as a page to read and print."""
    passed = sum(one.is_passed for one in verdicts)
    parts = "\n".join(_section(one) for one in verdicts)
    title = f"Go-live drills, {made_at:%Y-%m-%d %H:%M} UTC"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>{passed} of {len(verdicts)} passed{_aside(verdicts)}. {MODES[mode]}</p>\n{parts}\n</body>\n</html>\n"
    )


def _section(verdict: Verdict) -> str:
    mark = ' class="failed"' if verdict.outcome == "failed" else ""
    head = (
        f"<h2{mark}>{html.escape(verdict.name)}: {verdict.outcome}</h2>\n"
        f"<p>{html.escape(verdict.title)}. Passes when {html.escape(verdict.passes_when)}.</p>\n"
    )
    if verdict.not_judged:
        return f"{head}<p>Not judged: {html.escape(verdict.not_judged)}.</p>"
    trouble = f"<p>{html.escape(verdict.trouble)}</p>\n" if verdict.trouble else ""
    rows = "\n".join(_row(one) for one in verdict.figures)
    names = "<tr><th>Figure</th><th>Measured</th><th>Has to be</th><th></th></tr>"
    return f"{head}{trouble}<table>\n<thead>{names}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _aside(verdicts: Sequence[Verdict]) -> str:
    count = sum(one.outcome == "not judged" for one in verdicts)
    return f", {count} could not be judged" if count else ""


def _row(figure: Figure) -> str:
    mark = "" if figure.holds else ' class="failed"'
    measured = "never" if figure.number is None else f"{figure.number:,.3f} {figure.unit}"
    is_judged = figure.bound is not None
    bound = f"{figure.sense} {figure.bound:,.3f} {figure.unit}" if is_judged else ""
    cells = (
        f"<td>{html.escape(figure.name)}</td>",
        f'<td class="number">{html.escape(measured)}</td>',
        f'<td class="number">{html.escape(bound)}</td>',
        f"<td>{WORDS[figure.holds] if is_judged else ''}</td>",
    )
    return f"<tr{mark}>{''.join(cells)}</tr>"


def _figure(figure: Figure) -> dict[str, str | float | bool | None]:
    return {
        "name": figure.name,
        "number": None if figure.number is None else float(figure.number),
        "unit": figure.unit,
        "sense": figure.sense,
        "bound": None if figure.bound is None else float(figure.bound),
        "is_speed": figure.is_speed,
        "holds": figure.holds,
    }
