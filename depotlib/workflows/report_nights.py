"""Reports about what was charged and what is planned: sessions, a night's plan, the morning after."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from depotlib.charts.policy_names import policy_name
from depotlib.charts.site_load import total_power
from depotlib.model.calendar import zone
from depotlib.model.plan import Plan
from depotlib.model.reconciliation import NightReconciliation
from depotlib.reports.report import Chart, Column, Figure, Report, Table, Value
from depotlib.units import wh_to_kwh
from depotlib.workflows.morning_report import cause_sums, summary, why_missing
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.review_sessions import SessionReview
from depotlib.workflows.yard_moves import yard_rows

CAUSES: Final = "What took it"
MOVES: Final = "Moves in the yard"
POWER: Final = "Power"
CHARGING: Final = "Charging (kW)"


def sessions_report(review: SessionReview, *, time_zone: str) -> Report:
    """Return what was charged, session by session."""
    fields = (
        ("plug_start", Column("Plugged in", "instant")),
        ("plug_end", Column("Unplugged", "instant")),
        ("site", Column("Site")),
        ("station_id", Column("Station")),
        ("connector_id", Column("Connector")),
        ("vehicle_id", Column("Van")),
        ("energy_wall_kwh", Column("Energy (kWh)", "energy", is_summed=True)),
        ("peak_kw", Column("Highest power (kW)", "number")),
    )
    rows: list[tuple[Value, ...]] = review.sessions.select(name for name, _ in fields).rows()
    return Report(
        title="Sessions",
        question="What was charged, where, and for how long?",
        figures=(
            Figure("Sessions", review.count),
            Figure("Energy", review.energy_kwh, "kWh"),
            Figure("Plugged in", review.plugged_h, "h"),
            Figure("Without energy", review.without_energy),
            Figure("Still open", review.without_end),
        ),
        tables=(Table("Sessions", tuple(column for _, column in fields), tuple(rows)),),
        notes=("Energies are at the wall.",),
        time_zone=time_zone,
    )


def plan_report(answer: NightAnswer) -> Report:
    """Return a night's plan: what each van gets, and what other ways of charging would cost."""
    header = answer.plan.header
    currency = header.currency
    made_at = header.made_at.astimezone(zone(answer.tonight.depot.time_zone))
    policies = _policies([answer.plan, *answer.baselines])
    return Report(
        title=f"Plan of the night of {answer.tonight.evening}, {answer.tonight.depot.name}",
        question="What is the cheapest night that gets every van away in time?",
        figures=(
            Figure("Bill a month", header.bill_amount, currency),
            Figure("Demand charges", header.demand_amount, currency),
            Figure("No plan can cost less than", header.bound_amount, currency),
            Figure("Peak", header.peak_kw, "kW"),
            Figure("Vans", header.vehicles),
            Figure("Vans ready", header.ready),
            Figure("Energy missing", header.unmet_kwh, "kWh"),
            Figure("Swaps in the yard", header.swaps),
            Figure("Plan", header.plan_id),
            Figure("Audit", "passed" if answer.plan.audit.passed else "failed"),
        ),
        tables=(_vans(answer), _moves(answer), policies, _power(answer.plan)),
        notes=(
            f"Tariff: {answer.tonight.tariff_name}.",
            f"Made from the facts of {made_at:%Y-%m-%d %H:%M}.",
            "Energies are at the wall; the bill counts the month's nights as this one.",
        ),
        time_zone=answer.tonight.depot.time_zone,
        charts=(
            Chart("Charging through the night", POWER, "From", (CHARGING,), "kW", "line"),
            Chart(
                "What a month of such nights costs, by who is in control",
                policies.name,
                "Policy",
                policies.headings[2:4],
                currency,
                "stacked bars",
            ),
        ),
    )


def night_report(night: NightReconciliation) -> Report:
    """Return plan against actual of a night, and what took the energy that each van lacks."""
    return Report(
        title=f"Morning report, night of {night.night}, {night.depot_name}",
        question="What did each van get, and what took what it lacks?",
        figures=(
            Figure("Vans", len(night.vehicles)),
            Figure("Vans ready", sum(one.is_ready for one in night.vehicles)),
            Figure("Energy missing", wh_to_kwh(night.missing_wh), "kWh"),
            Figure("Of it not explained", wh_to_kwh(night.unexplained_wh), "kWh"),
            Figure("To sessions of nobody", wh_to_kwh(night.nobodys_wh), "kWh"),
        ),
        tables=(
            _causes(night),
            _accounts(night),
        ),
        notes=(summary(night), f"Pushed: {night.release_id or 'nothing'}."),
        time_zone=night.time_zone,
        charts=(
            Chart("What took it", CAUSES, "Cause", ("Missing (kWh)",), "kWh"),
            Chart(
                "Planned and delivered, by van",
                "Vans",
                "Van",
                ("Planned (kWh)", "Delivered (kWh)"),
                "kWh",
            ),
        ),
    )


def _causes(night: NightReconciliation) -> Table:
    return Table(
        CAUSES,
        (
            Column("Cause"),
            Column("Missing (kWh)", "energy", is_summed=True),
            Column("Vans", "count"),
        ),
        tuple((one.words, wh_to_kwh(one.missing_wh), one.vans) for one in cause_sums(night)),
    )


def _accounts(night: NightReconciliation) -> Table:
    return Table(
        "Vans",
        (
            Column("Van"),
            Column("Ready"),
            Column("Arrival", "instant"),
            Column("Departure", "instant"),
            Column("Wanted (kWh)", "energy", is_summed=True),
            Column("Planned (kWh)", "energy", is_summed=True),
            Column("Delivered (kWh)", "energy", is_summed=True),
            Column("Missing (kWh)", "energy", is_summed=True),
            Column("Because of"),
        ),
        tuple(
            (
                one.vehicle_id,
                "yes" if one.is_ready else "no",
                one.arrival,
                one.departure,
                wh_to_kwh(one.target_wh),
                wh_to_kwh(one.planned_wh),
                wh_to_kwh(one.delivered_wh),
                wh_to_kwh(one.missing_wh),
                why_missing(one),
            )
            for one in night.vehicles
        ),
    )


def _vans(answer: NightAnswer) -> Table:
    plan = answer.plan
    given = plan.setpoints.group_by("vehicle_id").agg(
        (pl.col("power_kw").sum() * plan.grid.interval_h).alias("energy_kwh")
    )
    planned_kwh: dict[str, float] = dict(given.iter_rows())
    return Table(
        "Vans",
        (
            Column("Van"),
            Column("Arrival", "instant"),
            Column("Departure", "instant"),
            Column("Must have (kWh)", "energy", is_summed=True),
            Column("Wanted (kWh)", "energy", is_summed=True),
            Column("Planned (kWh)", "energy", is_summed=True),
        ),
        tuple(
            (
                dwell.vehicle_id,
                dwell.arrival,
                dwell.departure,
                dwell.energy_must_kwh,
                dwell.energy_target_kwh,
                planned_kwh.get(dwell.vehicle_id, 0.0),
            )
            for dwell in answer.tonight.dwells
        ),
    )


def _moves(answer: NightAnswer) -> Table:
    return Table(
        MOVES,
        (Column("When", "instant"), Column("Van"), Column("From"), Column("To")),
        tuple(
            (one.at, one.vehicle_id, one.from_place, one.to_place)
            for one in yard_rows(answer.tonight.depot, answer.plan)
        ),
    )


def _power(plan: Plan) -> Table:
    power_kw = total_power(plan.setpoints, plan.grid)
    return Table(
        POWER,
        (Column("From", "instant"), Column(CHARGING, "number")),
        tuple(zip(plan.grid.starts(), power_kw, strict=True)),
        is_printed=False,
    )


def _policies(plans: Sequence[Plan]) -> Table:
    currency = plans[0].header.currency
    return Table(
        "Against other ways of charging",
        (
            Column("Policy"),
            Column(f"Bill ({currency} a month)", "money"),
            Column(f"Energy ({currency})", "money"),
            Column(f"Demand ({currency})", "money"),
            Column("Peak (kW)", "number"),
            Column("Ready", "count"),
            Column("Missing (kWh)", "energy"),
            Column("Limits kept"),
        ),
        tuple(
            (
                policy_name(one.header.policy),
                one.header.bill_amount,
                one.header.energy_amount,
                one.header.demand_amount,
                one.header.peak_kw,
                one.header.ready,
                one.header.unmet_kwh,
                "yes" if one.audit.passed else "no",
            )
            for one in plans
        ),
    )
