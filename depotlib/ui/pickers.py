"""Choices that several pages offer; what they choose stands in the address."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import available_timezones

import polars as pl
import streamlit as st

from depotlib.charts.bill_lines import bill_name
from depotlib.model.attribution import PeakAttribution
from depotlib.model.bill import Bill
from depotlib.model.calendar import zone
from depotlib.model.depot import Depot
from depotlib.reports.csv_rows import safe_csv
from depotlib.ui.state import MOST_TIME_LIMIT_S, PlannedNight, of_depot
from depotlib.ui.wording import money, short_number
from depotlib.workflows.allocate_bill import AllocationRules, SplitBy
from depotlib.workflows.tonight import NightChoices

BIND: Final = "query-params"
ENTERED_NUMBERS: Final = ("quantity", "price", "amount")
ALL_SITES: Final = "All sites"
MOST_KW: Final = 1e5
SHAPES: Final[dict[Literal["at_plug_in", "spread"], str]] = {
    "at_plug_in": "from plug-in on, at full power",
    "spread": "evenly over the stay",
}
PARTIES: Final[dict[SplitBy, str]] = {"station": "by station", "vehicle": "by van"}
ENERGY_RULES: Final[dict[Literal["by_use", "by_energy", "equally"], str]] = {
    "by_use": "by own energy at the prices of its hours",
    "by_energy": "by energy of the whole period",
    "equally": "in equal parts",
}
DEMAND_RULES: Final[dict[Literal["by_peak", "by_energy", "equally"], str]] = {
    "by_peak": "by part of the peak",
    "by_energy": "by energy of the whole period",
    "equally": "in equal parts",
}
FIXED_RULES: Final[dict[Literal["by_energy", "equally"], str]] = {
    "by_energy": "by energy of the whole period",
    "equally": "in equal parts",
}


def pick_site(sites: list[str]) -> str:
    """Return the site a person chose."""
    return st.selectbox("Site", sites, key="site", bind=BIND)


def pick_site_or_all(sites: list[str]) -> str | None:
    """Return the site a person chose, or None for all."""
    chosen = st.selectbox("Site", [ALL_SITES, *sites], key="sites", bind=BIND)
    return None if chosen == ALL_SITES else chosen


def pick_tariff(names: dict[str, str]) -> str:
    """Return the id of the tariff a person chose."""
    return st.selectbox(
        "Tariff", list(names), format_func=lambda tariff_id: names[tariff_id], key="tariff",
        bind=BIND,
    )  # fmt: skip


def pick_tariffs(names: dict[str, str]) -> tuple[str, ...]:
    """Return the ids of the tariffs a person chose; at first all."""
    chosen = st.multiselect(
        "Tariffs",
        list(names),
        default=list(names),
        format_func=lambda tariff_id: names[tariff_id],
        key="tariffs",
        bind=BIND,
    )
    return tuple(chosen)


def pick_time_zone(default: str) -> str:
    """Return the name of the time zone a person chose."""
    names = _time_zones()
    return st.selectbox(
        "Time zone of the site",
        names,
        index=names.index(default),
        key=of_depot("zone"),
        bind=BIND,
        help="Times are shown, and months and tariff hours counted, in this zone.",
    )


def pick_file_zone() -> str | None:
    """Return the zone of local times in a file, or None: as the file or its kind says."""
    return st.selectbox(
        "Time zone of local times",
        _time_zones(),
        index=None,
        placeholder="As the file says",
        key="file_zone",
        help="Needed only where a file's times are local and it does not say where.",
    )


@st.cache_resource(show_spinner=False)
def _time_zones() -> list[str]:
    """Return the names of all zones: a walk through some 600 files, which do not change meanwhile."""
    return sorted(available_timezones())


def pick_max_kw(default_kw: float) -> float:
    """Return the power a person takes a charging vehicle to draw [kW]."""
    return st.number_input(
        "Power of a charging van (kW)",
        min_value=0.1,
        max_value=MOST_KW,
        value=default_kw,
        step=0.1,
        format="%g",
        key="max_kw",
        bind=BIND,
        help="Used where the log does not say when a session drew its energy.",
    )


def pick_shape() -> Literal["at_plug_in", "spread"]:
    """Return when sessions are taken to have drawn their energy."""
    return st.selectbox(
        "Energy was drawn",
        list(SHAPES),
        format_func=lambda shape: SHAPES[shape],
        key="shape",
        bind=BIND,
    )


def pick_bill(bills: tuple[Bill, ...], *, time_zone: str) -> Bill:
    """Return the billing month a person chose; at first the one with the highest demand charge."""
    names = [bill_name(bill, zone(time_zone)) for bill in bills]
    dearest = max(range(len(bills)), key=lambda index: bills[index].family_total("demand"))
    chosen = st.selectbox("Billing month", names, index=dearest, key="month", bind=BIND)
    return bills[names.index(chosen)]


def pick_parties(*, key: str) -> SplitBy:
    """Return among whom a person wants a bill or a peak shared."""
    parties = list(PARTIES)
    return st.radio(
        "Shared",
        parties,
        index=parties.index("station"),
        horizontal=True,
        format_func=lambda party: PARTIES[party],
        key=key,
        bind=BIND,
    )


def pick_peak(peaks: tuple[PeakAttribution, ...], *, currency: str) -> PeakAttribution:
    """Return the demand line of a bill that a person chose; at first the dearest."""
    names = [f"{one.component}: {money(one.amount, currency)}" for one in peaks]
    dearest = max(range(len(peaks)), key=lambda index: peaks[index].amount)
    chosen = st.selectbox("Demand charge", names, index=dearest, key="peak")
    return peaks[names.index(chosen)]


def pick_rules() -> AllocationRules:
    """Return by which rules a person wants a bill split."""
    first, second, third = st.columns(3)
    return AllocationRules(
        energy=first.selectbox(
            "Energy", list(ENERGY_RULES), format_func=lambda one: ENERGY_RULES[one],
            key="energy_rule", bind=BIND,
        ),
        demand=second.selectbox(
            "Demand charges", list(DEMAND_RULES), format_func=lambda one: DEMAND_RULES[one],
            key="demand_rule", bind=BIND,
        ),
        fixed=third.selectbox(
            "Fixed charges", list(FIXED_RULES), format_func=lambda one: FIXED_RULES[one],
            key="fixed_rule", bind=BIND,
        ),
    )  # fmt: skip


def pick_holidays() -> str | None:
    """Return the region whose holidays a person takes the utility to keep, or None."""
    return (
        st.text_input(
            "Holidays of",
            placeholder="none, or such as US-NY",
            key="region",
            help="A holiday that the utility bills as a weekend is then a cause it may name.",
        ).strip()
        or None
    )


def pick_period(first_day: date, end_day: date) -> tuple[date, date]:
    """Return the days of the two reads of a bill, the later one exclusive."""
    left, right = st.columns(2)
    return (
        left.date_input("First day", value=first_day, key=of_depot("first_day")),
        right.date_input(
            "Day of the later read (no longer in the period)",
            value=end_day,
            key=of_depot("end_day"),
        ),
    )


def receive_bill() -> tuple[str, str] | None:
    """Return name and text of a utility's bill that a person gave as a file."""
    file = st.file_uploader(
        "The utility's bill", type=["toml", "csv"], key=of_depot("utility_bill")
    )
    if file is None:
        return None
    return file.name, file.getvalue().decode("utf-8", "replace")


def enter_bill(lines: pl.DataFrame) -> str:
    """Return a utility's lines as CSV, as a person entered them over ours."""
    edited = st.data_editor(
        lines.to_pandas(),
        key=of_depot("entered_bill"),
        hide_index=True,
        num_rows="dynamic",
        width="stretch",
        column_config={
            name: st.column_config.TextColumn(
                name.capitalize(), alignment="right" if name in ENTERED_NUMBERS else "left"
            )
            for name in lines.columns
        },
    )
    rows: pl.DataFrame = pl.from_pandas(edited)
    return safe_csv(rows.filter(pl.col("amount").fill_null("") != "")).decode()


def pick_night(
    depot: Depot, *, now: datetime, before: PlannedNight | None
) -> tuple[PlannedNight, bool] | None:
    """Return the night a person asks to plan, and whether in the background; None: nobody asks.

    Parameters
    ----------
    depot : Depot
    now : datetime
    before : PlannedNight or None
        What was planned last: its choices are where the fields begin.
    """
    shown = _shown(before.choices if before is not None else NightChoices(), depot)
    with st.form("night"):
        choices = _night_choices(depot, shown)
        is_relaxed = st.toggle(
            "Ignore who stands where (a bound, not a plan)",
            value=before is not None and before.occupancy == "relaxed",
            help="Every van is taken to have a free plug at once. It shows what the yard costs "
            "and can never be pushed.",
        )
        is_asked, is_background = _night_buttons()
    if not is_asked and not is_background:
        return None
    asked = PlannedNight(at=now, choices=choices, occupancy="relaxed" if is_relaxed else "assigned")
    return asked, is_background


def _night_choices(depot: Depot, before: NightChoices) -> NightChoices:
    """Return what the fields of a night say; they begin where it was planned last."""
    first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
    limit_kw = first.number_input(
        "Operating limit (kW)",
        min_value=1.0,
        max_value=depot.grid.service_kw,
        value=before.operating_limit_kw,
        step=10.0,
        format="%g",
        help=f"At most the service rating of {short_number(depot.grid.service_kw)} kW.",
    )
    nights = second.number_input(
        "Nights like this in the month",
        min_value=1.0,
        max_value=31.0,
        value=before.nights_per_month,
        step=1.0,
        format="%g",
        help="The energy of the night stands that many times in the month's bill.",
    )
    peak_kw = third.number_input(
        "Peak already billed this month (kW)",
        min_value=0.0,
        max_value=MOST_KW,
        value=before.running_peak_kw,
        step=10.0,
        format="%g",
        help="A peak up to here costs nothing more.",
    )
    time_limit_s = fourth.number_input(
        "Time of the solvers (s)",
        min_value=1.0,
        max_value=MOST_TIME_LIMIT_S,
        value=before.time_limit_s,
        step=10.0,
        format="%g",
        help="Where it ends, the plan is the best so far, with what it may still be above the "
        "cheapest.",
    )
    return NightChoices(
        operating_limit_kw=limit_kw,
        nights_per_month=nights,
        running_peak_kw=peak_kw,
        time_limit_s=time_limit_s,
    )


def _night_buttons() -> tuple[bool, bool]:
    """Return whether a person asks for the plan, and whether for one in the background."""
    with st.container(horizontal=True):
        is_asked = st.form_submit_button("Plan the night", type="primary", key="plan_the_night")
        is_background = st.form_submit_button(
            "Plan in the background",
            key="plan_in_background",
            help="In a process of its own, with its progress, that can be stopped: the best plan "
            "so far is kept. Nights of many vans are always planned so.",
        )
    return is_asked, is_background


def _shown(choices: NightChoices, depot: Depot) -> NightChoices:
    """Return choices as fields may show them: an address may hold any."""
    limit_kw = choices.operating_limit_kw or depot.grid.operating_limit_kw
    return replace(
        choices,
        operating_limit_kw=min(max(limit_kw, 1.0), depot.grid.service_kw),
        nights_per_month=min(max(choices.nights_per_month, 1.0), 31.0),
        running_peak_kw=min(max(choices.running_peak_kw, 0.0), MOST_KW),
        time_limit_s=min(max(choices.time_limit_s, 1.0), MOST_TIME_LIMIT_S),
    )
