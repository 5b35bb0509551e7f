"""Reports about how things stand: what tonight asks for, the night as it is, who did what."""

from collections.abc import Sequence
from typing import Final

from depotlib.reports.report import Chart, Column, Figure, Report, Table, Value
from depotlib.workflows.audit_trail import AuditLine
from depotlib.workflows.data_quality import SourceQuality
from depotlib.workflows.tonight import Tonight
from depotlib.workflows.trace_night import NightTrace
from depotlib.workflows.watch_night import NightNow, VehicleTonight

POWER: Final = "Site power"
AT: Final = "At"
HIGHEST: Final = "Highest of the minute (kW)"


def tonight_report(tonight: Tonight) -> Report:
    """Return what a night asks for before anything runs, the first van to leave first."""
    needs = sorted(tonight.needs, key=lambda one: (one.dwell.departure, one.dwell.vehicle_id))
    return Report(
        title=f"Night of {tonight.evening}, {tonight.depot.name}",
        question="What does tonight ask for?",
        figures=(
            Figure("Vans tonight", len(needs)),
            Figure("Energy they must have", sum(one.dwell.energy_must_kwh for one in needs), "kWh"),
            Figure("First departure", min((one.dwell.departure for one in needs), default=None)),
            Figure("Operating limit", tonight.depot.grid.operating_limit_kw, "kW"),
            Figure("Connectors", len(list(tonight.depot.connectors()))),
        ),
        tables=(
            Table(
                "Vans",
                (
                    Column("Van"),
                    Column("Arrives", "instant"),
                    Column("Leaves", "instant"),
                    Column("Must (kWh)", "energy", is_summed=True),
                    Column("Target (kWh)", "energy", is_summed=True),
                    Column("Arithmetic"),
                ),
                tuple(
                    (
                        one.dwell.vehicle_id,
                        one.dwell.arrival,
                        one.dwell.departure,
                        one.dwell.energy_must_kwh,
                        one.dwell.energy_target_kwh,
                        one.arithmetic,
                    )
                    for one in needs
                ),
            ),
        ),
        notes=(f"Tariff: {tonight.tariff_name}.", "Energies are at the wall."),
        time_zone=tonight.depot.time_zone,
        charts=(
            Chart("What each van needs", "Vans", "Van", ("Must (kWh)", "Target (kWh)"), "kWh"),
        ),
    )


def live_report(night: NightNow, trace: NightTrace) -> Report:
    """Return the night as it is: every van, the first to leave first, and the site's power so far."""
    vans = sorted(night.vehicles, key=lambda one: (one.departure, one.vehicle_id))
    trail: list[tuple[Value, ...]] = trace.load.rows()
    return Report(
        title="The night as it is",
        question="What is every van doing now?",
        figures=(
            Figure("As of", night.at),
            Figure("Vans", len(vans)),
            Figure("Vans ready", sum(one.state == "ready" for one in vans)),
            Figure("Left short", sum(one.state == "left short" for one in vans)),
            Figure("Site now", night.site_kw, "kW"),
            Figure("Peak so far", trace.peak_kw, "kW"),
            Figure("Release in force", night.release.release_id if night.release else "none"),
        ),
        tables=(
            _vans_now(vans),
            Table(
                POWER,
                (Column(AT, "instant"), Column(HIGHEST, "number")),
                tuple(trail),
                is_printed=False,
            ),
        ),
        notes=("As the stations metered it.",),
        time_zone=night.brief.depot.time_zone if night.brief else "UTC",
        charts=(Chart("Site power so far", POWER, AT, (HIGHEST,), "kW", "line"),),
    )


def quality_report(sources: Sequence[SourceQuality], *, time_zone: str) -> Report:
    """Return how far each source can be trusted, the worst first, with the arithmetic."""
    rows: list[tuple[Value, ...]] = [
        (
            one.source,
            one.score,
            one.last_at,
            one.gaps,
            one.files,
            one.rows_in,
            one.stored,
            one.duplicates,
            one.rejected,
            one.last_import_at,
        )
        for one in sources
    ]
    return Report(
        title="Data quality",
        question="How far can what was imported be trusted?",
        figures=tuple(Figure(one.source, one.score, "of 100") for one in sources),
        tables=(
            Table(
                "Sources",
                (
                    Column("Source"),
                    Column("Score (of 100)", "price"),
                    Column("Last reading", "instant"),
                    Column("Gaps", "count"),
                    Column("Files", "count", is_summed=True),
                    Column("Records", "count", is_summed=True),
                    Column("Stored", "count", is_summed=True),
                    Column("Known already", "count", is_summed=True),
                    Column("Refused", "count", is_summed=True),
                    Column("Last import", "instant"),
                ),
                tuple(rows),
            ),
            _faults(sources),
        ),
        notes=("Each source begins with 100 points and loses some for each fault.",),
        time_zone=time_zone,
        charts=(Chart("Score (of 100)", "Sources", "Source", ("Score (of 100)",), "points"),),
    )


def deeds_report(lines: Sequence[AuditLine], *, time_zone: str) -> Report:
    """Return who did what, in the order given."""
    return Report(
        title="Who did what",
        question="Who did what, and is the record of it whole?",
        figures=(
            Figure("Deeds", len(lines)),
            Figure("People and programs", len({one.who for one in lines if one.who})),
            Figure("Pushes begun", sum(one.what == "push started" for one in lines)),
            Figure("Refused", sum("refused" in f"{one.what} {one.outcome}" for one in lines)),
        ),
        tables=(
            Table(
                "Deeds",
                (
                    Column("Number", "price"),
                    Column("When", "instant"),
                    *(Column(one) for one in ("Who", "Token of", "Topic", "What", "Where")),
                    *(Column(one) for one in ("Outcome", "Detail", "Hash")),
                ),
                tuple(
                    (
                        one.seq,
                        one.at,
                        one.who,
                        one.token_of,
                        one.topic,
                        one.what,
                        one.where,
                        one.outcome,
                        one.detail,
                        one.hash,
                    )
                    for one in lines
                ),
            ),
        ),
        notes=(
            "What has a number is a record of the journal, bound to the one before by its hash.",
        ),
        time_zone=time_zone,
    )


def _vans_now(vans: Sequence[VehicleTonight]) -> Table:
    return Table(
        "Vans",
        (
            Column("Van"),
            Column("State"),
            Column("Connector"),
            Column("Leaves", "instant"),
            Column("Has (kWh)", "energy", is_summed=True),
            Column("Must (kWh)", "energy", is_summed=True),
            Column("Target (kWh)", "energy", is_summed=True),
            Column("Draws (kW)", "number", is_summed=True),
            Column("May draw (kW)", "number"),
            Column("Time to spare (h)", "number"),
        ),
        tuple(
            (
                one.vehicle_id,
                one.state,
                one.connector_id,
                one.departure,
                one.delivered_kwh,
                one.energy_must_kwh,
                one.energy_target_kwh,
                one.power_kw,
                one.limit_kw,
                one.slack_h,
            )
            for one in vans
        ),
    )


def _faults(sources: Sequence[SourceQuality]) -> Table:
    return Table(
        "What speaks against them",
        (Column("Source"), Column("What"), Column("Points", "count")),
        tuple(
            (one.source, what, points)
            for one in sources
            for what, points in (
                *((text, None) for text in one.worst),
                *((part.sentence, part.points) for part in one.deductions if part.points),
            )
        ),
    )
