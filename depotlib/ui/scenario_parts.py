"""Parts of the scenario page: which night, a new scenario, and all of them beside each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import polars as pl
import streamlit as st

from depotlib.charts.scenario_comparison import scenario_comparison
from depotlib.errors import ScenarioError
from depotlib.model.depot import Depot
from depotlib.model.live import Scalar
from depotlib.model.plan import PlanHeader
from depotlib.settings import Settings
from depotlib.ui.command import Asked
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.loaders import FileStamp, load_tariffs, warehouse_stamp
from depotlib.ui.page import Bench
from depotlib.ui.state import scenario_texts, set_scenario_texts
from depotlib.ui.study_words import value_words
from depotlib.ui.tables import show_table
from depotlib.ui.wording import (
    heading_of,
    kw,
    kwh,
    money,
    number,
    plain,
    short_number,
    shown_value,
    stored_value,
)
from depotlib.workflows.compare_scenarios import (
    CHANGES,
    NightScenario,
    ScenarioOrder,
    SolvedScenario,
    compare_scenarios,
    scenario_from_text,
)

BIND: Final = "query-params"
SAME_AS_NOW: Final = "Tonight as it is"
TEXTS: Final = ("tariff", "any_station")
"""Changes that are no numbers; the second has a toggle."""
LEAST_SHOWN: Final = 0.005
NOTHING: Final[Mapping[str, Scalar]] = {}
WHOLE: Final = ("vehicles", "ac_stations", "dc_stations")


def pick_order(bench: Bench) -> ScenarioOrder:
    """Return the night a person chose, and how it is planned; both stand in the address."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    evening: date | None = left.date_input(
        "Night that begins on", value=None, key="evening", bind=BIND,
        help="Empty: tonight. A past night is planned from what was known at its end.",
    )  # fmt: skip
    is_relaxed = right.toggle(
        "Ignore who stands where", key="relaxed", bind=BIND, help="Quicker: a bound, not a plan."
    )
    order = ScenarioOrder(
        at=bench.now.replace(second=0, microsecond=0),
        occupancy="relaxed" if is_relaxed else "assigned",
    )
    return order if evening is None else _of_evening(order, evening)


def ask_scenario(bench: Bench, depot: Depot) -> None:
    """Ask for another scenario, from the night as it is or from a copy of one that is there."""
    texts = scenario_texts()
    held = {one.name: one for text in texts if (one := _known(text)) is not None}
    with st.expander("Add a scenario", expanded=not held):
        origin = st.selectbox("Duplicate", [SAME_AS_NOW, *held], key="scenario_origin")
        changes: Mapping[str, Scalar] = held[origin].changes if origin in held else NOTHING
        with st.form("scenario", clear_on_submit=True, border=False):
            name = st.text_input("Name", key="scenario_name", placeholder="such as: 20 more vans")
            found = _fields(bench, depot, changes=changes, origin=origin)
            is_asked = st.form_submit_button("Add and plan", type="primary", key="scenario_add")
        if is_asked:
            with errors_shown():
                added = NightScenario(name.strip() or f"Scenario {len(held) + 1}", found)
            set_scenario_texts((*texts, added.text()))
            st.rerun()
    if held and st.button("Remove the last one", key="scenario_remove"):
        set_scenario_texts(texts[:-1])
        st.rerun()


def asked_scenarios() -> tuple[NightScenario, ...]:
    """Return the scenarios that the address names; a text that is none is told and left out."""
    found: list[NightScenario] = []
    for text in scenario_texts():
        one = _known(text)
        if one is None:
            st.warning(f"{plain(text)} is no scenario: it was left out.")
        else:
            found.append(one)
    return tuple(found)


def load_scenarios(
    settings: Settings, order: ScenarioOrder, *, scenarios: Sequence[NightScenario]
) -> tuple[SolvedScenario, ...]:
    """Return scenarios as they were planned; the same question is planned once."""
    texts = tuple(one.text() for one in scenarios)
    return _solved(warehouse_stamp(settings), order=order, texts=texts, _settings=settings)


def show_scenarios(solved: Sequence[SolvedScenario]) -> None:
    """Show scenarios beside each other: the bill as a picture, what differs, every figure."""
    for one in solved:
        if one.plan is None:
            st.error(f"{plain(one.scenario.name)} cannot be planned: {plain(one.why_not)}")
    headers = [(one.scenario.name, one.plan.header) for one in solved if one.plan is not None]
    if not headers:
        return
    costs, currency = costs_frame(headers), headers[0][1].currency
    show_figure(
        scenario_comparison(costs, currency=currency, colours=theme_colours()),
        key="scenario_comparison",
        data=costs,
    )
    if len(solved) > 1:
        st.subheader("What differs", anchor=False)
        show_table(
            changes_table([one.scenario for one in solved]),
            key="scenario_changes",
            alt="What each scenario changes",
        )
    st.subheader("What comes of it", anchor=False)
    show_table(figures_table(headers), key="scenario_figures", alt="Every figure of each scenario")
    st.caption(
        "In brackets: against the first column. Bills are of a month of nights like this. Nothing "
        "here is kept or pushed."
    )


def costs_frame(headers: Sequence[tuple[str, PlanHeader]]) -> pl.DataFrame:
    """Return what each scenario costs, as the chart takes it."""
    return pl.DataFrame(
        [
            {
                "name": name,
                "energy_amount": one.energy_amount,
                "demand_amount": one.demand_amount,
                "other_amount": one.bill_amount - one.energy_amount - one.demand_amount,
                "note": f"{one.ready} of {one.vehicles} ready",
            }
            for name, one in headers
        ]
    )


def changes_table(scenarios: Sequence[NightScenario]) -> pl.DataFrame:
    """Return a row for each fact that some scenario changes, and a column a scenario."""
    changed = [name for name in CHANGES if any(name in one.changes for one in scenarios)]
    columns = {"Changed": [heading_of(name, CHANGES[name]) for name in changed]}
    for one in scenarios:
        columns[one.name] = [
            value_words(_in_unit(name, one.changes[name])) if name in one.changes else "as it is"
            for name in changed
        ]
    return pl.DataFrame(columns)


def figures_table(headers: Sequence[tuple[str, PlanHeader]]) -> pl.DataFrame:
    """Return every figure of each scenario, with its difference from the first."""
    first = headers[0][1]
    currency = first.currency

    def money_of(amount: float) -> str:
        return money(amount, currency)

    rows: list[tuple[str, Callable[[PlanHeader], float], Callable[[float], str]]] = [
        ("Bill", lambda one: one.bill_amount, money_of),
        ("Energy charges", lambda one: one.energy_amount, money_of),
        ("Demand charges", lambda one: one.demand_amount, money_of),
        ("Peak", lambda one: one.peak_kw, kw),
        ("Vans", lambda one: float(one.vehicles), _whole),
        ("Vans ready", lambda one: float(one.ready), _whole),
        ("Missing energy", lambda one: one.unmet_kwh, kwh),
        ("Swaps in the yard", lambda one: float(one.swaps), _whole),
    ]
    columns: dict[str, list[str]] = {"Figure": [title for title, _, _ in rows]}
    for name, header in headers:
        columns[name] = [_with_change(of(header), of(first), words=words) for _, of, words in rows]
    return pl.DataFrame(columns)


def of_scenarios(order: ScenarioOrder, scenarios: Sequence[NightScenario]) -> Asked:
    """Return the command that plans the same scenarios."""
    evening = order.choices.evening
    return Asked(
        "scenario",
        tuple(one.text() for one in scenarios),
        {
            "evening": evening.isoformat() if evening is not None else None,
            "ignore-occupancy": order.occupancy == "relaxed",
        },
        at=order.at.isoformat(),
    )


@st.cache_resource(show_spinner="Planning each scenario …", max_entries=8)
def _solved(
    stamp: FileStamp, *, order: ScenarioOrder, texts: tuple[str, ...], _settings: Settings
) -> tuple[SolvedScenario, ...]:
    assert stamp[0]
    return compare_scenarios(
        _settings, order, scenarios=[scenario_from_text(text) for text in texts]
    )


def _fields(
    bench: Bench, depot: Depot, *, changes: Mapping[str, Scalar], origin: str
) -> dict[str, Scalar]:
    """Return what a person changes; a field that is left empty changes nothing."""
    found: dict[str, Scalar] = {}
    columns = st.columns(3)
    for place, (name, title) in enumerate(CHANGES.items()):
        if name in TEXTS:
            continue
        before = changes.get(name)
        value = columns[place % len(columns)].number_input(
            heading_of(name, title),
            value=shown_value(name, float(before)) if isinstance(before, int | float) else None,
            placeholder="as it is",
            format="%g",
            key=f"change_{name}_{origin}",
        )
        if value is not None:
            found[name] = int(value) if name in WHOLE else stored_value(name, value)
    names = load_tariffs(bench.settings)
    tariff = st.selectbox(
        CHANGES["tariff"], [None, *names],
        index=[None, *names].index(str(changes["tariff"])) if changes.get("tariff") in names else 0,
        format_func=lambda one: names[one] if one is not None else "as it is",
        key=f"change_tariff_{origin}",
    )  # fmt: skip
    if tariff is not None:
        found["tariff"] = tariff
    if st.toggle(
        CHANGES["any_station"], value=bool(changes.get("any_station")),
        key=f"change_any_station_{origin}",
    ):  # fmt: skip
        found["any_station"] = True
    st.caption(
        plain(
            f"{depot.name} now: service {short_number(depot.grid.service_kw)} kW, operating limit "
            f"{short_number(depot.grid.operating_limit_kw)} kW, {len(depot.stations)} stations."
        )
    )
    return found


def _in_unit(name: str, value: Scalar) -> Scalar:
    """Return a changed fact in the unit that the depot reads it in."""
    return (
        shown_value(name, value)
        if isinstance(value, float | int) and name.endswith("_c")
        else value
    )


def _known(text: str) -> NightScenario | None:
    try:
        return scenario_from_text(text)
    except ScenarioError:
        return None


def _of_evening(order: ScenarioOrder, evening: date) -> ScenarioOrder:
    return replace(order, choices=replace(order.choices, evening=evening))


def _whole(value: float) -> str:
    return number(value)


def _with_change(value: float, first: float, *, words: Callable[[float], str]) -> str:
    change = value - first
    if abs(change) < LEAST_SHOWN:
        return words(value)
    return f"{words(value)} ({'-' if change < 0 else '+'}{words(abs(change))})"
