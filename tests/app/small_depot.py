"""Six vans at six stations of two OCPP versions: gateway, virtual yard and workbench as processes."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.clock import Clock, parse_clock
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.brief import NeedPolicy
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.site_file import site_from_toml
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    choose_depot,
    choose_tariff,
    save_depot,
    save_duties,
    save_fleet,
    save_identities,
    save_policy,
    save_tariff_record,
)
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.workflows.load_demo import DEMO_TARIFF, night_sheet_path
from depotlib.workflows.plan_tonight import plan_tonight
from depotlib.workflows.push_plan import Operator, PushDraft, commit_push, preview_push
from depotlib.workflows.tonight import NightChoices
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet
from tests.app.whole_night import free_port, wait_for
from tests.places import ROOT

NUMBERS = range(1, 7)
SPEED = 20  # a meter tells once a minute: every three seconds here
EVENING = datetime.fromisoformat("2026-11-02T18:00:00-05:00")
SITE = """
[depot]
depot_id = "small"
name = "Small depot"
time_zone = "America/New_York"

[grid]
service_kw = 60.0
operating_limit_kw = 45.0
margin_kw = 2.0
""" + "".join(
    f"""
[[station]]
station_id = "CP-{number}"
max_kw = 7.2
min_kw = 1.5
safe_limit_kw = 1.5
voltage_v = 240.0

[[identity]]
token = "TAG-{number}"
vehicle_id = "van-{number}"
"""
    for number in NUMBERS
)
VAN = VehicleClass("van", 68.0, 0.3, 0.9, ac_max_kw=11.3, dc_max_kw=0.0)


@dataclass
class SmallDepot:
    """A depot whose vans came home an hour ago, with one push behind it."""

    home: Path
    clock: Clock = field(init=False)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    ports: dict[str, int] = field(init=False)
    first: PushDraft = field(init=False)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, clock=self.clock.text())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports['workbench']}"

    def start(self) -> None:
        """Start what a person needs; nobody is home yet."""
        self.clock = parse_clock(f"{EVENING.isoformat()},{SPEED},{datetime.now(UTC).isoformat()}")
        self.ports = {name: free_port() for name in ("gateway", "workbench")}
        site = self.home / "site.toml"
        site.write_text(SITE)
        gateway = f"127.0.0.1:{self.ports['gateway']}"
        self._run("workbench")
        self._run("gateway", "--listen", gateway, "--site", str(site))
        self.furnish()
        wait_for(self._is_open, within_s=60, what="the workbench")

    def bring_home(self) -> None:
        """Return once every van charges."""
        site, gateway = self.home / "site.toml", f"127.0.0.1:{self.ports['gateway']}"
        self._run(
            *("virtual", "--site", str(site), "--script", str(night_sheet_path(self.settings))),
            *("--url", f"ws://{gateway}/ocpp", "--ocpp", "1.6,2.0.1"),
            *("--meters", str(self.home / "meters.jsonl")),
        )
        wait_for(self._all_charge, within_s=60, what="six sessions")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            process.wait(60)

    def furnish(self) -> None:
        """Put depot, fleet, duties and tariff into the store, and the vans onto the sheet."""
        path, now, brief = self.settings.warehouse_path, EVENING, site_from_toml(SITE, where="site")
        text = DEMO_TARIFF.read_text()
        tariff_id = tariff_from_urdb(text, where=DEMO_TARIFF.name).tariff_id
        fleet = Fleet((VAN,), tuple(Vehicle(f"van-{number}", "van") for number in NUMBERS))
        save_depot(path, brief.depot, saved_at=now)
        save_identities(path, brief.identities, depot_id="small", saved_at=now)
        save_fleet(path, fleet, depot_id="small", saved_at=now)
        save_duties(path, duties(), depot_id="small", saved_at=now)
        save_policy(path, NeedPolicy(learns=False), depot_id="small", saved_at=now)
        save_tariff_record(path, text, tariff_id=tariff_id, saved_at=now)
        choose_tariff(path, "small", tariff_id=tariff_id)
        choose_depot(path, "small")
        ensure_operator_token(self.settings.operator_token_path)
        # A month whose peak is paid for already: this first push need not be even.
        answer = plan_tonight(self.settings, now=now, choices=NightChoices(running_peak_kw=45.0))
        write_yard_sheet(night_sheet_path(self.settings), night_script(answer.tonight, answer.plan))
        self.first = preview_push(self.settings, answer.tonight, plan=answer.plan, now=now)

    def push_first(self) -> str:
        """Return the release of a push that was made before anybody opened the page."""
        commit_push(
            self.settings, self.first, operator=Operator("Ann", self.token), now=self.clock.now()
        )
        wait_for(self.is_done, within_s=60, what="the first push")
        return self.first.preview.release_id

    @property
    def token(self) -> str:
        return self.settings.operator_token_path.read_text().strip()

    def is_done(self) -> bool:
        with open_mailbox(self.settings.mailbox_path, create=False) as mailbox:
            return mailbox.requests(limit=1)[0].state == "finished"

    def _is_open(self) -> bool:
        assert all(process.poll() is None for process in self.processes)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports["workbench"])) == 0

    def _all_charge(self) -> bool:
        assert all(process.poll() is None for process in self.processes)
        with open_mailbox(self.settings.mailbox_path, create=False) as mailbox:
            states = mailbox.station_states()
        return sum(plug.session_id is not None for one in states for plug in one.connectors) == 6

    def _run(self, *words: str) -> None:
        environment = {
            **os.environ,
            "DEPOT_HOME": str(self.home),
            "DEPOT_CLOCK": self.clock.text(),
            "DEPOT_WORKBENCH_PORT": str(self.ports["workbench"]),
        }
        with (self.home / f"{words[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "depotlib", *words],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)


def duties() -> tuple[Duty, ...]:
    """Return the day that is over and the day that comes, of every van."""
    home_at = EVENING - timedelta(hours=1)
    leaves_at = EVENING + timedelta(hours=11, minutes=30)
    return tuple(
        duty
        for number in NUMBERS
        for duty in (
            Duty(f"{number}-today", f"van-{number}", leaves_at - timedelta(days=1), home_at, 90.0),
            Duty(
                f"{number}-next", f"van-{number}", leaves_at, leaves_at + timedelta(hours=9), 130.0
            ),
        )
    )
