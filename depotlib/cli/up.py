"""``depot up``: starts the processes of a depot and keeps them running."""

import signal
from datetime import UTC, datetime, time
from types import FrameType
from typing import Annotated

import typer

from depotlib.cli.printing import print_message
from depotlib.clock import MAX_SPEED_FACTOR, Clock
from depotlib.model.calendar import local_instant, zone
from depotlib.settings import Settings, read_settings
from depotlib.workflows.demo_yard import open_demo_yard, write_demo_sheet
from depotlib.workflows.depot_processes import depot_processes, prepare_home
from depotlib.workflows.load_demo import DEMO_ZONE, load_demo, night_sheet_path
from depotlib.workflows.publish_site import publish_site
from depotlib.workflows.run_depot import Supervisor

DEMO_START = time(16, 45)
"""A quarter of an hour before the first van of the reference night is home."""


def command(
    *,
    demo: Annotated[bool, typer.Option(help="with the demo depot and virtual stations")] = False,
    speed: Annotated[
        float, typer.Option(min=1.0, max=MAX_SPEED_FACTOR, help="demo hours per real hour")
    ] = 30.0,
) -> None:
    """Run gateway, dispatch, api and workbench until interrupted."""
    settings = read_settings()
    prepare_home(settings)
    clock = _demo_clock(settings, speed) if demo else settings.depot_clock()
    if demo:
        load_demo(settings, now=clock.now())
        publish_site(settings, now=clock.now())
        open_demo_yard(settings)
    supervisor = Supervisor(
        plans=depot_processes(
            settings, clock=clock, night_sheet=night_sheet_path(settings) if demo else None
        ),
        say=print_message,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.request_stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    supervisor.start()
    try:
        if supervisor.is_stopping:
            print_message("stopped before every process answered")
            return
        print_message(f"open http://127.0.0.1:{settings.workbench_port} (Ctrl-C stops everything)")
        print_message(f"the operator's token is in {settings.operator_token_path}")
        if demo:
            write_demo_sheet(settings, now=clock.now())
        supervisor.watch()
    finally:
        supervisor.stop()


def _demo_clock(settings: Settings, speed: float) -> Clock:
    """Return the clock set by hand, or one that begins this afternoon at the depot."""
    if settings.clock:
        return settings.depot_clock()
    time_zone = zone(DEMO_ZONE)
    anchor = datetime.now(UTC)
    today = anchor.astimezone(time_zone).date()
    return Clock(
        start=local_instant(today, DEMO_START, time_zone=time_zone),
        speed_factor=speed,
        anchor=anchor,
    )
