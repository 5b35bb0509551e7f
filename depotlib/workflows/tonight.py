"""Everything a night's plan rests on, gathered from the store."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import MailboxMissingError, RecordMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod, local_instant, zone
from depotlib.model.depot import Depot
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell, Need
from depotlib.model.fleet import Fleet
from depotlib.model.identity import IdentityMap
from depotlib.model.order import Order, with_orders
from depotlib.model.price_terms import PriceTerms
from depotlib.model.site_file import tables_from_toml
from depotlib.model.site_tables import GatewayTable
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.announced import announced_duties_of, with_announced
from depotlib.needs.known import NOTHING_MORE, Known
from depotlib.needs.night import needs_for_night
from depotlib.planning.budget import TIME_LIMIT_S
from depotlib.planning.knobs.preference import NO_PREFERENCE, Preference
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    chosen_depot_id,
    chosen_tariff_id,
    load_depot,
    load_duties,
    load_fleet,
    load_identities,
    load_policy,
)
from depotlib.store.document import document
from depotlib.store.duties import announced_duties
from depotlib.store.telematics import telematics
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.terms import price_terms
from depotlib.units import h_to_s
from depotlib.workflows.past_days import PAST, known_at
from depotlib.workflows.review_demand import stored_tariff

NOON: Final = time(12)
INTERVAL_S: Final = 900
NIGHTS_PER_MONTH: Final = 22.0
"""Working nights a month, as in the reference night: the demand charge is monthly."""
LOOK_BACK: Final = timedelta(days=3)
OPEN_HERE: Final = GatewayTable()
"""Of a depot without a site file: stations on this machine alone, and everybody may charge."""


@dataclass(frozen=True, slots=True)
class NightChoices:
    """What a person may choose about a night.

    Parameters
    ----------
    evening : date or None
        Local date on which the night begins; None: the one that now belongs to.
    operating_limit_kw : float or None
        Instead of the depot's own.
    nights_per_month : float
        Nights like this that the month's bill holds.
    running_peak_kw : float
        Peak already billed this month.
    preference : Preference
        Among equally ready plans.
    learns : bool or None
        Whether past days count for the needs; None: as the depot's policy says.
    time_limit_s : float
        For the solvers together.
    """

    evening: date | None = None
    operating_limit_kw: float | None = None
    nights_per_month: float = NIGHTS_PER_MONTH
    running_peak_kw: float = 0.0
    preference: Preference = NO_PREFERENCE
    learns: bool | None = None
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True, slots=True)
class Tonight:
    """Facts of one night, before any decision.

    Parameters
    ----------
    depot : Depot
        With the operating limit that was chosen, and what is out of service.
    fleet : Fleet
    identities : IdentityMap
    duties : tuple of Duty
    needs : tuple of Need
    evening : date
    grid : TimeGrid
    prices : PriceTerms
    tariff_name : str
    base_load_kw : tuple of float
    known : Known
        What past days, the hour and the weather add to fleet and duties.
    orders : tuple of Order
        Of operators, that stand; the stations that they idle are out of service in `depot`.
    admission : GatewayTable
        What stations must show, and who may charge, as the site file says.
    preference : Preference
        As chosen; how long before leaving a vehicle should be done as the depot's policy says,
        where nothing was chosen.
    """

    depot: Depot
    fleet: Fleet
    identities: IdentityMap
    duties: tuple[Duty, ...]
    needs: tuple[Need, ...]
    evening: date
    grid: TimeGrid
    prices: PriceTerms
    tariff_name: str
    base_load_kw: tuple[float, ...]
    known: Known = NOTHING_MORE
    orders: tuple[Order, ...] = ()
    admission: GatewayTable = OPEN_HERE
    preference: Preference = NO_PREFERENCE

    @property
    def dwells(self) -> tuple[Dwell, ...]:
        """Return the stays to plan."""
        return tuple(need.dwell for need in self.needs)


NO_NIGHT_CHOICES: Final = NightChoices()


def gather_tonight(
    settings: Settings, *, now: datetime, choices: NightChoices = NO_NIGHT_CHOICES
) -> Tonight:
    """Return the facts of a night of the chosen depot.

    Parameters
    ----------
    settings : Settings
    now : datetime
        Readings up to here count.
    choices : NightChoices, optional

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, depot, fleet, duty or tariff yet; says which.
    """
    path = settings.warehouse_path
    depot_id = chosen_depot_id(path)
    if depot_id is None:
        raise RecordMissingError(
            "no depot has been chosen", where="depot", hint="load the demo depot: depot demo"
        )
    depot = _with_limit(load_depot(path, depot_id), choices.operating_limit_kw)
    orders = standing_orders(settings)
    depot = with_orders(depot, orders)
    time_zone = zone(depot.time_zone)
    evening = choices.evening or (now.astimezone(time_zone) - timedelta(hours=12)).date()
    night = night_of(evening, time_zone)
    asked = _asked_for(settings, depot, night=night, now=now, learns=choices.learns)
    needs = asked.needs
    grid = grid_over(
        min(need.dwell.arrival for need in needs),
        max(need.dwell.departure for need in needs),
        interval_s=INTERVAL_S,
    )
    tariff = _tariff(settings, depot)
    prices = price_terms(
        tariff,
        grid,
        time_zone=time_zone,
        nights_per_month=choices.nights_per_month,
        sunk_kw=choices.running_peak_kw,
    )
    return Tonight(
        depot=depot,
        fleet=asked.fleet,
        identities=load_identities(path, depot_id),
        duties=asked.duties,
        needs=needs,
        evening=evening,
        grid=grid,
        prices=prices,
        tariff_name=tariff.name,
        base_load_kw=(0.0,) * grid.count,
        known=asked.known,
        orders=orders,
        admission=_admission(settings, depot_id),
        preference=_preference(choices.preference, asked.policy),
    )


def night_of(evening: date, time_zone: ZoneInfo) -> BillingPeriod:
    """Return the night that begins on a local date: from noon to noon."""
    return BillingPeriod(
        start=local_instant(evening, NOON, time_zone=time_zone),
        end=local_instant(evening + timedelta(days=1), NOON, time_zone=time_zone),
    )


def readings_for(settings: Settings, night: BillingPeriod, *, now: datetime) -> pl.DataFrame:
    """Return the telematics that a night's needs rest on, up to now."""
    return telematics(
        settings.warehouse_path, start=night.start - LOOK_BACK, end=min(now, night.end)
    )


def at_temperature(
    tonight: Tonight, temperature_c: float, *, settings: Settings, at: datetime
) -> Tonight:
    """Return the night's facts with the needs that another outside temperature makes.

    Parameters
    ----------
    tonight : Tonight
    temperature_c : float
        Of the driving before and after the night.
    settings : Settings
    at : datetime
        Facts up to here count.
    """
    night = night_of(tonight.evening, zone(tonight.depot.time_zone))
    needs = needs_for_night(
        tonight.fleet,
        tonight.duties,
        telematics=readings_for(settings, night, now=at),
        night=night,
        policy=policy_of(settings, tonight.depot.depot_id),
        known=replace(tonight.known, temperature_c=temperature_c),
    )
    return replace(tonight, needs=needs)


def _admission(settings: Settings, depot_id: str) -> GatewayTable:
    text = document(settings.warehouse_path, "site", document_id=depot_id)
    return OPEN_HERE if text is None else tables_from_toml(text, where="the site").gateway


def _preference(chosen: Preference, policy: NeedPolicy) -> Preference:
    if chosen.slack_s:
        return chosen
    return replace(chosen, slack_s=round(h_to_s(policy.ready_before_h)))


@dataclass(frozen=True, slots=True)
class _AskedFor:
    """What a night asks for, and what that rests on."""

    fleet: Fleet
    duties: tuple[Duty, ...]
    known: Known
    needs: tuple[Need, ...]
    policy: NeedPolicy


def _asked_for(
    settings: Settings, depot: Depot, *, night: BillingPeriod, now: datetime, learns: bool | None
) -> _AskedFor:
    path, depot_id = settings.warehouse_path, depot.depot_id
    fleet, policy = load_fleet(path, depot_id), policy_of(settings, depot_id)
    announced = announced_duties(path, start=night.start - PAST, end=night.end)
    duties = with_announced(load_duties(path, depot_id), announced_duties_of(announced, fleet))
    known = known_at(
        settings,
        fleet,
        duties=duties,
        time_zone=depot.time_zone,
        # A past night is planned as it could have been then.
        now=min(now, night.end),
        learns=policy.learns if learns is None else learns,
    )
    needs = needs_for_night(
        fleet,
        duties,
        telematics=readings_for(settings, night, now=now),
        night=night,
        policy=policy,
        known=known,
    )
    if not needs:
        raise RecordMissingError(
            f"no vehicle leaves between {night.start} and {night.end}",
            where=f"duties of {depot_id}",
            hint="import the duties of that night, or choose another",
        )
    return _AskedFor(fleet=fleet, duties=duties, known=known, needs=needs, policy=policy)


def _tariff(settings: Settings, depot: Depot) -> Tariff:
    tariff_id = chosen_tariff_id(settings.warehouse_path, depot.depot_id)
    if tariff_id is None:
        raise RecordMissingError(
            f"no tariff has been chosen for {depot.name}",
            where="tariff",
            hint="import a tariff record and choose it",
        )
    return stored_tariff(settings, tariff_id)


def policy_of(settings: Settings, depot_id: str) -> NeedPolicy:
    """Return how much energy is enough at a depot; the usual policy where none is kept."""
    try:
        return load_policy(settings.warehouse_path, depot_id)
    except RecordMissingError:
        return NeedPolicy()


def standing_orders(settings: Settings) -> tuple[Order, ...]:
    """Return what operators have asked for and the gateway has taken, as long as it holds."""
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            return tuple(one.order for one in mailbox.orders.open() if one.state == "standing")
    except MailboxMissingError:
        return ()


def _with_limit(depot: Depot, operating_limit_kw: float | None) -> Depot:
    if operating_limit_kw is None:
        return depot
    return replace(depot, grid=replace(depot.grid, operating_limit_kw=operating_limit_kw))
