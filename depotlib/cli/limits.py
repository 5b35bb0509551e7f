"""``depot limits``: limits from outside: list, give and withdraw them, and how each was kept."""

from enum import StrEnum
from typing import Annotated

import typer

from depotlib.cli.instant import instant_option
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.model.grid_limit import SITE_NODE
from depotlib.model.grid_limit_view import GridLimitOrder
from depotlib.settings import Settings, read_settings
from depotlib.workflows.limit_site import (
    lift_limit,
    limit_record,
    limit_site,
    list_limits,
)


class Source(StrEnum):
    """Who limits the depot."""

    utility = "utility"
    operator = "operator"
    enwg_14a = "enwg_14a"


def command(
    *,
    kw: Annotated[float | None, typer.Option(help="give a limit of this power")] = None,
    share: Annotated[float | None, typer.Option(help="or of this share of the service")] = None,
    joint_minimum: Annotated[
        bool, typer.Option(help="or what a group keeps under §14a EnWG")
    ] = False,
    node: Annotated[str, typer.Option(help="site, charging, or a circuit")] = SITE_NODE,
    since: Annotated[str, typer.Option("--from", help="its start, with offset; else now")] = "",
    until: Annotated[str, typer.Option(help="its end, with offset from UTC")] = "",
    source: Annotated[Source, typer.Option(help="who asks for it")] = Source.operator,
    reference: Annotated[str, typer.Option(help="what whoever asks calls it")] = "",
    supersede: Annotated[str, typer.Option(help="id of a limit that ends now instead")] = "",
    withdraw: Annotated[str, typer.Option(help="id of a limit that ends now")] = "",
    compliance: Annotated[str, typer.Option(help="id of a limit: its record by minute")] = "",
) -> int:
    """List the limits from outside; with --kw, --share or --joint-minimum, and --until, give one.

    The operator's token is read from DEPOT_OPERATOR_TOKEN. A record falls short where a minute was
    above its limit.
    """
    settings = read_settings()
    now = settings.depot_clock().now()
    if compliance:
        return _print_record(settings, compliance)
    if withdraw:
        print_json({"withdrawn": lift_limit(settings, withdraw, now=now)})
        return EXIT_DONE
    if kw is None and share is None and not joint_minimum:
        print_json({"at": now, "limits": list_limits(settings, now=now)})
        return EXIT_DONE
    order = GridLimitOrder(
        node_id=node,
        start=instant_option(since, "--from") if since else None,
        end=instant_option(until, "--until"),
        limit_kw=kw,
        service_share=share,
        source=source.name,
        reference=reference,
        supersedes=supersede,
        is_joint_minimum=joint_minimum,
    )
    print_json({"given": limit_site(settings, order, now=now)})
    return EXIT_DONE


def _print_record(settings: Settings, limit_id: str) -> int:
    record = limit_record(settings, limit_id)
    minutes = [
        {
            "start": one.start,
            "limit_kw": one.limit_kw,
            "mean_kw": one.mean_kw,
            "most_kw": one.most_kw,
            "margin_kw": one.margin_kw,
            "measured_by": one.measured_by,
            "watched_s": one.watched_s,
        }
        for one in record.minutes
    ]
    print_json(
        {
            "limit": record.limit,
            "kept_share": record.kept_share,
            "least_margin_kw": record.least_margin_kw,
            "minutes": minutes,
        }
    )
    is_kept = record.least_margin_kw is None or record.least_margin_kw >= 0.0
    return EXIT_DONE if is_kept else EXIT_FALLS_SHORT
