"""``depot operate``: acts on a station, for a reason and until an end; shows its cost first."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import typer

from depotlib.cli.instant import instant_option
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.cli.push import operator
from depotlib.errors import OrderError
from depotlib.model.live import Scalar
from depotlib.settings import Settings, read_settings
from depotlib.workflows.operate import (
    OrderDraft,
    OrderWish,
    commit_order,
    follow_order,
    newest_orders,
    open_orders,
    preview_order,
)

DEFAULT_MINUTES: Final = 30


class Action(StrEnum):
    """What to do."""

    charge_now = "charge-now"
    hold = "hold"
    prioritise = "prioritise"
    exclude = "exclude"
    out_of_service = "out-of-service"
    reset = "reset"
    unlock = "unlock"
    errand = "errand"
    end = "end"
    list = "list"


def command(
    action: Annotated[Action, typer.Argument(help="what to do; list shows what is in force")],
    target: Annotated[
        str, typer.Argument(help="a connector, a station, a van that is plugged in, or an order")
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="why; it is journalled")] = "",
    since: Annotated[str, typer.Option("--from", help="when it begins, ISO 8601")] = "",
    until: Annotated[str, typer.Option(help="when it ends by itself, ISO 8601")] = "",
    minutes: Annotated[int, typer.Option(help="instead of --until")] = DEFAULT_MINUTES,
    hard: Annotated[bool, typer.Option(help="reset without waiting for sessions")] = False,
    ask: Annotated[
        str, typer.Option(help="what an errand asks, as docs/operating.md lists it")
    ] = "",
    fact: Annotated[list[str] | None, typer.Option(help="NAME=VALUE that an errand needs")] = None,
    commit: Annotated[str | None, typer.Option(help="digest of the preview")] = None,
    follow: Annotated[str | None, typer.Option(help="id of an order")] = None,
) -> int:
    """Preview an action on a station; with --commit DIGEST (and its --until) ask for it.

    The operator's token is read from DEPOT_OPERATOR_TOKEN.
    """
    settings = read_settings()
    now = settings.depot_clock().now()
    if action is Action.list:
        return _print_orders(settings, follow)
    begin = instant_option(since, "--from") if since else None
    if until:
        end = instant_option(until, "--until")
    else:
        end = _whole_second((begin or now) + timedelta(minutes=minutes))
    wish = OrderWish(
        kind=action.name,
        target=target,
        start=begin,
        until=end,
        reason=reason,
        is_hard=hard,
        errand=ask,
        facts=dict(_fact(text) for text in fact or ()),
    )
    draft = preview_order(settings, wish, now=now)
    if commit is None:
        print_json({"preview": _shown(draft)})
        return EXIT_FALLS_SHORT if draft.effect.unmet_kwh > 0 else EXIT_DONE
    if commit != draft.digest:
        raise OrderError(
            "the digest is not that of the preview as it is now",
            where=f"depot operate {action.value}",
            hint="preview again, and commit its digest with the --until, --from and --reason it shows",
        )
    order_id = commit_order(settings, draft, operator=operator(settings), now=now)
    print_json({"order": order_id, "until": draft.order.until})
    return EXIT_DONE


def _shown(draft: OrderDraft) -> dict[str, object]:
    order = draft.order
    return {
        "digest": draft.digest,
        "action": order.kind,
        "station_id": order.station_id,
        "connector_id": order.connector_id,
        "vehicle_id": order.vehicle_id,
        "from": order.start,
        "until": order.until,
        "reason": order.reason,
        "ends": order.ends,
        "errand": order.errand,
        "facts": dict(order.facts),
        "effect": draft.effect,
    }


def _print_orders(settings: Settings, order_id: str | None) -> int:
    if order_id is not None:
        print_json({"order": follow_order(settings, order_id)})
        return EXIT_DONE
    print_json({"open": open_orders(settings), "newest": newest_orders(settings, limit=20)})
    return EXIT_DONE


def _fact(text: str) -> tuple[str, Scalar]:
    """Return name and value; what reads as true, false or a number is one."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise OrderError(
            f"{text!r} is no NAME=VALUE", where="--fact", hint="--fact message=MeterValues"
        )
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    return name.strip(), read if isinstance(read, bool | int | float) else value


def _whole_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
