"""``depot study``: run a grid of scenarios, and show what it says."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import time as time_of_day
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from depotlib.cli.points import point_of
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.cli.report_option import ReportOption
from depotlib.errors import OptionRefusedError
from depotlib.settings import read_settings
from depotlib.studies.runner import Progress
from depotlib.studies.stopping import Sureness
from depotlib.workflows.back_test_days import BackTestChoices, back_test_store
from depotlib.workflows.compare_points import Comparison, compare_points, find_break_even
from depotlib.workflows.declare_study import study_currency
from depotlib.workflows.open_notebook import study_recipe
from depotlib.workflows.report_scenarios import study_report
from depotlib.workflows.run_study import MEASURES, StudyOrder, run_study, show_study
from depotlib.workflows.write_report import write_report

TOLD_EVERY_S: Final = 2.0


class Action(StrEnum):
    """What to do with a study."""

    RUN = "run"
    SHOW = "show"
    COMPARE = "compare"
    BREAK_EVEN = "break-even"
    BACK_TEST = "back-test"


def command(
    action: Annotated[Action, typer.Argument(help="run, show, compare, break-even or back-test")],
    file: Annotated[
        Path | None, typer.Argument(help="the study, as TOML (docs/studies.md); back-test: none")
    ] = None,
    *,
    folder: Annotated[
        Path | None, typer.Option(help="of results; default: studies in the depot's home")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=0, help="run: processes; default: one a processor")
    ] = None,
    cluster: Annotated[str, typer.Option(help="run: a Dask scheduler, tcp://host:8786")] = "",
    shard: Annotated[str, typer.Option(help="run: a part alone, as 2/4")] = "1/1",
    most_seconds: Annotated[
        float | None, typer.Option(help="run: a scenario that takes longer fails")
    ] = None,
    failed_again: Annotated[
        bool, typer.Option("--failed-again", help="run: what failed before, too")
    ] = False,
    measure: Annotated[
        list[str] | None, typer.Option(help="columns; default: bill, peak, readiness")
    ] = None,
    first: Annotated[
        list[str] | None, typer.Option(help="compare: first point, as policy=edf; repeatable")
    ] = None,
    second: Annotated[list[str] | None, typer.Option(help="compare: second point")] = None,
    indifferent: Annotated[
        float, typer.Option(help="compare: a difference no larger is none")
    ] = 0.0,
    most_seeds: Annotated[int, typer.Option(help="compare: where to stop unsure")] = 64,
    turn: Annotated[
        str, typer.Option(help="break-even: turned at the second point, as demand_price_per_kw")
    ] = "demand_price_per_kw",
    span: Annotated[str, typer.Option(help="break-even: where to look, as 0:40")] = "0:40",
    site: Annotated[str | None, typer.Option(help="back-test: only its sessions")] = None,
    time_zone: Annotated[str, typer.Option(help="back-test: of the depot's days")] = "UTC",
    day_begins: Annotated[str, typer.Option(help="back-test: 00:00 where days charge")] = "12:00",
    power: Annotated[
        float | None, typer.Option(help="back-test: kW of a vehicle where the log is silent")
    ] = None,
    holidays: Annotated[str, typer.Option(help="back-test: region, as DE-BY")] = "",
    report: ReportOption = None,
) -> int:
    """Run a study, show what it says, compare two points; exit 3 if scenarios failed or lack."""
    if action is Action.BACK_TEST:
        choices = BackTestChoices(time_zone, _clock(day_begins), power, holidays)
        return _back_test(choices, site=site)
    if file is None:
        raise OptionRefusedError(
            f"{action.value} needs a study", where="FILE", hint="name its TOML file"
        )
    held = folder or read_settings().home / "studies"
    if action is Action.SHOW:
        return _show(file, held, measures=measure or MEASURES, report=report)
    order = StudyOrder(
        path=file,
        folder=held,
        jobs=jobs if jobs is not None else os.cpu_count() or 1,
        cluster=cluster,
        shard=_shard(shard),
        most_s=most_seconds,
        is_retrying=failed_again,
    )
    comparison = Comparison(
        point_of(first or ()), point_of(second or ()), measure=(measure or MEASURES)[0]
    )
    if action is Action.COMPARE:
        sureness = Sureness(indifferent_value=indifferent, most_seeds=most_seeds)
        print_json(compare_points(order, comparison, sureness=sureness))
        return EXIT_DONE
    if action is Action.BREAK_EVEN:
        print_json(find_break_even(order, comparison, turned=turn, span=_span(span)))
        return EXIT_DONE
    ended = run_study(order, on_progress=_Teller().tell)
    print_json({"study": str(file), "folder": held, **asdict(ended)})
    return EXIT_FALLS_SHORT if ended.failed else EXIT_DONE


def _show(file: Path, folder: Path, *, measures: Sequence[str], report: Path | None) -> int:
    """Print what a study says so far; fall short while results lack or failed."""
    state = show_study(file, folder, measures=measures)
    if report is not None:
        told = study_report(state, currency=study_currency(file))
        write_report(report, told, recipe=study_recipe(file, folder), settings=read_settings())
    print_json(
        {
            "study": state.study.name,
            "scenarios": state.total,
            "found": state.found,
            "failed": state.failed,
            "reasons": state.reasons,
            "points": state.means.to_dicts(),
            "frontier": state.best.to_dicts(),
            "tornado": state.swings,
        }
    )
    return EXIT_DONE if state.found == state.total and not state.failed else EXIT_FALLS_SHORT


def _back_test(choices: BackTestChoices, *, site: str | None) -> int:
    """Print a back-test of the store's sessions; fall short if a band or a score does."""
    tested = back_test_store(read_settings(), choices, site=site)
    rows = [
        asdict(one) | {"is_covered": one.is_covered, "is_better": one.is_better}
        for one in tested.measures
    ]
    print_json(
        {
            "known_days": tested.known_days,
            "tested_days": tested.tested_days,
            "same_weekday_factor": tested.same_weekday_factor,
            "measures": rows,
        }
    )
    holds = all(one.is_covered and one.is_better for one in tested.measures)
    return EXIT_DONE if holds else EXIT_FALLS_SHORT


def _clock(text: str) -> time_of_day:
    try:
        return time_of_day.fromisoformat(text)
    except ValueError as error:
        raise OptionRefusedError(
            f"{text!r} is no time of day", where="--day-begins", hint="write 12:00"
        ) from error


class _Teller:
    """Says on stderr how far a run is, every few seconds."""

    def __init__(self) -> None:
        self._began_s = self._told_s = time.monotonic()

    def tell(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s < TOLD_EVERY_S and progress.left:
            return
        self._told_s = now_s
        left = f", {progress.left} left" if progress.left else ""
        if progress.left and progress.done:
            left += f", about {(now_s - self._began_s) / progress.done * progress.left:.0f} s"
        print_message(
            f"{progress.found + progress.done} of {progress.total} scenarios "
            f"({progress.found} were there, {progress.failed} failed){left}"
        )


def _span(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError as error:
        raise OptionRefusedError(
            f"{text!r} is no span", where="--span", hint="write 0:40"
        ) from error


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit()):
        raise OptionRefusedError(
            f"{text!r} is no part of a study", where="--shard", hint="write 1/4 to 4/4"
        )
    return int(number), int(count)
