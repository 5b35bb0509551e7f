"""The real main script of the workbench: it knows the pages and runs the one that was asked for.

It lies here, and not beside `pages/`, because Streamlit runs a page that is opened by its own
address without the main script where a folder of that name lies beside it. Imported, it is only
the registry.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from depotlib.ui.state import mark_routed
from depotlib.ui.wording import said
from depotlib.workflows.know_person import Role

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of the workbench.

    Parameters
    ----------
    group : str
        Heading in the navigation.
    title : str
    path : Path
    role : {'viewer', 'planner', 'operator'}
        The least that whoever has logged in must be to see it.
    """

    group: str
    title: str
    path: Path
    role: Role = "viewer"

    @property
    def address(self) -> str:
        """Return its path in the address bar, without a slash; empty for the first page."""
        return "" if self == PAGES[0] else self.title.replace(" ", "_")

    def page(self) -> "st.Page":
        """Return it as Streamlit knows it."""
        is_first = self == PAGES[0]
        return st.Page(
            self.path,
            title=said(self.title),
            url_path=None if is_first else self.address,
            default=is_first,
        )


PAGES: Final = (
    PageEntry("Start", "Home", ROOT / "pages" / "home.py"),
    PageEntry("Start", "Portfolio", ROOT / "pages" / "portfolio.py"),
    PageEntry("Data", "Import", ROOT / "pages" / "import_files.py", role="planner"),
    PageEntry("Data", "Data quality", ROOT / "pages" / "data_quality.py"),
    PageEntry("Data", "Depot and fleet", ROOT / "pages" / "depot_and_fleet.py"),
    PageEntry("Data", "Tariffs", ROOT / "pages" / "tariffs.py"),
    PageEntry("Look back", "Sessions", ROOT / "pages" / "sessions.py"),
    PageEntry("Look back", "Demand charges", ROOT / "pages" / "demand_charges.py"),
    PageEntry("Look back", "Bill audit", ROOT / "pages" / "bill_audit.py"),
    PageEntry("Plan", "Plan", ROOT / "pages" / "plan.py"),
    PageEntry("Study", "Scenarios", ROOT / "pages" / "scenarios.py", role="planner"),
    PageEntry("Study", "Study grid", ROOT / "pages" / "study_grid.py", role="planner"),
    PageEntry("Operate", "Push", ROOT / "pages" / "push.py", role="planner"),
    PageEntry("Operate", "Live", ROOT / "pages" / "live.py"),
    PageEntry("Operate", "Drills", ROOT / "pages" / "drills.py", role="planner"),
    PageEntry("Operate", "Audit", ROOT / "pages" / "audit.py"),
    PageEntry("Report", "Reports", ROOT / "pages" / "reports.py"),
)


def page_of(title: str) -> PageEntry:
    """Return the page of a title that the registry holds."""
    return next(entry for entry in PAGES if entry.title == title)


def run_workbench() -> None:
    """Run the page that was asked for, with the navigation beside it."""
    mark_routed()
    groups = dict.fromkeys(entry.group for entry in PAGES)
    st.navigation(
        {said(group): [one.page() for one in PAGES if one.group == group] for group in groups},
        expanded=True,
    ).run()


if __name__ == "__main__":
    run_workbench()
