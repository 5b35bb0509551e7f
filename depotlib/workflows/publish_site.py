"""The brief: all that the live side may know of the world, written into its mailbox."""

from dataclasses import replace
from datetime import datetime

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.identity import BayAssignment
from depotlib.model.order import without_orders
from depotlib.model.plan import Plan
from depotlib.settings import Settings
from depotlib.units import s_to_h
from depotlib.workflows.tonight import NO_NIGHT_CHOICES, NightChoices, Tonight, gather_tonight


def publish_site(
    settings: Settings,
    *,
    now: datetime,
    choices: NightChoices = NO_NIGHT_CHOICES,
) -> int:
    """Return the version of the brief of a night, published before any plan is.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If something the night rests on is not there; says what.
    ExchangeError
        If the mailbox cannot be written.
    """
    tonight = gather_tonight(settings, now=now, choices=choices)
    with open_mailbox(settings.mailbox_path) as mailbox:
        return publish_brief(mailbox, brief_of(tonight, plan=None), now=now)


def brief_of(tonight: Tonight, *, plan: Plan | None) -> Brief:
    """Return the brief of a night; a plan adds who is to stand where."""
    windows = plan.windows if plan is not None else ()
    return Brief(
        # Orders may end early, and the live side knows them itself.
        depot=without_orders(tonight.depot, tonight.orders),
        identities=tonight.identities,
        bays=tuple(
            BayAssignment(
                connector_id=window.connector_id,
                vehicle_id=window.vehicle_id,
                start=window.start,
                end=window.end,
            )
            for window in windows
        ),
        fleet=tonight.fleet,
        duties=tonight.duties,
        dwells=tonight.dwells,
        grid=tonight.grid,
        prices=tonight.prices,
        base_load_kw=tonight.base_load_kw,
        security_profile=tonight.admission.security_profile,
        unknown_policy=tonight.admission.unknown_policy,
        ready_before_h=s_to_h(tonight.preference.slack_s),
    )


def publish_brief(mailbox: Mailbox, brief: Brief, *, now: datetime) -> int:
    """Return the version of a brief; one that says what the newest says is not written again."""
    newest = mailbox.brief()
    if newest is not None and replace(newest[1], made_at=None) == replace(brief, made_at=None):
        return newest[0]
    return mailbox.publish_brief(replace(brief, made_at=now), at=now)
