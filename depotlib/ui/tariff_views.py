"""Parts of the page about tariffs: one as a year's maps, and several beside each other."""

import streamlit as st

from depotlib.charts.price_map import price_map
from depotlib.charts.tariff_comparison import tariff_comparison
from depotlib.settings import Settings
from depotlib.ui.bill_tables import comparison_costs, comparison_rows
from depotlib.ui.comparison_parts import compared_here_or_by_a_job
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.ui.wording import plain, sentence_of, with_depots_days
from depotlib.workflows.compare_tariffs import History
from depotlib.workflows.open_notebook import comparison_recipe
from depotlib.workflows.report_bills import comparison_report
from depotlib.workflows.show_tariff import PriceMap


def show_prices(prices: PriceMap, *, currency: str) -> None:
    """Show what energy and power cost in each hour, on working days and on weekends."""
    if prices.refusal:
        st.info(plain(f"No prices by hour: {prices.refusal}."))
        return
    colours, shown = theme_colours(), prices.prices
    for column, (value, unit, title) in zip(
        st.columns(2),
        (
            ("price_per_kwh", f"{currency}/kWh", "Energy, first tier"),
            ("price_per_kw", f"{currency}/kW", "Demand: what a kW of the peak costs here"),
        ),
        strict=True,
    ):
        with column:
            st.subheader(title, anchor=False)
            show_figure(
                price_map(shown, value=value, unit=unit, colours=colours), key=value, data=shown
            )


def show_comparison(settings: Settings, history: History, *, tariff_ids: tuple[str, ...]) -> None:
    """Show what the same sessions cost under each tariff, as it was and planned anew."""
    with errors_shown():
        comparison = compared_here_or_by_a_job(settings, history, tariff_ids=tariff_ids)
    colours = theme_colours()
    for currency in dict.fromkeys(one.currency for one in comparison.tariffs):
        costs = comparison_costs(comparison, currency=currency)
        if costs.height:
            show_figure(
                tariff_comparison(costs, currency=currency, colours=colours),
                key=f"comparison_{currency}",
                data=costs,
            )
    show_table(comparison_rows(comparison), key="compared", alt="Tariffs, the cheapest first")
    for note in comparison.notes:
        st.caption(plain(with_depots_days(sentence_of(note))))
    offer_report(
        lambda: comparison_report(comparison, time_zone=history.time_zone),
        name="tariff_comparison",
        recipe=comparison_recipe(settings, history, tariff_ids=tariff_ids),
    )
