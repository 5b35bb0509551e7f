"""Measure the gateway under a crowd: memory a connection, a reconnect storm, messages, a push.

    python -m benchmarks.gateway_crowd [--stations 1000] [--tls] [--runs 3]

The gateway runs in a process of its own, as `depot gateway` starts it; the stations are bare bytes
in this one (`inputs/raw_station.py`), which answer at once. Both share the machine: beside the
wall clock stand the CPU seconds that the gateway alone took.
"""

import argparse
import asyncio
import json
import os
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.inputs.raw_station import RawStation, call_at
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_digest
from depotlib.gateway.access.certificates import create_authority, create_server
from depotlib.gateway.access.vault import Vault
from depotlib.model.live import PushRequest
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

SAFE_KW, MAX_KW, PLAN_KW = 1.38, 7.36, 5.0
MESSAGES = 20
WAIT_S = 180.0
QUIET_S = 2.0
MOST_HANDSHAKES = 128
AGAIN_S = 1.0
"""What a station waits before it calls again."""
PROFILE_TLS = 2
METER = (
    '[2,"m","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-11-20T20:05:00Z",'
    '"sampledValue":[{"value":"0","measurand":"Power.Active.Import","unit":"W"},'
    '{"value":"12345","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]'
)
START = (
    '[2,"s","StartTransaction",{"connectorId":1,"idTag":"T","meterStart":12345,'
    '"timestamp":"2026-11-20T20:00:00Z"}]'
)
BOOT = '[2,"b","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'


@dataclass(frozen=True)
class Crowd:
    """A gateway, and what its stations need to call there."""

    home: Path
    url: str
    pid: int
    passwords: dict[str, str]
    context: ssl.SSLContext | None

    def memory_kib(self) -> float:
        """Return what the gateway holds in memory [KiB]."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def cpu_s(self) -> float:
        """Return the CPU time the gateway has taken so far [s]."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def crowd(count: int, *, is_tls: bool) -> Generator[Crowd, None, None]:
    """Run a gateway for so many stations."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        site = home / "site.toml"
        site.write_text(_site(count, profile=PROFILE_TLS if is_tls else 0))
        passwords: dict[str, str] = {}
        context: ssl.SSLContext | None = None
        if is_tls:
            vault = Vault(home / "security")
            create_authority(vault, operator="Depot", now=datetime.now(UTC))
            create_server(vault, ["127.0.0.1"], now=datetime.now(UTC))
            passwords = {name: vault.register(name, profile=PROFILE_TLS) for name in _names(count)}
            context = ssl.create_default_context(cafile=vault.path("ca.pem"))
        arguments = ["gateway", "--site", str(site), "--home", str(home), "--watch-stdin"]
        process = subprocess.Popen(  # noqa: S603 - our own command and arguments
            [sys.executable, "-m", "depotlib", *arguments, "--listen", "127.0.0.1:0", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield Crowd(home, url, process.pid, passwords, context)
        finally:
            process.stdin.close()
            process.wait(timeout=WAIT_S)


class Stopwatch:
    """Prints what something took: by the wall clock, and in the gateway's CPU."""

    def __init__(self, there: Crowd) -> None:
        self._there = there
        self._wall_s, self._cpu_s = time.monotonic(), there.cpu_s()

    def stop(self, what: str) -> float:
        """Print and return the seconds since the start."""
        wall_s = time.monotonic() - self._wall_s
        cpu_s = self._there.cpu_s() - self._cpu_s
        print(f"{what:46} {wall_s:7.2f} s, CPU {cpu_s:6.2f} s, load {os.getloadavg()[0]:.1f}")
        return wall_s


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    async with asyncio.timeout(WAIT_S):
        while not is_so():  # noqa: ASYNC110 - what is counted has no event, and a look costs little
            await asyncio.sleep(0.005)


async def come(there: Crowd, names: list[str]) -> list[RawStation]:
    """Return stations that have come all at once, each answered; who is turned away comes again.

    With TLS so many at a time as one process can shake hands for: real ones have a processor each.
    """
    most = asyncio.Semaphore(MOST_HANDSHAKES if there.context else len(names))
    tries = await asyncio.gather(*(_come(there, name, most=most) for name in names))
    if again := sum(count - 1 for _, count in tries):
        print(f"    {again} times somebody had to come again")
    return [station for station, _ in tries]


async def _come(there: Crowd, name: str, *, most: asyncio.Semaphore) -> tuple[RawStation, int]:
    """Return a station that is in and answered, and how often it had to come for that."""
    password, count = there.passwords.get(name, ""), 0
    async with asyncio.timeout(WAIT_S):
        while True:
            count += 1
            try:
                async with most:
                    station = await call_at(
                        there.url, name, password=password, context=there.context
                    )
                    await station.settled.wait()
            except (OSError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
                continue
            if station.is_in:
                station.say('[2,"h","Heartbeat",{}]')
                await station.answered.wait()
            if not station.is_lost:
                return station, count
            await asyncio.sleep(AGAIN_S)


async def settled(there: Crowd) -> None:
    """Wait until the gateway has nothing to do any more."""
    while True:
        before_s = there.cpu_s()
        await asyncio.sleep(QUIET_S)
        if there.cpu_s() - before_s < QUIET_S / 3:
            return


async def talk(there: Crowd, stations: list[RawStation]) -> None:
    """Print how many meter readings a second the gateway takes, each in a running session."""
    for station in stations:
        station.say(START)
    await settled(there)
    before = sum(station.heard["answer"] for station in stations)
    watch = Stopwatch(there)
    for _ in range(MESSAGES):
        for station in stations:
            station.say(METER)
        await asyncio.sleep(0)
    wanted = before + MESSAGES * len(stations)
    await until(lambda: sum(station.heard["answer"] for station in stations) >= wanted)
    wall_s = watch.stop(f"{MESSAGES * len(stations)} MeterValues answered")
    print(f"    {MESSAGES * len(stations) / wall_s:.0f} messages a second")


async def whole(there: Crowd, stations: list[RawStation]) -> list[RawStation]:
    """Return a crowd in which whoever was lost on a busy machine has come back."""
    lost = [station.name for station in stations if station.is_lost]
    if not lost:
        return stations
    print(f"    {len(lost)} were lost and come again")
    back = await come(there, lost)
    await settled(there)
    return [station for station in stations if not station.is_lost] + back


async def push(there: Crowd, stations: list[RawStation], *, number: int) -> None:
    """Print how long it takes from asking for a push until every station has acknowledged."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=2)
    schedules = tuple(
        ConnectorSchedule(
            f"{station.name}/1",
            f"van-{station.name}",
            (LimitStep(now, PLAN_KW + number / 10), LimitStep(now + timedelta(hours=1), PLAN_KW)),
            end,
            end,
            5.0,
        )
        for station in stations
    )
    release = Release(f"r{number}", "p", "push", 1, now, now, end, schedules, pushable=True)
    token = ensure_operator_token(there.home / "operator.token")
    before = {station.name: station.heard["limit"] for station in stations}
    with open_mailbox(there.home / "exchange.sqlite", create=False) as mailbox:
        in_force = mailbox.current_release()
        mailbox.add_release(release)
        digest = preview_digest(release, in_force=in_force)
        watch = Stopwatch(there)
        mailbox.ask(PushRequest(f"q{number}", "push", f"r{number}", digest, "a", now, token))
        await until(
            lambda: all(one.is_lost or one.heard["limit"] > before[one.name] for one in stations)
        )
        watch.stop("    every station has its limit")
        states: set[str] = set()
        while not states or states & {"queued", "sent"}:
            await asyncio.sleep(0.05)
            lost = {f"{one.name}/1" for one in stations if one.is_lost}
            results = mailbox.push_results(f"q{number}")
            states = {one.state for one in results if one.connector_id not in lost}
        watch.stop(f"push to {len(stations)} stations, acknowledged: {sorted(states)}")


async def storm(there: Crowd, stations: list[RawStation], *, runs: int) -> list[RawStation]:
    """Return the stations after all of them were lost and came back, so many times."""
    names = [station.name for station in stations]
    took_s: list[float] = []
    for _ in range(runs):
        for station in stations:
            station.leave()
        await asyncio.sleep(1.0)
        watch = Stopwatch(there)
        stations = await come(there, names)
        took_s.append(watch.stop(f"reconnect storm of {len(names)}"))
        await settled(there)
    print(f"    median {statistics.median(took_s):.2f} s")
    return stations


async def measure(there: Crowd, count: int, *, runs: int) -> None:
    """Print every figure."""
    names = _names(count)
    await settled(there)
    before_kib = there.memory_kib()
    watch = Stopwatch(there)
    stations = await come(there, names)
    watch.stop(f"{count} stations come for the first time")
    await asyncio.sleep(1.0)
    held_kib = (there.memory_kib() - before_kib) / count
    print(f"memory a connection, all connected           {held_kib:7.1f} KiB")
    for station in stations:
        station.say(BOOT)
    watch = Stopwatch(there)
    await until(lambda: all(one.is_lost or one.heard["TriggerMessage"] for one in stations))
    watch.stop("booted, armed, read back")
    await settled(there)
    held_kib = (there.memory_kib() - before_kib) / count
    print(f"memory a connection, all armed               {held_kib:7.1f} KiB")
    for number in range(1, runs + 1):
        stations = await whole(there, stations)
        await push(there, stations, number=number)
    await settled(there)
    stations = await storm(there, stations, runs=runs)
    await talk(there, await whole(there, stations))
    held_kib = (there.memory_kib() - before_kib) / count
    print(f"memory a connection, at the end              {held_kib:7.1f} KiB")


def main() -> None:
    """Print the figures of one crowd."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stations", type=int, default=1000)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    door = "TLS, security profile 2" if options.tls else "plain, on this machine"
    print(f"{options.stations} stations, {door}; {platform.machine()}, {os.cpu_count()} cores,")
    print(f"Python {platform.python_version()}, load {os.getloadavg()}")
    with crowd(options.stations, is_tls=options.tls) as there:
        asyncio.run(measure(there, options.stations, runs=options.runs))


def _names(count: int) -> list[str]:
    return [f"CP-{number:04d}" for number in range(count)]


def _site(count: int, *, profile: int) -> str:
    service_kw = count * MAX_KW + 10.0
    stations = "".join(
        f'\n[[station]]\nstation_id = "{name}"\nmax_kw = {MAX_KW}\nmin_kw = {SAFE_KW}\n'
        f"safe_limit_kw = {SAFE_KW}\n"
        for name in _names(count)
    )
    return (
        '[depot]\ndepot_id = "d"\nname = "Crowd"\ntime_zone = "UTC"\n\n'
        f"[grid]\nservice_kw = {service_kw}\noperating_limit_kw = {service_kw}\n\n"
        f"[gateway]\nsecurity_profile = {profile}\n{stations}"
    )


if __name__ == "__main__":
    main()
