"""What each page says in figures, beside what its workflow says: three pairs a page at the least."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from streamlit.testing.v1 import AppTest

from depotlib.drills.registry import DRILLS
from depotlib.drills.shadow_judges import SHADOWS
from depotlib.model.plan import PlanHeader
from depotlib.settings import Settings
from depotlib.store.plans import plan_headers
from depotlib.units import wh_to_kwh
from depotlib.workflows.allocate_bill import Split, split_bill
from depotlib.workflows.attribute_peak import attribute_peak
from depotlib.workflows.audit_trail import AuditWish, audit_trail, people_of
from depotlib.workflows.billing_cases import StoredCase
from depotlib.workflows.compare_scenarios import ScenarioOrder, compare_scenarios
from depotlib.workflows.compare_tariffs import History, compare_stored
from depotlib.workflows.data_quality import data_quality
from depotlib.workflows.declare_study import EXAMPLE, results_folder
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.review_demand import list_tariffs, review_demand
from depotlib.workflows.review_sessions import list_sites, review_sessions
from depotlib.workflows.review_store import review_store
from depotlib.workflows.run_study import show_study
from depotlib.workflows.set_up_depot import read_set_up
from depotlib.workflows.show_tariff import priced_tariff
from depotlib.workflows.tonight import gather_tonight
from depotlib.workflows.watch_night import watch_night
from depotlib.workflows.watch_portfolio import watch_portfolio
from tests.app.pages.opened import numbers, opened, shown, words

Pairs = list[tuple[object, object]]
"""What stands on the page, and what the workflow says."""
NEW_YORK: Final = "America/New_York"  # data/demo/site.toml
FULL_KW: Final = 7.2
RELAXED: Final = {"relaxed": "true"}
NIGHT: Final = {
    "at": "2026-11-02T16:45:00-05:00", "limit": "", "nights": "22", "peak": "0",
    "occupancy": "relaxed",
}  # fmt: skip
"""A night without its yard: quick. With the yard: test_plan_night.py."""
QUERIES: Final[Mapping[str, dict[str, str]]] = {
    "Scenarios": RELAXED, "Plan": NIGHT, "Push": NIGHT
}  # fmt: skip
NIGHTLY: Final = ("Live",)
"""Pages that say nothing before the night runs."""


def nothing(app: AppTest, settings: Settings) -> Pairs:
    """Return that a page shows as many figures, tables and charts as there are records: none."""
    charts = len(app.get("plotly_chart"))
    store = review_store(settings)
    return [
        (len(app.metric), 0 if store is None else store.imports.height),
        (len(app.dataframe), len(list_sites(settings))),
        (charts, review_sessions(settings).count if store is not None else 0),
    ]


def home(app: AppTest, settings: Settings) -> Pairs:
    tonight = gather_tonight(settings, now=settings.depot_clock().now())
    told = numbers(app)
    must_kwh = sum(dwell.energy_must_kwh for dwell in tonight.dwells)
    return [
        (told["Vans tonight"], f"{len(tonight.dwells)}"),
        (told["Energy they must have"], f"{must_kwh:,.1f} kWh"),
        (told["Connectors"], f"{len(list(tonight.depot.connectors()))}"),
        (told["Operating limit"], f"{tonight.depot.grid.operating_limit_kw:,.1f} kW"),
    ]


def portfolio(app: AppTest, settings: Settings) -> Pairs:
    (line,) = watch_portfolio(settings, now=settings.depot_clock().now())
    told = numbers(app)
    return [
        (told["Depots"], "1"),
        (told["Vans ready"], f"{line.ready} of {line.vehicles}"),
        (shown(app, "Bill this month")["Bill this month"].tolist(), [line.bill_amount]),
        (shown(app, "Limit (kW)")["Limit (kW)"].tolist(), [line.limit_kw]),
    ]


def imports(app: AppTest, settings: Settings) -> Pairs:
    store = review_store(settings)
    assert store is not None
    history = shown(app, "Imported")
    return [
        (len(history), store.imports.height),
        (history["Records"].sum(), store.imports["rows_in"].sum()),
        (history["Stored"].sum(), store.imports["stored"].sum()),
    ]


def quality(app: AppTest, settings: Settings) -> Pairs:
    known = data_quality(settings, now=settings.depot_clock().now())
    table = shown(app, "Score (of 100)")
    return [
        (table["Score (of 100)"].tolist(), [one.score for one in known]),
        (len(table), len(known)),
        (table["Files"].tolist(), [one.files for one in known]),
        (table["Records"].tolist(), [one.rows_in for one in known]),
    ]


def set_up(app: AppTest, settings: Settings) -> Pairs:
    known = read_set_up(settings)
    assert known is not None
    assert known.fleet is not None
    told = numbers(app)
    return [
        (told["Stations"], f"{len(known.depot.stations)}"),
        (told["Service (kW)"], f"{known.depot.grid.service_kw:g}"),
        (told["Vans"], f"{len(known.fleet.vehicles)}"),
        (told["Duties"], f"{len(known.duties)}"),
    ]


def tariffs(app: AppTest, settings: Settings) -> Pairs:
    ids = list(list_tariffs(settings))
    now = settings.depot_clock().now()
    told, prices = priced_tariff(settings, ids[0], year=now.year, time_zone=NEW_YORK)
    pairs: Pairs = [
        ([one.value.strip() for one in app.text_area], [told.text.strip()]),
        (len(app.text), len(told.comments)),
        # Energy and demand; working days and weekends are rows of each.
        (len(app.get("plotly_chart")), 0 if prices.refusal else 2),
    ]
    if sites := list_sites(settings):
        history = History(site=sites[0], time_zone=NEW_YORK, max_kw=FULL_KW)
        known = compare_stored(settings, history, tariff_ids=ids).tariffs
        table = shown(opened("Tariffs", {"tariff_part": "Which is cheapest"}), "As it was")
        pairs += [
            (table["As it was"].tolist(), [f"{one.past.total_amount:,.2f}" for one in known if one.past]),
            (table["Planned"].tolist(), [f"{one.planned.total_amount:,.2f}" for one in known if one.planned]),
        ]  # fmt: skip
    return pairs


def sessions(app: AppTest, settings: Settings) -> Pairs:
    review = review_sessions(settings)
    told = numbers(app)
    return [
        (told["Sessions"], f"{review.count:,}"),
        (told["Energy"], f"{review.energy_kwh:,.1f} kWh"),
        (told["Plugged in"], f"{review.plugged_h:,.0f} h"),
        (told["Without energy"], f"{review.without_energy:,}"),
    ]


def demand(app: AppTest, settings: Settings) -> Pairs:
    if not list_sites(settings):
        return no_log(app, settings)
    review = review_demand(
        settings,
        site=list_sites(settings)[0],
        tariff_id=next(iter(list_tariffs(settings))),
        time_zone=NEW_YORK,
        max_kw=FULL_KW,
    )
    told = numbers(app)
    dearest = max(review.bills, key=lambda bill: bill.family_total("demand"))
    return [
        (told["All bills"], f"{review.total_amount:,.2f} USD"),
        (told["Demand charges"], f"{review.demand_amount:,.2f} USD"),
        (told["Highest 15-minute mean"], f"{review.peak_kw:,.1f} kW"),
        (len(shown(app, "Amount (USD)")), len(dearest.lines)),
    ]


def audited(app: AppTest, settings: Settings) -> Pairs:
    if not list_sites(settings):
        return no_log(app, settings)
    case = StoredCase(
        settings=settings,
        site=list_sites(settings)[0],
        tariff_id=next(iter(list_tariffs(settings))),
        time_zone=NEW_YORK,
        max_kw=FULL_KW,
    )
    bill = attribute_peak(case).bill
    told = numbers(app)
    return [
        (told["Ours"], f"{bill.total:,.2f} USD"),
        (told["The utility's bill"], f"{bill.total:,.2f} USD"),
        (told["Too much, where above 0"], "0.00 USD"),
        (len(shown(app, "quantity")), len(bill.lines)),
        (split_bill(case, Split(by="station")).allocation.bill.total, bill.total),
    ]


def no_log(app: AppTest, settings: Settings) -> Pairs:
    """Return that nothing is billed where no site has a log."""
    sites = len(list_sites(settings))
    return [(len(found), sites) for found in (app.metric, app.dataframe, app.get("plotly_chart"))]


def kept_header(settings: Settings) -> PlanHeader:
    """Return what the workflow kept of the night that the page planned."""
    (header,) = plan_headers(settings.warehouse_path)
    return header


def plan(app: AppTest, settings: Settings) -> Pairs:
    header = kept_header(settings)
    told = numbers(app)
    return [
        (told["Bill"], f"{header.bill_amount:,.2f} {header.currency}"),
        (told["Peak"], f"{header.peak_kw:,.1f} kW"),
        (told["Vans ready"], f"{header.ready} of {header.vehicles}"),
    ]


def scenarios(app: AppTest, settings: Settings) -> Pairs:
    order = ScenarioOrder(at=settings.depot_clock().now(), occupancy="relaxed")
    (same,) = compare_scenarios(settings, order, scenarios=[])
    assert same.plan is not None
    header = same.plan.header
    column = shown(app, "Figure").set_index("Figure")["As it is"]
    return [
        (column["Bill"], f"{header.bill_amount:,.2f} {header.currency}"),
        (column["Peak"], f"{header.peak_kw:,.1f} kW"),
        (column["Vans ready"], f"{header.ready}"),
    ]


def study(app: AppTest, settings: Settings) -> Pairs:
    state = show_study(EXAMPLE, results_folder(settings))
    told = numbers(app)
    return [
        (told["Scenarios"], f"{state.found} of {state.total}"),
        (told["Failed"], f"{state.failed}"),
        (told["Points beaten by none"], f"{state.best.height}"),
    ]


def push(app: AppTest, settings: Settings) -> Pairs:
    header = kept_header(settings)
    said = words(app)
    return [
        (figure in said, True)
        for figure in (
            f"{header.ready} of {header.vehicles} vans ready",
            f"peak {header.peak_kw:,.1f} kW",
            f"bill {header.bill_amount:,.2f} {header.currency} a month",
        )
    ]


def live(app: AppTest, settings: Settings) -> Pairs:
    night = watch_night(settings, now=settings.depot_clock().now())
    assert night is not None
    told = numbers(app)
    states = [one.state for one in night.vehicles]
    return [
        (told["Charging"], f"{states.count('charging')}"),
        (told["On the road"], f"{states.count('on the road')}"),
        (told["Ready"], f"{states.count('ready')} of {len(states)}"),
        (told["Site now (kW)"].split()[0], f"{night.site_kw:.1f}"),
    ]


def drills(app: AppTest, settings: Settings) -> Pairs:
    table = shown(app, "Passes when")
    assert not settings.mailbox_path.exists()
    return [
        (len(table), len(DRILLS)),
        (table["Takes (min)"].sum(), sum(one.minutes for one in DRILLS)),
        (
            (table["In shadow"] == "cannot be judged").sum(),
            sum(SHADOWS[one.name].judge is None for one in DRILLS),
        ),
    ]


def audit(app: AppTest, settings: Settings) -> Pairs:
    lines = audit_trail(settings, AuditWish(start=None))
    told = numbers(app)
    return [
        (told["Deeds"], f"{len(lines)}"),
        (told["People and programs"], f"{len(people_of(lines))}"),
        (len(shown(app, "Token of")), len(lines)),
    ]


def morning(app: AppTest, settings: Settings) -> Pairs:
    night = reconcile_night(settings, now=settings.depot_clock().now(), night=date(2026, 11, 2))
    table = shown(app, "Because of")
    return [
        (len(table), len(night.vehicles)),
        (table["Missing (kWh)"].tolist(), [wh_to_kwh(one.missing_wh) for one in night.vehicles]),
        (table["Wanted (kWh)"].tolist(), [wh_to_kwh(one.target_wh) for one in night.vehicles]),
    ]


FIGURES: Final[Mapping[str, Callable[[AppTest, Settings], Pairs]]] = {
    "Home": home,
    "Portfolio": portfolio,
    "Import": imports,
    "Data quality": quality,
    "Depot and fleet": set_up,
    "Tariffs": tariffs,
    "Sessions": sessions,
    "Demand charges": demand,
    "Bill audit": audited,
    "Plan": plan,
    "Scenarios": scenarios,
    "Study grid": study,
    "Push": push,
    "Live": live,
    "Drills": drills,
    "Audit": audit,
    "Reports": morning,
}
"""By page. A page without a line here is found by test_every_store.py."""
WITHOUT_A_DEPOT: Final = ("Study grid", "Drills")
"""Pages that have something to say before there is a depot."""
