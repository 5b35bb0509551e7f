"""The ladder: what is done, step by step, with a connector that draws more than it may.

0 A, look at the meter, stop its session, take it out of service (which by itself ends no running
session), look again; one that still draws is a person's affair, who is told the breaker. From the
moment it was caught the site reckons with its hardware maximum and the others give way, so the
site's limit does not wait for any of these steps. An operator, and nobody else, ends the distrust.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import AskFor, SetAvailability, StopRemotely
from depotlib.gateway.proof import is_over_limit
from depotlib.gateway.safety import SITE
from depotlib.gateway.station import Plug, Station
from depotlib.model.live import Distrust, JournalEntry, Rung, Scalar

ASK_AFTER_S: Final = 9.0
"""After the settle time of a step (8 s) the meter is asked."""
JUDGE_AFTER_S: Final = 14.0
"""Three steps and their looks take 42 s: a person is called within a minute."""
OFFLINE_S: Final = 60.0
"""So long a station without a connection may stay away before a person is called."""
SECOND_LOOK_S: Final = 6.0
"""After a first sample above the limit: more than the time a vehicle takes to follow."""
NEXT: Final[dict[Rung, Rung]] = {"zero": "stop", "stop": "inoperative", "inoperative": "person"}
REFERENCE: Final = "ladder"


class Ladder:
    """The connectors that were caught, and what comes next for each.

    Parameters
    ----------
    ledger : Ledger
    limits : Limits
    stations : mapping of str to Station
    """

    def __init__(self, ledger: Ledger, limits: Limits, *, stations: Mapping[str, Station]) -> None:
        self._ledger = ledger
        self._limits = limits
        self._stations = stations
        self._asked_at: dict[str, datetime] = {}
        self.caught: dict[str, Distrust] = {}
        """By connector."""

    def restore(self, distrusts: Iterable[Distrust], *, now: datetime) -> None:
        """Take over whom an earlier process caught; each gets the time of a step once more."""
        for one in distrusts:
            if one.connector_id in self._ledger.outlets:
                self._distrust(one)
                self.caught[one.connector_id] = replace(one, rung_at=max(one.rung_at, now))

    def begin(self, caught: Distrust, *, now: datetime) -> Effects:
        """Return the first step against a connector that was just caught."""
        self._distrust(caught)
        self._ledger.trust_changed(caught.station_id, now=now)
        return self._stepped(caught, "zero", now=now)

    def tick(self, now: datetime) -> Effects:
        """Return the steps that are due, and questions to the meters that decide them."""
        effects = Effects()
        for station in self._stations.values():
            for plug in station.plugs.values():
                if plug.over_since is not None and station.is_connected:
                    due_at = plug.over_since + timedelta(seconds=SECOND_LOOK_S)
                    self._ask(station, plug, due_at=due_at, now=now, effects=effects)
        for one in list(self.caught.values()):
            effects.extend(self._followed(one, now=now))
        return effects

    def trust_again(self, station_id: str, *, now: datetime) -> Effects:
        """Return what follows when an operator says that a station may be trusted again."""
        effects = Effects(stations={station_id})
        for name in [name for name, one in self.caught.items() if one.station_id == station_id]:
            del self.caught[name]
            effects.cleared.append(name)
        trust = self._ledger.trust[station_id]
        trust.is_distrusted = False
        trust.measured_kw.clear()
        for plug in self._stations[station_id].plugs.values():
            plug.over_limit, plug.over_since = 0, None
        self._ledger.trust_changed(station_id, now=now)
        self._limits.force(effects.cleared)
        return effects

    # --- inside ---------------------------------------------------------------------------

    def _distrust(self, one: Distrust) -> None:
        trust = self._ledger.trust[one.station_id]
        trust.is_distrusted = True
        most_kw = max(one.power_kw, trust.measured_kw.get(one.connector_id, 0.0))
        trust.measured_kw[one.connector_id] = most_kw

    def _followed(self, one: Distrust, *, now: datetime) -> Effects:
        station = self._stations[one.station_id]
        plug = station.plugs[station.number_of(one.connector_id)]
        if one.rung == "contained":
            return self._relapsed(one, plug, now=now)
        if self._is_quiet(one, station, plug=plug):
            return self._stepped(one, "contained", now=now)
        if one.rung == "person":
            return Effects()
        if not station.is_connected:
            is_away = now >= one.rung_at + timedelta(seconds=OFFLINE_S)
            return self._stepped(one, "person", now=now) if is_away else Effects()
        if now >= one.rung_at + timedelta(seconds=JUDGE_AFTER_S):
            return self._stepped(one, NEXT[one.rung], now=now)
        effects = Effects()
        due_at = one.rung_at + timedelta(seconds=ASK_AFTER_S)
        self._ask(station, plug, due_at=due_at, now=now, effects=effects)
        return effects

    def _is_quiet(self, one: Distrust, station: Station, *, plug: Plug) -> bool:
        """Return whether a meter shows, after the last step had settled, that nothing is drawn."""
        settled_at = one.rung_at + timedelta(seconds=self._ledger.timing.settle_s)
        if plug.measured_at is not None and plug.measured_at >= settled_at:
            return not is_over_limit(plug.power_kw, 0.0)
        if plug.draw is not None and plug.draw.begin >= settled_at:
            return not is_over_limit(plug.draw.most_kw, 0.0)
        # No meter, but the station itself says that the session is over.
        return one.rung != "zero" and station.session(plug) is None

    def _relapsed(self, one: Distrust, plug: Plug, *, now: datetime) -> Effects:
        """Return the steps against one that drew nothing and now draws beyond its safe limit."""
        safe_kw = self._ledger.safe_power_kw(one.connector_id)
        drawn_kw = 0.0
        if plug.measured_at is not None and plug.measured_at > one.rung_at:
            drawn_kw = plug.power_kw
        elif plug.draw is not None and plug.draw.begin > one.rung_at:
            drawn_kw = plug.draw.least_kw
        if not is_over_limit(drawn_kw, safe_kw):
            return Effects()
        again = replace(one, power_kw=max(one.power_kw, drawn_kw))
        self._distrust(again)
        self._ledger.trust_changed(one.station_id, now=now)
        return self._stepped(again, "zero", now=now)

    def _stepped(self, one: Distrust, rung: Rung, *, now: datetime) -> Effects:
        station = self._stations[one.station_id]
        number = station.number_of(one.connector_id)
        session = station.session(station.plugs[number])
        if rung == "stop" and session is None:
            rung = "inoperative"
        step = replace(one, rung=rung, rung_at=now)
        self.caught[one.connector_id] = step
        effects = Effects(
            distrusts=[step], journal=[self._entry(step, now=now)], stations={one.station_id}
        )
        reference = f"{REFERENCE} {rung} {one.connector_id}"
        if rung == "zero":
            effects.extend(self._limits.zeroed(one.connector_id, now=now))
        elif rung == "stop" and session is not None:
            stop = StopRemotely(reference, session.transaction_id, name=session.name)
            effects.commands.append((one.station_id, stop))
        elif rung == "inoperative":
            closed = SetAvailability(reference, number, is_operative=False)
            effects.commands.append((one.station_id, closed))
        return effects

    def _ask(
        self, station: Station, plug: Plug, *, due_at: datetime, now: datetime, effects: Effects
    ) -> None:
        """Ask for a meter sample once at an instant."""
        asked_at = self._asked_at.get(plug.connector_id)
        if now < due_at or (asked_at is not None and asked_at >= due_at):
            return
        self._asked_at[plug.connector_id] = now
        ask = AskFor(f"{REFERENCE} meter", "MeterValues", connector=plug.number)
        effects.commands.append((station.station.station_id, ask))

    def _entry(self, one: Distrust, *, now: datetime) -> JournalEntry:
        facts: dict[str, Scalar] = {
            "rung": one.rung,
            "power_kw": one.power_kw,
            "limit_kw": one.limit_kw,
            "reserved_kw": self._ledger.worst_kw(one.connector_id),
            "breaker": self.breaker_of(one.station_id),
            "what": _WORDS[one.rung],
        }
        return JournalEntry(now, "disobedience_step", one.station_id, one.connector_id, facts)

    def breaker_of(self, station_id: str) -> str:
        """Return which breaker takes a station off: its circuit's, or else its own."""
        node_ids = next(
            outlet.node_ids
            for outlet in self._ledger.outlets.values()
            if outlet.station_id == station_id
        )
        circuit_ids = node_ids[: node_ids.index(SITE)]
        place = f"on circuit {circuit_ids[0]}" if circuit_ids else "at the site's main board"
        return f"the breaker of station {station_id} {place}"


_WORDS: Final[dict[Rung, str]] = {
    "zero": "told to give nothing",
    "stop": "still draws: its session is stopped from here",
    "inoperative": "still draws: taken out of service",
    "person": "still draws, or does not answer: somebody has to open its breaker by hand",
    "contained": "draws nothing now; reckoned at its maximum until an operator trusts it again",
}
