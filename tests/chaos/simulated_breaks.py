"""The gateway with one of its defences taken away: each must be found out by the simulation."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest

from depotlib.gateway.ledger import Ledger, Timing
from depotlib.gateway.meters.site_meter import SiteMeter
from depotlib.gateway.outlet import Outlet
from depotlib.gateway.room import Room
from depotlib.gateway.steps import StepLine, constant, line_of_steps
from tests.chaos.simulated_site import SimulatedSite
from tests.chaos.simulated_yard import Faults


@dataclass(frozen=True)
class Break:
    """What is taken away.

    Parameters
    ----------
    why : str
        Which rule it was.
    timing : Timing
    day : dict
        Fields of `Faults`: how bad the day is; the shipped gateway bears it.
    lacks : dict
        Fields of `Faults`: what the processes around the ledger do not do.
    patches : tuple of (owner, name, replacement)
    """

    why: str
    timing: Timing = field(default_factory=Timing)
    day: dict[str, object] = field(default_factory=dict)
    lacks: dict[str, object] = field(default_factory=dict)
    patches: tuple[tuple[type, str, object], ...] = ()


@contextlib.contextmanager
def broken(one: Break) -> Iterator[None]:
    """Take the defence away for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name, other in one.patches:
            patch.setattr(owner, name, other)
        yield


def day_of(seed: int, one: Break, *, duration_s: int) -> SimulatedSite:
    """Return a day of a gateway that lacks a defence, with plenty of the faults it is for.

    At the highest voltage, where nothing is left of what is reserved for it.
    """
    with broken(one):
        faults = replace(Faults(), **{"voltage_share": 1.1, **one.day, **one.lacks})
        return SimulatedSite(
            seed, duration_s=duration_s, timing=one.timing, faults=faults, stops_when_over=True
        ).run()


# --- what is done instead ---------------------------------------------------------------------


def _accepted_in_any_epoch(self, later, earlier, *, now) -> bool:
    is_later = later.slot == earlier.slot and later.seq > earlier.seq
    if not is_later or later.state != "accepted" or later.answered_at is None:
        return False
    return now >= later.answered_at + timedelta(seconds=self.timing.settle_s)


def _present_only(allowed: Callable) -> Callable:
    def instead(self, connector_id):
        return constant(allowed(self, connector_id).at(float(self.grid_s[0])))

    return instead


def _everything(self, connector_id):
    del connector_id
    return constant(1e6)


def _last_minute(self, now) -> StepLine:
    if not self.is_fresh(now):
        return constant(self._grid.base_load_max_kw)
    newest_s = self._seen[-1].at_s
    return constant(max(one.base_kw for one in self._seen if one.at_s >= newest_s - 60.0))


def _measured(reserved: Callable) -> Callable:
    """What a meter showed a moment ago instead of what may be drawn."""

    def instead(self, connector_id, measure="told"):
        line = reserved(self, connector_id, measure)
        measured_kw = getattr(self, "measured_kw", {}).get(connector_id)
        if measured_kw is None:
            return line
        return StepLine(line.starts_s, np.minimum(line.values_kw, 1.05 * measured_kw))

    return instead


def _without_reductions(record: Callable) -> Callable:
    """Only raises are written down; a reduction is thought to be harmless."""

    def instead(self, lease):
        earlier = self.latest(lease.connector_id, lease.slot)
        record(self, lease)
        if earlier is None or lease.sent_at is None:
            return
        at_s = lease.sent_at.timestamp() + 60.0
        before, after = (
            line_of_steps(one.steps, valid_to=one.valid_to) for one in (earlier, lease)
        )
        if after.at(at_s) < before.at(at_s):
            self._entries[lease.connector_id][-1].line = constant(0.0)
            self._forget(lease.connector_id)

    return instead


def _rejected_is_gone(mark: Callable) -> Callable:
    def instead(self, connector_id, seq, *, state, now):
        lease = mark(self, connector_id, seq, state=state, now=now)
        if state in {"rejected", "unknown"}:
            self._entries[connector_id] = [
                one for one in self._entries[connector_id] if one.lease.seq != seq
            ]
            self._forget(connector_id)
        return lease

    return instead


def _evenly(self, limit_kw, *, unit, measure="power", shipped=Outlet.load_kw):
    if measure == "phase":
        return limit_kw * self.phase_share
    return shipped(self, limit_kw, unit=unit, measure=measure)


def _of_evenly(self, load_kw, *, unit, measure="power", shipped=Outlet.limit_kw):
    if measure == "phase":
        return load_kw / self.phase_share
    return shipped(self, load_kw, unit=unit, measure=measure)


def _nominal(self, limit_kw, *, unit, measure="power", shipped=Outlet.load_kw):
    return limit_kw if measure == "power" else shipped(self, limit_kw, unit=unit, measure=measure)


def _of_nominal(self, load_kw, *, unit, measure="power", shipped=Outlet.limit_kw):
    return load_kw if measure == "power" else shipped(self, load_kw, unit=unit, measure=measure)


def _no_stale_frames(self, later, earlier) -> bool:
    del self, later, earlier
    return True


STALLS: dict[str, object] = {"stall_share": 0.15}
"""One frame in seven arrives minutes late, when its connection is gone."""
BREAKS: dict[str, Break] = {
    "no journal": Break(
        "what a dead process permitted counts (I2)",
        day={"crashes_per_h": 6.0},
        lacks={"keeps_journal": False},
    ),
    "reductions not recorded": Break(
        "a reduction counts from its record on (I2)",
        patches=((Ledger, "record", _without_reductions(Ledger.record)),),
    ),
    "relative schedules": Break(
        "schedules are absolute: a late frame is not a late schedule (I5)",
        day={"slow_share": 0.5},
        lacks={"is_relative": True},
    ),
    "acceptances of any epoch": Break(
        "only an acceptance of the present connection frees (I3)",
        patches=((Ledger, "_frees", _accepted_in_any_epoch),),
    ),
    "no stale frames": Break(
        "a frame of a closed connection may arrive for 600 s (I3)",
        day=STALLS,
        patches=((Ledger, "_outlasts", _no_stale_frames),),
    ),
    "no settle time": Break("vehicles follow late (I3)", timing=Timing(settle_s=0.0)),
    "silence is consent": Break(
        "a timeout frees nothing (I3)",
        day=STALLS,
        lacks={"silence_is_consent": True},
    ),
    "refusals are forgotten": Break(
        "refusal and silence free nothing (I3)",
        day={"loss_share": 0.1},
        patches=((Ledger, "mark", _rejected_is_gone(Ledger.mark)),),
    ),
    "present instant only": Break(
        "every future instant is checked (I1)",
        patches=((Room, "allowed", _present_only(Room.allowed)),),
    ),
    "unguarded steps": Break(
        "steps are guarded by clock error and lag (I1)",
        timing=Timing(clock_error_s=0.0, lag_s=0.0),
    ),
    "base load of the last minute": Break(
        "the base load may rise (I1)", patches=((SiteMeter, "base_line", _last_minute),)
    ),
    "low meter as proof": Break(
        "a low meter reading is never a substitute (I3)",
        patches=((Ledger, "reserved", _measured(Ledger.reserved)),),
    ),
    "send all": Break(
        "a change goes out within proven room only (I1)",
        patches=((Room, "allowed", _everything),),
    ),
    "amperes at nominal voltage": Break(
        "amperes are reserved at 1.1 times their nominal power (I1)",
        patches=((Outlet, "load_kw", _nominal), (Outlet, "limit_kw", _of_nominal)),
    ),
    "watts spread evenly": Break(
        "a vehicle may take its watts from one phase (I1)",
        day={"single_phase_share": 0.5, "voltage_share": 0.9},
        patches=((Outlet, "load_kw", _evenly), (Outlet, "limit_kw", _of_evenly)),
    ),
}
