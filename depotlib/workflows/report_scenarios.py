"""Reports about what could be: scenarios of a night beside each other, and the results of a study."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from depotlib.model.live import Scalar
from depotlib.model.plan import PlanHeader
from depotlib.reports.report import Chart, Column, ColumnKind, Figure, Report, Table, Value
from depotlib.workflows.compare_scenarios import CHANGES, SolvedScenario
from depotlib.workflows.declare_study import study_sentence
from depotlib.workflows.run_study import StudyState

SCENARIO: Final = "Scenario"
PERCENT: Final = 100
POINT: Final = "Point"
CHANGE: Final = "Change"
ALL_POINTS: Final = "All points"
BEST: Final = "Points that no other beats"
MOST_BARS: Final = 60
"""More points than these are a table, not a picture."""


def scenarios_report(solved: Sequence[SolvedScenario], *, time_zone: str) -> Report:
    """Return scenarios beside each other: what each changes, and what comes of it."""
    headers = [(one.scenario.name, one.plan.header) for one in solved if one.plan is not None]
    currency = headers[0][1].currency if headers else ""
    outcomes = _outcomes(headers, currency=currency)
    return Report(
        title="Scenarios",
        question="What if the fleet, the stations or the tariff were others?",
        figures=tuple(
            Figure(f"{title}, {name}", value, unit)
            for name, one in headers
            for title, value, unit in (
                ("Bill a month", one.bill_amount, currency),
                ("Peak", one.peak_kw, "kW"),
                ("Vans ready", one.ready, ""),
                ("Energy missing", one.unmet_kwh, "kWh"),
            )
        ),
        tables=(_changes(solved), outcomes),
        notes=(
            "Bills are of a month of nights like this. Nothing here is kept or pushed.",
            *(
                f"{one.scenario.name} cannot be planned: {one.why_not}"
                for one in solved
                if one.why_not
            ),
        ),
        time_zone=time_zone,
        charts=(
            Chart(
                "What a month of such nights costs",
                outcomes.name,
                SCENARIO,
                outcomes.headings[2:5],
                currency,
                "stacked bars",
            ),
        ),
    )


def study_report(state: StudyState, *, currency: str) -> Report:
    """Return what a study says so far: its points, those that no other beats, or its tornado."""
    best = _points(BEST, state.best, state=state, currency=currency)
    every = _points(ALL_POINTS, state.means, state=state, currency=currency)
    swings = [] if not state.swings else [_swings(state, currency=currency)]
    drawn = best if best.rows else every
    bill = f"Bill ({currency})"
    charts = [
        *(Chart(one.name, one.name, CHANGE, ("Bill moves by",), currency) for one in swings),
        *([Chart(f"Bill: {drawn.name.lower()}", drawn.name, POINT, (bill,), currency)]
          if 0 < len(drawn.rows) <= MOST_BARS else []),
    ]  # fmt: skip
    return Report(
        title=f"Study {state.study.name}",
        question=study_sentence(state.study),
        figures=(
            Figure("Scenarios", state.total),
            Figure("With a result", state.found),
            Figure("Failed", state.failed),
            Figure("Points beaten by none", state.best.height),
            *_cheapest(every, bill=bill, currency=currency),
        ),
        tables=(*swings, *([best] if best.rows else []), every),
        notes=(
            "Means over the draws of chance, with the band that holds it in 90 % of cases. Bills "
            "are of the nights played, not of a month.",
            *state.reasons,
        ),
        time_zone="UTC",
        charts=tuple(charts),
    )


def _changes(solved: Sequence[SolvedScenario]) -> Table:
    changed = [name for name in CHANGES if any(name in one.scenario.changes for one in solved)]
    return Table(
        "What differs",
        (Column(SCENARIO), *(Column(CHANGES[name], "price") for name in changed)),
        tuple(
            (one.scenario.name, *(_cell(one.scenario.changes.get(name)) for name in changed))
            for one in solved
        ),
    )


def _outcomes(headers: Sequence[tuple[str, PlanHeader]], *, currency: str) -> Table:
    rows: list[tuple[Value, ...]] = [
        (
            name,
            one.bill_amount,
            one.energy_amount,
            one.demand_amount,
            one.bill_amount - one.energy_amount - one.demand_amount,
            one.peak_kw,
            one.vehicles,
            one.ready,
            one.unmet_kwh,
            one.swaps,
        )
        for name, one in headers
    ]
    money = (f"{part} ({currency})" for part in ("Bill", "Energy", "Demand", "Other"))
    return Table(
        "What comes of it",
        (
            Column(SCENARIO),
            *(Column(one, "money") for one in money),
            Column("Peak (kW)", "number"),
            Column("Vans", "count"),
            Column("Ready", "count"),
            Column("Missing (kWh)", "energy"),
            Column("Swaps", "count"),
        ),
        tuple(rows),
    )


def _points(name: str, held: pl.DataFrame, *, state: StudyState, currency: str) -> Table:
    axes = [axis.name for axis in state.study.axes]
    measures: tuple[tuple[str, str, ColumnKind], ...] = (
        ("ready_mean_share", "Ready (%)", "number"),
        ("ready_mean_share_low", "Ready, low (%)", "number"),
        ("ready_mean_share_high", "Ready, high (%)", "number"),
        ("ready_p95_share", "Worst night (%)", "number"),
        ("bill", f"Bill ({currency})", "money"),
        ("bill_low", f"Bill, low ({currency})", "money"),
        ("bill_high", f"Bill, high ({currency})", "money"),
        ("peak_kw", "Peak (kW)", "number"),
        ("unmet_must_kwh", "Missing (kWh)", "energy"),
    )
    return Table(
        name,
        (
            Column(POINT),
            *(Column(_words(one), "price") for one in axes),
            *(Column(heading, kind) for _, heading, kind in measures),
        ),
        tuple(
            (
                _point(row, axes),
                *(_cell(row[one]) for one in axes),
                *(_measure(row, column) for column, _, _ in measures),
            )
            for row in held.iter_rows(named=True)
        ),
    )


def _swings(state: StudyState, *, currency: str) -> Table:
    return Table(
        f"What moves the bill ({currency})",
        (
            Column(CHANGE),
            Column("Bill moves by", "money"),
            Column("Low", "money"),
            Column("High", "money"),
        ),
        tuple(
            (
                f"{_words(swing.axis)}: {_cell(swing.base)} to {_cell(value)}",
                effect.band.mean_value,
                effect.band.low_value,
                effect.band.high_value,
            )
            for swing in state.swings.get("bill", ())
            for value, effect in swing.effects
        ),
    )


def _cheapest(every: Table, *, bill: str, currency: str) -> tuple[Figure, ...]:
    place = every.headings.index(bill)
    priced = [(row[place], row[0]) for row in every.rows if isinstance(row[place], float)]
    if not priced:
        return ()
    amount, name = min(priced, key=lambda one: (float(str(one[0])), str(one[1])))
    return Figure("Lowest bill", amount, currency), Figure("It is", name)


def _point(row: Mapping[str, object], axes: Sequence[str]) -> str:
    return ", ".join(f"{_words(one)}: {_cell(row[one])}" for one in axes) or "the depot as it is"


def _measure(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    if not isinstance(value, int | float):
        return None
    return PERCENT * float(value) if "_share" in name else float(value)


def _words(name: str) -> str:
    return CHANGES.get(name, name.replace("_", " ").capitalize())


def _cell(value: Scalar | object) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float | str) or value is None else str(value)
