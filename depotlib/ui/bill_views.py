"""Parts of the page about a bill: its month, who caused the peak, who pays, and all months."""

from dataclasses import dataclass

import streamlit as st

from depotlib.charts.bill_lines import bill_lines
from depotlib.charts.demand_load import demand_load
from depotlib.charts.heat_map import heat_map
from depotlib.charts.load_duration import load_duration
from depotlib.charts.peak_contributors import peak_contributors
from depotlib.model.bill import Bill
from depotlib.model.calendar import zone
from depotlib.settings import Settings
from depotlib.ui.bill_tables import (
    capped_table,
    contributors_table,
    rules_table,
    split_table,
)
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.loaders import BillQuestion, load_peaks, load_split, load_windows
from depotlib.ui.look_back_tables import bill_table
from depotlib.ui.pickers import pick_parties, pick_peak, pick_rules
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, money, plain, with_depots_days
from depotlib.workflows.allocate_bill import Split, SplitBy
from depotlib.workflows.review_demand import DemandReview


@dataclass(frozen=True, slots=True)
class ShownBill:
    """One of several bills, and what the page asked for.

    Parameters
    ----------
    settings : Settings
    review : DemandReview
        Holds all bills.
    bill : Bill
    question : BillQuestion
        Asks for that bill.
    """

    settings: Settings
    review: DemandReview
    bill: Bill
    question: BillQuestion


def show_bill(shown: ShownBill) -> None:
    """Show the part that is open, which stands in the address; the others are not computed."""
    month, causes, payers, months, words = st.tabs(
        ["The month", "Who caused the peak", "Who pays", "All months", "The tariff's own words"],
        key="charges",
        bind="query-params",
    )
    # Choices are there in every run: one that is not is forgotten, and leaves the address.
    with causes:
        by = pick_parties(key="peak_by")
    with payers:
        split = Split(by=pick_parties(key="split_by"), rules=pick_rules())
    if month.open:
        with month:
            _show_month(shown)
    if causes.open:
        with causes:
            _show_contributors(shown, by=by)
    if payers.open:
        with payers:
            _show_split(shown, split=split)
    if months.open:
        with months:
            _show_months(shown)
    if words.open:
        with words:
            _show_words(shown)


def _show_month(shown: ShownBill) -> None:
    bill, load = shown.bill, shown.review.load
    time_zone = zone(shown.question.time_zone)
    with errors_shown():
        windows = load_windows(
            shown.settings, shown.question.tariff_id, bill=bill, time_zone=time_zone.key
        )
    show_figure(
        demand_load(load, bill=bill, time_zone=time_zone, windows=windows, colours=theme_colours()),
        key="load_of_the_month",
        data=load,
    )
    show_table(
        bill_table([bill], time_zone=time_zone),
        key="bill_of_the_month",
        alt="Lines of the bill of the chosen month",
    )
    st.markdown(f"**Total {plain(money(bill.total, bill.currency))}**")


def _show_contributors(shown: ShownBill, *, by: SplitBy) -> None:
    """Show who drew power while each demand charge was set, and what the worst moments cost."""
    with errors_shown():
        review = load_peaks(shown.settings, shown.question)
    peaks = review.by_station if by == "station" else review.by_vehicle
    if not peaks:
        st.info("This bill has no demand charge.")
        return
    peak = pick_peak(peaks, currency=review.bill.currency)
    st.markdown(plain(f"Shared {peak.sentence}."))
    show_figure(
        peak_contributors(peak, currency=review.bill.currency, colours=theme_colours()),
        key="contributors",
        data=contributors_table(peak, currency=review.bill.currency),
    )
    st.subheader("Without the worst moments", anchor=False)
    st.markdown("The bill made again with the highest demand windows cut to the next highest:")
    show_table(
        capped_table(review.without_worst, time_zone=zone(shown.question.time_zone)),
        key="without_worst",
        alt="The bill without its worst demand windows",
    )


def _show_split(shown: ShownBill, *, split: Split) -> None:
    """Show who pays which part of a bill."""
    with errors_shown():
        allocation = load_split(shown.settings, shown.question, split=split).allocation
    show_table(split_table(allocation), key="split", alt="What each party pays")
    st.markdown(
        f"**Together {plain(money(allocation.bill.total, allocation.bill.currency))}**, exactly the bill."
    )
    for warning in allocation.warnings:
        st.warning(plain(with_depots_days(warning)))
    show_table(rules_table(allocation), key="split_rules", alt="By which rule each line was split")


def _show_months(shown: ShownBill) -> None:
    review, colours = shown.review, theme_colours()
    time_zone = zone(shown.question.time_zone)
    lines = bill_table(review.bills, time_zone=time_zone)
    show_figure(
        bill_lines(review.bills, time_zone=time_zone, colours=colours), key="bills", data=lines
    )
    left, right = st.columns(2)
    with left:
        st.subheader("How long, how high", anchor=False)
        show_figure(
            load_duration(review.load, colours=colours), key="load_duration", data=review.load
        )
    with right:
        st.subheader("When", anchor=False)
        show_figure(
            heat_map(review.load, time_zone=time_zone, colours=colours),
            key="heat_map",
            data=review.load,
        )
    with st.expander(f"All lines of {counted(len(review.bills), 'bill')}"):
        show_table(lines, key="all_bills", alt="Lines of all bills")


def _show_words(shown: ShownBill) -> None:
    review = shown.review
    for assumption in sorted({text for one in review.bills for text in one.assumptions}):
        st.markdown(f"- {plain(with_depots_days(assumption))}")
    for comment in review.comments:
        st.text(comment)
