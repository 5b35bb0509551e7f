"""How every page opens: guarded, named, with the depot's clock, and with a way out when empty."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from depotlib.model.depot import Depot
from depotlib.model.display import Display
from depotlib.settings import read_settings
from depotlib.ui.bench import Bench
from depotlib.ui.depot_switch import switched
from depotlib.ui.entry import page_of
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.journal_loaders import collect_news_of_the_hour
from depotlib.ui.loaders import load_sites, load_store, load_tariffs
from depotlib.ui.login import enter, may
from depotlib.ui.state import (
    begin_page,
    depot_in_address,
    is_routed,
    set_display,
    set_notice,
    take_notice,
)
from depotlib.ui.tour import show_tour, start_tour
from depotlib.ui.wording import clock_words, plain, said, short_number
from depotlib.workflows.load_demo import load_demo

CLOCK_EVERY_S: Final = 2.0
NOTHING_CHARGED: Final = (
    "What is charged at {depot} stands here by itself, from the first vehicle that plugs in."
)
READABLE: Final = """<style>
[data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] p,
[data-testid="stTab"][role="tab"][data-rac],
[data-testid="stButtonGroup"] button[data-variant][data-rac] {color: inherit}
</style>"""
"""In the accent's colour a slider's figure, a chosen tab or pill is too faint on dark: that one is
made for white words. What is chosen still has the accent's line beneath or around it."""


def open_page(title: str, *, question: str) -> Bench:
    """Return what a page works with; shows its title, its question and the depot's clock.

    Whoever has to log in first, or may not see it, gets no further.

    Parameters
    ----------
    title : str
    question : str
        What the page answers, in a sentence.
    """
    st.set_page_config(page_title=f"{title} - depotlib", layout="wide")
    st.html(READABLE)
    st.title(said(title), anchor=False)
    st.caption(said(question))
    with errors_shown():
        settings = switched(read_settings())
        now = settings.depot_clock().now()
        person = enter(settings, role=page_of(title).role)
        bench = Bench(settings=settings, now=now, store=load_store(settings), person=person)
    set_display(bench.store.display if bench.store is not None else Display())
    begin_page(title)
    with st.sidebar:
        _show_depot(bench)
    notice = take_notice()
    if notice:
        st.success(plain(notice))
    next_page = show_tour(bench, title)
    if next_page:
        with st.sidebar:
            link_to(next_page, f"Next step: {next_page}")
    return bench


def need_depot(bench: Bench) -> Depot:
    """Return the chosen depot; without one, say so, offer the demo and end the page."""
    if bench.depot is None:
        offer_demo(bench, "There is no depot here yet.")
        st.stop()
    return bench.depot


def need_log_and_tariff(bench: Bench) -> tuple[list[str], dict[str, str]]:
    """Return the sites with sessions, and the tariffs by id; without both, say so and end."""
    with errors_shown():
        if bench.depot is not None and bench.settings.mailbox_path.exists():
            collect_news_of_the_hour(bench.settings, site=bench.depot.name, now=bench.now)
        sites, tariffs = load_sites(bench.settings), load_tariffs(bench.settings)
    if not sites or not tariffs:
        missing = "tariff" if sites else "charging log with a site"
        sentence = f"There is no {missing} here yet."
        if tariffs and bench.depot is not None:
            st.info(plain(f"{sentence} {NOTHING_CHARGED.format(depot=bench.depot.name)}"))
        elif tariffs:
            st.info(sentence)
        else:
            offer_demo(bench, f"{sentence} The demo depot brings a real tariff.")
        link_to("Import", "Import a charging log or a tariff record")
        st.stop()
    return sites, tariffs


def offer_demo(bench: Bench, sentence: str) -> None:
    """Show a sentence and one button that loads the demo depot."""
    with st.container(border=True):
        st.markdown(
            f"**{plain(sentence)}** The demo depot has 60 vans, 48 connectors and a 300 kW limit; "
            "it loads in a few seconds and needs no account and no file."
        )
        if may(bench.person, "planner") and st.button(
            "Load the demo depot", type="primary", key="load_demo"
        ):
            with errors_shown(), st.spinner("Loading the demo depot …"):
                loaded = load_demo(bench.settings, now=bench.now)
                start_tour(bench)
            set_notice(
                f"The demo depot is loaded for the night of {loaded.night:%A}, {loaded.night.day} {loaded.night:%B %Y}."
            )
            st.rerun()


def link_to(title: str, label: str, *, query: dict[str, str] | None = None) -> None:
    """Show a link to another page, which opens with the parameters given."""
    entry = page_of(title)
    # Whoever opens it in another tab, or without the router, begins another session there.
    asked = depot_in_address() | (query or {})
    if is_routed():
        st.page_link(entry.page(), label=f"{label} →", query_params=asked or None)
        return
    st.markdown(f"[{plain(label)}](/{entry.address}?{urlencode(asked)})")


def _show_depot(bench: Bench) -> None:
    st.markdown(f"**{plain(bench.depot.name)}**" if bench.depot else "**No depot yet**")
    _show_clock(bench)


@st.fragment(run_every=CLOCK_EVERY_S)
def _show_clock(bench: Bench) -> None:
    clock = bench.settings.depot_clock()
    st.caption(f"Depot time: {plain(clock_words(clock.now(), bench.time_zone))}")
    speed = (
        f" The demo clock runs {short_number(clock.speed_factor)}× fast."
        if clock.speed_factor > 1
        else ""
    )
    st.caption(f"All times are local: {plain(bench.time_zone.key)}.{speed}")
