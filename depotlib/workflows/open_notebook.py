"""A page's question as a notebook: which workflow answers it, with which parameters."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from depotlib.model.plan import Occupancy
from depotlib.reports.notebook import NamedParameter, NotebookRecipe
from depotlib.settings import Settings
from depotlib.workflows.audit_bill import GivenBill
from depotlib.workflows.billing_cases import StoredCase
from depotlib.workflows.compare_scenarios import NightScenario, ScenarioOrder
from depotlib.workflows.compare_tariffs import History
from depotlib.workflows.tonight import NightChoices

SITE_WORDS: Final = "the yard, as the log names it"
ZONE_WORDS: Final = "of the site's meter"
POWER_WORDS: Final = "a charging van [kW]"
NOW_WORDS: Final = "facts up to here count"
EVENING_WORDS: Final = "None: the night that now belongs to"
OCCUPANCY_WORDS: Final = "assigned, or relaxed: a bound"
SETTINGS: Final = ("from depotlib.settings import Settings",)
OPEN: Final = ("settings = Settings(home=home)",)
SHAPE_WORDS: Final = "at_plug_in, or spread over the stay"
REVIEW: Final = (
    "review = review_demand(",
    "    settings,",
    "    site=site,",
    "    tariff_id=tariff_id,",
    "    time_zone=time_zone,",
    "    max_kw=max_kw,",
    "    shape=shape,",
    ")",
)
CASE: Final = (
    "case = StoredCase(",
    "    settings=settings,",
    "    site=site,",
    "    tariff_id=tariff_id,",
    "    time_zone=time_zone,",
    "    first_day=first_day,",
    "    end_day=end_day,",
    "    max_kw=max_kw,",
    "    shape=shape,",
    ")",
)
CHOICES: Final = (
    "choices = NightChoices(",
    "    evening=evening,",
    "    operating_limit_kw=limit_kw,",
    "    nights_per_month=nights_per_month,",
    "    running_peak_kw=running_peak_kw,",
    "    preference=Preference(",
    "        timing=timing,",
    "        waiting_per_kwh=waiting_per_kwh,",
    "        slack_s=slack_s,",
    "        is_fair=is_fair,",
    "    ),",
    ")",
    "answer = plan_tonight(settings, now=now, choices=choices, occupancy=occupancy)",
    "report = plan_report(answer)",
)
SCENARIOS: Final = (
    "choices = NightChoices(",
    "    evening=evening, nights_per_month=nights_per_month, running_peak_kw=running_peak_kw",
    ")",
    "order = ScenarioOrder(at=now, choices=choices, occupancy=occupancy)",
    "solved = compare_scenarios(",
    "    settings, order, scenarios=[scenario_from_text(one) for one in scenarios]",
    ")",
    "report = scenarios_report(solved, time_zone=time_zone)",
)
SESSION_ROWS: Final = """\
from depotlib.store.connection import reading
from depotlib.store.query import frame

with reading(settings.warehouse_path) as connection:
    rows = frame(
        connection,
        "select site, count(*) as sessions, sum(energy_wall_kwh) as energy_kwh, "
        "min(plug_start) as first, max(plug_start) as last "
        "from session where $1 is null or site = $1 group by site order by site",
        site,
    )
rows"""


def sessions_recipe(settings: Settings, *, site: str | None, time_zone: str) -> NotebookRecipe:
    """Return how what was charged is asked again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("site", site, "None: all"),
            NamedParameter("time_zone", time_zone),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.report_nights import sessions_report",
            "from depotlib.workflows.review_sessions import review_sessions",
        ),
        calls=(
            *OPEN,
            "review = review_sessions(settings, site=site)",
            "report = sessions_report(review, time_zone=time_zone)",
        ),
        rows=SESSION_ROWS,
    )


def demand_recipe(case: StoredCase) -> NotebookRecipe:
    """Return how the bills of a site's sessions are asked again; with days, whose peaks are shared."""
    parameters, calls = list(_of_case(case)), [*OPEN, *REVIEW]
    imports = [
        *SETTINGS,
        "from depotlib.workflows.report_bills import demand_report",
        "from depotlib.workflows.review_demand import review_demand",
    ]
    if case.first_day is None:
        calls.append("report = demand_report(review)")
    else:
        parameters += _days(case)
        imports += [
            "from depotlib.workflows.attribute_peak import attribute_peak",
            "from depotlib.workflows.billing_cases import StoredCase",
        ]
        calls += [*CASE, "report = demand_report(review, peaks=attribute_peak(case))"]
    return NotebookRecipe(tuple(parameters), tuple(imports), tuple(calls), rows=SESSION_ROWS)


def comparison_recipe(
    settings: Settings, history: History, *, tariff_ids: tuple[str, ...]
) -> NotebookRecipe:
    """Return how tariffs are compared again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("site", history.site, SITE_WORDS),
            NamedParameter("tariff_ids", tariff_ids),
            NamedParameter("time_zone", history.time_zone, ZONE_WORDS),
            NamedParameter("max_kw", history.max_kw, POWER_WORDS),
            NamedParameter("shape", history.shape, SHAPE_WORDS),
            NamedParameter("is_planned", history.is_planned, "plan the stays anew under each"),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.compare_tariffs import History, compare_stored",
            "from depotlib.workflows.report_bills import comparison_report",
        ),
        calls=(
            *OPEN,
            "history = History(",
            "    site=site, time_zone=time_zone, max_kw=max_kw, shape=shape, is_planned=is_planned",
            ")",
            "comparison = compare_stored(settings, history, tariff_ids=tariff_ids)",
            "report = comparison_report(comparison, time_zone=time_zone)",
        ),
        rows=SESSION_ROWS,
    )


def audit_recipe(case: StoredCase, given: GivenBill) -> NotebookRecipe:
    """Return how a utility's bill is audited again; the bill itself is one of the parameters."""
    return NotebookRecipe(
        parameters=(
            *_of_case(case),
            *_days(case),
            NamedParameter("region", given.region, "whose public holidays"),
            NamedParameter("bill_path", given.bill_path, "its name; the text is below"),
            NamedParameter("bill_text", given.text),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.audit_bill import GivenBill, audit_utility_bill",
            "from depotlib.workflows.billing_cases import StoredCase",
            "from depotlib.workflows.report_bills import audit_report",
        ),
        calls=(
            *OPEN,
            *CASE,
            "given = GivenBill(",
            "    bill_path=bill_path,",
            "    text=bill_text,",
            "    first_day=first_day,",
            "    end_day=end_day,",
            "    region=region,",
            ")",
            "report = audit_report(audit_utility_bill(case, given))",
        ),
    )


def plan_recipe(
    settings: Settings, *, at: datetime, choices: NightChoices, occupancy: Occupancy
) -> NotebookRecipe:
    """Return how a night is planned again; like the page, it keeps the plan in the store."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", at, NOW_WORDS),
            NamedParameter("evening", choices.evening, EVENING_WORDS),
            NamedParameter("limit_kw", choices.operating_limit_kw, "None: the depot's own"),
            NamedParameter("nights_per_month", choices.nights_per_month),
            NamedParameter("running_peak_kw", choices.running_peak_kw, "billed already"),
            NamedParameter("timing", choices.preference.timing, "of equal bills"),
            NamedParameter("waiting_per_kwh", choices.preference.waiting_per_kwh),
            NamedParameter("slack_s", choices.preference.slack_s, "done so long before [s]"),
            NamedParameter("is_fair", choices.preference.is_fair),
            NamedParameter("occupancy", occupancy, OCCUPANCY_WORDS),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.planning.knobs.preference import Preference",
            "from depotlib.workflows.plan_tonight import plan_tonight",
            "from depotlib.workflows.report_nights import plan_report",
            "from depotlib.workflows.tonight import NightChoices",
        ),
        calls=(*OPEN, *CHOICES),
    )


def morning_recipe(settings: Settings, *, now: datetime, night: date) -> NotebookRecipe:
    """Return how a past night is laid beside its plan again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", now, "by the depot's clock"),
            NamedParameter("night", night, "the local day on which it began"),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.reconcile_night import reconcile_night",
            "from depotlib.workflows.report_nights import night_report",
        ),
        calls=(*OPEN, "report = night_report(reconcile_night(settings, now=now, night=night))"),
    )


def scenarios_recipe(
    settings: Settings,
    order: ScenarioOrder,
    *,
    scenarios: Sequence[NightScenario],
    time_zone: str,
) -> NotebookRecipe:
    """Return how scenarios of a night are planned again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", order.at, NOW_WORDS),
            NamedParameter("evening", order.choices.evening, EVENING_WORDS),
            NamedParameter("nights_per_month", order.choices.nights_per_month),
            NamedParameter("running_peak_kw", order.choices.running_peak_kw, "billed already"),
            NamedParameter("occupancy", order.occupancy, OCCUPANCY_WORDS),
            NamedParameter("scenarios", tuple(one.text() for one in scenarios)),
            NamedParameter("time_zone", time_zone),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.compare_scenarios import ScenarioOrder, compare_scenarios",
            "from depotlib.workflows.compare_scenarios import scenario_from_text",
            "from depotlib.workflows.report_scenarios import scenarios_report",
            "from depotlib.workflows.tonight import NightChoices",
        ),
        calls=(*OPEN, *SCENARIOS),
    )


def study_recipe(path: Path, folder: Path) -> NotebookRecipe:
    """Return how a study's results are read again; nothing is run."""
    return NotebookRecipe(
        parameters=(
            NamedParameter("path", path.resolve(), "the study's file"),
            NamedParameter("folder", folder.resolve(), "its results"),
        ),
        imports=(
            "from depotlib.workflows.declare_study import study_currency",
            "from depotlib.workflows.report_scenarios import study_report",
            "from depotlib.workflows.run_study import show_study",
        ),
        calls=("report = study_report(show_study(path, folder), currency=study_currency(path))",),
    )


def home_parameter(settings: Settings) -> NamedParameter:
    """Return the parameter that every question has: which depot is asked."""
    return NamedParameter("home", settings.home.resolve(), "the depot's folder")


def _of_case(case: StoredCase) -> tuple[NamedParameter, ...]:
    return (
        home_parameter(case.settings),
        NamedParameter("site", case.site, SITE_WORDS),
        NamedParameter("tariff_id", case.tariff_id),
        NamedParameter("time_zone", case.time_zone, ZONE_WORDS),
        NamedParameter("max_kw", case.max_kw, POWER_WORDS),
        NamedParameter("shape", case.shape, SHAPE_WORDS),
    )


def _days(case: StoredCase) -> tuple[NamedParameter, NamedParameter]:
    return (
        NamedParameter("first_day", case.first_day),
        NamedParameter("end_day", case.end_day, "exclusive"),
    )
