"""The same question in a terminal: the command that gives a page's answer, ready to be copied."""

import os
import shlex
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.loaders import BillQuestion, DemandQuestion
from depotlib.ui.state import PlannedNight
from depotlib.workflows.tonight import NightChoices
from depotlib.workflows.try_night import NightChange

PROGRAM: Final = ".venv/bin/python -m depotlib"
"""As README starts it, in the folder of the clone."""
OF_ALL: Final = "portfolio"
"""The command about every depot."""
Option = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with its arguments, and the instant it is asked for.

    Parameters
    ----------
    name : str
        Of the command.
    arguments : tuple of str
        Without a name of their own.
    options : dict
        By name; True is a flag, and None, False or an empty text is left out.
    at : str
        The depot's clock for the command, an instant or a running clock; empty: the wall clock.
    """

    name: str
    arguments: tuple[str, ...] = ()
    options: dict[str, Option] = field(default_factory=dict[str, Option])
    at: str = ""

    def text(self, home: Path, *, homes: str = "") -> str:
        """Return it as it is typed into a shell, for the depot in a folder, or for those in several."""
        where = {"DEPOT_HOME": str(home.resolve()), "DEPOT_HOMES": homes, "DEPOT_CLOCK": self.at}
        environment = [f"{name}={shlex.quote(value)}" for name, value in where.items() if value]
        words = [self.name, *self.arguments]
        for name, value in self.options.items():
            if value is True:
                words.append(f"--{name}")
            elif value is not None and value is not False and value != "":
                words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
        return " ".join([*environment, PROGRAM, *map(shlex.quote, words)])


def offer_command(settings: Settings, *commands: Asked) -> None:
    """Show the commands that answer in a terminal what the page answers, each with a copy button."""
    _offer_texts(
        tuple(
            one.text(settings.home, homes=_all_homes(settings) if one.name == OF_ALL else "")
            for one in commands
        ),
        key=copy_key(commands[0].name),
    )


def copy_key(name: str) -> str:
    """Return the key of what is open or closed over a page's commands, by the name of the first."""
    return f"copied_{name}"


@st.fragment
def _offer_texts(texts: tuple[str, ...], *, key: str) -> None:
    # Written once somebody opens it, and then alone: for any code the browser first runs half a
    # second of Streamlit's highlighter, and it did so before the first chart of every page.
    place = st.expander("Copy as CLI", key=key, on_change="rerun")
    if place.open:
        with place:
            st.caption("In a shell, in the folder of depotlib; each prints JSON.")
            for text in texts:
                st.code(text, language="shell", wrap_lines=True)


def _all_homes(settings: Settings) -> str:
    """Return the folders of all depots as the environment names them; empty where there is one."""
    homes = settings.depot_homes()
    return os.pathsep.join(str(one.resolve()) for one in homes) if len(homes) > 1 else ""


def of_now(name: str, settings: Settings, *arguments: str) -> Asked:
    """Return a command about the depot as it is, by the clock that its processes share."""
    return Asked(name, arguments, at=settings.clock)


def of_night(name: str, night: PlannedNight) -> Asked:
    """Return a command about a planned night, asked at the same instant with the same choices."""
    return Asked(
        name,
        options={
            "site-limit": night.choices.operating_limit_kw,
            "days-per-month": night.choices.nights_per_month,
            "running-peak": night.choices.running_peak_kw,
            "ignore-occupancy": night.occupancy == "relaxed",
            "time-limit": _time_limit_s(night) if name == "night" else None,
        },
        at=night.at.isoformat(),
    )


def _time_limit_s(night: PlannedNight) -> float | None:
    """Return what the solvers may take [s], where it is not what they always may."""
    chosen_s = night.choices.time_limit_s
    return None if chosen_s == NightChoices().time_limit_s else chosen_s


def of_trial(night: PlannedNight, change: NightChange, *, is_whole: bool) -> Asked:
    """Return the command that plans a night with what the sliders say."""
    shift = change.shifts[0] if change.shifts else None
    minutes = shift.by // timedelta(minutes=1) if shift is not None else 0
    return replace(
        of_night("try", night),
        options={
            "days-per-month": night.choices.nights_per_month,
            "running-peak": night.choices.running_peak_kw,
            "ignore-occupancy": not is_whole,
            "site-limit": change.operating_limit_kw,
            "target": change.paid_kw,
            "departs": f"{shift.vehicle_id}={minutes:+d}" if shift is not None else None,
            "most-soc": change.most_soc,
        },
    )


def of_demand(question: DemandQuestion) -> Asked:
    """Return the command that prints the bills of a site's sessions."""
    return Asked(
        "demand",
        options={
            "site": question.site,
            "tariff": question.tariff_id,
            "time-zone": question.time_zone,
            "max-kw": question.max_kw,
            "spread": question.shape == "spread",
        },
    )


def of_bill(name: str, question: BillQuestion, **others: Option) -> Asked:
    """Return a command about one bill of a site's sessions."""
    return Asked(
        name,
        options={
            "site": question.site,
            "tariff": question.tariff_id,
            "time-zone": question.time_zone,
            "max-kw": question.max_kw,
            "from": question.first_day and question.first_day.isoformat(),
            "to": question.end_day and question.end_day.isoformat(),
            **others,
        },
    )


def of_shares(question: BillQuestion) -> tuple[Asked, ...]:
    """Return the commands for who caused a bill's peaks and who pays it.

    They draw energy from plug-in on, as sessions tell it: none gives the page's answer where it is
    taken to be spread over the stay.
    """
    if question.shape == "spread":
        return ()
    return of_bill("attribute", question), of_bill("allocate", question, by="station")
