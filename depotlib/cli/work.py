"""``depot work``: do a job that a page or a command has asked for, or say how far jobs are."""

import os
import sys
from dataclasses import asdict
from typing import Annotated, Final

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.errors import OptionRefusedError
from depotlib.exchange.job_desk import WatchedJob
from depotlib.settings import read_settings
from depotlib.workflows.background_job import (
    KINDS,
    cancel_job,
    do_job,
    latest_jobs,
    seen_job,
)

NICENESS: Final = 10


def command(
    job: Annotated[str, typer.Argument(help="the job's id; a page shows it in its address")] = "",
    *,
    show: Annotated[bool, typer.Option("--show", help="only say how far it is")] = False,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="ask it to stop; what it has done is kept")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="the latest jobs")] = False,
    held_lock: Annotated[
        int | None, typer.Option(hidden=True, help="the job's lock, inherited")
    ] = None,
) -> int:
    """Do a job in this process; exit 3 if it failed or was stopped."""
    settings = read_settings()
    if listed:
        seen = [one for kind in KINDS for one in latest_jobs(settings, kind=kind)]
        print_json({"jobs": [_told(one) for one in seen]})
        return EXIT_DONE
    if not job:
        raise OptionRefusedError(
            "no job is named", where="depot work", hint="give its id; --list names them"
        )
    if show or cancel:
        print_json(_told(cancel_job(settings, job) if cancel else seen_job(settings, job)))
        return EXIT_DONE
    if held_lock is not None:
        # Started by a page: it takes what pages and the gateway leave.
        os.nice(NICENESS)
    ended = do_job(settings, job, held_lock=held_lock)
    print_json(asdict(ended))
    if ended.state == "cancelled" and held_lock is not None:
        # Workers in the middle of a scenario would be waited for: they end with this process.
        sys.stdout.flush()
        os._exit(EXIT_FALLS_SHORT)
    return EXIT_DONE if ended.state == "finished" else EXIT_FALLS_SHORT


def _told(seen: WatchedJob) -> dict[str, object]:
    return {**asdict(seen.job), "is_alive": seen.is_alive, "has_died": seen.has_died}
