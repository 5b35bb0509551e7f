"""A gateway whose clock runs fast, one push for all, and stations that answer as quirky ones do."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from depotlib.clock import Clock
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_digest
from depotlib.model.live import JournalEntry, PushRequest, StationState
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from tests.conformance.calling import called
from tests.conformance.gateway_process import ACCEPTED, LISTEN_S, WAIT_S, RawStation, gateway

SPEED_FACTOR = 60.0
LIMIT_KW, SAFE_KW, MAX_KW = 5.0, 1.38, 7.36
LIMIT_A = 21.7  # 5000 W / 230 V, cut to tenths
SAFE_A = 6.0  # 1380 W / 230 V
STEPS_OF_Q13 = 40
POLL_S = 0.05
STATION = """
[[station]]
station_id = "{name}"
max_kw = {max_kw}
min_kw = {safe_kw}
safe_limit_kw = {safe_kw}
[[identity]]
token = "TAG-{name}"
vehicle_id = "van-{name}"
"""
REJECTED = {"status": "Rejected"}
SITE = """
[depot]
depot_id = "quirks"
name = "One of each"
time_zone = "UTC"
[grid]
service_kw = 900.0
operating_limit_kw = 900.0
[gateway]
unknown_policy = "require_known"
"""
Reply = dict[str, Any] | str | None
"""An answer; the code of an error; or silence."""
Say = Callable[[str, dict[str, Any]], Reply]


@dataclass
class QuirkyStation(RawStation):
    """A raw station that can also answer with an error, or not at all."""

    says: Say = lambda _action, _payload: ACCEPTED
    unanswered: list[str] = field(default_factory=list)

    def hear(self, is_enough: Any, *, answer: Any = None) -> None:
        deadline = time.monotonic() + WAIT_S
        while not is_enough():
            assert time.monotonic() < deadline, f"not heard; {self.calls[-6:]}"
            try:
                frame = json.loads(self.socket.recv(timeout=LISTEN_S))
            except TimeoutError:
                continue
            if frame[0] == 2:
                self.calls.append((frame[1], frame[2], frame[3]))
                self._reply(frame[1], (answer or self.says)(frame[2], frame[3]))
            elif frame[0] == 3:
                self.answers[frame[1]] = frame[2]
            else:
                self.errors.append(frame)

    def _reply(self, unique_id: str, reply: Reply) -> None:
        if reply is None:
            self.unanswered.append(unique_id)
        elif isinstance(reply, str):
            self.socket.send(json.dumps([4, unique_id, reply, "", {}]))
        else:
            self.socket.send(json.dumps([3, unique_id, reply]))

    def profiles(self) -> list[dict[str, Any]]:
        """Return what it was told of limits, each with its place."""
        return [
            {"connectorId": one["connectorId"], **one["csChargingProfiles"]}
            for one in self.asked("SetChargingProfile")
        ]

    def leases(self) -> list[dict[str, Any]]:
        """Return the limits for its first connector: whatever is not for the whole station."""
        return [one for one in self.profiles() if one["connectorId"] == 1]


@dataclass
class Depot:
    """The gateway's site, as the tests of quirks see it."""

    url: str
    home: Path
    clock: Clock
    plans: dict[str, ConnectorSchedule] = field(default_factory=dict)

    def text(self, ago_s: float = 0.0) -> str:
        """Return an instant as stations write it."""
        return (self.clock.now() - timedelta(seconds=ago_s)).strftime("%Y-%m-%dT%H:%M:%SZ")

    @contextmanager
    def station(
        self, name: str, *, says: Say | None = None, ocpp: str = "ocpp1.6"
    ) -> Iterator[QuirkyStation]:
        """A connection of a station."""
        with called(f"{self.url}/{name}", subprotocols=[ocpp]) as socket:
            yield QuirkyStation(socket, says=says or (lambda _action, _payload: ACCEPTED))

    def journal(self, name: str, *kinds: str) -> list[JournalEntry]:
        """Return what is journalled of a station."""
        with open_mailbox(self.home / "exchange.sqlite", create=False) as mailbox:
            records = mailbox.journal(0, 100_000, kinds=kinds)
        return [one.entry for one in records if one.entry.station_id == name]

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait for something that shows in the mailbox, while nothing is heard or said."""
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, "it never showed in the mailbox"
            time.sleep(POLL_S)

    def class_of(self, name: str) -> str:
        """Return how far the gateway trusts a station."""
        state = self._state(name)
        return state.station_class if state is not None else ""

    def has_shown(self, name: str, at: datetime) -> bool:
        """Return whether what the mailbox shows of a station is of after an instant."""
        state = self._state(name)
        return state is not None and state.last_seen is not None and state.last_seen > at

    def _state(self, name: str) -> StationState | None:
        with open_mailbox(self.home / "exchange.sqlite", create=False) as mailbox:
            return next((one for one in mailbox.station_states() if one.station_id == name), None)

    def release_in_force(self) -> str:
        """Return the name of the release that the gateway goes by."""
        with open_mailbox(self.home / "exchange.sqlite", create=False) as mailbox:
            release = mailbox.current_release()
        return release.release_id if release is not None else ""

    def start(self, cp: QuirkyStation, name: str, **changes: Any) -> dict[str, Any]:
        """Begin a transaction of the station's own van."""
        start = {"connectorId": 1, "idTag": f"TAG-{name}", "meterStart": 0,
                 "timestamp": self.text(), **changes}  # fmt: skip
        return cp.ask("StartTransaction", start)

    def meter(self, *, power_kw: float, register_wh: float = 0.0, ago_s: float = 0.0) -> dict:
        """Return a meter value of an instant."""
        sampled = [
            {"value": str(register_wh)},
            {"value": str(power_kw), "measurand": "Power.Active.Import", "unit": "kW"},
        ]
        return {"timestamp": self.text(ago_s), "sampledValue": sampled}

    def put_into_force(self, name: str, **plans: ConnectorSchedule) -> None:
        """Put a release of that name into force, as dispatch does: all plans, some of them new."""
        release = self._release(name, **plans)
        with open_mailbox(self.home / "exchange.sqlite", create=False) as mailbox:
            mailbox.add_release(release)
            mailbox.set_current_release(name, at=release.made_at)

    def push(self, name: str, **plans: ConnectorSchedule) -> None:
        """Put a release of that name into force, as an operator does: every limit is sent."""
        release = self._release(name, **plans)
        token = ensure_operator_token(self.home / "operator.token")
        with open_mailbox(self.home / "exchange.sqlite", create=False) as mailbox:
            in_force = mailbox.current_release()
            mailbox.add_release(release)
            digest = preview_digest(release, in_force=in_force)
            now = release.made_at
            mailbox.ask(PushRequest(f"q-{name}", "push", name, digest, "ann", now, token))

    def _release(self, name: str, **plans: ConnectorSchedule) -> Release:
        self.plans |= plans
        now, every = self.clock.now(), tuple(self.plans.values())
        end = max(one.valid_to for one in every)
        return Release(name, "p", "push", 1, now, now, end, every, pushable=True)

    def plan(self, name: str, *limits_kw: float, step_s: float = 900.0) -> ConnectorSchedule:
        """Return a station's limits from five minutes ago on; the last stays for 40 h."""
        begin = self.clock.now() - timedelta(minutes=5)
        end = begin + timedelta(hours=40)
        steps = tuple(
            LimitStep(begin + timedelta(seconds=step_s * at), limit_kw)
            for at, limit_kw in enumerate(limits_kw)
        )
        return ConnectorSchedule(f"{name}/1", f"van-{name}", steps, end, end, 50.0)


@contextmanager
def quirky_depot(home: Path, names: list[str]) -> Iterator[Depot]:
    """Run a gateway for stations of these names; each may draw 5 kW, in force from the start."""
    site = SITE + "".join(
        STATION.format(name=name, max_kw=MAX_KW, safe_kw=SAFE_KW) for name in names
    )
    clock = Clock(
        start=datetime(2026, 11, 20, 20, tzinfo=UTC),
        speed_factor=SPEED_FACTOR,
        anchor=datetime.now(UTC),
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEPOT_CLOCK", clock.text())
        with gateway(home, site=site) as url:
            depot = Depot(url, home, clock)
            steps = [LIMIT_KW if at % 2 else MAX_KW for at in range(STEPS_OF_Q13)]
            plans = {name: depot.plan(name, LIMIT_KW) for name in names}
            if "Q13" in plans:
                plans["Q13"] = depot.plan("Q13", *steps)
            depot.push("r1", **plans)
            deadline = time.monotonic() + WAIT_S
            while depot.release_in_force() != "r1":
                assert time.monotonic() < deadline, "the first push is not in force"
                time.sleep(LISTEN_S)
            yield depot


def boot(cp, vendor="V", model="M", firmware="1"):
    named = {"chargePointVendor": vendor, "chargePointModel": model, "firmwareVersion": firmware}
    return cp.ask("BootNotification", named)


def limits(profile):
    return [one["limit"] for one in profile["chargingSchedule"]["chargingSchedulePeriod"]]


def has_limit(cp, limit=LIMIT_A):
    return lambda: any(limit in limits(one) for one in cp.leases())


def refuses(is_refused, reply=REJECTED):
    """Say yes to everything but those profiles."""

    def says(action, payload):
        profile = payload.get("csChargingProfiles", {})
        if action == "SetChargingProfile" and is_refused(profile, payload["connectorId"]):
            return reply
        return ACCEPTED

    return says


def configured(**values):
    """Say yes to everything, and tell this configuration."""
    keys = [{"key": key, "readonly": False, "value": value} for key, value in values.items()]

    def says(action, _payload):
        return {"configurationKey": keys} if action == "GetConfiguration" else ACCEPTED

    return says
