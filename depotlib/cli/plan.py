"""``depot plan``: a night from files to an audited plan."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from depotlib.cli.explanation import printed_explanation
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.model.plan import Plan
from depotlib.planning.budget import TIME_LIMIT_S
from depotlib.planning.knobs.preference import Preference
from depotlib.planning.yard.assignment import SWAPS_FOR_MONEY
from depotlib.units import minutes_to_s
from depotlib.workflows.plan_files import FilePlan, PlanFiles, plan_files


class PlanObjective(StrEnum):
    """What comes after readiness."""

    BILL = "bill"
    PEAK = "peak"


class PlanTiming(StrEnum):
    """When to charge, where the bill does not care."""

    EARLIEST = "earliest"
    LATEST = "latest"


def command(
    *,
    dwells: Annotated[
        Path,
        typer.Option(help="CSV: vehicle_id, arrival_local, departure_local, energy_wall_kwh, …"),
    ],
    stations: Annotated[
        Path, typer.Option(help="CSV: station_id, connector_id, pool, max_kw, min_kw, circuit")
    ],
    tariff: Annotated[Path, typer.Option(help="a URDB record (JSON) or our own form (TOML)")],
    site_limit: Annotated[float, typer.Option(help="operating limit of the site [kW]")],
    service: Annotated[float | None, typer.Option(help="hard limit of the site [kW]")] = None,
    base_load: Annotated[Path | None, typer.Option(help="CSV: interval_start, power_kw")] = None,
    circuits: Annotated[Path | None, typer.Option(help="CSV: circuit, parent, limit_kw")] = None,
    days_per_month: Annotated[
        float | None, typer.Option(help="nights like this in a month")
    ] = None,
    running_peak: Annotated[float, typer.Option(help="peak already billed [kW]")] = 0.0,
    ignore_occupancy: Annotated[
        bool, typer.Option("--ignore-occupancy", help="no vehicle waits for a plug")
    ] = False,
    objective: Annotated[
        PlanObjective, typer.Option(help="bill, or the least peak first")
    ] = PlanObjective.BILL,
    policy: Annotated[str, typer.Option(help="optimal or the name of a baseline")] = "optimal",
    time_zone: Annotated[str | None, typer.Option(help="IANA name of the depot's zone")] = None,
    prices: Annotated[Path | None, typer.Option(help="market prices, by interval")] = None,
    target: Annotated[
        float, typer.Option(help="peak of the month that is worth paying for [kW]")
    ] = 0.0,
    timing: Annotated[
        PlanTiming, typer.Option(help="of equal bills the earliest or the latest")
    ] = PlanTiming.EARLIEST,
    care: Annotated[
        float, typer.Option(help="what a kWh that waits an hour costs the battery")
    ] = 0.0,
    slack_minutes: Annotated[int, typer.Option(help="done so long before departure")] = 0,
    fair: Annotated[bool, typer.Option("--fair", help="equals share what is missing")] = False,
    swap_price: Annotated[
        float, typer.Option(help="what a swap is worth; inf: the fewest swaps first")
    ] = SWAPS_FOR_MONEY.swap_amount,
    storage: Annotated[
        Path | None,
        typer.Option(help="CSV: storage_id, capacity_kwh, max_charge_kw, max_discharge_kw, …"),
    ] = None,
    solar: Annotated[Path | None, typer.Option(help="CSV: interval_start, power_kw")] = None,
    time_limit: Annotated[float, typer.Option(help="for its solvers together [s]")] = (
        TIME_LIMIT_S
    ),
    explain: Annotated[
        bool, typer.Option("--explain", help="also say why, and what would change it")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="keep the plan as a Parquet file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> int:
    """Plan a night: readiness first, then the bill; exit 3 where the plan falls short."""
    del as_json  # the output is always JSON
    made = plan_files(
        PlanFiles(
            dwells_path=dwells,
            stations_path=stations,
            tariff_path=tariff,
            site_limit_kw=site_limit,
            service_kw=service,
            base_load_path=base_load,
            circuits_path=circuits,
            days_per_month=days_per_month,
            running_peak_kw=running_peak,
            occupancy="relaxed" if ignore_occupancy else "assigned",
            objective="peak" if objective is PlanObjective.PEAK else "bill",
            policy=policy,
            time_zone=time_zone,
            out_path=out,
            prices_path=prices,
            target_kw=target,
            preference=Preference(
                timing="latest" if timing is PlanTiming.LATEST else "earliest",
                waiting_per_kwh=care,
                slack_s=int(minutes_to_s(slack_minutes)),
                is_fair=fair,
            ),
            swap_amount=swap_price,
            storage_path=storage,
            solar_path=solar,
            time_limit_s=time_limit,
            is_explained=explain,
        ),
        now=datetime.now(UTC),
    )
    print_json(_answer(made))
    return _exit_code(made.plan)


def _exit_code(plan: Plan) -> int:
    if plan.header.status == "shortfall":
        print_message(
            f"depot plan: {len(plan.shortfalls)} vehicles lack {plan.header.unmet_kwh:.1f} kWh; "
            f"{plan.shortfalls[0].vehicle_id}: {plan.shortfalls[0].reason}"
        )
        return EXIT_FALLS_SHORT
    if not plan.audit.passed:
        print_message(f"depot plan: {plan.audit.violations[0].sentence}")
        return EXIT_FALLS_SHORT
    return EXIT_DONE


def _answer(made: FilePlan) -> dict[str, object]:
    plan, header = made.plan, made.plan.header
    return {
        "plan_id": header.plan_id,
        "status": header.status,
        "policy": header.policy,
        "path": header.path,
        "occupancy": header.occupancy,
        "currency": header.currency,
        "bill": header.bill_amount,
        "energy": header.energy_amount,
        "demand": header.demand_amount,
        "bound": header.bound_amount,
        "gap": header.gap_share,
        "peak_kw": header.peak_kw,
        "billed_peak_kw": header.billed_peak_kw,
        "vehicles": header.vehicles,
        "ready": header.ready,
        "unmet_kwh": header.unmet_kwh,
        "unmet": _unmet(plan),
        "swaps": header.swaps,
        "moves": _moves(plan, made.time_zone),
        "pushable": header.pushable,
        "pushable_reason": header.pushable_reason,
        "bindings": _bindings(plan, made.time_zone),
        "build_s": header.build_s,
        "solve_s": header.solve_s,
        "audit": {
            "passed": plan.audit.passed,
            "violations": plan.audit.violations,
            "checks": plan.audit.checks,
        },
        "assets": plan.assets,
        "explanation": None if made.explanation is None else printed_explanation(made.explanation),
        "assumptions": made.assumptions,
    }


def _unmet(plan: Plan) -> dict[str, object]:
    return {
        shortfall.vehicle_id: {
            "kwh": shortfall.unmet_kwh,
            "must_kwh": shortfall.unmet_must_kwh,
            "why": shortfall.reason,
        }
        for shortfall in plan.shortfalls
    }


def _moves(plan: Plan, time_zone: ZoneInfo) -> list[dict[str, object]]:
    return [
        {
            "vehicle": move.vehicle_id,
            "from": move.from_connector_id,
            "to": move.to_connector_id,
            "at": move.at.astimezone(time_zone).isoformat(),
        }
        for move in plan.moves
    ]


def _bindings(plan: Plan, time_zone: ZoneInfo) -> list[dict[str, object]]:
    return [
        {
            "name": binding.name,
            "interval_start": None
            if binding.interval_start is None
            else binding.interval_start.astimezone(time_zone).isoformat(),
            "price_per_kw": binding.price_per_kw,
            "sentence": binding.sentence,
        }
        for binding in plan.bindings
    ]
