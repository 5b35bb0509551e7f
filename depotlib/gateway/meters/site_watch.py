"""What the site's meter does to the limits: bounds for the pump, relief, and its loss noted. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import SiteMeterError
from depotlib.gateway import proof
from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import MeterReported, MeterSample
from depotlib.gateway.meters.site_meter import (
    LOOK_BACK_S,
    Charging,
    Drawn,
    SiteMeter,
)
from depotlib.gateway.plug import Plug
from depotlib.gateway.relief import Relief
from depotlib.gateway.safety import SITE, Site
from depotlib.gateway.station import Station
from depotlib.gateway.steps import line_of_steps
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, JournalKind, Scalar
from depotlib.model.site_meter import MeterReading, SiteMeterState

MOST_FACTOR: Final = 4.0
"""Times the service: more than that is no reading of this site."""
MAIN: Final = 0
"""The connector that stands for a station's main meter."""
TENDED_FOR: Final = timedelta(minutes=2)
"""So long after its last sign of life dispatch is taken to plan anew what a window takes."""
WORTH_KW: Final = 0.5
"""A bound on the base load that grows by less waits for the next look at everything."""


class SiteWatch:
    """The site under the eye of its own meter.

    Parameters
    ----------
    brief : Brief
    limits : Limits
    ledger : Ledger
    stations : mapping of str to Station
    """

    def __init__(
        self, brief: Brief, limits: Limits, *, ledger: Ledger, stations: Mapping[str, Station]
    ) -> None:
        self._limits = limits
        self._ledger = ledger
        self._stations = stations
        self._grid = brief.depot.grid
        self._meter = SiteMeter(brief.depot.site_meter, grid=self._grid)
        self._relief = Relief(limit_kw=self._grid.service_kw)
        self._was_fresh: bool | None = None
        self._was_relieved = False
        self._base_kw = self._grid.base_load_max_kw
        self.tended_at: datetime | None = None
        """When dispatch last gave a sign of life; None: never."""

    @property
    def most_kw(self) -> float:
        """Return what no reading of this site is beyond [kW]."""
        source = self._meter.source
        if source is not None and source.most_kw is not None:
            return source.most_kw
        return MOST_FACTOR * self._grid.service_kw

    def take_brief(self, brief: Brief) -> None:
        """Take a new brief of the same depot: another meter begins with nothing."""
        if brief.depot.site_meter != self._meter.source:
            self._meter = SiteMeter(brief.depot.site_meter, grid=self._grid)
            self._was_fresh = None

    def take(self, reading: MeterReading, *, now: datetime) -> None:
        """Take a reading; what it asks for goes out with the next `tick`."""
        self._aim(now)  # what of the window nobody saw counts as planned
        if self._meter.take(reading, charging=self._charging(now)):
            self._relief.take(reading.power_kw, at=now)

    def fail(self, trouble: str) -> None:
        """Note why a reading could not be had."""
        self._meter.fail(trouble)

    def heard(self, station_id: str, event: MeterReported, *, now: datetime) -> None:
        """Take what a station says of its main meter, where that is the site's."""
        source = self._meter.source
        is_meant = source is not None and (source.kind, source.address) == ("ocpp", station_id)
        if not is_meant or event.connector != MAIN or event.is_offline or source is None:
            return
        sign = 1.0 if source.positive == "import" else -1.0
        for sample in event.samples:
            if sample.power_kw is None:
                continue
            try:
                self.take(_reading(sample, sign=sign, most_kw=self.most_kw, now=now), now=now)
            except SiteMeterError as error:
                self.fail(error.what)

    def tick(self, site: Site, *, now: datetime) -> Effects:
        """Return what follows from the meter by now: bounds are set, and somebody may be stopped.

        Parameters
        ----------
        site : Site
            With the operating limit as forecast.
        now : datetime
        """
        if self._meter.source is None:
            return Effects()
        self._aim(now)
        is_fresh = self._meter.is_fresh(now)
        effects = Effects(journal=self._noted(is_fresh=is_fresh, now=now))
        is_relieved = self._relief.is_on(now)
        base = self._meter.base_line(now)
        operating = self._meter.operating_line(site.operating, now=now) if is_fresh else None
        self._limits.take_bounds(SiteBounds(base, operating, is_relieved), now=now)
        base_kw = base.at(now.timestamp())
        if base_kw > self._base_kw + WORTH_KW:
            # Less room than was reckoned with: not to wait for the next look at everything.
            self._limits.mark_stale()
        if base_kw > self._base_kw + WORTH_KW or base_kw < self._base_kw:
            self._base_kw = base_kw
        if is_fresh:
            slack_s = self._limits.slack_s
            stops = self._relief.stops(self._stations, slack_s=slack_s, now=now)
            effects.commands += stops
            effects.journal += [self._stopped(station_id, now=now) for station_id, _ in stops]
        return effects

    def base_kw(self, now: datetime) -> float:
        """Return the bound on the base load that the hard limit reckons with now [kW]."""
        return self._meter.base_line(now).at(now.timestamp())

    def state(self, now: datetime) -> SiteMeterState | None:
        """Return the meter as other processes see it, or None where the site has none."""
        return self._meter.state(now)

    # --- inside ---------------------------------------------------------------------------

    def _aim(self, now: datetime) -> None:
        """Hold the running window to what the release in force plans for it.

        For that window, and not for this instant: between the two clocks the one window would be
        held to what is planned for the next. And only while dispatch lives: what a window takes
        from vehicles it alone gives them later, and readiness comes before the bill.
        """
        release = self._limits.release
        is_tended = self.tended_at is not None and now - self.tended_at <= TENDED_FOR
        if release is None or not is_tended:
            self._meter.window.aim(None)
            return
        at = max(self._meter.middle_of_window(now), release.valid_from)
        self._meter.window.aim(release.window_target_at(at))

    def _charging(self, now: datetime) -> Charging:
        proven_kw = likely_kw = most_kw = 0.0
        is_settled = True
        drawn: dict[str, Drawn] = {}
        for station in self._stations.values():
            for plug in station.plugs.values():
                one = self._drawn(station, plug, now=now)
                proven_kw += one.proven_kw
                likely_kw += one.likely_kw
                most_kw += one.most_kw
                is_settled &= one.is_settled
                if plug.measured_at is not None and station.session(plug) is not None:
                    at_s = plug.measured_at.timestamp()
                    drawn[plug.connector_id] = Drawn(at_s, one.proven_kw)
        return Charging(proven_kw, likely_kw, most_kw, is_settled, drawn)

    def _drawn(self, station: Station, plug: Plug, *, now: datetime) -> Charging:
        """Return what a connector draws: no more than its reserve, whatever its meter says."""
        name, now_s = plug.connector_id, now.timestamp()
        session = station.session(plug)
        if session is None:
            # What nobody has begun proves nothing; what its meter told last may be over.
            return Charging(0.0, 0.0, self._last_kw(plug, now=now))
        proven_kw = self._last_kw(plug, now=now)
        most_kw = self._ledger.reserved(name, "power").at(now_s)
        lease = proof.held(self._ledger, name, now=now)
        changed_at = session.started_at
        limit_kw = self._ledger.outlets[name].safe_kw
        if lease is not None:
            limit_kw = line_of_steps(lease.steps, valid_to=lease.valid_to).at(now_s)
            begun = [step.start for step in lease.steps if step.start <= now]
            changed_at = max(changed_at, lease.answered_at or changed_at, *begun[-1:])
        settle = timedelta(seconds=self._ledger.timing.settle_s)
        measured_at = plug.measured_at
        if measured_at is None or measured_at < changed_at + settle:
            return Charging(proven_kw, min(limit_kw, most_kw), most_kw, is_settled=False)
        is_recent = now_s - measured_at.timestamp() <= LOOK_BACK_S
        return Charging(proven_kw, proven_kw, proven_kw if is_recent else most_kw, is_recent)

    def _last_kw(self, plug: Plug, *, now: datetime) -> float:
        """Return what a connector told last, if that is not old, and no more than its reserve [kW]."""
        if plug.measured_at is None:
            return 0.0
        if now.timestamp() - plug.measured_at.timestamp() > LOOK_BACK_S:
            return 0.0
        most_kw = self._ledger.reserved(plug.connector_id, "power").at(now.timestamp())
        return min(max(0.0, plug.power_kw), most_kw)

    def _noted(self, *, is_fresh: bool, now: datetime) -> list[JournalEntry]:
        """Return what has changed: the meter lost or found, the site above its limit or back."""
        entries: list[JournalEntry] = []
        state = self._meter.state(now)
        if state is not None and is_fresh != self._was_fresh:
            facts: dict[str, Scalar] = {"meter": state.kind, "power_kw": state.power_kw}
            if not is_fresh:
                facts |= {"what": state.trouble, "base_load_kw": round(self._meter.base_max_kw, 3)}
            kind: JournalKind = "site_meter_found" if is_fresh else "site_meter_lost"
            if is_fresh or self._was_fresh is not None:
                entries.append(JournalEntry(now, kind, payload=facts))
            self._was_fresh = is_fresh
        is_over = self._relief.over_since is not None
        if state is not None and is_over != self._was_relieved:
            self._was_relieved = is_over
            over: dict[str, Scalar] = {
                "power_kw": state.power_kw,
                "limit_kw": self._grid.service_kw,
                "is_over": is_over,
                "breaker": "the main breaker of the site",
            }
            entries.append(JournalEntry(now, "site_over_limit", payload=over))
        return entries

    def _stopped(self, station_id: str, *, now: datetime) -> JournalEntry:
        facts: dict[str, Scalar] = {
            "what": "the site is still above its limit: its session is stopped",
            "limit_kw": self._grid.service_kw,
            "node": SITE,
        }
        return JournalEntry(now, "relief_stop", station_id, payload=facts)


def _reading(sample: MeterSample, *, sign: float, most_kw: float, now: datetime) -> MeterReading:
    power_kw = sign * (sample.power_kw if sample.power_kw is not None else 0.0)
    if not abs(power_kw) <= most_kw:
        raise SiteMeterError(
            f"the main meter says {power_kw:g} kW; at most {most_kw:g} kW can be",
            where="site_meter",
            hint="check the station's measurands, or give most_kw",
        )
    return MeterReading(
        power_kw=power_kw, at=now, measured_at=sample.at, energy_kwh=sample.register_kwh
    )
