"""What a depot may prefer among ready plans, and what it costs: slack, battery care, the bill."""

import polars as pl
import streamlit as st

from depotlib.charts.preference_costs import preference_costs
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.plan_loaders import ShownNight, load_preferences
from depotlib.ui.tables import show_table


def show_preferences(shown: ShownNight) -> None:
    """Show the plans of a night by what they cost, how early they are and how they treat batteries."""
    rows = load_preferences(shown.bench.settings, shown.night)
    currency = shown.answer.plan.header.currency
    st.markdown(
        "The same night planned with vans done earlier, or with a price on energy that waits in a "
        "battery. To the left is cheaper, further down is kinder to batteries."
    )
    show_figure(
        preference_costs(rows, currency=currency, colours=theme_colours()),
        key="preference_costs",
        data=rows,
    )
    show_table(
        preferences_table(rows, currency=currency), key="preferences", alt="What each plan costs"
    )
    st.caption(
        "Care is what a kWh that waits an hour is held to cost; it is not part of the bill. A plan "
        "is beaten where another is nowhere worse and somewhere better."
    )


def preferences_table(rows: pl.DataFrame, *, currency: str) -> pl.DataFrame:
    """Return the plans in a reader's words, those that nothing beats first."""
    return rows.sort("is_dominated", "slack_min", "extra_amount").select(
        pl.col("slack_min").alias("Done before leaving (min)"),
        pl.col("care_per_kwh").alias(f"Care ({currency} per kWh and hour)"),
        pl.col("bill_amount").alias(f"Bill ({currency} a month)"),
        pl.col("extra_amount").alias(f"Dearer by ({currency} a month)"),
        pl.col("waiting_h").alias("A kWh waits (h)"),
        pl.col("peak_kw").alias("Peak (kW)"),
        pl.col("ready").alias("Vans ready"),
        pl.col("unmet_kwh").alias("Missing (kWh)"),
        pl.when("is_dominated").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("Beaten"),
    )
