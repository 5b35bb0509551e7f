"""A plan as tables: what each van needs and gets, who drives when, what binds, what others cost."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.charts.policy_names import policy_name
from depotlib.model.dwell import Need
from depotlib.model.plan import Plan
from depotlib.ui.tables import local_text, without_empty
from depotlib.ui.wording import chance, in_units
from depotlib.workflows.yard_moves import YardRow

AUDIT_WORDS: dict[str, str] = {
    "inside_stay": "power only while the van is there",
    "inside_window": "power only while it is on its connector",
    "connector_limit": "no connector above its limit",
    "least_power": "no van below the least power it takes",
    "site_limit": "site never above the operating limit",
    "circuit_limit": "no circuit above its limit",
    "station_limit": "no station above its limit",
    "pool_limit": "no pool above what its stations give",
    "hard_limit": "service rating never passed",
    "energy_account": "energy of every van adds up",
    "shortfall_total": "missing energy adds up",
    "reasons_given": "each shortfall has its reason",
    "bill": "bill recomputed from the setpoints",
    "peak": "peak recomputed from the setpoints",
    "gap": "proven gap recomputed",
    "occupancy": "one van per connector, with time to change over",
}


def delivered_kwh(plan: Plan) -> dict[str, float]:
    """Return the energy a plan gives each vehicle [kWh, at the wall]."""
    summed = plan.setpoints.group_by("vehicle_id").agg(
        (pl.col("power_kw").sum() * plan.grid.interval_h).alias("energy_kwh")
    )
    return dict(summed.iter_rows())


def energy_frame(plan: Plan, needs: Sequence[Need]) -> pl.DataFrame:
    """Return what `charts.readiness` draws of a plan."""
    delivered = delivered_kwh(plan)
    return pl.DataFrame(
        [
            (
                need.dwell.vehicle_id,
                delivered.get(need.dwell.vehicle_id, 0.0),
                need.dwell.energy_must_kwh,
                need.dwell.energy_target_kwh,
            )
            for need in needs
        ],
        schema={
            "vehicle_id": pl.String,
            "delivered_kwh": pl.Float64,
            "must_kwh": pl.Float64,
            "target_kwh": pl.Float64,
        },
        orient="row",
    )


def needs_table(
    plan: Plan, needs: Sequence[Need], *, chances: pl.DataFrame, time_zone: ZoneInfo
) -> pl.DataFrame:
    """Return each van's stay, need, gain, how sure it is ready, and the arithmetic behind it.

    Parameters
    ----------
    plan : Plan
    needs : sequence of Need
    chances : polars.DataFrame
        Of `ready_tonight`.
    time_zone : ZoneInfo
        Of the depot.
    """
    delivered = delivered_kwh(plan)
    share_of = {row["vehicle_id"]: row for row in chances.iter_rows(named=True)}
    return pl.DataFrame(
        [
            {
                "Van": need.dwell.vehicle_id,
                "Arrives": local_text(need.dwell.arrival, time_zone),
                "Leaves": local_text(need.dwell.departure, time_zone),
                "Must (kWh)": need.dwell.energy_must_kwh,
                "Target (kWh)": need.dwell.energy_target_kwh,
                "Planned (kWh)": delivered.get(need.dwell.vehicle_id, 0.0),
                "Ready as planned": chance(share_of[need.dwell.vehicle_id]["as_planned_share"]),
                "Ready if planned again": chance(
                    share_of[need.dwell.vehicle_id]["planned_again_share"]
                ),
                "Ready if some leave early": chance(
                    share_of[need.dwell.vehicle_id]["leaving_early_share"]
                ),
                "To spare (% of stay)": 100 * share_of[need.dwell.vehicle_id]["slack_share"],
                "How the target comes about": in_units(need.arithmetic),
                "Assumed": "; ".join(need.missing),
            }
            for need in needs
        ]
    )


def need_lines_table(needs: Sequence[Need]) -> pl.DataFrame:
    """Return every line of every van's arithmetic with its source, totals among them."""
    return pl.DataFrame(
        [
            {
                "Van": need.dwell.vehicle_id,
                "Line": f"= {line.what}" if line.is_total else line.what,
                "kWh": line.energy_kwh,
                "How": in_units(line.how),
                "From": line.source,
            }
            for need in needs
            for line in need.lines
        ],
        schema={
            "Van": pl.String,
            "Line": pl.String,
            "kWh": pl.Float64,
            "How": pl.String,
            "From": pl.String,
        },
    )


def missing_table(needs: Sequence[Need]) -> pl.DataFrame:
    """Return what had to be assumed, van by van."""
    return pl.DataFrame(
        [
            {"Van": need.dwell.vehicle_id, "Assumed": words}
            for need in needs
            for words in need.missing
        ],
        schema={"Van": pl.String, "Assumed": pl.String},
    )


def moves_table(rows: Sequence[YardRow], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the yard sheet: who drives from where to where, and when."""
    return pl.DataFrame(
        [
            {
                "When": local_text(row.at, time_zone),
                "Van": row.vehicle_id,
                "From": row.from_place,
                "To": row.to_place,
            }
            for row in rows
        ],
        schema={"When": pl.String, "Van": pl.String, "From": pl.String, "To": pl.String},
    )


def bindings_table(plan: Plan, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the limits the plan meets, and what one more kW of each is worth."""
    table = pl.DataFrame(
        [
            {
                "What binds": binding.sentence,
                "When": local_text(binding.interval_start, time_zone),
                f"Saved by 1 kW more ({plan.header.currency} a month)": (binding.price_per_kw),
            }
            for binding in plan.bindings
        ]
    )
    return without_empty(table)


def shortfalls_table(plan: Plan) -> pl.DataFrame:
    """Return the vans that fall short, by how much and why."""
    return pl.DataFrame(
        [
            {
                "Van": one.vehicle_id,
                "Short of its must (kWh)": one.unmet_must_kwh,
                "Short of its target (kWh)": one.unmet_kwh,
                "Why": one.reason,
            }
            for one in plan.shortfalls
        ]
    )


def comparison_table(plans: Sequence[Plan]) -> pl.DataFrame:
    """Return the same night under each policy; the first is what the others are held against."""
    own = plans[0].header
    return pl.DataFrame(
        [
            {
                "Policy": policy_name(header.policy),
                f"Bill ({header.currency} a month)": header.bill_amount,
                f"Energy ({header.currency})": header.energy_amount,
                f"Demand ({header.currency})": header.demand_amount,
                f"Above this plan ({header.currency})": header.bill_amount - own.bill_amount,
                "Peak (kW)": header.peak_kw,
                "Ready": f"{header.ready} of {header.vehicles}",
                "Missing (kWh)": header.unmet_kwh,
                "Limits kept": "yes" if one.audit.passed else "no",
            }
            for one in plans
            for header in (one.header,)
        ]
    )


def audit_table(plan: Plan) -> pl.DataFrame:
    """Return every check of the audit with its verdict."""
    broken = {one.rule: one for one in plan.audit.violations}
    return pl.DataFrame(
        [
            {
                "Check": AUDIT_WORDS.get(rule, rule.replace("_", " ")),
                "Verdict": f"broken: {broken[rule].sentence}" if rule in broken else "holds",
            }
            for rule in plan.audit.checks
        ]
    )


def load_frame(plans: Sequence[Plan]) -> pl.DataFrame:
    """Return the total power of each plan in each interval, one column a policy."""
    parts = [
        plan.setpoints.group_by("interval_start").agg(
            pl.col("power_kw").sum().alias(f"{plan.header.policy}_kw")
        )
        for plan in plans
    ]
    whole = pl.DataFrame({"interval_start": plans[0].grid.starts()}).with_columns(
        pl.col("interval_start").dt.cast_time_unit("us")
    )
    for part in parts:
        whole = whole.join(part, on="interval_start", how="left")
    return whole.fill_null(0.0).sort("interval_start")


def departures_table(needs: Sequence[Need], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the vans in the order in which they leave, with what each must have."""
    return pl.DataFrame(
        [
            {
                "Van": need.dwell.vehicle_id,
                "Arrives": local_text(need.dwell.arrival, time_zone),
                "Leaves": local_text(need.dwell.departure, time_zone),
                "Must (kWh)": need.dwell.energy_must_kwh,
                "Target (kWh)": need.dwell.energy_target_kwh,
            }
            for need in sorted(needs, key=lambda one: (one.dwell.departure, one.dwell.vehicle_id))
        ]
    )
