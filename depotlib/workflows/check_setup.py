"""Check a set-up: versions, folder, ports, store, mailbox; each with what to do."""

import importlib.metadata
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from depotlib.errors import DepotError, MailboxMissingError, StoreMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.workflows.run_depot import LOOPBACK

PACKAGES: Final = ("duckdb", "ortools", "polars", "streamlit", "ocpp", "websockets")
PYTHON: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
    is_well : bool
    note : str
        What was found and, where it is not well, what to do.
    """

    name: str
    is_well: bool
    note: str


def check_setup(settings: Settings) -> tuple[Check, ...]:
    """Return what was looked at, in the order in which it matters."""
    return (
        _python(),
        *_packages(),
        _home(settings),
        _store(settings),
        _mailbox(settings),
        *_site_meter(settings),
        *_ports(settings),
    )


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_well = sys.version_info >= PYTHON
    note = version if is_well else f"{version}; install Python 3.11 or newer"
    return Check("python", is_well=is_well, note=note)


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, is_well=True, note=importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, is_well=False, note="not installed; run make setup")


def _home(settings: Settings) -> Check:
    folder = settings.home if settings.home.exists() else settings.home.parent
    is_well = os.access(folder, os.W_OK)
    advice = "" if is_well else "; not writable: set DEPOT_HOME to a folder that is"
    return Check("home", is_well=is_well, note=f"{settings.home}{advice}")


def _store(settings: Settings) -> Check:
    try:
        imports = import_history(settings.warehouse_path).height
    except StoreMissingError:
        return Check("store", is_well=True, note="none yet; the first import makes it")
    except DepotError as error:
        return Check("store", is_well=False, note=str(error))
    return Check("store", is_well=True, note=f"{settings.warehouse_path}, {imports} imports")


def _mailbox(settings: Settings) -> Check:
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            verdict = mailbox.verify_journal()
    except MailboxMissingError:
        return Check("mailbox", is_well=True, note="none yet; depot up makes it")
    except DepotError as error:
        return Check("mailbox", is_well=False, note=str(error))
    return Check("mailbox", is_well=verdict.ok, note=f"{verdict.count} records; {verdict.note}")


def _site_meter(settings: Settings) -> Iterator[Check]:
    """Yield how the site's meter was when the gateway last wrote it, where there is one."""
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            meters = mailbox.site_meter.all()
    except DepotError:
        return  # said by the mailbox's own check
    for meter in meters:
        name = f"{meter.kind} at {meter.address}"
        if meter.measured_at is None or meter.at is None:
            yield Check("site meter", is_well=False, note=f"{name}: {meter.trouble}")
            continue
        age_s = (meter.at - meter.measured_at).total_seconds()
        trouble = f": {meter.trouble}" if meter.trouble else ""
        note = f"{name}, {meter.power_kw:.1f} kW, {age_s:.0f} s old{trouble}"
        yield Check("site meter", is_well=meter.is_fresh, note=note)


def _ports(settings: Settings) -> Iterator[Check]:
    for name, port in (
        ("gateway port", settings.gateway_port),
        ("api port", settings.api_port),
        ("workbench port", settings.workbench_port),
    ):
        with socket.socket() as probe:
            is_taken = probe.connect_ex((LOOPBACK, port)) == 0
        state = "something listens here: depot up, if it runs" if is_taken else "free"
        yield Check(name, is_well=True, note=f"{port}: {state}")
