"""The utility allows 60 % of the service for two hours, then 77.91 kW to a group under §14a EnWG."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import MeteredSecond, between
from depotlib.drills.processes import EVENING, DrillDepot, drill_depot
from depotlib.drills.yard import YardPlan, dwell, flat, plug_all_in, push_and_wait, soon
from depotlib.exchange.limit_desk import give_limit, minutes_of
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import GridLimit, GridLimitImpact, GridLimitSource, kept_share
from depotlib.model.site_file import site_from_toml

SPEED_FACTOR: Final = 30.0
YARD: Final = YardPlan(
    count=12, service_kw=120.0, operating_kw=110.0, margin_kw=1.0, base_max_kw=10.0
)
CHARGE_KW: Final = 7.2
"""Twelve of them are 86.4 kW: more than either limit."""
UTILITY_SHARE: Final = 0.6
UTILITY_KW: Final = UTILITY_SHARE * YARD.service_kw
UTILITY_FOR: Final = timedelta(hours=2)
GROUP_KW: Final = 77.91
GROUP_FOR: Final = timedelta(minutes=30)
QUARTER: Final = timedelta(minutes=15)
INTO_QUARTER: Final = timedelta(minutes=1)
"""When a limit is given: a new plan begins with the next quarter, until then the gateway is alone."""
STAY: Final = timedelta(hours=3)
NEED_KWH: Final = 20.0
"""Of 21.6 kWh in three hours: two hours with 72 kW, less 11 kW of margin and base load, are too few."""
LIVELY_KW: Final = 80.0
PATIENCE_S: Final = 300.0
AT_ONCE_S: Final = 60.0
UNTIL_KILLED: Final = timedelta(minutes=45)
IMPACT_WITHIN_S: Final = 900.0
MINUTES: Final = 60
"""Of 150: what a gateway that is killed, or a machine that stalls, did not see is missing."""


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return how the limits were kept, what they cost, and how whole their record is."""
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        plug_all_in(depot, YARD)
        push_and_wait(depot, flat(dict.fromkeys(YARD.stations(), CHARGE_KW)))
        brief = depot.publish(_brief(depot))
        depot.start_dispatch()
        quarters = (depot.newest_at() - EVENING) // QUARTER + 1
        depot.live_until(EVENING + quarters * QUARTER + INTO_QUARTER)
        before_kw = _newest_kw(depot)

        utility = _given(depot, brief, node_id="site", source="utility", lasts=UTILITY_FOR)
        depot.comes_true(lambda: _newest_kw(depot) <= UTILITY_KW, within_s=PATIENCE_S)
        kept_from = depot.newest_at() if _newest_kw(depot) <= UTILITY_KW else None
        depot.comes_true(lambda: _impact(depot, utility) is not None, within_s=IMPACT_WITHIN_S)

        depot.live_until(utility.start + UNTIL_KILLED)
        depot.kill("gateway")
        depot.start_gateway()
        # Announced this time: it is to be kept from its first second on.
        group = _given(
            depot, brief, node_id="charging", source="enwg_14a", lasts=GROUP_FOR, after=utility
        )
        depot.live_until(group.end + timedelta(seconds=1))
        kept = (
            *_utility_figures(depot, utility, before_kw=before_kw, kept_from=kept_from),
            *_group_figures(depot, group),
        )
        return (*kept, *_record_figures(depot, utility, group=group))


def _brief(depot: DrillDepot) -> Brief:
    """Return the site with everybody's stay, from now on: a busy machine was long in starting."""
    begun = soon(depot)
    stays = [
        dwell(name, begun, departure=begun + STAY, need_kwh=NEED_KWH) for name in YARD.stations()
    ]
    return replace(site_from_toml(depot.site, where="drill"), dwells=tuple(stays))


def _given(
    depot: DrillDepot,
    brief: Brief,
    *,
    node_id: str,
    source: GridLimitSource,
    lasts: timedelta,
    after: GridLimit | None = None,
) -> GridLimit:
    """Return a limit that was given as the HTTP door gives it; now, or after another one."""
    now = depot.clock.now()
    start = soon(depot) if after is None else after.end
    limit = GridLimit(
        limit_id="",
        node_id=node_id,
        start=start,
        end=start + lasts,
        limit_kw=GROUP_KW,
        source=source,
        reference="drill",
        given_by="drill",
        given_at=now,
        service_share=UTILITY_SHARE if source == "utility" else None,
    )
    with depot.mailbox() as mailbox:
        return give_limit(mailbox, limit, brief=brief, now=now)


def _utility_figures(
    depot: DrillDepot, utility: GridLimit, *, before_kw: float, kept_from: datetime | None
) -> tuple[Figure, ...]:
    highest_kw = None
    if kept_from is not None:
        seconds = between(depot.meters(), kept_from, end=utility.end)
        highest_kw = max((_site_kw(one) for one in seconds), default=None)
    return (
        at_least("power before the limit", before_kw, bound=LIVELY_KW, unit="kW"),
        at_most(
            "highest power under the utility's limit once it was reached",
            highest_kw,
            bound=UTILITY_KW,
            unit="kW",
        ),
        at_most(
            "from the limit's start until it was reached",
            None if kept_from is None else (kept_from - utility.start).total_seconds(),
            bound=AT_ONCE_S,
            unit="s",
            is_speed=True,
        ),
    )


def _group_figures(depot: DrillDepot, group: GridLimit) -> tuple[Figure, ...]:
    seconds = between(depot.meters(), group.start, end=group.end)
    return (
        at_most(
            "highest charging power under the limit of the §14a group",
            max((one.site_kw for one in seconds), default=None),
            bound=GROUP_KW,
            unit="kW",
        ),
    )


def _record_figures(
    depot: DrillDepot, utility: GridLimit, *, group: GridLimit
) -> tuple[Figure, ...]:
    with depot.mailbox() as mailbox:
        minutes = [*minutes_of(mailbox, utility.limit_id), *minutes_of(mailbox, group.limit_id)]
    impact = _impact(depot, utility)
    missing = impact.vehicles if impact is not None else ()
    share = kept_share([one for one in minutes if one.start > utility.start])
    return (
        at_least("minutes in the record", len(minutes), bound=MINUTES, unit="minutes"),
        told("share of them within the limit, by the largest base load", share, unit=""),
        at_least("vans that the limit's impact names", len(missing), bound=1, unit="vans"),
        told(
            "energy that they will lack",
            sum(one.missing_kwh - one.missing_before_kwh for one in missing),
            unit="kWh",
        ),
    )


def _impact(depot: DrillDepot, limit: GridLimit) -> GridLimitImpact | None:
    with depot.mailbox() as mailbox:
        return mailbox.grid_limits.impact(limit.limit_id)


def _newest_kw(depot: DrillDepot) -> float:
    newest = depot.newest()
    return 0.0 if newest is None else _site_kw(newest)


def _site_kw(one: MeteredSecond) -> float:
    return one.site_kw if one.meter_kw is None else one.meter_kw


DRILL: Final = Drill(
    name="grid-limit",
    title="The utility allows 60 % for two hours, and 77.91 kW to a §14a group after them",
    passes_when="both limits are kept, through a killed gateway too, who will be short is named, "
    "and the record by minute is there",
    defence="a limit from outside is a hard limit of the gateway's ledger, whatever is planned",
    minutes=6,
    play=play,
)
