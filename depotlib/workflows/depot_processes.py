"""Which processes a depot consists of, and with which words each is started."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from depotlib.clock import Clock
from depotlib.exchange.operator import ensure_operator_token
from depotlib.settings import Settings
from depotlib.workflows.load_demo import DEMO_SITE, meters_path
from depotlib.workflows.run_depot import LOOPBACK, ProcessPlan

ROOT: Final = Path(__file__).resolve().parents[2]


def depot_processes(
    settings: Settings, *, clock: Clock, night_sheet: Path | None
) -> tuple[ProcessPlan, ...]:
    """Return the processes of a depot in starting order.

    Parameters
    ----------
    settings : Settings
    clock : Clock
        Handed to every process.
    night_sheet : Path or None
        With it, virtual stations play the demo night by this sheet.
    """
    home = str(settings.home)
    environment = _environment(settings, clock)

    def of_ours(name: str, *words: str, port: int = 0, path: str = "") -> ProcessPlan:
        return ProcessPlan(
            name=name,
            arguments=("-m", "depotlib", name, *words, "--watch-stdin"),
            environment=environment,
            health_port=port,
            health_path=path,
        )

    gateway_at = f"{LOOPBACK}:{settings.gateway_port}"
    api_at = f"{LOOPBACK}:{settings.api_port}"
    at_home = ("--home", home)
    plans = (
        of_ours("workbench", port=settings.workbench_port, path="/_stcore/health"),
        of_ours("gateway", *at_home, "--listen", gateway_at, port=settings.gateway_port),
        of_ours("api", *at_home, "--listen", api_at, port=settings.api_port, path="/v1/health"),
        of_ours("dispatch", *at_home),
        of_ours("alerts", "--watch", *at_home),
        of_ours("webhooks", "watch", *at_home),
    )
    plans += tuple(
        replace(of_ours("feed", name, *at_home), name=f"feed-{name}")
        for name in settings.feed_names()
    )
    if settings.morning_report_at:
        hour = settings.morning_report_at
        plans += (of_ours("reconcile", "--watch", "--at", hour, *at_home),)
    if night_sheet is None:
        return plans
    virtual = of_ours(
        "virtual",
        *("--site", str(DEMO_SITE), "--script", str(night_sheet)),
        *("--url", f"ws://{gateway_at}/ocpp"),
        *("--meters", str(meters_path(settings))),
    )
    return (*plans, virtual)


def _environment(settings: Settings, clock: Clock) -> dict[str, str]:
    return {
        "DEPOT_HOME": str(settings.home),
        "DEPOT_CLOCK": clock.text(),
        "DEPOT_GATEWAY_PORT": str(settings.gateway_port),
        "DEPOT_API_PORT": str(settings.api_port),
        "DEPOT_WORKBENCH_PORT": str(settings.workbench_port),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def prepare_home(settings: Settings) -> None:
    """Make the depot's folder and, on first use, the operator's token in it."""
    ensure_operator_token(settings.operator_token_path)
