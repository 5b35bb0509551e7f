"""Parts of pages about bills: who caused the peak, who pays."""

import streamlit as st

from depotlib.charts.colours import Colours
from depotlib.charts.peak_contributors import peak_contributors
from depotlib.model.calendar import zone
from depotlib.settings import Settings
from depotlib.ui.bill_tables import (
    capped_table,
    contributors_table,
    rules_table,
    split_table,
)
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure
from depotlib.ui.loaders import BillQuestion, load_peaks, load_split
from depotlib.ui.pickers import pick_parties, pick_peak, pick_rules
from depotlib.ui.tables import show_table
from depotlib.ui.wording import money, plain
from depotlib.workflows.allocate_bill import Split


def show_contributors(settings: Settings, question: BillQuestion, *, colours: Colours) -> None:
    """Show who drew power while each demand charge was set, and what the worst moments cost."""
    with errors_shown():
        review = load_peaks(settings, question)
    by = pick_parties(key="peak_by")
    peaks = review.by_station if by == "station" else review.by_vehicle
    if not peaks:
        st.info("This bill has no demand charge.")
        return
    peak = pick_peak(peaks, currency=review.bill.currency)
    st.markdown(plain(f"Shared {peak.sentence}."))
    show_figure(
        peak_contributors(peak, currency=review.bill.currency, colours=colours),
        key="contributors",
        data=contributors_table(peak, currency=review.bill.currency),
    )
    st.subheader("Without the worst moments", anchor=False)
    st.markdown("The bill made again with the highest demand windows cut to the next highest:")
    show_table(
        capped_table(review.without_worst, time_zone=zone(question.time_zone)),
        key="without_worst",
        alt="The bill without its worst demand windows",
    )


def show_split(settings: Settings, question: BillQuestion) -> None:
    """Show who pays which part of a bill."""
    by = pick_parties(key="split_by")
    with errors_shown():
        split = load_split(settings, question, split=Split(by=by, rules=pick_rules()))
    allocation = split.allocation
    show_table(split_table(allocation), key="split", alt="What each party pays")
    st.markdown(
        f"**Together {plain(money(allocation.bill.total, allocation.bill.currency))}**, exactly the bill."
    )
    for warning in allocation.warnings:
        st.warning(plain(warning))
    show_table(rules_table(allocation), key="split_rules", alt="By which rule each line was split")
